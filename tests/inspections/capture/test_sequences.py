from typing import Any

import numpy as np
import pytest

from inspections.capture.capture import Capture, Pattern, Shot
from inspections.capture.sequences import fringe_period_mm, phase_sequences, single_shots
from spectra.errors import PhotoError


def fringe(axis: Any, period: float, step: int, steps: int) -> Shot:
    return Shot(f"{axis}{period:g}_{step}", Pattern("fringe", axis, period, 2 * np.pi * step / steps))


def steps(axis: str, period: float, n: int) -> tuple[Shot, ...]:
    return tuple(fringe(axis, period, step, n) for step in range(n))


BOTH = (*steps("u", 6, 4), *steps("u", 48, 3), *steps("v", 6, 4), *steps("v", 48, 3))


def test_both_directions_in_two_periods_are_a_stepped_capture() -> None:
    found = phase_sequences(Capture("panel", BOTH))
    assert found is not None
    assert set(found) == {"u", "v"}
    assert [len(found["u"].fine), len(found["u"].coarse)] == [4, 3]
    assert (found["v"].fine_period_mm, found["v"].coarse_period_mm) == (6, 48)
    assert found["u"].shots == BOTH[:7]


def test_a_step_photographed_twice_is_used_once() -> None:
    again = Shot("u6_again", Pattern("fringe", "u", 6, 2 * np.pi))
    found = phase_sequences(Capture("panel", (*BOTH, again)))
    assert found is not None
    assert again not in found["u"].shots


@pytest.mark.parametrize(
    "shots",
    [
        BOTH[:7],  # one direction
        (*steps("u", 6, 4), *steps("v", 6, 4)),  # one period
        (*steps("u", 6, 4), *steps("u", 90, 3), *steps("v", 6, 4), *steps("v", 90, 3)),  # too far apart to order
        (*steps("u", 6, 2), *steps("u", 48, 3), *steps("v", 6, 4), *steps("v", 48, 3)),  # two steps
    ],
)
def test_what_cannot_give_both_directions_is_no_stepped_capture(shots: tuple[Shot, ...]) -> None:
    assert phase_sequences(Capture("panel", shots)) is None


def test_a_cross_photo_serves_both_directions_and_else_the_finest_of_each() -> None:
    cross = Shot("x", Pattern("cross", None, 6))
    assert single_shots(Capture("panel", (*BOTH, cross))) == {"u": cross, "v": cross}
    found = single_shots(Capture("panel", BOTH))
    assert found is not None
    assert [fringe_period_mm(shot) for shot in found.values()] == [6, 6]
    assert single_shots(Capture("panel", BOTH[:7])) is None


def test_fringes_without_a_period_are_named() -> None:
    with pytest.raises(PhotoError, match=r"a\.jpg: no fringe period"):
        fringe_period_mm(Shot("a.jpg", Pattern("fringe", "u")))


def test_directions_with_other_periods_are_refused_by_name():
    def steps(axis, period):
        return tuple(Shot(f"{axis}{period}{k}", Pattern("fringe", axis, period, 2 * np.pi * k / 3)) for k in range(3))

    capture = Capture("panel", (*steps("u", 6.0), *steps("u", 48.0), *steps("v", 5.0), *steps("v", 40.0)))
    with pytest.raises(PhotoError, match=r"6, 48 mm along u and 5, 40 mm along v"):
        phase_sequences(capture)
