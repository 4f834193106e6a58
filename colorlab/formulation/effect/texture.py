"""Sparkle and graininess from recipes, where the training panels have them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from colorlab.formulation.effect.residual_process import ResidualProcess, train_residuals
from spectra.arrays import FloatArray
from spectra.errors import CharacterisationError

# Fewer panels with a reading do not say how well the rest is predicted.
FEWEST_READINGS = 20
_FOLDS = 5
_COVERAGE = 0.9


@dataclass(frozen=True, slots=True)
class Texture:
    """A predicted texture quantity, and the interval nine in ten panels fall into."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class TextureModel:
    """One quantity of the flake pattern, in the unit of the instrument that measured it.

    Attributes
    ----------
    name : str
    weights : ndarray, shape (n_colorants,)
        Quantity squared, per mass fraction: flakes thrown at random add in variance.
    process : ResidualProcess
        What the sum misses, of one band.
    reach : float
        Half the width of the interval, from panels held out.
    """

    name: str
    weights: FloatArray
    process: ResidualProcess
    reach: float

    def predict(self, fractions: FloatArray) -> list[Texture]:
        """Of recipes over all colorants, shape (n, n_colorants)."""
        values = np.maximum(_sum(self.weights, fractions) + self.process.mean(fractions)[:, 0], 0.0)
        return [Texture(float(one), max(float(one) - self.reach, 0.0), float(one) + self.reach) for one in values]


def train_texture(
    name: str, fractions: FloatArray, values: FloatArray, flakes: FloatArray, rng: np.random.Generator
) -> TextureModel:
    """Learn a quantity from panels.

    Parameters
    ----------
    name : str
    fractions : ndarray, shape (n_panels, n_colorants)
    values : ndarray, shape (n_panels,)
        NaN where it was not measured.
    flakes : ndarray of bool, shape (n_colorants,)
    rng : numpy.random.Generator
        Deals the panels into folds.

    Raises
    ------
    CharacterisationError
        If too few panels have the quantity, or one is negative.
    """
    known = np.isfinite(values)
    if known.sum() < FEWEST_READINGS:
        raise CharacterisationError(
            f"{name}: {int(known.sum())} of {known.size} panels have it; {FEWEST_READINGS} are needed to predict it"
        )
    c, y = fractions[known], values[known]
    if (y < 0).any():
        raise CharacterisationError(f"{name}: {y.min():g}; expected 0 or more")
    whole = _fit(name, c, y, flakes)
    fold = rng.permutation(len(y)) % _FOLDS
    missed = np.empty(len(y))
    for out in range(_FOLDS):
        inside, held = fold != out, fold == out
        part = _fit(name, c[inside], y[inside], flakes)
        missed[held] = [abs(one.value - seen) for one, seen in zip(part.predict(c[held]), y[held], strict=True)]
    reach = float(np.quantile(missed, min(1.0, _COVERAGE * (len(y) + 1) / len(y))))
    return TextureModel(name, whole.weights, whole.process, reach)


def _fit(name: str, fractions: FloatArray, values: FloatArray, flakes: FloatArray) -> TextureModel:
    from scipy.optimize import nnls

    columns = fractions * flakes
    weights, _ = nnls(columns, values**2)
    process = train_residuals(fractions, (values - _sum(weights, columns))[:, None], most=1)
    return TextureModel(name, weights, process, 0.0)


def _sum(weights: FloatArray, fractions: FloatArray) -> FloatArray:
    root: FloatArray = np.sqrt(np.maximum(fractions @ weights, 0.0))
    return root
