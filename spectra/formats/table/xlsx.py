"""Plain tables in an Excel workbook: the sheet whose headings name wavelengths or colours."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import MalformedFileError
from spectra.formats.base import NOTHING_DECLARED, MeasurementFile, ReadOptions, source_of
from spectra.formats.profile import reader as profile
from spectra.formats.table.columns import Columns, is_header
from spectra.formats.table.numbers import BLOCK_ROWS, Block, Numbers
from spectra.formats.table.reader import HEADER_WITHIN_LINES
from spectra.formats.table.rows import UNIT_WORDS, measurements_of_blocks, understood
from spectra.formats.table.writer import HEAD, table_rows
from spectra.formats.text import number, shortened
from spectra.formats.units import REMEDY
from spectra.formats.workbook import Cell, is_workbook, read_sheets, sheet_names, text_of
from spectra.formats.workbook_percent import cell_reference, percent_cells
from spectra.formats.xrite_ma import COLOUR, SPECTRA
from spectra.formats.xrite_ma_writer import UNDATED

NAME = "table-xlsx"


def recognises(content: bytes, file_name: str) -> bool:
    """Whether it is a workbook without the sheets of an instrument, and none of a mapping profile's."""
    plain = is_workbook(content) and not {COLOUR, SPECTRA} <= set(sheet_names(content))
    return plain and not profile.recognises(content, file_name)


def read(content: bytes, file_name: str, options: ReadOptions = NOTHING_DECLARED) -> MeasurementFile:
    """Measurements of the one sheet whose headings name wavelengths or colours, by the rules of the plain table.

    Raises
    ------
    MalformedFileError
        If no sheet or more than one has such headings, its rows cannot be understood, or the number formats of its
        cells contradict the unit that the headings or the user declare.
    UnsafeFileError
        If the workbook is damaged or unpacks to too much.
    """
    sheets = read_sheets(content, file_name)
    found = [(name, place) for name, rows in sheets.items() if (place := _header(rows)) is not None]
    if len(found) != 1:
        raise MalformedFileError(
            file_name,
            f"sheets with headings of wavelengths or colours: {', '.join(name for name, _ in found) or 'none'}",
            expected="exactly one",
            remedy="Keep one table per workbook",
        )
    ((name, start),) = found
    rows, where = sheets[name], f"sheet {name!r}, row"
    columns = understood(_texts(rows[start]), file_name, f"{where} {start + 1}")
    columns = _with_formats(columns, content, file_name, name, rows, start + 1, options)
    return measurements_of_blocks(
        columns,
        _blocks(rows[start + 1 :], columns, start + 2, Numbers(columns, file_name, where, decimal_comma=False)),
        source_of(content, file_name, NAME),
        options,
        where=where,
        header_at=f"{where} {start + 1}",
        notes=[],
    )


def _with_formats(
    columns: Columns,
    content: bytes,
    file_name: str,
    name: str,
    rows: Sequence[Sequence[Cell]],
    first: int,
    options: ReadOptions,
) -> Columns:
    """The columns with the unit that the number formats declare: a cell shown as 10.5 % holds the fraction 0.105.

    Raises
    ------
    MalformedFileError
        If the headings or the user say percent as well, which would divide by a hundred once more; or if some numbers
        are shown as percent, some are not, and nothing else declares a unit.
    """
    values = columns.numeric if columns.layout == "across" else columns.numeric[1:]
    shown = percent_cells(content, file_name, name, len(rows), values) if values else None
    if shown is None:
        return columns
    percent = shown.of_cell[first:] >= 0
    numbers = np.array([[isinstance(row[place], float) for place in values] for row in rows[first:]], dtype=bool)
    numbers = numbers.reshape(percent.shape)
    percent &= numbers
    if not percent.any():
        return columns
    says = {"the headings": columns.unit, "--unit": options.reflectance_unit}
    for row, at in np.argwhere(percent).tolist() if "unit" in columns.known else np.argwhere(percent)[:1].tolist():
        cells = rows[first + row]
        if "unit" in columns.known:
            says["the column of units"] = UNIT_WORDS.get(text_of(cells[columns.known["unit"]]).lower())
        who = " and ".join(one for one, unit in says.items() if unit == "percent")
        if who:
            code = shortened(shown.formats[int(shown.of_cell[first + row, at])])
            raise MalformedFileError(
                file_name,
                f"percent by {who}, and a cell that is shown as percent by its format {code}: "
                f"it holds the fraction {cells[values[at]]!r}",
                where=f"sheet {name!r}, cell {cell_reference(first + row, values[at])}",
                expected="one of the two",
                remedy="Declare the fraction (headings R400, no --unit percent), or give the cells the format General "
                "and their values in percent",
            )
    plain = np.argwhere(numbers & ~percent).tolist()
    if not plain:
        return replace(columns, unit="fraction")
    if not (columns.symbol_R or any(says.values()) or "unit" in columns.known):
        row, at = plain[0]
        raise MalformedFileError(
            file_name,
            "a number that is not shown as percent among others that are",
            where=f"sheet {name!r}, cell {cell_reference(first + row, values[at])}",
            expected="one format for all, or a unit",
            remedy=REMEDY,
        )
    return columns


def _blocks(rows: Sequence[Sequence[Cell]], columns: Columns, first: int, numbers: Numbers) -> Iterator[Block]:
    """Blocks of rows; where a chunk has numbers only where numbers must be, they are taken as they are."""
    for begin in range(0, len(rows), BLOCK_ROWS):
        chunk = rows[begin : begin + BLOCK_ROWS]
        spectra = _numbers(chunk, columns.numeric)
        colours = [_numbers(chunk, colour.places) for colour in columns.colours]
        stated = [colour for colour in colours if colour is not None]
        lines = range(first + begin, first + begin + len(chunk))
        if spectra is None or len(stated) < len(colours):
            yield from numbers.blocks(zip(lines, map(_texts, chunk), strict=True))
            continue
        texts = {place: _texts([row[place] for row in chunk]) for place in columns.texts}
        yield Block(lines, texts, spectra, tuple(stated))


def _numbers(rows: Sequence[Sequence[Cell]], places: Sequence[int]) -> FloatArray | None:
    """The cells of some columns, if all are numbers."""
    cells = [row[place] for row in rows for place in places]
    if set(map(type, cells)) != {float}:
        return None
    values = np.array(cells).reshape(len(rows), len(places))
    return values if np.isfinite(values).all() else None


def _header(rows: Sequence[Sequence[Cell]]) -> int | None:
    head = [_texts(row) for row in rows[: HEADER_WITHIN_LINES + 1]]
    for place, cells in enumerate(head[:HEADER_WITHIN_LINES]):
        if is_header(cells, partial(_row_below, head, place)):
            return place
    return None


def _row_below(rows: Sequence[Sequence[str]], place: int) -> Sequence[str]:
    return next((row for row in rows[place + 1 :] if any(row)), [])


def _texts(row: Sequence[Cell]) -> list[str]:
    return [cell if type(cell) is str else text_of(cell) for cell in row]


def write(file: MeasurementFile, *, created: datetime = UNDATED) -> bytes:
    """One sheet with the plain table; numbers carry 16 significant digits. The same arguments give the same bytes.

    See `spectra.formats.table.writer.table_rows` for what is kept and the errors.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": created})
    sheet = book.add_worksheet("Measurements")
    texts = len(HEAD)
    for line, cells in enumerate(table_rows(file)):
        for column, cell in enumerate(cells):
            value = number(cell) if line and column >= texts else None
            if value is not None:
                sheet.write_number(line, column, value)
            elif cell:
                sheet.write_string(line, column, cell)
    book.close()
    return buffer.getvalue()
