"""Captures of panels: what was seen on a panel after each polishing round, with its photos."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, select

from colorlab.store import records, schema
from colorlab.store.raw_files import require_raw_files

Outcome = Literal["pass", "re_polish", "fail", "re_shoot", "not_judged"]


@dataclass(frozen=True, slots=True, eq=False)
class StoredCapture:
    """One look at a panel.

    Attributes
    ----------
    id : str
    panel : str
        Number of the test plate or car part.
    colour : str or None
    polishing_round : int
        0 is as sprayed.
    outcome : {"pass", "re_polish", "fail", "re_shoot", "not_judged"}
        "not_judged" where the photo allows no decision, such as relative values only.
    taken_at : datetime
    polishing_hours : float or None
        Hours of work in this round. [h]
    photo_sha256s : tuple of str
    software_version : str
    document : mapping
        The appearance with its metrics and refusals, as JSON.
    recorded_at : datetime
    recorded_by : str
    """

    id: str
    panel: str
    colour: str | None
    polishing_round: int
    outcome: Outcome
    taken_at: datetime
    polishing_hours: float | None
    photo_sha256s: tuple[str, ...]
    software_version: str
    document: Mapping[str, Any]
    recorded_at: datetime
    recorded_by: str


def save_capture(
    connection: Connection,
    *,
    panel: str,
    polishing_round: int,
    outcome: Outcome,
    document: Mapping[str, Any],
    taken_at: datetime,
    software_version: str,
    now: datetime,
    by: str,
    colour: str | None = None,
    photo_sha256s: Sequence[str] = (),
    polishing_hours: float | None = None,
) -> str:
    """Record a capture; a second look at the same round is a new record, and the newer one counts.

    Returns
    -------
    str
        The record's id, `P-000001`.

    Raises
    ------
    RecordNotFoundError
        If a photo is not registered (`raw_files.register_raw_file`).
    LabError
        If the outcome is unknown, the round negative, or the document is not JSON.
    """
    require_raw_files(connection, photo_sha256s)
    row = {
        "panel": panel,
        "colour": colour,
        "polishing_round": polishing_round,
        "outcome": outcome,
        "taken_at": taken_at,
        "polishing_hours": None if polishing_hours is None else float(polishing_hours),
        "photo_sha256s": list(photo_sha256s),
        "software_version": software_version,
        "document": dict(document),
    }
    return records.append(connection, schema.captures, row, now=now, by=by)


def load_capture(connection: Connection, record: str) -> StoredCapture:
    """The capture of a record.

    Raises
    ------
    RecordNotFoundError
        If there is no such record.
    """
    return _stored(records.fetch(connection, schema.captures, record))


def panel_ledger(connection: Connection, panel: str) -> tuple[StoredCapture, ...]:
    """All captures of a panel by polishing round, then in the order in which they were recorded."""
    table = schema.captures
    query = select(table).where(table.c.panel == panel).order_by(table.c.polishing_round, table.c.id)
    return tuple(_stored(row) for row in connection.execute(query).mappings())


def find_captures(connection: Connection, *, colour: str | None = None) -> tuple[StoredCapture, ...]:
    """All captures, or those of a colour: by panel, polishing round and order of recording."""
    table = schema.captures
    query = select(table).order_by(table.c.panel, table.c.polishing_round, table.c.id)
    if colour is not None:
        query = query.where(table.c.colour == colour)
    return tuple(_stored(row) for row in connection.execute(query).mappings())


def captures_with(connection: Connection, photo_sha256s: Collection[str]) -> tuple[StoredCapture, ...]:
    """The captures of any panel that a file of these was recorded with, its flat reference's included."""
    table = schema.captures
    wanted = set(photo_sha256s)
    rows = connection.execute(select(table.c.id, table.c.photo_sha256s)).all()
    return tuple(load_capture(connection, row.id) for row in rows if wanted & set(row.photo_sha256s))


def last_captures(connection: Connection, *, colour: str | None = None) -> tuple[StoredCapture, ...]:
    """For each panel, the newest capture of its highest round: where the panel stands."""
    return tuple({capture.panel: capture for capture in find_captures(connection, colour=colour)}.values())


@records.restored
def _stored(row: RowMapping) -> StoredCapture:
    return StoredCapture(**{**row, "photo_sha256s": tuple(row["photo_sha256s"])})
