"""How much a workbook will take once it is read: counted from its XML before a parser builds anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from xml.parsers import expat

from spectra.errors import UnsafeFileError

MAX_DEPTH = 64  # of XML elements
MAX_ROWS = 100_000
MAX_COLUMNS = 2000
MAX_CELLS = 3_000_000  # of the rectangles around the cells of all sheets, which is what calamine fills
MAX_TEXT = 64 * 2**20  # characters in all cells; a shared string counts for every cell that shows it

_LETTERS = re.compile(r"[A-Z]{1,7}")


class Extent:
    """Adds up the parts of one workbook and refuses when it becomes too much.

    Shared strings must be added before the sheets that show them.
    """

    def __init__(self, file_name: str) -> None:
        self.file_name = file_name
        self.cells = 0
        self.text = 0
        self.shared: list[int] = []  # length of each shared string
        self._columns: dict[str, int] = {}  # numbers of the column letters met

    def add(self, xml: bytes, part: str) -> None:
        """Count one part.

        Raises
        ------
        UnsafeFileError
            If it is not well-formed, declares entities, nests deeply, or the workbook would take too much.
        """
        if part.lower().endswith("sharedstrings.xml"):
            self._add_shared_strings(xml, part)
        else:
            self._add_sheet(xml, part)

    def _add_shared_strings(self, xml: bytes, part: str) -> None:
        def string(_: dict[str, str]) -> None:
            self.shared.append(0)

        def text(data: str) -> None:
            if self.shared:
                self.shared[-1] += len(data)

        scan(xml, self.file_name, part, {"si": string}, text)

    def _add_sheet(self, xml: bytes, part: str) -> None:
        row = column = cells = area = 0
        first_row, last_row, first_column, last_column = 2**31, 0, 2**31, 0
        shared, value = False, ""

        def line(attributes: dict[str, str]) -> None:
            nonlocal row, column
            row, column = self._row_number(attributes.get("r", str(row + 1)), part), 0

        def cell(attributes: dict[str, str]) -> None:
            nonlocal row, column, cells, area, first_row, last_row, first_column, last_column, shared, value
            if "r" in attributes:
                column, row = self._column_and_row(attributes["r"], part)
            else:
                column += 1
            cells += 1
            shared, value = attributes.get("t") == "s", ""
            if not (first_row <= row <= last_row and first_column <= column <= last_column):
                first_row, last_row = min(first_row, row), max(last_row, row)
                first_column, last_column = min(first_column, column), max(last_column, column)
                area = (last_row - first_row + 1) * (last_column - first_column + 1)
            elif cells <= area:
                return  # the rectangle was weighed when it grew
            if last_row > MAX_ROWS or last_column > MAX_COLUMNS or self.cells + max(cells, area) > MAX_CELLS:
                raise UnsafeFileError(
                    self.file_name,
                    f"{part} spans {last_row} rows and {last_column} columns",
                    expected=f"at most {MAX_ROWS} rows, {MAX_COLUMNS} columns and {MAX_CELLS} cells in all sheets",
                )

        def text(data: str) -> None:
            nonlocal value
            if not shared:
                self.text += len(data)
            elif len(value) < 10:
                value += data

        def cell_ends() -> None:
            nonlocal shared
            if shared:
                place = value.strip()
                if place.isascii() and place.isdigit() and int(place) < len(self.shared):
                    self.text += self.shared[int(place)]
                shared = False
                if self.text > MAX_TEXT:
                    raise UnsafeFileError(
                        self.file_name,
                        f"{part} repeats its texts",
                        expected=f"at most {MAX_TEXT} characters in all cells",
                    )

        scan(xml, self.file_name, part, {"row": line, "c": cell}, text, {"c": cell_ends})
        self.cells += max(cells, (last_row - first_row + 1) * (last_column - first_column + 1)) if cells else 0

    def _row_number(self, text: str, part: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 10):
            raise UnsafeFileError(self.file_name, f"{part} has a row {text[:20]!r}", expected="a row number")
        return int(text)

    def _column_and_row(self, reference: str, part: str) -> tuple[int, int]:
        # Other parsers take `AunitF1` for a cell far to the right, so what is not plainly a cell is refused.
        letters = reference.rstrip("0123456789")
        digits = reference[len(letters) :]
        column = self._columns.get(letters)
        if column is None and _LETTERS.fullmatch(letters):
            column = self._columns[letters] = _column_number(letters)
        if column is None or not 1 <= len(digits) <= 10:
            raise UnsafeFileError(self.file_name, f"{part} has a cell {reference[:20]!r}", expected="one such as B7")
        return column, int(digits)


def scan(
    xml: bytes,
    file_name: str,
    part: str,
    start: Mapping[str, Callable[[dict[str, str]], None]],
    text: Callable[[str], None] | None = None,
    end: Mapping[str, Callable[[], None]] | None = None,
) -> None:
    """Call what `start` and `end` have for an element's name without prefix, and `text` with character data.

    Raises
    ------
    UnsafeFileError
        If the part is not well-formed UTF-8, declares a document type (and with it entities), or nests deeply.
    """
    depth = 0
    ends = end or {}

    def opened(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise UnsafeFileError(file_name, f"{part} nests more than {MAX_DEPTH} elements")
        call = start.get(name.rpartition(":")[2] if ":" in name else name)
        if call is not None:
            call(attributes)

    def closed(name: str) -> None:
        nonlocal depth
        depth -= 1
        call = ends.get(name.rpartition(":")[2] if ":" in name else name)
        if call is not None:
            call()

    def doctype(*_: object) -> None:
        raise UnsafeFileError(file_name, f"{part} declares a document type", expected="none, and no entities")

    parser = expat.ParserCreate("utf-8")  # whatever the part declares: what is counted is what calamine must see
    parser.buffer_text = True
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.StartDoctypeDeclHandler = doctype
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise UnsafeFileError(file_name, f"{part} is damaged: {error}") from error


def cell_place(reference: str) -> tuple[int, int]:
    """Column and row, from 1, of a cell reference such as `B7` that `Extent` has taken."""
    letters = reference.rstrip("0123456789")
    return _column_number(letters), int(reference[len(letters) :])


@lru_cache(maxsize=4096)
def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number
