"""The database connection: transactions that really are transactions, on SQLite and on whatever the URL names.

Python's driver opens transactions late and SQLite then answers "busy" at once when a reader turns writer, however
long the busy timeout; so a writing transaction takes the write lock at its beginning (BEGIN IMMEDIATE).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

BUSY_TIMEOUT_S = 60.0  # under synchronous=FULL one of several writers may wait for seconds
READ_ONLY = "colorlab_read_only"


def make_engine(url: str | URL) -> Engine:
    """An engine for the lab's records.

    On SQLite: synchronous=FULL (what was announced as committed survives a power cut), foreign keys checked. Opening
    writes nothing, so that a lab on read-only media can be read; see `use_write_ahead_log`.
    """
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def use_write_ahead_log(engine: Engine) -> None:
    """Make readers never wait for a writer; the database file remembers it, so once, at its creation, is enough."""
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()  # SQLite changes the journal outside transactions only
    try:
        connection.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not open transactions on its own
    for pragma in (
        f"busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    reads_only = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def engine_problems(connection: Connection) -> tuple[str, ...]:
    """What the database itself finds wrong with its pages, indexes and references; empty when nothing is."""
    if connection.dialect.name != "sqlite":
        return ()
    found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check") if row[0] != "ok"]
    found += [
        f"table {table}, row {row}: refers to a row of {parent} that is not there"
        for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check")
    ]
    return tuple(found)
