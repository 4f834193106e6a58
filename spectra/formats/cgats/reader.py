"""CGATS.17, ISO 28178 and their relatives: keyword text with tables of samples, from graphic-arts software."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import BinaryIO

from spectra.errors import MalformedFileError, UnsafeFileError
from spectra.formats.base import NOTHING_DECLARED, MeasurementFile, ReadOptions, refuse_large, source_of
from spectra.formats.cgats.rows import records
from spectra.formats.cgats.text import MAX_LINE, CgatsLines
from spectra.formats.text import decode_keeping_bytes, head_text, text_lines
from spectra.light import SpectralDistribution
from spectra.measurement import Measurement
from spectra.stated import ColourReading, Source

NAME = "cgats"
MAX_RECORDS = 200_000
MAX_NOTES = 50
MAX_CONDITIONS = 4_000_000  # of all samples together: 20 each
_SIGNATURE = re.compile(r"(?:^|[\r\n])[ \t]*(?:BEGIN_DATA(?:_FORMAT)?|NUMBER_OF_FIELDS)\b")


def recognises(content: bytes, file_name: str) -> bool:
    """Whether a line begins with BEGIN_DATA_FORMAT, BEGIN_DATA or NUMBER_OF_FIELDS; the first line may be anything."""
    text = head_text(content)
    return "\x00" not in text and _SIGNATURE.search(text) is not None


def read(content: bytes, file_name: str, options: ReadOptions = NOTHING_DECLARED) -> MeasurementFile:
    """Measurements, colours and other spectra of a CGATS file.

    Notes
    -----
    Keywords and numbers are ASCII, so text is read as UTF-8 and bytes that are not stay visible, unless a byte-order
    mark or the user declares an encoding. How rows become samples: `spectra.formats.cgats.rows.records`. The unit of
    spectra is what SPECTRAL_PCT, SPECTRAL_DEC, SPECTRAL_NORM or the user declares; SPEC_ fields of a CTI3 file are
    percent, as ArgyllCMS defines them; R_ fields are reflectance factors (`spectra.formats.units.decide_unit`);
    everything else is refused until somebody declares it.

    Raises
    ------
    MalformedFileError
        If counts and rows disagree, a cell is no number, or the unit is not declared.
    UnsafeFileError
    """
    refuse_large(content, file_name)
    text = decode_keeping_bytes(content, options.encoding, file_name)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    split = text.split("\n")
    longest = max(map(len, split))
    if longest > MAX_LINE:
        raise UnsafeFileError(file_name, f"a line of {longest} characters", expected=f"at most {MAX_LINE}")
    lines = CgatsLines(enumerate(split, start=1), file_name)
    notes: list[str] = []
    measurements: list[Measurement] = []
    colours: list[ColourReading] = []
    spectra: list[SpectralDistribution] = []
    n_conditions = 0
    for record in records(lines, source_of(content, file_name, NAME), options, notes):
        n_conditions += len(record.conditions)
        if len(measurements) + len(colours) + len(spectra) == MAX_RECORDS or n_conditions > MAX_CONDITIONS:
            raise UnsafeFileError(
                file_name, f"more than {MAX_RECORDS} samples, or {MAX_CONDITIONS} conditions", remedy="Split it"
            )
        if isinstance(record, Measurement):
            measurements.append(record)
        elif isinstance(record, ColourReading):
            colours.append(record)
        else:
            spectra.append(record)
    file = MeasurementFile(NAME, tuple(measurements), _first(lines.notes + notes), tuple(colours), tuple(spectra))
    if file.is_empty:
        raise MalformedFileError(
            file_name,
            f"no sample with a spectrum or a colour ({'; '.join(notes[:3]) or 'no table'})",
            expected="a table with fields such as LAB_L, XYZ_X or SPECTRAL_NM400",
        )
    return file


def _first(notes: list[str]) -> tuple[str, ...]:
    """The notes a person can read; how many more there are."""
    more = [f"{len(notes) - MAX_NOTES} more notes"] if len(notes) > MAX_NOTES else []
    return (*notes[:MAX_NOTES], *more)


def stream(binary_file: BinaryIO, file_name: str, options: ReadOptions = NOTHING_DECLARED) -> Iterator[Measurement]:
    """The measurements of a file of any size, one after the other, as `read` gives them.

    Raises
    ------
    MalformedFileError
    UnsafeFileError
    """
    binary_file.seek(0)
    digest = hashlib.file_digest(binary_file, "sha256").hexdigest()  # type: ignore[arg-type]
    binary_file.seek(0)
    text = text_lines(binary_file, options.encoding, file_name, MAX_LINE)
    lines = CgatsLines(enumerate(text, start=1), file_name)
    for record in records(lines, Source(file_name, digest, NAME), options, []):
        if isinstance(record, Measurement):
            yield record
