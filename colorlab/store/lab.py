"""A lab: one folder with its records (`lab.sqlite`), its raw files (`raw/`) and its name (`lab.toml`)."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import URL, Connection, Engine, func, select
from sqlalchemy.exc import DatabaseError, OperationalError

from colorlab.store.blobs import BlobStore
from colorlab.store.columns import utc
from colorlab.store.engine import BUSY_TIMEOUT_S, READ_ONLY, make_engine, use_write_ahead_log
from colorlab.store.migrate import bring_up_to_date
from colorlab.store.records import first_undecodable
from colorlab.store.schema import audit_log
from spectra.errors import DamagedLabError, LabError, NotALabError

LAB_FILE = "lab.toml"
RECORDS_FILE = "lab.sqlite"
RAW_FOLDER = "raw"
_UNFINISHED = "lab.toml.unfinished"


@dataclass(frozen=True, eq=False)
class Lab:
    """An open lab; a context manager that closes its connections.

    Attributes
    ----------
    folder : Path
    name : str
    engine : Engine
    blobs : BlobStore
        The raw files.
    """

    folder: Path
    name: str
    engine: Engine
    blobs: BlobStore

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it is written, or, on any exception and on Ctrl-C, nothing.

        Raises
        ------
        LabError
            If another program holds the write lock for longer than the time-out, or the lab cannot be written.
        DamagedLabError
            If a record that is read cannot be read back.
        """
        with self._explained(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the records; never waits for a writer.

        Raises
        ------
        LabError
            If the database cannot be read.
        DamagedLabError
            If a record, or a table, is not what was written.
        """
        with self._explained(), self.engine.connect().execution_options(**{READ_ONLY: True}) as connection:
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """What goes wrong with the records, in words."""
        try:
            yield
        except DatabaseError as problem:
            raise _in_words(problem, self.folder) from problem
        except UnicodeEncodeError as problem:
            raise LabError(f"{problem.object!r} is not a text a record can hold or have: {problem.reason}") from problem
        except (ValueError, TypeError, KeyError) as problem:
            damaged = self._first_damaged()
            if damaged is None:
                raise
            raise DamagedLabError(
                f"{self.folder}: {damaged} cannot be read back ({problem}): it was changed after it was written. "
                "Check the lab and restore it from a backup"
            ) from problem

    def _first_damaged(self) -> str | None:
        try:
            with self.engine.connect().execution_options(**{READ_ONLY: True}) as connection:
                return first_undecodable(connection)
        except DatabaseError:
            return RECORDS_FILE

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def create_lab(folder: Path | str, name: str, now: datetime) -> Lab:
    """Make an empty lab and open it.

    `lab.toml` is put in its place last: after a kill the folder is a lab, or creating it again finishes the work.

    Raises
    ------
    LabError
        If the folder holds anything else, cannot be written, or the name is empty or not one line of text.
    """
    folder = Path(folder).absolute()
    if not name.strip() or not name.isprintable():
        raise LabError(f"{name!r} is not a name for a lab: one line of text expected")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _refuse_occupied(folder)
        (folder / RAW_FOLDER).mkdir(exist_ok=True)
        engine = _engine(folder)
        try:
            use_write_ahead_log(engine)
            bring_up_to_date(engine, folder)
            with engine.connect() as connection:
                n_links = connection.execute(select(func.count()).select_from(audit_log)).scalar_one()
        finally:
            engine.dispose()
        if n_links:
            raise LabError(f"{folder} has records but no {LAB_FILE}; restore that file instead of making a new lab")
        unfinished = folder / _UNFINISHED
        unfinished.write_text(_lab_file(name, utc(now)), encoding="utf-8")
        unfinished.replace(folder / LAB_FILE)
    except OSError as problem:
        raise LabError(f"{folder} cannot be made a lab: {problem.strerror}") from problem
    except DatabaseError as problem:
        raise _in_words(problem, folder) from problem
    return open_lab(folder)


def open_lab(folder: Path | str) -> Lab:
    """Open a lab, bringing one written by an older version up to date first.

    A lab on read-only media or a full disk is opened for reading.

    Raises
    ------
    NotALabError
        If the folder is not a lab, or was written by a newer version.
    LabError
        If its files cannot be read.
    """
    folder = Path(folder).absolute()
    try:
        if not (folder / LAB_FILE).is_file() or not (folder / RECORDS_FILE).is_file():
            raise NotALabError(
                f"{folder} is not a lab: {LAB_FILE} and {RECORDS_FILE} are not both there; create it first"
            )
        name = _name(folder / LAB_FILE)
        engine = _opened(_engine(folder), folder) if _writable(folder) else None
    except OSError as problem:
        raise LabError(f"{folder} cannot be read: {problem.strerror}") from problem
    except OperationalError as problem:
        if not _refuses_writing(problem):
            raise _in_words(problem, folder) from problem
        engine = None
    except DatabaseError as problem:
        raise _in_words(problem, folder) from problem
    if engine is None:
        try:
            engine = _opened(_reading_engine(folder), folder)
        except DatabaseError as problem:
            raise _in_words(problem, folder) from problem
    return Lab(folder, name, engine, BlobStore(folder / RAW_FOLDER))


def _opened(engine: Engine, folder: Path) -> Engine:
    try:
        bring_up_to_date(engine, folder)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and os.access(folder / RECORDS_FILE, os.W_OK)


def _refuses_writing(problem: OperationalError) -> bool:
    reason = str(problem.orig)
    return any(words in reason for words in ("readonly", "disk is full", "disk I/O", "unable to open"))


def _refuse_occupied(folder: Path) -> None:
    own = {RAW_FOLDER, _UNFINISHED, *(RECORDS_FILE + suffix for suffix in ("", "-wal", "-shm", "-journal"))}
    if {path.name for path in folder.iterdir()} - own or any((folder / RAW_FOLDER).glob("*")):
        raise LabError(f"{folder} is not an empty folder; name a new one, or open it if it is a lab")


def _engine(folder: Path) -> Engine:
    return make_engine(URL.create("sqlite", database=str(folder / RECORDS_FILE)))


def _reading_engine(folder: Path) -> Engine:
    """An engine that writes nothing: not even the shared memory in which readers and writers meet.

    Where a write-ahead log holds what is not in the database file yet, its reader has to go through the log.
    """
    log = folder / f"{RECORDS_FILE}-wal"
    query = {"mode": "ro", "uri": "true"}
    if not log.exists() or log.stat().st_size == 0:
        query["immutable"] = "1"
    return make_engine(URL.create("sqlite", database=(folder / RECORDS_FILE).as_uri(), query=query))


def _lab_file(name: str, now: datetime) -> str:
    return (
        "# A colorlab laboratory. The records and the version of their schema are in lab.sqlite, raw files in raw/.\n"
        f"name = {json.dumps(name, ensure_ascii=False)}\n"
        f"created = {now.isoformat(timespec='seconds')}\n"
    )


def _name(file: Path) -> str:
    try:
        name = tomllib.loads(file.read_text(encoding="utf-8"))["name"]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, KeyError) as problem:
        raise NotALabError(f"{file} does not state the lab's name: {problem}") from problem
    if not isinstance(name, str):
        raise NotALabError(f"{file}: name is {name!r}; a text expected")
    return name


def _in_words(problem: DatabaseError, folder: Path) -> LabError:
    reason = str(problem.orig)
    if "locked" in reason or "busy" in reason:
        return LabError(
            f"{folder}: another program has been writing for {BUSY_TIMEOUT_S:g} s; try again when it is done"
        )
    if "readonly" in reason or "disk is full" in reason:
        return LabError(
            f"{folder} cannot be written ({reason}): it is on read-only or full media, or not yours to write"
        )
    if "no such" in reason:
        return DamagedLabError(f"{folder}: {RECORDS_FILE} has {reason}; check the lab and restore it from a backup")
    if "not a database" in reason or "malformed" in reason:
        return NotALabError(f"{folder}: {RECORDS_FILE} is not a readable database ({reason}); restore it from a backup")
    return LabError(f"{folder}: the records cannot be used: {reason}")
