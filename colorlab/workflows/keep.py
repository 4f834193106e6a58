"""Keeping a file in a lab: the raw bytes, and a record of everything it says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from colorlab.store.file_records import FileRecord, save_file_records
from colorlab.store.lab import Lab
from colorlab.store.measurements import save_measurements
from colorlab.store.programme import load_colour
from colorlab.workflows.contents_document import contents_as_dict
from colorlab.workflows.lab_file import read_for_lab, register
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions, ReadOutcome, screened
from spectra.errors import MeasurementError
from spectra.formats.base import MeasurementFile


@dataclass(frozen=True, slots=True, eq=False)
class KeptOutcome:
    """A file, read and screened, and the records it left.

    Attributes
    ----------
    outcome : ReadOutcome
    raw_file_id : str
    measurement_ids : tuple of str
        One for each measurement.
    other_ids : tuple of str
        Of colours, spectra, recipes and attachments, in this order.
    """

    outcome: ReadOutcome
    raw_file_id: str
    measurement_ids: tuple[str, ...]
    other_ids: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return self.outcome.as_dict() | {
            "raw_file_id": self.raw_file_id,
            "measurement_ids": list(self.measurement_ids),
            "other_record_ids": list(self.other_ids),
        }

    def as_text(self) -> str:
        """What the file holds, then the records."""
        ids = ", ".join((self.raw_file_id, *self.measurement_ids, *self.other_ids))
        return f"{self.outcome.as_text()}\n\nrecorded as {ids}"


def keep_file(
    lab: Lab,
    path: Path,
    *,
    now: datetime,
    by: str,
    colour: str | None = None,
    supplier: str | None = None,
    options: FileOptions = NOTHING_DECLARED,
) -> KeptOutcome:
    """Read a measurement file and keep it: raw bytes by SHA-256, a record of each thing it says, in one transaction.

    Raises
    ------
    FileError
        If the file cannot be read as exactly one format.
    MeasurementError
        If it says nothing that could be kept.
    RecordNotFoundError
        If the lab's programme has no such colour.
    """
    found = read_for_lab(path, options)
    file = found.file
    if file.is_empty:
        raise MeasurementError(
            f"{found.source.file_name} holds nothing to keep: no measurement, colour, spectrum or recipe"
        )
    outcome = screened(path, file)
    blobs = found.put(lab)
    with lab.writing() as connection:
        if colour is not None:
            load_colour(connection, colour)
        raw = register(connection, blobs, now=now, by=by)
        measurements = save_measurements(
            connection, file.measurements, now=now, by=by, colour=colour, supplier=supplier
        )
        others = save_file_records(
            connection, _file_records(file), found.source, now=now, by=by, colour=colour, supplier=supplier
        )
    return KeptOutcome(outcome, raw, measurements, others)


def _file_records(file: MeasurementFile) -> list[FileRecord]:
    documents = contents_as_dict(file)
    return [
        *(FileRecord("colour", one["sample"], one) for one in documents["colours"]),
        *(FileRecord("spectrum", one["name"], one) for one in documents["spectra"]),
        *(FileRecord("recipe", one["name"], one) for one in documents["recipes"]),
        *(FileRecord("attachment", one["kind"], one) for one in documents["attachments"]),
    ]
