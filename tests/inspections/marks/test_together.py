"""A scratch that fringes found and that glints is one scratch."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspections.marks.mark import Mark
from inspections.marks.together import together


def scratch(x_mm, y_mm, length_mm, orientation_deg, lights=None):
    turn = np.radians(orientation_deg)
    at = np.linspace(-length_mm / 2, length_mm / 2, 9)
    outline = tuple((float(x_mm + s * np.cos(turn)), float(y_mm + s * np.sin(turn))) for s in at)
    return Mark(
        "scratch", x_mm, y_mm, length_mm, 10.0, orientation_deg=orientation_deg, outline_mm=outline, lights=lights
    )


def field(kind, x_mm, side_mm=20.0):
    half = side_mm / 2
    corners = ((x_mm - half, -half), (x_mm + half, -half), (x_mm + half, half), (x_mm - half, half))
    return Mark(kind, x_mm, 0.0, side_mm, 3.0, width_mm=side_mm, outline_mm=corners)


@pytest.mark.parametrize("turn", [0.0, 179.0])
def test_one_scratch_seen_both_ways_stands_once(turn):
    fringed = scratch(3.0, 4.0, 14.0, 0.5)
    glinting = scratch(3.4, 4.2, 9.0, turn, lights=2)
    assert together((fringed,), (glinting,)) == (replace(fringed, lights=2),)


def test_scratches_that_cross_or_run_beside_are_two():
    fringed = scratch(0.0, 0.0, 14.0, 30.0)
    others = (scratch(0.0, 0.0, 14.0, 60.0), scratch(-2.0, 3.0, 14.0, 30.0))
    assert together((fringed,), others) == (fringed, *others)


def test_fields_of_one_kind_over_each_other_are_one():
    swirl, near, far, trail = field("swirl", 0.0), field("swirl", 12.0), field("swirl", 40.0), field("hologram", 0.0)
    assert together((swirl,), (near, far, trail)) == (swirl, far, trail)


def test_what_fringes_did_not_look_for_is_kept():
    nib = Mark("nib", 0.0, 0.0, 1.0, 8.0)
    assert together((nib,), (scratch(0.0, 0.0, 8.0, 0.0),)) == (nib, scratch(0.0, 0.0, 8.0, 0.0))


@given(
    st.lists(
        st.builds(scratch, *(st.floats(-30, 30, width=32) for _ in range(2)), st.floats(5, 30), st.floats(0, 179)),
        max_size=4,
    )
)
def test_the_same_list_twice_is_that_list(marks):
    assert together(tuple(marks), tuple(marks)) == tuple(marks)
