"""Radiative transfer against published values, exact solutions and its own laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra.errors import FormulationError
from spectra.optics.discrete_ordinates import diffuse_to, fresnel, over_substrate, slab, streams, through_surface
from spectra.optics.film import film_reflectance

FORWARD = st.floats(0.0, 0.85)
DEPTH = st.floats(1e-3, 50)


def forward(anisotropy, paths):
    """Moments of Henyey and Greenstein's phase function for one film."""
    return anisotropy ** np.arange(paths.order + 1.0)[None, :]


def film(albedo, depth, anisotropy, paths, substrate=0.0):
    """Reflection below the surface and transmission of a film of one albedo and optical depth."""
    R, T = slab(
        np.array([1 - albedo]), np.array([float(albedo)]), forward(anisotropy, paths), np.array([float(depth)]), paths
    )
    return over_substrate(R, T, np.array([substrate]), paths), T


def totals(albedo, depth, anisotropy, refractive_index=1.0):
    """Everything reflected from a normal beam and from diffuse light, and transmitted where there is no surface."""
    paths = streams(refractive_index, 16, (0.0,))
    R, T = film(albedo, depth, anisotropy, paths)
    back = through_surface(R, paths)
    air = paths.escapes * paths.flux * refractive_index**2
    outside = (air @ paths.surface, paths.surface[paths.seen(0.0)])
    diffuse = np.sqrt(paths.flux)
    return (
        float(diffuse_to(0.0, back, paths)[0] + outside[1]),
        float(air @ back[0] @ air + outside[0]),
        float((T[0] @ diffuse)[-1] / diffuse[-1]),
        float(diffuse @ T[0] @ diffuse),
    )


@pytest.mark.parametrize(
    ("albedo", "depth", "anisotropy", "expected"),
    [
        # H. C. van de Hulst, Multiple Light Scattering, 1980, as L. Wang, S. L. Jacques, L. Zheng quote it (Comput.
        # Methods Programs Biomed. 47 (1995) 131, doi:10.1016/0169-2607(95)01640-F): 0.09739 and 0.66096.
        (0.9, 2.0, 0.75, (0.09739, None, 0.66096, None)),
        # Adding–doubling of S. A. Prahl, test values of his programs iad and iadpython (github.com/scottprahl).
        (0.8, 1.0, 0.0, (0.21085, 0.28015, 0.54140, 0.41624)),
        (0.8, 1.0, 0.8, (0.03041, 0.08416, 0.76388, 0.61111)),
        (0.8, np.inf, 0.0, (0.28525, 0.34187, 0.0, 0.0)),
    ],
)
def test_a_film_without_surface_reflects_and_transmits_what_is_published(albedo, depth, anisotropy, expected):
    for value, published in zip(totals(albedo, depth, anisotropy), expected, strict=True):
        assert published is None or value == pytest.approx(published, abs=3e-5)


def test_a_film_under_a_surface_reflects_what_is_published():
    # R. G. Giovanelli, Opt. Acta 2 (1955) 153, as Wang, Jacques and Zheng (1995) quote it: 0.2600.
    assert totals(0.9, np.inf, 0.0, 1.5)[0] == pytest.approx(0.2600, abs=2e-4)
    # Prahl's iadpython in sixteen nodes, whose surface is 0.0003 to 0.0006 off for diffuse light (0.07597 for the
    # outside reflection of 0.0766).
    normal, diffuse, *_ = totals(0.8, np.inf, 0.0, 1.4)
    assert normal == pytest.approx(0.18095, abs=2e-4)
    assert diffuse == pytest.approx(0.22984, abs=7e-4)


def test_the_surface_reflects_diffuse_light_as_tabulated():
    # Refractive index 1.5: 0.5963 inside, 0.0918 outside (D. B. Judd, J. Res. NBS 29 (1942) 329).
    paths = streams(1.5)
    assert paths.flux @ paths.surface == pytest.approx(0.59635, abs=1e-5)
    assert paths.escapes * paths.flux * 1.5**2 @ paths.surface == pytest.approx(0.09178, abs=1e-5)
    assert fresnel(np.array([1.0]), 1.5) == pytest.approx(0.04)


@given(st.floats(0.05, 0.999))
@settings(max_examples=20, deadline=None)
def test_an_isotropic_half_space_is_chandrasekhars(albedo):
    # Plane albedo of a normal beam 1 − √(1 − ω) H(1); H from its own integral equation.
    x, w = np.polynomial.legendre.leggauss(48)
    mu, w = (x + 1) / 2, w / 2
    H = np.ones_like(mu)
    for _ in range(4000):
        H = 1 / (np.sqrt(1 - albedo) + albedo / 2 * ((mu * w * H) / (mu[:, None] + mu)).sum(axis=1))
    at_normal = 1 / (np.sqrt(1 - albedo) + albedo / 2 * np.sum(mu * w * H / (1 + mu)))
    assert totals(albedo, np.inf, 0.0)[0] == pytest.approx(1 - np.sqrt(1 - albedo) * at_normal, abs=1e-5)


@given(st.floats(0.0, 1.0), FORWARD)
@settings(max_examples=50, deadline=None)
def test_a_half_space_follows_the_similarity_law(albedo, anisotropy):
    # van de Hulst 1980: spherical albedo (1 − s)(1 − 0.139 s)/(1 + 1.17 s), s² = (1 − ω)/(1 − ωg); good to 0.01 here.
    s = np.sqrt((1 - albedo) / (1 - albedo * anisotropy))
    law = (1 - s) * (1 - 0.139 * s) / (1 + 1.17 * s)
    assert totals(albedo, np.inf, anisotropy)[1] == pytest.approx(law, abs=0.01)


@given(FORWARD, DEPTH)
@settings(max_examples=30, deadline=None)
def test_a_film_that_does_not_absorb_loses_no_light(anisotropy, depth):
    normal, diffuse, through, through_diffuse = totals(1.0, depth, anisotropy)
    assert normal + through == pytest.approx(1, abs=1e-6)
    assert diffuse + through_diffuse == pytest.approx(1, abs=1e-6)
    paths = streams(1.5, 8, (8.0,))
    over_white = through_surface(film(1.0, depth, anisotropy, paths, 1.0)[0], paths)
    assert diffuse_to(8.0, over_white, paths) + paths.surface[-1] == pytest.approx(1, abs=1e-5)


@given(st.floats(0, 1), DEPTH, FORWARD, st.floats(0, 1))
@settings(max_examples=30, deadline=None)
def test_source_and_eye_may_change_places(albedo, depth, anisotropy, substrate):
    paths = streams()
    factor = through_surface(film(albedo, depth, anisotropy, paths, substrate)[0], paths)[0]
    assert factor == pytest.approx(factor.T, abs=1e-6)
    # A forward phase function, cut to the moments the streams resolve, dips below zero at some angles.
    assert (factor >= (-1e-6 if anisotropy <= 0.5 else -2e-3)).all()


@given(st.floats(0.01, 1), st.floats(1e-2, 5), st.floats(1e-2, 5), FORWARD)
@settings(max_examples=30, deadline=None)
def test_two_coats_are_one_of_their_thickness(albedo, first, second, anisotropy):
    # The adding method, of which the solution by modes knows nothing.
    paths = streams(1.5, 6)
    (R1, T1), (R2, T2), (R, T) = (
        (film(albedo, depth, anisotropy, paths)[0][0], film(albedo, depth, anisotropy, paths)[1][0])
        for depth in (first, second, first + second)
    )
    between = np.linalg.inv(np.eye(len(R)) - R2 @ R1)
    assert R1 + T1 @ between @ R2 @ T1 == pytest.approx(R, abs=1e-9)
    assert T2 @ np.linalg.inv(np.eye(len(R)) - R1 @ R2) @ T1 == pytest.approx(T, abs=1e-9)


@given(st.floats(1e-4, 1), st.floats(0, 1))
@settings(max_examples=30, deadline=None)
def test_light_that_is_not_scattered_dies_along_its_path(depth, substrate):
    paths = streams(1.0, 16, (0.0,))
    back = through_surface(film(0.0, depth, 0.0, paths, substrate)[0], paths)
    # Normal beam down, diffuse up: Rg e^(−τ) 2E₃(τ), the integral by a quadrature of its own.
    x, w = np.polynomial.legendre.leggauss(400)
    mu = (x + 1) / 2
    E3 = np.sum(w / 2 * mu * np.exp(-depth / mu))
    assert diffuse_to(0.0, back, paths)[0] == pytest.approx(substrate * np.exp(-depth) * 2 * E3, abs=1e-4)


def photons(absorption, scattering, anisotropy, thickness, substrate, paths, rng, count=30_000):
    """Share of a beam at the only angle seen that a film sends back through its surface, photon by photon."""
    n, extinction = paths.refractive_index, absorption + scattering
    weight = np.full(count, 1 - paths.surface[-1])
    mu, depth, left = np.full(count, paths.cosines[-1]), np.zeros(count), 0.0
    while weight.size:
        depth = depth + mu * rng.exponential(1 / extinction, weight.size)
        out, below = depth < 0, depth > thickness
        reflected = fresnel(np.abs(mu), n)
        left += np.sum((weight * (1 - reflected))[out])
        cosine, turn = 2 * rng.random(weight.size) - 1, np.cos(2 * np.pi * rng.random(weight.size))
        if anisotropy:
            step = (1 - anisotropy**2) / (1 + anisotropy * cosine)
            cosine = (1 + anisotropy**2 - step**2) / (2 * anisotropy)
        scattered = mu * cosine + np.sqrt((1 - mu**2) * np.maximum(1 - cosine**2, 0)) * turn
        diffuse = -np.sqrt(rng.random(weight.size))
        mu = np.where(out, -mu, np.where(below, diffuse, np.clip(scattered, -1, 1)))
        weight = weight * np.where(out, reflected, np.where(below, substrate, scattering / extinction))
        depth = np.clip(depth, 0, thickness)
        weak = weight < 1e-3
        lives = ~weak | (rng.random(weight.size) < 0.1)
        weight, mu, depth = np.where(weak, 10 * weight, weight)[lives], mu[lives], depth[lives]
    return left / count


@pytest.mark.parametrize(
    ("absorption", "scattering", "anisotropy", "thickness", "substrate"),
    [(0.02, 0.4, 0.55, 10.0, 0.5), (0.3, 0.4, 0.7, 4.0, 0.8), (0.01, 0.3, 0.0, 6.0, 0.0)],
)
def test_photons_followed_one_by_one_come_back_as_often(absorption, scattering, anisotropy, thickness, substrate):
    paths = streams(1.5, 8, (8.0,))
    operators = slab(
        np.array([absorption]), np.array([scattering]), forward(anisotropy, paths), np.array([thickness]), paths
    )
    back = through_surface(over_substrate(*operators, np.array([substrate]), paths), paths)
    counted = photons(absorption, scattering, anisotropy, thickness, substrate, paths, np.random.default_rng(3))
    # Of 30 000 photons: the standard deviation is below 0.0025, and of half a million they agreed to 0.0006.
    assert counted == pytest.approx(float(diffuse_to(8.0, back, paths)[0]), abs=0.006)


@pytest.mark.parametrize("substrate", [0.2, 1.0])
def test_a_bare_diffuser_under_a_surface_is_seen_at_45_0_as_its_closed_form(substrate):
    # Down through the surface at 45°, diffuse between it and the substrate, up along the normal.
    paths = streams()
    seen = through_surface(film(0.5, 0.0, 0.0, paths, substrate)[0], paths)[0, paths.seen(0.0), paths.seen(45.0)]
    inside = paths.flux @ paths.surface
    crossing = (1 - paths.surface[paths.seen(45.0)]) * (1 - 0.04) / 1.5**2
    assert seen == pytest.approx(crossing * substrate / (1 - inside * substrate), rel=1e-5)


@pytest.mark.parametrize("depth", [5.0, 20.0, 100.0])
def test_where_little_is_absorbed_it_becomes_kubelka_and_munks_film(depth):
    # Diffusion theory gives K = 2α and S = ¾ σ(1 − g); what remains is the light's way through the uppermost layer.
    absorbed, anisotropy, substrate = 1e-3, 0.6, 0.3
    paths = streams(1.0)
    R, T = slab(np.array([absorbed]), np.array([1.0]), forward(anisotropy, paths), np.array([depth]), paths)
    diffuse = np.sqrt(paths.flux)
    exact = diffuse @ over_substrate(R, T, np.array([substrate]), paths)[0] @ diffuse
    model = film_reflectance(2 * absorbed, 0.75 * (1 - anisotropy), depth, substrate)
    assert model == pytest.approx(exact, abs=0.02)


@pytest.mark.parametrize("wrong", [(0.9, 8), (np.nan, 8), (1.5, 1)])
def test_light_is_not_followed_in_an_impossible_binder(wrong):
    with pytest.raises(FormulationError, match="refractive index"):
        streams(*wrong)
