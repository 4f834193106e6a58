"""Excel workbooks (xlsx) from unknown hands: measured before they are unpacked, then read by calamine."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime, time
from typing import Any

from spectra.errors import UnsafeFileError
from spectra.formats.archive import BUNDLE_FIRST_PART, ZIP_SIGNATURE, Archive, first_part
from spectra.formats.base import refuse_large
from spectra.formats.text import printable
from spectra.formats.workbook_extent import Extent, scan

Cell = Any  # what calamine gives: str, int, float, bool, datetime, date, time or timedelta

# What calamine needs of a workbook; drawings, images and macros stay packed.
_NEEDED = re.compile(
    r"\[Content_Types\]\.xml|_rels/.*|xl/[^/]+\.xml|xl/_rels/.*|xl/worksheets/[^/]+\.xml", re.IGNORECASE
)


def is_workbook(content: bytes) -> bool:
    """Whether the bytes are a zip holding a workbook, and not a bundle that holds one."""
    return (
        content.startswith(ZIP_SIGNATURE) and b"xl/workbook.xml" in content and first_part(content) != BUNDLE_FIRST_PART
    )


def sheet_names(content: bytes) -> tuple[str, ...]:
    """Names of the sheets as the workbook lists them; empty if they cannot be had safely. For recognising only."""
    if not is_workbook(content):
        return ()
    names: list[str] = []
    try:
        part = Archive(content, "", "workbook").unpack("xl/workbook.xml")
        scan(part, "", "", {"sheet": lambda attributes: names.append(attributes.get("name", ""))})
    except (KeyError, UnsafeFileError):
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
    archive = Archive(content, file_name, "workbook")
    extent = Extent(file_name)
    needed = [name for name in archive.names if _NEEDED.fullmatch(name)]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as clean:
        for name in sorted(needed, key=lambda name: "sharedstrings" not in name.lower()):
            unpacked = archive.unpack(name)
            extent.add(unpacked, printable(name[-100:]))
            clean.writestr(zipfile.ZipInfo(name), unpacked)
    return buffer.getvalue()


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
