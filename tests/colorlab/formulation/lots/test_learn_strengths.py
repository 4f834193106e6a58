"""Strengths of lots learned from panels: known ones found again, the rest left open, wrong labels named."""

from dataclasses import replace

import numpy as np
import pytest

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.standard import delta_E
from colorlab.formulation.lot_strength import LotStrengths
from colorlab.formulation.lots.learn_strengths import learn_strengths
from colorlab.formulation.lots.strength_fit import StrengthPrior
from colorlab.formulation.prediction.covariance import PanelScatter
from colorlab.formulation.prediction.interval import delta_E_reach
from colorlab.formulation.prediction.predict import predict, predict_all
from spectra.errors import FormulationError, UnknownColorantError
from spectra.geometry import directional
from spectra.ladder import Letdown
from spectra.model_error import ModelError
from spectra.recipe import recipe_from_masses

LOTS = {"C1": 1.1, "C2": 0.95, "C3": 0.35, "C4": 1.05, "C5": 1.0}


@pytest.fixture(scope="module")
def paints(drawn):
    covariance = np.broadcast_to(np.diag([1e-6, 1e-6]), (1, 31, 2, 2))
    few = drawn(6, seed=7)
    return replace(
        few,
        colorants=tuple(replace(one, log_covariance=covariance) for one in few.colorants),
        model_error=ModelError(0.1, 0.2, 65.0, 30),
    )


def painted(paints, masses, rng, lots=LOTS, name="batch"):
    """A panel of lots of other strengths, weighed with 0.5 % error and read with a little noise."""
    weighed = {code: grams * np.exp(0.005 * rng.standard_normal()) for code, grams in masses.items()}
    row = np.zeros((1, len(paints.codes)))
    row[0, paints.indices(tuple(weighed))] = list(weighed.values())
    seen = paints.scaled(lots).reflectance_factor(row)[0]
    return Letdown(name, recipe_from_masses(name, masses), seen * (1 + 0.002 * rng.standard_normal()))


def batches(paints, count, seed, codes=("C1", "C2", "C3", "C4", "C5")):
    rng = np.random.default_rng(seed)
    return [
        painted(
            paints,
            {"W": 50.0} | {str(code): float(rng.uniform(0.5, 5)) for code in rng.choice(codes, 3, replace=False)},
            rng,
            name=f"batch {number}",
        )
        for number in range(count)
    ]


@pytest.fixture(scope="module")
def learned(paints):
    return learn_strengths(batches(paints, 14, seed=1), paints, lot="week 12")


def test_factors_of_known_lots_are_found_again(learned):
    for code, factor in LOTS.items():
        assert learned.factors[code] == pytest.approx(factor, rel=0.02)
        low, high = learned.interval(code)
        assert low < learned.factors[code] < high
        assert high / low < 1.1
    assert learned.told == (False, True, True, True, True, True, False)
    assert learned.contradictions == ()
    assert (learned.lot, len(learned.panels)) == ("week 12", 14)


def test_a_lot_that_is_in_no_panel_stays_as_assumed_about_the_others(learned):
    low, high = learned.interval("C6")
    assert low < 0.95
    assert high > 1.1
    assert learned.factors[learned.base] == 1
    assert learned.interval("W") == (1.0, 1.0)


def test_without_panels_the_prior_speaks(paints):
    nothing = learn_strengths([], paints)
    assert nothing.ln_factor == pytest.approx(np.zeros(7))
    assert not any(nothing.told)
    prior = StrengthPrior()
    assert nothing.covariance[1, 1] > prior.common**2 + prior.ordinary**2
    assert nothing.covariance[1, 2] == pytest.approx(prior.common**2)


def test_a_weaker_base_is_every_other_colorant_stronger(paints):
    rng = np.random.default_rng(3)
    rows = [{"W": 50, "C1": 2, "C2": 1}, {"W": 50, "C3": 3}, {"W": 50, "C4": 1, "C5": 2}, {"W": 50, "C2": 2}]
    weak = dict.fromkeys(("C1", "C2", "C3", "C4", "C5"), 1.15)
    shared = learn_strengths([painted(paints, row, rng, weak, str(n)) for n, row in enumerate(rows)], paints)
    assert shared.factors["C6"] > 1.05


def test_intervals_hold_panels_that_were_not_learned_from(paints, learned):
    unseen = batches(paints, 100, seed=9)
    scatter = PanelScatter(learned.dosing)
    predictions = predict_all(paints, [panel.recipe for panel in unseen], strengths=learned, scatter=scatter)
    held = 0
    for panel, prediction in zip(unseen, predictions, strict=True):
        lab = spectra_to_lab(panel.reflectance_factor, paints.grid, D65_10)
        held += float(delta_E(prediction.lab(D65_10), lab)[0]) <= delta_E_reach(prediction, D65_10, draws=500)[0]
    assert 85 <= held <= 100


def test_a_wrong_label_is_named_with_the_right_one(paints):
    panels = batches(paints, 14, seed=4)
    wrong = next(row for row, panel in enumerate(panels) if "C2" in panel.recipe.colorants)
    recipe = panels[wrong].recipe
    masses = {
        "C6" if code == "C2" else code: float(share)
        for code, share in zip(recipe.colorants, recipe.mass_fractions, strict=True)
    }
    panels[wrong] = replace(panels[wrong], recipe=recipe_from_masses(recipe.name, masses))
    (found,) = learn_strengths(panels, paints).contradictions
    assert (found.panel, found.stated, found.instead) == (f"batch {wrong}", "C6", "C2")
    assert found.then < found.residual
    assert "all agree better with C2 in place of C6" in str(found)
    assert learn_strengths(panels, paints, search=False).contradictions == ()


def test_what_cannot_be_learned_from_is_refused(paints):
    panel = batches(paints, 1, seed=5)[0]
    with pytest.raises(FormulationError, match="the set carries no model error"):
        learn_strengths([panel], replace(paints, model_error=None))
    bare = tuple(replace(one, log_covariance=None) for one in paints.colorants)
    with pytest.raises(FormulationError, match=r"W, C1.* carries no covariance"):
        learn_strengths([panel], replace(paints, colorants=bare))
    with pytest.raises(FormulationError, match=r"batch 0: reflectance factors of shape \(1, 30\)"):
        learn_strengths([replace(panel, reflectance_factor=panel.reflectance_factor[:, 1:])], paints)
    with pytest.raises(UnknownColorantError, match="'X'"):
        learn_strengths([replace(panel, recipe=recipe_from_masses("x", {"W": 1, "X": 1}))], paints)
    with pytest.raises(FormulationError, match="expected positive finite numbers"):
        StrengthPrior(ordinary=0.0)


def test_strengths_fit_the_set_they_were_learned_for(paints, learned, drawn):
    with pytest.raises(UnknownColorantError, match="'C7'"):
        learned.applied(drawn(7, seed=7))
    with pytest.raises(UnknownColorantError, match="'C9'"):
        learned.interval("C9")
    with pytest.raises(FormulationError, match="do not fit"):
        LotStrengths("x", "", "W", ("W", "C1"), np.zeros(3), np.zeros((2, 2)), (False, False), 0.0, 1.0)
    with pytest.raises(FormulationError, match="must be finite"):
        LotStrengths("x", "", "W", ("W",), np.array([np.nan]), np.zeros((1, 1)), (False,), 0.0, 1.0)
    with pytest.raises(FormulationError, match="cannot be negative"):
        LotStrengths("x", "", "W", ("W",), np.zeros(1), np.zeros((1, 1)), (False,), -1.0, 1.0)


def test_real_pastes_and_the_panels_of_another_paste(real_paint):
    """08S acts at a third and 19A at 1.2 of what is stated; three of 14 panels were made with 08 and say 08S."""
    learned = learn_strengths(real_paint.recipes, real_paint.colorants)
    assert learned.factors["08S"] == pytest.approx(0.33, abs=0.05)
    assert learned.factors["19A"] == pytest.approx(1.2, abs=0.05)
    labels = {one.panel: (one.stated, one.instead) for one in learned.contradictions}
    assert labels == dict.fromkeys(("A04", "A07", "A11"), ("08S", "08"))


def test_strengths_of_thirteen_real_panels_predict_the_fourteenth(real_paint):
    paints, errors, held = real_paint.colorants, [], 0
    for panel in real_paint.recipes:
        rest = [other for other in real_paint.recipes if other is not panel]
        known = learn_strengths(rest, paints, search=False)
        prediction = predict(paints, panel.recipe, strengths=known, scatter=PanelScatter(known.dosing))
        error = float(delta_E(spectra_to_lab(panel.reflectance_factor, paints.grid, D65_10), prediction.lab(D65_10))[0])
        errors.append(error)
        held += error <= delta_E_reach(prediction, D65_10)[0]
    assert np.mean(errors) < 0.95
    assert np.median(errors) < 0.8
    assert held >= 12


def test_paint_measured_at_several_angles_tells_strengths_too(paints):
    three = directional(("45as15", "45as45", "45as110"))
    bright = replace(
        paints,
        geometry=three,
        ceiling=np.array([1.5, 1.0, 1.0]),
        colorants=tuple(
            replace(
                one,
                absorption=np.repeat(one.absorption, 3, axis=0),
                scattering=np.repeat(one.scattering, 3, axis=0),
                log_covariance=np.repeat(one.log_covariance, 3, axis=0),
            )
            for one in paints.colorants
        ),
    )
    learned = learn_strengths(batches(bright, 10, seed=6), bright, search=False)
    assert learned.factors["C3"] == pytest.approx(0.35, rel=0.03)
    panel = batches(bright, 1, seed=8)[0]
    prediction = predict(bright, panel.recipe, strengths=learned, scatter=PanelScatter(learned.dosing))
    assert prediction.covariance.shape == (93, 93)
    assert delta_E_reach(prediction, D65_10).shape == (3,)
