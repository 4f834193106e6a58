"""Near one colour a formula is a quadratic form, whatever its coordinates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorlab.colorimetry.viewing import D65_10
from colorlab.colorimetry.weights import white_point
from colorlab.difference.standard import FORMULAS, delta_E
from colorlab.tolerance.learning.metric import differences_of, fitting_coordinates, local_metric, sample_of
from spectra.errors import MeasurementError, ToleranceError

chromatic = st.tuples(st.floats(20, 90), st.floats(10, 60), st.floats(-60, 60))
small = st.tuples(*[st.floats(-3, 3)] * 3)


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("kind", ["LCH", "Lab"])
def test_a_small_difference_is_as_large_as_the_form_says(name, kind):
    standard, white = np.array([55.0, 30.0, -25.0]), white_point(D65_10)
    G = local_metric(standard, name, kind, white)
    # Half of the sum over a direction and its opposite is free of the first-order change of the formula.
    directions = np.random.default_rng(0).normal(size=(20, 3))
    directions /= 10 * np.linalg.norm(directions, axis=1, keepdims=True)
    squares = np.mean(
        [delta_E(standard, sample_of(standard, sign * directions, kind), name, white) ** 2 for sign in (1, -1)], axis=0
    )
    # HyAB adds lightness to the rest and so is no quadratic form: its form errs where both differ.
    error = 0.6 if name == "HyAB" else 0.02
    assert np.einsum("ij,jk,ik->i", directions, G, directions) == pytest.approx(squares, rel=error)


def test_cie76_is_the_same_in_all_directions():
    assert local_metric([50, 20, 30], "CIE76", "LCH") == pytest.approx(np.eye(3), abs=1e-6)


def test_cie94_has_the_weights_it_prints():
    C = np.hypot(20, 30)
    expected = np.diag([1, 1 / (1 + 0.045 * C) ** 2, 1 / (1 + 0.015 * C) ** 2])
    assert local_metric([50, 20, 30], "CIE94", "LCH") == pytest.approx(expected, abs=1e-3)


@given(chromatic, small)
def test_a_sample_leads_back_to_its_difference(standard, difference):
    for kind in ("LCH", "Lab"):
        sample = sample_of(standard, difference, kind)
        assert differences_of(standard, sample, kind) == pytest.approx(np.array(difference), abs=1e-9)


@given(chromatic)
@settings(max_examples=20)
def test_every_form_is_positive_definite(standard):
    assert np.linalg.eigvalsh(local_metric(standard, "CIEDE2000", "LCH")).min() > 0


def test_around_a_grey_a_and_b_are_taken():
    assert fitting_coordinates([50, 1, -2]) == "Lab"
    assert fitting_coordinates([50, 10, -2]) == "LCH"


def test_a_grey_has_no_hue_difference():
    with pytest.raises(ToleranceError, match="grey"):
        local_metric([50, 0, 0], "CIEDE2000", "LCH")
    with pytest.raises(ToleranceError, match="no colour"):
        sample_of([50, 1, 0], [0, 0, 5], "LCH")
    with pytest.raises(ToleranceError, match="no colour"):
        sample_of([50, 1, 0], [0, -2, 0], "LCH")


def test_a_formula_that_needs_a_white_says_so():
    with pytest.raises(MeasurementError, match="white"):
        local_metric([50, 10, 0], "CAM16-UCS", "LCH")
