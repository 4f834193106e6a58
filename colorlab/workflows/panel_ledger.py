"""The polishing ledger of a panel as a laboratory recorded it, and what its earlier panels teach about the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from colorlab.store.lab import Lab
from colorlab.store.panels import StoredCapture, find_captures, panel_ledger
from colorlab.workflows.polishing_table import rounds_table
from colorlab.workflows.version import software_version
from inspections.appearance import Finding, MetricValue, Refusal
from inspections.capture.capture import MANIFEST_NAME
from inspections.marks.mark import Mark
from inspections.rounds.changes import Zone
from inspections.rounds.ledger import PolishingLedger, PolishingRound, Repeatability, reshoot_repeatability
from inspections.rounds.limits import AppearanceLimits
from inspections.rounds.polishing import PolishingVerdict, judge
from inspections.rounds.process import ProcessCurve
from spectra.errors import PhotoError, RecordNotFoundError


@dataclass(frozen=True, slots=True, eq=False)
class LedgerOutcome:
    """The rounds of one panel and where they leave it."""

    ledger: PolishingLedger
    colour: str | None
    verdict: PolishingVerdict

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "panel": self.ledger.panel,
            "colour": self.colour,
            "car": self.ledger.car,
            "rounds": [round_as_dict(entry) for entry in self.ledger.rounds],
            "judgement": self.verdict.as_dict(),
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """The rounds as a table, then the verdict and what is left to do."""
        return rounds_table(self.ledger, self.verdict, self.verdict.limits.limits[0].metric)


@dataclass(frozen=True, slots=True, eq=False)
class ProcessOutcome:
    """What the recorded panels of a colour teach."""

    colour: str
    curves: tuple[ProcessCurve, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "colour": self.colour,
            "curves": [curve.as_dict() for curve in self.curves],
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """One line a metric."""
        lines = [f"{self.colour}: what its polished panels teach"]
        for curve in self.curves:
            facts = curve.as_dict()
            told = (
                f"{curve.metric}: {curve.panels} panels; a round leaves {100 * facts['left_by_a_round']:.0f} % of "
                f"what is above the floor, which is {100 * facts['floor_over_start']:.0f} % of the start"
            )
            if curve.held_out_error is not None and curve.held_out_inside is not None:
                told += (
                    f"; rounds of panels left out missed by {100 * curve.held_out_error:.1f} % (median), "
                    f"{100 * curve.held_out_inside:.0f} % inside 90 % intervals, since widened ×{curve.stretch:.2f}"
                )
            lines.append(told)
        return "\n".join(lines)


def stored_ledger(connection: Connection, panel: str, until: datetime | None = None) -> PolishingLedger:
    """The ledger of a panel as recorded until a moment; of several looks at one round the newest counts.

    Earlier looks at that round with photos of their own are its re-shoots.
    """
    return _ledger(panel, [one for one in panel_ledger(connection, panel) if until is None or one.recorded_at <= until])


def show_ledger(lab: Lab, panel: str) -> LedgerOutcome:
    """The ledger of a panel and the verdict on it by the limits it was last judged by.

    Raises
    ------
    RecordNotFoundError
        If the lab has no capture of the panel.
    """
    with lab.reading() as connection:
        captures = panel_ledger(connection, panel)
        if not captures:
            raise RecordNotFoundError("panel", panel)
        last = captures[-1]
        verdict = judged(connection, stored_ledger(connection, panel), limits_of(last), last.colour)
        return LedgerOutcome(stored_ledger(connection, panel), last.colour, verdict)


def learn_process(lab: Lab, colour: str) -> ProcessOutcome:
    """What the recorded panels of a colour teach, of every metric they were judged by.

    Raises
    ------
    RecordNotFoundError
        If the lab has no capture of that colour.
    """
    with lab.reading() as connection:
        captures = find_captures(connection, colour=colour)
        if not captures:
            raise RecordNotFoundError("capture of a panel of colour", colour)
        ledgers = _ledgers(captures)
        metrics = {limit.metric for capture in captures for limit in limits_of(capture).limits}
        return ProcessOutcome(colour, tuple(ProcessCurve.learn(ledgers, metric) for metric in sorted(metrics)))


def judged(
    connection: Connection,
    ledger: PolishingLedger,
    limits: AppearanceLimits,
    colour: str | None,
    until: datetime | None = None,
) -> PolishingVerdict:
    """The verdict on a ledger, with what the other panels of its colour had taught until a moment."""
    captures = find_captures(connection, colour=colour) if colour is not None else ()
    others = _ledgers(
        [one for one in captures if one.panel != ledger.panel and (until is None or one.recorded_at <= until)]
    )
    metrics = [limit.metric for limit in limits.limits]
    reshoots: dict[str, Repeatability] = {}
    for metric in metrics:
        pooled = reshoot_repeatability([ledger, *others], metric)
        if pooled is not None:
            reshoots[metric] = pooled
    processes = {metric: ProcessCurve.learn(others, metric) for metric in metrics} if others else {}
    return judge(ledger, limits, processes, reshoots)


def limits_of(stored: StoredCapture) -> AppearanceLimits:
    """The limits a recorded capture was judged by."""
    return AppearanceLimits.from_dict(stored.document["judgement"]["limits"])


def round_as_dict(entry: PolishingRound) -> dict[str, Any]:
    """One round of a ledger in plain JSON types."""
    return {
        "round": entry.number,
        "capture": entry.capture,
        "photos": list(entry.photos),
        "operator": entry.operator,
        "pad": entry.pad,
        "compound": entry.compound,
        "minutes": entry.minutes,
        "reshoots": len(entry.reshoots),
        "metrics": [metric.as_dict() for metric in entry.metrics],
        "roughest": None if entry.roughest is None else entry.roughest.as_dict(),
        "worse": None if entry.worse is None else entry.worse.as_dict(),
    }


def _ledgers(captures: Sequence[StoredCapture]) -> list[PolishingLedger]:
    by_panel: dict[str, list[StoredCapture]] = {}
    for capture in captures:
        by_panel.setdefault(capture.panel, []).append(capture)
    return [_ledger(panel, looks) for panel, looks in by_panel.items()]


def _ledger(panel: str, captures: Sequence[StoredCapture]) -> PolishingLedger:
    looks: dict[int, list[StoredCapture]] = {}
    for capture in captures:
        looks.setdefault(capture.polishing_round, []).append(capture)
    cars = [car for capture in captures if (car := capture.document.get("car"))]
    return PolishingLedger(
        panel, tuple(_round(looks[number]) for number in sorted(looks)), str(cars[-1]) if cars else ""
    )


def _round(looks: Sequence[StoredCapture]) -> PolishingRound:
    """The newest look at a round, the others with photos of their own as its re-shoots."""
    newest = looks[-1]
    document = newest.document
    reshoots, seen = [], _photos(newest)
    for look in reversed(looks[:-1]):
        if not _photos(look) & seen:
            reshoots.append(_metrics(look))
            seen |= _photos(look)
    try:
        marks = document["appearance"].get("marks")
        return PolishingRound(
            number=newest.polishing_round,
            metrics=_metrics(newest),
            findings=tuple(Finding.from_dict(finding) for finding in document["appearance"]["findings"]),
            minutes=document["minutes"],
            operator=document.get("operator") or newest.recorded_by,
            pad=document.get("pad") or "",
            compound=document.get("compound") or "",
            marks=None if marks is None else tuple(Mark.from_dict(mark) for mark in marks),
            capture=newest.id,
            photos=tuple(sorted(_photos(newest))),
            reshoots=tuple(reshoots),
            roughest=_zone(document.get("roughest")),
            worse=_zone(document.get("worse")),
            refusals=tuple(Refusal.from_dict(one) for one in document["appearance"]["refusals"]),
        )
    except KeyError as error:
        raise PhotoError(f"record {newest.id} does not hold {error.args[0]!r}; it was written otherwise") from error


def _photos(stored: StoredCapture) -> set[str]:
    return {sha256 for name, sha256 in stored.document["files"].items() if name != MANIFEST_NAME}


def _metrics(stored: StoredCapture) -> tuple[MetricValue, ...]:
    return tuple(MetricValue.from_dict(metric) for metric in stored.document["appearance"]["metrics"])


def _zone(record: Mapping[str, Any] | None) -> Zone | None:
    return None if record is None else Zone.from_dict(record)
