"""A match that is proved: the certificate holds for what the search found, and refutes what it did not find."""

from dataclasses import replace

import numpy as np
import pytest

from colorlab.formulation.certificate.proof import prove
from colorlab.formulation.lot_strength import LotStrengths
from colorlab.formulation.search.constraints import Constraints, SumLimit
from colorlab.formulation.search.hiding import HidingGoal
from colorlab.formulation.search.match import match
from colorlab.formulation.search.objective import Objective
from colorlab.formulation.target import Target
from spectra.colorant import Colorant
from spectra.errors import FormulationError
from spectra.geometry import D8_SCI


@pytest.fixture(scope="module")
def paints(drawn):
    return drawn(6, seed=5)


@pytest.fixture(scope="module")
def target(paints):
    whole = np.zeros((1, 7))
    whole[0, paints.indices(("W", "C2", "C5", "C6"))] = [0.7, 0.08, 0.12, 0.1]
    spectrum = paints.reflectance_factor(whole)[0]
    return Target("mix", spectrum + 0.002 * np.sin(np.arange(31) / 3), paints.grid, D8_SCI)


def test_what_the_search_finds_is_proved(paints, target):
    result = match(target, paints, max_colorants=3)
    proof = prove(result, paints)
    assert proof.holds
    assert proof.combinations == result.combinations_screened
    assert "No recipe of up to 3" in proof.sentence()


def test_what_is_found_within_limits_is_proved_within_them(paints, target):
    asked = Constraints(3, required=("W",), sums=(SumLimit("two", {"C2": 1, "C5": 1}, greatest=0.12),))
    assert prove(match(target, paints, asked), paints).holds


def test_a_recipe_that_is_not_the_best_is_refuted(paints, target):
    result = match(target, paints, max_colorants=3)
    worse = replace(result, matches=result.matches[5:6])
    assert worse.matches[0].objective > result.matches[0].objective + 0.1
    proof = prove(worse, paints)
    assert not proof.holds
    assert proof.better


def test_a_recipe_is_for_the_lots_in_use(paints, target):
    factors = np.log([1.0, 1.0, 1.25, 1.0, 1.0, 0.8, 1.0])
    lots = LotStrengths("drawn", "now", "W", paints.codes, factors, np.zeros((7, 7)), (True,) * 7, 0.0, 1.0)
    ladder = match(target, paints, max_colorants=4, required=("W",)).matches[0]
    now = match(target, paints, max_colorants=4, required=("W",), strengths=lots).matches[0]
    assert now.objective == pytest.approx(ladder.objective, abs=1e-3)
    before, after = ladder.recipe.masses(1.0), now.recipe.masses(1.0)
    assert after["C2"] / after["W"] == pytest.approx(before["C2"] / before["W"] / 1.25, rel=0.05)
    assert after["C5"] / after["W"] == pytest.approx(before["C5"] / before["W"] / 0.8, rel=0.05)


def test_an_objective_by_another_formula_is_proved_in_its_own_metric(paints, target):
    goal = Objective(formula="CMC(2:1)", price_weight=0.01)
    assert prove(match(target, paints, max_colorants=3, objective=goal), paints).holds


def test_the_proof_knows_of_no_film_and_refuses_one(paints, target):
    scattering = np.full((1, paints.grid.count), 0.1)
    goal = Objective(hiding=HidingGoal(20.0))
    result = match(target, replace(paints, base_scattering_per_um=scattering), max_colorants=2, objective=goal)
    with pytest.raises(FormulationError, match="hiding"):
        prove(result, paints)


@pytest.mark.parametrize("crowding", [0.0, 0.4])
def test_a_clear_that_would_make_it_better_refutes(paints, crowding):
    nothing = np.zeros((1, paints.grid.count))
    clear = Colorant("CL", "clear", "clear", nothing, nothing, price_per_kg=0.5)
    colorants = tuple(replace(one, crowds=float(one.code == "W")) for one in paints.colorants)
    with_clear = replace(paints, colorants=(*colorants, clear), crowding=crowding)
    goal = Objective(price_weight=0.1)
    whole = np.zeros((1, 8))
    whole[0, with_clear.indices(("W", "C2", "C5", "CL"))] = [0.4, 0.05, 0.05, 0.5]
    target = Target("mix", with_clear.reflectance_factor(whole)[0], paints.grid, D8_SCI)
    result = match(target, with_clear, max_colorants=3, required=("W",), objective=goal, n_results=30)
    assert "CL" in result.matches[0].weighed
    without = tuple(one for one in result.matches if "CL" not in one.weighed)
    assert without[0].objective > result.matches[0].objective + 0.3
    assert prove(replace(result, matches=without[:1]), with_clear).better


def test_no_recipe_is_of_a_clear_alone(paints, target):
    nothing = np.zeros((1, paints.grid.count))
    with_clear = replace(paints, colorants=(*paints.colorants, Colorant("CL", "clear", "clear", nothing, nothing)))
    assert prove(match(target, replace(with_clear, link="similarity"), max_colorants=2), with_clear).complete


def test_far_from_the_target_the_sentence_says_by_which_measure_nothing_is_nearer(drawn):
    """By CIEDE2000 itself the recipe shown is nearer than the bound, which is by the formula's local metric."""
    paints = drawn(4, seed=9)
    nm = paints.grid.wavelengths
    orange = Target("orange", np.clip(0.05 + 0.8 / (1 + np.exp(-(nm - 590) / 8)), 0, 0.9)[None], paints.grid, D8_SCI)
    result = match(orange, paints, max_colorants=2, required=("W",), objective=Objective(spectral_weight=0.0))
    proof = prove(result, paints)
    own = min(one.objective for one in result.matches)
    assert abs(own - proof.value) > 1
    assert f"by CIEDE2000 itself {proof.formula_value:.3f}" in proof.sentence()
    assert proof.sentence().startswith("No recipe of W and up to 2 of these 4 colorants within the constraints")


def test_a_search_of_required_colorants_alone_is_proved(paints, target):
    asked = Constraints(1, required=("W", "C2", "C5"), allowed=())
    proof = prove(match(target, paints, asked), paints)
    assert (proof.holds, proof.combinations) == (True, 1)
    assert proof.sentence().startswith("No recipe of W, C2, C5 within the constraints comes closer")
