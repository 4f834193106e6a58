"""The table a mapping profile is meant for: its row of headings found in text or in a workbook, its rows one by one."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from spectra.errors import FileError, MalformedFileError, UnsafeFileError
from spectra.formats.archive import MAX_PARTS
from spectra.formats.profile.rules import Profile
from spectra.formats.profile.template import plain
from spectra.formats.text import HEAD_BYTES, decode, head_text, printable
from spectra.formats.workbook import is_workbook, read_sheets, text_of

HEADER_WITHIN_ROWS = 50  # instruments print a title, a date and their settings above the table
MAX_LINE = 2**20  # characters
MAX_LINES = 1_000_000
SHARED_STRINGS = "xl/sharedStrings.xml"
MAX_PEEK = 8 * 2**20
_OTHER_SIGNS = frozenset("-°")  # which `plain` puts for several

Cell = Any  # text, or what a workbook holds


@dataclass(slots=True)
class Table:
    """One table.

    Attributes
    ----------
    where : str
        What a row is called in messages: "line", "sheet 'Data', row".
    first : int
        Number of the (last) row of headings.
    rows : iterator of (number, cells)
        Below the headings; cells as a workbook holds them, or text.
    above : tuple of str
        Lines of text above the headings.
    sheet : str
        Of a workbook; empty of a text.
    """

    where: str
    headings: tuple[str, ...]
    first: int
    rows: Iterator[tuple[int, list[Cell]]]
    above: tuple[str, ...]
    sheet: str = ""


def recognises(profile: Profile, content: bytes) -> bool:
    """Whether the profile's required headings stand in one row near the beginning; never raises."""
    if is_workbook(content):
        if not _may_hold(profile, content):
            return False
        try:
            return len(_in_workbook(profile, read_sheets(content, ""))) == 1
        except FileError:
            return False
    text = _head(profile, content)
    return (
        "\x00" not in text and _words_of(profile, text.__contains__) and len(_in_text(profile, text.splitlines())) == 1
    )


def table_of(profile: Profile, content: bytes, file_name: str, encoding: str | None) -> Table:
    """The table of a file that the profile recognises.

    Raises
    ------
    MalformedFileError
        If the text cannot be decoded, or the headings do not stand in exactly one place.
    UnsafeFileError
    """
    if is_workbook(content):
        sheets = read_sheets(content, file_name)
        found = _in_workbook(profile, sheets)
        if len(found) != 1:
            rows = [
                (f"sheet {name!r}, row {row + 1}", cells)
                for name, row, cells in _candidates_in_workbook(profile, sheets)
            ]
            raise _not_found(profile, file_name, [f"sheet {name!r}, row {row + 1}" for name, row in found], rows)
        ((name, row),) = found
        cells = sheets[name]
        last = row + profile.header_rows
        return Table(
            where=f"sheet {name!r}, row",
            headings=_headings(profile, [[text_of(cell) for cell in one] for one in cells[row:last]]),
            first=last,
            rows=iter([(number, one) for number, one in enumerate(cells[last:], last + 1)][profile.skip_rows :]),
            above=tuple(" ".join(filter(None, map(text_of, one))) for one in cells[:row]),
            sheet=name,
        )
    marked = content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    stream = io.StringIO(decode(content, file_name, encoding or (None if marked else profile.encoding)), newline="")
    head = list(itertools.islice(stream, HEADER_WITHIN_ROWS + profile.header_rows))
    places = _in_text(profile, head)
    if len(places) != 1:
        seen = [(f"line {row + 1}", headings) for row, _, headings in _candidates_in_text(profile, head)]
        raise _not_found(profile, file_name, [f"line {row + 1} by {delimiter!r}" for row, delimiter in places], seen)
    ((row, delimiter),) = places
    last = row + profile.header_rows
    lines = _split(itertools.chain(head[last:], stream), delimiter, last, file_name)
    return Table(
        where="line",
        headings=_headings(profile, [_cells(line, delimiter) for line in head[row:last]]),
        first=last,
        rows=itertools.islice(lines, profile.skip_rows, None),
        above=tuple(line for line in map(printable, head[:row]) if line),
    )


def _not_found(
    profile: Profile, file_name: str, found: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]
) -> MalformedFileError:
    """The error that names where the headings stand several times, or what the most similar row lacks."""
    words = f"headings in {len(found)} places: {'; '.join(found)}"
    if not found:
        shared = [(sum(not one.isdisjoint(row[1]) for one in profile.required), *row) for row in rows]
        best, place, headings = max(shared, key=lambda one: one[0], default=(0, "", ()))
        lacking = ", ".join(_either(one) for one in profile.required if one.isdisjoint(headings))
        words = "no row of headings"
        if best:
            strange = ", ".join(map(repr, sorted(profile.without & set(headings))))
            words += f"; {place} lacks {lacking}" if lacking else f"; {place} has {strange}"
    return MalformedFileError(
        file_name,
        words,
        where=f"row {profile.header_row}" if profile.header_row else f"the first {HEADER_WITHIN_ROWS} rows",
        expected=f"one row with {', '.join(map(_either, profile.required[:10]))}",
        remedy=f"Profile {profile.name!r}, key required" + (f" and sheet {profile.sheet!r}" if profile.sheet else ""),
    )


def _head(profile: Profile, content: bytes) -> str:
    if profile.encoding is None or content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head_text(content)
    return content[:HEAD_BYTES].decode(profile.encoding, errors="replace")


def _rows_of_headings(profile: Profile, n_rows: int) -> range:
    """Rows (from 0) in which the headings may begin."""
    if profile.header_row is not None:
        return range(profile.header_row - 1, min(profile.header_row, n_rows))
    return range(min(n_rows, HEADER_WITHIN_ROWS))


def _candidates_in_text(profile: Profile, lines: Sequence[str]) -> Iterator[tuple[int, str, list[str]]]:
    for row in _rows_of_headings(profile, len(lines)):
        block = lines[row : row + profile.header_rows]
        if all(len(line) <= MAX_LINE for line in block):
            for delimiter in profile.delimiters:
                cells = [_cells(line, delimiter) for line in block]
                yield row, delimiter, [plain(heading) for heading in _headings(profile, cells)]


def _in_text(profile: Profile, lines: Sequence[str]) -> list[tuple[int, str]]:
    """Rows (from 0) and delimiters with which the required headings stand in one row."""
    candidates = _candidates_in_text(profile, lines)
    found = [(row, delimiter) for row, delimiter, headings in candidates if profile.recognises(headings)]
    return [one for one in found if one[0] == found[0][0]] if profile.layout == "blocks" else found


def _candidates_in_workbook(
    profile: Profile, sheets: dict[str, list[list[Cell]]]
) -> Iterator[tuple[str, int, list[str]]]:
    for name, rows in sheets.items():
        if profile.sheet in (None, name):
            for row in _rows_of_headings(profile, len(rows)):
                cells = [[text_of(cell) for cell in one] for one in rows[row : row + profile.header_rows]]
                yield name, row, [plain(heading) for heading in _headings(profile, cells)]


def _in_workbook(profile: Profile, sheets: dict[str, list[list[Cell]]]) -> list[tuple[str, int]]:
    candidates = _candidates_in_workbook(profile, sheets)
    found = [(name, row) for name, row, headings in candidates if profile.recognises(headings)]
    return list(dict(reversed(found)).items()) if profile.layout == "blocks" else found


def _may_hold(profile: Profile, content: bytes) -> bool:
    """Whether a workbook's texts hold the required headings: a cheap look before it is read."""
    if content.count(b"PK\x01\x02") > MAX_PARTS:
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(SHARED_STRINGS) as part:
            texts = part.read(MAX_PEEK + 1)
    except KeyError:  # texts may stand in the cells themselves
        return True
    except (zipfile.BadZipFile, zlib.error, struct.error, ValueError, RuntimeError, OSError, EOFError):
        return False  # damaged or encrypted
    if profile.header_rows > 1 or len(texts) > MAX_PEEK:
        return True
    return _words_of(profile, lambda word: escape(word).encode() in texts)


def _words_of(profile: Profile, there: Callable[[str], bool]) -> bool:
    """Whether the words of enough required headings are there, whatever stands between them."""
    return all(any(all(there(word) for word in _words(heading)) for heading in one) for one in profile.required)


def _words(heading: str) -> list[str]:
    """The words of a heading that are spelled in one way only."""
    return [word for word in heading.split() if not set(word) & _OTHER_SIGNS]


def _either(headings: frozenset[str]) -> str:
    return " or ".join(map(repr, sorted(headings)[:3])) + (" or …" if len(headings) > 3 else "")


def _headings(profile: Profile, rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Headings; of two rows the upper one, which spans columns, before the lower."""
    if profile.header_rows == 1:
        return tuple(rows[0]) if rows else ()
    width = max(map(len, rows), default=0)
    upper, lower = ([*row, *[""] * (width - len(row))] for row in (*rows, *[[]] * (2 - len(rows))))
    spanned, joined = "", []
    for above, below in zip(upper, lower, strict=True):
        spanned = above.strip() or spanned
        joined.append(f"{spanned} {below.strip()}".strip() if below.strip() else above.strip())
        if above.strip() and not below.strip():
            spanned = ""  # one heading over both rows spans no other column
    return tuple(joined)


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
