"""Which measurement is the standard of a colour: every choice is a record of its own, and the newest is in force."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from shlex import quote

from sqlalchemy import Connection, select

from colorlab.store import records, schema
from colorlab.store.measurements import StoredMeasurement, load_measurement
from spectra.errors import RecordNotFoundError


def choose_standard(connection: Connection, colour: str, measurement: str, *, now: datetime, by: str) -> str:
    """Put a measurement in force as the standard of a colour, be it a new one or one that was in force before.

    Returns
    -------
    str
        The record's id, `D-000001`; the one in force already where the same measurement is chosen again.

    Raises
    ------
    RecordNotFoundError
        If the measurement is not in the lab.
    """
    records.require(connection, [measurement])
    table = schema.standards
    newest = select(table.c.id, table.c.measurement).where(table.c.colour == colour).order_by(table.c.id.desc())
    last = connection.execute(newest.limit(1)).one_or_none()
    if last is not None and last.measurement == measurement:
        return str(last.id)
    return records.append(connection, table, {"colour": colour, "measurement": measurement}, now=now, by=by)


@dataclass(frozen=True, slots=True)
class StandardChoice:
    """The decision that a measurement is the standard of a colour; attributes are those of its record."""

    id: str
    colour: str
    measurement: str
    recorded_at: datetime
    recorded_by: str


def choice_in_force(connection: Connection, colour: str) -> StandardChoice | None:
    """The newest decision on the standard of a colour; None where there was none yet."""
    table = schema.standards
    query = select(table).where(table.c.colour == colour).order_by(table.c.id.desc()).limit(1)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else StandardChoice(**{one.name: row[one.name] for one in fields(StandardChoice)})


def standard_in_force(connection: Connection, colour: str, known_at: datetime | None = None) -> StoredMeasurement:
    """The standard of a colour as it was chosen last, or as it was chosen last by a moment.

    Raises
    ------
    RecordNotFoundError
        If the colour has none, or had none yet.
    """
    table = schema.standards
    query = select(table.c.measurement).where(table.c.colour == colour).order_by(table.c.id.desc()).limit(1)
    if known_at is not None:
        query = query.where(table.c.recorded_at <= known_at)
    found = connection.execute(query).scalar_one_or_none()
    if found is None:
        raise RecordNotFoundError(
            "standard of colour", colour, remedy=f"Set one with `colorlab lab standard LAB {quote(colour)} FILE`"
        )
    return load_measurement(connection, found)
