"""Plain tables in an Excel workbook: the sheet whose headings name wavelengths."""

from __future__ import annotations

import io
from datetime import datetime

from spectra.errors import MalformedFileError
from spectra.formats.base import NOTHING_DECLARED, MeasurementFile, ReadOptions, source_of
from spectra.formats.columns import is_header
from spectra.formats.rows import measurements_of_rows
from spectra.formats.table import HEADER_WITHIN_LINES
from spectra.formats.table_writer import HEAD, table_rows
from spectra.formats.text import number
from spectra.formats.workbook import is_workbook, read_sheets, sheet_names, text_of
from spectra.formats.xrite_ma import COLOUR, SPECTRA
from spectra.formats.xrite_ma_writer import UNDATED

NAME = "table-xlsx"


def recognises(content: bytes, file_name: str) -> bool:
    """Whether it is a workbook without the sheets of an instrument."""
    return is_workbook(content) and not {COLOUR, SPECTRA} <= set(sheet_names(content))


def read(content: bytes, file_name: str, options: ReadOptions = NOTHING_DECLARED) -> MeasurementFile:
    """Measurements of the one sheet whose headings name wavelengths, by the rules of the plain table.

    Raises
    ------
    MalformedFileError
        If no sheet or more than one has such headings, or its rows cannot be understood.
    UnsafeFileError
        If the workbook is damaged or unpacks to too much.
    """
    sheets = {
        name: [[text_of(cell) for cell in row] for row in rows]
        for name, rows in read_sheets(content, file_name).items()
    }
    found = [
        (name, line)
        for name, rows in sheets.items()
        if (line := next((line for line, row in enumerate(rows[:HEADER_WITHIN_LINES]) if is_header(row)), None))
        is not None
    ]
    if len(found) != 1:
        raise MalformedFileError(
            file_name,
            f"sheets with headings of wavelengths: {', '.join(name for name, _ in found) or 'none'}",
            expected="exactly one",
            remedy="Keep one table per workbook",
        )
    ((name, start),) = found
    rows = sheets[name]
    return measurements_of_rows(
        rows[start],
        enumerate(rows[start + 1 :], start=start + 2),
        source_of(content, file_name, NAME),
        options,
        where=f"sheet {name!r}, row",
        decimal_comma=False,
        notes=[],
        first_line=start + 1,
    )


def write(file: MeasurementFile, *, created: datetime = UNDATED) -> bytes:
    """One sheet with the plain table; numbers carry 16 significant digits. The same arguments give the same bytes.

    See `spectra.formats.table_writer.table_rows` for what is kept and the errors.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": created})
    sheet = book.add_worksheet("Measurements")
    texts = len(HEAD)
    for line, cells in enumerate(table_rows(file.measurements)):
        for column, cell in enumerate(cells):
            value = number(cell) if line and column >= texts else None
            if value is not None:
                sheet.write_number(line, column, value)
            elif cell:
                sheet.write_string(line, column, cell)
    book.close()
    return buffer.getvalue()
