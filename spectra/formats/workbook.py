"""Excel workbooks (xlsx) from unknown hands: measured before they are unpacked, then read by calamine."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from datetime import date, datetime, time
from typing import Any

from spectra.errors import UnsafeFileError
from spectra.formats.base import refuse_large
from spectra.formats.text import printable
from spectra.formats.workbook_extent import Extent, scan

ZIP_SIGNATURE = b"PK\x03\x04"
MAX_PARTS = 5000  # members of the zip; a panel brings one texture image per angle
MAX_PART_BYTES = 64 * 2**20  # one unpacked sheet; 200 bytes a cell make 300 000 cells
MAX_UNPACKED_BYTES = 128 * 2**20
MAX_RATIO = 200  # deflate reaches 1032; sheets of numbers compress by 3 to 20
RATIO_FROM_BYTES = 2**20  # below, any ratio is harmless

Cell = Any  # what calamine gives: str, int, float, bool, datetime, date, time or timedelta

# What calamine needs of a workbook; drawings, images and macros stay packed.
_NEEDED = re.compile(
    r"\[Content_Types\]\.xml|_rels/.*|xl/[^/]+\.xml|xl/_rels/.*|xl/worksheets/[^/]+\.xml", re.IGNORECASE
)


def is_workbook(content: bytes) -> bool:
    """Whether the bytes are a zip holding a workbook."""
    return content.startswith(ZIP_SIGNATURE) and b"xl/workbook.xml" in content


def sheet_names(content: bytes) -> tuple[str, ...]:
    """Names of the sheets as the workbook lists them; empty if they cannot be had safely. For recognising only."""
    if not is_workbook(content):
        return ()
    names: list[str] = []
    try:
        _refuse_many_parts(content, "")
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            part = _unpack(content, archive.getinfo("xl/workbook.xml"), "")
        scan(part, "", "", lambda tag, attributes: names.append(attributes.get("name", "")) if tag == "sheet" else None)
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
            file_name,
            f"the workbook is damaged: {printable(str(error)[:200])}",
            remedy="Save it again with Excel or LibreOffice",
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
    extent = Extent(file_name)
    _refuse_many_parts(content, file_name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as clean:
            parts = archive.infolist()
            if len({part.filename for part in parts}) != len(parts):
                raise UnsafeFileError(file_name, "two parts of the workbook have one name")
            needed = [part for part in parts if _NEEDED.fullmatch(part.filename)]
            for part in sorted(needed, key=lambda part: "sharedstrings" not in part.filename.lower()):
                unpacked = _unpack(content, part, file_name)
                total += len(unpacked)
                if total > MAX_UNPACKED_BYTES:
                    raise _too_large(file_name, "the workbook", total)
                extent.add(unpacked, printable(part.filename[-100:]))
                clean.writestr(zipfile.ZipInfo(part.filename), unpacked)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OSError) as error:
        raise UnsafeFileError(file_name, f"not a readable workbook: {printable(str(error)[:200])}") from error
    return buffer.getvalue()


def _refuse_many_parts(content: bytes, file_name: str) -> None:
    """Before the directory is read, because reading a million entries is the harm."""
    entries = content.count(b"PK\x01\x02")
    if entries > MAX_PARTS:
        raise UnsafeFileError(file_name, f"{entries} parts", expected=f"at most {MAX_PARTS}")


def _unpack(content: bytes, part: zipfile.ZipInfo, file_name: str) -> bytes:
    """One part, never producing more than its limit, whatever sizes the archive states."""
    name = printable(part.filename[-100:])
    if part.flag_bits & 0x1:
        raise UnsafeFileError(file_name, f"{name} is encrypted", remedy="Save the workbook without a password")
    limit = min(MAX_PART_BYTES, max(RATIO_FROM_BYTES, MAX_RATIO * part.compress_size))
    if part.file_size > limit:
        raise _too_large(file_name, name, part.file_size)
    header = content[part.header_offset : part.header_offset + 30]
    if len(header) < 30 or not header.startswith(ZIP_SIGNATURE):
        raise UnsafeFileError(file_name, f"{name} is damaged")
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
            raise UnsafeFileError(file_name, f"{name} is damaged: {error}") from error
    else:
        raise UnsafeFileError(file_name, f"{name} is packed by method {part.compress_type}")
    if len(unpacked) != part.file_size or zlib.crc32(unpacked) != part.CRC:
        raise UnsafeFileError(file_name, f"{name} does not unpack to the {part.file_size} bytes it states")
    return unpacked


def _too_large(file_name: str, part: str, size: int) -> UnsafeFileError:
    return UnsafeFileError(
        file_name,
        f"{part} unpacks to {size / 2**20:.1f} MiB",
        expected=f"at most {MAX_PART_BYTES // 2**20} MiB a part and {MAX_RATIO} times its packed size",
    )


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
