"""How a metric falls over polishing rounds: towards a floor, by the same share of what is left in every round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spectra.arrays import FloatArray

GENERIC_MEAN = (-1.1, 0.6)
"""logit of floor over start and of the share left by a round: a quarter, two thirds. Where nothing was learned yet."""
GENERIC_SD = (1.5, 0.8)
"""So wide that three rounds of a panel outweigh it."""
_STEPS, _DAMPING = 60, 1e-3
_SHALLOWEST = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class LawPrior:
    """What is expected of a panel before its rounds are known.

    Attributes
    ----------
    mean : ndarray, shape (2,)
        Of logit(floor/start) and logit(share left by a round).
    covariance : ndarray, shape (2, 2)
    """

    mean: FloatArray
    covariance: FloatArray


GENERIC = LawPrior(np.array(GENERIC_MEAN), np.diag(np.square(GENERIC_SD)))


@dataclass(frozen=True, slots=True, eq=False)
class PanelCurve:
    """The law of one panel.

    Attributes
    ----------
    parameters : ndarray, shape (3,)
        ln start, logit(floor/start), logit(share left by a round).
    covariance : ndarray, shape (3, 3)
    scatter : float
        Of ln value about the law, from round to round.
    residuals : ndarray, shape (n,)
        ln value minus the law, of the rounds it was fitted to.
    """

    parameters: FloatArray
    covariance: FloatArray
    scatter: float
    residuals: FloatArray

    @property
    def floor(self) -> float:
        """What polishing like this ends at, in the unit of the values."""
        return float(np.exp(self.parameters[0]) * _share(self.parameters[1]))

    @property
    def left_by_a_round(self) -> float:
        """Share of what is above the floor that one round leaves."""
        return float(_share(self.parameters[2]))

    def log_value(self, rounds: FloatArray) -> tuple[FloatArray, FloatArray]:
        """ln value and the standard deviation of a measured one, at round numbers."""
        expected, slope = _law(self.parameters, rounds)
        return expected, np.sqrt(np.einsum("ni,ij,nj->n", slope, self.covariance, slope) + self.scatter**2)


def fit_curve(
    rounds: Sequence[float], values: Sequence[float], scatter: float, prior: LawPrior = GENERIC
) -> PanelCurve:
    """The law of a panel from its measured rounds and what is expected of it.

    s = floor + (start − floor) q^round; ln s is fitted by damped Gauss-Newton to the maximum of the posterior, whose
    curvature is the covariance.

    Parameters
    ----------
    rounds, values : sequence of float
        Round numbers and the metric, above 0; one round is enough to place the prior.
    scatter : float
        Of ln value from round to round.
    prior : LawPrior
    """
    number, log_value = np.asarray(rounds, np.float64), np.log(np.asarray(values, np.float64))
    precision = np.zeros((3, 3))
    precision[1:, 1:] = np.linalg.inv(prior.covariance)
    centre = np.array([0.0, *prior.mean])
    parameters = np.array([log_value[0], *prior.mean])
    damping = _DAMPING

    def misfit(theta: FloatArray) -> float:
        off = log_value - _law(theta, number)[0]
        away = theta - centre
        return float(off @ off) / scatter**2 + float(away @ precision @ away)

    least = misfit(parameters)
    for _ in range(_STEPS):
        expected, slope = _law(parameters, number)
        curvature = slope.T @ slope / scatter**2 + precision
        gradient = slope.T @ (log_value - expected) / scatter**2 - precision @ (parameters - centre)
        step = np.linalg.solve(curvature + damping * np.diag(np.diag(curvature)), gradient)
        trial = misfit(parameters + step)
        if trial > least:
            damping *= 4
            continue
        parameters, damping = parameters + step, max(damping / 4, 1e-9)
        if least - trial < 1e-9 * (1 + least):
            least = trial
            break
        least = trial
    expected, slope = _law(parameters, number)
    covariance = np.asarray(np.linalg.inv(slope.T @ slope / scatter**2 + precision), np.float64)
    return PanelCurve(parameters, covariance, scatter, log_value - expected)


def _share(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))


def _law(parameters: FloatArray, rounds: FloatArray) -> tuple[FloatArray, FloatArray]:
    """ln s at the rounds, shape (n,), and its derivatives by the parameters, shape (n, 3)."""
    start, floor, left = parameters[0], _share(parameters[1]), _share(parameters[2])
    power = left**rounds
    relative = np.maximum(floor + (1 - floor) * power, _SHALLOWEST)
    by_floor = (1 - power) * floor * (1 - floor) / relative
    by_left = (1 - floor) * rounds * power * (1 - left) / relative
    return start + np.log(relative), np.stack([np.ones_like(power), by_floor, by_left], axis=-1)
