"""A ranking to act on: places, probabilities, the front, and what to do about the balance."""

from dataclasses import replace

import numpy as np
import pytest

from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.formulation.prediction.predict import predict
from colorlab.formulation.ranking.ranking import ranked
from colorlab.formulation.refusal.refusal import refusal
from colorlab.formulation.robustness.variation import Dosing, Variation
from colorlab.formulation.search.constraints import Constraints
from colorlab.formulation.search.match import match
from colorlab.formulation.search.objective import Objective
from colorlab.formulation.target import Target, target_from_lab
from colorlab.tolerance.tolerance import Limit, Tolerance
from spectra.errors import FormulationError
from spectra.recipe import recipe_from_masses


@pytest.fixture(scope="module")
def paints(drawn):
    return drawn(8, seed=4)


@pytest.fixture(scope="module")
def result(paints):
    mixed = predict(paints, recipe_from_masses("target", {"W": 90, "C2": 3, "C7": 4})).reflectance_factor
    noise = 0.002 * np.random.default_rng(2).standard_normal(mixed.shape)
    target = Target("target", mixed + noise, paints.grid, paints.geometry)
    return match(target, paints, max_colorants=3, required=("W",), dosing=Dosing(200, 0.1))


def test_places_count_on_after_equals_and_every_recipe_stands_once(paints, result):
    found = ranked(result, paints, tolerance=0.8)
    places = [one.place for one in found.matches]
    assert places[0] == 1
    assert places == [1 + sum(other < place for other in places) for place in places]
    assert {id(one.match) for one in found.matches} == {id(one) for one in result.matches}
    assert len(found.matches) == len(result.matches)
    equals = places.count(1)
    assert equals > 1
    assert f"{equals} recipes share the first place: the reading of the target cannot tell them apart" in found.findings


def test_within_a_place_the_safest_comes_first(paints, result):
    found = ranked(result, paints, tolerance=0.8)
    for place in {one.place for one in found.matches}:
        shown = [round(100 * one.robustness.p_inside) for one in found.matches if one.place == place]
        assert shown == sorted(shown, reverse=True)


def test_the_front_names_who_is_beaten_by_nobody(paints, result):
    found = ranked(result, paints, tolerance=0.8)
    on = [one for one in found.matches if one.on_front]
    assert sum(one.knee for one in found.matches) <= 1
    cheapest = min(found.matches, key=lambda one: one.match.price_per_kg)
    assert cheapest in on
    for one in on:
        assert not any(
            other.match.weighted_delta_E_00 < one.match.weighted_delta_E_00
            and other.match.price_per_kg < one.match.price_per_kg
            and other.robustness.p_inside > one.robustness.p_inside
            for other in found.matches
        )


def test_a_coarse_balance_is_told_to_be_finer(paints, result):
    coarse = ranked(result, paints, tolerance=0.8, variation=Variation(Dosing(50, 0.5, 0.001)))
    assert any(one.startswith("weigh C") for one in coarse.findings)
    fine = ranked(result, paints, tolerance=0.8, variation=Variation(Dosing(5000, 0.01, 0.005)))
    assert not any(one.startswith("weigh C") for one in fine.findings)
    assert fine.matches[0].robustness.p_inside > coarse.matches[0].robustness.p_inside


def test_recipes_without_a_price_are_named_and_nothing_is_ranked_from_nothing(paints, result):
    one = replace(result.matches[0], price_per_kg=None)
    found = ranked(replace(result, matches=(one, *result.matches[1:])), paints)
    assert f"of {one.recipe.name} a price is not known; they count as the dearest" in found.findings
    bare = replace(result, matches=tuple(replace(one, price_per_kg=None) for one in result.matches))
    assert "not compared, for no recipe has it: price" in ranked(bare, paints).findings
    with pytest.raises(FormulationError, match="no recipe to rank"):
        ranked(replace(result, matches=()), paints)


def test_a_target_stated_under_one_light_says_what_the_probability_rests_on(paints):
    stated = match(target_from_lab("chip", [70.0, 5.0, 10.0], D65_10, paints), paints, max_colorants=3, n_results=2)
    assert not any("nobody measured" in one for one in ranked(stated, paints).findings)
    both = Tolerance("shop", "CIEDE2000", (D65_10, A_10), (Limit(1.0),))
    assert any("under the other viewings of shop" in one for one in ranked(stated, paints, tolerance=both).findings)


def test_a_target_within_reach_is_not_refused(paints, result):
    assert refusal(result, paints) is None


def test_the_colorant_that_was_not_allowed_is_named_as_the_one_that_brings_it_in(paints):
    mixed = predict(paints, recipe_from_masses("target", {"W": 80, "C2": 8, "C7": 6})).reflectance_factor
    target = Target("target", mixed, paints.grid, paints.geometry)
    without = match(target, paints, max_colorants=2, required=("W",), allowed=("C2", "C3", "C4"), n_results=2)
    assert not without.in_gamut
    found = refusal(without, paints)
    assert (found.helpers[0].code, found.helpers[0].enough) == ("C7", True)
    assert found.helpers[0].delta_E_00 < 0.01
    assert any(one.startswith("would bring it in: C7 (ΔE00 0.00)") for one in found.sentences)


def test_two_colorants_are_named_together_where_none_is_enough_alone(paints):
    mixed = predict(paints, recipe_from_masses("target", {"W": 80, "C2": 8, "C7": 6})).reflectance_factor
    target = Target("target", mixed, paints.grid, paints.geometry)
    without = match(target, paints, max_colorants=2, required=("W",), allowed=("C3",), n_results=2)
    found = refusal(without, paints)
    assert {"C2", "C7"} == set(found.helpers[0].code.split(" and "))
    assert found.helpers[0].enough
    assert not any(one.enough for one in found.helpers if " and " not in one.code)


def test_a_constraint_that_stands_in_the_way_is_told_from_a_missing_colorant(paints):
    mixed = predict(paints, recipe_from_masses("target", {"W": 80, "C2": 8, "C7": 6})).reflectance_factor
    target = Target("target", mixed, paints.grid, paints.geometry)
    caps = {"C2": (0.0, 0.01)}
    capped = match(
        target, paints, max_colorants=2, required=("W",), allowed=("C2", "C7"), dose_limits=caps, n_results=2
    )
    found = refusal(capped, paints)
    assert found.proofs == ()
    assert found.relaxed.enough
    assert any(one.startswith("the constraints stand in the way") for one in found.sentences)


def test_a_least_dose_too_great_for_a_pale_colour_is_the_constraint_in_the_way(paints):
    mixed = predict(paints, recipe_from_masses("target", {"W": 100, "C2": 0.003})).reflectance_factor
    target = Target("target", mixed, paints.grid, paints.geometry)
    coarse = match(target, paints, Constraints(2, required=("W",), least_dose=0.02), n_results=1, gamut_limit=1e-3)
    found = refusal(coarse, paints)
    assert found.relaxed.enough


def test_a_price_that_keeps_the_recipe_from_the_colour_is_told_from_a_missing_colorant(paints):
    priced = replace(
        paints, colorants=tuple(replace(one, price_per_kg=20.0 * row) for row, one in enumerate(paints.colorants))
    )
    mixed = predict(paints, recipe_from_masses("target", {"W": 80, "C2": 8, "C7": 6})).reflectance_factor
    target = Target("target", mixed, paints.grid, paints.geometry)
    dear = Objective(price_weight=3.0)
    result = match(target, priced, max_colorants=2, required=("W",), objective=dear, n_results=2)
    found = refusal(result, priced)
    assert found.relaxed.enough
    assert "ranked with the price has" in found.sentences[0]
    assert any("ranked without the price, ΔE00 0.0" in one for one in found.sentences)


def test_another_set_is_searched_by_itself(paints, drawn):
    other = drawn(4, seed=9)
    mixed = predict(other, recipe_from_masses("target", {"W": 70, "C1": 12, "C4": 9})).reflectance_factor
    target = Target("target", mixed, paints.grid, paints.geometry)
    foreign = match(target, paints, max_colorants=2, required=("W",), n_results=2)
    assert not foreign.in_gamut
    found = refusal(foreign, paints, [replace(other, name="other pastes")])
    assert ("other pastes", True) in [(one.code, one.enough) for one in found.helpers]
