"""Cells of a mapped table become numbers, angles and times."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isnan
from operator import itemgetter

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import GeometryError, MalformedFileError, UnsafeFileError
from spectra.formats.profile.headings import TableMapping
from spectra.formats.profile.rules import Profile
from spectra.formats.profile.table import Cell, Table
from spectra.formats.profile.template import plain
from spectra.formats.text import number, printable, shortened
from spectra.formats.workbook import text_of, time_of
from spectra.geometry import canonical

MAX_ROWS = 200_000
_PLAIN = re.compile(r"[0-9eE+.\- ]*", re.ASCII)  # keeps float() from nan, inf and 1_000


@dataclass(slots=True)
class Row:
    """One row; its numbers stand in the table's matrix."""

    line: int
    texts: dict[int, str]  # of the other columns, by their place
    angle: str  # of the row or block; empty where the headings say it
    taken_at: datetime | None


class Cells:
    """The rows of one table, its numbers apart.

    Attributes
    ----------
    rows : list of Row
    numbers : ndarray, shape (n_rows, n_columns)
        Of `mapping.numeric`; NaN where a cell is empty.

    Raises
    ------
    MalformedFileError
        If a cell is no number, an angle is not known, or the decimal mark is not the profile's.
    UnsafeFileError
        If there are too many rows.
    """

    def __init__(self, profile: Profile, mapping: TableMapping, table: Table, file_name: str) -> None:
        self.profile, self.mapping, self.table, self.file_name = profile, mapping, table, file_name
        self.rows: list[Row] = []
        self._angles: dict[str, str] = {}
        self._times: dict[str, datetime | None] = {}
        self.numbers = self._numbers()

    def text(self, row: Row, name: str) -> str:
        """What a row states of a quantity; empty where nothing does."""
        place = self.mapping.known.get(name)
        return "" if place is None else row.texts[place]

    def error(self, line: int, found: str, expected: str) -> MalformedFileError:
        """The error about a row."""
        where = f"{self.table.where} {line}"
        return MalformedFileError(
            self.file_name, found, where=where, expected=expected, remedy=f"Profile {self.profile.name!r}"
        )

    def cell_error(self, line: int, place: int, found: str, expected: str = "a number") -> MalformedFileError:
        """The error about a cell."""
        where = f"{self.table.where} {line}, column {shortened(self.mapping.titles[place])}"
        return MalformedFileError(
            self.file_name, found, where=where, expected=expected, remedy=f"Profile {self.profile.name!r}"
        )

    def _numbers(self) -> FloatArray:
        """The numbers of every row, NaN where a cell is empty; keeps the other cells as text."""
        places = self.mapping.numeric
        pick = itemgetter(*places) if len(places) > 1 else lambda cells: (cells[places[0]],)
        kept = (*self.mapping.known.values(), *self.mapping.others.values())
        width, block_angle = len(self.mapping.titles), ""
        matrix: list[list[float]] = []
        marks: set[str] = set()
        for line, cells in self.table.rows:
            if not any(cells) and not any(text_of(cell) for cell in cells):
                continue
            if self.profile.block is not None:
                angle = self._block_angle(cells, line)
                if angle is not None:
                    block_angle = angle
                    continue
                if tuple(printable(text_of(cell)) for cell in cells[:width]) == self.mapping.titles:
                    continue  # the headings again
                if not block_angle:
                    raise self.error(line, "a row above the first block", f"a line {self.profile.block.text!r}")
            if len(matrix) == MAX_ROWS:
                raise UnsafeFileError(self.file_name, f"more than {MAX_ROWS} rows", remedy="Split the file")
            if len(cells) < width or any(text_of(cell) for cell in cells[width:]):
                raise self.error(line, f"{len(cells)} cells", f"{width}, one under each heading")
            numbers = self._row_numbers(pick(cells), places, line, marks)
            texts = {
                place: printable(cell if isinstance(cell := cells[place], str) else text_of(cell)) for place in kept
            }
            if not any(texts.values()) and all(map(isnan, numbers)):
                continue  # blanks only
            matrix.append(numbers)
            self.rows.append(Row(line, texts, self._row_angle(texts, line) or block_angle, self._time(cells)))
        values = np.array(matrix, dtype=np.float64).reshape(len(matrix), len(places))
        if np.isinf(values).any():
            row, column = (int(place[0]) for place in np.nonzero(np.isinf(values)))
            raise self.cell_error(self.rows[row].line, places[column], "a number beyond all bounds")
        return values

    def _row_numbers(self, cells: Sequence[Cell], places: Sequence[int], line: int, marks: set[str]) -> list[float]:
        try:
            joined = " ".join(cells)
        except TypeError:  # a workbook's own numbers
            return [self._number(cell, place, line, marks) for cell, place in zip(cells, places, strict=True)]
        here = {mark for mark in ".," if mark in joined}
        if here <= set(self.profile.decimals) and len(marks | here) < 2:
            marks |= here
            joined = joined.replace(",", ".")
            words = joined.split(" ")
            if _PLAIN.fullmatch(joined) and len(words) == len(cells):  # no cell has a blank in it
                try:
                    return list(map(float, words))
                except ValueError:
                    pass  # an empty cell, or no number
        return [self._number(cell, place, line, marks) for cell, place in zip(cells, places, strict=True)]

    def _number(self, cell: Cell, place: int, line: int, marks: set[str]) -> float:
        if isinstance(cell, (int, float)) and not isinstance(cell, bool):
            return float(cell)
        text = text_of(cell).strip()
        if not text:
            return np.nan
        here = {mark for mark in ".," if mark in text}
        marks |= here
        if not here <= set(self.profile.decimals) or len(marks) > 1:
            words = " or ".join(map(repr, self.profile.decimals))
            raise self.cell_error(line, place, shortened(text), f"{words} as decimal mark, one throughout the table")
        value = number(text.replace(",", "."))
        if value is None:
            raise self.cell_error(line, place, shortened(text))
        return value

    def _row_angle(self, texts: Mapping[int, str], line: int) -> str:
        place = self.mapping.known.get("angle")
        if place is None:
            return ""
        text = texts[place]
        if text not in self._angles:
            self._angles[text] = self._angle(plain(text), line, self.mapping.titles[place])
        return self._angles[text]

    def _block_angle(self, cells: Sequence[Cell], line: int) -> str | None:
        """The angle of a line that begins a block; None of any other."""
        assert self.profile.block is not None
        text = plain(" ".join(map(text_of, cells)))
        parts = self.profile.block.match(text)
        angle = self.profile.block.other_angle(text) if parts is None else parts["angle"]
        return None if angle is None else self._angle(angle, line, "the block")

    def _angle(self, text: str, line: int, title: str) -> str:
        known = self.profile.angles
        if known and text not in known:
            words = ", ".join(map(repr, known))
            raise self.error(line, f"angle {shortened(text)} in {title}", f"one of [angles]: {words}")
        try:
            return known.get(text) or canonical(text)
        except GeometryError as error:
            raise self.error(line, str(error), f"an angle pair in {title}") from error

    def _time(self, cells: Sequence[Cell]) -> datetime | None:
        date, time = (self.mapping.known.get(name) for name in ("date", "time"))
        if date is None:
            return None
        moment = time_of(cells[date])
        if moment is not None and time is None:
            return moment
        day = text_of(cells[date]) if moment is None else moment.date().isoformat()
        text = " ".join(filter(None, (day, "" if time is None else text_of(cells[time]))))[:80]
        if text not in self._times:
            self._times[text] = _parsed(text, None if moment is not None else self.profile.date_format)
        return self._times[text]


def _parsed(text: str, date_format: str | None) -> datetime | None:
    try:
        if date_format is not None:
            return datetime.strptime(text, date_format)  # noqa: DTZ007 - as the file states it
        return datetime.fromisoformat(text)
    except ValueError:
        return None
