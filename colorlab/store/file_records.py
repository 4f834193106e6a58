"""What a file says beside reflectance, as plain types: colours without a spectrum, lights, recipes, documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, select

from colorlab.store import records, schema
from colorlab.store.raw_files import require_raw_files
from spectra.stated import Source

Kind = Literal["colour", "spectrum", "recipe", "attachment"]


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One thing a file says, ready to be kept.

    Attributes
    ----------
    kind : {"colour", "spectrum", "recipe", "attachment"}
    title : str
        Name of the sample, light or recipe; kind of the document.
    document : mapping
        Plain JSON types.
    """

    kind: Kind
    title: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredFileRecord:
    """The same with what the lab knows about it."""

    id: str
    record: FileRecord
    source: Source
    colour: str | None
    supplier: str | None
    recorded_at: datetime
    recorded_by: str


def save_file_records(
    connection: Connection,
    found: Sequence[FileRecord],
    source: Source,
    *,
    now: datetime,
    by: str,
    colour: str | None = None,
    supplier: str | None = None,
) -> tuple[str, ...]:
    """Save what a registered raw file says, in its order; what is in the lab already is not saved again.

    Returns
    -------
    tuple of str
        A record id for each, new or existing.

    Raises
    ------
    RecordNotFoundError
        If the raw file is not registered.
    LabError
        If a document is not of plain types.
    """
    table = schema.file_records
    names = require_raw_files(connection, [source.sha256])
    places: dict[str, int] = {}
    ids = []
    for one in found:
        position = places.get(one.kind, 0)
        places[one.kind] = position + 1
        row = {
            "raw_sha256": source.sha256,
            "file_name": names[source.sha256],
            "format": source.format,
            "kind": one.kind,
            "position": position,
            "colour": colour,
            "supplier": supplier,
            "title": one.title,
            "document": dict(one.document),
        }
        content = records.content_digest(table, row)
        known = connection.execute(select(table.c.id).where(table.c.content_sha256 == content)).scalar_one_or_none()
        if known is None:
            known = records.append(connection, table, {**row, "content_sha256": content}, now=now, by=by)
        ids.append(str(known))
    return tuple(ids)


def find_file_records(
    connection: Connection, *, title: str | None = None, kind: Kind | None = None, raw_sha256: str | None = None
) -> tuple[StoredFileRecord, ...]:
    """All records that match every name given, oldest first."""
    table = schema.file_records
    query = select(table).order_by(table.c.id)
    for column, value in {"title": title, "kind": kind, "raw_sha256": raw_sha256}.items():
        if value is not None:
            query = query.where(table.c[column] == value)
    return tuple(_stored(row) for row in connection.execute(query).mappings())


@records.restored
def _stored(row: RowMapping) -> StoredFileRecord:
    return StoredFileRecord(
        id=row["id"],
        record=FileRecord(row["kind"], row["title"], row["document"]),
        source=Source(row["file_name"], row["raw_sha256"], row["format"]),
        colour=row["colour"],
        supplier=row["supplier"],
        recorded_at=row["recorded_at"],
        recorded_by=row["recorded_by"],
    )
