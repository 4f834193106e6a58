"""Which cells of a workbook are shown as percent: a number format that declares what the stored number is."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spectra.errors import MalformedFileError
from spectra.formats.archive import Archive
from spectra.formats.text import printable
from spectra.formats.workbook_extent import cell_place, scan

# ECMA-376-1, 18.8.30: the formats of percent that every application has without declaring them.
_BUILT_IN = {9: "0%", 10: "0.00%"}
# What a format shows as it stands: "quoted", escaped, the width or repetition of a sign, and [conditions].
_LITERAL = re.compile(r'"[^"]*"|[\\_*].|\[[^\]]*\]', re.DOTALL)


@dataclass(frozen=True, slots=True, eq=False)
class PercentCells:
    """Some columns of a sheet, and which of their cells are shown as percent.

    Attributes
    ----------
    formats : mapping of int to str
        Of each cell format of percent, its code.
    of_cell : ndarray of int, shape (n_rows, n_columns)
        Key in `formats`; −1 for a cell that is not shown as percent.
    """

    formats: Mapping[int, str]
    of_cell: NDArray[np.int32]


def is_percent(code: str) -> bool:
    """Whether a number format multiplies what it shows by a hundred: a percent sign that is not literal."""
    return "%" in _LITERAL.sub("", code)


def percent_cells(
    content: bytes, file_name: str, sheet: str, n_rows: int, columns: Sequence[int]
) -> PercentCells | None:
    """Which cells in some columns of a sheet are shown as percent; None if nothing in the workbook is.

    Parameters
    ----------
    content : bytes
        A workbook that `read_sheets` takes.
    file_name : str
    sheet : str
    n_rows : int
        Of the sheet, from its first row.
    columns : sequence of int
        Places, from 0.

    Raises
    ------
    MalformedFileError
        If something in the workbook is shown as percent and the sheet cannot be found among its parts.
    UnsafeFileError
        If a part is damaged or unpacks to too much.
    """
    archive = Archive(content, file_name, "workbook")
    parts = {name.lower(): name for name in archive.names}
    styles = parts.get("xl/styles.xml")
    formats = {} if styles is None else _percent_formats(archive.unpack(styles), file_name)
    if not formats:
        return None
    part = parts.get(_part_of(archive, parts, sheet, file_name).lower())
    if part is None:
        raise MalformedFileError(
            file_name,
            "formats of percent, and a sheet that its parts do not name",
            where=f"sheet {sheet!r}",
            expected="a workbook as Excel or LibreOffice writes it",
            remedy="Save it again with one of them",
        )
    of_cell = np.full((n_rows, len(columns)), -1, dtype=np.int32)
    index = {column: at for at, column in enumerate(columns)}
    row = column = 0

    def line(attributes: dict[str, str]) -> None:
        nonlocal row, column
        row, column = int(attributes.get("r", row + 1)), 0

    def cell(attributes: dict[str, str]) -> None:
        nonlocal row, column
        if "r" in attributes:
            column, row = cell_place(attributes["r"])
        else:
            column += 1
        style = attributes.get("s", "0")
        at = index.get(column - 1)
        if at is not None and 0 < row <= n_rows and style.isascii() and style.isdigit() and int(style[:9]) in formats:
            of_cell[row - 1, at] = int(style[:9])

    scan(archive.unpack(part), file_name, printable(part[-100:]), {"row": line, "c": cell})
    return PercentCells(formats, of_cell)


def cell_reference(row: int, column: int) -> str:
    """A cell as a spreadsheet calls it: row 1, column 1 is B2."""
    letters = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return f"{letters}{row + 1}"


def _percent_formats(xml: bytes, file_name: str) -> dict[int, str]:
    """Codes of the cell formats that are percent, by the number by which cells name them."""
    codes = dict(_BUILT_IN)
    used: list[str] = []
    in_cells = False

    def number_format(attributes: dict[str, str]) -> None:
        name = attributes.get("numFmtId", "")
        if name.isascii() and name.isdigit():
            codes[int(name[:9])] = attributes.get("formatCode", "")

    def begin(_: dict[str, str]) -> None:
        nonlocal in_cells
        in_cells = True

    def end() -> None:
        nonlocal in_cells
        in_cells = False

    def cell_format(attributes: dict[str, str]) -> None:
        if in_cells:
            used.append(attributes.get("numFmtId", "0"))

    start = {"numFmt": number_format, "cellXfs": begin, "xf": cell_format}
    scan(xml, file_name, "xl/styles.xml", start, None, {"cellXfs": end})
    percent = {str(name): printable(code) for name, code in codes.items() if is_percent(code)}
    return {place: percent[name] for place, name in enumerate(used) if name in percent}


def _part_of(archive: Archive, parts: Mapping[str, str], sheet: str, file_name: str) -> str:
    """Name of the part that holds a sheet, by the workbook and its relationships; empty if they do not tell."""
    relations: dict[str, str] = {}
    sheets: dict[str, str] = {}

    def relation(attributes: dict[str, str]) -> None:
        relations[attributes.get("Id", "")] = attributes.get("Target", "")

    def one_sheet(attributes: dict[str, str]) -> None:
        key = next((text for name, text in attributes.items() if name.rpartition(":")[2] == "id"), "")
        sheets.setdefault(attributes.get("name", ""), key)

    for name, start in (
        ("xl/_rels/workbook.xml.rels", {"Relationship": relation}),
        ("xl/workbook.xml", {"sheet": one_sheet}),
    ):
        if name in parts:
            scan(archive.unpack(parts[name]), file_name, name, start)
    target = relations.get(sheets.get(sheet, ""), "")
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/") if target else ""
