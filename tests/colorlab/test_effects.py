"""Flop."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.effects import flop_index
from spectra.errors import MissingAngleError

ANGLES = (-15, 15, 25, 45, 75, 110)
lightness = st.floats(1, 150)


def test_a_bright_silver_worked_by_hand():
    assert flop_index([150, 130, 110, 65, 45, 35], ANGLES) == pytest.approx(11.64, abs=0.01)


@given(lightness)
def test_a_paint_without_travel_has_no_flop(L):
    assert flop_index([L] * 6, ANGLES) == 0


@given(st.lists(st.lists(lightness, min_size=6, max_size=6), min_size=1, max_size=5))
def test_a_batch_gives_what_its_rows_give(panels):
    assert flop_index(panels, ANGLES) == pytest.approx([flop_index(row, ANGLES) for row in panels])


def test_a_missing_angle_names_what_was_measured():
    with pytest.raises(MissingAngleError, match=r"needs the 110° .* 15°, 45°"):
        flop_index([60.0, 50.0], (15, 45))
