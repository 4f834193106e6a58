"""What every reader owes whatever bytes it is handed: an error of our tree that names the file, or sound data.

And what the writer beside it owes: what it writes of such data reads back as the same data, or it refuses in words.
"""

from __future__ import annotations

import dataclasses
import io
import time
import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import numpy as np

from spectra.errors import ColorlabError, FileError
from spectra.formats.base import NOTHING_DECLARED, Format, MeasurementFile, ReadOptions
from spectra.geometry import Geometry
from spectra.measurement import Measurement
from spectra.stated import Attachment, StatedColour

FILE_NAME = "spoiled.file"
LONGEST_MESSAGE = 2000  # characters: a message quotes a field, never the file
MOST_NOTES = 1000
SLOWEST_READ_S = 5.0
# Gives back what was put in bit for bit, whoever put it in: names are legible and spectra finite, the rest as it was.
BIT_FOR_BIT = ("bundle",)
NAMES = ("sample", "standard", "name", "tokens[]")
WRITTEN_ONE_IN = 4  # writing and reading again takes longer than reading
# Formats print 6 digits of percent or so; a misread number is off by more.
DIGITS = {"rtol": 1e-6, "atol": 1e-7}

# What somebody might declare beside the file; each input is read without any, and with one of these.
DECLARATIONS = (
    ReadOptions("percent"),
    ReadOptions("fraction"),
    ReadOptions("percent", "gb18030"),
    ReadOptions("fraction", "utf-16"),
    ReadOptions(None, "latin-1"),
)


class BrokenContractError(AssertionError):
    """A reader gave something else than sound data or a refusal in words."""


def check(row: Format, content: bytes) -> bool:
    """Read bytes without a declaration and with one that depends on the bytes alone; whether either was accepted.

    Raises
    ------
    BrokenContractError
        If the reader breaks its word.
    Exception
        Whatever else it raises.
    """
    if not isinstance(row.recognises(content, FILE_NAME), bool):
        raise BrokenContractError("recognises() gives something else than yes or no")
    declared = DECLARATIONS[zlib.crc32(content) % len(DECLARATIONS)]
    accepted = [check_reading(row, content, options) for options in (NOTHING_DECLARED, declared)]
    return any(accepted)


def check_reading(row: Format, content: bytes, options: ReadOptions = NOTHING_DECLARED) -> bool:
    """Read bytes once; whether they were accepted.

    Raises
    ------
    BrokenContractError
        If what comes back is not sound.
    Exception
        Whatever else the reader raises.
    """
    begin = time.perf_counter()
    file = _read(row, content, options)
    took = time.perf_counter() - begin
    if took > SLOWEST_READ_S:
        raise BrokenContractError(f"{len(content)} bytes took {took:.1f} s")
    if file is not None:
        check_file(row, file)
        if zlib.crc32(content) % WRITTEN_ONE_IN == 0:
            check_writing(row, file)
    if row.stream is not None:
        streamed = _streamed(row, content, options)
        if streamed is not None and file is not None and streamed != len(file.measurements):
            raise BrokenContractError(f"streaming gives {streamed} measurements, reading {len(file.measurements)}")
    return file is not None


def _read(row: Format, content: bytes, options: ReadOptions) -> MeasurementFile | None:
    try:
        return row.read(content, FILE_NAME, options)
    except FileError as error:
        check_message(str(error))
        return None


def _streamed(row: Format, content: bytes, options: ReadOptions) -> int | None:
    assert row.stream is not None
    count = 0
    try:
        for measurement in row.stream(io.BytesIO(content), FILE_NAME, options):
            check_measurement(measurement, row.name in BIT_FOR_BIT)
            count += 1
    except FileError as error:
        check_message(str(error))
        return None
    return count


def check_writing(row: Format, file: MeasurementFile) -> None:
    """Refuse a writer of which its own reader does not get back what went in."""
    if row.write is None:
        return
    try:
        written = row.write(file)
    except ColorlabError as error:
        if not is_legible(str(error)):
            raise BrokenContractError(f"the message is not legible on a terminal: {str(error)[:300]!r}") from error
        return
    try:
        again = row.read(written, FILE_NAME, NOTHING_DECLARED)
    except FileError as error:
        raise BrokenContractError(f"what was written does not read back: {error}") from error
    if len(again.measurements) != len(file.measurements):
        raise BrokenContractError(f"of {len(file.measurements)} measurements {len(again.measurements)} read back")
    # A format may have an order of its own, each standard before its batches.
    for one, other in zip(sorted(file.measurements, key=_order), sorted(again.measurements, key=_order), strict=True):
        if (one.sample, one.grid, one.geometry.tokens) != (other.sample, other.grid, other.geometry.tokens):
            raise BrokenContractError(
                f"{one.sample!r}, {one.grid}, {one.geometry.name} read back as {other.sample!r}, "
                f"{other.grid}, {other.geometry.name}"
            )
        if not np.allclose(one.reflectance_factor, other.reflectance_factor, **DIGITS):
            raise BrokenContractError(f"other reflectance factors of {one.sample!r} read back")


def _order(measurement: Measurement) -> tuple[str, str, tuple[str, ...], list[float]]:
    digits = np.round(measurement.reflectance_factor, 5)
    return measurement.sample, str(measurement.grid), measurement.geometry.tokens, digits.ravel().tolist()


def check_message(message: str) -> None:
    """Refuse a message that does not name the file, is more than a line, or quotes too much."""
    if FILE_NAME not in message:
        raise BrokenContractError(f"the message does not name the file: {message[:300]!r}")
    if not is_legible(message):
        raise BrokenContractError(f"the message is not legible on a terminal: {message[:300]!r}")
    if len(message) > LONGEST_MESSAGE:
        raise BrokenContractError(f"the message has {len(message)} characters: {message[:300]!r}")


def check_file(row: Format, file: MeasurementFile) -> None:
    """Refuse data with a number that is none, or a name that nobody can read."""
    if not isinstance(file, MeasurementFile) or file.format != row.name:
        raise BrokenContractError(f"not a file of the format {row.name}")
    if len(file.notes) > MOST_NOTES:
        raise BrokenContractError(f"{len(file.notes)} notes")
    for measurement in file.measurements:
        check_measurement(measurement, row.name in BIT_FOR_BIT)
    for part in (*file.colours, *file.spectra, *file.recipes, *file.attachments, file.notes):
        _check_values(part, "notes" if part is file.notes else type(part).__name__, row.name in BIT_FOR_BIT)


def check_measurement(measurement: Measurement, free: bool = False) -> None:
    """Refuse a measurement with a number that is none, or a name, or unless `free` any text, that nobody can read."""
    if not isinstance(measurement, Measurement):
        raise BrokenContractError(f"{type(measurement).__name__} instead of a measurement")
    if not measurement.sample:
        raise BrokenContractError("a measurement without a name")
    if measurement.source is None or not measurement.source.file_name:  # a bundle keeps whom it was read from first
        raise BrokenContractError("a measurement that does not say which file it came from")
    _check_values(measurement, "Measurement", free)


def is_legible(text: str) -> bool:
    """Whether it can be shown as it stands: no control characters, which a terminal would obey; a tab may stand."""
    return text.replace("\t", " ").isprintable()


def _check_values(value: Any, path: str, free: bool) -> None:
    """Every number finite, every text legible, or every name where texts are free, in whatever our types hold."""
    if isinstance(value, str):
        if not is_legible(value) and not (free and path.rpartition(".")[2] not in NAMES):
            raise BrokenContractError(f"{path} is not legible: {value[:80]!r}")
    elif isinstance(value, np.ndarray):
        if not np.isfinite(value).all():
            raise BrokenContractError(f"{path} holds a value that is not finite")
    elif isinstance(value, float):
        if not np.isfinite(value):
            raise BrokenContractError(f"{path} is {value}")
    elif isinstance(value, StatedColour):
        _check_stated(value, path, free)
    elif isinstance(value, Geometry):
        _check_values(value.tokens, f"{path}.tokens", free)  # its angles may be undeclared, NaN
    elif isinstance(value, Attachment):
        _check_values(value.kind, f"{path}.kind", free)  # the document is free text of whoever attached it
    else:
        for name, part in _parts(value, path):
            _check_values(part, name, free)


def _parts(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield f"a key of {path}", key
            yield f"{path}[{key!r}]", one
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield f"{path}[]", one
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield f"{path}.{field.name}", getattr(value, field.name)
    elif not (value is None or isinstance(value, (int, datetime, bytes))):
        raise BrokenContractError(f"{path} is a {type(value).__name__}")


def _check_stated(colour: StatedColour, path: str, free: bool) -> None:
    absent = np.isnan(colour.values).all(axis=1)
    if not (np.isfinite(colour.values[~absent]).all() or free):
        raise BrokenContractError(f"{path}: a stated {colour.space} is not finite: {colour.values[~absent][:3]}")
    _check_values((colour.space, colour.illuminant, colour.observer), path, free)
