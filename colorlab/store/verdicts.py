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
    colour, supplier, line : str or None
        Line is the production line.
    standard, sample : str or None
        Records of the two measurements that were compared.
    inputs : tuple of str
        Ids of all records it was computed from.
    raw_sha256s : tuple of str
        The raw files behind them.
    tolerance : str or None
        Record of the one tolerance that was applied, where it was not put together from layers.
    tolerances : tuple of str
        Records of the layers that were applied, the general one first; that one tolerance where there was one.
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
    line: str | None
    standard: str | None
    sample: str | None
    inputs: tuple[str, ...]
    raw_sha256s: tuple[str, ...]
    tolerance: str | None
    tolerances: tuple[str, ...]
    software_version: str
    seed: int | None
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Submission:
    """What was judged together: the samples of one file, for one colour, at one moment.

    Attributes
    ----------
    colour, supplier : str or None
    recorded_at : datetime
    decisions : mapping of str to Decision
        By the verdict's record id, in the order of the file.
    standards : frozenset of (str or None)
        Records of the standards its samples were judged against.
    """

    colour: str | None
    supplier: str | None
    recorded_at: datetime
    decisions: Mapping[str, Decision]
    standards: frozenset[str | None]

    @property
    def accepted(self) -> bool:
        """Whether every sample was accepted."""
        return all(decision == "accept" for decision in self.decisions.values())


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
    tolerances: Sequence[str] = (),
    seed: int | None = None,
    colour: str | None = None,
    supplier: str | None = None,
    line: str | None = None,
) -> str:
    """Record a verdict; reaching the same one again is a new record.

    Returns
    -------
    str
        The record's id, `V-000001`.

    Raises
    ------
    RecordNotFoundError
        If an input, a tolerance or a raw file is not in the lab.
    LabError
        If the decision is none of the three, or the document is not JSON.
    """
    named = [record for record in (standard, sample, tolerance) if record is not None]
    records.require(connection, [*named, *inputs, *tolerances])
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
        "tolerances": list(tolerances) or None,
        "seed": seed,
        "colour": colour,
        "supplier": supplier,
        "line": line,
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
    line: str | None = None,
    decision: Decision | None = None,
    sample: str | None = None,
    until: datetime | None = None,
) -> tuple[StoredVerdict, ...]:
    """All verdicts that match every name given and were recorded by a moment, oldest first.

    `sample` is a measurement's record id.
    """
    wanted = {"colour": colour, "supplier": supplier, "line": line, "decision": decision, "sample": sample}
    found = records.matching(connection, schema.verdicts, wanted, until=until)
    return tuple(_stored(row) for row in found)


def submissions(
    connection: Connection, *, colour: str | None = None, until: datetime | None = None
) -> tuple[Submission, ...]:
    """All submissions, or those of a colour or recorded by a moment, in the order in which they were recorded."""
    table, measured = schema.verdicts, schema.measurements
    query = (
        select(
            *(table.c[name] for name in ("id", "decision", "colour", "supplier", "standard", "recorded_at")),
            measured.c.raw_sha256,
        )
        .select_from(table.outerjoin(measured, table.c.sample == measured.c.id))
        .order_by(table.c.recorded_at, table.c.id)
    )
    if colour is not None:
        query = query.where(table.c.colour == colour)
    if until is not None:
        query = query.where(table.c.recorded_at <= until)
    together: dict[tuple[object, ...], list[RowMapping]] = {}
    for row in connection.execute(query).mappings():
        # A sample that came in no file was submitted by itself.
        file = row["raw_sha256"] or row["id"]
        together.setdefault((row["colour"], row["supplier"], file, row["recorded_at"]), []).append(row)
    return tuple(
        Submission(
            rows[0]["colour"],
            rows[0]["supplier"],
            rows[0]["recorded_at"],
            {row["id"]: row["decision"] for row in rows},
            frozenset(row["standard"] for row in rows),
        )
        for rows in together.values()
    )


@records.restored
def _stored(row: RowMapping) -> StoredVerdict:
    one = () if row["tolerance"] is None else (row["tolerance"],)
    layers = one if row["tolerances"] is None else tuple(row["tolerances"])
    lists = {"inputs": tuple(row["inputs"]), "raw_sha256s": tuple(row["raw_sha256s"]), "tolerances": layers}
    return StoredVerdict(**{**row, **lists})
