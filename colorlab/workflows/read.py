"""What is in this file: samples, geometry, wavelengths, what was declared and what was not, and is it believable."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from colorlab.workflows.files import read_bytes
from colorlab.workflows.text import table
from spectra.errors import NotComparableError
from spectra.formats.base import MeasurementFile, ReflectanceUnit
from spectra.formats.registry import FORMATS, read_measurements
from spectra.geometry import Geometry
from spectra.measurement import Measurement
from spectra.screening import Finding, screen
from spectra.stated import StatedColour


@dataclass(frozen=True, slots=True)
class FileOptions:
    """What the person at the bench declares about a measurement file."""

    format: str | None = None
    reflectance_unit: ReflectanceUnit | None = None
    encoding: str | None = None
    geometry: Geometry | None = None

    def declared(self) -> dict[str, str]:
        """What was declared, in words."""
        said = {
            "reflectance unit declared by the reader": self.reflectance_unit,
            "encoding declared by the reader": self.encoding,
            "geometry declared by the reader": self.geometry and self.geometry.name,
        }
        return {name: value for name, value in said.items() if value}


# Notes of the readers that a declared geometry answers.
UNDECLARED_NOTES = ("geometry not declared", "specular component not declared")

NOTHING_DECLARED = FileOptions()
UNDECLARED = "undeclared"


@dataclass(frozen=True, slots=True, eq=False)
class ReadOutcome:
    """A file, read and screened."""

    path: Path
    file: MeasurementFile
    findings: tuple[tuple[Finding, ...], ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; wavelengths in nm, reflectance factors with 1 = perfect diffuser."""
        return {
            "file": self.path.name,
            "format": self.file.format,
            "notes": list(self.file.notes),
            "measurements": [
                measurement_as_dict(measurement) | {"findings": [finding.words for finding in findings]}
                for measurement, findings in zip(self.file.measurements, self.findings, strict=True)
            ],
        }

    def as_text(self) -> str:
        """A line a sample, then the notes and findings."""
        headers = ("sample", "role", "geometry", "wavelengths", "readings", "stated colour", "R min…max")
        rows = [_row(measurement) for measurement in self.file.measurements]
        lines = [f"{self.path.name}: {FORMATS[self.file.format].title}, {len(rows)} measurements"]
        lines.append(table(headers, rows))
        lines += [f"note: {note}" for note in self.file.notes]
        for measurement, findings in zip(self.file.measurements, self.findings, strict=True):
            lines += [f"finding: {measurement.sample}: {finding.words}" for finding in findings]
        return "\n".join(lines)


def read_file(path: Path, options: FileOptions = NOTHING_DECLARED) -> ReadOutcome:
    """Read a measurement file of any format in the registry and screen what it holds.

    Raises
    ------
    FileError
        If the file cannot be read as exactly one format.
    """
    file = load(path, options)
    return ReadOutcome(path, file, tuple(screen(measurement) for measurement in file.measurements))


def load(path: Path, options: FileOptions = NOTHING_DECLARED) -> MeasurementFile:
    """Read a measurement file without screening it.

    Raises
    ------
    FileError
        If the file cannot be read as exactly one format.
    """
    return parse(read_bytes(path), path.name, options)


def parse(content: bytes, file_name: str, options: FileOptions = NOTHING_DECLARED) -> MeasurementFile:
    """Read the content of a measurement file.

    Raises
    ------
    FileError
        If it cannot be read as exactly one format.
    """
    file = read_measurements(
        content,
        file_name,
        options.format,
        reflectance_unit=options.reflectance_unit,
        encoding=options.encoding,
    )
    declared = options.declared()
    if not declared:
        return file
    # Kept with each measurement, and so with every record made of it: the file can be read the same way again.
    measurements = tuple(
        replace(one, conditions={**one.conditions, **declared})
        for one in (_in_geometry(one, options.geometry, file_name) for one in file.measurements)
    )
    notes = [note for note in file.notes if options.geometry is None or not note.startswith(UNDECLARED_NOTES)]
    notes += [f"{name}: {value}" for name, value in declared.items()]
    return replace(file, measurements=measurements, notes=tuple(notes))


def _in_geometry(measurement: Measurement, geometry: Geometry | None, file_name: str) -> Measurement:
    """A measurement with the geometry its file left open; a declaration never overrules the file."""
    own = measurement.geometry
    if geometry is None:
        return measurement
    open_kind = own.kind == "unknown"
    open_specular = own.kind == geometry.kind == "sphere" and own.specular is None
    if open_kind and own.n_angles == geometry.n_angles:
        return replace(measurement, geometry=geometry)
    if open_specular:
        return replace(measurement, geometry=geometry)
    if (own.kind, own.tokens) != (geometry.kind, geometry.tokens):
        raise NotComparableError(
            "geometry", f"declared as {geometry.name}", f"{measurement.sample} in {file_name} says {own.name}"
        )
    return measurement


def measurement_as_dict(measurement: Measurement) -> dict[str, Any]:
    """One measurement in plain types."""
    grid, geometry, declared = measurement.grid, measurement.geometry, measurement.declared
    uneven = {} if grid.step is not None else {"nodes": list(grid.nodes)}
    return {
        "sample": measurement.sample,
        "role": measurement.role,
        "standard": measurement.standard,
        "geometry": {
            "kind": geometry.kind,
            "angles": list(geometry.tokens),
            "specular": geometry.specular or UNDECLARED,
        },
        "wavelengths_nm": {"start": grid.start, "stop": grid.stop, "step": grid.step, "count": grid.count} | uneven,
        "reflectance_factor": measurement.reflectance_factor.tolist(),
        "n_readings": 1 if measurement.readings is None else len(measurement.readings),
        "states_covariance": measurement.covariance is not None,
        "declared": {
            "condition": declared.condition or UNDECLARED,
            "bandpass_nm": declared.bandpass_nm,
            "bandpass_corrected": declared.bandpass_corrected,
            "backing": declared.backing or UNDECLARED,
        },
        "stated_colours": [stated_as_dict(colour) for colour in measurement.stated],
        "texture": [
            {"quantity": row.quantity, "geometry": row.geometry, "value": row.value, "version": row.version}
            for row in measurement.texture
        ],
        "taken_at": measurement.taken_at.isoformat() if measurement.taken_at else None,
        "instrument": measurement.instrument,
        "conditions": dict(measurement.conditions),
        "source_sha256": measurement.source.sha256 if measurement.source else None,
    }


def stated_as_dict(colour: StatedColour) -> dict[str, Any]:
    """A colour a file states, in plain types; a row is null where an angle states none."""
    return {
        "space": colour.space,
        "illuminant": colour.illuminant or UNDECLARED,
        "observer": colour.observer or UNDECLARED,
        "values": [None if any(map(math.isnan, row)) else row for row in colour.values.tolist()],
    }


def formats_as_dict() -> list[dict[str, Any]]:
    """The registry of formats in plain types."""
    return [
        {
            "name": row.name,
            "title": row.title,
            "suffixes": list(row.suffixes),
            "reads": True,
            "writes": row.write is not None,
            "recognised_by": row.how_recognised,
        }
        for row in FORMATS.values()
    ]


def formats_as_text() -> str:
    """The registry of formats, a line each."""
    rows = [
        (row.name, row.title, " ".join(row.suffixes), "read, write" if row.write else "read", row.how_recognised)
        for row in FORMATS.values()
    ]
    return table(("name", "format", "suffixes", "can", "recognised by"), rows)


def _row(measurement: Measurement) -> Sequence[str]:
    values = measurement.reflectance_factor
    return (
        measurement.sample,
        measurement.role,
        measurement.geometry.name,
        str(measurement.grid),
        str(1 if measurement.readings is None else len(measurement.readings)),
        "; ".join(map(_colour, measurement.stated)) or "–",
        f"{values.min():.3f}…{values.max():.3f}",
    )


def _colour(stated: StatedColour) -> str:
    words = f"{stated.space}, {stated.illuminant or 'illuminant undeclared'}"
    return words + (f"/{stated.observer}" if stated.observer else "")
