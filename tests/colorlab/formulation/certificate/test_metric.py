"""A bound in the local metric, carried over to the formula."""

import numpy as np
import pytest

from colorlab.formulation.certificate.metric import stretch_of_metric
from colorlab.formulation.search.objective import LocalObjective, Objective, deviation
from spectra.errors import FormulationError

from .conftest import drawn_target


def test_the_metric_is_the_formula_for_small_differences_and_not_for_large_ones(paints):
    target = drawn_target(paints)
    assert stretch_of_metric(target, Objective(), 0.0) == 1.0
    near, far = (stretch_of_metric(target, Objective(), bound) for bound in (0.01, 2.0))
    assert 1 <= near < 1.01
    assert near < far < 1.5


@pytest.mark.parametrize("bound", [0.1, 1.0])
def test_no_spectrum_below_the_bound_by_the_formula_is_above_it_by_the_metric(paints, bound):
    rng = np.random.default_rng(4)
    target, objective = drawn_target(paints), Objective(spectral_weight=0.0)
    local = LocalObjective(target, objective)
    smooth = np.cumsum(rng.standard_normal((4000, 31)), axis=1) / 31
    spectra = np.clip(target.reflectance_factor[0] + 0.3 * bound * smooth * rng.uniform(0, 1, (4000, 1)), 0.001, 1)
    true = deviation(target, spectra[:, None], objective).value
    metric = np.linalg.norm(local.residuals(spectra), axis=1)
    below = true < bound / stretch_of_metric(target, objective, bound)
    assert 100 < below.sum() < 4000
    assert (metric[below] < bound).all()


def test_metamerism_is_not_compared(paints):
    with pytest.raises(FormulationError, match="differences of colour only"):
        stretch_of_metric(drawn_target(paints), Objective(metamerism_weight=1.0), 1.0)
