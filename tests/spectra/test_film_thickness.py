"""Film thickness of known paints from what shows through them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra.errors import FormulationError
from spectra.film_thickness import film_thickness
from spectra.optics.film import film_reflectance
from spectra.optics.interface import Saunderson, measured_reflectance

SURFACE = Saunderson(0.04, 0.5, True)
CARD = np.array([[0.02], [0.80]])  # black and white, the same at all wavelengths
BANDS = 5


def paint(K, S, card=CARD):
    """Kubelka–Munk films of coefficients (..., n_wavelengths) [1/µm] over a card."""

    def film(X):
        inside = film_reflectance(
            np.asarray(K)[..., None, :], np.asarray(S)[..., None, :], np.asarray(X)[..., None, None], card
        )
        return measured_reflectance(inside, SURFACE)

    return film


@given(st.floats(1e-3, 1), st.floats(1e-2, 1), st.floats(0.05, 3))
@settings(max_examples=40)
def test_a_film_that_shows_its_substrate_tells_its_thickness(K, S, depth):
    film = paint(np.full(BANDS, K), np.full(BANDS, S))
    X = np.clip(depth / (K + S), 0.6, 400)
    found = film_thickness(film(X), film)
    assert found.residual < 1e-4
    if found.relative_uncertainty < 1:
        assert found.thickness_um == pytest.approx(X, rel=1e-4)


def test_many_films_are_found_side_by_side():
    rng = np.random.default_rng(4)
    film, X = paint(*rng.uniform(0.002, 0.1, (2, 6, BANDS))), rng.uniform(5, 25, 6)
    assert film_thickness(film(X), film).thickness_um == pytest.approx(X, rel=1e-5)


def test_over_white_alone_is_enough_and_over_one_like_the_paint_is_not():
    K, S = np.full(BANDS, 0.01), np.full(BANDS, 0.05)
    over_white = paint(K, S, CARD[1:])
    assert film_thickness(over_white(12.0), over_white).thickness_um == pytest.approx(12, rel=1e-5)
    over_like = paint(K, S, np.full((1, 1), float(film_reflectance(0.01, 0.05, 1e5, 0.0))))
    assert film_thickness(over_like(12.0), over_like).relative_uncertainty > 10


def test_a_film_that_hides_says_that_its_thickness_is_not_known():
    film = paint(np.full(BANDS, 0.05), np.full(BANDS, 0.2))
    thin, thick = (film_thickness(film(X), film).relative_uncertainty for X in (5.0, 200.0))
    assert thin < 0.02
    assert thick > 0.33


def test_noise_moves_the_thickness_by_no_more_than_is_stated():
    rng = np.random.default_rng(0)
    film = paint(np.full(BANDS, 0.01), np.full(BANDS, 0.1))
    readings = film(np.full(200, 15.0)) + 0.002 * rng.standard_normal((200, 2, BANDS))
    found = film_thickness(readings, film)
    inside = np.abs(np.log(found.thickness_um / 15)) < 2 * found.relative_uncertainty
    assert inside.mean() > 0.95


def test_a_recipe_that_is_not_the_paint_leaves_a_residual():
    true, stated = (paint(np.full(BANDS, K), np.linspace(0.05, 0.1, BANDS)) for K in (0.03, 0.01))
    assert film_thickness(true(15.0), stated).residual > 2


@pytest.mark.parametrize(
    ("readings", "builds", "words"),
    [
        (np.zeros((2, BANDS)), (1, 100), "above zero"),
        (np.full((2, BANDS + 1), 0.3), (1, 100), "were taken"),
        (np.full(BANDS, 0.3), (1, 100), "n_substrates"),
        (np.full((2, BANDS), 0.3), (10, 1), "do not rise"),
    ],
)
def test_what_tells_no_thickness_is_refused(readings, builds, words):
    with pytest.raises(FormulationError, match=words):
        film_thickness(readings, paint(np.full(BANDS, 0.1), np.full(BANDS, 0.1)), builds_um=builds)
