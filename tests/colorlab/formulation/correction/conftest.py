"""A small virtual tank: paints the model knows exactly, lots that act otherwise, what an addition truly gives."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from colorlab.formulation.correction.tank import Batch
from colorlab.formulation.target import Target
from spectra.model_error import ModelError
from spectra.recipe import recipe_from_masses

NOISE = 1e-4


def weighable(paints):
    """A set that says how well it is known, so that lots can be told from a batch."""
    covariance = np.broadcast_to(1e-5 * np.eye(2), (*paints.colorants[0].absorption.shape, 2, 2))
    colorants = tuple(replace(one, log_covariance=covariance, calibrated_dose=(1e-3, 1.0)) for one in paints.colorants)
    return replace(paints, colorants=colorants, model_error=ModelError(0.02, 0.02, 65.0, 30))


def row_of(paints, masses):
    row = np.zeros((1, len(paints.codes)))
    row[0, paints.indices(tuple(masses))] = list(masses.values())
    return row / row.sum()


def target_of(paints, masses, name="standard"):
    spectrum = paints.reflectance_factor(row_of(paints, masses))[0]
    return Target(name, spectrum, paints.grid, paints.geometry, paints.ceiling)


def batch_of(paints, masses, lots=None, name="batch", noise=NOISE):
    """What the tank looks like when these masses were weighed from lots of these strengths."""
    acting = paints.scaled(lots or {})
    spectrum = acting.reflectance_factor(row_of(acting, masses))[0]
    covariance = noise**2 * np.eye(spectrum.size) if noise else None
    return Batch(name, recipe_from_masses(name, masses), sum(masses.values()), spectrum, covariance)


def with_additions(paints, masses, lots, additions_g):
    """The truth: the tank with the additions, shape (1, n_angles, n_wavelengths)."""
    acting = paints.scaled(lots)
    whole = {code: masses.get(code, 0.0) + additions_g.get(code, 0.0) for code in {**masses, **additions_g}}
    return acting.reflectance_factor(row_of(acting, whole))


@pytest.fixture(scope="session")
def tank():
    return SimpleNamespace(
        weighable=weighable, row=row_of, target=target_of, batch=batch_of, with_additions=with_additions
    )
