"""The ledger of polishing rounds of one panel: what each round changed, whether that is real, and how many are left."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from scipy.stats import t as student

from inspections.appearance import Appearance, Finding, MetricValue
from spectra.errors import PhotoError

Verdict = Literal["PASS", "RE-POLISH", "FAIL", "RE-SHOOT"]

CHANGE_COVERAGE = 1.96
"""Coverage factor of the least detectable change (95 % for two normal readings)."""
FORECAST_CONFIDENCE = 0.90
FORECAST_HORIZON = 12
"""Rounds ahead beyond which no forecast is worth printing."""


@dataclass(frozen=True, slots=True)
class MetricLimit:
    """The largest value allowed for one metric."""

    metric: str
    maximum: float
    unit: str


@dataclass(frozen=True, slots=True)
class AppearanceLimits:
    """When a panel is good enough, given by whoever orders the paint.

    Attributes
    ----------
    name : str
        Which rule this is, e.g. "high-gloss solid, exterior".
    limits : tuple of MetricLimit
    max_rounds : int or None
        Rounds of polishing the clear coat can bear; past them a panel that does not pass has failed.
    guard_factor : float
        A value passes when value + guard_factor x standard uncertainty is within the limit. 0 is simple acceptance.
    """

    name: str
    limits: tuple[MetricLimit, ...]
    max_rounds: int | None = None
    guard_factor: float = 0.0

    def __post_init__(self) -> None:
        if not self.limits:
            raise PhotoError(f"limits {self.name!r} hold no metric: nothing could be judged")
        if any(not limit.maximum > 0 for limit in self.limits):
            raise PhotoError(f"limits {self.name!r}: every maximum must be above 0")
        if self.guard_factor < 0:
            raise PhotoError(f"limits {self.name!r}: guard_factor is {self.guard_factor}; expected 0 or more")


@dataclass(frozen=True, slots=True)
class PolishingRound:
    """One round: what was done and what the photos after it said.

    Attributes
    ----------
    number : int
        0 is the panel before the first polishing.
    metrics : tuple of MetricValue
    findings : tuple of Finding
        Of the capture gate; failed ones explain missing metrics.
    minutes : float or None
        Polishing time of this round. [min]
    operator, pad, compound : str
    """

    number: int
    metrics: tuple[MetricValue, ...]
    findings: tuple[Finding, ...] = ()
    minutes: float | None = None
    operator: str = ""
    pad: str = ""
    compound: str = ""

    @classmethod
    def from_appearance(cls, number: int, appearance: Appearance, **work: Any) -> PolishingRound:
        """The round as its capture measured it; `work` is minutes, operator, pad, compound."""
        return cls(number, appearance.metrics, appearance.findings, **work)

    def metric(self, name: str) -> MetricValue | None:
        """The metric of that name, or None."""
        return next((metric for metric in self.metrics if metric.name == name), None)


@dataclass(frozen=True, slots=True)
class RoundChange:
    """What one round did to one metric.

    Attributes
    ----------
    metric, unit : str
    from_round, to_round : int
    before, after : float
    change : float
        after − before, in `unit`; negative is smoother.
    change_percent : float
        Of the value before. [%]
    least_detectable : float or None
        Smallest change that re-shooting the same panel does not produce (95 %), in `unit`; None when not known.
    word : {"improved", "worse", "no detectable change", "cannot say"}
    """

    metric: str
    unit: str
    from_round: int
    to_round: int
    before: float
    after: float
    change: float
    change_percent: float
    least_detectable: float | None
    word: Literal["improved", "worse", "no detectable change", "cannot say"]


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


@dataclass(frozen=True, slots=True)
class PolishingVerdict:
    """Verdict after the last round of a ledger, with the reasons in words."""

    verdict: Verdict
    reasons: tuple[str, ...]
    changes: tuple[RoundChange, ...]
    rounds_left: tuple[RoundsLeft, ...]
    limits: AppearanceLimits = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types with stable names, units beside the values."""
        return {
            "verdict": self.verdict,
            "reasons": list(self.reasons),
            "limits": {
                "name": self.limits.name,
                "max_rounds": self.limits.max_rounds,
                "guard_factor": self.limits.guard_factor,
                "metrics": [{"metric": m.metric, "maximum": m.maximum, "unit": m.unit} for m in self.limits.limits],
            },
            "changes": [
                {
                    "metric": c.metric,
                    "unit": c.unit,
                    "from_round": c.from_round,
                    "to_round": c.to_round,
                    "before": c.before,
                    "after": c.after,
                    "change": c.change,
                    "change_percent": c.change_percent,
                    "least_detectable_change": c.least_detectable,
                    "word": c.word,
                }
                for c in self.changes
            ],
            "rounds_left": [
                {"metric": r.metric, "rounds": r.rounds, "low": r.low, "high": r.high, "reason": r.reason}
                for r in self.rounds_left
            ],
        }


@dataclass(frozen=True, slots=True)
class PolishingLedger:
    """The rounds of one panel, in order."""

    panel: str
    rounds: tuple[PolishingRound, ...]

    def __post_init__(self) -> None:
        numbers = [entry.number for entry in self.rounds]
        if numbers != sorted(set(numbers)):
            raise PhotoError(f"panel {self.panel}: rounds {numbers} are not in order, each once")


def least_detectable_change(before: MetricValue, after: MetricValue) -> float | None:
    """Smallest difference of two readings that re-shooting alone does not produce, 95 %.

    Returns
    -------
    float or None
        1.96 √(r₁² + r₂²) of the two repeatability standard deviations, in the metrics' unit; None when one of
        them has no repeatability.
    """
    if before.repeatability is None or after.repeatability is None:
        return None
    return CHANGE_COVERAGE * math.hypot(before.repeatability, after.repeatability)


def changes_of(ledger: PolishingLedger, metric: str) -> tuple[RoundChange, ...]:
    """Change of one metric from each measured round to the next measured one.

    Raises
    ------
    PhotoError
        If the metric changes its unit or its definition between rounds: such figures must not be mixed in a trend.
    """
    measured = [(entry.number, value) for entry in ledger.rounds if (value := entry.metric(metric)) is not None]
    changes = []
    for (start, before), (end, after) in pairwise(measured):
        if (before.unit, before.definition) != (after.unit, after.definition):
            raise PhotoError(
                f"panel {ledger.panel}: {metric} of round {start} and round {end} are defined differently "
                f"({before.definition} [{before.unit}] and {after.definition} [{after.unit}]); photograph both alike"
            )
        difference = after.value - before.value
        least = least_detectable_change(before, after)
        changes.append(
            RoundChange(
                metric=metric,
                unit=after.unit,
                from_round=start,
                to_round=end,
                before=before.value,
                after=after.value,
                change=difference,
                change_percent=100.0 * difference / before.value if before.value else math.nan,
                least_detectable=least,
                word=_word(difference, least),
            )
        )
    return tuple(changes)


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
    if len(points) < 3:
        return RoundsLeft(name, None, None, None, f"cannot say: {len(points)} measured rounds, 3 are needed")
    final_change = changes_of(ledger, name)[-1]
    if final_change.word != "improved":
        return RoundsLeft(name, None, None, None, f"cannot say: the last round gave {final_change.word}")
    number = np.array([float(index) for index, _ in points])
    log_value = np.log([value.value for _, value in points])
    repeatability = max((value.repeatability or 0.0) / value.value for _, value in points)
    return _forecast(name, number, log_value, math.log(limit.maximum), repeatability)


def judge(ledger: PolishingLedger, limits: AppearanceLimits) -> PolishingVerdict:
    """Verdict after the last round.

    RE-SHOOT when a limited metric was not measured; PASS when all are within their limits; FAIL when they are
    not and the allowed rounds are used up, or when the last two rounds changed nothing detectable in any metric
    that is out; RE-POLISH otherwise.

    Raises
    ------
    PhotoError
        If the ledger is empty, or a metric has another unit than its limit.
    """
    if not ledger.rounds:
        raise PhotoError(f"panel {ledger.panel}: no round has been photographed yet")
    last = ledger.rounds[-1]
    changes = {limit.metric: changes_of(ledger, limit.metric) for limit in limits.limits}
    left = tuple(rounds_left(ledger, limit) for limit in limits.limits)
    missing = [limit.metric for limit in limits.limits if last.metric(limit.metric) is None]
    verdict: Verdict
    if missing:
        verdict, reasons = "RE-SHOOT", [f"{name} was not measured in round {last.number}" for name in missing]
        reasons += [f"{finding.what}: {finding.remedy}" for finding in last.findings if finding.outcome == "fail"]
    else:
        out = [
            limit
            for limit in limits.limits
            if _exceeds(_present(last, limit, ledger.panel), limit, limits.guard_factor)
        ]
        reasons = [
            _compared(_present(last, limit, ledger.panel), limit, exceeded=limit in out) for limit in limits.limits
        ]
        stuck = bool(out) and all(_stuck(changes[limit.metric]) for limit in out)
        spent = limits.max_rounds is not None and last.number >= limits.max_rounds
        if not out:
            verdict = "PASS"
        elif spent:
            verdict = "FAIL"
            reasons.append(f"round {last.number} is the last of {limits.max_rounds} allowed")
        elif stuck:
            verdict = "FAIL"
            reasons.append("the last two rounds changed nothing detectable: polishing no longer moves it")
        else:
            verdict = "RE-POLISH"
    flat = tuple(change for limit in limits.limits for change in changes[limit.metric])
    return PolishingVerdict(verdict, tuple(reasons), flat, left, limits)


def limits_from_mapping(
    name: str, maxima: Mapping[str, float], units: Mapping[str, str], **rule: Any
) -> AppearanceLimits:
    """Limits from plain tables: metric to maximum, metric to unit; `rule` is max_rounds and guard_factor.

    Raises
    ------
    PhotoError
        If a metric has no unit.
    """
    unknown = [metric for metric in maxima if metric not in units]
    if unknown:
        raise PhotoError(f"limits {name!r}: no unit is given for {', '.join(unknown)}")
    return AppearanceLimits(
        name, tuple(MetricLimit(metric, value, units[metric]) for metric, value in maxima.items()), **rule
    )


def _word(difference: float, least: float | None) -> Literal["improved", "worse", "no detectable change", "cannot say"]:
    if least is None:
        return "cannot say"
    if abs(difference) <= least:
        return "no detectable change"
    return "improved" if difference < 0 else "worse"


def _present(entry: PolishingRound, limit: MetricLimit, panel: str) -> MetricValue:
    value = entry.metric(limit.metric)
    if value is None or value.unit != limit.unit:
        found = "nothing" if value is None else value.unit
        raise PhotoError(
            f"panel {panel}, round {entry.number}: {limit.metric} is in {found}; the limit is in {limit.unit}"
        )
    return value


def _exceeds(value: MetricValue, limit: MetricLimit, guard_factor: float) -> bool:
    if guard_factor and value.uncertainty is None:
        raise PhotoError(f"{value.name} has no uncertainty ({value.uncertainty_note}); a guard band needs one")
    return value.value + guard_factor * (value.uncertainty or 0.0) > limit.maximum


def _compared(value: MetricValue, limit: MetricLimit, *, exceeded: bool) -> str:
    word = "above" if exceeded else "within"
    return f"{value.name} {value.value:.3g} {value.unit} is {word} the limit {limit.maximum:.3g} {limit.unit}"


def _stuck(changes: Sequence[RoundChange]) -> bool:
    """Whether the last two rounds both gave nothing detectable."""
    return len(changes) >= 2 and all(change.word == "no detectable change" for change in changes[-2:])


def _forecast(
    name: str, number: np.ndarray, log_value: np.ndarray, log_limit: float, repeatability: float
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


def _first_below(log_values: np.ndarray, log_limit: float) -> int | None:
    below = np.flatnonzero(log_values <= log_limit)
    return int(below[0]) + 1 if below.size else None
