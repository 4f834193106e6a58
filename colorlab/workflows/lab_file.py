"""A measurement file on its way into a lab, with every raw file its records were read from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from colorlab.store.blobs import StoredBlob
from colorlab.store.columns import legible_file_name
from colorlab.store.lab import Lab
from colorlab.store.raw_files import register_raw_file
from colorlab.workflows.files import read_bytes
from colorlab.workflows.read import FileOptions, parse
from spectra.formats.base import MeasurementFile, source_of
from spectra.formats.bundle import container as bundle
from spectra.measurement import Measurement
from spectra.stated import Source

FIRST_READ_FROM = "first read from"


@dataclass(frozen=True, slots=True, eq=False)
class LabFile:
    """A file as it was handed in, and what it says.

    Attributes
    ----------
    source : Source
        Of the file itself.
    file : MeasurementFile
        Each measurement with a source that `raw_files` hold: its own first one where a bundle carries it, else the file
        handed in, and then a condition says what it was first read from.
    raw_files : tuple of (bytes, str)
        Content and name of the file itself, then of those a bundle carries.
    """

    source: Source
    file: MeasurementFile
    raw_files: tuple[tuple[bytes, str], ...]

    def put(self, lab: Lab) -> list[tuple[StoredBlob, str]]:
        """Store the raw files, before any record names them."""
        return [(lab.blobs.put(content), name) for content, name in self.raw_files]


def read_for_lab(path: Path, options: FileOptions) -> LabFile:
    """Read a file that will be kept.

    Raises
    ------
    FileError
        If it cannot be read as exactly one format.
    """
    content, file_name = read_bytes(path), legible_file_name(path.name)
    file = parse(content, file_name, options)
    own = source_of(content, file_name, file.format)
    earlier = {
        one.source.sha256: one.source.file_name
        for one in file.measurements
        if one.source is not None and one.source.sha256 != own.sha256
    }
    carried = bundle.raw_files(content, file_name) if earlier and file.format == bundle.NAME else {}
    raw = [(carried[sha256], name) for sha256, name in earlier.items() if sha256 in carried]
    kept = {own.sha256, *carried}
    measurements = tuple(_sourced(one, own, kept) for one in file.measurements)
    return LabFile(own, replace(file, measurements=measurements), ((content, file_name), *raw))


def register(connection: Connection, blobs: list[tuple[StoredBlob, str]], *, now: datetime, by: str) -> str:
    """Register stored raw files; returns the record of the first, the file that was handed in."""
    ids = [register_raw_file(connection, blob, name, now=now, by=by) for blob, name in blobs]
    return ids[0]


def _sourced(measurement: Measurement, own: Source, kept: set[str]) -> Measurement:
    source = measurement.source
    if source is None or source.sha256 in kept:
        return measurement
    told = f"{source.file_name}, {source.format}, SHA-256 {source.sha256}"
    return replace(measurement, source=own, conditions={**measurement.conditions, FIRST_READ_FROM: told})
