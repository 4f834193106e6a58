"""Lines of a delimited text become blocks of rows; where nothing is quoted, a whole block at once."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import MalformedFileError, UnsafeFileError
from spectra.formats.table.columns import Columns
from spectra.formats.table.numbers import BLOCK_ROWS, Block, Numbers, Row

MAX_LINE = 2**20  # characters
MAX_CHUNK = 2**22  # characters of the lines that are looked at together


def blocks_of_lines(
    lines: Iterable[str], columns: Columns, delimiter: str, first_line: int, file_name: str
) -> Iterator[Block]:
    """Blocks of the rows below the headings.

    Without quotes a delimited line is what stands between the delimiters, and NumPy reads its numbers three times as
    fast as they could be taken from cells. From the first block on that has a quote, a decimal comma, a blank line, an
    empty or odd number or another number of cells, the rest goes the long way, which says what is wrong and where.

    Parameters
    ----------
    lines : iterable of str
        Each with its line end.
    columns : Columns
    delimiter : str
    first_line : int
        Number of the first of these lines in the file.
    file_name : str

    Raises
    ------
    MalformedFileError
    UnsafeFileError
        If a line is longer than MAX_LINE.
    """
    source = iter(lines)
    numbers = Numbers(columns, file_name, "line", decimal_comma=delimiter != ",")
    while chunk := _chunk(source):
        block = _block(chunk, columns, delimiter, first_line, numbers)
        if block is None:
            rows = rows_of_lines(chain(chunk, source), delimiter, first_line, file_name)
            yield from numbers.blocks(rows)
            return
        yield block
        first_line += len(chunk)


def rows_of_lines(lines: Iterable[str], delimiter: str, first_line: int, file_name: str) -> Iterator[Row]:
    """Line number and cells of each row, quoted as CSV quotes.

    Raises
    ------
    MalformedFileError
    UnsafeFileError
    """

    def bounded() -> Iterator[str]:
        for place, line in enumerate(lines, start=first_line):
            if len(line) > MAX_LINE:
                raise UnsafeFileError(
                    file_name, f"{len(line)} characters", where=f"line {place}", expected=f"at most {MAX_LINE}"
                )
            yield line

    reader = csv.reader(bounded(), delimiter=delimiter, strict=True)
    above = first_line - 1
    try:
        for cells in reader:
            yield above + reader.line_num, cells
    except csv.Error as error:
        raise MalformedFileError(
            file_name, str(error), where=f"line {above + reader.line_num}", expected="a delimited table"
        ) from error


def _chunk(lines: Iterator[str]) -> list[str]:
    chunk: list[str] = []
    size = 0
    for line in lines:
        chunk.append(line)
        size += len(line)
        if len(chunk) == BLOCK_ROWS or size > MAX_CHUNK:
            break
    return chunk


def _block(lines: list[str], columns: Columns, delimiter: str, first_line: int, numbers: Numbers) -> Block | None:
    """A block of unquoted lines; None where only the long way tells what they are."""
    width, texts = len(columns.titles), columns.texts
    if numbers.decimal_comma and ("," in numbers.marks or any("," in line for line in lines)):
        return None
    if any(line.count(delimiter) != width - 1 or '"' in line or len(line) > MAX_LINE for line in lines):
        return None
    places = [*columns.numeric, *(place for colour in columns.colours for place in colour.places)]
    values = _values(lines, delimiter, places)
    if values is None:
        return None
    if numbers.decimal_comma and "." not in numbers.marks and any(_has_point(one, delimiter, places) for one in lines):
        numbers.marks.add(".")
    split = texts[-1] + 1 if texts else 0
    cells = [line.rstrip("\r\n").split(delimiter, split) for line in lines]
    n, colours = len(columns.numeric), len(columns.colours)
    return Block(
        range(first_line, first_line + len(lines)),
        {place: [row[place] for row in cells] for place in texts},
        values[:, :n],
        tuple(values[:, n + 3 * k : n + 3 * k + 3] for k in range(colours)),
    )


def _has_point(line: str, delimiter: str, places: list[int]) -> bool:
    cells = line.split(delimiter)
    return any("." in cells[place] for place in places)


def _values(lines: list[str], delimiter: str, places: list[int]) -> FloatArray | None:
    try:
        values = np.loadtxt(lines, delimiter=delimiter, usecols=places, comments=None, ndmin=2)
    except ValueError:
        return None
    return values if len(values) == len(lines) and np.isfinite(values).all() else None
