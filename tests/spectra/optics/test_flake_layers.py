import numpy as np
import pytest

from spectra.geometry import directional
from spectra.optics.flake_layers import (
    Directions,
    absorber,
    flakes,
    isotropic,
    particles,
    reflectance_factor,
    reflected_share,
)

SIX = Directions(directional(("45as-15", "45as15", "45as25", "45as45", "45as75", "45as110")))


def mirror(value):
    return lambda cosine: np.full((*cosine.shape, 1), value)


def chandrasekhar_H(albedo, mu):
    """H function of isotropic scattering by its own iteration; S. Chandrasekhar, Radiative Transfer (1960), V."""
    x, w = np.polynomial.legendre.leggauss(64)
    x, w = (x + 1) / 2, w / 2
    H = np.ones_like(x)
    for _ in range(500):
        H = 1 / (np.sqrt(1 - albedo) + albedo / 2 * ((x * H * w) / (x[:, None] + x)).sum(axis=1))
    mu = np.asarray(mu)
    return 1 / (np.sqrt(1 - albedo) + albedo / 2 * ((x * H * w) / (mu[..., None] + x)).sum(axis=-1))


@pytest.mark.parametrize("albedo", [0.2, 0.8, 0.99])
def test_isotropic_scattering_agrees_with_chandrasekhar(albedo):
    film = isotropic(SIX, 1).scaled(albedo) + absorber(SIX, 1).scaled(1 - albedo)
    mu, mu0 = SIX.viewing[0], SIX.illumination
    exact = albedo / 4 * chandrasekhar_H(albedo, mu) * chandrasekhar_H(albedo, mu0) / (mu + mu0)
    assert reflectance_factor(SIX, film, surface=False)[:, 0] == pytest.approx(exact, rel=2e-4)


def test_only_the_ratio_of_scattering_to_absorption_counts():
    film = particles(SIX, 0.5, 1) + absorber(SIX, 1).scaled(0.1)
    assert reflectance_factor(SIX, film.scaled(7.0)) == pytest.approx(reflectance_factor(SIX, film))


@pytest.mark.parametrize("film", [particles(SIX, 0.5, 1), flakes(SIX, 8.0, mirror(0.3), opaque=False)])
def test_without_absorption_all_light_that_enters_comes_back(film):
    # 5.0 % of light from 45° is reflected outside by a surface of index 1.5.
    assert reflected_share(SIX, film + absorber(SIX, 1).scaled(1e-12))[0] == pytest.approx(0.950, abs=5e-4)


def test_metal_that_absorbs_gives_back_no_more_than_it_reflects():
    assert reflected_share(SIX, flakes(SIX, 8.0, mirror(0.5), opaque=True))[0] < 0.5


def test_flakes_that_lie_flatter_shine_nearer_to_the_specular_direction():
    flat, tilted = (reflectance_factor(SIX, flakes(SIX, tilt, mirror(0.88), opaque=True))[:, 0] for tilt in (5.0, 12.0))
    assert flat[0] > tilted[0]
    assert (flat[3:] < tilted[3:]).all()


def test_single_scattering_by_flakes_in_a_black_binder_is_the_facet_formula():
    # So much absorbed that nothing is scattered twice: π D(h) F / 4 over the path, D the Gaussian of the tilt.
    film = flakes(SIX, 6.0, mirror(1.0), opaque=False).scaled(1e-5) + absorber(SIX, 1)
    mu, mu0 = SIX.viewing[0], SIX.illumination
    view = np.arccos(mu) * np.where(SIX.viewing[1] == 0, 1, -1)
    tilt, sd = np.abs(view - np.arccos(mu0)) / 2, np.deg2rad(6.0)
    angle = np.linspace(0, np.pi / 2, 20001)
    norm = 2 * np.pi * np.trapezoid(np.exp(-0.5 * (angle / sd) ** 2) * np.sin(angle), angle)
    expected = 1e-5 * np.pi * np.exp(-0.5 * (tilt / sd) ** 2) / norm / 4 / (mu + mu0)
    assert reflectance_factor(SIX, film, surface=False)[:4, 0] == pytest.approx(expected[:4], rel=1e-3)
