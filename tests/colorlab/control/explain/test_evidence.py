"""The fit of causes: against plain integration, and where it stands for itself."""

import numpy as np
import pytest

from colorlab.control.explain.batch_model import BatchModel
from colorlab.control.explain.causes import DEFAULT, Assumptions, Cause, log_student_t
from colorlab.control.explain.comparison import compare
from colorlab.control.explain.covariance import background_covariance, model_covariance, whitening
from colorlab.control.explain.evidence import Difference, fit, upper_tail
from spectra.errors import FormulationError, MeasurementError
from spectra.recipe import recipe_from_masses

RECIPE = recipe_from_masses("grey blue", {"W01": 80, "B15": 10, "V23": 6, "K05": 4})


def difference(bench, effects, assumptions=DEFAULT, noise=5e-4):
    """A batch of known effects, without noise of its own, in the uncertainty a measurement has."""
    model = BatchModel(bench.colorants, RECIPE)
    start, sample = model.as_stated, model.reflectance_factor(effects)
    measured = np.eye(start.shape[1])[None] * noise**2
    covariance = background_covariance(model, start, measured, assumptions, n_readings=(3, 3))
    covariance = covariance + model_covariance(model, start, sample, assumptions)
    return Difference(model, start, sample, whitening(covariance), assumptions)


def posterior(one, cause, at):
    """Prior times likelihood of one cause at many sizes."""
    residuals = one.residuals((cause,), at[:, None])
    prior = [log_student_t(np.array([size]), np.array([one.assumptions.strength]), one.assumptions.tail) for size in at]
    return np.exp(np.array(prior) - 0.5 * (residuals**2).sum(axis=1))


@pytest.mark.parametrize("size", [0.0, -0.04, 0.1])
def test_evidence_estimate_and_width_are_those_of_plain_integration(bench, size):
    cause = Cause("amount", "K05")
    one = difference(bench, {cause: size})
    found = fit(one, (cause,))
    at = np.linspace(size - 0.15, size + 0.15, 1501)
    density = posterior(one, cause, at)
    mean = np.trapezoid(at * density, at) / np.trapezoid(density, at)
    spread = np.sqrt(np.trapezoid((at - mean) ** 2 * density, at) / np.trapezoid(density, at))
    assert found.effects[0] == pytest.approx(mean, abs=0.1 * spread)
    assert found.deviation(0) == pytest.approx(spread, rel=0.05)
    assert found.log_evidence == pytest.approx(np.log(np.trapezoid(density, at)), abs=0.05)


def test_no_cause_is_a_fit_too(bench):
    one = difference(bench, {})
    nothing = fit(one, ())
    assert nothing.chi_square == pytest.approx(0.0)
    assert nothing.effects.shape == (0,)


def test_a_colorant_at_a_third_of_its_strength_is_found(bench):
    cause = Cause("amount", "B15")
    found = fit(difference(bench, {cause: np.log(1 / 3)}), (cause,))
    assert np.exp(found.effects[0]) == pytest.approx(1 / 3, rel=0.05)


def test_a_foreign_colorant_is_found_in_its_share(bench):
    cause = Cause("foreign", "R22")
    found = fit(difference(bench, {cause: np.log(0.006)}), (cause,))
    assert np.exp(found.effects[0]) == pytest.approx(0.006, rel=0.1)


def test_probabilities_of_everything_tried_sum_to_one(bench):
    causes = [Cause("amount", code) for code in RECIPE.colorants]
    found = compare(difference(bench, {causes[3]: -0.08}), causes)
    assert found.probabilities.sum() == pytest.approx(1.0)
    assert (np.diff(found.probabilities) <= 1e-12).all()
    assert found.best.causes == (causes[3],)
    assert found.probability_of(causes[3]) > 0.9


def test_a_wider_measurement_leaves_a_wider_estimate(bench):
    cause = Cause("amount", "K05")
    sharp, blunt = (fit(difference(bench, {cause: -0.05}, noise=noise), (cause,)) for noise in (2e-4, 5e-3))
    assert blunt.deviation(0) > 2 * sharp.deviation(0)
    assert abs(blunt.effects[0]) < abs(sharp.effects[0])


def test_the_tail_of_chi_square_is_the_tabulated_one():
    assert upper_tail(44.985, 31) == pytest.approx(0.05, abs=1e-4)


def test_a_covariance_that_is_none_is_refused():
    with pytest.raises(MeasurementError):
        whitening(-np.eye(3))


@pytest.mark.parametrize("wrong", [{"strength": 0.0}, {"model_error": float("nan")}, {"odds": (0.9, 0.9, 0.9)}])
def test_assumptions_that_make_no_sense_are_refused(wrong):
    with pytest.raises(FormulationError):
        Assumptions(**wrong)
