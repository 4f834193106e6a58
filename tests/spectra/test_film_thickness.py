"""Film thickness of known paints, in the model's own world and in one of particles."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra.errors import FormulationError
from spectra.film_thickness import film_thickness
from spectra.optics.film import film_growth, film_reflectance
from spectra.optics.interface import Saunderson, measured_reflectance

SURFACE = Saunderson(0.04, 0.5, True)
CARD = np.array([[0.02], [0.80]])  # black and white, the same at all wavelengths
BANDS = 5


def read(K, S, X, ground=CARD):
    """Reflectance factor of a film over a card, shape (n_substrates, n_wavelengths)."""
    return measured_reflectance(film_reflectance(K, S, X, ground), SURFACE)


@given(st.floats(1e-3, 1), st.floats(1e-2, 1), st.floats(0.05, 3))
@settings(max_examples=40)
def test_a_film_that_shows_its_substrate_tells_its_thickness(K, S, depth):
    K, S = np.full(BANDS, K), np.full(BANDS, S)
    X = depth / float(K[0] + S[0])
    found = film_thickness(read(K, S, X), K, S, CARD, SURFACE)
    assert found.thickness == pytest.approx(X, rel=1e-6)
    assert found.residual < 1e-6


def test_many_films_are_found_side_by_side():
    rng = np.random.default_rng(4)
    K, S = rng.uniform(0.002, 0.1, (2, 6, BANDS))
    X = rng.uniform(5, 25, 6)
    readings = np.array([read(K[row], S[row], X[row]) for row in range(6)])
    assert film_thickness(readings, K, S, CARD, SURFACE).thickness == pytest.approx(X)


def test_over_white_alone_is_enough_and_over_one_like_the_paint_is_not():
    K, S = np.full(BANDS, 0.01), np.full(BANDS, 0.05)
    white = CARD[1:]
    assert film_thickness(read(K, S, 12.0, white), K, S, white, SURFACE).thickness == pytest.approx(12)
    like = np.full((1, 1), float(film_reflectance(0.01, 0.05, 1e5, 0.0)))
    assert film_thickness(read(K, S, 12.0, like), K, S, like, SURFACE).relative_uncertainty > 10


def test_a_film_that_hides_says_that_its_thickness_is_not_known():
    K, S = np.full(BANDS, 0.05), np.full(BANDS, 0.2)
    thin, thick = (film_thickness(read(K, S, X), K, S, CARD, SURFACE).relative_uncertainty for X in (5.0, 200.0))
    assert thin < 0.02
    assert thick > 0.33


@given(st.floats(0, 5), st.floats(0, 5), st.floats(0.01, 2), st.floats(0, 1))
def test_growth_is_the_derivative_of_the_film(K, S, X, ground):
    step = 1e-6 * X
    up, down = (float(film_reflectance(K, S, X + sign * step, ground)) for sign in (1, -1))
    R = film_reflectance(K, S, X, ground)
    assert film_growth(R, K, S) == pytest.approx((up - down) / (2 * step), abs=1e-5)


@pytest.mark.parametrize(
    ("readings", "coefficient", "words"),
    [
        (np.zeros((2, BANDS)), np.ones(BANDS), "above zero"),
        (np.full((2, BANDS), 0.3), np.ones(BANDS + 1), "do not fit"),
        (np.full((2, BANDS), 0.3), np.zeros(BANDS), "neither absorbs nor scatters"),
        (np.full(BANDS, 0.3), np.ones(BANDS), "n_substrates"),
    ],
)
def test_what_tells_no_thickness_is_refused(readings, coefficient, words):
    with pytest.raises(FormulationError, match=words):
        film_thickness(readings, coefficient, coefficient, CARD, SURFACE)
