"""Panels of a small shelf, sprayed as designed, and the model of them."""

import sys
from pathlib import Path

import numpy as np
import pytest

from colorlab.formulation.effect.design import first_panels
from colorlab.formulation.effect.panels import EffectPanels
from colorlab.formulation.effect.train import train_effect_model
from spectra.flake_paint import GRID, SIX_ANGLES, EffectPaintLaboratory

sys.path.append(str(Path(__file__).parent))

from effect_shelf import SHELF, random_recipes, sprayed


@pytest.fixture(scope="session")
def effect_laboratory():
    return EffectPaintLaboratory(np.random.default_rng(3))


@pytest.fixture(scope="session")
def effect_panels(effect_laboratory):
    rng = np.random.default_rng(4)
    roles = {one.code: one.role for one in effect_laboratory.components if one.code in SHELF}
    recipes = [*first_panels(roles), *random_recipes(rng, 24)]
    grain = [
        effect_laboratory.graininess(dict(zip(one.colorants, one.mass_fractions.tolist(), strict=True)))
        for one in recipes
    ]
    spectra = sprayed(effect_laboratory, recipes, rng)
    return EffectPanels(tuple(recipes), spectra, GRID, SIX_ANGLES, roles, {"graininess": np.array(grain)})


@pytest.fixture(scope="session")
def effect_model(effect_panels):
    return train_effect_model(effect_panels, name="effects")


@pytest.fixture(scope="session")
def unseen(effect_laboratory):
    """Recipes the model never saw, and one spraying of each."""
    rng = np.random.default_rng(5)
    recipes = random_recipes(rng, 20, "unseen ")
    return recipes, sprayed(effect_laboratory, recipes, rng)
