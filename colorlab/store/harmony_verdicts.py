"""Verdicts on parts that are seen side by side: appended, never changed, with what is needed to reach them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from colorlab.store import records, schema
from colorlab.store.raw_files import require_raw_files
from colorlab.store.verdicts import Decision


@dataclass(frozen=True, slots=True, eq=False)
class StoredHarmonyVerdict:
    """A verdict on a set of parts as it was reached.

    Attributes
    ----------
    id : str
    decision : {"accept", "reject", "undecided"}
    name : str
        Of the set, such as a body with its bumper and mirror caps.
    document : mapping
        The verdict itself, as JSON.
    colour, supplier, line : str or None
    inputs : tuple of str
        Records of the measurements, one a part.
    raw_sha256s : tuple of str
        The raw files behind them.
    tolerances : tuple of str
        Records of the layers that were applied, the general one first.
    software_version : str
    seed : int or None
    recorded_at : datetime
    recorded_by : str
    """

    id: str
    decision: Decision
    name: str
    document: Mapping[str, Any]
    colour: str | None
    supplier: str | None
    line: str | None
    inputs: tuple[str, ...]
    raw_sha256s: tuple[str, ...]
    tolerances: tuple[str, ...]
    software_version: str
    seed: int | None
    recorded_at: datetime
    recorded_by: str


def append_harmony_verdict(
    connection: Connection,
    *,
    decision: Decision,
    name: str,
    document: Mapping[str, Any],
    inputs: Sequence[str],
    software_version: str,
    now: datetime,
    by: str,
    raw_sha256s: Sequence[str] = (),
    tolerances: Sequence[str] = (),
    seed: int | None = None,
    colour: str | None = None,
    supplier: str | None = None,
    line: str | None = None,
) -> str:
    """Record a verdict on a set; reaching the same one again is a new record.

    Returns
    -------
    str
        The record's id, `H-000001`.

    Raises
    ------
    RecordNotFoundError
        If an input, a tolerance or a raw file is not in the lab.
    LabError
        If the decision is none of the three, or the document is not JSON.
    """
    records.require(connection, [*inputs, *tolerances])
    require_raw_files(connection, raw_sha256s)
    row = {
        "decision": decision,
        "name": name,
        "document": dict(document),
        "colour": colour,
        "supplier": supplier,
        "line": line,
        "inputs": list(inputs),
        "raw_sha256s": list(raw_sha256s),
        "tolerances": list(tolerances),
        "software_version": software_version,
        "seed": seed,
    }
    return records.append(connection, schema.harmony_verdicts, row, now=now, by=by)


def load_harmony_verdict(connection: Connection, record: str) -> StoredHarmonyVerdict:
    """The verdict of a record.

    Raises
    ------
    RecordNotFoundError
        If there is no such record.
    """
    return _stored(records.fetch(connection, schema.harmony_verdicts, record))


def find_harmony_verdicts(
    connection: Connection,
    *,
    name: str | None = None,
    colour: str | None = None,
    supplier: str | None = None,
    line: str | None = None,
    decision: Decision | None = None,
    until: datetime | None = None,
) -> tuple[StoredHarmonyVerdict, ...]:
    """All verdicts that match every name given and were recorded by a moment, oldest first."""
    wanted = {"name": name, "colour": colour, "supplier": supplier, "line": line, "decision": decision}
    found = records.matching(connection, schema.harmony_verdicts, wanted, until=until)
    return tuple(_stored(row) for row in found)


@records.restored
def _stored(row: RowMapping) -> StoredHarmonyVerdict:
    lists = {name: tuple(row[name]) for name in ("inputs", "raw_sha256s", "tolerances")}
    return StoredHarmonyVerdict(**{**row, **lists})
