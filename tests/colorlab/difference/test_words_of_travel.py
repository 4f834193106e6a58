"""What changes from face to flop is said of the side where it lies; what is alike at all angles is not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorlab.difference.standard import delta_E
from colorlab.difference.travel import TRAVEL_LIMIT, travel_words

ANGLES = ("45as15", "45as45", "45as110")
GOLD = np.array([[90.0, 3, 30], [50, 5, 25], [25, 4, 15]])
SILVER = np.array([[130.0, 0, 1], [60, 0, 0], [35, 0, -1]])
step = st.tuples(st.floats(-1, 1), st.floats(-3, 3), st.floats(-3, 3))


@pytest.mark.parametrize(
    ("face", "flop", "expected"),
    [
        ((0, 0, 0), (0, 0, 0), ()),
        ((0, 0, 0), (-1.5, 0, 0), ("flops darker",)),
        ((0, 0, 0), (1.5, 0, 0), ("flops lighter",)),
        ((1.5, 0, 0), (0, 0, 0), ("face lighter",)),
        ((2, 0, 0), (-1, 0, 0), ("face lighter", "flops darker")),
        ((0, 0, -5), (0, 0, 0), ("face less chromatic",)),
        ((0, 0, 0), (0, 3, 0), ("flops redder", "flops more chromatic")),
        # Darker everywhere, but more so in the flop.
        ((-0.7, 0, 0), (-2, 0, 0), ("flops darker",)),
    ],
)
def test_a_change_is_said_of_the_side_where_it_lies(face, flop, expected):
    assert travel_words(GOLD, GOLD + np.array([face, (0, 0, 0), flop]), ANGLES) == expected


@pytest.mark.parametrize(
    ("face", "flop", "expected"),
    [((0, 0, 0), (0, 0, -1.5), ("flops bluer",)), ((0, 1.5, 0), (0, 0, 0), ("face redder",))],
)
def test_of_a_grey_redness_and_yellowness_are_said(face, flop, expected):
    assert travel_words(SILVER, SILVER + np.array([face, (0, 0, 0), flop]), ANGLES) == expected


def test_a_paint_grey_in_the_flop_alone_is_spoken_of_as_a_grey_on_both_sides():
    standard = np.array([[80.0, 3, 30], [30, 1, 3]])
    said = travel_words(standard, standard + np.array([[0, 0, 4.0], [0, 0, 0]]), ("45as15", "45as110"))
    assert said == ("face yellower",)


@given(step, step)
@settings(deadline=None)
def test_the_standard_travels_like_itself(face, flop):
    panel = GOLD + np.array([face, (0, 0, 0), flop])
    assert travel_words(panel, panel, ANGLES) == ()


@given(step, step)
@settings(deadline=None)
def test_what_happens_between_face_and_flop_is_not_spoken_of(face, flop):
    sample = GOLD + np.array([face, (0, 0, 0), flop])
    other = GOLD + np.array([face, (9, -9, 9), flop])
    assert travel_words(GOLD, sample, ANGLES) == travel_words(GOLD, other, ANGLES)


@given(st.floats(-3, 3), st.floats(-3, 3))
@settings(deadline=None)
def test_lightness_is_spoken_of_from_the_limit_on(face, flop):
    sample = GOLD + np.array([[face, 0, 0], [0, 0, 0], [flop, 0, 0]])
    near, far = np.copysign(delta_E(GOLD, sample), sample[:, 0] - GOLD[:, 0])[[0, 2]]
    assert bool(travel_words(GOLD, sample, ANGLES)) == (abs(far - near) >= TRAVEL_LIMIT)


def test_the_order_of_the_angles_does_not_matter():
    sample = GOLD + np.array([[2, 0, 0], [0, 0, 0], [-1, 0, 0]])
    turned = [2, 0, 1]
    assert travel_words(GOLD[turned], sample[turned], [ANGLES[row] for row in turned]) == travel_words(
        GOLD, sample, ANGLES
    )


@pytest.mark.parametrize(
    ("tokens", "spoken"),
    [
        (("45as-15", "45as15", "45as25", "45as45", "45as75", "45as110"), (1, 5)),
        (("45as25", "45as45", "45as75"), (0, 2)),
        (("15as15", "15as80", "45as15", "45as110"), (2, 3)),
        (("15as15", "15as80", "45as15", "45as45"), (0, 1)),
        (("45as15", "45as15az90", "45as110az90", "45as75"), (0, 3)),
        (("r45as15", "45AS110"), (0, 1)),
    ],
)
def test_face_and_flop_are_found_among_the_angles_of_an_instrument(tokens, spoken):
    standard = np.tile([60.0, 20, 20], (len(tokens), 1))
    for row in range(len(tokens)):
        lighter = standard + 3 * np.eye(len(tokens))[:, row : row + 1] * [1, 0, 0]
        said = travel_words(standard, lighter, tokens)
        assert said == (("face lighter", "flops lighter")[spoken.index(row)],) if row in spoken else said == ()


@pytest.mark.parametrize(
    "tokens", [("d/8 SCI",), ("45:0",), ("45as15", "45as45"), ("45as45", "45as110"), ("45as15", "15as80"), ()]
)
def test_without_face_and_flop_under_one_light_nothing_is_said(tokens):
    standard = np.full((len(tokens), 3), 50.0)
    assert travel_words(standard, standard + np.arange(len(tokens))[:, None], tokens) == ()


def test_of_an_angle_that_is_not_known_nothing_is_said():
    sample = GOLD + np.array([[np.nan] * 3, [0] * 3, [3] * 3])
    assert travel_words(GOLD, sample, ANGLES) == ()
