"""The tests of a control chart in three coordinates, and how often charts without drift fail them: by simulation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import MeasurementError

WEIGHT = 0.2  # of the newest reading in the EWMA: its memory is some ten readings
BLOCK = 500  # charts simulated at a time, to bound the memory
LEAST_BLOCKS = 4
_NAMES: tuple[Literal["step"], Literal["slope"], Literal["excursion"]] = ("step", "slope", "excursion")


@dataclass(frozen=True, slots=True, eq=False)
class Tests:
    """What the tests say of one chart.

    Attributes
    ----------
    p_value : float
        Of the least probable of the three statistics, as the least of three.
    likeliest : {"step", "slope", "excursion"}
        The one that is least probable without drift.
    step : int
        Index of the first reading after the likeliest step.
    mewma : ndarray, shape (n_readings,)
    mewma_limit : float
    """

    p_value: float
    likeliest: Literal["step", "slope", "excursion"]
    step: int
    mewma: FloatArray
    mewma_limit: float


def steady_charts(days: FloatArray, share: float, rng: np.random.Generator) -> FloatArray:
    """The three statistics of simulated charts without drift, shape (n_charts, 3).

    The statistics do not change when the coordinates are mixed or rescaled, so charts of independent standard normal
    readings stand for those of any station. There are so many that a share of false alarms is known to a fifth.
    """
    blocks = max(LEAST_BLOCKS, math.ceil(25 / share / BLOCK))
    return np.concatenate([_statistics(rng.standard_normal((BLOCK, len(days), 3)), days).worst for _ in range(blocks)])


def chart_tests(lab: FloatArray, days: FloatArray, share: float, steady: FloatArray) -> Tests:
    """Test readings (n_readings, 3) taken at some days against charts without drift.

    Raises
    ------
    MeasurementError
        If the readings do not scatter.
    """
    values = np.linalg.eigvalsh(_of_successive(lab[None])[0])
    if values[0] <= 1e-12 * max(values[-1], 1e-300):
        raise MeasurementError(
            "the readings of the check tile do not scatter in all coordinates: copies of one reading"
        )
    seen = _statistics(lab[None], days)
    # Each statistic as the share of charts without drift that exceed it; then the least of the three among the same of
    # those charts.
    places = np.sort(steady, axis=0)
    p_seen = _exceeding(seen.worst, places)[0]
    p_steady = _exceeding(steady, places).min(axis=1)
    p_value = (1 + float((p_steady <= p_seen.min()).sum())) / (1 + len(steady))
    # Where several are beyond all simulated charts, the one furthest beyond.
    beyond = seen.worst[0] / places[-1]
    likeliest = int(np.lexsort((-beyond, p_seen))[0])
    # The chart is drawn with the limit of the excursion test at the share it has of the three.
    limit = float(np.quantile(steady[:, 2], 1 - share / 3))
    return Tests(p_value, _NAMES[likeliest], int(seen.step[0]), seen.mewma[0], limit)


def slope_of(lab: FloatArray, days: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Slope of each coordinate a day and half the width of its 95 % interval, each of shape (3,)."""
    from scipy.stats import t

    off = days - days.mean()
    slope = off @ lab / (off @ off)
    rest = lab - lab.mean(axis=0) - off[:, None] * slope
    spread = np.sqrt((rest**2).sum(axis=0) / (len(days) - 2) / (off @ off))
    half: FloatArray = spread * float(t.ppf(0.975, len(days) - 2))
    return slope, half


@dataclass(frozen=True, slots=True, eq=False)
class _Statistics:
    worst: FloatArray  # (n_charts, 3): greatest step, slope, greatest excursion
    step: FloatArray  # (n_charts,) index of the first reading after the greatest step
    mewma: FloatArray  # (n_charts, n_readings)


def _statistics(charts: FloatArray, days: FloatArray) -> _Statistics:
    """Of charts of shape (n_charts, n_readings, 3)."""
    n = charts.shape[1]
    centred = charts - charts.mean(axis=1, keepdims=True)
    total = centred.swapaxes(-1, -2) @ centred
    inverse = np.linalg.inv(total)
    # A step at k: with T the total scatter and m the scaled difference of means, T² grows with m' T⁻¹ m, whichever k.
    counts = np.arange(1, n)
    sums = np.cumsum(centred, axis=1)[:, :-1] * np.sqrt(n / (counts * (n - counts)))[:, None]
    steps = np.einsum("cki,cij,ckj->ck", sums, inverse, sums)
    off = (days - days.mean()) / np.sqrt(((days - days.mean()) ** 2).sum())
    slopes = np.einsum("n,cni->ci", off, centred)
    slope = np.einsum("ci,cij,cj->c", slopes, inverse, slopes)
    successive = np.linalg.inv(_of_successive(charts))
    smoothed, running = np.empty_like(centred), np.zeros_like(centred[:, 0])
    for k in range(n):
        running = WEIGHT * centred[:, k] + (1 - WEIGHT) * running
        smoothed[:, k] = running
    variance = WEIGHT / (2 - WEIGHT) * (1 - (1 - WEIGHT) ** (2 * np.arange(1, n + 1)))
    mewma = np.einsum("cki,cij,ckj->ck", smoothed, successive, smoothed) / variance
    # 1 − share unexplained, as a ratio that keeps growing: explained over unexplained.
    greatest = steps.max(axis=1)
    worst = np.stack([greatest / (1 - greatest), slope / (1 - slope), mewma.max(axis=1)], axis=1)
    return _Statistics(worst, 1 + steps.argmax(axis=1).astype(np.float64), mewma)


def _of_successive(charts: FloatArray) -> FloatArray:
    """Covariance from differences of successive readings, which a slow drift hardly touches, shape (n_charts, 3, 3)."""
    moves = np.diff(charts, axis=1)
    covariance: FloatArray = moves.swapaxes(-1, -2) @ moves / (2 * moves.shape[1])
    return covariance


def _exceeding(values: FloatArray, places: FloatArray) -> FloatArray:
    """Share of simulated charts with at least these values, shape (n_charts, 3)."""
    shares: FloatArray = np.stack(
        [1 - np.searchsorted(places[:, k], values[:, k], side="left") / len(places) for k in range(3)], axis=1
    )
    return shares
