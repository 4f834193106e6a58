import numpy as np
import pytest
from effect_shelf import recipe_of

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.standard import delta_E
from colorlab.formulation.effect.model import Anchor
from spectra.errors import FormulationError, UnknownColorantError
from spectra.flake_paint import GRID


def apart(standard, sample):
    return delta_E(spectra_to_lab(standard, GRID, D65_10), spectra_to_lab(sample, GRID, D65_10))


def spectra_of(predictions):
    return np.array([one.prediction.reflectance_factor for one in predictions])


def test_unseen_panels_are_predicted_near_their_repeatability(effect_model, unseen):
    recipes, measured = unseen
    assert apart(measured, spectra_of(effect_model.predict(recipes))).mean() < 1.2


def test_the_whole_model_is_nearer_than_two_constants_an_angle(effect_model, unseen):
    recipes, measured = unseen
    rows = effect_model.fractions(recipes)
    plain = apart(measured, effect_model.search.reflectance_factor(rows)).mean()
    assert apart(measured, effect_model.reflectance_factor(rows)).mean() < plain


def test_nine_in_ten_bounds_hold_for_unseen_panels(effect_model, unseen):
    recipes, measured = unseen
    predicted = effect_model.predict(recipes)
    missed = apart(measured, spectra_of(predicted))
    bounds = np.array([one.delta_E_bound() for one in predicted])
    assert 0.8 < np.mean(missed <= bounds) <= 1.0
    assert np.median(bounds) < 4


def test_the_covariance_is_one(effect_model, unseen):
    covariance = effect_model.predict(unseen[0][:1])[0].prediction.covariance
    assert covariance == pytest.approx(covariance.T)
    assert np.linalg.eigvalsh(covariance).min() > -1e-12


def test_a_training_panel_is_not_outside_and_a_far_recipe_says_why(effect_model, effect_panels):
    known = effect_model.predict(effect_panels.recipes[:3])
    assert all(one.outside == () for one in known)
    far = recipe_of("solid", W01=0.5, R54=0.5)
    (one,) = effect_model.predict([far])
    assert any("holds no flakes" in reason for reason in one.outside)
    assert one.novelty > max(other.novelty for other in known)


def test_a_dose_beyond_the_panels_is_named(effect_model):
    (one,) = effect_model.predict([recipe_of("deep", AL1=0.2, B15=0.8)])
    assert any(reason.startswith("B15 at 80 %") for reason in one.outside)


def test_a_colorant_no_panel_held_is_refused(effect_model):
    with pytest.raises(UnknownColorantError):
        effect_model.predict([recipe_of("new", AL1=0.9, V23=0.1)])


def test_an_anchor_is_predicted_as_it_was_measured_and_carries_no_interval(effect_model, unseen):
    recipes, measured = unseen
    anchor = Anchor(recipes[0], measured[0])
    (one,) = effect_model.predict(recipes[:1], anchor=anchor)
    assert one.prediction.reflectance_factor == pytest.approx(measured[0])
    with pytest.raises(FormulationError, match="anchor"):
        one.delta_E_bound()


def test_a_measured_neighbour_predicts_better_than_the_model_alone(effect_model, effect_laboratory, unseen):
    rng = np.random.default_rng(8)
    alone, anchored = [], []
    for recipe, measured in zip(*unseen, strict=True):
        masses = {
            code: fraction * np.exp(0.1 * rng.standard_normal())
            for code, fraction in zip(recipe.colorants, recipe.mass_fractions.tolist(), strict=True)
        }
        near = recipe_of("near", **masses)
        truth = effect_laboratory.panel(masses)
        anchor = Anchor(recipe, measured)
        alone.append(apart(truth, spectra_of(effect_model.predict([near]))[0]).mean())
        anchored.append(apart(truth, spectra_of(effect_model.predict([near], anchor=anchor))[0]).mean())
    assert np.mean(anchored) < np.mean(alone)


def test_graininess_is_predicted_with_an_interval(effect_model, effect_laboratory, unseen):
    recipes, _ = unseen
    said = [one.texture["graininess"] for one in effect_model.predict(recipes)]
    true = [
        effect_laboratory.graininess(dict(zip(one.colorants, one.mass_fractions.tolist(), strict=True)))
        for one in recipes
    ]
    assert np.mean([one.low <= value <= one.high for one, value in zip(said, true, strict=True)]) >= 0.75
    assert np.corrcoef([one.value for one in said], true)[0, 1] > 0.95
