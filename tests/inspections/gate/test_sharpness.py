import numpy as np
import pytest
from scipy.special import ndtr

from inspections.gate.dependencies import BAND_METRICS, FINE_METRICS
from inspections.gate.sharpness import check_blur, check_sharpening, edge_overshoot
from inspections.photos.photo import FloatImage

SQUARE = {0: np.array([[40.0, 40.0], [140.0, 40.0], [140.0, 140.0], [40.0, 140.0]])}


def marker(sigma: float, sharpening: float = 0.0) -> FloatImage:
    """A dark square on a light card, as a lens sees it; sharpening adds a share of its own difference from a blur."""
    at = np.arange(180.0)

    def square(width: float) -> FloatImage:
        side = ndtr((at - 40) / width) * ndtr((140 - at) / width)
        return np.asarray(0.36 - 0.3 * np.outer(side, side), dtype=np.float32)

    plain = square(sigma)
    return np.asarray(plain + sharpening * (plain - square(float(np.hypot(sigma, 1.0)))), dtype=np.float32)


@pytest.mark.parametrize("sigma", [0.6, 1.0, 2.0])
def test_a_lens_does_not_overshoot(sigma: float) -> None:
    overshoot = edge_overshoot(marker(sigma), SQUARE)
    assert overshoot is not None
    assert overshoot < 0.005


def test_an_unsharp_mask_does_and_more_the_stronger_it_is() -> None:
    shown = [edge_overshoot(marker(0.7, strength), SQUARE) for strength in (0.2, 0.5, 1.0)]
    assert None not in shown
    assert shown == sorted(shown)  # type: ignore[type-var]
    (finding,) = check_sharpening(marker(0.7, 0.8), SQUARE, "a.jpg")
    assert (finding.outcome, finding.blocks) == ("fail", FINE_METRICS)


def test_markers_of_a_few_pixels_do_not_tell() -> None:
    assert check_sharpening(marker(0.7), {0: SQUARE[0] / 4}, "a.jpg") == []


def test_a_slight_blur_costs_the_fine_waves_and_a_gross_one_all() -> None:
    slight, gross = (check_blur((sigma, sigma), None, "a.jpg")[0] for sigma in (1.2, 2.3))
    assert set(FINE_METRICS) <= set(slight.blocks)
    assert not set(BAND_METRICS) & set(slight.blocks)
    assert set(BAND_METRICS) <= set(gross.blocks)
    assert all(finding.outcome == "pass" for finding in check_blur((0.7, 0.72), None, "a.jpg"))


def test_the_camera_is_held_to_its_own_sharpness() -> None:
    assert check_blur((0.8, 0.8), (0.6, 0.6), "a.jpg")[0].outcome == "fail"
