"""Dates as tables write them: ISO order, and national orders where only one date can be meant."""

from __future__ import annotations

import re
from datetime import datetime

_TIME = r"(?:[ T]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?)?"
_YEAR_FIRST = re.compile(rf"(?P<year>\d{{4}})([/.])(?P<month>\d{{1,2}})\2(?P<day>\d{{1,2}}){_TIME}", re.ASCII)
_DAY_FIRST = re.compile(rf"(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}}){_TIME}", re.ASCII)
_SLASHES = re.compile(rf"(?P<first>\d{{1,2}})/(?P<second_>\d{{1,2}})/(?P<year>\d{{4}}){_TIME}", re.ASCII)


def moment(text: str) -> datetime | None:
    """A date with or without its time, or None where nothing or more than one can be meant.

    Understood are ISO 8601, `2024/04/13`, `2024.04.13`, `13.04.2024` (with points the day is first) and, with slashes,
    a day above 12: `13/04/2024`, `04/13/2024`. What `03/04/2024` means depends on the country it was written in.
    """
    if len(text) > 40:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    found = _YEAR_FIRST.fullmatch(text) or _DAY_FIRST.fullmatch(text)
    if found:
        return _checked(found, found["day"], found["month"])
    found = _SLASHES.fullmatch(text)
    if found is None or (int(found["first"]) > 12) == (int(found["second_"]) > 12):
        return None
    day, month = (found["first"], found["second_"]) if int(found["first"]) > 12 else (found["second_"], found["first"])
    return _checked(found, day, month)


def _checked(found: re.Match[str], day: str, month: str) -> datetime | None:
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    try:
        return datetime(int(found["year"]), int(month), int(day), hour, minute, second)  # noqa: DTZ001 - as it was written
    except ValueError:
        return None
