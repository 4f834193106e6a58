"""Prediction: limits, uncertainty against simulation, and doses beyond the ladders."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.colorimetry.viewing import D65_10
from colorlab.formulation.lot_strength import LotStrengths
from colorlab.formulation.prediction.covariance import PanelScatter
from colorlab.formulation.prediction.predict import (
    dose_findings,
    mass_fractions,
    predict,
    predict_all,
)
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError, UnknownColorantError
from spectra.model_error import ModelError
from spectra.optics.interface import measured_reflectance
from spectra.optics.kubelka_munk import reflectivity
from spectra.recipe import recipe_from_masses


@pytest.fixture(scope="module")
def paints(drawn):
    return drawn(4, seed=1)


@pytest.fixture(scope="module")
def uncertain(paints):
    """Colorants whose ln K and ln S are uncertain, of a model that hardly errs itself."""
    block = np.array([[0.03**2, 0.6 * 0.03 * 0.05], [0.6 * 0.03 * 0.05, 0.05**2]])
    covariance = np.broadcast_to(block, (1, paints.grid.count, 2, 2))
    colorants = tuple(replace(colorant, log_covariance=covariance) for colorant in paints.colorants)
    return replace(paints, colorants=colorants, model_error=ModelError(1e-6, 0.0, 65.0, 30))


def test_a_colorant_alone_has_its_own_reflectivity(paints):
    alone = predict(paints, recipe_from_masses("C1", {"C1": 3.0}))
    colorant = paints["C1"]
    expected = measured_reflectance(reflectivity(colorant.absorption, colorant.scattering), paints.surface)
    assert alone.reflectance_factor == pytest.approx(expected)
    assert alone.standard_uncertainty is None
    assert alone.lab(D65_10).shape == (1, 3)


@given(st.lists(st.floats(0.01, 5), min_size=5, max_size=5), st.floats(0.1, 10))
def test_the_size_of_the_batch_does_not_change_its_colour(paints, masses, factor):
    once = paints.reflectance_factor([masses])
    scaled = paints.reflectance_factor([np.multiply(factor, masses)])
    assert scaled == pytest.approx(once, rel=1e-9)


def test_a_batch_of_recipes_gives_what_single_recipes_give(paints):
    recipes = [recipe_from_masses(f"{n}", {"W": 50, "C1": n, "C3": 1.5}) for n in (0.5, 1.0, 2.0)]
    together = predict_all(paints, recipes)
    for recipe, prediction in zip(recipes, together, strict=True):
        assert prediction.reflectance_factor == pytest.approx(predict(paints, recipe).reflectance_factor)


def test_the_uncertainty_is_that_of_simulated_colorants(paints, uncertain):
    recipe = recipe_from_masses("mix", {"W": 50, "C1": 2, "C2": 5})
    stated = predict(uncertain, recipe)
    rng = np.random.default_rng(5)
    fractions = mass_fractions(paints, [recipe])[0]
    block = uncertain.colorants[0].log_covariance[0, 0]
    draws = rng.multivariate_normal([0, 0], block, size=(4000, *paints.absorption.shape))
    K = np.tensordot(paints.absorption * np.exp(draws[..., 0]), fractions, axes=(1, 0))
    S = np.tensordot(paints.scattering * np.exp(draws[..., 1]), fractions, axes=(1, 0))
    simulated = measured_reflectance(reflectivity(K, S), paints.surface).std(axis=0)
    assert stated.standard_uncertainty == pytest.approx(simulated, rel=0.1)
    assert stated.parts == ("ladders", "model")


def test_without_a_covariance_or_a_model_error_nothing_is_claimed(paints, uncertain):
    recipe = recipe_from_masses("mix", {"W": 90, "C4": 10})
    one_open = replace(uncertain, colorants=(*uncertain.colorants[:-1], paints.colorants[-1]))
    assert predict(one_open, recipe_from_masses("known", {"W": 90, "C1": 10})).covariance is not None
    assert predict(one_open, recipe).covariance is None
    assert predict(replace(uncertain, model_error=None), recipe).covariance is None


def test_stronger_lots_act_as_more_of_them(uncertain):
    n = len(uncertain.codes)
    lots = LotStrengths(
        uncertain.name, "", "W", uncertain.codes, np.log([1, 2, 1, 1, 1.0]), np.zeros((n, n)), (False,) * n, 0.0, 1.0
    )
    by_lot = predict(uncertain, recipe_from_masses("x", {"W": 80, "C1": 10}), strengths=lots)
    by_dose = predict(uncertain, recipe_from_masses("x", {"W": 80, "C1": 20}))
    assert by_lot.reflectance_factor == pytest.approx(by_dose.reflectance_factor)
    assert by_lot.parts == ("ladders", "model", "lots")


def test_the_panel_one_will_read_is_less_sure_than_the_paint(uncertain):
    recipe = recipe_from_masses("mix", {"W": 50, "C1": 2, "C2": 5})
    paint, panel = predict(uncertain, recipe), predict(uncertain, recipe, scatter=PanelScatter(0.01))
    assert (panel.standard_uncertainty > paint.standard_uncertainty).all()
    assert panel.parts[-1] == "weighing and reading"


def test_a_dose_beyond_the_ladder_is_a_finding(paints):
    limited = ColorantSet(
        "x",
        tuple(replace(c, calibrated_dose=(0.005, 0.03)) if c.code == "C1" else c for c in paints.colorants),
        paints.grid,
        paints.geometry,
        paints.surface,
        "W",
    )
    assert dose_findings(limited, recipe_from_masses("in", {"W": 98, "C1": 2})) == ()
    (finding,) = predict(limited, recipe_from_masses("out", {"W": 92, "C1": 8})).findings
    assert finding == "C1 at 8 % lies outside the 0.5–3 % its panels covered"
    (finding,) = predict(limited, recipe_from_masses("far", {"W": 70, "C1": 30})).findings
    assert finding.endswith("10 times the greatest: its colour there is extrapolated")


def test_an_unknown_colorant_and_a_wrong_shape_are_refused(paints):
    with pytest.raises(UnknownColorantError, match="'X9'"):
        predict(paints, recipe_from_masses("x", {"W": 1, "X9": 1}))
    with pytest.raises(FormulationError, match=r"\(n_recipes, 5\) expected"):
        paints.reflectance_factor([[1.0, 2.0]])
