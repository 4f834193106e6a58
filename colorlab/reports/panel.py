"""The page of one panel: the verdict, where the surface is uneven, and what each polishing round changed."""

from __future__ import annotations

from typing import Any

from colorlab.reports.figures.panels import panel_maps, polishing_curve
from colorlab.reports.render import Page, render
from colorlab.reports.style import svg
from colorlab.reports.views import Imprint, PanelView
from inspections.appearance import TIERS, Appearance, AppearanceMap
from inspections.rounds.ledger import PolishingRound
from inspections.rounds.limits import MetricLimit
from inspections.rounds.rounds_left import RoundsLeft
from spectra.errors import ReportError


def panel_page(view: PanelView, imprint: Imprint) -> Page:
    """One panel through its rounds.

    Raises
    ------
    ReportError
        If the ledger has no round.
    """
    ledger, verdict = view.ledger, view.verdict
    if not ledger.rounds:
        raise ReportError(f"panel {ledger.panel} has no round to show")
    last = ledger.rounds[-1]
    left = {row.metric: row for row in verdict.rounds_left}
    limits = verdict.limits.limits
    shown = sorted(view.appearances.items())
    appearance = view.appearances.get(last.number)
    return render(
        "panel.html",
        view.file_name,
        imprint,
        f"{verdict.verdict}: panel {ledger.panel}",
        view=view,
        last=last,
        appearance=appearance,
        appearances=shown,
        tiers=TIERS,
        headline=[
            {"limit": limit, "value": last.metric(limit.metric), "left": _left(left.get(limit.metric))}
            for limit in limits
        ],
        maps=[
            {
                "figure": svg(panel_maps(pictures), f"map{row}", _said_of_maps(pictures)),
                "title": f"{pictures[0][1].name.replace('_', ' ').capitalize()} [{pictures[0][1].unit}]",
                "scaled": all(field.mm_per_pixel is not None for _, field in pictures),
            }
            for row, pictures in enumerate(_maps(shown))
        ],
        curves=[
            {
                "figure": svg(
                    polishing_curve(ledger, limit, left.get(limit.metric)),
                    f"curve{row}",
                    f"{limit.metric} over the polishing rounds against its limit of {limit.maximum:g} {limit.unit}",
                ),
                "caption": _caption(limit, left.get(limit.metric)),
            }
            for row, limit in enumerate(limits)
            if any(entry.metric(limit.metric) for entry in ledger.rounds)
        ],
        rounds=[_round(view, entry) for entry in ledger.rounds],
        findings=last.findings or (appearance.findings if appearance else ()),
        notes=sorted({note for _, one in shown for note in one.notes}),
    )


def _maps(shown: list[tuple[int, Appearance]]) -> list[list[tuple[str, AppearanceMap]]]:
    """One quantity of each unit, in the first and the last round where both have it."""
    if not shown:
        return []
    (first, before), (last, after) = shown[0], shown[-1]
    chosen: dict[str, list[tuple[str, AppearanceMap]]] = {}
    for field in after.maps:
        other = before.map(field.name) if first != last else None
        pictures = [(f"round {first}", other)] if other is not None and other.unit == field.unit else []
        chosen.setdefault(field.unit, [*pictures, (f"round {last}", field)])
    return list(chosen.values())


def _said_of_maps(maps: list[tuple[str, AppearanceMap]]) -> str:
    said = []
    for title, field in maps:
        facts = field.as_dict()
        rms = "no value" if facts["rms"] is None else f"rms {facts['rms']:.3g} {field.unit}"
        said.append(f"{title}, {rms}")
    return f"Maps of {maps[0][1].name.replace('_', ' ')}: {'; '.join(said)}"


def _round(view: PanelView, entry: PolishingRound) -> dict[str, Any]:
    work = [entry.operator, entry.pad, entry.compound, "" if entry.minutes is None else f"{entry.minutes:g} min"]
    changes = {(change.metric, change.to_round): change for change in view.verdict.changes}
    return {
        "round": entry,
        "work": ", ".join(part for part in work if part),
        "cells": [
            {
                "limit": limit,
                "value": value,
                "beyond": value is not None and value.value > limit.maximum,
                "change": changes.get((limit.metric, entry.number)),
            }
            for limit in view.verdict.limits.limits
            for value in (entry.metric(limit.metric),)
        ],
    }


def _left(row: RoundsLeft | None) -> str:
    """How many rounds a metric still needs, in words; empty when it is within its limit."""
    if row is None or row.rounds == 0:
        return ""
    if row.rounds is None:
        return "rounds left cannot be said"
    low = "" if row.low is None else str(row.low)
    high = "more" if row.high is None else str(row.high)
    return f"about {row.rounds} more round{'s' if row.rounds > 1 else ''} ({low}…{high})"


def _caption(limit: MetricLimit, row: RoundsLeft | None) -> str:
    said = "Whiskers: 95 % interval. Line across: limit."
    if row is None:
        return said
    return f"{said} {row.reason}" if row.rounds == 0 else f"{said} {_left(row).capitalize()}: {row.reason}"
