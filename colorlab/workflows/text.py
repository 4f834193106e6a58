"""Answers as plain text: aligned columns that survive a pipe, Chinese names included."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

# What a terminal obeys or cannot show: C0 and C1 controls, bidirectional overrides, line and paragraph separators, and
# the lone surrogates in which Python keeps bytes of a file name that are no UTF-8.
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """Text of several lines that a terminal shows and does not obey: control characters in visible form, `␛` for ESC.

    Names of files, samples and tolerances come from outside and may hold anything.
    """
    return "\n".join(one_line(line) for line in text.split("\n"))


def one_line(text: str) -> str:
    """A name or message on one line: like `printable`, and a line break becomes visible too."""
    return _UNSHOWN.sub(lambda match: _visible(match[0]), text)


def json_safe(document: str) -> str:
    """A JSON document with the same characters escaped inside its strings; it says the same."""
    return "\n".join(_UNSHOWN.sub(lambda match: f"\\u{ord(match[0]):04x}", line) for line in document.split("\n"))


def counted(count: int, one: str) -> str:
    """A number of things by the name of one of them: `1 link`, `3 links`."""
    return f"{count} {one}" if count == 1 else f"{count} {one}s"


def _visible(letter: str) -> str:
    code = ord(letter)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"\\u{code:04x}"


def width(text: str) -> int:
    """Columns a text takes on a terminal: East Asian wide characters take two."""
    return sum(_letter_width(letter) for letter in text)


def _letter_width(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Aligned columns; a column of numbers stands to the right, everything else to the left."""
    rows = [[one_line(cell) for cell in row] for row in rows]
    columns = list(zip(headers, *rows, strict=True))
    widths = [max(width(cell) for cell in column) for column in columns]
    right = [bool(rows) and all(_is_number(cell) for cell in column[1:]) for column in columns]
    lines = []
    for row in (headers, *rows):
        cells = []
        for cell, size, to_right in zip(row, widths, right, strict=True):
            gap = " " * (size - width(cell))
            cells.append(gap + cell if to_right else cell + gap)
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _is_number(cell: str) -> bool:
    stripped = cell.strip().lstrip("+-−<>≥≤ ").rstrip("%° ")
    return not stripped or stripped in {"–", "—"} or stripped.replace(".", "", 1).replace(",", "").isdigit()
