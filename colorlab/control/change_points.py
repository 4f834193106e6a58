"""Change points: after which submissions did the usual difference become another one, by how much, how surely?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from colorlab.control.series import Series
from spectra.arrays import FloatArray
from spectra.errors import MeasurementError

# A change stays for two submissions at least; one that stands alone is the control charts' to find.
SHORTEST = 2
FEWEST = 8
FALSE_ALARMS = 0.01
CONFIDENCE = 0.95
# Simulated histories: so many at least, and so many that the share of false alarms is known to a fifth of itself.
HISTORIES = 2500
_BEYOND = 25
_MOST_CHANGES = 3  # up to which simulated histories are searched: one with more has had fewer before
_BLOCK = 250


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A change of the mean.

    Attributes
    ----------
    row : int
        Of the first submission after it.
    record : str
    time : datetime
    earliest, latest : str
        Records between which the first submission after it is, with 95 %.
    size, half_width : ndarray, shape (n_components,)
        Mean after minus mean before, and half the width of its 95 % interval. [units of the series]
    confidence : float
        Share of simulated histories without change in which no change looks as clear. [1]
    """

    row: int
    record: str
    time: datetime
    earliest: str
    latest: str
    size: FloatArray
    half_width: FloatArray
    confidence: float

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "record": self.record,
            "time": self.time.isoformat(),
            "earliest": self.earliest,
            "latest": self.latest,
            "size": self.size.tolist(),
            "size_half_width_95": self.half_width.tolist(),
            "confidence": self.confidence,
        }


@dataclass(frozen=True, slots=True, eq=False)
class SteadyHistories:
    """How clear changes look in simulated histories that have none.

    Attributes
    ----------
    n, n_components : int
    penalty : float
        What a change must gain; a share `false_alarms` of these histories have one that does.
    gains : ndarray, shape (n_histories,)
        Of the clearest change of each, sorted.
    """

    n: int
    n_components: int
    penalty: float
    gains: FloatArray


def steady_histories(
    n: int, n_components: int, rng: np.random.Generator, *, false_alarms: float = FALSE_ALARMS
) -> SteadyHistories:
    """Simulate histories without change, for the penalty of `change_points`.

    The gains do not depend on units or correlations, so independent standard normal submissions stand for any.

    Parameters
    ----------
    n : int
        Submissions.
    n_components : int
    rng : numpy.random.Generator
    false_alarms : float
        Share of histories without change in which one is found.

    Raises
    ------
    MeasurementError
        If n is below `FEWEST`, or three more than components.
    """
    fewest = fewest_submissions(n_components)
    if n < fewest:
        raise MeasurementError(f"change points of {n} submissions cannot be found; {fewest - n} more are needed")
    needed, single = [], []
    for _ in range(math.ceil(max(HISTORIES, _BEYOND / false_alarms) / _BLOCK)):
        costs = _costs(_whitened(rng.standard_normal((_BLOCK, n, n_components))))
        gains = costs[0] - costs[1:]
        # A penalty below the gain of k changes over k lets that many in.
        needed.append((gains / np.arange(1, len(gains) + 1)[:, None]).max(axis=0))
        single.append(gains[0])
    penalty = float(np.quantile(np.concatenate(needed), 1 - false_alarms))
    return SteadyHistories(n, n_components, penalty, np.sort(np.concatenate(single)))


def fewest_submissions(n_components: int) -> int:
    """How many submissions `change_points` needs."""
    return max(FEWEST, n_components + 3)


def change_points(series: Series, steady: SteadyHistories) -> tuple[Change, ...]:
    """The changes of the mean that explain a series best: an exact search over all divisions of it.

    The sum of squared distances from the means between changes, in units of the scatter of successive submissions, plus
    a penalty a change is made least by dynamic programming.

    Parameters
    ----------
    series : Series
    steady : SteadyHistories
        Of as many submissions and components.

    Raises
    ------
    MeasurementError
        If the histories are of another size, or the submissions do not scatter in all components.

    References
    ----------
    .. [1] B. Jackson et al., "An algorithm for optimal partitioning of data on an interval", IEEE Signal Process. Lett.
       12 (2005) 105; R. Killick, P. Fearnhead, I. A. Eckley, J. Am. Stat. Assoc. 107 (2012) 1590.
    """
    if (series.n, len(series.components)) != (steady.n, steady.n_components):
        raise MeasurementError(
            f"{series.name}: {series.n} submissions of {len(series.components)} components were compared with "
            f"simulated histories of {steady.n} and {steady.n_components}"
        )
    whitened = _whitened(series.values[None])[0]
    starts = _divided(whitened, steady.penalty)
    edges = (0, *starts, series.n)
    return tuple(
        _change(series, whitened, before, start, after, steady)
        for before, start, after in zip(edges, edges[1:], edges[2:], strict=False)
    )


def _whitened(values: FloatArray) -> FloatArray:
    """Histories (n_histories, n, n_components) in units of the scatter of successive submissions."""
    moves = np.diff(values, axis=1)
    covariance = moves.swapaxes(-1, -2) @ moves / (2 * moves.shape[1])
    least = np.linalg.eigvalsh(covariance)
    if (least[:, 0] <= 1e-12 * least[:, -1]).any():
        raise MeasurementError("the submissions do not scatter in all components: copies of one reading")
    lower = np.linalg.cholesky(covariance)
    centred = values - values.mean(axis=1, keepdims=True)
    whitened: FloatArray = np.linalg.solve(lower, centred.swapaxes(-1, -2)).swapaxes(-1, -2)
    return whitened


class _Sums:
    """Cost of every stretch of histories (n_histories, n, n_components), by cumulative sums."""

    def __init__(self, whitened: FloatArray) -> None:
        first = np.zeros_like(whitened[:, :1])
        self.sums = np.concatenate([first, np.cumsum(whitened, axis=1)], axis=1)
        squares = np.cumsum((whitened**2).sum(axis=2), axis=1)
        self.squares = np.concatenate([np.zeros_like(squares[:, :1]), squares], axis=1)

    def cost(self, starts: slice, end: int) -> FloatArray:
        """Of the stretches from each start up to the end, shape (n_histories, n_starts)."""
        between = self.sums[:, end, None] - self.sums[:, starts]
        counts = end - np.arange(starts.start, starts.stop)
        cost: FloatArray = self.squares[:, end, None] - self.squares[:, starts] - (between**2).sum(axis=2) / counts
        return cost


def _costs(whitened: FloatArray) -> FloatArray:
    """The least cost of each history with 0, 1, … changes, shape (n_changes + 1, n_histories)."""
    n_histories, n, _ = whitened.shape
    sums = _Sums(whitened)
    most = min(_MOST_CHANGES, n // SHORTEST - 1)
    best = np.full((most + 1, n_histories, n + 1), np.inf)
    for end in range(SHORTEST, n + 1):
        cost = sums.cost(slice(0, end - SHORTEST + 1), end)
        best[0, :, end] = cost[:, 0]
        for changes in range(1, most + 1):
            best[changes, :, end] = (best[changes - 1, :, : end - SHORTEST + 1] + cost).min(axis=1)
    ends: FloatArray = best[:, :, n]
    return ends


def _divided(whitened: FloatArray, penalty: float) -> tuple[int, ...]:
    """First rows after each change."""
    n = len(whitened)
    sums = _Sums(whitened[None])
    best, start = np.full(n + 1, np.inf), np.zeros(n + 1, dtype=np.int64)
    best[0] = -penalty
    for end in range(SHORTEST, n + 1):
        total = best[: end - SHORTEST + 1] + sums.cost(slice(0, end - SHORTEST + 1), end)[0] + penalty
        start[end] = int(np.argmin(total))
        best[end] = total[start[end]]
    changes, end = [], n
    while start[end] > 0:
        end = int(start[end])
        changes.append(end)
    return tuple(reversed(changes))


def _change(
    series: Series, whitened: FloatArray, before: int, start: int, after: int, steady: SteadyHistories
) -> Change:
    """One change between the ones beside it: its place, size and confidence."""
    stretch = whitened[before:after]
    sums = _Sums(stretch[None])
    length, p = stretch.shape
    places = np.arange(SHORTEST, length - SHORTEST + 1)
    costs = np.array([sums.cost(slice(0, 1), at)[0, 0] + sums.cost(slice(at, at + 1), length)[0, 0] for at in places])
    # The likelihood of each place, the scatter unknown; every place as likely beforehand.
    freedom = p * (length - 2)
    weights = (costs / costs.min()) ** (-freedom / 2)
    weights /= weights.sum()
    order = np.argsort(-weights)
    held = places[order[: 1 + int(np.searchsorted(np.cumsum(weights[order]), CONFIDENCE))]]
    whole = float(sums.cost(slice(0, 1), length)[0, 0])
    gain = whole - float(costs[start - before - SHORTEST])
    as_clear = len(steady.gains) - int(np.searchsorted(steady.gains, gain))
    size, half = _size(series.values[before:start], series.values[start:after])
    return Change(
        row=start,
        record=series.records[start],
        time=series.times[start],
        earliest=series.records[before + int(held.min())],
        latest=series.records[before + int(held.max())],
        size=size,
        half_width=half,
        confidence=1 - (1 + as_clear) / (1 + len(steady.gains)),
    )


def _size(before: FloatArray, after: FloatArray) -> tuple[FloatArray, FloatArray]:
    from scipy.stats import t

    freedom = len(before) + len(after) - 2
    scatter = (len(before) * before.var(axis=0) + len(after) * after.var(axis=0)) / freedom
    half: FloatArray = t.ppf((1 + CONFIDENCE) / 2, freedom) * np.sqrt(scatter * (1 / len(before) + 1 / len(after)))
    size: FloatArray = after.mean(axis=0) - before.mean(axis=0)
    return size, half
