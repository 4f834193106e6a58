"""What a certificate or a lab's own replicates state of its instruments, kept for the verdicts to come."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from colorlab.store.instrument_statements import instrument_statements_in_force, save_instrument_statement
from colorlab.store.lab import Lab
from colorlab.uncertainty.instrument_statement import plain_name
from colorlab.uncertainty.statement_document import parse_statement, statement_from_dict
from colorlab.workflows.files import read_bytes
from spectra.errors import MeasurementError


def set_statement(lab: Lab, path: Path, *, now: datetime, by: str) -> str:
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
    str
        Record id of the statement.

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
    with lab.writing() as connection:
        for stored in instrument_statements_in_force(connection):
            known = {plain_name(name) for name in statement_from_dict(stored.parsed(), stored.id).instruments}
            if known & named and known != named:
                raise MeasurementError(
                    f"{path.name} names {', '.join(statement.instruments)}; {stored.id}, which is in force, names "
                    f"{', '.join(sorted(known))}. Name the same instruments, so that it becomes its next version"
                )
        return save_instrument_statement(connection, ", ".join(sorted(named)), content.decode("utf-8"), now=now, by=by)
