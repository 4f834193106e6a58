"""Directions of scratches are axes: they average without a beginning."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspections.marks.mark import Mark
from inspections.marks.measures import DEFINITIONS, UNITS, mean_direction


def scratch(degrees, length=10.0):
    return Mark("scratch", 0.0, 0.0, length, 10.0, orientation_deg=degrees % 180)


def test_every_figure_has_a_unit():
    assert UNITS.keys() == DEFINITIONS.keys()


def test_directions_on_both_sides_of_zero_average_to_zero():
    anisotropy, direction = mean_direction([scratch(175), scratch(5)])
    assert min(direction, 180 - direction) == pytest.approx(0.0, abs=1e-6)
    assert anisotropy == pytest.approx(np.cos(np.radians(10)))


@given(st.lists(st.tuples(st.floats(0, 179), st.floats(5, 50)), min_size=3, max_size=8), st.floats(0, 180))
def test_turning_the_panel_turns_the_direction_and_leaves_the_anisotropy(scratches, turn):
    anisotropy, direction = mean_direction([scratch(angle, length) for angle, length in scratches])
    turned = mean_direction([scratch(angle + turn, length) for angle, length in scratches])
    assert turned[0] == pytest.approx(anisotropy, abs=1e-9)
    if anisotropy > 0.01:
        assert (turned[1] - direction - turn + 90) % 180 - 90 == pytest.approx(0.0, abs=1e-5)


def test_a_long_scratch_counts_for_more():
    _, direction = mean_direction([scratch(30, 40.0), scratch(60, 5.0)])
    assert direction < 40
