"""Which raw files the lab knows, under which name they came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from colorlab.store import records, schema
from colorlab.store.blobs import StoredBlob
from colorlab.store.columns import legible_file_name
from spectra.errors import RecordNotFoundError


def register_raw_file(connection: Connection, blob: StoredBlob, file_name: str, *, now: datetime, by: str) -> str:
    """Record a file that `BlobStore.put` has kept; a content known already keeps its first name.

    Returns
    -------
    str
        The record's id, `F-000001`.
    """
    known = connection.execute(
        select(schema.raw_files.c.id).where(schema.raw_files.c.sha256 == blob.sha256)
    ).scalar_one_or_none()
    if known is not None:
        return str(known)
    row = {"sha256": blob.sha256, "file_name": legible_file_name(file_name), "size_bytes": blob.size_bytes}
    return records.append(connection, schema.raw_files, row, now=now, by=by)


def require_raw_files(connection: Connection, sha256s: Sequence[str]) -> dict[str, str]:
    """The names under which raw files first came; refuses to refer to one the lab does not keep.

    A file handed in again under another name is the same file, and so are the records read from it.

    Raises
    ------
    RecordNotFoundError
        For the first hash that is not registered.
    """
    names = {}
    table = schema.raw_files
    for sha256 in sha256s:
        name = connection.execute(select(table.c.file_name).where(table.c.sha256 == sha256)).scalar_one_or_none()
        if name is None:
            raise RecordNotFoundError("raw file", sha256)
        names[sha256] = str(name)
    return names


def registered(connection: Connection) -> dict[str, str]:
    """SHA-256 of every registered raw file, oldest first, to its record and name: `F-000001 batch.qtx`."""
    table = schema.raw_files
    rows = connection.execute(select(table.c.sha256, table.c.id, table.c.file_name).order_by(table.c.id))
    return {row.sha256: f"{row.id} {row.file_name}" for row in rows}
