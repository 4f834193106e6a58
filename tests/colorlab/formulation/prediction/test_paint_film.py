"""Films of recipes by both models: against the plain Kubelka–Munk film, and on paint of particles."""

from dataclasses import replace

import numpy as np
import pytest

from colorlab.colorimetry.contrast_ratio import contrast_ratio
from colorlab.colorimetry.viewing import D65_10
from colorlab.formulation.prediction.paint_film import (
    KnownFilm,
    PaintFilms,
    ideal_grounds,
    left_out_error,
    scale_of,
    tell_scale,
)
from colorlab.formulation.search.hiding import hiding_film_um
from spectra.characterise import characterise
from spectra.errors import FormulationError
from spectra.geometry import D8_SCI
from spectra.optics.interface import Saunderson, measured_reflectance
from spectra.particle_paint import GRID as LAB_GRID
from spectra.particle_paint import ParticlePaintLaboratory

PALE = np.array([0.97, 0.03, 0.0])


@pytest.fixture(scope="module")
def paints(drawn):
    found = drawn(2, seed=6)
    dense = tuple(replace(one, density_g_cm3=2.0 if one.code == "W" else 1.2) for one in found.colorants)
    return replace(found, colorants=dense, base_scattering_per_um=np.full((1, found.grid.count), 0.04))


def test_a_kubelka_munk_film_hides_where_the_set_says(paints):
    films = PaintFilms(paints, ideal_grounds(paints))
    for contrast in (0.9, 0.98):
        found = films.hiding_um(PALE, D65_10, contrast)
        assert found == pytest.approx(float(hiding_film_um(paints, PALE[None], D65_10, contrast)[0]), rel=1e-6)
        over = films.of(PALE)(np.asarray(found))
        assert contrast_ratio(over[0], over[1], paints.grid) == pytest.approx(contrast, abs=1e-6)


def test_a_film_of_no_thickness_is_its_card_and_a_thick_one_hides(paints):
    films = PaintFilms(paints, ideal_grounds(paints))
    none, much = films.of(PALE)(np.array([0.0, 1e5]))
    assert none == pytest.approx(films.grounds, abs=1e-9)
    assert much[0] == pytest.approx(paints.reflectance_factor(PALE[None])[0, 0], abs=1e-9)


def test_a_set_of_opaque_panels_says_what_to_measure(paints):
    blind = replace(paints, base_scattering_per_um=None)
    with pytest.raises(FormulationError, match="drawdowns over black and white cards"):
        PaintFilms(blind, ideal_grounds(blind))
    with pytest.raises(FormulationError, match=r"grounds of shape \(3, 31\)"):
        PaintFilms(paints, np.ones((3, 31)))
    with pytest.raises(FormulationError, match="contrast ratio of 98"):
        PaintFilms(paints, ideal_grounds(paints)).hiding_um(PALE, D65_10, 98.0)


@pytest.fixture(scope="module")
def particles():
    """Colorants from hiding ladders of particle paint, drawdowns of known thickness, and the laboratory."""
    laboratory = ParticlePaintLaboratory(np.random.default_rng(3), 5)
    rng = np.random.default_rng(4)
    density = {one.code: one.density_g_cm3 for one in laboratory.colorants}
    found = characterise(
        laboratory.ladders(rng),
        name="particles",
        base="W1",
        grid=LAB_GRID,
        geometry=D8_SCI,
        roles=laboratory.roles,
        k2=0.5,
        link="similarity",
        crowding=0.0,
    ).colorant_set
    paints = replace(found, colorants=tuple(replace(one, density_g_cm3=density[one.code]) for one in found.colorants))

    def row(recipe):
        return np.array([recipe.get(code, 0.0) for code in paints.codes])

    def over_cards(recipe, build):
        return np.array([laboratory.panel(recipe, thickness_um=build, substrate=ground)[0] for ground in (0.0, 0.8)])

    drawn = [
        KnownFilm(f"{recipe} {build}", row(recipe), build, over_cards(recipe, build))
        for recipe in ({"W1": 1.0}, {"W1": 0.5, "P01": 0.5}, {"W1": 0.6, "P02": 0.4})
        for build in (8.0, 16.0)
    ]
    surface = Saunderson(0.04, 0.596, True)
    grounds = measured_reflectance(np.repeat([[0.0], [0.8]], LAB_GRID.count, axis=1), surface)
    return laboratory, paints, grounds, drawn, row, over_cards


def test_radiative_transfer_says_where_particle_paint_hides_and_how_thick_it_is(particles):
    _, paints, grounds, drawn, row, over_cards = particles
    films = PaintFilms(paints, grounds, scale_of(paints, grounds, drawn))
    recipe = {"W1": 0.8, "P01": 0.1, "P02": 0.1}
    found = films.hiding_um(row(recipe), D65_10)
    over = over_cards(recipe, found)
    assert contrast_ratio(over[0], over[1], paints.grid) == pytest.approx(0.98, abs=0.006)
    assert films.thickness(row(recipe), over_cards(recipe, 12.0)).thickness_um == pytest.approx(12.0, rel=0.06)


def test_drawdowns_left_out_tell_the_error_of_the_model(particles):
    _, paints, grounds, drawn, *_ = particles
    (error,) = left_out_error(paints, grounds, drawn[:4], D65_10).values()
    assert 0.001 < error < 0.1
    assert left_out_error(paints, grounds, drawn[:2], D65_10) == {}


def test_the_scale_is_learned_without_clears_where_it_can_be(particles):
    _, paints, _, drawn, *_ = particles
    as_clear = replace(
        paints,
        colorants=tuple(replace(one, role="clear") if one.code == "P01" else one for one in paints.colorants),
    )
    assert tell_scale(paints, drawn) == drawn
    assert tell_scale(as_clear, drawn) == [*drawn[:2], *drawn[4:]]
    assert tell_scale(as_clear, drawn[2:4]) == drawn[2:4]
