import numpy as np
import pytest

from inspections.capture.capture import bare_capture
from inspections.inspect import inspect_capture
from inspections.photos.photo import PanelPhoto


@pytest.mark.parametrize("turn", [0, 30, 75, 110])
def test_wander_does_not_depend_on_how_the_camera_is_turned(turn: float) -> None:
    rng = np.random.default_rng(41)
    y, x = np.mgrid[0:700, 0:900].astype(np.float64)
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    across, along = c * x + s * y, c * y - s * x
    # Known wander: edges shifted by waves along the stripe, 1.5 pixel rms on a period of 40 pixels.
    wander = 1.5 * np.sqrt(2) * np.sin(2 * np.pi * along / 33 + 0.05 * across)
    light = 0.5 + 0.45 * np.tanh(4 * np.cos(2 * np.pi * (across + wander) / 40))
    image = np.clip(255 * light ** (1 / 2.2) + rng.normal(0, 1, light.shape), 0, 255).astype(np.uint8)
    photo = PanelPhoto("s.png", "0" * 64, image, "PNG")
    answer = inspect_capture(bare_capture(["s.png"]), {"s.png": photo})
    assert answer.metrics[0].value == pytest.approx(100 * 1.5 / 40, rel=0.15)


def test_noise_checkers_and_gradients_show_no_stripes() -> None:
    rng = np.random.default_rng(51)
    y, x = np.mgrid[0:500, 0:600]
    pictures = {
        "noise": rng.integers(0, 255, (500, 600)),
        "checkers": 40 + 180 * (((x // 60) + (y // 60)) % 2),
        "gradient": x * 255 // 600,
        "one edge": 230 * (x > 300),
        "black": np.zeros((500, 600)),
    }
    for name, picture in pictures.items():
        photo = PanelPhoto(name, "0" * 64, picture.astype(np.uint8), "PNG")
        answer = inspect_capture(bare_capture([name]), {name: photo})
        assert answer.metrics == (), name
