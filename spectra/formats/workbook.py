"""Excel workbooks (xlsx) from unknown hands: measured before they are unpacked, then read by calamine."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from datetime import date, datetime, time
from typing import Any
from xml.parsers import expat

from spectra.errors import UnsafeFileError
from spectra.formats.base import refuse_large

ZIP_SIGNATURE = b"PK\x03\x04"
MAX_PARTS = 5000  # members of the zip; a panel brings one texture image per angle
MAX_PART_BYTES = 64 * 2**20  # one unpacked sheet; 200 bytes a cell make 300 000 cells
MAX_UNPACKED_BYTES = 128 * 2**20
MAX_RATIO = 200  # deflate reaches 1032; sheets of numbers compress by 3 to 20
RATIO_FROM_BYTES = 2**20  # below, any ratio is harmless
MAX_DEPTH = 64  # of XML elements
MAX_ROWS = 100_000
MAX_COLUMNS = 2000
MAX_CELLS = 5_000_000  # of the rectangle around all cells, which is what calamine fills

Cell = Any  # what calamine gives: str, int, float, bool, datetime, date, time or timedelta

# What calamine needs of a workbook; drawings, images and macros stay packed.
_NEEDED = re.compile(
    r"\[Content_Types\]\.xml|_rels/.*|xl/[^/]+\.xml|xl/_rels/.*|xl/worksheets/[^/]+\.xml", re.IGNORECASE
)
_CELL = re.compile(r"([A-Z]{1,7})(\d{1,10})")


def is_workbook(content: bytes) -> bool:
    """Whether the bytes are a zip holding a workbook."""
    return content.startswith(ZIP_SIGNATURE) and b"xl/workbook.xml" in content


def sheet_names(content: bytes) -> tuple[str, ...]:
    """Names of the sheets as the workbook lists them; empty if they cannot be had safely. For recognising only."""
    if not is_workbook(content):
        return ()
    names: list[str] = []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            part = _unpack(content, archive.getinfo("xl/workbook.xml"), "")
        _scan(part, "", lambda tag, attributes: names.append(attributes.get("name", "")) if tag == "sheet" else None)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, ValueError, struct.error, OSError, UnsafeFileError):
        return ()
    return tuple(names)


def read_sheets(content: bytes, file_name: str) -> dict[str, list[list[Cell]]]:
    """Rows of every worksheet, each row padded to the width of its sheet.

    The parts are unpacked here with every size limited, the extent of each sheet is taken from its cell references, and
    only then a fresh archive of the needed parts goes to the parser.

    Raises
    ------
    UnsafeFileError
        If the archive unpacks to too much, is damaged or encrypted, declares entities, or a sheet is too wide or long.
    """
    refuse_large(content, file_name)
    repacked = _repacked(content, file_name)
    from python_calamine import CalamineWorkbook

    sheets: dict[str, list[list[Cell]]] = {}
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(repacked))
        for name in workbook.sheet_names:
            sheets[name] = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except Exception as error:
        raise UnsafeFileError(
            file_name, f"the workbook is damaged: {str(error)[:200]}", remedy="Save it again with Excel or LibreOffice"
        ) from error
    except BaseException as error:
        # A panic of the Rust parser arrives as a BaseException of its own; Ctrl-C must pass.
        if type(error).__name__ != "PanicException":
            raise
        raise UnsafeFileError(file_name, "the workbook is damaged") from error
    return sheets


def _repacked(content: bytes, file_name: str) -> bytes:
    buffer = io.BytesIO()
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as clean:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS:
                raise UnsafeFileError(file_name, f"{len(parts)} parts", expected=f"at most {MAX_PARTS}")
            if len({part.filename for part in parts}) != len(parts):
                raise UnsafeFileError(file_name, "two parts of the workbook have one name")
            for part in parts:
                if not _NEEDED.fullmatch(part.filename):
                    continue
                unpacked = _unpack(content, part, file_name)
                total += len(unpacked)
                if total > MAX_UNPACKED_BYTES:
                    raise _too_large(file_name, "the workbook", total)
                _measure(unpacked, part.filename, file_name)
                clean.writestr(zipfile.ZipInfo(part.filename), unpacked)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OSError) as error:
        raise UnsafeFileError(file_name, f"not a readable workbook: {error}") from error
    return buffer.getvalue()


def _unpack(content: bytes, part: zipfile.ZipInfo, file_name: str) -> bytes:
    """One part, never producing more than its limit, whatever sizes the archive states."""
    if part.flag_bits & 0x1:
        raise UnsafeFileError(file_name, f"{part.filename} is encrypted", remedy="Save the workbook without a password")
    limit = min(MAX_PART_BYTES, max(RATIO_FROM_BYTES, MAX_RATIO * part.compress_size))
    if part.file_size > limit:
        raise _too_large(file_name, part.filename, part.file_size)
    header = content[part.header_offset : part.header_offset + 30]
    if len(header) < 30 or not header.startswith(ZIP_SIGNATURE):
        raise UnsafeFileError(file_name, f"{part.filename} is damaged")
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    start = part.header_offset + 30 + name_length + extra_length
    packed = content[start : start + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        unpacked = packed
    elif part.compress_type == zipfile.ZIP_DEFLATED:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            unpacked = inflate.decompress(packed, part.file_size + 1)
        except zlib.error as error:
            raise UnsafeFileError(file_name, f"{part.filename} is damaged: {error}") from error
    else:
        raise UnsafeFileError(file_name, f"{part.filename} is packed by method {part.compress_type}")
    if len(unpacked) != part.file_size or zlib.crc32(unpacked) != part.CRC:
        raise UnsafeFileError(file_name, f"{part.filename} does not unpack to the {part.file_size} bytes it states")
    return unpacked


def _too_large(file_name: str, part: str, size: int) -> UnsafeFileError:
    return UnsafeFileError(
        file_name,
        f"{part} unpacks to {size / 2**20:.1f} MiB",
        expected=f"at most {MAX_PART_BYTES // 2**20} MiB a part and {MAX_RATIO} times its packed size",
    )


def _measure(xml: bytes, part: str, file_name: str) -> None:
    """Refuse a sheet whose cells span too large a rectangle, and any part with entities or deep nesting."""
    row = column = 0
    first_row, last_row, first_column, last_column = 2**31, 0, 2**31, 0
    cells = 0

    def element(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, first_row, last_row, first_column, last_column, cells
        if tag == "row":
            row, column = _row_number(attributes.get("r", ""), row + 1), 0
        elif tag == "c":
            match = _CELL.fullmatch(attributes.get("r", ""))
            column += 1
            if match:
                column = _column_number(match[1])
                row = int(match[2])
            cells += 1
            first_row, last_row = min(first_row, row), max(last_row, row)
            first_column, last_column = min(first_column, column), max(last_column, column)
            area = (last_row - first_row + 1) * (last_column - first_column + 1)
            if last_row > MAX_ROWS or last_column > MAX_COLUMNS or max(cells, area) > MAX_CELLS:
                raise UnsafeFileError(
                    file_name,
                    f"{part} spans {last_row} rows and {last_column} columns",
                    expected=f"at most {MAX_ROWS} rows, {MAX_COLUMNS} columns and {MAX_CELLS} cells",
                )

    _scan(xml, file_name, element if part.lower().startswith("xl/worksheets/") else lambda tag, attributes: None, part)


def _row_number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else otherwise


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def _scan(xml: bytes, file_name: str, element: Any, part: str = "xl/workbook.xml") -> None:
    """Call `element(tag without prefix, attributes)` for each element; entities and deep nesting are refused."""
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise UnsafeFileError(file_name, f"{part} nests more than {MAX_DEPTH} elements")
        element(name.rpartition(":")[2], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_: object) -> None:
        raise UnsafeFileError(file_name, f"{part} declares a document type", expected="none, and no entities")

    parser = expat.ParserCreate("utf-8")  # whatever the part declares: what expat measures is what calamine must see
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise UnsafeFileError(file_name, f"{part} is damaged: {error}") from error


def text_of(cell: Cell) -> str:
    """A cell as text: whole numbers without a point, times in ISO order."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    moment = time_of(cell)
    return str(cell).strip() if moment is None else moment.isoformat(sep=" ")


def time_of(cell: Cell) -> datetime | None:
    """A cell as a time, if it is formatted as one; midnight arrives as a bare date."""
    if isinstance(cell, datetime):
        return cell
    return datetime.combine(cell, time.min) if isinstance(cell, date) else None
