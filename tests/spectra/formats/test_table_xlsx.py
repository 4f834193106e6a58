"""Tables in workbooks: cells of every kind a spreadsheet has, and the same rules as for text."""

import io
from datetime import date, datetime

import numpy as np
import pytest
import xlsxwriter

from spectra.errors import MalformedFileError, UnsafeFileError
from spectra.formats.base import file_of
from spectra.formats.registry import detect_format, read_measurements
from spectra.formats.table import numbers as rows_numbers
from spectra.formats.table import xlsx as table_xlsx

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


def shown(code, headings=("sample", 400, 410, 420), rows=(("red", 0.1, 0.2, 0.3),), but=()):
    """A workbook whose numbers have a number format, except in the cells named."""
    buffer = io.BytesIO()
    made = xlsxwriter.Workbook(buffer, {"in_memory": True})
    made.add_worksheet("Notes")
    sheet = made.add_worksheet("Data")
    percent = made.add_format({"num_format": code})
    for line, cells in enumerate([headings, *rows]):
        for column, cell in enumerate(cells):
            plain = not line or not isinstance(cell, float) or (line, column) in but
            sheet.write(line, column, cell, None if plain else percent)
    made.close()
    return buffer.getvalue()


PERCENT_FORMATS = ("0%", "0.00%", "0.0 %", "0.00%;[Red]-0.00%", '0.0%" R"', "# ?/?%")


@pytest.mark.parametrize("code", PERCENT_FORMATS)
@pytest.mark.parametrize("headings", [("sample", 400, 410, 420), ("sample", "R400", "R410", "R420")])
def test_a_number_shown_as_percent_is_the_fraction(code, headings):
    file = read(shown(code, headings))
    assert file.measurements[0].reflectance_factor.tolist() == [[0.1, 0.2, 0.3]]
    assert not any("no unit is declared" in note for note in file.notes)
    (told,) = read(shown(code, headings), reflectance_unit="fraction").measurements
    assert told.reflectance_factor.tolist() == [[0.1, 0.2, 0.3]]


@pytest.mark.parametrize("code", PERCENT_FORMATS)
def test_percent_said_twice_would_be_a_hundred_times_too_dark_and_is_refused(code):
    place = r"sheet 'Data', cell B2: percent by .*, and a cell .* by its format '.*%.*'.*fraction 0\.1"
    with pytest.raises(MalformedFileError, match=place):
        read(shown(code, ("sample", "%R400", "%R410", "%R420")))
    with pytest.raises(MalformedFileError, match=place):
        read(shown(code), reflectance_unit="percent")
    with pytest.raises(MalformedFileError, match="cell C2: percent by the column of units"):
        read(shown(code, ("sample", "unit", 400, 410, 420), [("red", "%", 0.1, 0.2, 0.3)]))
    with pytest.raises(MalformedFileError, match="cell B2"):
        read(shown(code, ("wavelength", "red [%]"), [(400, 0.1), (410, 0.2), (420, 0.3)]))


@pytest.mark.parametrize("code", ["0.00", "General", '0.0"%"', "0.0\\%", "[%]0.0"])
def test_a_percent_sign_that_is_only_written_beside_the_number_declares_nothing(code):
    with pytest.raises(MalformedFileError, match="no unit is declared"):
        read(shown(code))
    assert read(shown(code), reflectance_unit="percent").measurements[0].reflectance_factor.tolist() == [
        [0.001, 0.002, 0.003]
    ]


def test_formats_of_percent_for_some_of_the_numbers_declare_nothing_for_the_others():
    with pytest.raises(MalformedFileError, match="sheet 'Data', cell C2: a number that is not shown as percent"):
        read(shown("0%", but={(1, 2)}))
    R = ("sample", "R400", "R410", "R420")
    with pytest.raises(MalformedFileError, match="columns headed R reach 20 and no unit"):
        read(shown("0%", R, [("red", 0.1, 20.0, 0.3)], but={(1, 2)}))
    with pytest.raises(MalformedFileError, match="cell B2: percent by --unit"):
        read(shown("0%", but={(1, 2)}), reflectance_unit="percent")


def test_other_columns_may_be_shown_as_percent():
    headings, rows = ("sample", "pigment", "%R400", "%R410", "%R420"), [("red", 0.25, 10.0, 20.0, 30.0)]
    file = read(shown("0%", headings, rows, but={(1, 2), (1, 3), (1, 4)}))
    np.testing.assert_allclose(file.measurements[0].reflectance_factor, [[0.1, 0.2, 0.3]])
