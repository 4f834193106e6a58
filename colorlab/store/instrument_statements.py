"""What is stated of an instrument, by its name, each change a new version; verdicts name the version they applied."""

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
    instrument : str
        Its name as measurement files give it.
    version : int
        Counts from 1 for each instrument.
    document : str
        TOML as it was given.
    recorded_at : datetime
    recorded_by : str
    """

    id: str
    instrument: str
    version: int
    document: str
    recorded_at: datetime
    recorded_by: str

    def parsed(self) -> Mapping[str, Any]:
        """The document as nested tables."""
        with records.decoding(self.id):
            return tomllib.loads(self.document)


def save_instrument_statement(connection: Connection, instrument: str, document: str, *, now: datetime, by: str) -> str:
    """Save a statement as a new version, unless it is the version in force already.

    Parameters
    ----------
    connection : Connection
    instrument : str
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
        If no instrument is named, or the document is not TOML.
    """
    if not instrument.strip():
        raise LabError("a statement needs the name of the instrument it is about")
    try:
        tomllib.loads(document)
    except ValueError as problem:
        raise LabError(f"the statement on {instrument} is not TOML: {problem}") from problem
    table = schema.instrument_statements
    return records.append_version(connection, table, {"name": instrument}, {"document": document}, now=now, by=by)


def load_instrument_statement(connection: Connection, record: str) -> StoredInstrumentStatement:
    """One version by its record id.

    Raises
    ------
    RecordNotFoundError
        If there is no such record.
    """
    return _stored(records.fetch(connection, schema.instrument_statements, record))


def instrument_statement_in_force(
    connection: Connection, instrument: str, known_at: datetime | None = None
) -> StoredInstrumentStatement | None:
    """What was stated last of an instrument, or last by a moment; None where nothing was."""
    versions = [
        one
        for one in instrument_statement_history(connection, instrument)
        if known_at is None or one.recorded_at <= known_at
    ]
    return versions[-1] if versions else None


def instrument_statement_history(
    connection: Connection, instrument: str | None = None
) -> tuple[StoredInstrumentStatement, ...]:
    """All versions, of one instrument or of all, oldest first."""
    table = schema.instrument_statements
    query = select(table).order_by(table.c.id)
    if instrument is not None:
        query = query.where(table.c.name == instrument)
    return tuple(_stored(row) for row in connection.execute(query).mappings())


@records.restored
def _stored(row: RowMapping) -> StoredInstrumentStatement:
    return StoredInstrumentStatement(
        row["id"], row["name"], row["version"], row["document"], row["recorded_at"], row["recorded_by"]
    )
