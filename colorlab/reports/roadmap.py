"""The page of the programme: what is released, due and late at a glance, then every colour."""

from __future__ import annotations

from typing import Any

from colorlab.reports.figures.roadmap import burn_up, stage_funnel
from colorlab.reports.render import Page, render
from colorlab.reports.style import svg
from colorlab.reports.views import ColourName, Imprint, RoadmapView
from colorlab.roadmap.plan import GATES, STAGES, RoadmapColour, Stage
from colorlab.roadmap.progress import ColourStanding
from spectra.errors import ReportError


def roadmap_page(view: RoadmapView, imprint: Imprint) -> Page:
    """The programme as of the day of its progress.

    Raises
    ------
    ReportError
        If the colours are not those of the progress.
    """
    progress = view.progress
    colours = {colour.code: colour for colour in view.colours}
    if [standing.code for standing in progress.standings] != list(colours):
        raise ReportError(f"the progress of {progress.programme.name} was computed from other colours than this page's")
    rows = _rows(view)
    by_code = {row["standing"].code: row for row in rows}
    minutes = progress.programme.utc_offset_minutes
    said = (
        f"{progress.released_count} colours released as of {progress.as_of}; "
        f"the linear plan has {progress.linear_plan_count:.1f} of {progress.programme.slots}"
    )
    return render(
        "roadmap.html",
        view.file_name,
        imprint,
        f"Roadmap: {progress.programme.name}",
        p=progress,
        programme=progress.programme,
        rows=sorted(rows, key=lambda row: (row["slot"] is None, row["slot"] or 0)),
        late=[by_code[standing.code] for standing in progress.late],
        tiles=wall(view),
        offset=f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}",
        burn_up=svg(burn_up(progress), "burnup", f"Burn-up: {said}"),
        funnel=svg(
            stage_funnel(progress),
            "funnel",
            "Colours at each stage: " + ", ".join(f"{stage.words} {count}" for stage, count in progress.funnel),
        ),
    )


def colour_name(colour: RoadmapColour) -> ColourName:
    """English and Chinese name of a colour; another language's where there is no English one."""
    named = {language: name for language, name in colour.names.items() if name.strip()}
    chinese = named.pop("zh", "")
    return ColourName(colour.code, named.get("en") or next(iter(named.values()), "") or chinese, chinese)


def _rows(view: RoadmapView) -> list[dict[str, Any]]:
    colours = {colour.code: colour for colour in view.colours}
    return [_row(view, colours[standing.code], standing) for standing in view.progress.standings]


def _row(view: RoadmapView, colour: RoadmapColour, standing: ColourStanding) -> dict[str, Any]:
    return {
        "colour": colour,
        "standing": standing,
        "name": colour_name(colour),
        "slot": colour.slot,
        "lab": view.paints.get(colour.code),
        "link": view.links.get(colour.code, ""),
        "why": "; ".join(part for part in (_why(standing), view.reasons.get(colour.code, "")) if part),
    }


def _why(standing: ColourStanding) -> str:
    """Where it hangs and what the next gate asks for."""
    if standing.stage in (Stage.RELEASED, Stage.RETIRED):
        return ""
    following = STAGES[STAGES.index(standing.stage) + 1]
    since = "" if standing.days_in_stage is None else f"in this stage for {standing.days_in_stage} d; "
    asked = [evidence.value.replace("_", " ") for evidence in GATES[following]]
    needs = " and ".join(f"{'an' if words[0] in 'aeiou' else 'a'} {words}" for words in asked)
    return f"{since}next is {following.words}" + (f", which needs {needs}" if needs else "")


def wall(view: RoadmapView) -> list[dict[str, Any]]:
    """One tile a slot; colours without a slot take the free ones in their order, what is left over follows."""
    slots = view.progress.programme.slots
    placed: dict[int, dict[str, Any]] = {}
    waiting = []
    for row in _rows(view):
        slot = row["slot"]
        if slot is not None and 1 <= slot <= slots and slot not in placed:
            placed[slot] = row
        elif row["standing"].stage is not Stage.RETIRED:
            waiting.append(row)
    number = 1
    for row in waiting:
        while number in placed:
            number += 1
        placed[number] = row
    return [_tile(number, placed.get(number)) for number in range(1, max([slots, *placed]) + 1)]


def _tile(number: int, row: dict[str, Any] | None) -> dict[str, Any]:
    if row is None:
        return {"number": number, "kind": "open", "late": False, "lab": None, "title": f"slot {number}: no colour yet"}
    standing, name = row["standing"], row["name"]
    late = f", {standing.days_late} days late" if standing.days_late else ""
    named = f"{name.en} {name.zh}".strip() if name.zh != name.en else name.en
    lab = row["lab"]
    begun = standing.stage is not Stage.IDEA
    kind = ("done" if standing.released else "way") if lab is not None else "blank" if begun else "open"
    title = f"slot {number}: {named} ({standing.code}), {standing.stage.words}{late}"
    return {"number": number, "kind": kind, "late": bool(standing.days_late), "lab": lab, "title": title}
