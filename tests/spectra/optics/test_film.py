"""Films of finite thickness: published identities, limits, and the textbook form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.errors import FormulationError
from spectra.optics.film import film_reflectance
from spectra.optics.kubelka_munk import reflectivity

COEFFICIENT = st.floats(1e-3, 1e2)
REFLECTANCE = st.floats(0, 1)


def textbook(K, S, X, Rg):
    """Kubelka's own form, which needs K and S above zero and a film that is not too thick."""
    a = 1 + K / S
    b = np.sqrt(a * a - 1)
    coth = 1 / np.tanh(b * S * X)
    return (1 - Rg * (a - b * coth)) / (a - Rg + b * coth)


@pytest.mark.parametrize(
    ("substrate", "expected"), [(0.0, 0.398676), (0.8, 0.630585), (0.04, 0.406702), (0.82, 0.639199)]
)
def test_a_film_of_known_coefficients_has_its_tabulated_reflectance(substrate, expected):
    # K = 0.35, S = 1.7, X = 0.5, worked out to six digits from Kubelka's equations.
    assert film_reflectance(0.35, 1.7, 0.5, substrate) == pytest.approx(expected, abs=1e-6)


@given(COEFFICIENT, COEFFICIENT, st.floats(1e-2, 10), REFLECTANCE)
def test_it_is_the_textbook_form_where_that_can_be_computed(K, S, X, Rg):
    assert film_reflectance(K, S, X, Rg) == pytest.approx(textbook(K, S, X, Rg), abs=1e-8)


@given(COEFFICIENT, COEFFICIENT, REFLECTANCE)
def test_a_thick_film_hides_its_substrate(K, S, Rg):
    assert film_reflectance(K, S, 1e5, Rg) == pytest.approx(reflectivity(K, S), abs=1e-6)


@given(st.floats(0, 10), st.floats(0, 10), REFLECTANCE)
def test_no_film_leaves_the_substrate(K, S, Rg):
    assert film_reflectance(K, S, 0.0, Rg) == pytest.approx(Rg)


@given(st.floats(0, 5), st.floats(0, 5), REFLECTANCE)
def test_a_film_that_does_not_scatter_absorbs_twice_on_the_way(K, X, Rg):
    assert film_reflectance(K, 0.0, X, Rg) == pytest.approx(Rg * np.exp(-2 * K * X), abs=1e-12)


@given(st.floats(0, 100), st.floats(0, 1e4), REFLECTANCE)
def test_a_film_that_does_not_absorb_loses_no_light(S, X, Rg):
    reflected = float(film_reflectance(0.0, S, X, Rg))
    assert reflected == pytest.approx((S * X * (1 - Rg) + Rg) / (S * X * (1 - Rg) + 1), abs=1e-12)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1e6), REFLECTANCE)
def test_no_film_reflects_more_than_it_receives(K, S, X, Rg):
    assert -1e-12 <= float(film_reflectance(K, S, X, Rg)) <= 1 + 1e-12


@given(COEFFICIENT, COEFFICIENT, st.floats(1e-4, 1), st.floats(1e-4, 1))
def test_two_coats_are_one_of_their_thickness(K, S, first, second):
    below = film_reflectance(K, S, first, 0.3)
    assert film_reflectance(K, S, second, below) == pytest.approx(film_reflectance(K, S, first + second, 0.3))


@pytest.mark.parametrize("wrong", [(-1, 1, 1, 0), (1, np.nan, 1, 0), (1, 1, -1, 0), (1, 1, 1, 1.2)])
def test_what_is_no_film_is_refused(wrong):
    with pytest.raises(FormulationError):
        film_reflectance(*wrong)
