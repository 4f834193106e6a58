"""Column types that keep what they are given: record numbers, UTC moments, days, spectra and documents.

Every type is stored as an integer, text or bytes, never as a type of one database engine, so that the digest of a
row (see `records`) is the same wherever the lab is kept.
"""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from sqlalchemy import Dialect, Integer, LargeBinary, String, Text
from sqlalchemy.types import TypeDecorator

from spectra.arrays import FloatArray
from spectra.errors import DamagedLabError, LabError, RecordNotFoundError

# Controls, halves of characters outside the first plane, line and paragraph separators.
_CONTROL = ("Cc", "Cs", "Zl", "Zp")
_RECORD_ID = re.compile(r"([A-Z])-(\d{6,18})")


def record_id(prefix: str, number: int) -> str:
    """The name people read and type: `M-000123`."""
    return f"{prefix}-{number:06d}"


def record_prefix(record: str) -> str:
    """The letter in front of a record's number.

    Raises
    ------
    RecordNotFoundError
        If the text is not a record's name.
    """
    match = _RECORD_ID.fullmatch(record)
    if match is None:
        raise RecordNotFoundError("record", record)
    return match[1]


class RecordNumber(TypeDecorator[str]):
    """`M-000123` outside, the integer 123 inside."""

    impl = Integer
    cache_ok = True

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self.prefix = prefix

    def process_bind_param(self, value: str | None, dialect: Dialect) -> int | None:
        """The number of a record's name."""
        if value is None:
            return None
        if record_prefix(value) != self.prefix:
            raise RecordNotFoundError(f"record {self.prefix}-…", value)
        return int(value[2:])

    def process_result_value(self, value: int | None, dialect: Dialect) -> str | None:
        """The name of a record's number."""
        return None if value is None else record_id(self.prefix, value)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, kept in UTC to the microsecond as text that sorts by time; a moment without a time zone is refused."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Text in UTC, always 32 characters."""
        return None if value is None else utc(value).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """An aware moment in UTC."""
        if value is None:
            return None
        moment = datetime.fromisoformat(value)
        if moment.utcoffset() is None:
            raise ValueError(f"the stored time {value!r} has no time zone")
        return moment


def utc(moment: datetime) -> datetime:
    """The same moment in UTC.

    Raises
    ------
    LabError
        If it carries no time zone: a record's time must mean one moment, on every machine.
    """
    if moment.utcoffset() is None:
        raise LabError(f"the time {moment.isoformat()} has no time zone; give one, such as {moment.isoformat()}+08:00")
    return moment.astimezone(UTC)


class Day(TypeDecorator[date]):
    """A calendar day as ISO text."""

    impl = String(10)
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        """ISO text of the day."""
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:
        """The day."""
        return None if value is None else date.fromisoformat(value)


class Spectra(TypeDecorator[FloatArray]):
    """An array of any shape as little-endian float64, bit for bit; its shape stands in columns beside it."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: FloatArray | None, dialect: Dialect) -> bytes | None:
        """The bytes, last axis fastest."""
        return None if value is None else np.ascontiguousarray(value, dtype="<f8").tobytes()

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> FloatArray | None:
        """The values in one row, read-only."""
        return None if value is None else np.frombuffer(value, dtype="<f8").astype(np.float64, copy=False)


def shaped(values: FloatArray, shape: tuple[int, ...], record: str) -> FloatArray:
    """A stored array in the shape its record states.

    Raises
    ------
    DamagedLabError
        If the number of values is another one.
    """
    if values.size != int(np.prod(shape)):
        raise DamagedLabError(f"{record}: {values.size} stored values do not fill the stated shape {shape}")
    return values.reshape(shape)


class Document(TypeDecorator[Any]):
    """A JSON document in its one canonical spelling, so that equal documents have equal digests."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Canonical JSON text."""
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Dicts, lists, texts and numbers."""
        return None if value is None else json.loads(value)


def control_characters(text: str) -> list[str]:
    """The characters of a text that steer a terminal or a table instead of being read: no name has any."""
    return [letter for letter in text if unicodedata.category(letter) in _CONTROL]


def legible_file_name(name: str) -> str:
    r"""A file's name as text: bytes that are no UTF-8, and control characters, stand in it as `\xff`.

    What Python makes of such a name cannot be stored, printed or sent.
    """
    return "".join(_legible(letter) for letter in name)


def _legible(letter: str) -> str:
    if "\udc80" <= letter <= "\udcff":  # where Python keeps such a byte
        return f"\\x{ord(letter) - 0xDC00:02x}"
    return letter.encode("unicode_escape").decode() if control_characters(letter) else letter


def canonical_json(document: Any) -> str:
    """JSON with sorted keys and no blanks; numbers as Python writes them, which reads back to the same float64.

    Raises
    ------
    LabError
        If the document holds something JSON has no word for, such as NaN.
    """
    try:
        return json.dumps(document, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    except (TypeError, ValueError) as problem:
        raise LabError(f"a document cannot be stored as JSON: {problem}") from problem
