"""The ΔE a paint will really have: against draws, at its limits, and refused where nothing is known."""

from dataclasses import replace

import numpy as np
import pytest

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.standard import delta_E
from colorlab.formulation.prediction.interval import delta_E_interval, delta_E_reach, lab_covariance
from colorlab.formulation.prediction.predict import predict
from spectra.errors import FormulationError, NotComparableError
from spectra.model_error import ModelError
from spectra.recipe import recipe_from_masses


@pytest.fixture(scope="module")
def prediction(drawn):
    few = drawn(3, seed=3)
    covariance = np.broadcast_to(np.diag([4e-4, 4e-4]), (1, 31, 2, 2))
    known = replace(
        few,
        colorants=tuple(replace(one, log_covariance=covariance) for one in few.colorants),
        model_error=ModelError(0.3, 0.3, 95.0, 30),
    )
    return predict(known, recipe_from_masses("mix", {"W": 80, "C1": 5, "C3": 2}))


def drawn_spectra(prediction, count, seed):
    rng = np.random.default_rng(seed)
    return rng.multivariate_normal(prediction.reflectance_factor.ravel(), prediction.covariance, count)


@pytest.mark.parametrize("moved", [1.0, 1.03, 1.2])
@pytest.mark.parametrize("coverage", [0.5, 0.9, 0.95])
def test_the_interval_holds_its_share_of_possible_paints(prediction, moved, coverage):
    target = prediction.reflectance_factor * moved
    (stated,) = delta_E_interval(prediction, target, D65_10, coverage=coverage)
    spectra = drawn_spectra(prediction, 4000, seed=1)
    seen = delta_E(spectra_to_lab(target, prediction.grid, D65_10), spectra_to_lab(spectra, prediction.grid, D65_10))
    low, high = stated.interval
    assert np.mean((low <= seen) & (seen <= high)) == pytest.approx(coverage, abs=0.03)
    assert stated.expected == pytest.approx(seen.mean(), rel=0.05)


def test_a_colour_that_is_met_is_missed_by_what_is_left_open(prediction):
    (stated,) = delta_E_interval(prediction, prediction.reflectance_factor, D65_10)
    assert stated.delta_E == 0
    assert 0 < stated.interval[0] < stated.expected < stated.interval[1]


def test_the_reach_holds_its_share_of_possible_paints(prediction):
    (reach,) = delta_E_reach(prediction, D65_10)
    spectra = drawn_spectra(prediction, 4000, seed=2)
    seen = delta_E(prediction.lab(D65_10), spectra_to_lab(spectra, prediction.grid, D65_10))
    assert np.mean(seen <= reach) == pytest.approx(0.9, abs=0.03)


def test_a_covariance_from_few_panels_reaches_farther(prediction):
    few, many = (replace(prediction, freedom=freedom) for freedom in (5.0, 500.0))
    (sure,), (bare,), (narrow,) = (delta_E_reach(one, D65_10) for one in (few, prediction, many))
    assert sure > 1.1 * bare
    assert narrow == pytest.approx(bare, rel=0.05)


def test_the_same_question_has_the_same_answer(prediction):
    target = prediction.reflectance_factor * 1.1
    assert delta_E_interval(prediction, target, D65_10) == delta_E_interval(prediction, target, D65_10)
    assert lab_covariance(prediction, D65_10).shape == (1, 3, 3)


def test_without_a_covariance_there_is_no_interval(prediction):
    bare = replace(prediction, covariance=None)
    with pytest.raises(FormulationError, match="no interval without a covariance; characterise"):
        delta_E_reach(bare, D65_10)
    with pytest.raises(FormulationError, match=r"a coverage of 1.5; expected a number between 0 and 1"):
        delta_E_reach(prediction, D65_10, coverage=1.5)
    with pytest.raises(NotComparableError, match="shape"):
        delta_E_interval(prediction, [[0.5, 0.5]], D65_10)
