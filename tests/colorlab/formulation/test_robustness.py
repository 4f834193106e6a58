"""Dosing robustness: the Jacobian's figures against simulated weighing."""

import numpy as np
import pytest

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.difference.standard import delta_E
from colorlab.formulation.predict import mass_fractions, predict, reflectance_factors
from colorlab.formulation.robustness import Dosing, dosing_robustness
from spectra.errors import FormulationError
from spectra.recipe import recipe_from_masses


@pytest.mark.parametrize(
    "dosing", [Dosing(1000, 0.01, 0.01), Dosing(50, 0.1, 0.0), Dosing(100, 0.05, 0.02)], ids=["shop", "coarse", "both"]
)
@pytest.mark.parametrize("viewing", [D65_10, A_10], ids=str)
def test_the_expected_difference_is_that_of_simulated_weighing(drawn, dosing, viewing):
    paints = drawn(4, seed=6)
    recipe = recipe_from_masses("mix", {"W": 90, "C1": 4, "C2": 2, "C4": 4})
    (stated,) = dosing_robustness(paints, [recipe], dosing, viewing)
    rng = np.random.default_rng(2)
    row = mass_fractions(paints, [recipe])[0]
    half = dosing.balance_resolution_g / dosing.batch_g / 2
    weighed = row * (1 + dosing.relative_error * rng.standard_normal((20_000, row.size)))
    weighed += (row > 0) * rng.uniform(-half, half, weighed.shape)
    lab = spectra_to_lab(reflectance_factors(paints, weighed), paints.grid, viewing)[:, 0]
    simulated = delta_E(predict(paints, recipe).lab(viewing)[0], lab)
    assert stated.expected_delta_E_00 == pytest.approx(simulated.mean(), rel=0.06)
    assert stated.p95_delta_E_00 == pytest.approx(np.quantile(simulated, 0.95), rel=0.07)


def test_perfect_weighing_changes_nothing(drawn):
    paints = drawn(2, seed=6)
    recipe = recipe_from_masses("mix", {"W": 90, "C1": 4})
    (stated,) = dosing_robustness(paints, [recipe], Dosing(100, 0.0, 0.0), D65_10)
    assert (stated.expected_delta_E_00, stated.p95_delta_E_00) == (0.0, 0.0)


def test_a_colorant_alone_cannot_be_weighed_wrong(drawn):
    paints = drawn(1, seed=6)
    (stated,) = dosing_robustness(paints, [recipe_from_masses("W", {"W": 1})], Dosing(100, 0.1, 0.1), D65_10)
    assert stated.expected_delta_E_00 < 1e-6


def test_no_recipes_no_robustness_and_nonsense_is_refused(drawn):
    assert dosing_robustness(drawn(1, seed=6), [], Dosing(), D65_10) == []
    with pytest.raises(FormulationError, match="a batch must have mass"):
        Dosing(batch_g=0)
