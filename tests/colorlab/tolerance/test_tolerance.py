"""Tolerances are data."""

import numpy as np
import pytest

from colorlab.colorimetry.viewing import A_10, D65_10, VETTING_VIEWINGS
from colorlab.colorimetry.weights import white_point
from colorlab.difference.effect import Form, Scheme
from colorlab.difference.standard import FORMULAS, delta_E
from colorlab.tolerance.requirements import AngleRule, FlopLimit
from colorlab.tolerance.texture import TextureLimit
from colorlab.tolerance.tolerance import DEFAULT, RULES, Limit, Tolerance
from spectra.errors import ToleranceError, UnknownConditionError

ANGLES = ("45as15", "45as45", "45as110", "15as-45")
LIMITS = (Limit(1.0), Limit(2.0, "45as15"), Limit(1.4, viewing="A/10°"), Limit(3.0, "45as110", "A/10°"))
TOLERANCE = Tolerance("Amethyst", "CMC(2:1)", (D65_10, A_10), LIMITS)
SCHEME = Scheme("silver", "someone", (Form(semi_axes=(1, 2, 3)), Form("45as15", shape="box", semi_axes=(2, 2, 2))))


def pairs(n_viewings, draws=200):
    rng = np.random.default_rng(5)
    standard = rng.uniform([20, -40, -40], [90, 40, 40], (len(ANGLES), n_viewings, 3))
    return standard, standard + rng.normal(size=(draws, *standard.shape))


def test_the_most_specific_limit_holds():
    np.testing.assert_array_equal(TOLERANCE.limits_at(ANGLES), [[2.0, 2.0], [1.0, 1.4], [1.0, 3.0], [1.0, 1.4]])


@pytest.mark.parametrize("tolerance", [TOLERANCE, DEFAULT], ids=lambda one: one.name)
def test_all_limits_at_once_are_those_of_each_place(tolerance):
    expected = [[tolerance.limit(angle, viewing) for viewing in tolerance.viewings] for angle in ANGLES]
    np.testing.assert_array_equal(tolerance.limits_at(ANGLES), expected)


@pytest.mark.parametrize("name", FORMULAS)
def test_the_value_is_the_formulas_under_each_viewing(name):
    tolerance = Tolerance("t", name, VETTING_VIEWINGS, (Limit(1.0),))
    standard, sample = pairs(len(VETTING_VIEWINGS), draws=900)  # more than one block of the formula
    values = tolerance.value(standard, sample, ANGLES)
    assert values.shape == sample.shape[:-1]
    for column, viewing in enumerate(VETTING_VIEWINGS):
        expected = delta_E(standard[:, column], sample[:, :, column], name, white_point(viewing))
        np.testing.assert_allclose(values[..., column], expected)


def test_a_white_that_is_given_takes_the_place_of_the_tables():
    tolerance = Tolerance("t", "CAM16-UCS", (D65_10, A_10), (Limit(1.0),))
    standard, sample = pairs(2)
    whites = np.array([white_point(A_10), white_point(A_10)])
    np.testing.assert_allclose(
        tolerance.value(standard, sample, ANGLES, whites),
        tolerance.value(standard, sample, ANGLES, viewings=(A_10, A_10)),
    )


def test_with_a_scheme_the_value_is_the_schemes_and_its_surface_the_limit():
    tolerance = Tolerance("t", "silver", (D65_10, A_10), (Limit(1.3, "45as110"),), scheme=SCHEME)
    standard, sample = pairs(2)
    np.testing.assert_array_equal(
        tolerance.value(standard, sample, ANGLES), SCHEME.value(standard, sample, ANGLES, (D65_10, A_10))
    )
    np.testing.assert_array_equal(tolerance.limits_at(ANGLES)[:, 0], [1.0, 1.0, 1.3, 1.0])
    assert tolerance.formula_source == "silver, as stated by someone; not verified"
    assert TOLERANCE.formula_source == FORMULAS["CMC(2:1)"].source


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_of_the_standards_can_be_chosen(rule):
    assert Tolerance("t", "CIEDE2000", (D65_10,), (Limit(1.0),), rule).rule == rule


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"limits": (Limit(1.0, "45as15"),)}, "no general limit"),
        ({"limits": (Limit(1.0), Limit(2.0))}, "two limits"),
        ({"limits": (Limit(1.0), Limit(2.0, viewing="FL2/10°"))}, "not among the viewings"),
        ({"viewings": ()}, "no viewing condition"),
        ({"rule": "strict"}, "rule 'strict'"),
        ({"confidence": 1.0}, "confidence"),
        ({"confidence": float("nan")}, "confidence"),
        ({"scheme": SCHEME}, "beside the scheme"),
        ({"requirements": (FlopLimit(1.0), FlopLimit(2.0))}, "two requirements for the same place, flop"),
        ({"requirements": (AngleRule("mean", D65_10, 1), AngleRule("mean", D65_10, 2))}, "angles, mean, D65/10°"),
        ({"textures": (TextureLimit("Sparkle", 1.0), TextureLimit("sparkle", 2.0))}, "two texture limits"),
    ],
)
def test_a_tolerance_that_could_not_be_applied_is_refused(change, message):
    whole = {"name": "t", "formula": "CIEDE2000", "viewings": (D65_10,), "limits": (Limit(1.0),)}
    with pytest.raises(ToleranceError, match=message):
        Tolerance(**whole | change)


def test_a_formula_nobody_knows_is_refused():
    with pytest.raises(UnknownConditionError, match="AUDI2000"):
        Tolerance("t", "AUDI2000", (D65_10,), (Limit(1.0),))


@pytest.mark.parametrize("value", [0.0, -1.0, 100.0, float("nan"), float("inf")])
def test_a_limit_must_be_a_difference_that_can_be(value):
    with pytest.raises(ToleranceError):
        Limit(value)
