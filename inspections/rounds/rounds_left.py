"""How many more rounds a panel needs: a straight line through the logarithm of its own rounds, with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from inspections.rounds.ledger import PolishingLedger, changes_of
from inspections.rounds.limits import MetricLimit
from spectra.arrays import FloatArray

FORECAST_CONFIDENCE = 0.90
FORECAST_HORIZON = 12
"""Rounds ahead beyond which no forecast is worth printing."""
MIN_ROUNDS = 3
"""Measured rounds below which a line through them leaves no scatter to judge it by."""


@dataclass(frozen=True, slots=True)
class RoundsLeft:
    """How many more rounds a metric needs to reach its limit.

    `rounds`, `low` and `high` are None when they cannot be said; `reason` then says why. `high` alone is None when
    the slow end of the interval does not reach the limit within the horizon.
    """

    metric: str
    rounds: int | None
    low: int | None
    high: int | None
    reason: str


def rounds_left(ledger: PolishingLedger, limit: MetricLimit) -> RoundsLeft:
    """Forecast of the rounds one metric still needs, from its own rounds only.

    A straight line through ln(value) over the round number; the interval is the 90 % prediction interval of that
    line (Student t, scatter at least the repeatability), its slow end not faster than the last round was. Three
    measured rounds are the least that hold any scatter; with fewer the answer is that it cannot be said.
    """
    points = [(entry.number, value) for entry in ledger.rounds if (value := entry.metric(limit.metric)) is not None]
    name = limit.metric
    if not points:
        return RoundsLeft(name, None, None, None, "cannot say: not measured yet")
    last = points[-1][1]
    if last.value <= limit.maximum:
        return RoundsLeft(name, 0, 0, 0, f"{last.value:.3g} {last.unit} is within {limit.maximum:.3g} {limit.unit}")
    if len(points) < MIN_ROUNDS:
        return RoundsLeft(name, None, None, None, f"cannot say: {len(points)} measured rounds, {MIN_ROUNDS} are needed")
    final_change = changes_of(ledger, name)[-1]
    if final_change.word != "improved":
        return RoundsLeft(name, None, None, None, f"cannot say: the last round gave {final_change.word}")
    number: FloatArray = np.array([float(index) for index, _ in points])
    log_value = np.log([value.value for _, value in points])
    repeatability = max((value.repeatability or 0.0) / value.value for _, value in points)
    return _forecast(name, number, log_value, math.log(limit.maximum), repeatability)


def _forecast(
    name: str, number: FloatArray, log_value: FloatArray, log_limit: float, repeatability: float
) -> RoundsLeft:
    """Rounds until the line, and either end of its prediction interval, is below the limit."""
    n = number.size
    centre = number.mean()
    spread = float(((number - centre) ** 2).sum())
    slope = float(((number - centre) * log_value).sum() / spread)
    if slope >= 0:
        return RoundsLeft(name, None, None, None, "cannot say: the rounds so far show no improvement")
    residual = log_value - (log_value.mean() + slope * (number - centre))
    scatter = max(math.sqrt(float((residual**2).sum()) / (n - 2)), repeatability)
    ahead = np.arange(1, FORECAST_HORIZON + 1)
    at = number[-1] + ahead
    line = log_value.mean() + slope * (at - centre)
    half = (
        student.ppf(0.5 + FORECAST_CONFIDENCE / 2, n - 2) * scatter * np.sqrt(1 + 1 / n + (at - centre) ** 2 / spread)
    )
    last_gain = float((log_value[-1] - log_value[-2]) / (number[-1] - number[-2]))
    carried_on = log_value[-1] + last_gain * ahead
    expected = _first_below(np.maximum(line, carried_on), log_limit)
    low, high = _first_below(line - half, log_limit), _first_below(np.maximum(line + half, carried_on), log_limit)
    if expected is None:
        return RoundsLeft(
            name, None, low, None, f"cannot say: not within {FORECAST_HORIZON} rounds at the present pace"
        )
    reason = f"ln({name}) falls {-slope:.2f} a round over {n} rounds; 90 % prediction interval"
    return RoundsLeft(name, expected, low, high, reason)


def _first_below(log_values: FloatArray, log_limit: float) -> int | None:
    below = np.flatnonzero(log_values <= log_limit)
    return int(below[0]) + 1 if below.size else None
