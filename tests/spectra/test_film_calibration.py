"""What a micrometre scatters, learned from drawdowns; and how far a two-flux film is off in thin films of particles."""

import numpy as np
import pytest

from spectra.errors import CharacterisationError
from spectra.film_calibration import FilmScale, calibrate_films
from spectra.film_thickness import film_thickness
from spectra.geometry import D8_SCI
from spectra.optics.film import film_reflectance
from spectra.optics.hiding import film_coefficients
from spectra.optics.interface import Saunderson, internal_reflectance, measured_reflectance
from spectra.particle_paint import ParticlePaintLaboratory

CARD = np.array([[0.0], [0.8]])
HIDING = np.array([[0.9, 0.8, 0.6], [0.5, 0.3, 0.1], [0.4, 0.7, 0.8]])
SCATTERING = np.array([[1.0, 1.0, 1.0], [0.7, 0.6, 0.5], [0.8, 0.9, 1.0]])
FILLED = np.array([1.0, 0.5, 0.7])


def over_card(laboratory, recipe, build):
    """True readings of one film over both substrates, shape (2, n_wavelengths)."""
    return np.concatenate([laboratory.panel(recipe, thickness_um=build, substrate=ground) for ground in (0.0, 0.8)])


def test_drawdowns_of_the_model_give_its_scale_back():
    true = FilmScale(np.array([0.22, 0.2, 0.17]), 0.15, 0.0, D8_SCI)
    builds = np.array([8.0, 6.0, 12.0])
    readings = true.reflectance_factor(HIDING, SCATTERING, FILLED, builds, CARD)
    found = calibrate_films(readings, HIDING, SCATTERING, FILLED, builds, CARD, D8_SCI)
    assert found.scattering_per_um == pytest.approx(true.scattering_per_um, rel=1e-4)
    assert found.loosening == pytest.approx(0.15, abs=1e-3)
    assert found.residual < 1e-3


def test_one_paint_alone_tells_no_loosening():
    true = FilmScale(np.array([0.22, 0.2, 0.17]), 0.0, 0.0, D8_SCI)
    readings = true.reflectance_factor(HIDING[:1], SCATTERING[:1], FILLED[:1], [8.0], CARD)
    found = calibrate_films(readings, HIDING[:1], SCATTERING[:1], FILLED[:1], [8.0], CARD, D8_SCI)
    assert found.loosening == 0
    assert found.scattering_per_um == pytest.approx(true.scattering_per_um, rel=1e-4)


def test_drawdowns_that_hide_are_refused():
    readings = FilmScale(np.full(3, 0.2), 0.0, 0.0, D8_SCI).reflectance_factor(
        HIDING, SCATTERING, FILLED, np.full(3, 400.0), CARD
    )
    with pytest.raises(CharacterisationError, match="draw them thinner"):
        calibrate_films(readings, HIDING, SCATTERING, FILLED, np.full(3, 400.0), CARD, D8_SCI)
    with pytest.raises(CharacterisationError, match="film builds above zero"):
        calibrate_films(readings, HIDING, SCATTERING, FILLED, np.zeros(3), CARD, D8_SCI)
    with pytest.raises(CharacterisationError, match="finite and above zero"):
        calibrate_films(-readings, HIDING, SCATTERING, FILLED, np.ones(3), CARD, D8_SCI)


@pytest.fixture(scope="module")
def laboratory():
    return ParticlePaintLaboratory(np.random.default_rng(21))


@pytest.mark.parametrize("recipe", [{"W1": 1.0}, {"W1": 0.9, "P02": 0.1}, {"P01": 0.5, "W1": 0.5}])
def test_a_paint_of_particles_known_at_one_film_build_is_known_at_others(laboratory, recipe):
    # Known at 12 µm and where it hides, predicted at 6, 20 and 30 µm. By radiative transfer the reflectance factor is
    # 0.0025 off at most and the thickness found from it 1 %; by Kubelka and Munk's film, whose K and S are those of the
    # 12 µm, 0.025 to 0.047 and 15 to 25 %.
    hiding = laboratory.panel(recipe)
    readings = over_card(laboratory, recipe, 12.0)
    known = (hiding, np.ones_like(hiding), np.ones(1))
    scale = calibrate_films(readings[None], *known, [12.0], CARD, D8_SCI)
    surface = Saunderson(0.04, 0.59635, True)
    absorbed, scattered = film_coefficients(*internal_reflectance(readings, surface))
    K, S = np.maximum(absorbed, 0) / 12, np.maximum(scattered, 0) / 12

    def transport(X):
        return scale.reflectance_factor(hiding[0], np.ones_like(hiding[0]), 1.0, X, CARD)

    def two_flux(X):
        return measured_reflectance(film_reflectance(K, S, np.asarray(X)[..., None, None], CARD), surface)

    missed = {"transport": [0.0, 0.0], "two-flux": [0.0, 0.0]}
    for build in (6.0, 20.0, 30.0):
        truth = over_card(laboratory, recipe, build)
        for name, film in (("transport", transport), ("two-flux", two_flux)):
            spectrum = float(np.abs(film(build) - truth).max())
            thickness = abs(float(film_thickness(truth, film).thickness_um) / build - 1)
            missed[name] = [max(missed[name][0], spectrum), max(missed[name][1], thickness)]
    assert missed["transport"][0] < 0.004
    assert missed["transport"][1] < 0.015
    assert missed["two-flux"][0] > 0.02
    assert missed["two-flux"][1] > 0.10
