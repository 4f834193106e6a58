"""What a certificate or a lab's own replicates state of its instruments, kept for the verdicts to come."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from colorlab.store.instrument_statements import (
    instrument_statements_in_force,
    load_instrument_statement,
    save_instrument_statement,
)
from colorlab.store.lab import Lab
from colorlab.uncertainty.instrument_statement import plain_name
from colorlab.uncertainty.statement_document import parse_statement, statement_from_dict
from colorlab.workflows.differences import Change, differences
from colorlab.workflows.files import read_bytes
from colorlab.workflows.version import software_version
from spectra.errors import MeasurementError


@dataclass(frozen=True, slots=True)
class StatementSet:
    """An instrument statement that is in force now.

    Attributes
    ----------
    record : str
    instruments : tuple of str
    before : str or None
        The record it took the place of; None where nothing was stated of these instruments, or nothing changed.
    unchanged : bool
        Whether it was in force before, so that nothing was recorded.
    since : datetime
    by : str
    changes : tuple of Change
        Against `before`.
    """

    record: str
    instruments: tuple[str, ...]
    before: str | None
    unchanged: bool
    since: datetime
    by: str
    changes: tuple[Change, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "record": self.record,
            "instruments": list(self.instruments),
            "record_before": self.before,
            "unchanged": self.unchanged,
            "in_force_since": self.since.isoformat(),
            "in_force_by": self.by,
            "changes": [{"key": one.path, "before": one.then, "after": one.now} for one in self.changes],
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """What is in force for which instruments since when, and what it changes."""
        whom, since = ", ".join(self.instruments), f"since {self.since:%Y-%m-%d %H:%M} UTC, by {self.by}"
        if self.unchanged:
            return f"unchanged: {self.record}, this statement on {whom}, is in force already, {since}"
        place = f", in place of {self.before}" if self.before else "; nothing was stated of it before"
        said = f"verdicts now count with {self.record} for {whom}, {since}{place}"
        return "\n".join([said, *(one.as_text() for one in self.changes)])


def set_statement(lab: Lab, path: Path, *, now: datetime, by: str) -> StatementSet:
    """Keep an instrument statement; verdicts from now on count with it, verdicts reached before keep what they had.

    A statement that names the same instruments as an earlier one is its next version.

    Parameters
    ----------
    lab : Lab
    path : Path
        TOML, as `colorlab vet --instrument-statement` takes it.
    now : datetime
    by : str

    Returns
    -------
    StatementSet
        What is in force now, and what that changes.

    Raises
    ------
    FileError
        If the file cannot be read or makes no sense: nothing is recorded then.
    MeasurementError
        If another statement in force names some of its instruments but not all: which one would hold?
    """
    content = read_bytes(path)
    statement = parse_statement(content, path.name)
    named = {plain_name(name) for name in statement.instruments}
    before = None
    with lab.writing() as connection:
        for stored in instrument_statements_in_force(connection):
            known = {plain_name(name) for name in statement_from_dict(stored.parsed(), stored.id).instruments}
            if known & named and known != named:
                raise MeasurementError(
                    f"{path.name} names {', '.join(statement.instruments)}; {stored.id}, which is in force, names "
                    f"{', '.join(sorted(known))}. Name the same instruments, so that it becomes its next version"
                )
            before = stored if known == named else before
        record = save_instrument_statement(
            connection, ", ".join(sorted(named)), content.decode("utf-8"), now=now, by=by
        )
        kept = load_instrument_statement(connection, record)
    unchanged = before is not None and before.id == record
    replaced = None if unchanged else before
    return StatementSet(
        record=record,
        instruments=statement.instruments,
        before=None if replaced is None else replaced.id,
        unchanged=unchanged,
        since=kept.recorded_at,
        by=kept.recorded_by,
        changes=() if replaced is None else tuple(differences(_plain(replaced.parsed()), _plain(kept.parsed()))),
    )


def _plain(document: Mapping[str, Any]) -> Any:
    """The document as JSON holds it, its date as a text."""
    return json.loads(json.dumps(document, default=str))
