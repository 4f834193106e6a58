"""An ellipsoid from how large differences look, not from whether they are accepted: least STRESS around one colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from colorlab.difference.stress import StressComparison, compare_stress, stress
from colorlab.tolerance.learning.folds import LEAST_PAIRS, STRENGTHS, grouped_folds
from colorlab.tolerance.learning.psychometric import triangle
from spectra.arrays import FloatArray
from spectra.errors import ToleranceError

_SIZE_SD = 1.5  # the size is free: STRESS does not see it, and a weak belief keeps it where it is [ln of size]


@dataclass(frozen=True, slots=True, eq=False)
class MagnitudeFit:
    """An ellipsoid learned from visual magnitudes.

    Attributes
    ----------
    matrix : ndarray, shape (p, p)
        M: √(dᵀMd) is in the unit of the visual differences.
    prior_strength : float
        1/variance of the ln of a semi-axis about the formula's shape, chosen by pairs left out. [1]
    seen_stress : float
        On the pairs it was learned from. [0-100]
    left_out : StressComparison
        Ellipsoid (first) against formula (second) on pairs left out.
    """

    matrix: FloatArray
    prior_strength: float
    seen_stress: float
    left_out: StressComparison

    @property
    def better(self) -> bool:
        """Whether the ellipsoid follows pairs it has not seen better than the formula, beyond chance."""
        return self.left_out.difference_interval[1] < 0


def learn_magnitudes(
    differences: ArrayLike,
    delta_V: ArrayLike,
    delta_E: ArrayLike,
    prior_metric: ArrayLike,
    *,
    strengths: Sequence[float] = STRENGTHS,
    n_folds: int = 5,
    seed: int = 0,
) -> MagnitudeFit:
    """Learn the ellipsoid that follows visual differences around one colour best.

    Parameters
    ----------
    differences : array_like, shape (n_pairs, p)
        Sample minus standard, all about one colour. [CIELAB units]
    delta_V : array_like, shape (n_pairs,)
        Visual. [any unit]
    delta_E : array_like, shape (n_pairs,)
        What the formula computes. [unit of the formula]
    prior_metric : array_like, shape (p, p)
        The formula's shape near that colour.
    strengths : sequence of float
        1/variance of the ln of a semi-axis, strongest first. [1]
    n_folds, seed : int
        The strength is chosen within each fold from the others, so that the pairs left out have no part in it.

    Raises
    ------
    ToleranceError
        If there are fewer than `LEAST_PAIRS` pairs.
    MeasurementError
        See `colorlab.difference.stress.stress`.
    """
    d, V, E = (np.asarray(values, dtype=np.float64) for values in (differences, delta_V, delta_E))
    if len(V) < LEAST_PAIRS:
        raise ToleranceError(f"{len(V)} pairs are too few to compare by pairs left out; {LEAST_PAIRS} are the least")
    root = np.linalg.cholesky(np.asarray(prior_metric, dtype=np.float64)).T
    predicted = np.zeros(len(V))
    for learn, left_out in grouped_folds(np.arange(len(V)), n_folds, seed):
        strength = _choose(d[learn], V[learn], root, strengths, seed)
        predicted[left_out] = _size(d[left_out], _least_stress(d[learn], V[learn], root, strength))
    strength = _choose(d, V, root, strengths, seed)
    matrix = _least_stress(d, V, root, strength)
    return MagnitudeFit(matrix, strength, stress(_size(d, matrix), V), compare_stress(predicted, E, V, seed=seed))


def _choose(d: FloatArray, V: FloatArray, root: FloatArray, strengths: Sequence[float], seed: int) -> float:
    found = []
    for strength in strengths:
        predicted = np.zeros(len(V))
        for learn, left_out in grouped_folds(np.arange(len(V)), 4, seed):
            predicted[left_out] = _size(d[left_out], _least_stress(d[learn], V[learn], root, strength))
        found.append(stress(predicted, V))
    return float(strengths[int(np.argmin(found))])


def _least_stress(d: FloatArray, V: FloatArray, root: FloatArray, strength: float) -> FloatArray:
    """M scaled to V.

    n/2 · ln STRESS² is the likelihood of proportional differences with normal errors of unknown size, so that the
    prior weighs against it as it would against judgements.
    """
    from scipy.optimize import minimize

    p = len(root)
    u = d @ root.T
    below, beside = np.tril_indices(p, -1)

    def height(theta: FloatArray) -> tuple[float, FloatArray]:
        R = triangle(theta, p)
        v = u @ R
        E = np.sqrt((v * v).sum(axis=1) + 1e-18)
        slopes = np.concatenate([v * u * np.diag(R), v[:, beside] * u[:, below]], axis=1) / E[:, None]
        EV, EE, VV = E @ V, E @ E, V @ V
        rest = max(1 - EV**2 / (EE * VV), 1e-12)
        toward = (2 * EV**2 / (EE**2 * VV) * E - 2 * EV / (EE * VV) * V) / rest
        off, mean = theta[:p] - theta[:p].mean(), theta[:p].mean()
        belief = np.concatenate([strength * off + mean / p / _SIZE_SD**2, strength / 2 * theta[p:]])
        value = (
            len(V) / 2 * np.log(rest)
            + (strength * (off @ off + 0.5 * theta[p:] @ theta[p:]) + (mean / _SIZE_SD) ** 2) / 2
        )
        return float(value), len(V) / 2 * slopes.T @ toward + belief

    theta = minimize(height, np.zeros(p * (p + 1) // 2), jac=True, method="BFGS").x
    half = root.T @ triangle(theta, p)
    matrix = half @ half.T
    E = _size(d, matrix)
    scaled: FloatArray = matrix * float(E @ V / (E @ E)) ** 2
    return scaled


def _size(d: FloatArray, matrix: FloatArray) -> FloatArray:
    size: FloatArray = np.sqrt(np.einsum("ij,jk,ik->i", d, matrix, d))
    return size
