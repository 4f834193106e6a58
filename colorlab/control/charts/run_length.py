"""Average run lengths of charts of standard normal scores, and the limits that give a stated one.

Each is the solution of an integral equation in the chart's state, by Gauss–Legendre quadrature (Nyström's method): it
is correct to many digits with few nodes, where a Markov chain of equal cells needs hundreds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import MeasurementError

_NODES = 60
# Shorter run lengths are no chart; longer ones are lost in the rounding of the linear equations.
SHORTEST_RUN, LONGEST_RUN = 10.0, 1e7


def ewma_run_length(limit: float, weight: float, shift: float = 0.0) -> float:
    """Submissions until a two-sided EWMA of standard normal scores leaves its limits, on average.

    Parameters
    ----------
    limit : float
        Half-width in standard deviations of the settled EWMA, √(weight / (2 − weight)).
    weight : float
        Of the newest score. [0-1]
    shift : float
        Of the mean. [standard deviations]

    References
    ----------
    .. [1] S. V. Crowder, "A simple method for studying run-length distributions of EWMA charts", Technometrics 29
       (1987) 401.
    .. [2] J. M. Lucas, M. S. Saccucci, "Exponentially weighted moving average control schemes", Technometrics 32
       (1990) 1: the table the tests check against.
    """
    from scipy.stats import norm

    half = limit * np.sqrt(weight / (2 - weight))
    nodes, weights = _quadrature(-half, half)
    at = np.append(nodes, 0.0)
    kernel = norm.pdf((nodes - (1 - weight) * at[:, None]) / weight - shift) * weights / weight
    return _from_zero(kernel)


def cusum_run_length(limit: float, allowance: float, shift: float = 0.0) -> float:
    """Submissions until a two-sided tabular CUSUM of standard normal scores exceeds its limit, on average.

    Parameters
    ----------
    limit, allowance : float
        h and k. [standard deviations]
    shift : float
        Of the mean. [standard deviations]

    References
    ----------
    .. [1] E. S. Page, "Continuous inspection schemes", Biometrika 41 (1954) 100: the integral equation.
    .. [2] D. C. Montgomery, Introduction to Statistical Quality Control, 9.1: the tables the tests check against.
    """
    up, down = (_one_sided_cusum(limit, allowance, side * shift) for side in (1, -1))
    return 1 / (1 / up + 1 / down)


def _one_sided_cusum(limit: float, allowance: float, shift: float) -> float:
    from scipy.stats import norm

    nodes, weights = _quadrature(0.0, limit)
    # State 0 has a probability of its own, so it is a node too, the last.
    at = np.append(nodes, 0.0)
    kernel = np.column_stack(
        [
            norm.pdf(nodes - at[:, None] + allowance - shift) * weights,
            norm.cdf(allowance - at - shift),
        ]
    )
    return float(np.linalg.solve(np.eye(len(at)) - kernel, np.ones(len(at)))[-1])


def mewma_run_length(limit: float, weight: float, n_components: int) -> float:
    """Submissions until the multivariate EWMA of standard normal scores leaves its limit without any shift, on average.

    The scores have no direction, so the distance of the EWMA from zero is a state by itself: squared, the next one is
    a noncentral χ² of `n_components`.

    Parameters
    ----------
    limit : float
        Of the squared distance in settled variances, weight / (2 − weight): Lowry's h₄.
    weight : float
        Of the newest score. [0-1]
    n_components : int

    References
    ----------
    .. [1] C. A. Lowry, W. H. Woodall, C. W. Champ, S. E. Rigdon, "A multivariate exponentially weighted moving average
       control chart", Technometrics 34 (1992) 46.
    .. [2] S. E. Rigdon, "An integral equation for the in-control average run length of a multivariate exponentially
       weighted moving average control chart", J. Stat. Comput. Simul. 52 (1995) 351.
    .. [3] S. S. Prabhu, G. C. Runger, "Designing a multivariate EWMA control chart", J. Qual. Technol. 29 (1997) 8:
       the table the tests check against.
    """
    from scipy.stats import ncx2

    farthest = np.sqrt(limit * weight / (2 - weight))
    nodes, weights = _quadrature(0.0, farthest)
    at = np.append(nodes, 0.0)
    away = ((1 - weight) * at[:, None] / weight) ** 2
    kernel = ncx2.pdf((nodes / weight) ** 2, n_components, away) * (2 * nodes / weight**2) * weights
    return _from_zero(kernel)


@lru_cache(maxsize=256)
def ewma_limit(run_length: float, weight: float) -> float:
    """The limit whose `ewma_run_length` without shift is this.

    Raises
    ------
    MeasurementError
        If the run length is not between `SHORTEST_RUN` and `LONGEST_RUN`.
    """
    return _limit(lambda limit: ewma_run_length(limit, weight), run_length, 0.3, 8.0)


@lru_cache(maxsize=256)
def cusum_limit(run_length: float, allowance: float) -> float:
    """The limit whose `cusum_run_length` without shift is this.

    Raises
    ------
    MeasurementError
        See `ewma_limit`.
    """
    return _limit(lambda limit: cusum_run_length(limit, allowance), run_length, 0.3, 40.0)


@lru_cache(maxsize=256)
def mewma_limit(run_length: float, weight: float, n_components: int) -> float:
    """The limit whose `mewma_run_length` is this.

    Raises
    ------
    MeasurementError
        See `ewma_limit`.
    """
    return _limit(
        lambda limit: mewma_run_length(limit, weight, n_components), run_length, 0.05, 45.0 + 4.0 * n_components
    )


def checked_run_length(run_length: float) -> float:
    """A run length a chart can have.

    Raises
    ------
    MeasurementError
        See `ewma_limit`.
    """
    if not SHORTEST_RUN <= run_length <= LONGEST_RUN:
        raise MeasurementError(
            f"{run_length:g} submissions between false alarms; {SHORTEST_RUN:g} to {LONGEST_RUN:g} can be charted"
        )
    return run_length


def _limit(run_length_at: Callable[[float], float], wanted: float, low: float, high: float) -> float:
    from scipy.optimize import brentq

    aim = np.log(checked_run_length(wanted))
    # The run length grows without bound, so the search widens from below until it is passed.
    top = low
    while top < high and 0 < run_length_at(top) < wanted:
        low, top = top, 1.3 * top
    return float(brentq(lambda limit: np.log(run_length_at(limit)) - aim, low, min(top, high), xtol=1e-8))


def _quadrature(low: float, high: float) -> tuple[FloatArray, FloatArray]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    half = (high - low) / 2
    return low + half * (nodes + 1), half * weights


def _from_zero(kernel: FloatArray) -> float:
    """Run length from state zero, the last row, of a kernel whose columns are the nodes."""
    inner = kernel[:-1]
    lengths = np.linalg.solve(np.eye(len(inner)) - inner, np.ones(len(inner)))
    return float(1 + kernel[-1] @ lengths)
