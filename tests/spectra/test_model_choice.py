"""The paint model is chosen by levels not fitted: the right one is found, and nothing is taken without gain."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.characterise import characterise
from spectra.errors import FormulationError
from spectra.geometry import D8_SCE, D8_SCI
from spectra.ladder import Letdown
from spectra.mixing import mixture
from spectra.model_choice import K2_GRID, LEAST_GAIN, is_better
from spectra.optics.interface import Saunderson, measured_reflectance
from spectra.optics.link import LINKS, link_of
from spectra.particle_paint import GRID as PARTICLE_GRID
from spectra.particle_paint import ParticlePaintLaboratory
from spectra.recipe import Recipe
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 30)
NM = GRID.wavelengths
SURFACE = Saunderson(0.04, 0.45, True)
LEVELS = (0.01, 0.05, 0.2, 0.5)
K = np.array(
    [
        np.full(GRID.count, 0.003),
        np.full(GRID.count, 20.0),
        0.03 + 8 / (1 + np.exp((NM - 500) / 12)),
        0.05 + 6 * np.exp(-(((NM - 620) / 60) ** 2)),
    ]
)
S = np.outer([1.0, 0.1, 0.6, 0.3], np.ones(GRID.count))
CROWDS = np.array([1.0, 0.0, 0.0, 0.0])
errors = st.lists(st.floats(0.01, 2.0), min_size=4, max_size=20).map(np.array)


def ladders(link="kubelka-munk", crowding=0.0, noise=0.0005, surface=SURFACE):
    rng, panels = np.random.default_rng(5), []
    for colorant in range(1, 4):
        for level in (*LEVELS, 1.0):
            fractions = np.zeros(4)
            fractions[0], fractions[colorant] = 1 - level, level
            inside = link_of(link).reflectivity(*mixture(K, S, fractions[None], CROWDS, crowding))
            seen = measured_reflectance(inside, surface) + noise * rng.standard_normal(GRID.count)
            used = np.flatnonzero(fractions)
            recipe = Recipe(f"{colorant} {level}", tuple("WKYB"[one] for one in used), fractions[used])
            panels.append(Letdown(recipe.name, recipe, np.maximum(seen, 1e-3)))
    white = link_of(link).reflectivity(*mixture(K, S, np.eye(4)[:1], CROWDS, crowding))
    return [Letdown("white", Recipe("white", ("W",), np.ones(1)), measured_reflectance(white, surface)), *panels]


def run(panels, **changes):
    return characterise(panels, name="set", base="W", grid=GRID, geometry=D8_SCI, **changes)


@pytest.mark.parametrize("link", LINKS)
def test_the_theory_that_made_the_ladders_is_found(link):
    result = run(ladders(link))
    taken = result.choice.taken
    assert (taken.link, taken.k2, taken.crowding) == (link, SURFACE.k2, 0.0)
    assert result.colorant_set.link == link
    assert {one.link for one in result.choice.rivals} >= set(LINKS) - {link}
    assert all(one.errors.shape == taken.errors.shape for one in result.choice.rivals)


def test_a_white_that_crowds_is_found_and_said():
    result = run(ladders(crowding=0.25), link="kubelka-munk")
    assert result.colorant_set.crowding == pytest.approx(0.25, abs=0.03)
    assert result.colorant_set["W"].crowds == 1.0
    assert result.colorant_set["Y"].crowds == 0.0
    assert any("a white that loses 2" in finding for finding in result.findings)
    assert result.colorant_set["Y"].scattering[0] == pytest.approx(S[2], rel=0.1)


def test_crowding_that_does_not_show_is_not_taken():
    assert run(ladders(), link="kubelka-munk").colorant_set.crowding == 0.0


def test_what_is_given_is_not_chosen():
    result = run(ladders("similarity"), link="kubelka-munk", k2=0.5, crowding=0.1, k1=0.035)
    assert result.colorant_set.surface == Saunderson(0.035, 0.5, True)
    assert (result.colorant_set.link, result.colorant_set.crowding) == ("kubelka-munk", 0.1)
    assert result.choice.rivals == ()
    with pytest.raises(FormulationError, match="expected one of kubelka-munk"):
        run(ladders(), link="mie")


def test_k2_is_searched_from_neighbour_to_neighbour():
    profile = run(ladders(), link="kubelka-munk", crowding=0.0).choice.profile
    tried = [k2 for k2, _ in profile]
    assert tried == sorted(tried)
    assert set(tried) <= set(K2_GRID)
    least = min(range(len(profile)), key=lambda row: profile[row][1])
    assert 0 < least < len(profile) - 1


def test_a_surface_of_another_k1_is_fitted_where_dark_levels_speak_for_it():
    result = run(ladders(surface=Saunderson(0.03, 0.45, True), noise=0.0), link="kubelka-munk", crowding=0.0)
    assert result.colorant_set.surface.k1 == pytest.approx(0.03, abs=0.002)
    assert any("fits the darkest panels" in finding for finding in result.findings)


def test_a_surface_that_is_not_seen_has_no_k1_to_fit():
    panels = ladders(surface=Saunderson(0.04, 0.45, False))
    result = characterise(panels, name="set", base="W", grid=GRID, geometry=D8_SCE, link="kubelka-munk", crowding=0.0)
    assert result.colorant_set.surface.k1 == 0.04


@given(errors)
def test_a_model_is_never_better_than_itself(values):
    assert not is_better(values, values)


@given(errors, st.floats(0.0, 0.84))
def test_a_model_that_halves_every_error_alike_is_better_and_one_that_saves_little_is_not(values, share):
    assert is_better(share * values, values) == (
        (1 - share) * values.mean()
        > max(2 * (1 - share) * np.std(values, ddof=1) / np.sqrt(values.size), LEAST_GAIN * values.mean())
    )
    assert not is_better(0.9 * values, values)


def test_three_levels_are_too_few_to_compare_models():
    assert not is_better(np.full(3, 0.1), np.full(3, 1.0))


def test_paint_made_of_particles_is_predicted_better_than_by_kubelka_munk_alone():
    """A world with other physics: of what the ladders choose, mixtures nobody painted come out closer."""
    rng = np.random.default_rng(2)
    laboratory = ParticlePaintLaboratory(rng, 6)
    panels = laboratory.ladders(rng)
    codes = [code for code, role in laboratory.roles.items() if role != "clear"]
    unseen = np.zeros((40, len(laboratory.codes)))
    for row in unseen:
        row[[laboratory.codes.index(code) for code in codes]] = rng.dirichlet(np.ones(len(codes)))
    truth = laboratory.panel(unseen)
    rms = []
    for given_model in ({}, {"link": "kubelka-munk", "k2": 0.6, "crowding": 0.0}):
        result = characterise(
            panels,
            name="particles",
            base="W1",
            grid=PARTICLE_GRID,
            geometry=D8_SCI,
            roles=laboratory.roles,
            **given_model,
        )
        fractions = np.zeros((len(unseen), len(result.colorant_set.codes)))
        for place, code in enumerate(result.colorant_set.codes):
            fractions[:, place] = unseen[:, laboratory.codes.index(code)]
        error = result.colorant_set.reflectance_factor(fractions)[:, 0] ** (1 / 3) - truth ** (1 / 3)
        rms.append(float(np.sqrt(np.mean(error**2))))
    assert rms[0] < 0.6 * rms[1]
