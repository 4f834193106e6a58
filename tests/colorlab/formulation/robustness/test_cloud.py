"""The cloud of simulated batches, and the tolerance around its target."""

import numpy as np
import pytest

from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.difference.standard import delta_E
from colorlab.formulation.prediction.predict import predict
from colorlab.formulation.robustness.cloud import robustness_clouds
from colorlab.formulation.robustness.robustness import robustness
from colorlab.formulation.robustness.variation import Dosing, Variation
from colorlab.formulation.target import Target
from colorlab.tolerance.tolerance import Limit, Tolerance
from spectra.errors import FormulationError
from spectra.recipe import recipe_from_masses


@pytest.fixture(scope="module")
def paints(drawn):
    return drawn(4, seed=6)


@pytest.fixture(scope="module")
def target(paints):
    mixed = predict(paints, recipe_from_masses("target", {"W": 90, "C1": 4, "C2": 2.1, "C4": 4}))
    return Target("target", mixed.reflectance_factor, paints.grid, paints.geometry)


MIX = recipe_from_masses("mix", {"W": 90, "C1": 4, "C2": 2, "C4": 4})
VARIATION = Variation(Dosing(1000, 0.01, 0.02))


def test_the_outline_is_the_limit_itself(paints, target):
    (cloud,) = robustness_clouds(paints, MIX, VARIATION, target, 0.8)
    flat = np.column_stack([np.full(len(cloud.outline_ab), cloud.target[0]), cloud.outline_ab])
    assert delta_E(cloud.target, flat) == pytest.approx(0.8, abs=1e-6)
    hue = np.arctan2(cloud.target[2], cloud.target[1])
    chroma = cloud.outline_LC[:, 1]
    upright = np.column_stack([cloud.outline_LC[:, 0], chroma * np.cos(hue), chroma * np.sin(hue)])
    assert delta_E(cloud.target, upright) == pytest.approx(0.8, abs=1e-6)
    assert cloud.outline_ab[0] == pytest.approx(cloud.outline_ab[-1])


def test_the_share_inside_is_what_the_robustness_says(paints, target):
    (cloud,) = robustness_clouds(paints, MIX, VARIATION, target, 0.8, draws=4000)
    (stated,) = robustness(paints, [MIX], VARIATION, target=target, tolerance=0.8)
    assert cloud.p_inside == pytest.approx(stated.p_inside, abs=0.03)
    assert cloud.LC.shape == (4000, 2)


def test_a_seed_draws_the_same_cloud_again(paints, target):
    one, again, other = (
        robustness_clouds(paints, MIX, VARIATION, target, 0.8, seed=seed, draws=20)[0].lab for seed in (1, 1, 2)
    )
    assert (one == again).all()
    assert not (one == other).any()


def test_a_tolerance_must_know_the_viewing(paints, target):
    own = Tolerance("shop", "CIEDE2000", (D65_10,), (Limit(0.5),))
    assert robustness_clouds(paints, MIX, VARIATION, target, own, draws=5)[0].viewing == D65_10
    with pytest.raises(FormulationError, match="says nothing under A/10°"):
        robustness_clouds(paints, MIX, VARIATION, target, own, viewing=A_10, draws=5)
