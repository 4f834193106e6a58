"""Workbooks from unknown hands are measured before they are unpacked."""

import io
import re
import struct
import zipfile
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spectra.errors import ColorlabError, UnsafeFileError
from spectra.formats import workbook, workbook_extent
from spectra.formats.registry import FORMATS, read_measurements

SHEET = "xl/worksheets/sheet1.xml"


def rebuilt(content: bytes, change, name: str = SHEET) -> bytes:
    """The workbook with one part changed and packed again with right sizes and sums."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            data = old.read(part)
            new.writestr(part, change(data) if part == name else data)
    return buffer.getvalue()


@pytest.fixture(params=["table-xlsx", "xrite-ma"])
def book(request, samples):
    return samples[request.param]


def refused(content: bytes, message: str) -> None:
    with pytest.raises(UnsafeFileError, match=message):
        workbook.read_sheets(content, "book.xlsx")


def test_a_cell_in_the_last_column_and_row_is_refused_before_anything_is_allocated(book):
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    refused(rebuilt(book, lambda xml: xml.replace(b"</sheetData>", far)), r"spans 1048576 rows and 16384 columns")


def test_a_row_far_down_without_cell_references_is_refused_too(book):
    far = b'<row r="1048576"><c><v>1</v></c></row></sheetData>'
    refused(rebuilt(book, lambda xml: xml.replace(b"</sheetData>", far)), r"1048576 rows")


@pytest.mark.parametrize("reference", ["AunitF1", "1A", "A$1", "A-1", "", "A1:XFD9"])
def test_a_cell_whose_place_parsers_may_read_differently_is_refused(book, reference):
    odd = f'<row r="90"><c r="{reference}"><v>1</v></c></row></sheetData>'.encode()
    refused(rebuilt(book, lambda xml: xml.replace(b"</sheetData>", odd)), "has a cell")
    odd = f'<row r="x{reference}"><c><v>1</v></c></row></sheetData>'.encode()
    refused(rebuilt(book, lambda xml: xml.replace(b"</sheetData>", odd)), "has a row")


def test_prefixed_elements_do_not_hide_cells(book):
    far = b'<x:row xmlns:x="y" r="1048576"><x:c r="A1048576"><x:v>1</x:v></x:c></x:row></sheetData>'
    refused(rebuilt(book, lambda xml: xml.replace(b"</sheetData>", far)), r"1048576 rows")


def test_entities_are_refused(book):
    bomb = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]>'
    change = lambda xml: xml.replace(b"<worksheet", bomb + b"<worksheet", 1)  # noqa: E731
    refused(rebuilt(book, change), "declares a document type")


def test_deep_nesting_is_refused(book):
    refused(
        rebuilt(book, lambda xml: xml.replace(b"<sheetData", b"<a>" * 200 + b"<sheetData", 1)), "nests more than 64"
    )


def test_a_bomb_is_refused_by_its_ratio(book):
    refused(
        rebuilt(book, lambda xml: xml.replace(b"</sheetData>", b" " * 30_000_000 + b"</sheetData>")),
        "unpacks to 28.6 MiB",
    )


def test_a_bomb_that_states_a_small_size_is_refused(book):
    bomb = rebuilt(book, lambda xml: xml.replace(b"</sheetData>", b" " * 30_000_000 + b"</sheetData>"))
    with zipfile.ZipFile(io.BytesIO(bomb)) as archive:
        size, crc = archive.getinfo(SHEET).file_size, archive.getinfo(SHEET).CRC
        prefix = archive.read(SHEET)[:500]
    lie = struct.pack("<I", 500)
    forged = bomb.replace(struct.pack("<I", size), lie).replace(
        struct.pack("<I", crc), struct.pack("<I", zlib.crc32(prefix))
    )
    refused(forged, "does not unpack to the 500 bytes it states")


def test_two_parts_of_one_name_are_refused(book):
    with zipfile.ZipFile(buffer := io.BytesIO(book), "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(SHEET, b"<worksheet/>")
    refused(buffer.getvalue(), "two parts of the workbook have one name")


def test_pictures_are_not_unpacked(book):
    with zipfile.ZipFile(buffer := io.BytesIO(book), "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", b"\0" * 40_000_000)
    assert workbook.read_sheets(buffer.getvalue(), "book.xlsx")


XML = st.sampled_from(
    (
        b"<v>1e999</v>",
        b"<v>nan</v>",
        b'<c r="A1">',
        b"</c>",
        b'<c r="ZZ9" t="s"><v>99999</v></c>',
        b'<c r="C4" t="e"><v>#N/A</v></c>',
    )
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize("name", ["table-xlsx", "xrite-ma"])
@pytest.mark.parametrize(
    "part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/worksheets/sheet3.xml"]
)
def test_spoiled_xml_within_a_sound_archive_is_refused_in_words_or_read(name, part, samples, data):
    def spoil(xml: bytes) -> bytes:
        spoiled = bytearray(xml)
        start = data.draw(st.integers(0, len(spoiled)))
        length = data.draw(st.sampled_from((0, 1, 3, 30)))
        spoiled[start : start + length] = data.draw(XML | st.binary(max_size=3))
        return bytes(spoiled)

    content = rebuilt(samples[name], spoil, part)
    assert isinstance(FORMATS[name].recognises(content, ""), bool)
    try:
        read_measurements(content, "book.xlsx", name)
    except ColorlabError as error:
        message = str(error)
    else:
        message = "book.xlsx"
    assert "book.xlsx" in message


def test_sheets_that_each_just_fit_are_refused_together(book, monkeypatch):
    monkeypatch.setattr(workbook_extent, "MAX_CELLS", 4_000)
    corners = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="60"><c r="AX60"><v>1</v></c></row></sheetData>'
    cells = re.compile(rb"<sheetData>.*</sheetData>|<sheetData/>", re.DOTALL)
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        xml = cells.sub(b"<sheetData>" + corners, archive.read(SHEET))  # 60 rows of 50 columns
    content = rebuilt(book, lambda _: xml)
    with zipfile.ZipFile(buffer := io.BytesIO(content), "a") as archive:
        archive.writestr("xl/worksheets/sheet99.xml", xml)
    refused(buffer.getvalue(), r"spans 60 rows and 50 columns; expected .* 4000 cells in all sheets")


def test_a_long_text_shown_by_many_cells_is_refused(book):
    shown = b"".join(b'<c t="s"><v>0</v></c>' for _ in range(1500))
    once = rebuilt(book, lambda xml: xml.replace(b"</sheetData>", b'<row r="90">' + shown + b"</row></sheetData>"))
    long = rebuilt(
        once,
        lambda xml: xml.replace(b"<si>", b"<si><t>" + bytes(range(97, 122)) * 2000 + b"</t></si><si>", 1),
        "xl/sharedStrings.xml",
    )
    refused(long, "repeats its texts")


def test_a_directory_of_too_many_parts_is_refused_before_it_is_read(book):
    refused(book + b"PK\x01\x02" * 5001, "parts; expected at most 5000")
