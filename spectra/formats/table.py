"""Plain tables (CSV, TSV): the headings name the columns, one row per reading or per angle."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from spectra.errors import MalformedFileError, UnsafeFileError
from spectra.formats.base import NOTHING_DECLARED, MeasurementFile, ReadOptions, refuse_large, source_of
from spectra.formats.columns import is_header
from spectra.formats.rows import measurements_of_rows
from spectra.formats.text import decode, head_text, printable

NAME = "table"
DELIMITERS = ("\t", ";", ",")
HEADER_WITHIN_LINES = 50  # instruments print a title, a date and their settings above the table
MAX_LINE = 2**20  # characters
MAX_LINES = 1_000_000
_KEYWORD_FILE = re.compile(r"^\s*(?:BEGIN_DATA|BEGIN_DATA_FORMAT|NUMBER_OF_FIELDS)\b", re.MULTILINE)


def recognises(content: bytes, file_name: str) -> bool:
    """Whether a row of headings with wavelengths stands near the beginning, and the text is not a keyword file."""
    text = head_text(content)
    if "\x00" in text or _KEYWORD_FILE.search(text):
        return False
    return bool(_headers(list(io.StringIO(text, newline=""))))


def read(content: bytes, file_name: str, options: ReadOptions = NOTHING_DECLARED) -> MeasurementFile:
    """Measurements of a delimited table.

    Notes
    -----
    The delimiter is the one of tab, semicolon and comma that yields wavelengths. A comma within a number is a decimal
    comma where the delimiter is another one. Text is UTF-8, or what its byte-order mark or the user declares. For the
    unit of the values see `spectra.formats.units.decide_unit`; how rows become measurements, see
    `spectra.formats.rows.measurements_of_rows`.

    Raises
    ------
    MalformedFileError
        If the encoding, the headings, a number or the unit cannot be understood.
    UnsafeFileError
        If the file or a line is too large.
    """
    refuse_large(content, file_name)
    stream = io.StringIO(decode(content, file_name, options.encoding), newline="")
    head = list(itertools.islice(stream, HEADER_WITHIN_LINES))
    found = _headers(head)
    if len(found) != 1:
        raise MalformedFileError(
            file_name,
            f"{len(found)} ways to split a row of headings" if found else "no row of headings",
            where=f"within the first {HEADER_WITHIN_LINES} lines",
            expected="one row with wavelengths such as R400, 400nm, separated by tab, semicolon or comma",
        )
    ((start, delimiter),) = found
    rows = _split(itertools.chain(head[start:], stream), delimiter, start, file_name)
    header = next(rows)[1]
    notes = [
        f"line {line + 1} above the table: {printable(text)[:100]}"
        for line, text in enumerate(head[:start][:5])
        if text.strip()
    ]
    return measurements_of_rows(
        header,
        rows,
        source_of(content, file_name, NAME),
        options,
        where="line",
        decimal_comma=delimiter != ",",
        notes=notes,
        first_line=start + 1,
    )


def _headers(lines: Sequence[str]) -> list[tuple[int, str]]:
    """Line and delimiter of the first row of headings; more than one entry where delimiters compete."""
    for place, line in enumerate(lines[:HEADER_WITHIN_LINES]):
        if len(line) <= MAX_LINE:
            found = [(place, delimiter) for delimiter in DELIMITERS if is_header(_cells(line, delimiter))]
            if found:
                return found
    return []


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _split(lines: Iterable[str], delimiter: str, skipped: int, file_name: str) -> Iterator[tuple[int, list[str]]]:
    def bounded() -> Iterator[str]:
        for place, line in enumerate(lines, start=skipped + 1):
            if place > MAX_LINES:
                raise UnsafeFileError(file_name, f"more than {MAX_LINES} lines", remedy="Split the file")
            if len(line) > MAX_LINE:
                raise UnsafeFileError(
                    file_name, f"{len(line)} characters", where=f"line {place}", expected=f"at most {MAX_LINE}"
                )
            yield line

    reader = csv.reader(bounded(), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield skipped + reader.line_num, cells
    except csv.Error as error:
        raise MalformedFileError(
            file_name, str(error), where=f"line {skipped + reader.line_num}", expected="a delimited table"
        ) from error
