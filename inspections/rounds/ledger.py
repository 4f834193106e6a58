"""The ledger of polishing rounds of one panel: what each round changed, and whether that change is real."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from scipy.stats import t as student

from inspections.appearance import Appearance, Finding, MetricValue, Refusal
from inspections.marks.mark import Mark
from inspections.rounds.changes import Zone
from spectra.errors import PhotoError

CHANGE_CONFIDENCE = 0.95
CHANGE_COVERAGE = 1.96
"""Coverage factor of the least detectable change where the repeatability is declared."""
MIN_DEGREES = 2
"""Degrees of freedom of re-shoots below which their own scatter says less than the declared repeatability."""

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
    marks : tuple of Mark, or None
        None where nobody could look for them.
    capture : str
        Record or folder of the photos.
    photos : tuple of str
        Their SHA-256.
    reshoots : tuple of tuple of MetricValue
        The same round, put back and photographed again: the metrics of each further capture.
    roughest, worse : Zone or None
        Where the structure is strongest after the round, and where the round made it worse for certain.
    refusals : tuple of Refusal
        Why metrics are missing, and what would help.
    """

    number: int
    metrics: tuple[MetricValue, ...]
    findings: tuple[Finding, ...] = ()
    minutes: float | None = None
    operator: str = ""
    pad: str = ""
    compound: str = ""
    marks: tuple[Mark, ...] | None = None
    capture: str = ""
    photos: tuple[str, ...] = ()
    reshoots: tuple[tuple[MetricValue, ...], ...] = ()
    roughest: Zone | None = None
    worse: Zone | None = None
    refusals: tuple[Refusal, ...] = ()

    @classmethod
    def from_appearance(cls, number: int, appearance: Appearance, **work: Any) -> PolishingRound:
        """The round as its capture measured it; `work` is minutes, operator, pad, compound and the like."""
        photos = tuple(photo.sha256 for photo in appearance.inputs)
        return cls(
            number,
            appearance.metrics,
            appearance.findings,
            marks=appearance.marks,
            refusals=appearance.refusals,
            **({"photos": photos} | work),
        )

    def metric(self, name: str) -> MetricValue | None:
        """The metric of that name, or None."""
        return next((metric for metric in self.metrics if metric.name == name), None)


@dataclass(frozen=True, slots=True)
class PolishingLedger:
    """The rounds of one panel, in order; `car` is the car it belongs to."""

    panel: str
    rounds: tuple[PolishingRound, ...]
    car: str = ""

    def __post_init__(self) -> None:
        numbers = [entry.number for entry in self.rounds]
        if numbers != sorted(set(numbers)):
            raise PhotoError(f"panel {self.panel}: rounds {numbers} are not in order, each once")

    def measured(self, metric: str) -> list[tuple[int, MetricValue]]:
        """The rounds that have a metric, with it."""
        return [(entry.number, value) for entry in self.rounds if (value := entry.metric(metric)) is not None]

    def looks_at(self, number: int) -> tuple[tuple[MetricValue, ...], ...]:
        """The metrics of every capture of a round: re-shoots of one that is photographed once more."""
        entry = next((one for one in self.rounds if one.number == number), None)
        return () if entry is None else (entry.metrics, *entry.reshoots)


@dataclass(frozen=True, slots=True)
class Repeatability:
    """Scatter of a metric when a panel is put back and photographed again.

    Attributes
    ----------
    relative : float
        Standard deviation over the value. [1]
    degrees : int
        Degrees of freedom it was estimated with.
    """

    relative: float
    degrees: int

    @property
    def coverage(self) -> float:
        """Coverage factor of a difference, 95 %: Student's t."""
        return float(student.ppf(0.5 + CHANGE_CONFIDENCE / 2, self.degrees))


@dataclass(frozen=True, slots=True)
class RoundChange:
    """What one round did to one metric.

    Attributes
    ----------
    metric, unit : str
    from_round, to_round : int
    before, after : float
    change : float
        after − before, in `unit`.
    change_percent : float or None
        Of the value before; None where that is 0, as of counts. [%]
    least_detectable : float or None
        Smallest change that re-shooting the same panel does not produce (95 %), in `unit`; None when not known.
    word : {"improved", "worse", "no detectable change", "cannot say"}
    basis : str
        What the least detectable change rests on.
    """

    metric: str
    unit: str
    from_round: int
    to_round: int
    before: float
    after: float
    change: float
    change_percent: float | None
    least_detectable: float | None
    word: ChangeWord
    basis: str

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types, units beside the values."""
        return {
            "metric": self.metric,
            "unit": self.unit,
            "from_round": self.from_round,
            "to_round": self.to_round,
            "before": self.before,
            "after": self.after,
            "change": self.change,
            "change_percent": self.change_percent,
            "least_detectable_change": self.least_detectable,
            "least_detectable_basis": self.basis,
            "word": self.word,
        }


def reshoot_repeatability(ledgers: Sequence[PolishingLedger], metric: str) -> Repeatability | None:
    """Scatter of a metric from rounds that were photographed more than once, pooled; None with fewer than two.

    The panel is put back between the captures. ln value is pooled within the rounds, so that a round's own level
    drops out. Captures of another definition or unit than the round's are left out.
    """
    squares, degrees = 0.0, 0
    for ledger in ledgers:
        for entry in ledger.rounds:
            first = entry.metric(metric)
            if first is None or first.value <= 0:
                continue
            looks = [first.value] + [
                one.value
                for look in entry.reshoots
                for one in look
                if (one.name, one.unit, one.definition) == (metric, first.unit, first.definition) and one.value > 0
            ]
            # To the last digit the same is the same photos once more: they say nothing of what putting back does.
            looks = list(dict.fromkeys(looks))
            squares += float(np.var(np.log(looks)) * len(looks))
            degrees += len(looks) - 1
    if degrees < MIN_DEGREES:
        return None
    return Repeatability(math.sqrt(squares / degrees), degrees)


def least_detectable_change(
    before: MetricValue, after: MetricValue, reshoots: Repeatability | None = None
) -> tuple[float | None, str]:
    """Smallest difference of two readings that re-shooting alone does not produce, 95 %, and what it rests on.

    Returns
    -------
    tuple of (float or None, str)
        k √(r₁² + r₂²), in the metrics' unit. With re-shoots r is their relative scatter and k Student's t; else r is
        what each metric declares and k 1.96; None when one of them declares nothing.
    """
    if reshoots is not None:
        least = reshoots.coverage * reshoots.relative * math.hypot(before.value, after.value)
        return least, f"re-shoots, {reshoots.degrees} degrees of freedom"
    if before.repeatability is None or after.repeatability is None:
        return None, "no repeatability is known"
    return CHANGE_COVERAGE * math.hypot(before.repeatability, after.repeatability), "declared repeatability"


def changes_of(
    ledger: PolishingLedger,
    metric: str,
    reshoots: Repeatability | None = None,
    *,
    higher_is_better: bool = False,
) -> tuple[RoundChange, ...]:
    """Change of one metric from each measured round to the next measured one.

    Parameters
    ----------
    ledger : PolishingLedger
    metric : str
    reshoots : Repeatability or None
        Of other panels too; None takes that of this ledger's own re-shoots, where it has enough.
    higher_is_better : bool
        As for gloss; peel is better lower.

    Raises
    ------
    PhotoError
        If the metric changes its unit or its definition between rounds: such figures must not be mixed in a trend.
    """
    reshoots = reshoots or reshoot_repeatability([ledger], metric)
    changes = []
    for (start, before), (end, after) in pairwise(ledger.measured(metric)):
        if (before.unit, before.definition) != (after.unit, after.definition):
            raise PhotoError(
                f"panel {ledger.panel}: {metric} of round {start} and round {end} are defined differently "
                f"({before.definition} [{before.unit}] and {after.definition} [{after.unit}]); photograph both alike"
            )
        difference = after.value - before.value
        least, basis = least_detectable_change(before, after, reshoots)
        changes.append(
            RoundChange(
                metric=metric,
                unit=after.unit,
                from_round=start,
                to_round=end,
                before=before.value,
                after=after.value,
                change=difference,
                change_percent=100.0 * difference / before.value if before.value else None,
                least_detectable=least,
                word=_word(-difference if higher_is_better else difference, least),
                basis=basis,
            )
        )
    return tuple(changes)


def _word(difference: float, least: float | None) -> ChangeWord:
    if least is None:
        return "cannot say"
    if abs(difference) <= least:
        return "no detectable change"
    return "improved" if difference < 0 else "worse"
