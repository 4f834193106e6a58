"""What is in this file: samples, geometry, wavelengths, what was declared and what was not, and is it believable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from colorlab.workflows.contents_document import contents_as_dict, measurement_as_dict
from colorlab.workflows.contents_text import contents, contents_as_lines, counted
from colorlab.workflows.files import read_bytes
from spectra.errors import FileError, MeasurementError
from spectra.formats.base import MeasurementFile, ReflectanceUnit
from spectra.formats.profile.document import parse_profile
from spectra.formats.profile.rules import Profile
from spectra.formats.registry import FORMATS, read_measurements
from spectra.geometry import Geometry
from spectra.measurement import Measurement
from spectra.screening import Finding, screen


@dataclass(frozen=True, slots=True)
class FileOptions:
    """What the person at the bench declares about a measurement file."""

    format: str | None = None
    reflectance_unit: ReflectanceUnit | None = None
    encoding: str | None = None
    geometry: Geometry | None = None
    profiles: tuple[Profile, ...] = ()
    by_date: bool = False

    def declared(self) -> dict[str, str]:
        """What was declared, in words."""
        said = {
            "reflectance unit declared by the reader": self.reflectance_unit,
            "encoding declared by the reader": self.encoding,
            "geometry declared by the reader": self.geometry and self.geometry.name,
            "mapping profiles given by the reader": ", ".join(profile.name for profile in self.profiles),
        }
        return {name: value for name, value in said.items() if value}


# Notes of the readers that a declared geometry answers.
UNDECLARED_NOTES = ("geometry not declared", "specular component not declared")

NOTHING_DECLARED = FileOptions()


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
        } | contents_as_dict(self.file)

    def as_text(self) -> str:
        """A line a sample, then what else the file holds, the notes and the findings."""
        lines = [f"{self.path.name}: {FORMATS[self.file.format].title}, {counted(contents(self.file))}"]
        lines += contents_as_lines(self.file)
        for measurement, findings in zip(self.file.measurements, self.findings, strict=True):
            lines += [f"finding: {measurement.sample}: {finding.words}" for finding in findings]
        return "\n".join(lines)


def load_profile(path: Path) -> Profile:
    """A mapping profile from a TOML file.

    Raises
    ------
    FileError
        If it cannot be read, or is no mapping profile.
    """
    return parse_profile(read_bytes(path), path.name)


def read_file(path: Path, options: FileOptions = NOTHING_DECLARED) -> ReadOutcome:
    """Read a measurement file of any format in the registry and screen what it holds.

    Raises
    ------
    FileError
        If the file cannot be read as exactly one format.
    """
    file = load(path, options)
    return screened(path, file)


def screened(path: Path, file: MeasurementFile) -> ReadOutcome:
    """What was read, with every reason to doubt it."""
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
        profiles=options.profiles,
        by_date=options.by_date,
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


def one_measurement(
    path: Path, name: str | None, options: FileOptions = NOTHING_DECLARED, *, option: str = "--sample"
) -> Measurement:
    """The only measurement of a file, or the one of a name; see `chosen`."""
    return chosen(load(path, options).measurements, path.name, name, option)


def chosen(measurements: Sequence[Measurement], file_name: str, name: str | None, option: str) -> Measurement:
    """The only one of some measurements, or the one of a name.

    Raises
    ------
    MeasurementError
        If there is none, or there are several; it tells the option that names one.
    """
    found = [one for one in measurements if name is None or one.sample == name]
    if len(found) != 1:
        names = ", ".join(dict.fromkeys(one.sample for one in measurements)) or "none"
        which = f"{len(found)} measurements" if name is None else f"{len(found)} measurements called {name!r}"
        raise MeasurementError(f"{file_name}: {which}, where one is needed; there are {names}. Name it with {option}")
    return found[0]


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
        raise FileError(
            file_name,
            f"{measurement.sample} was measured in {own.name}",
            expected=f"{geometry.name}, as was declared",
            remedy="Leave --geometry out: the file says it",
        )
    return measurement
