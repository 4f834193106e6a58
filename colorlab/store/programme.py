"""The colour programme in the lab: what was promised, its colours, and every stage they entered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select

from colorlab.roadmap.plan import Programme, RoadmapColour, Stage, StageEvent
from colorlab.store import records, schema
from colorlab.store.columns import utc
from spectra.errors import RecordNotFoundError

_PROGRAMME_FIELDS = ("name", "start", "end", "slots", "utc_offset_minutes", "remark")


def save_programme(connection: Connection, programme: Programme, *, now: datetime, by: str) -> str:
    """Save what was promised as a new version, unless it is the newest already; a lab has one programme.

    Returns
    -------
    str
        The record's id, `G-000001`.
    """
    values = {name: getattr(programme, name) for name in _PROGRAMME_FIELDS}
    return records.append_version(connection, schema.programmes, {}, values, now=now, by=by)


def load_programme(connection: Connection, known_at: datetime | None = None) -> Programme:
    """The programme as it stood at a moment, or as it stands now.

    A moment before the first version gives the first one: a programme may be recorded after it began.

    Raises
    ------
    RecordNotFoundError
        If the lab has none.
    """
    row = _version_at(
        connection.execute(select(schema.programmes).order_by(schema.programmes.c.id)).mappings(), known_at
    )
    if row is None:
        remedy = "Import one with `colorlab roadmap import LAB programme.toml`"
        raise RecordNotFoundError("programme", "", remedy=remedy)
    with records.decoding(row["id"]):
        return Programme(*(row[name] for name in _PROGRAMME_FIELDS))


def save_colour(connection: Connection, colour: RoadmapColour, *, now: datetime, by: str) -> str:
    """Save a colour's details as a new version, unless they are the newest already; its history is not touched.

    Returns
    -------
    str
        The record's id, `C-000001`.
    """
    values = {
        "names": dict(colour.names),
        "family": colour.family,
        "finish": colour.finish,
        "suppliers": list(colour.suppliers),
        "slot": colour.slot,
        "due": colour.due,
    }
    return records.append_version(connection, schema.colours, {"code": colour.code}, values, now=now, by=by)


def append_stage_event(connection: Connection, code: str, event: StageEvent, *, now: datetime, by: str) -> str:
    """Record that a colour entered a stage; whether it may is decided before (`colorlab.roadmap.plan.advance`).

    Returns
    -------
    str
        The record's id, `S-000001`.

    Raises
    ------
    RecordNotFoundError
        If the colour or a record shown as evidence is not in the lab.
    """
    known = select(schema.colours.c.id).where(schema.colours.c.code == code).limit(1)
    if connection.execute(known).first() is None:
        raise RecordNotFoundError("colour", code)
    records.require(connection, event.evidence)
    row = {
        "colour": code,
        "stage": event.stage.value,
        "at": event.at,
        "by": event.by,
        "evidence": list(event.evidence),
        "override_reason": event.override_reason,
    }
    return records.append(connection, schema.stage_events, row, now=now, by=by)


def load_colours(connection: Connection, known_at: datetime | None = None) -> tuple[RoadmapColour, ...]:
    """All colours in the order in which they were first recorded, each with its whole history.

    Details are those of the moment `known_at`, or the first ones where the colour was recorded later; None gives
    the newest.
    """
    return _load(connection, None, known_at)


def load_colour(connection: Connection, code: str) -> RoadmapColour:
    """One colour with its newest details and whole history.

    Raises
    ------
    RecordNotFoundError
        If the lab has no colour of that code.
    """
    found = _load(connection, code, None)
    if not found:
        raise RecordNotFoundError("colour", code, tuple(colour.code for colour in load_colours(connection)))
    return found[0]


def count_recorded_after(connection: Connection, moment: datetime) -> int:
    """How much of the programme at a moment was recorded only later: itself, its colours, stages entered by then.

    What is imported into a lab keeps the dates it states, so a programme has a past the day it is imported.
    """
    programmes, colours, events = schema.programmes, schema.colours, schema.stage_events
    late = [
        select(func.count()).where(programmes.c.version == 1, programmes.c.recorded_at > moment),
        select(func.count()).where(colours.c.version == 1, colours.c.recorded_at > moment),
        select(func.count()).where(events.c.at <= moment, events.c.recorded_at > moment),
    ]
    return sum(connection.execute(query).scalar_one() for query in late)


def _load(connection: Connection, code: str | None, known_at: datetime | None) -> tuple[RoadmapColour, ...]:
    """All colours, or the one of a code."""
    colours = select(schema.colours).order_by(schema.colours.c.id)
    events = select(schema.stage_events).order_by(schema.stage_events.c.at, schema.stage_events.c.id)
    if code is not None:
        colours = colours.where(schema.colours.c.code == code)
        events = events.where(schema.stage_events.c.colour == code)
    versions: dict[str, list[RowMapping]] = defaultdict(list)
    for row in connection.execute(colours).mappings():
        versions[row["code"]].append(row)
    histories: dict[str, list[StageEvent]] = defaultdict(list)
    for row in connection.execute(events).mappings():
        histories[row["colour"]].append(_event(row))
    details = {name: _version_at(rows, known_at) for name, rows in versions.items()}
    return tuple(_colour(row, tuple(histories[name])) for name, row in details.items() if row is not None)


def _version_at(rows: Iterable[RowMapping], known_at: datetime | None) -> RowMapping | None:
    """The newest version written by then, else the first."""
    found: RowMapping | None = None
    for row in rows:
        if found is None or known_at is None or row["recorded_at"] <= utc(known_at):
            found = row
    return found


def _colour(row: RowMapping, history: tuple[StageEvent, ...]) -> RoadmapColour:
    details: dict[str, Any] = {name: row[name] for name in ("code", "names", "family", "finish", "slot", "due")}
    with records.decoding(row["id"]):
        return RoadmapColour(suppliers=tuple(row["suppliers"]), history=history, **details)


@records.restored
def _event(row: RowMapping) -> StageEvent:
    return StageEvent(Stage(row["stage"]), row["at"], row["by"], tuple(row["evidence"]), row["override_reason"])
