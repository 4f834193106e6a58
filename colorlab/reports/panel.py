"""The page of one panel: the verdict, where the surface is uneven, and what each polishing round changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from colorlab.reports.figures.panel_field import ZoneBox, panel_map, panel_photo
from colorlab.reports.figures.panels import panel_maps
from colorlab.reports.figures.polishing_curve import polishing_curve
from colorlab.reports.figures.structure_spectrum import structure_spectrum
from colorlab.reports.render import Page, render
from colorlab.reports.style import svg
from colorlab.reports.views import Imprint, PanelView
from inspections.appearance import TIERS, Appearance, AppearanceMap
from inspections.marks.mark import MARK_KINDS
from inspections.rounds.ledger import PolishingRound, changes_of
from inspections.rounds.limits import MetricLimit
from inspections.rounds.rounds_left import RoundsLeft
from inspections.structure.spectrum import StructureSpectrum
from spectra.errors import ReportError

_TOLD_WITHOUT_LIMITS = (
    "S_lw", "S_c", "S_sw", "S_lw_screening", "S_d_screening", "gloss_uniformity", "alpha_eff", "edge_wander",
)  # fmt: skip
_MOST_TOLD = 4


@dataclass(frozen=True, slots=True)
class _Followed:
    """A metric the page follows through the rounds, and the limit it is held against, if any."""

    metric: str
    unit: str
    limit: MetricLimit | None
    left: RoundsLeft | None


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
    shown = sorted(view.appearances.items())
    appearance = view.appearances.get(last.number)
    followed = _followed(view)
    word = "NOT JUDGED" if verdict is None else verdict.verdict
    return render(
        "panel.html",
        view.file_name,
        imprint,
        f"{word}: panel {ledger.panel}",
        view=view,
        word=word,
        word_zh=_VERDICTS_ZH[word],
        last=last,
        appearance=appearance,
        appearances=shown,
        tiers=TIERS,
        headline=[{"of": one, "value": last.metric(one.metric), "left": _left(one.left)} for one in followed],
        sights=_sights(view, appearance, _zone(last)),
        maps=[
            {
                "figure": svg(panel_maps(pictures), f"map{row}", _said_of_maps(pictures)),
                "title": f"{_quantity(pictures[0][1])} [{pictures[0][1].unit}]",
                "scaled": all(field.mm_per_pixel is not None for _, field in pictures),
            }
            for row, pictures in enumerate(_maps(shown))
        ],
        curves=[
            {
                "figure": svg(
                    polishing_curve(ledger, one.metric, one.unit, one.limit, one.left),
                    f"curve{row}",
                    f"{one.metric} over the polishing rounds"
                    + (f" against its limit of {one.limit.bound:g} {one.unit}" if one.limit else ""),
                ),
                "caption": _caption(one),
            }
            for row, one in enumerate(followed)
            if len(ledger.measured(one.metric)) > (0 if one.limit else 1)
        ],
        rounds=[_round(view, entry, followed) for entry in ledger.rounds],
        findings=last.findings or (appearance.findings if appearance else ()),
        notes=sorted({note for _, one in shown for note in one.notes}),
    )


_VERDICTS_ZH = {"PASS": "合格", "RE-POLISH": "返抛", "FAIL": "不合格", "RE-SHOOT": "重拍", "NOT JUDGED": "未判定"}


def _followed(view: PanelView) -> list[_Followed]:
    """The limited metrics; without limits those that say most of what was measured last."""
    if view.verdict is not None:
        left = {row.metric: row for row in view.verdict.rounds_left}
        return [
            _Followed(limit.metric, limit.unit, limit, left.get(limit.metric)) for limit in view.verdict.limits.limits
        ]
    last = view.ledger.rounds[-1]
    found = [metric for name in _TOLD_WITHOUT_LIMITS if (metric := last.metric(name)) is not None]
    return [_Followed(metric.name, metric.unit, None, None) for metric in found[:_MOST_TOLD]]


_PEEL_SEEN = ("height_lw", "slope_lw")
"""Maps of peel as one sees it, the best first; which there is depends on what the photos resolve."""
_PEEL_COMPARED = ("slope_lw", "height_lw")
"""The same where rounds are compared: how strong it is here and there."""


def _sights(view: PanelView, appearance: Appearance | None, zone: ZoneBox | None) -> list[dict[str, Any]]:
    """The panel as it stands: photo, peel, structure, gloss, each with its marks and the zone that is worst."""
    if appearance is None:
        return []
    marks = appearance.marks or ()
    frame = "" if zone is None else " The frame: where the structure is strongest."
    found = _said_of_marks(appearance)
    sights = []
    if view.picture is not None:
        shown = view.picture
        scale = "" if shown.mm_per_pixel is not None else " It carries no scale: positions are in pixels."
        sights.append(
            {
                "title": "Photo",
                "figure": svg(panel_photo(shown, marks, zone), "photo", f"Photo {shown.file_name}. {found}"),
                "caption": f"{shown.file_name}{f' ({shown.pattern})' if shown.pattern else ''}. {found}{frame}{scale}",
            }
        )
    peel = next((field for name in _PEEL_SEEN if (field := appearance.map(name)) is not None), None)
    for name, title, field in (("peel", "Orange peel", peel), ("gloss", "Gloss", appearance.map("gloss"))):
        if field is not None:
            sights.append(
                {
                    "title": title,
                    "figure": svg(panel_map(field, marks, zone), name, _said_of_maps([(title, field)])),
                    "caption": f"{_quantity(field)} [{field.unit}].{frame}",
                }
            )
    spectra = [
        (f"round {number}", one.spectrum)
        for number, one in sorted(view.appearances.items())
        if one.spectrum is not None and one.spectrum.wavelengths_mm.size
    ]
    if spectra and appearance.spectrum is not None:
        sights.append(
            {
                "title": "Structure spectrum",
                "figure": svg(structure_spectrum(spectra), "spectrum", _said_of_spectrum(appearance.spectrum)),
                "caption": _said_of_spectrum(appearance.spectrum),
            }
        )
    return sights


def _said_of_spectrum(spectrum: StructureSpectrum) -> str:
    return (
        f"Slope rms per axis of each octave of wavelength, corrected for blur and noise; A to E are the bands. Grey: "
        f"95 % interval. Waves of {spectrum.shortest_mm:.2g} to {spectrum.longest_mm:.2g} mm are resolved."
    )


_MAP_WORDS = {
    "slope_lw": "local slope rms per axis of waves of 1.2–12 mm",
    "height_lw": "height of waves of 1.2–12 mm",
    "gloss": "fringe amplitude over that of the flat reference",
}


def _quantity(field: AppearanceMap) -> str:
    words = _MAP_WORDS.get(field.name, field.name.replace("_", " "))
    return f"{words[0].upper()}{words[1:]}"


def _said_of_marks(appearance: Appearance) -> str:
    if appearance.marks is None:
        return "Nobody could look for marks in these photos."
    if not appearance.marks:
        return "No marks were found."
    counted = {kind: sum(mark.kind == kind for mark in appearance.marks) for kind in MARK_KINDS}
    return f"Marks: {', '.join(f'{kind} {count}' for kind, count in counted.items() if count)}."


def _zone(entry: PolishingRound) -> ZoneBox | None:
    """Where the structure is strongest after a round."""
    zone = entry.roughest
    return None if zone is None else zone.box


def _maps(shown: list[tuple[int, Appearance]]) -> list[list[tuple[str, AppearanceMap]]]:
    """Peel and gloss in the first and the last round, where both have them."""
    if len(shown) < 2:
        return []
    (first, before), (last, after) = shown[0], shown[-1]
    pairs = []
    for names in (_PEEL_COMPARED, ("gloss",)):
        both = next(((a, b) for name in names if (a := before.map(name)) and (b := after.map(name))), None)
        if both is not None and both[0].unit == both[1].unit:
            pairs.append([(f"round {first}", both[0]), (f"round {last}", both[1])])
    return pairs


def _said_of_maps(maps: list[tuple[str, AppearanceMap]]) -> str:
    said = []
    for title, field in maps:
        facts = field.as_dict()
        rms = "no value" if facts["rms"] is None else f"rms {facts['rms']:.3g} {field.unit}"
        said.append(f"{title}, {rms}")
    return f"Maps of {maps[0][1].name.replace('_', ' ')}: {'; '.join(said)}"


def _round(view: PanelView, entry: PolishingRound, followed: list[_Followed]) -> dict[str, Any]:
    work = [entry.operator, entry.pad, entry.compound, "" if entry.minutes is None else f"{entry.minutes:g} min"]
    judged = view.verdict.changes if view.verdict is not None else ()
    told = judged or [change for one in followed for change in changes_of(view.ledger, one.metric)]
    changes = {(change.metric, change.to_round): change for change in told}
    return {
        "round": entry,
        "work": ", ".join(part for part in work if part),
        "cells": [
            {
                "of": one,
                "value": value,
                "beyond": value is not None and one.limit is not None and one.limit.beyond(value.value),
                "change": changes.get((one.metric, entry.number)),
            }
            for one in followed
            for value in (entry.metric(one.metric),)
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


def _caption(one: _Followed) -> str:
    if one.limit is None:
        return "Whiskers: 95 % interval. No limit was given."
    said = "Whiskers: 95 % interval. Line across: limit; grey on it: rounds in which it may be reached (90 %)."
    if one.left is None:
        return said
    return f"{said} {one.left.reason}" if one.left.rounds == 0 else f"{said} {_left(one.left)}: {one.left.reason}"
