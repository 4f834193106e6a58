import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspections.gloss.hdr import merge_bracket
from spectra.errors import PhotoError

EXPOSURES = (1.0, 4.0, 16.0, 64.0, 256.0)


def bracket(light: np.ndarray, exposures: tuple[float, ...] = EXPOSURES) -> list[tuple[np.ndarray, float]]:
    return [(np.clip(light * seconds, 0, 1).astype(np.float32), seconds) for seconds in exposures]


@given(st.lists(st.floats(2e-5, 0.7), min_size=4, max_size=4))
def test_light_over_five_decades_comes_back_whatever_it_is(levels: list[float]) -> None:
    light = np.array(levels).reshape(2, 2)
    merged = merge_bracket(bracket(light))
    assert merged.light == pytest.approx(light, rel=1e-5)
    assert not merged.clipped.any()


def test_the_order_of_the_photos_does_not_matter() -> None:
    light = np.geomspace(1e-4, 0.5, 12).reshape(3, 4)
    forth, back = merge_bracket(bracket(light)), merge_bracket(bracket(light)[::-1])
    assert forth.light == pytest.approx(back.light)


def test_what_is_too_bright_everywhere_is_marked() -> None:
    merged = merge_bracket(bracket(np.array([[5.0, 0.1]])))
    assert merged.clipped.tolist() == [[True, False]]


def test_noise_is_nearly_that_of_the_longest_usable_exposure() -> None:
    rng = np.random.default_rng(3)
    frames = [
        (frame + 0.001 * rng.standard_normal(frame.shape).astype(np.float32), seconds)
        for frame, seconds in bracket(np.full((200, 200), 2e-3))
    ]
    merged = merge_bracket(frames)
    assert merged.light.std() < 2 * 0.001 / 256
    assert merged.light.mean() == pytest.approx(2e-3, rel=1e-3)


def test_photos_of_different_size_are_refused() -> None:
    with pytest.raises(PhotoError, match="differ in size"):
        merge_bracket([(np.ones((2, 2), np.float32), 1.0), (np.ones((2, 3), np.float32), 2.0)])
    with pytest.raises(PhotoError, match="without photos"):
        merge_bracket([])
