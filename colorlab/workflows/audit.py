"""An audit: is the lab what was written, and who wrote what and when."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from colorlab.store import audit
from colorlab.store.lab import open_lab
from colorlab.workflows.files import write_bytes
from colorlab.workflows.lab import LabCheck, check_lab
from colorlab.workflows.text import table
from colorlab.workflows.version import software_version
from spectra.errors import RecordNotFoundError

COLUMNS = ("link", "at", "by", "action", "record", "record_sha256", "sha256")


@dataclass(frozen=True, slots=True)
class AuditOutcome:
    """The check of a lab, and what of its log was asked for.

    Attributes
    ----------
    check : LabCheck
    log : tuple of AuditEntry, or None
        None where it was not asked for.
    """

    check: LabCheck
    log: tuple[audit.AuditEntry, ...] | None

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        log = None if self.log is None else [_entry(one) for one in self.log]
        return self.check.as_dict() | {"log": log, "software_version": software_version()}

    def as_text(self) -> str:
        """Whether all is well and what is not, then the log."""
        text = self.check.as_text()
        if self.log is None:
            return text
        rows = [(str(one.link), f"{one.at:%Y-%m-%d %H:%M:%S}", one.by, one.action, one.record) for one in self.log]
        return f"{text}\n\n{table(('link', 'at (UTC)', 'by', 'action', 'record'), rows)}"


def audit_lab(
    folder: Path | str,
    *,
    noted_head: str | None = None,
    with_log: bool = False,
    since: datetime | None = None,
    records: Sequence[str] = (),
) -> AuditOutcome:
    """Check a lab (see `check_lab`) and read its log.

    Parameters
    ----------
    folder : Path or str
    noted_head : str, optional
        SHA-256 of the head at an earlier audit.
    with_log : bool
        Whether the log is wanted.
    since : datetime, optional
        Leaves out what was written before.
    records : sequence of str
        Leaves out all but the links of these records.

    Raises
    ------
    NotALabError
        If the folder is not a lab, or its database cannot be read at all.
    RecordNotFoundError
        If the log names no such record.
    DamagedLabError
        If the log is wanted and a time in it cannot be read; the check alone names the link.
    """
    check = check_lab(folder, noted_head)
    if not with_log:
        return AuditOutcome(check, None)
    with open_lab(folder) as lab, lab.reading() as connection:
        entries = audit.history(connection, since=since)
        if records:
            known = {entry.record for entry in (entries if since is None else audit.history(connection))}
            for record in records:
                if record not in known:
                    raise RecordNotFoundError("record", record)
            entries = tuple(entry for entry in entries if entry.record in set(records))
    return AuditOutcome(check, entries)


def write_log(path: Path, log: Sequence[audit.AuditEntry]) -> None:
    """Write a log as CSV, one link a row.

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    text = io.StringIO()
    rows = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    rows.writeheader()
    rows.writerows(_entry(one) for one in log)
    write_bytes(path, text.getvalue().encode("utf-8"))


def _entry(entry: audit.AuditEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in COLUMNS} | {"at": entry.at.isoformat(timespec="microseconds")}
