"""Writing a record: one row, its digest and its link in the audit log, in the transaction of the caller."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping, Table, func, insert, select, type_coerce
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.elements import Label
from sqlalchemy.types import NullType, TypeDecorator

from colorlab.store import audit, schema
from colorlab.store.columns import RecordNumber, canonical_json, control_characters, record_prefix
from colorlab.store.schema import RECORDS
from spectra.errors import ColorlabError, DamagedLabError, LabError, RecordNotFoundError

_NAMES = {"recorded_by", "by", "supplier", "line", "colour", "code", "panel", "name", "family", "finish", "lot"}
"""Columns of what people type and programs print on one line."""
Restored = TypeVar("Restored")
_ANY_DIALECT = DefaultDialect()  # the column types store the same on every engine


def append(connection: Connection, table: Table, values: Mapping[str, Any], *, now: datetime, by: str) -> str:
    """Write one record and its link in the audit log.

    Parameters
    ----------
    connection : Connection
        Of a writing transaction.
    table : Table
        One of `schema.RECORDS`.
    values : mapping
        Column values without the id and the two `recorded_` columns.
    now : datetime
        When it is written, with a time zone.
    by : str
        Who writes it.

    Returns
    -------
    str
        The record's id, such as `M-000123`.

    Raises
    ------
    LabError
        If nobody is named, the time has no zone, a text or number cannot be stored, or the database refuses the row.
    """
    if not by.strip():
        raise LabError(f"a record of {table.name} needs the name of the person or program that writes it")
    row = {**values, "recorded_at": now, "recorded_by": by}
    stored_form(table, row)  # raises in the record's own words, before SQLAlchemy could wrap the error
    try:
        inserted = connection.execute(insert(table), row).inserted_primary_key
    except IntegrityError as problem:
        raise LabError(f"{table.name} refuses the record: {problem.orig}") from problem
    assert inserted is not None
    record = str(inserted[0])
    # Read back rather than RETURNING: there SQLite hands out whole numbers of a REAL column as integers.
    written = connection.execute(select(*_as_stored(table)).where(table.c.id == record)).mappings().one()
    audit.append(connection, now=now, by=by, action=f"{table.name}: recorded", record=record, digest=_digest(written))
    return record


def append_version(
    connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any], *, now: datetime, by: str
) -> str:
    """Write the next version of a record, or return the latest one where nothing changed.

    `key` names the thing that has versions; `values` is what may change. Version numbers count from 1.
    """
    content = content_digest(table, {**key, **values})
    newest = select(table.c.id, table.c.version, table.c.content_sha256).order_by(table.c.version.desc()).limit(1)
    for name, value in key.items():
        newest = newest.where(table.c[name] == value)
    latest = connection.execute(newest).one_or_none()
    if latest is not None and latest.content_sha256 == content:
        return str(latest.id)
    version = 1 if latest is None else int(latest.version) + 1
    row = {**key, **values, "version": version, "content_sha256": content}
    return append(connection, table, row, now=now, by=by)


def fetch(connection: Connection, table: Table, record: str) -> RowMapping:
    """The row of a record.

    Raises
    ------
    RecordNotFoundError
        If there is none of that name in the table.
    """
    row = None
    if RECORDS.get(record_prefix(record)) is table:
        row = connection.execute(select(table).where(table.c.id == record)).mappings().one_or_none()
    if row is None:
        raise RecordNotFoundError(_kind(table), record)
    return row


def matching(
    connection: Connection, table: Table, wanted: Mapping[str, Any], *, until: datetime | None = None
) -> Sequence[RowMapping]:
    """Rows whose columns hold every value that is wanted (None asks for nothing), oldest record first.

    Parameters
    ----------
    until : datetime, optional
        Only what was recorded by then.
    """
    query = select(table).order_by(table.c.id)
    for column, value in wanted.items():
        if value is not None:
            query = query.where(table.c[column] == value)
    if until is not None:
        query = query.where(table.c.recorded_at <= until)
    return connection.execute(query).mappings().all()


def require(connection: Connection, records: Sequence[str]) -> None:
    """Refuse to refer to what is not in the lab.

    Raises
    ------
    RecordNotFoundError
        For the first name that is no record.
    """
    asked: dict[str, list[str]] = {}
    for record in dict.fromkeys(records):
        asked.setdefault(record_prefix(record), []).append(record)
    for prefix, names in asked.items():
        table = RECORDS.get(prefix)
        if table is None:
            raise RecordNotFoundError("record", names[0])
        found = set(connection.execute(select(table.c.id).where(table.c.id.in_(names))).scalars())
        for name in names:
            if name not in found:
                raise RecordNotFoundError(_kind(table), name)


@contextmanager
def decoding(record: str) -> Iterator[None]:
    """Making a thing of a stored row; what fails there was not written so.

    Raises
    ------
    DamagedLabError
        Naming the record.
    """
    try:
        yield
    except LabError:
        raise
    except (ColorlabError, ValueError, TypeError, LookupError, AttributeError) as problem:
        raise DamagedLabError(
            f"record {record} cannot be read back ({problem}): it was changed after it was written. "
            "Check the lab and restore it from a backup"
        ) from problem


def restored(make: Callable[[RowMapping], Restored]) -> Callable[[RowMapping], Restored]:
    """Decorator of a function that makes a thing of a stored row; see `decoding`."""

    @wraps(make)
    def of_row(row: RowMapping) -> Restored:
        with decoding(row["id"]):
            return make(row)

    return of_row


def first_undecodable(connection: Connection) -> str | None:
    """The first record, or link of the audit log, that holds a value its column cannot hold; None if there is none."""
    for table in (*RECORDS.values(), schema.audit_log):
        kinds = {c.name: c.type for c in table.columns if isinstance(c.type, TypeDecorator)}
        for row in connection.execute(select(*_as_stored(table))).mappings():
            for name, kind in kinds.items():
                try:
                    kind.process_result_value(row[name], _ANY_DIALECT)
                except (ValueError, TypeError, LookupError):
                    place = f"record {_name(table, row)}" if "id" in row else f"link {row['link']} of the audit log"
                    return f"{place}, {name},"
    return None


def content_digest(table: Table, values: Mapping[str, Any]) -> str:
    """SHA-256 of what a record says, apart from its number, version, time and writer."""
    return _digest(stored_form(table, values))


def digests(connection: Connection, table: Table) -> dict[str, str]:
    """The digest of every record of a table as it stands in the database now."""
    rows = connection.execute(select(*_as_stored(table))).mappings()
    return {_name(table, row): _digest(row) for row in rows}


def fault_of(connection: Connection, record: str) -> str:
    """Why a record is not to be trusted, compared with its link in the audit log; empty where it is what was written.

    Whether the link itself still stands in an unbroken chain is the business of `audit.verify_chain`.
    """
    table = RECORDS.get(record_prefix(record))
    written = audit.history(connection, record)
    row = None
    if table is not None:
        row = connection.execute(select(*_as_stored(table)).where(table.c.id == record)).mappings().one_or_none()
    if row is None:
        return audit.GONE
    if not written:
        return audit.UNNAMED
    return "" if _digest(row) == written[0].record_sha256 else audit.CHANGED


def count(connection: Connection, table: Table) -> int:
    """Number of records in a table."""
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _kind(table: Table) -> str:
    return table.name.replace("_", " ").removesuffix("s")


def _name(table: Table, row: RowMapping) -> str:
    number = table.c.id.type
    assert isinstance(number, RecordNumber)
    return str(number.process_result_value(row["id"], _ANY_DIALECT))


def _as_stored(table: Table) -> list[Label[Any]]:
    """The columns without their decorators: a digest must not depend on whether a damaged value can be decoded."""
    return [type_coerce(column, NullType()).label(column.name) for column in table.columns]


def stored_form(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the database holds them: integers, floats, text and bytes.

    Raises
    ------
    LabError
        If a value is none its column can hold.
    """
    form = {}
    for name, value in values.items():
        kind = table.c[name].type
        form[name] = kind.process_bind_param(value, _ANY_DIALECT) if isinstance(kind, TypeDecorator) else value
        _check_storable(table, name, form[name])
    return form


def _check_storable(table: Table, column: str, value: Any) -> None:
    """Refuse what the database would change, or what a reader of the record would stumble over."""
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise LabError(f"{table.name}, {column}: {value} does not fit in 64 bits; a smaller number expected")
    if not isinstance(value, str):
        return
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as problem:
        half = problem.object[problem.start : problem.end]
        raise LabError(
            f"{table.name}, {column}: {half!r} is no character, but a part of one, or a byte that is not UTF-8; "
            "type the name again, or rename the file"
        ) from problem
    if column in _NAMES and (found := control_characters(value)):
        raise LabError(f"{table.name}, {column}: {value!r} holds {found[0]!r}; a name on one line expected")


def _digest(row: Mapping[str, Any] | RowMapping) -> str:
    """Empty columns do not count, so that a nullable column added later leaves old digests valid."""
    said = {
        name: {"sha256": hashlib.sha256(value).hexdigest()} if isinstance(value, bytes | memoryview) else value
        for name, value in row.items()
        if value is not None
    }
    return hashlib.sha256(canonical_json(said).encode()).hexdigest()
