from collections import Counter

import pytest
from effect_shelf import recipe_of

from colorlab.formulation.effect.design import first_panels, next_panels
from spectra.errors import FormulationError


def test_every_flake_meets_black_twice_and_every_tint_two_kinds_of_flake(effect_panels):
    recipes = first_panels(effect_panels.roles)
    held = Counter(code for recipe in recipes for code in recipe.colorants)
    flakes = [code for code, role in effect_panels.roles.items() if role == "effect"]
    for code, role in effect_panels.roles.items():
        assert held[code] >= (2 if role == "effect" else 3)
        partners = {flake for recipe in recipes if code in recipe.colorants for flake in recipe.colorants}
        assert role == "effect" or len(partners & set(flakes)) >= 2


def test_paint_without_flakes_or_without_tints_has_no_such_panels():
    with pytest.raises(FormulationError, match="0 flakes"):
        first_panels({"W": "white"})
    with pytest.raises(FormulationError, match="0 tints"):
        first_panels({"A": "effect"})


def test_the_next_panel_is_the_one_the_others_tell_least_of(effect_model, effect_panels):
    near, far = effect_panels.recipes[0], recipe_of("far", PB1=0.3, AL3=0.3, W01=0.2, B15=0.2)
    twin = recipe_of("twin of far", PB1=0.31, AL3=0.29, W01=0.2, B15=0.2)
    chosen, gained = next_panels(effect_model, [near, twin, far], 2)
    assert {chosen[0].name, chosen[1].name} != {"far", "twin of far"} or gained[1] < 0.5 * gained[0]
    assert gained[0] > gained[1]


def test_more_panels_than_candidates_cannot_be_chosen(effect_model, effect_panels):
    with pytest.raises(FormulationError, match="out of 1"):
        next_panels(effect_model, effect_panels.recipes[:1], 2)
