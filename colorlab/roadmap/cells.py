"""One cell of a roadmap file: text in, value out, or a RoadmapError that says what was found and what was expected.

CSV cells are texts, TOML values have types of their own; both are understood.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, tzinfo
from typing import Any

from colorlab.roadmap.plan import MOST_SLOTS
from spectra.errors import RoadmapError

LANGUAGE_TAG = r"[a-z]{2,3}(?:-[A-Za-z0-9]+)*"
YEARS = range(1990, 2200)  # 0026-03-01 is a slip of the pen
_QUOTED = 60  # characters
_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})")


def shown(value: Any) -> str:
    """A value as it is quoted in a message, cut where it would fill the screen."""
    try:
        quoted = repr(value)
    except ValueError:  # Python writes out no number of thousands of digits
        return "a number of thousands of digits"
    return quoted if len(quoted) <= _QUOTED else f"{quoted[:_QUOTED]}…"


def text(value: Any) -> str:
    """A text that says something."""
    if value is None or value == "":
        raise RoadmapError("is missing")
    if not isinstance(value, str) or not value.strip():
        raise RoadmapError(f"{shown(value)} is not a text")
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in value.strip()):
        raise RoadmapError(f"{shown(value)} holds a control character or a line break; one line of text expected")
    return value.strip()


def texts(value: Any) -> tuple[str, ...]:
    """A list of such texts."""
    if not isinstance(value, list):
        raise RoadmapError(f"{shown(value)} is not a list of texts")
    return tuple(text(entry) for entry in value)


def names(value: Any) -> dict[str, str]:
    """Names by language tag, at least one."""
    if not isinstance(value, dict) or not value:
        raise RoadmapError("no name is given in any language")
    unknown = [language for language in value if not re.fullmatch(LANGUAGE_TAG, language)]
    if unknown:
        raise RoadmapError(f"{unknown[0]!r} is not a language tag such as en or zh")
    return {language: text(name) for language, name in value.items()}


def place(value: Any) -> int:
    """A number of slots, or the place of one: a whole number from 1."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_SLOTS:
        raise RoadmapError("is missing" if value is None else f"{shown(value)} is not a whole number 1…{MOST_SLOTS}")
    return value


def day(value: Any) -> date:
    """A day of the calendar."""
    found = value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            found = date.fromisoformat(value)
        except ValueError as problem:
            raise RoadmapError(f"{shown(value)} is not a day of the calendar; YYYY-MM-DD expected") from problem
    if not isinstance(found, date) or isinstance(found, datetime):
        raise RoadmapError("is missing" if value is None else f"{shown(value)} is not a day; YYYY-MM-DD expected")
    return _likely(found)


def moment(value: Any, zone: tzinfo) -> datetime:
    """A moment with its zone; a bare day is its first moment on the clock of the programme."""
    if isinstance(value, str) and len(value) > len("YYYY-MM-DD"):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as problem:
            raise RoadmapError(
                f"{shown(value)} is neither a day nor a time such as 2026-03-01T08:00:00+08:00"
            ) from problem
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise RoadmapError(f"{value.isoformat()} has no time zone; 2026-03-01T08:00:00+08:00 is one that has")
        _likely(value.date())
        return value
    return datetime.combine(day(value), time.min, zone)


def _likely(found: date) -> date:
    if found.year not in YEARS:
        raise RoadmapError(f"{found} is not a day of any programme; a year within {YEARS[0]}…{YEARS[-1]} expected")
    return found


def offset_minutes(value: Any) -> int:
    """Minutes east of Greenwich. [min]"""
    match = _OFFSET.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match[3]) > 59:
        raise RoadmapError(f"{shown(value)} is not an offset such as +08:00")
    minutes = int(match[2]) * 60 + int(match[3])
    return -minutes if match[1] == "-" else minutes
