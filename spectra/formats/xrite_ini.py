"""What X-Rite's exchange texts MIF and XTF share: sections, 31 percent values from 400 nm, angles, times, customers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import MalformedFileError
from spectra.formats.base import MAX_REFLECTANCE_FACTOR, SCALE
from spectra.formats.keyword_sections import Section
from spectra.formats.text import decimal_numbers, head_text, number, printable, shortened
from spectra.geometry import ANNULAR_45_0, D8_SCE, D8_SCI, Geometry, directional
from spectra.wavelengths import WavelengthGrid

# "File format for standards input to Ink Master", X-Rite 2000: 400 to 700 nm in steps of 10 nm, in percent.
GRID = WavelengthGrid(400, 700, 10)
HEADER = re.compile(
    r"\[\s*(FILE\s+INFO|CUSTOMER|COLORANT|STANDARD|ALT\s+STANDARD|SAMPLE|MEASUREMENT)\s*\]", re.IGNORECASE
)
# Aspecular angles of the multi-angle instruments of the time, which light at 45°.
MULTI_ANGLES = ((25, 45, 75), (15, 25, 45, 75, 110))

OUT_OF_ANGLES = "the file gives aspecular angles only; they are read as under 45° illumination, as the instruments have"
TIME_RULE = (
    "times are decoded by a rule found in files, not documented by the maker, and have no time zone; "
    "the numbers as they stand are among the conditions"
)

_LARGEST_PERCENT = MAX_REFLECTANCE_FACTOR / SCALE["percent"]
_DAYS_OF_A_PACKED_YEAR, _DAYS_OF_A_PACKED_MONTH, _MINUTES_OF_A_DAY = 372, 31, 1440
_FIRST_PACKED_DAY = 32  # 1990-01-01, months and days counted from 1
_TICKS_OF_A_SECOND = 10_000


def declares(content: bytes, keyword: str) -> bool:
    """Whether the section FILE INFO at the beginning of a file holds a keyword; never fails."""
    head = head_text(content).replace("\r\n", "\n").replace("\r", "\n")
    start = re.search(r"^[ \t]*\[[ \t]*FILE[ \t]+INFO[ \t]*\][ \t]*\n", head, re.IGNORECASE | re.MULTILINE)
    if start is None:
        return False
    fields = head[start.end() :].partition("\n[")[0].split("\n", 40)
    return any(line.partition("=")[0].strip().upper() == keyword for line in fields if "=" in line)


def spectrum(cells: Sequence[str], file_name: str, where: str) -> FloatArray:
    """Reflectance factors, shape (31,), of percent values.

    Raises
    ------
    MalformedFileError
        If they are not 31 numbers within bounds.
    """
    if len(cells) != GRID.count:
        raise MalformedFileError(
            file_name, f"{len(cells)} values", where=where, expected=f"{GRID.count}, from 400 to 700 nm every 10 nm"
        )
    values = decimal_numbers(cells, _LARGEST_PERCENT)
    if isinstance(values, int):
        found = f"value {values + 1} is {shortened(cells[values])}"
        raise MalformedFileError(file_name, found, where=where, expected="percent")
    return np.array(values) * SCALE["percent"]


def grouped(
    rows: dict[str, FloatArray], sphere: dict[str, Geometry], single: str | None
) -> list[tuple[Geometry, FloatArray]] | None:
    """The spectra of one measurement by geometry: sphere rows each their own, the rest one of many angles.

    Parameters
    ----------
    rows : mapping of angle to spectrum
    sphere : mapping of angle to geometry
        What the file calls specular included and excluded.
    single : str or None
        The angle that means a 45:0 instrument, if one does.

    Returns
    -------
    list of (Geometry, ndarray of shape (n_angles, 31)), or None
        None where the angles are those of no instrument.
    """
    if rows and set(rows) <= set(sphere):
        return [(sphere[angle], values[np.newaxis]) for angle, values in rows.items()]
    if single is not None and set(rows) == {single}:
        return [(ANNULAR_45_0, rows[single][np.newaxis])]
    if set(rows) in [set(map(str, angles)) for angles in MULTI_ANGLES]:
        return [(directional([f"45as{angle}" for angle in rows]), np.stack(list(rows.values())))]
    return None


SPHERE_ROWS = {"In": D8_SCI, "Ex": D8_SCE}


def packed_time(text: str) -> datetime | None:
    """A time of MIF: minutes in a calendar of 12 months of 31 days that begins with 1990; None if it is none.

    The rule is not documented. It was found in a standard that is stored in both formats: 7164914 is 2003-04-15 15:14,
    and `day_and_ticks` of what the other format says is 2003-04-15 15:14:17.
    """
    value = number(text)
    if value is None or not 0 < value < 1e9 or value != int(value):
        return None
    days, minutes = divmod(int(value), _MINUTES_OF_A_DAY)
    year, rest = divmod(days - _FIRST_PACKED_DAY, _DAYS_OF_A_PACKED_YEAR)
    month, day = divmod(rest, _DAYS_OF_A_PACKED_MONTH)
    try:
        return datetime(1990 + year, month + 1, day + 1) + timedelta(minutes=minutes)  # noqa: DTZ001
    except ValueError:
        return None


def day_and_ticks(day: str, ticks: str) -> datetime | None:
    """A time of XTF: days, of which 0001-01-01 is the first, and ten-thousandths of a second; None if it is none."""
    days, parts = number(day), number(ticks)
    if days is None or parts is None or not 600_000 < days < 800_000 or not 0 <= parts < 86_400 * _TICKS_OF_A_SECOND:
        return None
    if days != int(days):
        return None
    return datetime.fromordinal(int(days)) + timedelta(seconds=parts / _TICKS_OF_A_SECOND)


def conditions_of(section: Section, taken: Sequence[str]) -> dict[str, str]:
    """What a section says beside the keywords taken, verbatim; repeated keywords one after the other."""
    said = {}
    for key, entries in section.by_key().items():
        text = entries[0][1] if len(entries) == 1 else "; ".join(value for _, value in entries if value)
        if text and key not in taken:
            said[printable(key)] = printable(text)
    return said


def one(section: Section, key: str, file_name: str) -> str:
    """The value of a keyword that may stand once; empty where it does not.

    Raises
    ------
    MalformedFileError
        If it stands there with different values.
    """
    values = section.by_key().get(key)
    if values is None:
        return ""
    if len(values) > 1 and any(value != values[0][1] for _, value in values):
        where = f"line {values[-1][0]}, {section.title}"
        raise MalformedFileError(file_name, f"{key} stands twice", where=where, expected="one value")
    return printable(values[0][1])
