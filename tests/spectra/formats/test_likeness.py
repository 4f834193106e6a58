"""What a file that is no measurement looks like is told in one line, whatever its bytes."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.errors import UnknownFormatError
from spectra.formats.likeness import likeness
from spectra.formats.registry import FORMATS, detect_format


def archive(*names):
    with zipfile.ZipFile(buffer := io.BytesIO(), "w") as written:
        for name in names:
            written.writestr(name, "x" * 99)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b"\xef\xbb\xbf", "it holds nothing but blanks"),
        (b" \r\n\t", "it is empty"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "it looks like a picture (JPEG)"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "it looks like a picture (PNG)"),
        (b"II*\x00" + bytes(9), "it looks like a picture (TIFF)"),
        (b"%PDF-1.7\n", "it looks like a PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "old binary Excel workbook (.xls): save it as .xlsx"),
        (archive("a.txt", "b.txt"), "zip archive of another kind, with the parts 'a.txt', 'b.txt'"),
        (archive("word/document.xml"), "it looks like a Word document"),
        (archive("a.txt")[:60], "damaged zip archive"),
        (b'{"name": 1, "steps": [{"deep": 2}]}', "JSON of another kind, with the keys 'name', 'steps', 'deep', …"),
        (b"[1, 2, 3]", "JSON without keys"),
        (b'<?xml version="1.0"?>\n<!-- a -->\n<!DOCTYPE svg>\n<svg xmlns="x"/>', "with the root element 'svg'"),
        (b"<!doctype html><HTML>", "a web page (HTML)"),
        (b"<!-- never closed", "XML without a root element"),
        ("R;G;B\n1,5;2;3\n".encode("utf-16"), "a table by semicolons without headings of wavelengths"),
        (
            b"part,price,colour\n7,9,red\n",
            "('part', 'price', 'colour'): give it some, or a mapping profile with --prof",
        ),
        (b"Dear Sir,\nno panels today.\n", "text that begins with 'Dear Sir,'"),
        (bytes(range(256)), "it looks like binary data"),
        ("样品".encode("gb18030"), "it looks like text that is not UTF-8"),
    ],
)
def test_a_file_that_is_no_measurement_is_called_what_it_looks_like(content, words):
    with pytest.raises(UnknownFormatError, match=r"^x: not recognised as any measurement format: it ") as caught:
        detect_format(content, "x")
    message = str(caught.value)
    assert words in message
    assert f"; expected exactly one of {', '.join(FORMATS)}" in message


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"<", b"<!", b"{", b"[", b"a;b\n", b"\xff\xfe"]))
def test_any_bytes_look_like_something_in_one_short_line(content, beginning):
    words = likeness(beginning + content)
    assert words
    assert len(words) < 350
    assert words.isprintable()


@pytest.mark.parametrize("piece", [b"<!--", b"<?", b"<!", b'"', b'"a"', b"{", b"[{", b"a;", b"PK\x01\x02", b'a;"b\n'])
def test_a_long_repetition_is_told_as_quickly_as_a_short_one(piece):
    for beginning in (b"", b"PK\x03\x04", b"{", b"<"):
        assert likeness(beginning + piece * 60_000)
