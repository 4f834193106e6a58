"""The recipe library: the nearest is the nearest, and the adjustment brings it home."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.formulation.library.nearest import LibraryEntry, RecipeLibrary, additions, bring_home, prediction_entries
from colorlab.formulation.prediction.predict import predict
from colorlab.formulation.search.objective import Objective, deviation
from colorlab.formulation.target import Target
from spectra.errors import FormulationError, NotComparableError, UnknownColorantError
from spectra.recipe import recipe_from_masses


@pytest.fixture(scope="module")
def paints(drawn):
    return drawn(6, seed=6)


def target_of(paints, masses, name="target"):
    mixed = predict(paints, recipe_from_masses(name, masses)).reflectance_factor
    return Target(name, mixed, paints.grid, paints.geometry)


@pytest.fixture(scope="module")
def library(paints):
    rng = np.random.default_rng(3)
    recipes = [
        recipe_from_masses(f"R{number}", dict(zip(paints.codes, rng.dirichlet([8, 1, 1, 1, 1, 1, 1]), strict=True)))
        for number in range(300)
    ]
    return RecipeLibrary(prediction_entries(paints, recipes), paints.grid, paints.geometry)


def test_the_nearest_are_those_that_comparing_with_every_recipe_finds(paints, library):
    target = target_of(paints, {"W": 80, "C1": 5, "C3": 4, "C6": 2})
    spectra = np.array([entry.reflectance_factor for entry in library.entries])
    off = deviation(target, spectra, Objective()).weighted_delta_E_00
    found = library.nearest(target, Objective(), 3)
    assert [one.entry.name for one in found] == [library.entries[row].name for row in np.argsort(off)[:3]]
    assert found[0].weighted_delta_E_00 == pytest.approx(off.min())


def test_a_recipe_of_the_library_finds_itself(paints, library):
    entry = library.entries[17]
    target = Target("again", entry.reflectance_factor, paints.grid, paints.geometry)
    (found,) = library.nearest(target, Objective(), 1)
    assert (found.entry.name, found.weighted_delta_E_00) == (entry.name, pytest.approx(0))


def test_the_change_of_doses_brings_a_neighbour_home(paints):
    (entry,) = prediction_entries(paints, [recipe_from_masses("old", {"W": 80, "C1": 5, "C3": 4})])
    target = target_of(paints, {"W": 80, "C1": 6, "C3": 3.5})
    found = bring_home(entry, target, paints, Objective())
    assert found.delta_E_00_before > 1
    assert found.delta_E_00_after < 1e-3
    assert found.after.masses(89.5) == pytest.approx({"W": 80, "C1": 6, "C3": 3.5}, rel=1e-4)
    assert sum(found.change_g_per_kg.values()) == pytest.approx(0, abs=1e-9)
    assert found.change_g_per_kg["C1"] == pytest.approx(1000 * (6 / 89.5 - 5 / 89))
    assert found.beyond == ()


def test_a_measured_panel_that_the_model_predicts_wrongly_comes_home_all_the_same(paints):
    """The lot of C1 acts at 0.8: the library has the panel, the model does not know of the lot."""
    true = paints.scaled({"C1": 0.8})
    old, new = ({"W": 80, "C1": 5, "C3": 4}, {"W": 80, "C1": 6, "C3": 3.5})
    panel = predict(true, recipe_from_masses("old", old)).reflectance_factor
    entry = LibraryEntry("old", recipe_from_masses("old", old), panel, True)
    found = bring_home(entry, target_of(true, new), paints, Objective())
    made = predict(true, found.after).reflectance_factor
    target = target_of(true, new)
    actual = float(deviation(target, made[None], Objective()).weighted_delta_E_00[0])
    blind = bring_home(
        replace(entry, reflectance_factor=predict(paints, entry.recipe).reflectance_factor), target, paints, Objective()
    )
    without = predict(true, blind.after).reflectance_factor
    assert found.delta_E_00_before > 1
    assert actual < 0.25
    assert actual < 0.25 * float(deviation(target, without[None], Objective()).weighted_delta_E_00[0])


def test_a_colorant_that_is_in_the_way_ends_at_the_least_dose(paints):
    (entry,) = prediction_entries(paints, [recipe_from_masses("old", {"W": 80, "C1": 5, "C3": 1})])
    found = bring_home(entry, target_of(paints, {"W": 80, "C1": 5}), paints, Objective())
    assert found.beyond == ("C3",)
    assert found.delta_E_00_after < found.delta_E_00_before


masses = st.lists(st.floats(0.01, 1), min_size=3, max_size=3)


@given(masses, masses)
def test_additions_to_a_kilogram_make_the_new_recipe(old, new):
    before, after = (
        recipe_from_masses(name, dict(zip("ABC", row, strict=True))) for name, row in (("o", old), ("n", new))
    )
    added = additions(before, after)
    assert min(added.values()) < 1e-6  # one colorant alone is not added
    mixed = {code: grams + added[code] for code, grams in before.masses(1000).items()}
    assert recipe_from_masses("mix", mixed).mass_fractions == pytest.approx(after.mass_fractions, rel=1e-9)


def test_what_is_in_a_paint_is_not_taken_out():
    with pytest.raises(FormulationError, match="B cannot be taken out of o"):
        additions(recipe_from_masses("o", {"A": 1, "B": 1}), recipe_from_masses("n", {"A": 1}))


def test_other_grids_and_unknown_colorants_are_refused(paints, library):
    other = Target("x", np.full((1, 5), 0.5), type(paints.grid)(400, 440, 10), paints.geometry)
    with pytest.raises(NotComparableError, match="grid and geometry"):
        library.nearest(other, Objective())
    with pytest.raises(FormulationError, match="of shape"):
        RecipeLibrary(library.entries[:1], other.grid, paints.geometry)
    alien = LibraryEntry("x", recipe_from_masses("x", {"X9": 1}), np.full((1, 31), 0.5), True)
    with pytest.raises(UnknownColorantError, match="X9"):
        bring_home(alien, target_of(paints, {"W": 1}), paints, Objective())


def test_an_empty_library_has_no_neighbours(paints):
    empty = RecipeLibrary((), paints.grid, paints.geometry)
    assert empty.nearest(target_of(paints, {"W": 1}), Objective()) == ()
