import numpy as np
import pytest
from effect_shelf import sprayed

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.standard import delta_E
from colorlab.formulation.effect.match import Appearance, correct_effect, effect_target, match_effect
from colorlab.formulation.effect.model import Anchor
from colorlab.formulation.search.constraints import Constraints
from spectra.errors import FormulationError, NoRecipeError
from spectra.flake_paint import GRID

THREE = Constraints(max_colorants=3)


def apart(standard, sample):
    return delta_E(spectra_to_lab(standard, GRID, D65_10), spectra_to_lab(sample, GRID, D65_10)).mean()


@pytest.fixture(scope="module")
def target(effect_model, effect_laboratory):
    return effect_target("wanted", effect_laboratory.panel({"AL1": 0.55, "PB1": 0.25, "B15": 0.2}), effect_model)


@pytest.fixture(scope="module")
def found(target, effect_model):
    return match_effect(target, effect_model, THREE, n_results=3)


def test_the_best_recipe_matches_at_every_angle_once_sprayed(found, target, effect_laboratory):
    best = found.matches[0]
    panel = effect_laboratory.panel(dict(zip(best.recipe.colorants, best.recipe.mass_fractions.tolist(), strict=True)))
    assert best.weighted_delta_E_00 < 1
    assert best.delta_E_00.shape == (6, 3)
    assert apart(target.reflectance_factor, panel) < 1.5


def test_matches_are_ranked_by_the_whole_model(found, target, effect_model):
    values = [one.weighted_delta_E_00 for one in found.matches]
    assert values == sorted(values) or max(np.diff(values)) > -0.3
    for one in found.matches:
        direct = effect_model.reflectance_factor(effect_model.fractions([one.recipe]))[0]
        assert one.predicted.prediction.reflectance_factor == pytest.approx(direct)


def test_a_colour_the_model_made_is_found_again_exactly(effect_model, effect_panels):
    recipe = effect_panels.recipes[20]
    made = effect_model.reflectance_factor(effect_model.fractions([recipe]))[0]
    again = match_effect(
        effect_target("made", made, effect_model), effect_model, Constraints(max_colorants=4), n_results=2
    )
    assert again.matches[0].weighted_delta_E_00 < 0.1


def test_a_correction_brings_a_panel_of_a_wrong_lot_home(target, found, effect_model, effect_laboratory):
    # The lot of the blue acts a fifth stronger than the one the model was trained on.
    def spray(recipe):
        doses = dict(zip(recipe.colorants, recipe.mass_fractions.tolist(), strict=True))
        if "B15" in doses:
            doses["B15"] *= 1.2
        return effect_laboratory.panel(doses)

    first = found.matches[0].recipe
    panel = spray(first)
    second = correct_effect(target, effect_model, Anchor(first, panel))
    assert set(second.colorants) <= set(first.colorants)
    assert apart(target.reflectance_factor, spray(second)) < 0.6 * apart(target.reflectance_factor, panel)


def test_a_flop_asked_for_is_kept_or_refused(target, found, effect_model):
    flop = found.matches[0].flop_index
    kept = match_effect(
        target, effect_model, THREE, appearance=Appearance(flop_index=(flop - 0.5, flop + 0.5)), n_results=2
    )
    assert all(abs(one.flop_index - flop) <= 0.5 for one in kept.matches)
    with pytest.raises(NoRecipeError, match="flop index of 40…50"):
        match_effect(target, effect_model, THREE, appearance=Appearance(flop_index=(40, 50)), n_results=1)


def test_a_texture_nobody_measured_is_refused(target, effect_model):
    with pytest.raises(FormulationError, match=r"sparkle.*graininess"):
        match_effect(target, effect_model, THREE, appearance=Appearance(texture={"sparkle": (0, 5)}))


def test_a_target_brighter_than_any_flake_is_refused(effect_model):
    with pytest.raises(FormulationError, match="45as-15"):
        effect_target("sun", np.full((6, 31), 50.0), effect_model)


def test_robustness_is_told_for_every_recipe(found):
    assert all(0 <= one.robustness.expected_delta_E_00 <= one.robustness.p95_delta_E_00 for one in found.matches)


def test_spraying_twice_is_not_the_models_fault(effect_laboratory, found):
    rng = np.random.default_rng(0)
    one, other = (sprayed(effect_laboratory, [found.matches[0].recipe], rng)[0] for _ in range(2))
    assert apart(one, other) > 0
