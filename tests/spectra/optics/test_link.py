"""Every link from K/S to a hiding film: limits, inverse, derivative; and the transport it stands for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.errors import FormulationError
from spectra.optics.kubelka_munk import reflectivity
from spectra.optics.link import LINKS, link_of

coefficients = st.floats(1e-4, 1e3)
every_link = pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)


@every_link
@given(K=coefficients, S=coefficients)
def test_the_ratio_comes_back_from_the_reflectivity(link, K, S):
    assert link.ratio(link.reflectivity(K, S)) == pytest.approx(K / S, rel=1e-5)


@every_link
@given(K=coefficients, S=coefficients)
def test_the_fall_is_the_derivative_by_absorption_and_by_scattering(link, K, S):
    step = 1e-5
    by_K = (link.reflectivity(K * (1 + step), S) - link.reflectivity(K * (1 - step), S)) / (2 * step)
    by_S = (link.reflectivity(K, S * (1 + step)) - link.reflectivity(K, S * (1 - step))) / (2 * step)
    assert -link.fall(K, S) * K * S == pytest.approx(by_K, rel=1e-3, abs=1e-10)
    assert link.fall(K, S) * K * S == pytest.approx(by_S, rel=1e-3, abs=1e-10)


@every_link
def test_a_film_without_absorption_is_white_and_one_without_scattering_black(link):
    assert link.reflectivity(0.0, 1.0) == 1.0
    assert link.reflectivity(1.0, 0.0) == 0.0
    assert np.isfinite(link.fall(1.0, 0.0))
    assert 0.0 * link.fall(0.0, 1.0) == 0.0


@every_link
@pytest.mark.parametrize(("K", "S"), [(-1.0, 1.0), (1.0, -1.0), (float("nan"), 1.0), (0.0, 0.0)])
def test_what_is_no_paint_is_refused(link, K, S):
    with pytest.raises(FormulationError):
        link.reflectivity(K, S)


def test_the_even_similarity_link_is_the_spherical_albedo_of_isotropic_transport():
    # A* = 1 − 2√(1 − ω) ∫H(μ)μ dμ of a semi-infinite layer, H by Chandrasekhar's integral equation (Radiative
    # Transfer, 1950, ch. V): another road to the same number. ω = S/(K + S).
    nodes, weights = np.polynomial.legendre.leggauss(64)
    mu, w = (nodes + 1) / 2, weights / 2
    for albedo in (0.999, 0.99, 0.9, 0.5, 0.1):
        H = np.ones_like(mu)
        for _ in range(3000):
            H = 1 / (np.sqrt(1 - albedo) + albedo / 2 * ((mu * H * w) / (mu[:, None] + mu)).sum(axis=1))
        exact = 1 - 2 * np.sqrt(1 - albedo) * (H * mu * w).sum()
        assert LINKS["similarity-even"].reflectivity(1 - albedo, albedo) == pytest.approx(exact, abs=0.0025)


@every_link
@given(K=coefficients, S=coefficients)
def test_a_finite_film_gets_coefficients_that_hide_alike(link, K, S):
    assert reflectivity(*link.film(K, S)) == pytest.approx(float(link.reflectivity(K, S)), rel=1e-7)


@every_link
def test_a_film_keeps_its_scattering_without_absorption_and_has_none_without_scattering(link):
    assert link.film(0.0, 2.0) == (0.0, pytest.approx(2.0))
    absorption, scattering = link.film(3.0, 0.0)
    assert (absorption > 0, scattering) == (True, pytest.approx(0.0))
    assert link.film(0.0, 0.0) == (0.0, 0.0)
    # Nothing jumps where scattering fades: clear varnish absorbs what it absorbed with a trace of white in it.
    assert link.film(3.0, 1e-9)[0] == pytest.approx(absorption)


def test_an_unknown_link_is_named():
    with pytest.raises(FormulationError, match="'beer'; expected one of kubelka-munk, similarity, "):
        link_of("beer")
