import cv2
import numpy as np
import pytest

from inspections.gate.dust import check_dust, speck_density
from inspections.photos.photo import FloatImage

PITCH_MM = 0.1
SHAPE = (500, 500)


def amplitude(specks: int = 0, scratch: bool = False, seed: int = 0) -> FloatImage:
    """Fringe amplitude with 4 % noise over a quarter of a square decimetre; specks of 0.4 mm on a lattice."""
    rng = np.random.default_rng(seed)
    field = np.full(SHAPE, 0.3, np.float32)
    for k in range(specks):
        cv2.circle(field, (25 + 50 * (k % 10), 25 + 50 * (k // 10)), 2, 0.1, -1)
    if scratch:
        cv2.line(field, (50, 60), (400, 300), 0.1, 2)
    return np.asarray(field * (1 + 0.04 * rng.standard_normal(SHAPE)), dtype=np.float32)


def test_specks_are_counted_per_area() -> None:
    assert speck_density(amplitude(), PITCH_MM) == 0
    assert speck_density(amplitude(25), PITCH_MM) == pytest.approx(100)


def test_a_scratch_is_no_dust() -> None:
    assert speck_density(amplitude(scratch=True), PITCH_MM) == 0


@pytest.mark.parametrize(("specks", "outcome"), [(5, "pass"), (20, "warn"), (60, "fail")])
def test_a_dusty_panel_is_flagged_and_a_filthy_one_fails(specks: int, outcome: str) -> None:
    finding = check_dust(amplitude(specks), PITCH_MM)
    assert finding.outcome == outcome
    assert bool(finding.blocks) == (outcome == "fail")
