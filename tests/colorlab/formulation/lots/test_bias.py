"""What past batches teach, and when they teach nothing."""

from dataclasses import replace

import numpy as np
import pytest

from colorlab.formulation.lots.bias import PastBatch, learn_bias
from colorlab.formulation.lots.bias_steps import judged
from colorlab.formulation.prediction.predict import mass_fractions
from colorlab.formulation.search.objective import Objective, deviation
from colorlab.formulation.target import Target
from spectra.errors import FormulationError, NotComparableError, UnknownColorantError
from spectra.model_error import ModelError
from spectra.recipe import recipe_from_masses

OTHERS = ("C1", "C2", "C3", "C4", "C5")


@pytest.fixture(scope="module")
def bare(drawn):
    """A set that does not say how well it is known: only the ridge can learn from batches."""
    return drawn(5, 4)


@pytest.fixture(scope="module")
def paints(bare):
    covariance = np.broadcast_to(1e-5 * np.eye(2), (1, 31, 2, 2))
    colorants = tuple(replace(one, log_covariance=covariance, calibrated_dose=(1e-3, 1.0)) for one in bare.colorants)
    return replace(bare, colorants=colorants, model_error=ModelError(0.02, 0.02, 65.0, 30))


def recipes(count, rng):
    made = []
    for number in range(count):
        chosen = rng.choice(OTHERS, 2, replace=False).tolist()
        amounts = np.exp(rng.uniform(np.log(0.005), np.log(0.1), 2)).tolist()
        made.append(recipe_from_masses(f"colour {number}", {"W": 1.0} | dict(zip(chosen, amounts, strict=True))))
    return made


def reflect(paints, recipe):
    return paints.reflectance_factor(mass_fractions(paints, [recipe]))[0]


def batches(truth, made, rng, noise=2e-4):
    return [PastBatch(one.name, one, reflect(truth, one) + noise * rng.standard_normal((1, 31))) for one in made]


def mean_error(predict, truth, made):
    errors = []
    for one in made:
        target = Target(one.name, reflect(truth, one), truth.grid, truth.geometry)
        errors.append(deviation(target, predict(one)[None], Objective()).weighted_delta_E_00[0])
    return np.mean(errors)


def lots(rng):
    return {code: float(np.exp(0.08 * rng.standard_normal())) for code in OTHERS}


@pytest.mark.parametrize("known", ["paints", "bare"])
def test_new_formulas_are_predicted_better_with_a_history(request, known):
    own, rng = request.getfixturevalue(known), np.random.default_rng(1)
    truth = own.scaled(lots(rng))
    learned = learn_bias(batches(truth, recipes(12, rng), rng), own)
    new = recipes(20, rng)
    without = mean_error(lambda one: reflect(own, one), truth, new)
    assert mean_error(learned.reflectance_factor, truth, new) < 0.5 * without
    strengths, colorants, colours = learned.steps
    assert strengths.kept == (learned.strengths is not None) == (known == "paints")
    kept = [one for one in (strengths, colorants) if one.kept]
    assert kept
    assert all(one.before - one.after > one.standard_error > 0 for one in kept)
    assert str(colours) == (
        "bias of the colours not learned: no colour was made twice: its bias cannot be told from that of a batch"
    )
    if known == "bare":
        assert str(strengths) == "strengths of the lots not learned: drawn does not say how far its model errs"


def test_a_paste_whose_spectrum_changed_is_learned_where_it_changed(bare):
    rng = np.random.default_rng(2)
    nm = bare.grid.wavelengths
    change = 0.15 * np.exp(-(((nm - 600) / 50) ** 2))
    truth = replace(
        bare,
        colorants=tuple(
            replace(one, absorption=one.absorption * np.exp(change)) if one.code == "C2" else one
            for one in bare.colorants
        ),
    )
    learned = learn_bias(batches(truth, recipes(25, rng), rng, noise=1e-4), bare)
    found = learned.ln_absorption["C2"][0]
    assert found[nm == 600] == pytest.approx(0.15, abs=0.06)
    assert abs(found[nm == 420][0]) < 0.06
    assert max(np.abs(learned.ln_absorption[code]).max() for code in ("C1", "C3", "C4", "C5")) < 0.1


def test_a_history_that_is_only_noise_changes_nothing(paints):
    rng = np.random.default_rng(3)
    learned = learn_bias(batches(paints, recipes(10, rng), rng, noise=4e-3), paints)
    assert learned.colorant_set is paints
    assert [one.kept for one in learned.steps] == [False, False, False]
    assert "no gain beyond its standard error" in learned.findings[0]


def test_too_few_colours_change_nothing_and_are_said(paints):
    rng = np.random.default_rng(4)
    learned = learn_bias(batches(paints.scaled(lots(rng)), recipes(3, rng), rng), paints)
    assert (learned.colorant_set, learned.strengths, learned.ln_absorption) == (paints, None, {})
    assert all("3 colours of history" in found for found in learned.findings[:2])
    assert learn_bias([], paints).colorant_set is paints


def test_what_a_colour_keeps_from_batch_to_batch_is_learned(bare):
    """A fourth pigment that nobody stated: no colorant of the recipe explains it, the colour's own past does."""
    rng = np.random.default_rng(5)
    made = recipes(3, rng)
    hidden = {one.name: rng.uniform(0.0005, 0.002) for one in made}
    history = []
    for one in made * 4:
        masses = dict(zip(one.colorants, one.mass_fractions.tolist(), strict=True))
        spoilt = masses | {"C5": masses.get("C5", 0.0) + hidden[one.name]}
        spectrum = reflect(bare, recipe_from_masses(one.name, spoilt)) + 2e-4 * rng.standard_normal((1, 31))
        history.append(PastBatch(one.name, one, spectrum))
    learned = learn_bias(history, bare)
    assert set(learned.colours) == {one.name for one in made}
    for one, batch in zip(made, history, strict=False):
        own = np.abs(learned.reflectance_factor(one, one.name) - batch.reflectance_factor).mean()
        without = np.abs(learned.reflectance_factor(one) - batch.reflectance_factor).mean()
        assert own < 0.5 * without
    assert "bias of the colours learned: mean ΔE00 of 12 batches held out" in learned.findings[-1]


def test_batches_of_one_colour_count_once_where_they_err_alike():
    """Ten batches of four colours, each colour's alike: four gains, not forty."""
    gains = np.array([0.3, -0.1, 0.2, -0.2])
    four = judged("x", gains, np.zeros(4), list("abcd"))
    forty = judged("x", np.repeat(gains, 10), np.zeros(40), list(np.repeat(list("abcd"), 10)))
    assert four.standard_error == pytest.approx(gains.std(ddof=1) / 2)
    assert forty.standard_error == pytest.approx(four.standard_error)
    assert (four.kept, forty.kept) == (False, False)
    assert judged("x", gains, np.zeros(4), ["a"] * 4).standard_error == pytest.approx(four.standard_error)


def test_a_colour_nobody_made_is_predicted_by_its_colorants(bare):
    learned = learn_bias([], bare)
    (recipe,) = recipes(1, np.random.default_rng(6))
    assert learned.reflectance_factor(recipe, "unknown") == pytest.approx(reflect(bare, recipe))


def test_what_cannot_be_learned_from_is_refused(paints):
    rng = np.random.default_rng(7)
    (recipe,) = recipes(1, rng)
    with pytest.raises(FormulationError, match="above zero"):
        PastBatch("x", recipe, np.zeros((1, 31)))
    with pytest.raises(NotComparableError, match="angles and wavelengths"):
        learn_bias([PastBatch("x", recipe, np.full((1, 16), 0.5))], paints)
    with pytest.raises(UnknownColorantError):
        learn_bias([PastBatch("x", recipe_from_masses("x", {"Z": 1.0}), np.full((1, 31), 0.5))], paints)
