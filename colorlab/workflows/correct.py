"""Readings of one instrument as another would have taken them: a kept profile, applied to a file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from colorlab.control.instruments import InstrumentProfile
from colorlab.control.profile_document import read_profile
from colorlab.workflows.convert import format_to_write, write_file
from colorlab.workflows.files import read_bytes
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions, parse
from spectra.errors import MeasurementError, NotComparableError
from spectra.formats.base import MeasurementFile
from spectra.formats.losses import Loss
from spectra.formats.registry import FORMATS
from spectra.measurement import Measurement


@dataclass(frozen=True, slots=True, eq=False)
class CorrectionOutcome:
    """A file of corrected measurements, and what its format could not hold."""

    file: str
    profile_file: str
    profile: InstrumentProfile
    output: str
    output_format: str
    measurements: int
    losses: tuple[Loss, ...]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "file": self.file,
            "profile_file": self.profile_file,
            "instrument": self.profile.instrument,
            "reference": self.profile.reference,
            "helps": self.profile.helps,
            "output": self.output,
            "output_format": self.output_format,
            "measurements": self.measurements,
            "losses": [loss.as_dict() for loss in self.losses],
            "notes": list(self.notes),
        }

    def as_text(self) -> str:
        """What was written, then what did not come through."""
        profile = self.profile
        lines = [
            f"{self.output}: {FORMATS[self.output_format].title}, {self.measurements} measurements of "
            f"{profile.instrument}, corrected to {profile.reference} with {self.profile_file}"
        ]
        lines += [f"lost: {loss.words}" for loss in self.losses]
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join(lines)


def correct_file(
    path: Path, profile_file: Path, output: Path, *, to: str | None = None, options: FileOptions = NOTHING_DECLARED
) -> CorrectionOutcome:
    """Every measurement of a file as the reference instrument of a profile would have read it, written to a new file.

    Parameters
    ----------
    path, profile_file, output : Path
    to : str, optional
        A row of FORMATS that writes; the one whose suffix the output bears when left out.
    options : FileOptions

    Raises
    ------
    FileError
        If a file cannot be read, the profile is none, or the output exists already or cannot be written.
    UnknownConditionError
        If the format named is not one that writes.
    MeasurementError
        If the file holds no measurement, or one that the profile is not for or that is corrected already.
    """
    name = format_to_write(output, to)
    profile = read_profile(read_bytes(profile_file), profile_file.name)
    content = read_bytes(path)
    file = parse(content, path.name, options)
    if not file.measurements:
        raise MeasurementError(f"{path.name} holds no reflectance to correct")
    corrected = replace(file, measurements=tuple(_corrected(one, profile, path.name) for one in file.measurements))
    lost = write_file(corrected, output, name, content, path.name)
    count = len(file.measurements)
    notes = (*file.notes, *_notes(file, profile))
    return CorrectionOutcome(path.name, profile_file.name, profile, output.name, name, count, lost, notes)


def _corrected(measurement: Measurement, profile: InstrumentProfile, file_name: str) -> Measurement:
    try:
        return profile.apply(measurement)
    except NotComparableError as error:
        raise MeasurementError(
            f"{file_name}, {measurement.sample}: measured with {error.quantity} {error.sample}; "
            f"the profile is for {error.standard}"
        ) from error


def _notes(file: MeasurementFile, profile: InstrumentProfile) -> list[str]:
    notes = []
    if not profile.helps:
        notes.append("no correction helps on samples the profile has not seen: it changes nothing")
    undeclared = sum(one.instrument is None for one in file.measurements)
    if undeclared:
        notes.append(f"{undeclared} measurements do not say their instrument: {profile.instrument} was taken on trust")
    stated = sum(len(one.stated) > 0 for one in file.measurements)
    if stated:
        notes.append(f"colours stated beside {stated} spectra are of the uncorrected ones and left out")
    if file.colours:
        notes.append(f"{len(file.colours)} colours without a spectrum cannot be corrected and stay as they are")
    return notes
