"""The verdict on a panel after its last polishing round: pass, polish again, failed, or photograph again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from inspections.appearance import MetricValue
from inspections.rounds.ledger import PolishingLedger, PolishingRound, RoundChange, changes_of
from inspections.rounds.limits import AppearanceLimits, MetricLimit
from inspections.rounds.rounds_left import RoundsLeft, rounds_left
from spectra.errors import PhotoError

Verdict = Literal["PASS", "RE-POLISH", "FAIL", "RE-SHOOT"]


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
