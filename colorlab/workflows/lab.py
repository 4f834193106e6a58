"""Is the lab what was written? Every record, every raw file, every link of the audit log."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from colorlab.store import audit, records
from colorlab.store.blobs import BlobStore
from colorlab.store.engine import engine_problems
from colorlab.store.lab import open_lab
from colorlab.store.migrate import revision
from colorlab.store.raw_files import registered
from colorlab.store.references import dangling_references
from colorlab.store.schema import RECORDS
from colorlab.workflows.text import counted
from spectra.errors import DamagedLabError, LabError, RecordNotFoundError

RESTORE = "restore it from a backup of the lab"
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class NotedHead:
    """A head of the audit chain that somebody noted elsewhere at an earlier time.

    Attributes
    ----------
    sha256 : str
    link : int or None
        The link of the present chain that has this hash; None where none has: links were taken from the chain's end
        since, or written anew.
    """

    sha256: str
    link: int | None

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values."""
        return {"sha256": self.sha256, "link": self.link}


@dataclass(frozen=True, slots=True)
class LabCheck:
    """What a check found.

    Attributes
    ----------
    folder, name, schema_revision : str
    records : dict of str to int
        Number of records in each table.
    database_problems : tuple of str
        What the database finds wrong with itself.
    missing_files, damaged_files : tuple of str
        SHA-256 of registered raw files that are gone, or no longer have their content.
    unreferenced_files_count, unfinished_files_count : int
        Raw files no record names, and files a killed program was still writing: harmless.
    dangling_references : tuple of str
        What documents name that is not in the lab.
    chain : ChainCheck
        Of the audit log.
    noted_head : NotedHead or None
        The earlier head the chain was compared with.
    file_names : dict of str to str
        Of missing and damaged files, SHA-256 to record and name.
    """

    folder: str
    name: str
    schema_revision: str
    records: dict[str, int]
    database_problems: tuple[str, ...]
    missing_files: tuple[str, ...]
    damaged_files: tuple[str, ...]
    unreferenced_files_count: int
    unfinished_files_count: int
    dangling_references: tuple[str, ...]
    chain: audit.ChainCheck
    noted_head: NotedHead | None
    file_names: dict[str, str]

    @property
    def clean(self) -> bool:
        """Whether everything is what was written."""
        faults = (*self.database_problems, *self.missing_files, *self.damaged_files, *self.dangling_references)
        cut = self.noted_head is not None and self.noted_head.link is None
        return not faults and not cut and self.chain.first_broken is None

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values with stable names."""
        broken = self.chain.first_broken
        return {
            "folder": self.folder,
            "name": self.name,
            "schema_revision": self.schema_revision,
            "clean": self.clean,
            "records_count": dict(self.records),
            "database_problems": list(self.database_problems),
            "missing_files_sha256": list(self.missing_files),
            "damaged_files_sha256": list(self.damaged_files),
            "unreferenced_files_count": self.unreferenced_files_count,
            "unfinished_files_count": self.unfinished_files_count,
            "dangling_references": list(self.dangling_references),
            "audit_links_count": self.chain.n_links,
            "audit_head_sha256": self.chain.head_sha256,
            "first_broken_link": None if broken is None else broken.as_dict(),
            "noted_head": None if self.noted_head is None else self.noted_head.as_dict(),
        }

    def as_text(self) -> str:
        """Whether all is well, then what is not."""
        counts = ", ".join(
            counted(count, name.replace("_", " ").removesuffix("s")) for name, count in self.records.items() if count
        )
        faults = [f"database: {problem}" for problem in self.database_problems]
        names = self.file_names
        faults += [f"raw file missing: {names[sha256]}, {sha256}; {RESTORE}" for sha256 in self.missing_files]
        faults += [f"raw file damaged: {names[sha256]}, {sha256}; {RESTORE}" for sha256 in self.damaged_files]
        faults += [f"reference to nothing: {reference}" for reference in self.dangling_references]
        if self.chain.first_broken is not None:
            faults.append(self.chain.first_broken.as_text())
        noted = self.noted_head
        if noted is not None and noted.link is None:
            faults.append(
                f"no link of the audit chain is the head noted earlier, {noted.sha256}: links were taken from the end "
                "of the chain since, together with their records, or written anew"
            )
        lines = [f"{self.name}: {'nothing is lost or changed' if self.clean else f'FAULTS: {len(faults)}'}", *faults]
        lines.append(f"{counts or 'no records'}; audit chain of {counted(self.chain.n_links, 'link')}")
        if noted is not None and noted.link is not None:
            added = self.chain.n_links - noted.link
            lines.append(
                f"the head noted earlier is link {noted.link}; {counted(added, 'link')} "
                f"{'was' if added == 1 else 'were'} added since"
            )
        lines.append(f"head of the chain, to be noted elsewhere: {self.chain.head_sha256}")
        if self.unreferenced_files_count or self.unfinished_files_count:
            lines.append(
                f"harmless leftovers of interrupted work: {counted(self.unreferenced_files_count, 'raw file')} "
                "no record names, "
                f"{self.unfinished_files_count} unfinished"
            )
        return "\n".join(lines)


def check_lab(folder: Path | str, noted_head: str | None = None) -> LabCheck:
    """Check a lab without changing it, apart from bringing older tables up to date.

    Parameters
    ----------
    folder : Path or str
    noted_head : str, optional
        SHA-256 of the head at an earlier check, kept where whoever can write the lab cannot: only so does it show when
        the end of the chain is cut off.

    Raises
    ------
    NotALabError
        If the folder is not a lab, or its database cannot be read at all.
    LabError
        If the noted head is no SHA-256.
    """
    if noted_head is not None:
        noted_head = noted_head.strip().lower()
        if _SHA256.fullmatch(noted_head) is None:
            raise LabError(
                f"{noted_head!r} is no head of an audit chain; the 64 hexadecimal digits expected that "
                "`colorlab audit` printed last"
            )
    with open_lab(folder) as lab, lab.reading() as connection:
        survey = _Survey(connection)
        nothing: dict[str, str] = {}
        files = survey.ask(nothing, registered)
        missing, damaged = _file_faults(lab.blobs, tuple(files))
        counts = {table.name: survey.ask(0, records.count, table) for table in RECORDS.values()}
        now = {
            name: made for table in RECORDS.values() for name, made in survey.ask({}, records.digests, table).items()
        }
        chain = survey.ask(_NO_CHAIN, audit.verify_chain, now)
        nowhere: int | None = None
        noted = noted_head and NotedHead(noted_head, survey.ask(nowhere, audit.link_of_head, noted_head))
        dangling = survey.ask((), dangling_references, now, files)
        problems = (*survey.ask((), engine_problems), *dict.fromkeys(survey.problems))
        kept = set(lab.blobs)
        return LabCheck(
            folder=str(lab.folder),
            name=lab.name,
            schema_revision=str(revision(connection)),
            records=counts,
            database_problems=problems,
            missing_files=missing,
            damaged_files=damaged,
            unreferenced_files_count=len(kept - set(files)),
            unfinished_files_count=len(lab.blobs.unfinished()),
            dangling_references=dangling,
            chain=chain,
            noted_head=noted or None,
            file_names={sha256: files[sha256] for sha256 in (*missing, *damaged)},
        )


_NO_CHAIN = audit.ChainCheck(0, audit.FIRST, None)
_Asked = ParamSpec("_Asked")
_Answer = TypeVar("_Answer")


class _Survey:
    """Questions to a database that may be damaged: what it cannot answer is a finding, not an end."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.problems: list[str] = []

    def ask(
        self,
        otherwise: _Answer,
        question: Callable[Concatenate[Connection, _Asked], _Answer],
        *args: _Asked.args,
        **keywords: _Asked.kwargs,
    ) -> _Answer:
        try:
            return question(self.connection, *args, **keywords)
        except DatabaseError as problem:
            self.problems.append(str(problem.orig))
        except LabError as problem:
            self.problems.append(str(problem))
        return otherwise


def _file_faults(blobs: BlobStore, sha256s: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    missing, damaged = [], []
    for sha256 in sha256s:
        try:
            blobs.read(sha256)
        except RecordNotFoundError:
            missing.append(sha256)
        except DamagedLabError:
            damaged.append(sha256)
    return tuple(missing), tuple(damaged)
