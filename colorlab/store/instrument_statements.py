"""What is stated of instruments, each change a new version; verdicts name the versions they applied."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from colorlab.store import records, schema
from spectra.errors import LabError


@dataclass(frozen=True, slots=True)
class StoredInstrumentStatement:
    """One version of a statement.

    Attributes
    ----------
    id : str
    name : str
        Under which it has versions; which instruments it is about stands in the document.
    version : int
        Counts from 1 for each name.
    document : str
        TOML as it was given.
    recorded_at : datetime
    recorded_by : str
    """

    id: str
    name: str
    version: int
    document: str
    recorded_at: datetime
    recorded_by: str

    def parsed(self) -> Mapping[str, Any]:
        """The document as nested tables."""
        with records.decoding(self.id):
            return tomllib.loads(self.document)


def save_instrument_statement(connection: Connection, name: str, document: str, *, now: datetime, by: str) -> str:
    """Save a statement as a new version of its name, unless it is the version in force already.

    Parameters
    ----------
    connection : Connection
    name : str
        Such as the instrument's.
    document : str
        TOML; what its keys mean is the business of `colorlab.tolerance`.
    now : datetime
    by : str

    Returns
    -------
    str
        The record's id, `I-000001`.

    Raises
    ------
    LabError
        If it has no name, or is not TOML.
    """
    if not name.strip():
        raise LabError("a statement on an instrument needs a name")
    try:
        tomllib.loads(document)
    except ValueError as problem:
        raise LabError(f"the instrument statement {name} is not TOML: {problem}") from problem
    table = schema.instrument_statements
    return records.append_version(connection, table, {"name": name}, {"document": document}, now=now, by=by)


def load_instrument_statement(connection: Connection, record: str) -> StoredInstrumentStatement:
    """One version by its record id.

    Raises
    ------
    RecordNotFoundError
        If there is no such record.
    """
    return _stored(records.fetch(connection, schema.instrument_statements, record))


def instrument_statements_in_force(
    connection: Connection, known_at: datetime | None = None
) -> tuple[StoredInstrumentStatement, ...]:
    """The newest version of every statement, or the newest by a moment, in the order they were first recorded."""
    versions = instrument_statement_history(connection)
    return tuple({one.name: one for one in versions if known_at is None or one.recorded_at <= known_at}.values())


def instrument_statement_history(
    connection: Connection, name: str | None = None
) -> tuple[StoredInstrumentStatement, ...]:
    """All versions, of one statement or of all, oldest first."""
    table = schema.instrument_statements
    query = select(table).order_by(table.c.id)
    if name is not None:
        query = query.where(table.c.name == name)
    return tuple(_stored(row) for row in connection.execute(query).mappings())


@records.restored
def _stored(row: RowMapping) -> StoredInstrumentStatement:
    return StoredInstrumentStatement(
        row["id"], row["name"], row["version"], row["document"], row["recorded_at"], row["recorded_by"]
    )
