"""Plain tables (CSV, TSV): headings over a row per reading, angle or single value, or over a column per spectrum."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import BinaryIO, NamedTuple

from spectra.errors import MalformedFileError, UnsafeFileError
from spectra.formats.base import NOTHING_DECLARED, MeasurementFile, ReadOptions, refuse_large, source_of
from spectra.formats.profile import reader as profile
from spectra.formats.table.columns import is_header, layout_of
from spectra.formats.table.lines import lines_of_stream, source_of_stream
from spectra.formats.table.row_lines import MAX_LINE, blocks_of_lines
from spectra.formats.table.rows import measurements_of_blocks, understood
from spectra.formats.table.stream import measurements_in_turn
from spectra.formats.text import decode, head_text, printable
from spectra.measurement import Measurement

NAME = "table"
DELIMITERS = ("\t", ";", ",")
HEADER_WITHIN_LINES = 50  # instruments print a title, a date and their settings above the table
MAX_LINES = 1_000_000
_KEYWORD_FILE = re.compile(r"(?:^|[\r\n])[ \t]*(?:BEGIN_DATA|BEGIN_DATA_FORMAT|NUMBER_OF_FIELDS)\b")


class _Head(NamedTuple):
    """Where the headings stand, counted from 0, and what separates them."""

    place: int
    delimiter: str
    header: list[str]


def recognises(content: bytes, file_name: str) -> bool:
    """Whether headings of spectra or colours stand near the beginning, of no keyword file and no profile's colours."""
    text = head_text(content)
    if "\x00" in text or _KEYWORD_FILE.search(text):
        return False
    heads = _headers(list(itertools.islice(io.StringIO(text, newline=""), HEADER_WITHIN_LINES + 1)))
    if all(layout_of(head.header) == "colours" for head in heads):
        return bool(heads) and not profile.recognises(content, file_name)
    return True


def read(content: bytes, file_name: str, options: ReadOptions = NOTHING_DECLARED) -> MeasurementFile:
    """Measurements of a delimited table.

    Notes
    -----
    The delimiter is the one of tab, semicolon and comma that yields headings. A comma within a number is a decimal
    comma where the delimiter is another one. Text is UTF-8, or what its byte-order mark or the user declares. For the
    unit of the values see `spectra.formats.units.decide_unit`; how rows become measurements, see
    `spectra.formats.table.rows.measurements_of_blocks`.

    Raises
    ------
    MalformedFileError
        If the encoding, the headings, a number or the unit cannot be understood.
    UnsafeFileError
        If the file or a line is too large.
    """
    refuse_large(content, file_name)
    stream = io.StringIO(decode(content, file_name, options.encoding), newline="")
    first = list(itertools.islice(stream, HEADER_WITHIN_LINES + 1))
    head = _head(first, file_name)
    columns = understood(head.header, file_name, f"line {head.place + 1}")
    below = _bounded(itertools.chain(first[head.place + 1 :], stream), head.place + 2, file_name)
    notes = [
        f"line {line + 1} above the table: {printable(text)[:100]}"
        for line, text in enumerate(first[: head.place][:5])
        if text.strip()
    ]
    return measurements_of_blocks(
        columns,
        blocks_of_lines(below, columns, head.delimiter, head.place + 2, file_name),
        source_of(content, file_name, NAME),
        options,
        where="line",
        header_at=f"line {head.place + 1}",
        notes=notes,
    )


def stream(file: BinaryIO, file_name: str, options: ReadOptions = NOTHING_DECLARED) -> Iterator[Measurement]:
    """Measurements of a delimited table of any length, one after the other, in bounded memory.

    The file is passed twice: once for its SHA-256, once for its rows. The rows of a sample must follow each other. A
    unit that nobody declares is judged over some thousand rows at a time. Colours without spectra are passed over.

    Raises
    ------
    MalformedFileError
        As `read` does; and if a sample comes again after another one.
    UnsafeFileError
        If a line, or one sample, is too large.
    """
    source = source_of_stream(file, file_name, NAME)
    lines = lines_of_stream(file, file_name, options.encoding)
    first = list(itertools.islice(lines, HEADER_WITHIN_LINES + 1))
    head = _head(first, file_name)
    columns = understood(head.header, file_name, f"line {head.place + 1}")
    below = itertools.chain(first[head.place + 1 :], lines)
    blocks = blocks_of_lines(below, columns, head.delimiter, head.place + 2, file_name)
    yield from measurements_in_turn(columns, blocks, source, options, where="line")


def _head(first: Sequence[str], file_name: str) -> _Head:
    found = _headers(first)
    if len(found) != 1:
        raise MalformedFileError(
            file_name,
            f"{len(found)} ways to split a row of headings" if found else "no row of headings",
            where=f"within the first {HEADER_WITHIN_LINES} lines",
            expected="one row with wavelengths such as R400, 400nm, or with sample, L, a, b, between tabs, ; or ,",
        )
    return found[0]


def _headers(lines: Sequence[str]) -> list[_Head]:
    """The first row of headings; more than one entry where delimiters compete for it."""
    for place, line in enumerate(lines[:HEADER_WITHIN_LINES]):
        if not line.strip() or len(line) > MAX_LINE:
            continue
        found = []
        for delimiter in DELIMITERS:
            cells = _cells(line, delimiter)
            if is_header(cells, partial(_row_below, lines, place, delimiter)):
                found.append(_Head(place, delimiter, cells))
        if found:
            return found
    return []


def _row_below(lines: Sequence[str], place: int, delimiter: str) -> list[str]:
    return _cells(next((line for line in lines[place + 1 :] if line.strip()), "")[:MAX_LINE], delimiter)


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _bounded(lines: Iterator[str], first_line: int, file_name: str) -> Iterator[str]:
    for place, line in enumerate(lines, start=first_line):
        if place > MAX_LINES:
            raise UnsafeFileError(file_name, f"more than {MAX_LINES} lines", remedy="Split the file, or stream it")
        yield line
