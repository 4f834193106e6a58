"""How far a learned tolerance reaches in each direction, how surely, and whether the judgements tell it at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from colorlab.tolerance.learning.psychometric import (
    Judgements,
    Psychometric,
    fit_psychometric,
    prior_information,
    triangle,
)
from spectra.arrays import FloatArray
from spectra.errors import ToleranceError

# A direction is told by the judgements when they alone, without any belief about the shape, give its reach within a
# factor of two at 95 %. What counts as no belief: a semi-axis within a factor of 20, one standard deviation. [ln]
_TOLD, _NO_BELIEF_SD = np.log(2) / 1.96, 3.0


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the 50 % surface lies from the standard in one direction.

    Attributes
    ----------
    direction : tuple of float
        Of unit length, in the coordinates of the differences.
    length : float
        [CIELAB units]
    interval : tuple of two float
        95 %, as wide as the judgements alone would leave it: the belief in the formula's shape lends no certainty, and
        how far it has drawn the length is allowed for. [CIELAB units]
    identified : bool
        Whether the judgements tell it. If not, the length is the formula's shape in the learned size.
    """

    direction: tuple[float, ...]
    length: float
    interval: tuple[float, float]
    identified: bool

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "direction": list(self.direction),
            "length": self.length,
            "interval_95": list(self.interval),
            "identified": self.identified,
        }


def reach(fit: Psychometric, direction: Sequence[float] | FloatArray, widening: float = 1.0) -> Reach:
    """How far the ellipsoid reaches in one direction, with its 95 % interval.

    Parameters
    ----------
    fit : Psychometric
    direction : sequence of float, length p
    widening : float
        By which the interval is wider than the model says (`widening_by_pairs`). [1]
    """
    e = np.asarray(direction, dtype=np.float64)
    e = e / np.linalg.norm(e)
    log_length, gradient = _log_reach(fit, e)
    covariance = np.linalg.inv(fit.information + without_belief(fit))
    uncertainty = float(np.sqrt(gradient @ covariance @ gradient))
    # One Newton step from here to where the judgements alone would lead; the shape of the formula is at 0.
    shape = np.where(np.arange(len(gradient)) < fit.n_shape, fit.parameters, 0.0)
    drawn = float(gradient @ covariance @ (fit.prior - without_belief(fit)) @ shape)
    length = float(np.exp(log_length))
    factor = float(np.exp(coverage_factor(fit, fit.n_pairs) * np.hypot(uncertainty * widening, drawn)))
    return Reach(tuple(e.tolist()), length, (length / factor, length * factor), bool(uncertainty <= _TOLD))


def coverage_factor(fit: Psychometric, n_pairs: float) -> float:
    """Half of a 95 % interval in standard uncertainties: Student's t and G/(G − p), as G pairs tell p parameters.

    1.96 where there are many pairs.
    """
    from scipy.stats import t

    freedom = max(n_pairs - fit.n_shape, 1.0)
    return float(t.ppf(0.975, freedom) * np.sqrt(max(n_pairs, 1.0) / freedom))


def principal_directions(matrix: FloatArray) -> FloatArray:
    """Of an ellipsoid dᵀMd = 1, longest semi-axis first, one a row; the largest component of each is positive."""
    axes = np.linalg.eigh(matrix)[1].T
    largest = axes[range(len(axes)), np.abs(axes).argmax(axis=1)]
    signed: FloatArray = axes * np.sign(largest)[:, None]
    return signed


def log_reach_uncertainty(fit: Psychometric, direction: FloatArray, covariance: FloatArray) -> float:
    """Standard uncertainty of ln of the reach under a covariance of the parameters. [1]"""
    gradient = _log_reach(fit, direction)[1]
    return float(np.sqrt(gradient @ covariance @ gradient))


def widening_by_pairs(
    judgements: Judgements,
    fit: Psychometric,
    prior_metric: FloatArray,
    prior_strength: float,
    directions: FloatArray,
    *,
    n_resamples: int = 200,
    seed: int = 0,
) -> FloatArray:
    """How much wider intervals are than Laplace's approximation says, judged by drawing the pairs again.

    Judgements of one pair may go together more than the model knows, as when a dust grain makes everybody reject it.
    Drawing whole pairs with replacement keeps that. The observers stay, so what is compared is the reach for the mean
    of these observers.

    Returns
    -------
    ndarray, shape (n_directions,)
        At least 1. [1]
    """
    # Of the mean of these observers: ln of the reach plus the mean of their t.
    mean = np.zeros(len(fit.parameters))
    if judgements.n_observers:
        mean[fit.n_shape + 2 :] = 1 / judgements.n_observers
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(n_resamples):
        drawn = np.bincount(rng.integers(0, judgements.pairs.max() + 1, judgements.pairs.max() + 1))
        counts = np.zeros(judgements.pairs.max() + 1)
        counts[: len(drawn)] = drawn
        weights = judgements.weights * counts[judgements.pairs]
        again = Judgements(judgements.differences, judgements.accepted, judgements.observers, judgements.pairs, weights)
        try:
            refit = fit_psychometric(again, prior_metric, prior_strength)
        except ToleranceError:  # only one kind of judgement was drawn
            continue
        found.append([_log_reach(refit, e)[0] + mean @ refit.parameters for e in directions])
    if len(found) < n_resamples / 2:
        raise ToleranceError("too few judgements of one kind: half of the sets drawn again hold none")
    gradients = np.array([_log_reach(fit, e)[1] + mean for e in directions])
    expected = np.sqrt(np.einsum("ij,jk,ik->i", gradients, fit.covariance, gradients))
    low, high = np.quantile(np.array(found), (0.025, 0.975), axis=0)
    wider: FloatArray = np.maximum((high - low) / (2 * 1.96 * expected), 1.0)
    return wider


def _log_reach(fit: Psychometric, e: FloatArray) -> tuple[float, FloatArray]:
    """Of ln 1/√(eᵀMe) and its derivative by the parameters."""
    p = fit.dimension
    R = triangle(fit.parameters[: fit.n_shape], p)
    u = fit.root @ e
    v = u @ R
    q = float(v @ v)
    gradient = np.zeros(len(fit.parameters))
    gradient[:p] = v * u * np.diag(R)
    below, beside = np.tril_indices(p, -1)
    gradient[p : fit.n_shape] = v[beside] * u[below]
    return -0.5 * float(np.log(q)), -gradient / q


def without_belief(fit: Psychometric) -> FloatArray:
    """The prior's information without what it says of the shape."""
    p, n_observers = fit.dimension, len(fit.parameters) - fit.n_shape - 2
    return prior_information(p, n_observers, 1 / _NO_BELIEF_SD**2, fit.observer_sd or 1.0)
