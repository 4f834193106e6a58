"""The probability to be inside a tolerance: known distributions, simulation, and bounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ncx2, norm

from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.difference.measure import FormulaMeasure
from colorlab.formulation.robustness.inside import Limits, probability_inside

CIE76 = FormulaMeasure("CIE76")
COLOUR = np.array([[[60.0, 20.0, -10.0]]])


def limits(value, formula=CIE76, tokens=("d/8",), viewings=(D65_10,)):
    return Limits(formula, tokens, viewings, np.full((len(tokens), len(viewings)), value))


@pytest.mark.parametrize("offset", [0.0, 0.4, 1.5])
@pytest.mark.parametrize("sd", [0.1, 0.5])
def test_errors_alike_in_all_directions_have_the_noncentral_chi_square(offset, sd):
    roots = sd * np.eye(3)[None, None, None]
    found = probability_inside(limits(1.0), COLOUR, COLOUR[None] + [offset, 0, 0], roots)
    assert found[0] == pytest.approx(ncx2.cdf(1 / sd**2, 3, max(offset / sd, 1e-12) ** 2), abs=0.004)


@pytest.mark.parametrize("offset", [0.0, 0.4, 1.5])
def test_a_single_error_is_exact(offset):
    roots = np.array([0.0, 0.5, 0.0]).reshape(1, 1, 1, 3, 1)
    found = probability_inside(limits(1.0), COLOUR, COLOUR[None] + [0, offset, 0], roots)
    expected = norm.cdf((1 - offset) / 0.5) - norm.cdf((-1 - offset) / 0.5)
    assert found[0] == pytest.approx(expected, abs=1e-9)


def test_a_single_rounding_is_exact():
    roots = np.array([0.0, 0.0, 1.0]).reshape(1, 1, 1, 3, 1)
    found = probability_inside(limits(1.0), COLOUR, COLOUR[None], roots, n_uniform=1)
    assert found[0] == pytest.approx(1 / np.sqrt(3), abs=1e-9)


@pytest.mark.parametrize("formula", ["CIEDE2000", "DIN99o"])
def test_all_angles_and_viewings_together_as_simulated(formula):
    rng = np.random.default_rng(5)
    shape = (3, 2)
    standard = np.array([50.0, 30.0, 20.0]) + rng.normal(0, 5, (*shape, 3))
    sample = standard + rng.normal(0, 0.25, (4, *shape, 3))
    roots = rng.normal(0, 0.25, (4, *shape, 3, 6))
    whole = limits(1.0, FormulaMeasure(formula), ("45as15", "45as45", "45as110"), (D65_10, A_10))
    found = probability_inside(whole, standard, sample, roots, n_uniform=2)
    unit = rng.standard_normal((20_000, 6))
    unit[:, :2] = rng.uniform(-np.sqrt(3), np.sqrt(3), (20_000, 2))
    for row in range(4):
        drawn = sample[row] + np.einsum("avce,ne->navc", roots[row], unit)
        simulated = (whole.value(standard, drawn) <= whole.limits).all(axis=(1, 2)).mean()
        assert found[row] == pytest.approx(simulated, abs=0.02)


def test_a_formula_with_corners_is_drawn_itself():
    """A measure of the largest component has no second degree: the answer must still hold."""

    class Box:
        def value(self, standard, sample, tokens, whites=None, viewings=None):
            return np.abs(np.asarray(sample) - standard).max(axis=-1)

    roots = 0.6 * np.eye(3)[None, None, None]
    found = probability_inside(limits(1.0, Box()), COLOUR, COLOUR[None], roots)
    assert found[0] == pytest.approx((2 * norm.cdf(1 / 0.6) - 1) ** 3, abs=0.01)


@given(st.floats(0, 2), st.floats(0.01, 1), st.floats(0.2, 3))
def test_a_probability_lies_between_0_and_1_and_grows_with_the_limit(offset, sd, limit):
    roots = sd * np.eye(3)[None, None, None]
    sample = COLOUR[None] + [0, offset, 0]
    narrow, wide = (probability_inside(limits(one), COLOUR, sample, roots)[0] for one in (limit, 1.2 * limit))
    assert 0 <= narrow <= wide + 1e-9 <= 1 + 1e-8


def test_without_errors_a_colour_is_in_or_out():
    none = np.zeros((2, 1, 1, 3, 0))
    sample = COLOUR + np.array([[0.5, 0, 0], [1.5, 0, 0]])[:, None, None]
    assert probability_inside(limits(1.0), COLOUR, sample, none).tolist() == [1.0, 0.0]
    assert probability_inside(limits(1.0), COLOUR, sample, np.zeros((2, 1, 1, 3, 2))).tolist() == [1.0, 0.0]
