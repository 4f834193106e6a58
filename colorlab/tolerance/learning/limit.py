"""How surely judgements tell a formula's limit, and whether they are fewer acceptances at larger differences at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from colorlab.tolerance.learning.psychometric import Judgements, fit_psychometric
from colorlab.tolerance.learning.reach import coverage_factor, reach, widening_by_pairs
from spectra.arrays import FloatArray

# A limit that may as well be twice as large decides nothing.
WIDEST = 2.0
# What is believed of the slope before any judgement, one standard deviation about 0: so wide that it says nothing but
# where judgements separate without a fault, whose slope would have no end. [1]
_SLOPE_SD = 6.0
_STEPS = 100


@dataclass(frozen=True, slots=True)
class LimitKnown:
    """What judgements tell of a formula's limit.

    Attributes
    ----------
    interval : tuple of two float
        95 % of the limit. [unit of the formula]
    slope : float
        Of the log odds of rejection, over one standard deviation of ΔE² among the judgements: above 0 where larger
        differences are rejected more often. [1]
    slope_interval : tuple of two float
        95 %. [1]
    """

    interval: tuple[float, float]
    slope: float
    slope_interval: tuple[float, float]

    @property
    def missing(self) -> str | None:
        """Why no tolerance can stand on these judgements; None where one can."""
        low, high = self.slope_interval
        if high < 0:
            return "larger differences were accepted more often than smaller ones: are the answers the wrong way round?"
        if not low > 0:
            return "larger differences were not rejected more often than smaller ones beyond chance"
        if self.interval[1] > WIDEST * self.interval[0]:
            return (
                f"the limit is only known to lie between {self.interval[0]:.2f} and {self.interval[1]:.2f} (95 %), "
                f"wider than a factor of {WIDEST:g}"
            )
        return None


def limit_known(judgements: Judgements, delta_E: FloatArray, limit: float, *, seed: int = 0) -> LimitKnown:
    """How surely a formula's limit is known.

    The interval is that of the ΔE which every second judgement accepts (the psychometric function in one coordinate,
    widened by drawing the pairs again), extended to the limit where that lies outside. The slope is of a logistic
    regression on ΔE² that may have either sign, which that function may not.

    Parameters
    ----------
    judgements : Judgements
    delta_E : ndarray, shape (n,)
        [unit of the formula]
    limit : float
        See `colorlab.tolerance.learning.folds.limit_at_same_rejections`. [unit of the formula]
    seed : int
        Of drawing the pairs again.

    Raises
    ------
    ToleranceError
        If every judgement is the same.
    """
    in_one = Judgements(
        delta_E[:, None], judgements.accepted, judgements.observers, judgements.pairs, judgements.weights
    )
    fit = fit_psychometric(in_one, np.eye(1), 1.0)
    (wider,) = widening_by_pairs(in_one, fit, np.eye(1), 1.0, np.eye(1), seed=seed)
    low, high = reach(fit, (1.0,), float(wider)).interval
    slope, uncertainty = _slope(judgements, delta_E)
    half = coverage_factor(fit, fit.n_pairs) * uncertainty
    return LimitKnown((min(low, limit), max(high, limit)), slope, (slope - half, slope + half))


def _slope(judgements: Judgements, delta_E: FloatArray) -> tuple[float, float]:
    """Of a logistic regression of rejection on ΔE², and its standard uncertainty, the larger of two.

    Of the model's own and the one in which judgements of a pair go together (the sandwich).
    """
    w, y = judgements.weights, 1 - judgements.accepted
    square = delta_E**2
    mean = np.average(square, weights=w)
    spread = float(np.sqrt(np.average((square - mean) ** 2, weights=w)))
    if spread == 0:
        return 0.0, 0.0
    X = np.column_stack([np.ones(len(square)), (square - mean) / spread])
    belief = np.diag([0.0, _SLOPE_SD**-2])
    beta = np.zeros(2)
    for _ in range(_STEPS):
        P = 0.5 * (1 + np.tanh(X @ beta / 2))
        information = (X.T * (w * P * (1 - P))) @ X + belief
        step = np.linalg.solve(information + 1e-12 * np.eye(2), X.T @ (w * (y - P)) - belief @ beta)
        beta = beta + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-10:
            break
    P = 0.5 * (1 + np.tanh(X @ beta / 2))
    bread = np.linalg.inv((X.T * (w * P * (1 - P))) @ X + belief)
    _, pair = np.unique(judgements.pairs, return_inverse=True)
    scores = np.array([np.bincount(pair, w * (y - P) * column) for column in X.T])
    own, together = bread[1, 1], (bread @ scores @ scores.T @ bread)[1, 1]
    return float(beta[1]), float(np.sqrt(max(own, together)))
