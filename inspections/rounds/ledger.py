"""The ledger of polishing rounds of one panel: what each round changed, and whether that change is real."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from inspections.appearance import Appearance, Finding, MetricValue
from spectra.errors import PhotoError

CHANGE_COVERAGE = 1.96
"""Coverage factor of the least detectable change (95 % for two normal readings)."""

ChangeWord = Literal["improved", "worse", "no detectable change", "cannot say"]


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
class PolishingLedger:
    """The rounds of one panel, in order."""

    panel: str
    rounds: tuple[PolishingRound, ...]

    def __post_init__(self) -> None:
        numbers = [entry.number for entry in self.rounds]
        if numbers != sorted(set(numbers)):
            raise PhotoError(f"panel {self.panel}: rounds {numbers} are not in order, each once")


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
    word: ChangeWord


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


def _word(difference: float, least: float | None) -> ChangeWord:
    if least is None:
        return "cannot say"
    if abs(difference) <= least:
        return "no detectable change"
    return "improved" if difference < 0 else "worse"
