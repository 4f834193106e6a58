"""How well some causes together explain a difference: estimates, their covariance, and the evidence for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, pi

import numpy as np

from colorlab.control.explain.batch_model import BatchModel
from colorlab.control.explain.causes import FOREIGN_SPREAD, Assumptions, Cause, log_student_t
from spectra.arrays import FloatArray
from spectra.carried import carried

_ITERATIONS = 25
_STEP = 1e-5
_GREATEST_STEP = 0.7
_LARGEST = 6.0  # a factor of 400: whatever lies beyond is no shade of this recipe
_CONVERGED = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """What has to be explained.

    Attributes
    ----------
    model : BatchModel
    start : ndarray, shape (n_angles, n_wavelengths)
        Reflectance factor of the standard, or of the predicted recipe.
    sample : ndarray, shape (n_angles, n_wavelengths)
    whitening : ndarray, shape (n_values, n_values)
        Turns errors of the difference into independent ones of unit variance.
    assumptions : Assumptions
    """

    model: BatchModel
    start: FloatArray
    sample: FloatArray
    whitening: FloatArray
    assumptions: Assumptions

    @property
    def freedom(self) -> int:
        """Number of independent values in the difference."""
        return self.sample.size

    def residuals(self, causes: Sequence[Cause], effects: FloatArray) -> FloatArray:
        """What effects leave, in units of its uncertainty, shape (n, n_values); effects of shape (n, n_causes)."""
        seen = self.model.reflectance_factors(causes, effects)
        moved = carried(self.start, self.model.as_stated, seen, self.model.colorant_set)
        rows: FloatArray = (self.sample - moved).reshape(len(effects), -1) @ self.whitening.T
        return rows


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Some causes fitted to a difference.

    Attributes
    ----------
    causes : tuple of Cause
    effects : ndarray, shape (n_causes,)
        Most probable logarithms of the factors (see `BatchModel.reflectance_factor`).
    covariance : ndarray, shape (n_causes, n_causes)
    chi_square : float
        Of what stays unexplained.
    log_evidence : float
        Log of the marginal likelihood, up to what is common to all fits of one difference.
    """

    causes: tuple[Cause, ...]
    effects: FloatArray
    covariance: FloatArray
    chi_square: float
    log_evidence: float

    def deviation(self, index: int) -> float:
        """Standard deviation of an effect."""
        return float(np.sqrt(self.covariance[index, index]))


def sensitivities(
    difference: Difference, causes: Sequence[Cause], effects: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """What effects leave, and how fast the explained spectrum changes with each, in units of the uncertainty.

    Returns
    -------
    residual : ndarray, shape (n_values,)
    slopes : ndarray, shape (n_values, n_causes)
    """
    rows = difference.residuals(causes, effects + np.vstack([np.zeros(effects.size), _STEP * np.eye(effects.size)]))
    return rows[0], (rows[0] - rows[1:]).T / _STEP


def fit(difference: Difference, causes: Sequence[Cause]) -> Fit:
    """Most probable effects of some causes by Gauss–Newton with priors, and Laplace's evidence.

    The Student t prior enters each step as the normal one of the same slope, whose weight falls as the effect grows.

    References
    ----------
    .. [1] D. J. C. MacKay, "Bayesian interpolation", Neural Computation 4 (1992) 415–447.
    """
    causes = tuple(causes)
    prior = _Prior(difference, causes)
    effects = prior.start.copy()
    residual, J = sensitivities(difference, causes, effects)
    if not causes:
        chi_square = float(residual @ residual)
        return Fit((), effects, np.zeros((0, 0)), chi_square, -0.5 * chi_square)
    cost = _cost(residual, prior, effects)
    damping = 0.0
    for _ in range(_ITERATIONS):
        weights = prior.weights(effects)
        information = J.T @ J + np.diag(weights)
        gradient = J.T @ residual - weights * (effects - prior.middle)
        step = np.linalg.solve(information + damping * np.diag(np.diag(information)), gradient)
        step *= min(1.0, _GREATEST_STEP / max(float(np.abs(step).max()), 1e-300))
        tried = np.clip(effects + step, prior.lowest, prior.highest)
        new_residual, new_J = sensitivities(difference, causes, tried)
        new_cost = _cost(new_residual, prior, tried)
        if new_cost > cost + 1e-12:
            damping = max(10 * damping, 1e-3)
            if damping > 1e6:
                break
            continue
        done = float(np.abs(tried - effects).max()) < _CONVERGED
        effects, residual, J, cost, damping = tried, new_residual, new_J, new_cost, damping / 10
        if done:
            break
    information = J.T @ J + np.diag(prior.weights(effects))
    chi_square = float(residual @ residual)
    log_evidence = -cost + 0.5 * len(causes) * log(2 * pi) - 0.5 * float(np.linalg.slogdet(information)[1])
    covariance: FloatArray = np.asarray(np.linalg.inv(information), dtype=np.float64)
    return Fit(causes, effects, covariance, chi_square, log_evidence)


class _Prior:
    """Student t about no effect for what the recipe holds; normal about the usual share for what it does not."""

    def __init__(self, difference: Difference, causes: tuple[Cause, ...]) -> None:
        assumptions, model = difference.assumptions, difference.model
        self.foreign = np.array([cause.kind == "foreign" for cause in causes], dtype=bool)
        self.tail = assumptions.tail
        usual = log(assumptions.foreign)
        self.middle = np.where(self.foreign, usual, 0.0)
        self.scales = np.array(
            [
                FOREIGN_SPREAD if cause.kind == "foreign" else assumptions.scale(cause, model.colorant_set)
                for cause in causes
            ]
        )
        self.lowest = np.where(self.foreign, usual - 4 * FOREIGN_SPREAD, -_LARGEST)
        self.highest = np.where(self.foreign, 0.0, _LARGEST)
        # From the middle of its prior a strong colorant overshoots: its share is first taken small.
        self.start = np.where(self.foreign, usual - FOREIGN_SPREAD, 0.0)

    def log_density(self, effects: FloatArray) -> float:
        own = ~self.foreign
        away = (effects - self.middle) / self.scales
        normal = -0.5 * away[self.foreign] ** 2 - np.log(self.scales[self.foreign]) - 0.5 * log(2 * pi)
        return log_student_t(effects[own], self.scales[own], self.tail) + float(normal.sum())

    def weights(self, effects: FloatArray) -> FloatArray:
        away = effects - self.middle
        t_like = (self.tail + 1) / (self.tail * self.scales**2 + away**2)
        weights: FloatArray = np.where(self.foreign, 1 / self.scales**2, t_like)
        return weights


def _cost(residual: FloatArray, prior: _Prior, effects: FloatArray) -> float:
    return 0.5 * float(residual @ residual) - prior.log_density(effects)


def upper_tail(chi_square: float, freedom: int) -> float:
    """Probability that χ² of so many degrees of freedom exceeds a value."""
    from scipy.special import gammaincc

    return float(gammaincc(freedom / 2, chi_square / 2))
