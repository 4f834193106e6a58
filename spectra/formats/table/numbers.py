"""Cells become numbers, many at once; a cell that is none is named with its row and column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from spectra.arrays import FloatArray
from spectra.errors import MalformedFileError
from spectra.formats.table.columns import Columns
from spectra.formats.text import number, shortened

BoolArray = NDArray[np.bool_]
BLOCK_ROWS = 1024
Row = tuple[int, Sequence[str]]  # line number and cells


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Rows of a table, their numbers apart from their texts.

    Attributes
    ----------
    lines : sequence of int, length n_rows
        Where each row stands in the file.
    texts : mapping of int to sequence of str
        By column, every column that holds no number of a spectrum or colour.
    numbers : ndarray, shape (n_rows, n_numeric)
        As they stand in the file; a row of NaN where it has no spectrum.
    colours : tuple of ndarray, shape (n_rows, 3)
        One for each of `Columns.colours`; a row of NaN where it states none.
    """

    lines: Sequence[int]
    texts: Mapping[int, Sequence[str]]
    numbers: FloatArray
    colours: tuple[FloatArray, ...]

    def take(self, start: int, stop: int | None = None) -> Block:
        """Some of its consecutive rows."""
        rows = slice(start, stop)
        texts = {place: column[rows] for place, column in self.texts.items()}
        return Block(self.lines[rows], texts, self.numbers[rows], tuple(colour[rows] for colour in self.colours))


def joined(blocks: Sequence[Block]) -> Block:
    """The rows of all blocks of a table, of which there is at least one."""
    if len(blocks) == 1:
        return blocks[0]
    return Block(
        [*chain.from_iterable(block.lines for block in blocks)],
        {place: [*chain.from_iterable(block.texts[place] for block in blocks)] for place in blocks[0].texts},
        np.concatenate([block.numbers for block in blocks]),
        tuple(np.concatenate(parts) for parts in zip(*(block.colours for block in blocks), strict=True)),
    )


class Numbers:
    """Makes blocks of the rows of one table and remembers which decimal mark it uses.

    Parameters
    ----------
    columns : Columns
    file_name : str
    where : str
        What a row is called in messages: "line", "row".
    decimal_comma : bool
        Whether a comma may stand for the decimal point.
    """

    def __init__(self, columns: Columns, file_name: str, where: str, *, decimal_comma: bool) -> None:
        self.columns = columns
        self.file_name = file_name
        self.where = where
        self.decimal_comma = decimal_comma
        self.marks: set[str] = set()
        self._texts = columns.texts

    def blocks(self, rows: Iterable[Row]) -> Iterator[Block]:
        """Blocks of at most BLOCK_ROWS rows that are not blank.

        Raises
        ------
        MalformedFileError
            If a row has too few or too many cells, or a number is none.
        """
        filled = self._filled(rows)
        while chunk := list(islice(filled, BLOCK_ROWS)):
            yield self._block(chunk)

    def _filled(self, rows: Iterable[Row]) -> Iterator[Row]:
        width = len(self.columns.titles)
        for line, cells in rows:
            if not any(cells) or not any(cell.strip() for cell in cells):
                continue
            if len(cells) != width and (len(cells) < width or any(cell.strip() for cell in cells[width:])):
                raise MalformedFileError(
                    self.file_name,
                    f"{len(cells)} cells",
                    where=f"{self.where} {line}",
                    expected=f"{width}, one under each heading",
                )
            yield line, cells

    def _block(self, rows: list[Row]) -> Block:
        colours = tuple(self._matrix(rows, colour.places, may_lack=True) for colour in self.columns.colours)
        stated = np.zeros(len(rows), dtype=bool)
        for colour in colours:
            stated |= ~np.isnan(colour[:, 0])
        return Block(
            [line for line, _ in rows],
            {place: [cells[place] for _, cells in rows] for place in self._texts},
            self._matrix(rows, self.columns.numeric, may_lack=stated if self.columns.layout == "across" else False),
            colours,
        )

    def _matrix(self, rows: list[Row], places: tuple[int, ...], *, may_lack: bool | BoolArray) -> FloatArray:
        """The numbers in some columns; where rows may lack them, a wholly empty row gives NaN."""
        if not places:
            return np.empty((len(rows), 0))
        first, last = places[0], places[-1] + 1
        if places == tuple(range(first, last)):
            texts = [*chain.from_iterable([cells[first:last] for _, cells in rows])]
        else:
            texts = [cells[place] for _, cells in rows for place in places]
        values = self._at_once(texts)
        if values is not None:
            return values.reshape(len(rows), len(places))
        lacking = np.broadcast_to(may_lack, len(rows))
        return np.array([self._one_row(row, places, bool(lacking[place])) for place, row in enumerate(rows)])

    def _at_once(self, texts: list[str]) -> FloatArray | None:
        """All numbers, or None where one is not plainly a number."""
        text = "\n".join(texts)
        if not text.isascii() or "_" in text:  # float() would take 1_000 and other scripts' digits
            return None
        points = texts
        if self.decimal_comma:
            marks = self.marks | {mark for mark in ".," if mark in text}
            if len(marks) > 1:
                return None
            self.marks = marks
            if "," in text:
                points = text.replace(",", ".").split("\n")
        try:
            values = np.fromiter(map(float, points), np.float64, len(texts))
        except ValueError:
            return None
        return values if len(points) == len(texts) and np.isfinite(values).all() else None

    def _one_row(self, row: Row, places: tuple[int, ...], may_lack: bool) -> list[float]:
        line, cells = row
        texts = [cells[place].strip() for place in places]
        if may_lack and not any(texts):
            return [np.nan] * len(places)
        if self.decimal_comma:
            self.marks |= {mark for mark in ".," if any(mark in text for text in texts)}
            if len(self.marks) > 1:
                raise MalformedFileError(
                    self.file_name,
                    "decimal points and decimal commas",
                    where=f"{self.where} {line}",
                    expected="one of them throughout, and no thousands separators",
                )
            texts = [text.replace(",", ".") for text in texts]
        values = []
        for text, place in zip(texts, places, strict=True):
            value = number(text)
            if value is None:
                raise MalformedFileError(
                    self.file_name,
                    shortened(cells[place]) if text else "nothing",
                    where=f"{self.where} {line}, column {shortened(self.columns.titles[place])}",
                    expected="a number",
                )
            values.append(value)
        return values
