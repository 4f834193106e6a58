"""What a file that no format recognises looks like, told from its first bytes: for messages, never for reading."""

from __future__ import annotations

import csv
import io
import re
import struct
import zipfile

from spectra.formats.archive import MAX_PARTS
from spectra.formats.text import head_text, shortened

_MAX_KEYS, _MAX_HEADINGS, _MAX_LINES = 3, 4, 20
_MAX_LINE = 10_000  # characters

_BEGINNINGS = (
    (b"\xff\xd8\xff", "looks like a picture (JPEG)"),
    (b"\x89PNG\r\n\x1a\n", "looks like a picture (PNG)"),
    (b"II*\x00", "looks like a picture (TIFF)"),
    (b"MM\x00*", "looks like a picture (TIFF)"),
    (b"GIF8", "looks like a picture (GIF)"),
    (b"%PDF-", "looks like a PDF document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "looks like an old binary Excel workbook (.xls): save it as .xlsx"),
    (b"\x1f\x8b", "looks like a gzip archive: unpack it"),
    (b"7z\xbc\xaf\x27\x1c", "looks like a 7-Zip archive: unpack it"),
    (b"Rar!\x1a\x07", "looks like a RAR archive: unpack it"),
    (b"SQLite format 3\x00", "looks like an SQLite database"),
)
_ZIPS = (
    ("xl/workbook.bin", "looks like a binary Excel workbook (.xlsb): save it as .xlsx"),
    ("word/document.xml", "looks like a Word document"),
    ("content.xml", "looks like an OpenDocument file: save it as .xlsx or .csv"),
)
_KEY = re.compile(r'"([^"\\]{1,60})"\s{0,9}:')
_JSON = re.compile(r'(?:\{\s*["}]|\[\s*[\[{"\]\-0-9])')
_ROOT = re.compile(r"<([^\W\d][\w.:-]{0,60})")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f]")  # not the tabs, line ends and end mark of text


def likeness(content: bytes) -> str:
    """What can be told cheaply, as the end of a sentence that begins with "it".

    Parameters
    ----------
    content : bytes
        Of a file that no format recognises.

    Returns
    -------
    str
        Such as "looks like a picture (PNG)"; one line.
    """
    for beginning, words in _BEGINNINGS:
        if content.startswith(beginning):
            return words
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(content)
    text = head_text(content)
    if _CONTROL.search(text):
        return "looks like binary data"
    text = text.strip()
    if not text:
        return "holds nothing but blanks" if content.strip() else "is empty"
    if _JSON.match(text):
        keys = ", ".join(shortened(key) for key in dict.fromkeys(_KEY.findall(text)[:_MAX_KEYS]))
        return f"looks like JSON of another kind, with the keys {keys}, …" if keys else "looks like JSON without keys"
    return _xml(text) or _table(text) or _text(text)


def _zip(content: bytes) -> str:
    if content.count(b"PK\x01\x02") > MAX_PARTS:
        return f"looks like a zip archive of more than {MAX_PARTS} parts"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, struct.error, ValueError, RuntimeError, OSError, EOFError):
        return "looks like a damaged zip archive, such as a workbook cut short: export or copy it again"
    for name, words in _ZIPS:
        if name in names:
            return words
    parts = ", ".join(shortened(name) for name in names[:_MAX_KEYS])
    return f"looks like a zip archive of another kind, with the parts {parts}" if parts else "looks like an empty zip"


def _xml(text: str) -> str:
    """XML by its root element, whatever stands before that."""
    start = 0
    while text.startswith(("<?", "<!"), start):
        end = "?>" if text.startswith("<?", start) else "-->" if text.startswith("<!--", start) else ">"
        stop = text.find(end, start)
        if stop < 0:
            return "looks like XML without a root element near its beginning"
        start = stop + len(end)
        while start < len(text) and text[start].isspace():
            start += 1
    root = _ROOT.match(text, start)
    if root is None:
        return ""
    if root[1].lower() == "html":
        return "looks like a web page (HTML)"
    return f"looks like XML of another kind, with the root element {shortened(root[1])}"


def _table(text: str) -> str:
    """A table by the delimiter that splits its first lines alike."""
    lines = [line for line in text.splitlines()[:_MAX_LINES] if line.strip() and len(line) <= _MAX_LINE]
    for delimiter, name in (("\t", "tabs"), (";", "semicolons"), ("|", "bars"), (",", "commas")):
        try:
            rows = list(csv.reader(lines, delimiter=delimiter))
        except csv.Error:
            continue
        if len(rows) > 1 and len(rows[0]) > 1 and len(rows[0]) == len(rows[1]):
            titles = ", ".join(shortened(cell, 20) for cell in rows[0][:_MAX_HEADINGS])
            more = ", …" if len(rows[0]) > _MAX_HEADINGS else ""
            return (
                f"looks like a table by {name} without headings of wavelengths or of a sample and a colour ({titles}"
                f"{more}): give it some, or a mapping profile with --profile"
            )
    return ""


def _text(text: str) -> str:
    if "\ufffd" in text:
        return "looks like text that is not UTF-8, or binary data"
    return f"looks like text that begins with {shortened(text.splitlines()[0])}"
