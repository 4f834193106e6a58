"""Tolerance documents in three layers, programme, finish and colour, each change a new version.

The layers of the programme (its colour is empty) and of the colours stand in one table, as they always did; those of
the finishes in a table of their own, with records `L-000001`. A finish kept as a special name among the colours could
be taken for a colour's code, which is any text, and a column beside it would have left the versions of all finishes in
one count, or asked for rebuilding a table whose rows are never touched. Verdicts name the versions they applied.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, FromClause, RowMapping, Select, select

from colorlab.store import records, schema
from colorlab.store.columns import record_prefix
from spectra.errors import LabError

MediaType = Literal["toml", "json"]
Scope = Literal["programme", "finish", "colour"]
_PROGRAMME = ""  # the colour under which the programme's layer stands


@dataclass(frozen=True, slots=True)
class StoredTolerance:
    """One version of a tolerance.

    Attributes
    ----------
    id : str
    colour, finish : str or None
        Whose it is; neither for the programme's.
    version : int
        Counts from 1 for each colour, each finish and the programme.
    media_type : {"toml", "json"}
    document : str
        The text as it was given.
    recorded_at : datetime
    recorded_by : str
    """

    id: str
    colour: str | None
    finish: str | None
    version: int
    media_type: MediaType
    document: str
    recorded_at: datetime
    recorded_by: str

    @property
    def scope(self) -> Scope:
        """How much it covers."""
        if self.colour is not None:
            return "colour"
        return "programme" if self.finish is None else "finish"

    def parsed(self) -> Mapping[str, Any]:
        """The document as nested tables."""
        with records.decoding(self.id):
            return _parse(self.document, self.media_type)


def save_tolerance(
    connection: Connection,
    document: str,
    *,
    now: datetime,
    by: str,
    colour: str | None = None,
    finish: str | None = None,
    media_type: MediaType = "toml",
) -> str:
    """Save a tolerance as a new version, unless it is the version in force already.

    Parameters
    ----------
    connection : Connection
    document : str
        TOML or JSON; what its keys mean is the business of `colorlab.tolerance`.
    now : datetime
    by : str
    colour, finish : str, optional
        What it is for: one colour, every colour of a finish or, without either, the programme.
    media_type : {"toml", "json"}

    Returns
    -------
    str
        The record's id, `T-000001`, or `L-000001` for a finish.

    Raises
    ------
    LabError
        If the document cannot be read as what it claims to be, or is for a colour and a finish at once.
    """
    if colour is not None and finish is not None:
        raise LabError(f"a tolerance is for the colour {colour!r} or for the finish {finish!r}, not for both")
    if "" in (colour, finish):
        raise LabError("a tolerance is for a colour or a finish that has a name, or for the programme")
    try:
        _parse(document, media_type)
    except ValueError as problem:
        raise LabError(
            f"the tolerance for {colour or finish or 'the programme'} is not {media_type.upper()}: {problem}"
        ) from problem
    values = {"media_type": media_type, "document": document}
    if finish is not None:
        return records.append_version(connection, schema.finish_tolerances, {"finish": finish}, values, now=now, by=by)
    key = {"colour": _PROGRAMME if colour is None else colour}
    return records.append_version(connection, schema.tolerances, key, values, now=now, by=by)


def load_tolerance(connection: Connection, record: str) -> StoredTolerance:
    """One version by its record id, of whichever layer.

    Raises
    ------
    RecordNotFoundError
        If there is no such record.
    """
    table = schema.finish_tolerances if record_prefix(record) == "L" else schema.tolerances
    return _stored(records.fetch(connection, table, record))


def tolerance_layers(
    connection: Connection, colour: str | None = None, known_at: datetime | None = None
) -> tuple[StoredTolerance, ...]:
    """What a colour is judged by: the programme's tolerance, then its finish's, then its own, the newest of each.

    Parameters
    ----------
    connection : Connection
    colour : str, optional
        Its code; without it only the programme's counts.
    known_at : datetime, optional
        Leaves out versions written later, and takes the finish the colour had then.

    Returns
    -------
    tuple of StoredTolerance
        Between none and three: a layer nobody saved is left out.
    """
    finish = None if colour is None else _finish(connection, colour, known_at)
    wanted = (
        (schema.tolerances.c.colour, _PROGRAMME),
        (schema.finish_tolerances.c.finish, finish),
        (schema.tolerances.c.colour, colour),
    )
    found = []
    for column, name in wanted:
        if name is not None:
            query = select(column.table).where(column == name).order_by(column.table.c.version.desc()).limit(1)
            row = connection.execute(_by_then(query, column.table, known_at)).mappings().one_or_none()
            found += [] if row is None else [_stored(row)]
    return tuple(found)


def _finish(connection: Connection, colour: str, known_at: datetime | None) -> str | None:
    """The finish of a colour as known at a moment; None where the lab had no such colour yet."""
    table = schema.colours
    query = select(table.c.finish).where(table.c.code == colour).order_by(table.c.version.desc()).limit(1)
    return connection.execute(_by_then(query, table, known_at)).scalar_one_or_none()


def _by_then(query: Select[Any], table: FromClause, known_at: datetime | None) -> Select[Any]:
    return query if known_at is None else query.where(table.c.recorded_at <= known_at)


def _parse(document: str, media_type: MediaType) -> Mapping[str, Any]:
    parsed = tomllib.loads(document) if media_type == "toml" else json.loads(document)
    if not isinstance(parsed, dict):
        raise ValueError("a table of keys expected")  # noqa: TRY004 - the same kind of fault as a parser's
    return parsed


@records.restored
def _stored(row: RowMapping) -> StoredTolerance:
    return StoredTolerance(
        row["id"],
        row.get("colour") or None,
        row.get("finish"),
        row["version"],
        row["media_type"],
        row["document"],
        row["recorded_at"],
        row["recorded_by"],
    )
