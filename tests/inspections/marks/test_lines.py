"""Lines drawn into noise are found with their length and direction; noise alone holds none."""

import cv2
import numpy as np
import pytest

from inspections.frame.rectify import PanelGrid
from inspections.marks.lines import line_response, trace_lines
from inspections.marks.swirls import find_swirls, fine_lines
from spectra.arrays import frozen

PITCH = 0.1
SHAPE = (400, 540)
GRID = PanelGrid(
    frozen((np.arange(SHAPE[1]) - (SHAPE[1] - 1) / 2) * PITCH),
    frozen(((SHAPE[0] - 1) / 2 - np.arange(SHAPE[0])) * PITCH),
    PITCH,
)


def noise(seed=0):
    return np.random.default_rng(seed).standard_normal(SHAPE).astype(np.float32)


def drawn(field, x_mm, y_mm, length_mm, degrees, strength):
    """A line one pixel wide, counter-clockwise from x, in the coordinates of the grid."""
    turn = np.radians(degrees)
    ends = [
        (
            round(float((x_mm + s * np.cos(turn) - GRID.x_mm[0]) / PITCH)),
            round(float((GRID.y_mm[0] - y_mm - s * np.sin(turn)) / PITCH)),
        )
        for s in (-length_mm / 2, length_mm / 2)
    ]
    line = np.zeros(SHAPE, np.uint8)
    cv2.line(line, *ends, 255, 1)
    return field + np.float32(strength) * (line > 0)


def found(field):
    return trace_lines(line_response(field, PITCH), PITCH, 5.0)


def test_noise_holds_no_line():
    assert all(found(noise(seed)) == () for seed in range(3))


@pytest.mark.parametrize("degrees", [0, 20, 47, 90, 133, 170])
def test_a_line_is_found_in_its_direction_with_its_length(degrees):
    (line,) = found(drawn(noise(1), 2.0, 3.0, 15.0, degrees, 4.0))
    assert (line.orientation_deg - degrees + 90) % 180 - 90 == pytest.approx(0.0, abs=2.0)
    assert line.length_mm == pytest.approx(15.0, abs=1.5)


def test_a_stronger_line_has_more_strength():
    faint, strong = (found(drawn(noise(2), 0.0, 0.0, 15.0, 30.0, s))[0].strength for s in (3.0, 5.0))
    assert strong > faint


def test_two_lines_that_cross_are_two():
    crossed = drawn(drawn(noise(3), 0.0, 0.0, 20.0, 20.0, 4.0), 0.0, 0.0, 20.0, 110.0, 4.0)
    assert sorted(round(line.orientation_deg, -1) for line in found(crossed)) == [20, 110]


def test_a_line_that_gains_modulation_is_no_scratch():
    assert found(drawn(noise(4), 0.0, 0.0, 20.0, 60.0, -4.0)) == ()


def test_a_dark_spot_is_no_line():
    field = noise(5)
    field[195:205, 265:275] += 50
    assert found(field) == ()


def fine(degrees, n, seed=6, strength=1.5):
    rng = np.random.default_rng(seed)
    field = noise(seed)
    for x, y in (rng.random((n, 2)) - 0.5) * (50, 36):
        field = drawn(field, x, y, 10.0, degrees(rng), strength)
    return line_response(field, PITCH)


EVERYWHERE = np.ones(SHAPE, bool)


def test_faint_lines_of_any_direction_are_swirls():
    response = fine(lambda rng: rng.uniform(0, 180), 150)
    assert [mark.kind for mark in find_swirls(response, EVERYWHERE, GRID)] == ["swirl"]


def test_faint_lines_of_one_direction_are_a_buffer_trail_with_that_direction():
    response = fine(lambda rng: 40 + 4 * rng.standard_normal(), 80)
    (trail,) = (mark for mark in find_swirls(response, EVERYWHERE, GRID) if mark.kind == "hologram")
    assert trail.orientation_deg == pytest.approx(40, abs=5)
    assert fine_lines(response, EVERYWHERE, PITCH).coherence > 0.8


def test_noise_holds_neither_swirls_nor_trails():
    response = line_response(noise(7), PITCH)
    assert find_swirls(response, EVERYWHERE, GRID) == ()
    assert fine_lines(response, EVERYWHERE, PITCH).excess == pytest.approx(0.0, abs=0.05)
