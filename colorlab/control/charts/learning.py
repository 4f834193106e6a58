"""Each submission judged by those before it: limits that are right from the first few submissions on.

A chart with limits from an estimated mean and scatter raises false alarms far more often than its tables say, because
the estimates of twenty submissions are not the truth. Here the estimates are part of the statistic: a new submission is
compared with the prediction from the earlier ones, whose distribution is known exactly (Student's t, Hotelling's T²),
and turned into standard normal scores, independent of each other as long as nothing changes. EWMA, CUSUM and MEWMA of
those scores have exactly the run lengths of charts with known parameters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colorlab.control.hotelling import full_rank, prediction_limit
from spectra.arrays import FloatArray
from spectra.errors import MeasurementError

# A chart speaks once its limits are at most this many times as wide as those of an endless history. Before, only what
# nobody needs a chart for would leave them.
WIDEST = 2.0
# What one submission in ten thousand reaches by chance is left out of the histories that follow. With a greater share
# their scatter would be understated by a per cent or two, and false alarms be more than stated. Nothing is left out of
# a history that is too short to speak: one that is narrow by chance would stay narrow.
LEFT_OUT_SHARE = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What the submissions before say of each one; NaN where they are too few.

    Attributes
    ----------
    counts : ndarray of int, shape (n,)
        Earlier submissions that count: the history by which each was judged.
    centre, spread : ndarray, shape (n, n_components)
        Mean and standard deviation of that history.
    scores : ndarray, shape (n, n_components)
        Standard normal and independent while nothing changes: of the first component, then of each one given those
        before it.
    own_scores : ndarray, shape (n, n_components)
        The same of each component by itself.
    t_squared, limit : ndarray, shape (n,)
        Hotelling's T² from the history, and its limit.
    left_out : ndarray of bool, shape (n,)
        So far beyond (`LEFT_OUT_SHARE`, or the limit where that is rarer) that it is in no later history.
    """

    counts: NDArray[np.int64]
    centre: FloatArray
    spread: FloatArray
    scores: FloatArray
    own_scores: FloatArray
    t_squared: FloatArray
    limit: FloatArray
    left_out: NDArray[np.bool_]


def learned(values: FloatArray, share: float) -> Learned:
    """Judge each submission by those before it, without the ones that were far off.

    Parameters
    ----------
    values : ndarray, shape (n, n_components)
    share : float
        Of false alarms of T².

    Raises
    ------
    MeasurementError
        If the values are copies of each other, or do not scatter in all components.

    References
    ----------
    .. [1] D. M. Hawkins, "Self-starting cusum charts for location and scale", The Statistician 36 (1987) 299.
    .. [2] D. M. Hawkins, E. M. Maboudou-Tchao, "Self-starting multivariate exponentially weighted moving average
       control charting", Technometrics 49 (2007) 199.
    """
    n, p = values.shape
    counts, left_out = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.bool_)
    centre, spread, ratios, own_ratios = (np.full((n, p), np.nan) for _ in range(4))
    t_squared = np.full(n, np.nan)
    rare = min(share, LEFT_OUT_SHARE)
    limits, farthest = (_prediction_limits(n, p, one) for one in (share, rare))
    settled = fewest_earlier(p, rare)
    for row in range(n):
        history = values[:row][~left_out[:row]]
        counts[row] = m = len(history)
        if m < 2:
            continue
        centre[row], spread[row] = history.mean(axis=0), history.std(axis=0, ddof=1)
        off = history - centre[row]
        scatter = off.T @ off
        if not full_rank(np.diag(np.diag(scatter))):
            continue
        own_ratios[row] = (values[row] - centre[row]) / (spread[row] * np.sqrt(1 + 1 / m))
        if m < p + 1 or not full_rank(scatter):
            continue
        # By the Cholesky factor: what each component leaves unexplained by those before it, in units of what it leaves
        # in the history; beside it what the prediction itself is uncertain by.
        left = np.linalg.solve(np.linalg.cholesky(scatter), values[row] - centre[row])
        uncertain = 1 + 1 / m + np.append(0.0, np.cumsum(left**2)[:-1])
        ratios[row] = left * np.sqrt((m - 1 - np.arange(p)) / uncertain)
        t_squared[row] = (m - 1) * m / (m + 1) * (left @ left)
        left_out[row] = m >= settled and t_squared[row] > farthest[m]
    if n > p + 1 and not np.isfinite(t_squared[-1]):
        raise MeasurementError("the submissions do not scatter in all components: copies of one reading")
    limit = np.where(np.isfinite(t_squared), limits[counts], np.nan)
    scores, own = _normal(ratios, counts[:, None] - 1 - np.arange(p)), _normal(own_ratios, counts[:, None] - 1)
    return Learned(counts, centre, spread, scores, own, t_squared, limit, left_out)


def fewest_earlier(n_components: int, share: float) -> int:
    """Earlier submissions that are needed before a chart of this share of false alarms speaks; see `WIDEST`."""
    from scipy.stats import chi2

    endless = float(chi2.isf(share, n_components))
    m = n_components + 1
    # Limits are of squares.
    while float(prediction_limit(m, n_components, share)) * (m + 1) / m > WIDEST**2 * endless:
        m += 1
    return m


def _prediction_limits(n: int, p: int, share: float) -> FloatArray:
    """`prediction_limit` by the number of earlier submissions, 0 to n − 1, NaN where they are too few."""
    limits: FloatArray = np.full(n, np.nan)
    if n > p + 1:
        limits[p + 1 :] = prediction_limit(np.arange(p + 1, n), p, share)
    return limits


def _normal(ratios: FloatArray, freedom: NDArray[np.int64]) -> FloatArray:
    """Student's t ratios as standard normal scores, by their upper tails, which keep their digits far out."""
    from scipy.stats import norm, t

    tails = t.sf(np.abs(ratios), np.maximum(freedom, 1))
    # Beyond the smallest probability a float holds there are no scores.
    scores: FloatArray = np.sign(ratios) * np.minimum(norm.isf(tails), 38.0)
    return scores
