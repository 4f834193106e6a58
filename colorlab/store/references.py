"""What documents of records name: other records and raw files, over which no key of the database watches."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Table, select, type_coerce
from sqlalchemy.types import NullType

from colorlab.store import schema

_RECORDS: tuple[tuple[Table, str], ...] = (
    (schema.colorant_sets, "inputs"),
    (schema.lot_strengths, "inputs"),
    (schema.verdicts, "inputs"),
    (schema.verdicts, "tolerances"),
    (schema.harmony_verdicts, "inputs"),
    (schema.harmony_verdicts, "tolerances"),
    (schema.stage_events, "evidence"),
)
_RAW_FILES: tuple[tuple[Table, str], ...] = (
    (schema.verdicts, "raw_sha256s"),
    (schema.harmony_verdicts, "raw_sha256s"),
    (schema.captures, "photo_sha256s"),
)


def dangling_references(
    connection: Connection, records: Collection[str], raw_sha256s: Collection[str]
) -> tuple[str, ...]:
    """Every name of a record or raw file that stands in a document and is not in the lab.

    Parameters
    ----------
    connection : Connection
        Of a reading transaction.
    records, raw_sha256s : collection of str
        What the lab has.
    """
    known = {"record": frozenset(records), "raw file": frozenset(raw_sha256s)}
    places = [*(("record", *place) for place in _RECORDS), *(("raw file", *place) for place in _RAW_FILES)]
    return tuple(
        f"{record}, {column}: the {kind} {name} is not in the lab"
        for kind, table, column in places
        for record, names in _named(connection, table, column)
        for name in names
        if name not in known[kind]
    )


def _named(connection: Connection, table: Table, column: str) -> list[tuple[str, list[Any]]]:
    """Names in a column by record; a document that is damaged names nothing, and the audit chain tells of it."""
    found = []
    for record, text in connection.execute(select(table.c.id, type_coerce(table.c[column], NullType()))):
        try:
            names = json.loads(text or "[]")
        except (ValueError, TypeError):
            continue
        found.append((record, names if isinstance(names, list) else []))
    return found
