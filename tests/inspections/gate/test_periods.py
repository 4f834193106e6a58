import numpy as np
import pytest

from inspections.gate.series import StepSeries, check_series

STEPS = np.arange(8) * np.pi / 4
y, x = np.mgrid[0:120, 0:160].astype(np.float32)


def shown(stated_mm: float, true_mm: float) -> StepSeries:
    """Fringes of a period, said to be of another, on a grid of 0.5 mm."""
    phase = 2 * np.pi * (0.86 * x + 0.02 * y) / true_mm
    frames = tuple((0.5 + 0.3 * np.cos(phase + step)).astype(np.float32) for step in STEPS)
    return StepSeries("u", stated_mm, STEPS, frames, tuple(f"{stated_mm:g}_{k}.jpg" for k in range(8)))


@pytest.mark.parametrize("coarse_mm", [40.0, 42.0, 45.0, 47.0, 49.0, 52.0])
def test_a_coarse_period_that_is_not_the_one_shown_is_caught(coarse_mm: float) -> None:
    found = {one.check: one.outcome for one in check_series([shown(6.0, 6.0), shown(coarse_mm, 48.0)])}
    assert found["period_agreement"] == "fail"


@pytest.mark.parametrize("coarse_mm", [20.0, 45.0, 48.0])
def test_periods_that_are_those_shown_pass_whatever_their_ratio(coarse_mm: float) -> None:
    findings = check_series([shown(6.0, 6.0), shown(coarse_mm, coarse_mm)])
    assert {one.check: one.outcome for one in findings}["period_agreement"] == "pass"
