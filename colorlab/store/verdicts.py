"""Verdicts: appended, never changed, with everything that is needed to reach them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, select

from colorlab.store import records, schema
from colorlab.store.raw_files import require_raw_files

Decision = Literal["accept", "reject", "undecided"]


@dataclass(frozen=True, slots=True, eq=False)
class StoredVerdict:
    """A verdict as it was reached.

    Attributes
    ----------
    id : str
    decision : {"accept", "reject", "undecided"}
    document : mapping
        The verdict itself, as JSON.
    colour, supplier : str or None
    standard, sample : str or None
        Records of the two measurements that were compared.
    inputs : tuple of str
        Ids of all records it was computed from.
    raw_sha256s : tuple of str
        The raw files behind them.
    tolerance : str or None
        Record of the tolerance version that was applied.
    software_version : str
    seed : int or None
        Of the random numbers used, if any were.
    recorded_at : datetime
    recorded_by : str
    """

    id: str
    decision: Decision
    document: Mapping[str, Any]
    colour: str | None
    supplier: str | None
    standard: str | None
    sample: str | None
    inputs: tuple[str, ...]
    raw_sha256s: tuple[str, ...]
    tolerance: str | None
    software_version: str
    seed: int | None
    recorded_at: datetime
    recorded_by: str


def append_verdict(
    connection: Connection,
    *,
    decision: Decision,
    document: Mapping[str, Any],
    software_version: str,
    now: datetime,
    by: str,
    standard: str | None = None,
    sample: str | None = None,
    inputs: Sequence[str] = (),
    raw_sha256s: Sequence[str] = (),
    tolerance: str | None = None,
    seed: int | None = None,
    colour: str | None = None,
    supplier: str | None = None,
) -> str:
    """Record a verdict; reaching the same one again is a new record.

    Returns
    -------
    str
        The record's id, `V-000001`.

    Raises
    ------
    RecordNotFoundError
        If an input, the tolerance or a raw file is not in the lab.
    LabError
        If the decision is none of the three, or the document is not JSON.
    """
    named = [record for record in (standard, sample, tolerance) if record is not None]
    records.require(connection, [*named, *inputs])
    require_raw_files(connection, raw_sha256s)
    row = {
        "decision": decision,
        "document": dict(document),
        "software_version": software_version,
        "standard": standard,
        "sample": sample,
        "inputs": list(inputs),
        "raw_sha256s": list(raw_sha256s),
        "tolerance": tolerance,
        "seed": seed,
        "colour": colour,
        "supplier": supplier,
    }
    return records.append(connection, schema.verdicts, row, now=now, by=by)


def load_verdict(connection: Connection, record: str) -> StoredVerdict:
    """The verdict of a record.

    Raises
    ------
    RecordNotFoundError
        If there is no such record.
    """
    return _stored(records.fetch(connection, schema.verdicts, record))


def find_verdicts(
    connection: Connection,
    *,
    colour: str | None = None,
    supplier: str | None = None,
    decision: Decision | None = None,
    sample: str | None = None,
) -> tuple[StoredVerdict, ...]:
    """All verdicts that match every name given, oldest first; `sample` is a measurement's record id."""
    table = schema.verdicts
    query = select(table).order_by(table.c.id)
    wanted = {"colour": colour, "supplier": supplier, "decision": decision, "sample": sample}
    for column, value in wanted.items():
        if value is not None:
            query = query.where(table.c[column] == value)
    return tuple(_stored(row) for row in connection.execute(query).mappings())


def first_decisions(connection: Connection, until: datetime) -> dict[tuple[str, str], Decision]:
    """By supplier and colour: how the first verdict recorded by then decided."""
    table = schema.verdicts
    query = (
        select(table.c.supplier, table.c.colour, table.c.decision)
        .where(table.c.supplier.is_not(None), table.c.colour.is_not(None), table.c.recorded_at <= until)
        .order_by(table.c.recorded_at, table.c.id)
    )
    first: dict[tuple[str, str], Decision] = {}
    for supplier, colour, decision in connection.execute(query):
        first.setdefault((supplier, colour), decision)
    return first


def _stored(row: RowMapping) -> StoredVerdict:
    lists = {"inputs": tuple(row["inputs"]), "raw_sha256s": tuple(row["raw_sha256s"])}
    return StoredVerdict(**{**row, **lists})
