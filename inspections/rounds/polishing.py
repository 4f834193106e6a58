"""The verdict on a panel after its last polishing round: pass, polish again, failed, or photograph again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from inspections.appearance import MetricValue
from inspections.marks.mark import Mark
from inspections.rounds.changes import Zone
from inspections.rounds.ledger import (
    CHANGE_COVERAGE,
    PolishingLedger,
    PolishingRound,
    Repeatability,
    RoundChange,
    changes_of,
)
from inspections.rounds.limits import AppearanceLimits, MetricLimit, said
from inspections.rounds.process import ProcessCurve
from inspections.rounds.rounds_left import HoursLeft, RoundsLeft, hours_left, rounds_left
from spectra.errors import PhotoError

Verdict = Literal["PASS", "RE-POLISH", "FAIL", "RE-SHOOT"]
NOTHING_LEFT = "further polishing changes nothing that can be measured"
_AT_NOISE = "noise floor"
"""What a metric's flags speak of when its value is hardly more than noise (`inspections.structure`)."""


@dataclass(frozen=True, slots=True)
class PolishingVerdict:
    """Verdict after the last round of a ledger.

    Attributes
    ----------
    verdict : {"PASS", "RE-POLISH", "FAIL", "RE-SHOOT"}
    reasons : tuple of str
    changes : tuple of RoundChange
        Of every limited metric.
    rounds_left : tuple of RoundsLeft
        One a limited metric.
    limits : AppearanceLimits
    hours_left : HoursLeft or None
    zone : Zone or None
        Where to polish again; None unless the verdict is RE-POLISH and a map or marks tell.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    changes: tuple[RoundChange, ...]
    rounds_left: tuple[RoundsLeft, ...]
    limits: AppearanceLimits = field(repr=False)
    hours_left: HoursLeft | None = None
    zone: Zone | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types with stable names, units beside the values."""
        return {
            "verdict": self.verdict,
            "reasons": list(self.reasons),
            "zone": None if self.zone is None else self.zone.as_dict(),
            "limits": self.limits.as_dict(),
            "changes": [change.as_dict() for change in self.changes],
            "rounds_left": [one.as_dict() for one in self.rounds_left],
            "hours_left": None if self.hours_left is None else self.hours_left.as_dict(),
        }


def judge(
    ledger: PolishingLedger,
    limits: AppearanceLimits,
    processes: Mapping[str, ProcessCurve] | None = None,
    reshoots: Mapping[str, Repeatability] | None = None,
) -> PolishingVerdict:
    """Verdict after the last round.

    RE-SHOOT when a limited metric was not measured, or what is out is noise that cannot be told from its limit. FAIL
    when more is burnt than `burn_area` allows, or when a metric is out and the allowed rounds are used up, or nothing
    that can be measured is left to polish. PASS when all are within their limits. RE-POLISH otherwise, with the zone.

    Nothing is left when the last two rounds changed no metric that is out detectably, when a metric stands at the
    noise floor of its photos, or when the process ends where the panel is, within the least detectable change.

    Parameters
    ----------
    ledger : PolishingLedger
    limits : AppearanceLimits
    processes : mapping of str to ProcessCurve, or None
        Metric to what earlier panels of the colour teach.
    reshoots : mapping of str to Repeatability, or None
        Metric to the scatter of re-shoots of other panels too; without, the ledger's own are taken.

    Raises
    ------
    PhotoError
        If the ledger is empty, or a metric has another unit than its limit.
    """
    if not ledger.rounds:
        raise PhotoError(f"panel {ledger.panel}: no round has been photographed yet")
    processes, reshoots = processes or {}, reshoots or {}
    last = ledger.rounds[-1]
    changes = {
        limit.metric: changes_of(
            ledger, limit.metric, reshoots.get(limit.metric), higher_is_better=limit.side == "minimum"
        )
        for limit in limits.limits
    }
    left = tuple(
        rounds_left(ledger, limit, processes.get(limit.metric), reshoots.get(limit.metric)) for limit in limits.limits
    )
    missing = [limit.metric for limit in limits.limits if last.metric(limit.metric) is None]
    hours = None
    zone = None
    verdict: Verdict
    if missing:
        verdict, reasons = "RE-SHOOT", [_not_measured(name, last) for name in missing]
        reasons += [f"{finding.what}: {finding.remedy}" for finding in last.findings if finding.outcome == "fail"]
    else:
        values = {limit: _present(last, limit, ledger.panel) for limit in limits.limits}
        out = [limit for limit, value in values.items() if limit.beyond(value.value, _guard(value, limits))]
        reasons = [_compared(value, limit, out=limit in out) for limit, value in values.items()]
        ended = [
            why
            for limit in out
            if (why := _nothing_left(changes[limit.metric], values[limit], ledger, processes.get(limit.metric)))
        ]
        burnt = any(limit.metric == "burn_area" for limit in out)
        hours = hours_left(ledger, left, next(iter(processes.values()), None))
        if burnt:
            verdict = "FAIL"
            places = [f"x {mark.x_mm:+.0f}, y {mark.y_mm:+.0f} mm" for mark in last.marks or () if mark.kind == "burn"]
            reasons.append(f"polishing cannot mend a burn: {'; '.join(places) or 'its place is not known'}")
        elif not out:
            verdict = "PASS"
            if all(_nothing_left(changes[one.metric], values[one], ledger, None, 1) for one in limits.limits):
                reasons.append(NOTHING_LEFT)
        elif all(_cannot_tell(values[limit], limit) for limit in out):
            verdict = "RE-SHOOT"
            reasons.append("these photos are too noisy to tell it from its limit: more light, or more steps")
        elif limits.max_rounds is not None and last.number >= limits.max_rounds:
            verdict = "FAIL"
            reasons.append(f"round {last.number} is the last of {limits.max_rounds} allowed")
        elif len(ended) == len(out):
            verdict = "FAIL"
            reasons += [f"{NOTHING_LEFT}: {why}" for why in dict.fromkeys(ended)]
        else:
            verdict = "RE-POLISH"
            zone = _where(last, out)
            if zone is not None:
                reasons.append(f"polish {zone}")
    flat = tuple(change for limit in dict.fromkeys(limits.limits) for change in changes[limit.metric])
    return PolishingVerdict(verdict, tuple(reasons), flat, left, limits, hours, zone)


def _present(entry: PolishingRound, limit: MetricLimit, panel: str) -> MetricValue:
    value = entry.metric(limit.metric)
    if value is None or value.unit != limit.unit:
        found = "nothing" if value is None else value.unit
        raise PhotoError(
            f"panel {panel}, round {entry.number}: {limit.metric} is in {found}; the limit is in {limit.unit}"
        )
    return value


def _not_measured(name: str, entry: PolishingRound) -> str:
    """That a limited metric is missing, why, and what would give it."""
    told = f"{name} was not measured in round {entry.number}"
    why = next((one for one in entry.refusals if one.metric == name), None)
    return told if why is None else f"{told}: {why.reason}" + (f"; {why.would_help}" if why.would_help else "")


def _guard(value: MetricValue, limits: AppearanceLimits) -> float:
    """What a value must keep from its limit; a count of marks is what it is."""
    if value.name.startswith("n_"):
        return 0.0
    if limits.guard_factor and value.uncertainty is None:
        raise PhotoError(f"{value.name} has no uncertainty ({value.uncertainty_note}); a guard band needs one")
    return limits.guard_factor * (value.uncertainty or 0.0)


def _compared(value: MetricValue, limit: MetricLimit, *, out: bool) -> str:
    beyond = "above" if limit.side == "maximum" else "below"
    word = beyond if out else "within"
    return f"{value.name} {said(value.value, value.unit)} is {word} the limit {said(limit.bound, limit.unit)}"


def _nothing_left(
    changes: Sequence[RoundChange],
    value: MetricValue,
    ledger: PolishingLedger,
    process: ProcessCurve | None,
    rounds: int = 2,
) -> str:
    """Why polishing changes this metric no further; empty when it does, or when nobody can say."""
    if any(_AT_NOISE in flag for flag in value.flags):
        return f"{value.name} stands at the noise floor of the photos"
    recent = changes[-rounds:]
    if len(recent) == rounds and all(change.word == "no detectable change" for change in recent) and _still(recent):
        what = "the last round" if rounds == 1 else "the last two rounds"
        return f"{what} changed {value.name} by no more than re-shooting does"
    least = changes[-1].least_detectable if changes else None
    if process is not None and process.panels and least is not None:
        floor, _, high = process.floor(ledger)
        if value.value - floor <= least and value.value <= high:
            return f"{value.name} has reached what this process ends at ({floor:.2g} {value.unit})"
    return ""


def _cannot_tell(value: MetricValue, limit: MetricLimit) -> bool:
    """Whether a value that is out stands at the noise of its photos, and its interval reaches within the limit."""
    at_noise = any(_AT_NOISE in flag for flag in value.flags)
    reach = CHANGE_COVERAGE * (value.uncertainty or 0.0)
    return at_noise and not limit.beyond(value.value, -reach)


def _still(changes: Sequence[RoundChange]) -> bool:
    """Whether rounds that changed nothing detectable each changed nothing together either."""
    first, last = changes[0], changes[-1]
    return last.least_detectable is not None and abs(last.after - first.before) <= last.least_detectable


def _where(last: PolishingRound, out: Sequence[MetricLimit]) -> Zone | None:
    """The zone to polish: around the worst mark where marks are what is out, else the roughest block."""
    if all(limit.metric.startswith("n_") for limit in out) and last.marks:
        return Zone.around(max(last.marks, key=_severity))
    return last.roughest


def _severity(mark: Mark) -> float:
    return mark.severity
