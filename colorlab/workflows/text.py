"""Answers as plain text: aligned columns that survive a pipe, Chinese names included."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def width(text: str) -> int:
    """Columns a text takes on a terminal: East Asian wide characters take two."""
    return sum(_letter_width(letter) for letter in text)


def _letter_width(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Aligned columns; a column of numbers stands to the right, everything else to the left."""
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
