"""Flop, and how lightness, chroma and hue travel from the flop to the face."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from colorlab.effects import FLOP_INDEX_DEFINITION, LEAST_CHROMA, TRAVEL_DEFINITION, flop_index, travel
from colorlab.effects import travel_difference as difference
from spectra.errors import GeometryError, MissingAngleError, NotComparableError

ANGLES = (-15, 15, 25, 45, 75, 110)
lightness = st.floats(1, 150)
lab = st.tuples(st.floats(1, 150), st.floats(-80, 80), st.floats(-80, 80))
panel = st.lists(lab, min_size=6, max_size=6).map(np.array)
PARTS = ("lightness", "chroma", "hue", "hue_turn")


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


# --- travel -----------------------------------------------------------------------------------------------------------


def test_a_pearl_worked_by_hand():
    # From C* 10 at 0° in the flop to C* 40 at 90° in the face.
    found = travel([[90, 0, 40], [60, 10, 10], [30, 10, 0]], (15, 45, 110))
    assert (found.near, found.far, found.definition) == (15, 110, TRAVEL_DEFINITION)
    assert [float(getattr(found, part)) for part in PARTS] == pytest.approx(
        [60, 30, 2 * math.sqrt(400) * math.sin(math.radians(45)), 90]
    )


def test_any_two_angles_will_do():
    colours = [[100, 0, 10], [80, 0, 12], [60, 0, 14], [40, 0, 16]]
    found = travel(colours, (25, 45, 60, 75), near=25, far=75)
    assert (float(found.lightness), float(found.chroma), float(found.hue_turn)) == pytest.approx((60, -6, 0))
    assert float(travel(colours, (25, 45, 60, 75), near=45, far=60).lightness) == 20


@given(panel)
def test_a_travel_and_its_way_back_are_opposite(colours):
    there, back = travel(colours, ANGLES), travel(colours, ANGLES, near=110, far=15)
    assume(abs(abs(float(there.hue_turn)) - 180) > 1e-6)
    for part in PARTS:
        assert getattr(there, part) == pytest.approx(-getattr(back, part), abs=1e-9, nan_ok=True)


@given(panel)
def test_the_parts_make_up_the_distance(colours):
    found = travel(colours, ANGLES)
    squares = float(found.lightness**2 + found.chroma**2 + found.hue**2)
    assert squares == pytest.approx(math.dist(colours[1], colours[5]) ** 2, abs=1e-6)


@given(lab)
def test_a_solid_colour_does_not_travel(colour):
    found = travel([colour] * 6, ANGLES)
    assert [float(getattr(found, part)) for part in PARTS[:3]] == pytest.approx([0, 0, 0], abs=1e-9)


@pytest.mark.parametrize("chroma", [0, LEAST_CHROMA / 2])
def test_a_silver_has_no_hue_to_turn(chroma):
    found = travel([[130, 0, chroma], [35, -20, 0]], (15, 110))
    assert np.isnan(found.hue_turn)
    assert abs(found.hue) < 5


@given(st.lists(panel, min_size=1, max_size=4))
@settings(deadline=None)
def test_a_batch_travels_as_its_panels_do(panels):
    together = travel(np.array(panels), ANGLES)
    for row, one in enumerate(panels):
        alone = travel(one, ANGLES)
        for part in PARTS:
            assert getattr(together, part)[row] == pytest.approx(float(getattr(alone, part)), nan_ok=True)


def test_many_viewings_go_through_at_once():
    colours = np.random.default_rng(1).uniform(10, 60, (7, 2, 3, 3))
    assert travel(colours, (15, 45, 110)).hue.shape == (7, 2)


@given(panel, panel)
def test_a_difference_is_sample_minus_standard(standard, sample):
    first, second = travel(standard, ANGLES), travel(sample, ANGLES)
    found = difference(first, second)
    for part in PARTS[:3]:
        assert getattr(found, part) == getattr(second, part) - getattr(first, part)
    if not np.isnan(found.hue_turn):
        assert -180 < found.hue_turn <= 180
        assert math.cos(math.radians(found.hue_turn - second.hue_turn + first.hue_turn)) == pytest.approx(1)


@given(panel)
def test_a_panel_travels_no_more_than_itself(colours):
    found = difference(travel(colours, ANGLES), travel(colours, ANGLES))
    assert [float(getattr(found, part)) for part in PARTS[:3]] == [0, 0, 0]


def test_batches_are_compared_with_one_standard():
    samples = np.random.default_rng(2).uniform(10, 60, (5, 3, 3))
    standard = travel(samples[0], (15, 45, 110))
    assert difference(standard, travel(samples, (15, 45, 110))).lightness[0] == 0


def test_travels_between_different_angles_are_not_compared():
    colours = np.full((3, 3), 40.0)
    with pytest.raises(NotComparableError, match=r"travel \(far\) differs: standard 110.0, sample 45.0"):
        difference(travel(colours, (15, 45, 110)), travel(colours, (15, 45, 110), far=45))


def test_an_angle_nobody_measured_is_named():
    with pytest.raises(MissingAngleError, match=r"needs the 110° .* 15°, 45°"):
        travel([[60, 0, 0], [50, 0, 0]], (15, 45))


def test_an_angle_under_two_illuminations_is_refused():
    with pytest.raises(GeometryError, match="15° aspecular angle stands more than once"):
        travel(np.full((3, 3), 40.0), (15, 15, 110))


def test_travel_needs_two_angles():
    with pytest.raises(GeometryError, match="15° was given for both"):
        travel(np.full((2, 3), 40.0), (15, 110), far=15)


def test_a_result_says_what_it_is():
    assert "Alman" in FLOP_INDEX_DEFINITION
    assert "near minus far" in TRAVEL_DEFINITION
