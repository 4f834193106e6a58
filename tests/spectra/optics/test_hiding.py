"""Contrast ratio, the film build that hides, and coefficients from a film over black and white."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.errors import FormulationError
from spectra.optics.film import film_reflectance
from spectra.optics.hiding import film_coefficients, film_contrast, hiding_film_build
from spectra.optics.interface import Saunderson

BARE = Saunderson(0.0, 0.0, True)
SPHERE = Saunderson(0.04, 0.5, True)
SPECULAR_OUT = Saunderson(0.04, 0.5, False)
WEIGHTS = np.array([0.1, 0.3, 0.4, 0.2])
COEFFICIENT = st.floats(1e-3, 1e2)


def grey(value):
    """The same coefficient at all four wavelengths."""
    return np.full(4, float(value))


def test_the_film_of_the_check_vector_has_its_contrast_ratio():
    # K = 0.35, S = 1.7, X = 0.5: 0.398676 over 0 and 0.630585 over 0.80.
    ratio = film_contrast(grey(0.35), grey(1.7), 0.5, WEIGHTS, BARE)
    assert ratio == pytest.approx(0.398676 / 0.630585, abs=1e-6)


def test_the_film_of_the_check_vector_gives_its_coefficients_back():
    absorbed, scattered = film_coefficients(0.398676, 0.630585)
    assert (absorbed, scattered) == (pytest.approx(0.175, abs=3e-6), pytest.approx(0.85, abs=5e-6))


def test_a_white_without_absorption_hides_where_its_closed_form_says():
    # K = 0: R₀ = Z/(1 + Z) and R = (Z(1 − g) + g)/(Z(1 − g) + 1) with Z = SX, so R₀/R = 0.98 is a quadratic in Z.
    g, c = 0.8, 0.98
    roots = np.roots([(1 - g) * (1 - c), 1 - c, -c * g])
    expected = float(roots.max()) / 2.5
    assert hiding_film_build(grey(0), grey(2.5), WEIGHTS, BARE) == pytest.approx(expected, rel=1e-9)


@given(COEFFICIENT, COEFFICIENT, st.floats(0.5, 0.995))
def test_the_hiding_film_has_the_contrast_it_was_asked_for(K, S, contrast):
    build = hiding_film_build(grey(K), grey(S), WEIGHTS, SPHERE, contrast=contrast)
    assert film_contrast(grey(K), grey(S), build, WEIGHTS, SPHERE) == pytest.approx(contrast, abs=1e-7)
    assert film_contrast(grey(K), grey(S), 1.3 * build, WEIGHTS, SPHERE) > contrast


@given(COEFFICIENT, COEFFICIENT, st.floats(0.1, 10))
def test_twice_the_pigment_hides_at_half_the_film(K, S, factor):
    build = hiding_film_build(grey(K), grey(S), WEIGHTS, SPHERE)
    assert hiding_film_build(grey(factor * K), grey(factor * S), WEIGHTS, SPHERE) == pytest.approx(build / factor)


def test_a_batch_of_recipes_is_its_rows():
    rng = np.random.default_rng(2)
    K, S = rng.uniform(0.01, 1, (2, 300, 4))
    builds = hiding_film_build(K, S, WEIGHTS, SPHERE)
    assert builds[[0, 299]] == pytest.approx([float(hiding_film_build(K[i], S[i], WEIGHTS, SPHERE)) for i in (0, 299)])


def test_a_clear_never_hides_and_a_dye_only_under_its_own_gloss():
    assert hiding_film_build(grey(0), grey(0), WEIGHTS, SPHERE) == np.inf
    assert hiding_film_build(grey(2), grey(0), WEIGHTS, SPHERE) < 5
    assert hiding_film_build(grey(2), grey(0), WEIGHTS, SPECULAR_OUT) == np.inf


def test_substrates_that_are_alike_need_no_film():
    assert hiding_film_build(grey(0.1), grey(0.1), WEIGHTS, SPHERE, black=0.79) == 0


def test_a_dark_paint_over_a_substrate_lighter_than_itself_is_followed_to_where_it_hides_for_good():
    build = hiding_film_build(grey(5), grey(0.01), WEIGHTS, SPECULAR_OUT, black=0.05)
    assert film_contrast(grey(5), grey(0.01), [build, 2 * build], WEIGHTS, SPECULAR_OUT, black=0.05) == pytest.approx(
        [0.98, 1.0], abs=2e-3
    )


@given(st.floats(0, 10), st.floats(0, 10), st.floats(1e-3, 1), st.floats(0, 0.05), st.floats(0.5, 1))
def test_readings_over_black_and_white_give_absorption_and_scattering_back(K, S, X, black, white):
    over = [film_reflectance(K, S, X, ground) for ground in (black, white)]
    if over[1] - over[0] < 1e-6:
        return  # it hides: rounding of the readings is all there is
    absorbed, scattered = film_coefficients(*over, black=black, white=white)
    tolerance = 1e-9 / float(over[1] - over[0])
    assert absorbed == pytest.approx(K * X, abs=tolerance, rel=tolerance)
    assert scattered == pytest.approx(S * X, abs=tolerance, rel=tolerance)


def test_a_film_that_hides_tells_no_coefficients():
    with pytest.raises(FormulationError, match=r"0\.5000 over black and 0\.5000 over white.*value 2: the film hides"):
        film_coefficients([0.3, 0.5], [0.6, 0.5])


def test_a_film_that_makes_light_is_refused():
    with pytest.raises(FormulationError, match="more light than"):
        film_coefficients(0.5, 0.95, white=0.8)


def test_noise_on_a_film_without_absorption_may_give_a_little_less_than_none():
    over_black, over_white = (film_reflectance(0.0, 1.0, 0.4, ground) for ground in (0.0, 0.8))
    absorbed, scattered = film_coefficients(over_black + 1e-3, over_white + 1e-3)
    assert -0.02 < absorbed < 0
    assert scattered == pytest.approx(0.4, rel=0.02)


@pytest.mark.parametrize("contrast", [0.0, 1.0, np.nan])
def test_a_contrast_ratio_that_no_film_can_be_held_to_is_refused(contrast):
    with pytest.raises(FormulationError, match="contrast ratio"):
        hiding_film_build(grey(1), grey(1), WEIGHTS, SPHERE, contrast=contrast)


def test_two_like_substrates_measure_nothing():
    with pytest.raises(FormulationError, match="must be the darker"):
        film_coefficients(0.4, 0.5, black=0.8, white=0.8)


def test_a_film_that_reflects_nothing_has_no_contrast_ratio():
    with pytest.raises(FormulationError, match="reflects nothing"):
        film_contrast(grey(1e4), grey(0), 1e3, WEIGHTS, SPECULAR_OUT)
