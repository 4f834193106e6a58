"""Tables in workbooks: cells of every kind a spreadsheet has, and the same rules as for text."""

import io
from datetime import date, datetime

import numpy as np
import pytest
import xlsxwriter

from spectra.errors import MalformedFileError, UnsafeFileError
from spectra.formats import rows_numbers, table_xlsx
from spectra.formats.base import file_of
from spectra.formats.registry import detect_format, read_measurements

HEAD = ("sample", "batch", "measured", "R400", "R410", "R420")
ROW = ("red", 7, datetime(2026, 3, 1, 8, 30), 0.1, 0.2, 0.3)  # noqa: DTZ001


def book(*sheets, change=lambda book, sheet: None):
    """A workbook of sheets, each a list of rows."""
    buffer = io.BytesIO()
    made = xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"})
    for rows in sheets:
        sheet = made.add_worksheet()
        for line, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if cell is not None:
                    sheet.write(line, column, cell)
        change(made, sheet)
    made.close()
    return buffer.getvalue()


def read(content, **options):
    return read_measurements(content, "book.xlsx", "table-xlsx", **options)


def test_numbers_texts_and_dates_are_read_as_what_they_are():
    content = book([("A report",), HEAD, ROW, (), ("blue", "7a", date(2026, 3, 2), 0.4, 0.5, 0.6)])
    assert detect_format(content, "") == "table-xlsx"
    red, blue = read(content).measurements
    assert red.reflectance_factor.tolist() == [[0.1, 0.2, 0.3]]
    assert (red.conditions, blue.conditions) == ({"batch": "7"}, {"batch": "7a"})
    assert red.taken_at == datetime(2026, 3, 1, 8, 30)  # noqa: DTZ001
    assert blue.taken_at == datetime(2026, 3, 2)  # noqa: DTZ001


def test_a_formula_is_the_value_saved_with_it():
    def formula(value):
        return lambda made, sheet: sheet.write_formula(1, 4, "=D2*2", None, value)

    assert read(book([HEAD, ROW], change=formula(0.25))).measurements[0].reflectance_factor.tolist() == [
        [0.1, 0.25, 0.3]
    ]
    for value in ("", "#N/A", "#DIV/0!"):
        with pytest.raises(MalformedFileError, match=r"row 2, column 'R410': .*; expected a number"):
            read(book([HEAD, ROW], change=formula(value)))


def test_a_date_or_a_truth_under_a_wavelength_is_no_number():
    for cell in (datetime(2026, 3, 1), True, "0,1"):  # noqa: DTZ001
        with pytest.raises(MalformedFileError, match=r"row 2, column 'R400': .*; expected a number"):
            read(book([HEAD, (*ROW[:3], cell, 0.2, 0.3)]))


def test_a_merged_name_stands_in_its_first_row_only():
    rows = [HEAD, ROW, (None, *ROW[1:])]
    content = book(rows, change=lambda made, sheet: sheet.merge_range(1, 0, 2, 0, "red"))
    with pytest.raises(MalformedFileError, match=r"sheet 'Sheet1', row 3: no sample name"):
        read(content)


def test_a_column_of_wavelengths_and_colours_alone_are_read_from_workbooks_too():
    down = book([("wavelength", "red [%]"), (400, 10), (410, 20), (420, 30)])
    np.testing.assert_allclose(read(down).measurements[0].reflectance_factor, [[0.1, 0.2, 0.3]])
    (colour,) = read(book([("sample", "L_D65_10", "a", "b"), ("red", 40, 1, 2)])).colours
    assert colour.stated[0].values.tolist() == [[40, 1, 2]]


def test_two_tables_in_a_workbook_are_one_too_many():
    with pytest.raises(MalformedFileError, match="sheets with headings of wavelengths or colours: Sheet1, Sheet2"):
        read(book([HEAD, ROW], [HEAD, ROW]))
    with pytest.raises(MalformedFileError, match="colours: none; expected exactly one"):
        read(book([("a", "b"), (1, 2)]))


def test_a_million_columns_are_refused_before_anything_is_built():
    content = book([HEAD, ROW], change=lambda made, sheet: sheet.write(1, 16_383, 1))
    with pytest.raises(UnsafeFileError, match="spans 2 rows and 16384 columns"):
        read(content)


def test_chunks_with_and_without_odd_cells_make_one_table(red_pair, monkeypatch):
    whole = read(table_xlsx.write(file_of(red_pair("angles"))))
    monkeypatch.setattr(table_xlsx, "BLOCK_ROWS", 5)
    monkeypatch.setattr(rows_numbers, "BLOCK_ROWS", 2)
    chunked = read(table_xlsx.write(file_of(red_pair("angles"))))
    for one, other in zip(whole.measurements, chunked.measurements, strict=True):
        np.testing.assert_array_equal(one.reflectance_factor, other.reflectance_factor)
    texts = [HEAD, *((f"panel {i}", *ROW[1:3], str(i / 8) if i == 3 else i / 8, 0.2, 0.3) for i in range(12))]
    assert [m.reflectance_factor[0, 0] for m in read(book(texts)).measurements] == [i / 8 for i in range(12)]
