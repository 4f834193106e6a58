"""Tolerance documents by colour, each change a new version; verdicts refer to the version they applied."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, select

from colorlab.store import records, schema
from spectra.errors import LabError, RecordNotFoundError

MediaType = Literal["toml", "json"]
_DEFAULT = ""  # the colour under which the programme's default stands


@dataclass(frozen=True, slots=True)
class StoredTolerance:
    """One version of a tolerance.

    Attributes
    ----------
    id : str
    colour : str or None
        None for the programme's default.
    version : int
        Counts from 1 for each colour.
    media_type : {"toml", "json"}
    document : str
        The text as it was given.
    recorded_at : datetime
    recorded_by : str
    """

    id: str
    colour: str | None
    version: int
    media_type: MediaType
    document: str
    recorded_at: datetime
    recorded_by: str

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
    colour : str, optional
        Without it, the document is the programme's default.
    media_type : {"toml", "json"}

    Returns
    -------
    str
        The record's id, `T-000001`.

    Raises
    ------
    LabError
        If the document cannot be read as what it claims to be.
    """
    try:
        _parse(document, media_type)
    except ValueError as problem:
        raise LabError(
            f"the tolerance for {colour or 'the programme'} is not {media_type.upper()}: {problem}"
        ) from problem
    key = {"colour": _DEFAULT if colour is None else colour}
    values = {"media_type": media_type, "document": document}
    return records.append_version(connection, schema.tolerances, key, values, now=now, by=by)


def load_tolerance(connection: Connection, record: str) -> StoredTolerance:
    """One version by its record id.

    Raises
    ------
    RecordNotFoundError
        If there is no such record.
    """
    return _stored(records.fetch(connection, schema.tolerances, record))


def tolerance_in_force(connection: Connection, colour: str | None = None) -> StoredTolerance:
    """The newest version for a colour; the programme's default where the colour has none of its own.

    Raises
    ------
    RecordNotFoundError
        If neither is in the lab.
    """
    table = schema.tolerances
    for name in dict.fromkeys((_DEFAULT if colour is None else colour, _DEFAULT)):
        query = select(table).where(table.c.colour == name).order_by(table.c.version.desc()).limit(1)
        row = connection.execute(query).mappings().one_or_none()
        if row is not None:
            return _stored(row)
    raise RecordNotFoundError("tolerance", colour or "of the programme")


def _parse(document: str, media_type: MediaType) -> Mapping[str, Any]:
    parsed = tomllib.loads(document) if media_type == "toml" else json.loads(document)
    if not isinstance(parsed, dict):
        raise ValueError("a table of keys expected")  # noqa: TRY004 - the same kind of fault as a parser's
    return parsed


@records.restored
def _stored(row: RowMapping) -> StoredTolerance:
    return StoredTolerance(
        row["id"],
        None if row["colour"] == _DEFAULT else row["colour"],
        row["version"],
        row["media_type"],
        row["document"],
        row["recorded_at"],
        row["recorded_by"],
    )
