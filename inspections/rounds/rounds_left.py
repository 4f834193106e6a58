"""How many more rounds and hours a panel needs, with an interval, and on what that rests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.stats import t as student

from inspections.rounds.ledger import PolishingLedger, Repeatability, changes_of
from inspections.rounds.limits import MetricLimit, said
from inspections.rounds.process import CONFIDENCE, MIN_PANELS, MIN_ROUNDS, ProcessCurve
from spectra.arrays import FloatArray

FORECAST_HORIZON = 12
"""Rounds ahead beyond which no forecast is worth printing."""

Basis = Literal["within its limit", "process", "own rounds", "last gain", "cannot say"]


@dataclass(frozen=True, slots=True)
class RoundsLeft:
    """How many more rounds a metric needs to reach its limit.

    Attributes
    ----------
    metric : str
    rounds, low, high : int or None
        Expected, fewest and most (90 %). None where they cannot be said; `high` alone is None when the slow end of
        the interval does not reach the limit within the horizon.
    reason : str
        On what it rests, or why it cannot be said.
    basis : {"within its limit", "process", "own rounds", "last gain", "cannot say"}
    floor : tuple of (float, float, float), or None
        What polishing like this ends at, with its 90 % interval, in the unit of the metric.
    """

    metric: str
    rounds: int | None
    low: int | None
    high: int | None
    reason: str
    basis: Basis = "cannot say"
    floor: tuple[float, float, float] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {
            "metric": self.metric,
            "rounds": self.rounds,
            "low": self.low,
            "high": self.high,
            "reason": self.reason,
            "basis": self.basis,
            "floor": None if self.floor is None else self.floor[0],
            "floor_low": None if self.floor is None else self.floor[1],
            "floor_high": None if self.floor is None else self.floor[2],
        }


@dataclass(frozen=True, slots=True)
class HoursLeft:
    """How many more hours of polishing a panel needs.

    `hours`, `low` and `high` are None where they cannot be said; `reason` says why, or on what they rest. [h]
    """

    hours: float | None
    low: float | None
    high: float | None
    reason: str

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {"hours": self.hours, "low": self.low, "high": self.high, "reason": self.reason}


def rounds_left(
    ledger: PolishingLedger,
    limit: MetricLimit,
    process: ProcessCurve | None = None,
    reshoots: Repeatability | None = None,
) -> RoundsLeft:
    """Forecast of the rounds one metric still needs.

    From what earlier panels of the process taught, where there are at least three; else from the panel's own rounds
    and the same law with next to no expectation, from three measured rounds on; else the last gain carried on, which
    gives the fewest; else it cannot be said.

    Parameters
    ----------
    ledger : PolishingLedger
    limit : MetricLimit
    process : ProcessCurve or None
        Of this metric.
    reshoots : Repeatability or None
        As for `changes_of`.
    """
    name, points = limit.metric, ledger.measured(limit.metric)
    if not points:
        return RoundsLeft(name, None, None, None, "cannot say: not measured yet")
    last = points[-1][1]
    if not limit.beyond(last.value):
        return RoundsLeft(
            name,
            0,
            0,
            0,
            f"{said(last.value, last.unit)} is within {said(limit.bound, limit.unit)}",
            "within its limit",
        )
    if limit.side == "minimum" or limit.bound <= 0 or last.value <= 0:
        return RoundsLeft(
            name, None, None, None, "cannot say: only metrics that fall towards a limit above 0 are forecast"
        )
    changes = changes_of(ledger, name, reshoots)
    if changes and changes[-1].word in ("worse", "no detectable change"):
        return RoundsLeft(name, None, None, None, f"cannot say: the last round gave {_gave(changes[-1].word)}")
    number = points[-1][0]
    if process is not None and process.panels >= MIN_PANELS:
        told = f"{process.panels} earlier panels of this process and {_rounds(len(points))} of this one"
        if process.held_out_error is not None:
            told += f"; rounds of panels left out were missed by {100 * process.held_out_error:.0f} % (median)"
        return _forecast(ledger, limit, process, number, "process", told)
    if len(points) >= MIN_ROUNDS:
        told = f"{_rounds(len(points))} of this panel; 90 % prediction interval"
        return _forecast(ledger, limit, ProcessCurve.generic(name), number, "own rounds", told)
    if len(points) == 2:
        (first, before), (second, after) = points
        gain = math.log(before.value / after.value) / (second - first)
        fewest = math.ceil(math.log(after.value / limit.bound) / gain - 1e-9) if gain > 0 else FORECAST_HORIZON + 1
        if fewest <= FORECAST_HORIZON:
            return RoundsLeft(
                name, fewest, fewest, None, "at the pace of the one round measured; later rounds take less", "last gain"
            )
    return RoundsLeft(
        name,
        None,
        None,
        None,
        f"cannot say: {_rounds(len(points))} and {process.panels if process else 0} earlier panels; {MIN_ROUNDS} "
        f"rounds or {MIN_PANELS} panels are needed",
    )


def hours_left(ledger: PolishingLedger, rounds: Sequence[RoundsLeft], process: ProcessCurve | None = None) -> HoursLeft:
    """Hours the panel still needs: the rounds of its slowest metric times what a round takes.

    Minutes are those of the panel's own polishing rounds, with those of the process's earlier panels where they are
    known; the interval joins the rounds' with Student's t of what further rounds take in all (90 %).

    Parameters
    ----------
    ledger : PolishingLedger
    rounds : sequence of RoundsLeft
        Of every limited metric.
    process : ProcessCurve or None
        For its `minutes`.
    """
    if not rounds or any(one.rounds is None for one in rounds):
        return HoursLeft(None, None, None, "the rounds left cannot be said")
    needed = max(one.rounds or 0 for one in rounds)
    if needed == 0:
        return HoursLeft(0.0, 0.0, 0.0, "nothing is left to polish")
    own = [entry.minutes for entry in ledger.rounds if entry.number > 0 and entry.minutes]
    minutes = np.array([*own, *(process.minutes if process else ())])
    if minutes.size < 2:
        return HoursLeft(None, None, None, f"{minutes.size} rounds have their minutes; 2 are needed")
    fewest = max(one.low or 0 for one in rounds)
    most = None if any(one.high is None for one in rounds) else max(one.high or 0 for one in rounds)
    return HoursLeft(
        hours=needed * float(minutes.mean()) / 60,
        low=max(0.0, _hours(fewest, minutes, -1)),
        high=None if most is None else _hours(most, minutes, +1),
        reason=f"a round takes {minutes.mean():.0f} min, standard deviation {minutes.std(ddof=1):.0f} min, of "
        f"{minutes.size} rounds",
    )


def _hours(rounds: int, minutes: FloatArray, side: int) -> float:
    """End of the interval of what so many rounds take. [h]"""
    spread = float(minutes.std(ddof=1)) * math.sqrt(rounds + rounds**2 / minutes.size)
    factor = float(student.ppf(0.5 + CONFIDENCE / 2, minutes.size - 1))
    return (rounds * float(minutes.mean()) + side * factor * spread) / 60


def _forecast(
    ledger: PolishingLedger, limit: MetricLimit, process: ProcessCurve, number: int, basis: Basis, told: str
) -> RoundsLeft:
    """Rounds until the law, and either end of its interval, is within the limit."""
    ahead = number + np.arange(1, FORECAST_HORIZON + 1)
    expected, low, high = process.forecast(ledger, [int(one) for one in ahead])
    rounds, fewest, most = (_first_within(values, limit.bound) for values in (expected, low, high))
    floor = process.floor(ledger)
    if rounds is None:
        ends = f"polishing like this ends near {floor[0]:.2g} {limit.unit} ({floor[1]:.2g} to {floor[2]:.2g})"
        return RoundsLeft(
            limit.metric,
            None,
            fewest,
            None,
            f"cannot say: not within {FORECAST_HORIZON} rounds; {ends}; {told}",
            basis,
            floor,
        )
    return RoundsLeft(limit.metric, rounds, fewest, most, told, basis, floor)


def _first_within(values: FloatArray, bound: float) -> int | None:
    below = np.flatnonzero(values <= bound)
    return int(below[0]) + 1 if below.size else None


def _rounds(count: int) -> str:
    return f"{count} measured round{'' if count == 1 else 's'}"


def _gave(word: str) -> str:
    return "a worse value" if word == "worse" else word
