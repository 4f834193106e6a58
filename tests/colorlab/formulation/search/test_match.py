"""Matching: nothing better among all combinations, bounds kept, real recipes found again."""

import sys
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import minimize

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.difference.metamerism import metamerism_index
from colorlab.formulation.prediction.predict import mass_fractions, predict
from colorlab.formulation.robustness.variation import Dosing
from colorlab.formulation.search.constraints import Constraints
from colorlab.formulation.search.match import match
from colorlab.formulation.search.objective import Objective, deviation
from colorlab.formulation.search.palette import palette
from colorlab.formulation.search.search import within_bounds
from colorlab.formulation.target import Target
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError, NoRecipeError, NotComparableError, UnknownColorantError
from spectra.geometry import D8_SCE, D8_SCI
from spectra.recipe import recipe_from_masses
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)


def mixed(paints, masses, name="mix"):
    recipe = recipe_from_masses(name, masses)
    return Target(name, predict(paints, recipe).reflectance_factor, GRID, D8_SCI)


def noisy(target, sd, seed):
    rng = np.random.default_rng(seed)
    return Target(target.name, target.reflectance_factor + sd * rng.standard_normal((1, GRID.count)), GRID, D8_SCI)


def best_by_brute_force(paints, target, codes, limits=None):
    """SLSQP on CIEDE2000 itself from three starts: slow, and sharing nothing with the engine."""
    limits = limits or {}
    rows = paints.indices(codes)

    def value(part):
        whole = np.zeros((1, len(paints.codes)))
        whole[0, rows] = part
        return float(deviation(target, paints.reflectance_factor(whole), Objective()).value[0]) ** 2

    bounds = [limits.get(code, (1e-4, 1.0)) for code in codes]
    starts = [np.full(len(codes), 1 / len(codes)), np.r_[0.9, np.full(len(codes) - 1, 0.1 / max(len(codes) - 1, 1))]]
    results = [
        minimize(
            value,
            start / start.sum(),
            bounds=bounds,
            constraints={"type": "eq", "fun": lambda part: part.sum() - 1},
            method="SLSQP",
            options={"maxiter": 200, "ftol": 1e-12},
        ).fun
        for start in starts
    ]
    return float(np.sqrt(min(results)))


def used(found):
    return frozenset(found.recipe.colorants)


@pytest.fixture(scope="module")
def paints(drawn):
    return drawn(12, seed=4)


def test_a_mixture_of_the_palette_is_matched_to_nothing(paints):
    target = mixed(paints, {"W": 60, "C2": 3, "C7": 9, "C11": 1})
    result = match(target, paints, max_colorants=3, required=("W",))
    best = result.matches[0]
    assert used(best) == {"W", "C2", "C7", "C11"}
    assert best.objective < 1e-3
    assert best.recipe.masses(73)["C7"] == pytest.approx(9, rel=1e-3)
    assert best.delta_E_00.shape == (1, 3)
    assert result.in_gamut
    assert result.findings == ()
    assert result.combinations_screened == 1 + 12 + 66 + 220
    assert result.combinations_positive <= result.combinations_screened


def test_results_are_ranked_and_each_has_other_colorants(paints):
    target = noisy(mixed(paints, {"W": 50, "C1": 2, "C5": 4}), 0.002, 1)
    result = match(target, paints, max_colorants=3, n_results=15)
    values = [found.objective for found in result.matches]
    assert len(result.matches) == 15
    assert values == sorted(values)
    assert len({used(found) for found in result.matches}) == 15
    for found in result.matches:
        assert found.recipe.mass_fractions.sum() == pytest.approx(1)
        assert found.objective == pytest.approx(
            float(deviation(target, found.prediction.reflectance_factor[None], Objective()).value[0])
        )


@pytest.mark.parametrize("seed", [1, 2])
def test_no_combination_does_better_than_the_answer(drawn, seed):
    """The ten best of 41 combinations against a general optimiser run on every one of them."""
    paints = drawn(6, seed=seed)
    rng = np.random.default_rng(seed)
    share = rng.dirichlet(np.ones(4))
    target = noisy(mixed(paints, dict(zip(("W", "C1", "C3", "C6"), share, strict=True))), 0.004, seed)
    result = match(target, paints, max_colorants=3, required=("W",), n_results=10)
    everything = {}
    for size in range(4):
        for chosen in combinations(paints.codes[1:], size):
            codes = ("W", *chosen)
            everything[frozenset(codes)] = best_by_brute_force(paints, target, codes) if size else np.inf
    best = sorted(everything, key=everything.get)[:10]
    assert result.matches[0].objective <= everything[best[0]] + 1e-3
    found = [item.objective for item in result.matches]
    assert max(np.array(found) - [everything[key] for key in best]) < 5e-3
    assert len({used(item) for item in result.matches} & set(best)) >= 9


def test_a_target_out_of_gamut_is_said_to_be(paints):
    target = Target("white beyond", np.full(31, 0.995), GRID, D8_SCI)
    result = match(target, paints, max_colorants=2)
    assert not result.in_gamut
    assert "out of gamut" in result.findings[0]
    closest = min(found.weighted_delta_E_00 for found in result.matches)
    assert f"{closest:.2f} weighted ΔE00 (limit 0.3)" in result.findings[0]


def test_a_least_dose_is_zero_or_at_least_that(paints):
    target = mixed(paints, {"W": 97, "C2": 2.5, "C4": 0.5})
    free = match(target, paints, max_colorants=2, required=("W",))
    assert free.matches[0].recipe.masses(100)["C4"] == pytest.approx(0.5, rel=1e-3)
    held = match(target, paints, max_colorants=2, required=("W",), dose_limits={"C4": (0.02, 1.0)})
    for found in held.matches:
        assert found.recipe.masses(1).get("C4", 0.02) >= 0.02 - 1e-12
    assert held.matches[0].objective > free.matches[0].objective + 0.05


def test_a_cap_on_a_dose_is_kept_and_used_up(paints):
    target = mixed(paints, {"W": 80, "C3": 20})
    capped = match(target, paints, max_colorants=2, required=("W",), dose_limits={"C3": (0.0, 0.1)}, n_results=20)
    doses = [found.recipe.masses(1).get("C3", 0.0) for found in capped.matches]
    assert max(doses) == pytest.approx(0.1)
    best = capped.matches[0]
    reference = best_by_brute_force(paints, target, best.recipe.colorants, {"C3": (1e-4, 0.1)})
    assert best.objective == pytest.approx(reference, abs=0.02 * reference)


def test_a_required_colorant_is_in_every_recipe_even_where_it_hurts(paints):
    dark = mixed(paints, {"C1": 1, "C5": 1, "C9": 1})
    few = ("C1", "C4", "C5", "C9", "C10")
    result = match(dark, paints, max_colorants=2, required=("W",), allowed=few, dose_limits={"W": (0.2, 1.0)})
    assert all(found.recipe.masses(1)["W"] >= 0.2 - 1e-12 for found in result.matches)
    everything = [
        best_by_brute_force(paints, dark, ("W", *chosen), {"W": (0.2, 1.0)})
        for size in (1, 2)
        for chosen in combinations(few, size)
    ]
    assert result.matches[0].objective == pytest.approx(min(everything), rel=0.02)


def test_only_allowed_colorants_are_used(paints):
    target = mixed(paints, {"W": 60, "C2": 3, "C7": 9})
    result = match(target, paints, max_colorants=4, allowed=("W", "C1", "C3", "C7"))
    assert set().union(*(used(found) for found in result.matches)) <= {"W", "C1", "C3", "C7"}
    assert result.combinations_screened == 15


def test_the_order_of_the_colorants_does_not_matter(paints):
    target = noisy(mixed(paints, {"W": 60, "C2": 3, "C7": 9}), 0.002, 3)
    backwards = ColorantSet("b", paints.colorants[::-1], paints.grid, paints.geometry, paints.surface, "W")
    forth = match(target, paints, max_colorants=3, required=("W",)).matches
    back = match(target, backwards, max_colorants=3, required=("W",)).matches
    assert [used(found) for found in forth[:5]] == [used(found) for found in back[:5]]
    assert [found.objective for found in forth] == pytest.approx([found.objective for found in back], abs=1e-3)


def test_doubling_absorption_and_scattering_alike_halves_the_dose_and_nothing_else(paints):
    target = noisy(mixed(paints, {"W": 60, "C2": 3, "C7": 9}), 0.002, 3)
    strong = tuple(
        replace(c, absorption=2 * c.absorption, scattering=2 * c.scattering) if c.code == "C7" else c
        for c in paints.colorants
    )
    stronger = ColorantSet("s", strong, paints.grid, paints.geometry, paints.surface, "W")
    options = {"max_colorants": 2, "required": ("W",), "allowed": ("C2", "C7"), "n_results": 1}
    before = match(target, paints, **options).matches[0]
    after = match(target, stronger, **options).matches[0]
    assert after.objective == pytest.approx(before.objective, abs=1e-4)
    ratio = [found.recipe.masses(1)["C7"] / found.recipe.masses(1)["W"] for found in (before, after)]
    assert ratio[1] == pytest.approx(ratio[0] / 2, rel=1e-2)


def test_metamerism_and_price_of_a_result_are_those_of_its_recipe(paints):
    target = noisy(mixed(paints, {"W": 60, "C2": 3, "C7": 9}), 0.003, 3)
    result = match(target, paints, max_colorants=2, required=("W",))
    found = result.matches[3]
    first, second, third = (
        (spectra_to_lab(target.reflectance_factor, GRID, viewing), found.prediction.lab(viewing))
        for viewing in result.objective.viewings
    )
    assert found.metamerism[:, 0] == pytest.approx(metamerism_index(first[0], first[1], second[0], second[1]))
    assert found.metamerism[:, 1] == pytest.approx(metamerism_index(first[0], first[1], third[0], third[1]))
    price = sum(paints[code].price_per_kg * share for code, share in found.recipe.masses(1).items())
    assert found.price_per_kg == pytest.approx(price)


def test_without_a_price_there_is_no_price(drawn):
    paints = drawn(3, seed=8, price=False)
    assert match(mixed(paints, {"W": 9, "C1": 1}), paints, max_colorants=1).matches[0].price_per_kg is None


def test_the_batch_sets_the_robustness(paints):
    target = mixed(paints, {"W": 60, "C2": 3, "C7": 0.3})
    large, small = (
        match(target, paints, max_colorants=2, required=("W",), dosing=Dosing(batch_g=mass), n_results=1).matches[0]
        for mass in (1000.0, 50.0)
    )
    ratio = small.robustness.expected_delta_E_00 / large.robustness.expected_delta_E_00
    assert ratio == pytest.approx(20, rel=1e-2)


def test_what_cannot_be_searched_is_refused(paints):
    target = mixed(paints, {"W": 60, "C2": 3})
    with pytest.raises(FormulationError, match="1 to 6"):
        match(target, paints, max_colorants=7)
    with pytest.raises(UnknownColorantError, match="'X'"):
        match(target, paints, max_colorants=2, required=("X",))
    with pytest.raises(UnknownColorantError, match="'X'"):
        match(target, paints, max_colorants=2, dose_limits={"X": (0, 1)})
    with pytest.raises(FormulationError, match="leave nothing to weigh"):
        match(target, paints, max_colorants=2, dose_limits={"C1": (0.5, 0.1)})
    with pytest.raises(NotComparableError, match="target_from_measurement"):
        match(Target("t", np.full(31, 0.3), GRID, D8_SCE), paints, max_colorants=2)
    narrow = dict.fromkeys(paints.codes, (0.0, 0.1))
    with pytest.raises(NoRecipeError, match="keeps the dose bounds"):
        match(target, paints, max_colorants=2, dose_limits=narrow)


def test_the_pastes_of_real_recipes_are_among_the_ten_best(real_paint):
    """21 pastes, up to three of them in the white base: 1562 combinations a recipe."""
    lines, ranks = [], {}
    for panel in real_paint.recipes:
        target = Target(panel.panel, panel.reflectance_factor, real_paint.colorants.grid, D8_SCI)
        result = match(target, real_paint.colorants, max_colorants=3, required=("white base",), n_results=10)
        places = [place for place, found in enumerate(result.matches, 1) if used(found) == set(panel.recipe.colorants)]
        ranks[panel.panel] = places[0] if places else 99
        best = result.matches[0]
        lines.append(
            f"{panel.panel}: true pastes at rank {places[0] if places else '> 10'}; best {best.objective:.3f} with "
            f"{', '.join(best.recipe.colorants[1:])}; {result.combinations_screened} screened, "
            f"{result.combinations_positive} positive, {result.combinations_refined} refined"
        )
    sys.stdout.write("\n".join(("", *lines, "")))
    assert ranks["A21"] <= 10
    assert max(ranks.values()) <= 10
    assert sum(rank == 1 for rank in ranks.values()) >= 7


def test_fractions_of_a_result_give_its_prediction(paints):
    target = mixed(paints, {"W": 60, "C2": 3})
    best = match(target, paints, max_colorants=2, required=("W",)).matches[0]
    again = paints.reflectance_factor(mass_fractions(paints, [best.recipe]))[0]
    assert best.prediction.reflectance_factor == pytest.approx(again)


def test_starts_are_moved_into_their_bounds_and_impossible_ones_named(paints):
    colours = palette(paints, Constraints(allowed=("W", "C1"), least_dose=0.1, dose_limits={"C1": (0.0, 0.2)}))
    supports = np.array([[0, 1], [0, 1]])
    part, possible = within_bounds(colours, supports, np.array([[0.5, 0.5], [0.99, 0.01]]))
    assert part == pytest.approx(np.array([[0.8, 0.2], [0.9, 0.1]]))
    assert possible.all()
    assert not within_bounds(colours, np.array([[1]]), np.array([[1.0]]))[1].any()
