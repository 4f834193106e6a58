"""Treepoint QTEX report (MTF): a page of fixed columns, numbers run together, reflectance in percent."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import MalformedFileError, UnsafeFileError
from spectra.formats.base import (
    NOTHING_DECLARED,
    SCALE,
    MeasurementFile,
    ReadOptions,
    placed,
    refuse_large,
    refuse_other_unit,
    source_of,
)
from spectra.formats.fixed_columns import Column, columns_of, head_columns, text_of_bytes, values_in
from spectra.formats.text import decode_keeping_bytes, head_text, number, printable, shortened
from spectra.geometry import D8_SCE, D8_SCI, UNDECLARED, Geometry
from spectra.measurement import Measurement
from spectra.stated import Attachment, Role
from spectra.wavelengths import WavelengthGrid

NAME = "mtf"
MAX_LINES = 200_000
STEP_NM = 10

_TITLE = re.compile(r"\s{0,200}TREEPOINT QTEX Statistics", re.IGNORECASE)
_HEAD = re.compile(r"\s*nm((?:\s+\d{1,2})+)\s*")
_ROW = re.compile(r"\s*(\d{3,4})(?=\s|$)")
_LIST_HEAD = re.compile(r"\s*No\.\s")
_LIST_ROW = re.compile(r"\s*\d{1,6}/\d{1,6}(?=\s|$)")
# What the columns of the list are headed by; the headings themselves may run together.
_LIST_TITLES = re.compile(r"No\.|ID|Name|ColorOn/Off|Designation|dE(?: ?\([^)]*\))?|d[LCab]\*?|d[hH]\*?")
_REFERENCE = re.compile(r"\s*(?:Reference\s*:\s*)?(ID|Name|Designation|Description|Date|Status)\s*:(.*)")
_SUMMARY = re.compile(
    r"(Total summary, light used|Formula used|Samples|Activated sam|Passed sample|Failed sample|Checked sampl)\s*:"
)
_PRINTED = re.compile(r"(.*?)Printed on\s*(.*)")
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:\s+(\d{1,2}):(\d{2}):(\d{2})(?:\s*([AP]M))?)?")
_MISSING = ("", "-", "---")


@dataclass(slots=True)
class _Page:
    """What was read so far; `pending` are the owners of tables to come, with the line they stand in."""

    file_name: str
    reference: dict[str, str] = field(default_factory=dict)
    summary: dict[str, str] = field(default_factory=dict)
    head: list[str] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    pending: list[tuple[int, dict[str, str] | None]] = field(default_factory=list)
    tables: list[tuple[int, dict[str, str] | None, WavelengthGrid, FloatArray]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def recognises(content: bytes, file_name: str) -> bool:
    """Whether a report of QTEX statistics begins the file."""
    return _TITLE.match(head_text(content[:4096])) is not None


def read(content: bytes, file_name: str, options: ReadOptions = NOTHING_DECLARED) -> MeasurementFile:
    """Reference and samples of a report.

    Notes
    -----
    Each table begins with the line `nm 0 10 20 …`; its headings say where the columns begin, and each value must begin
    there, so that `11.88010.930` is 11.880 and 10.930. Values of exactly 0 at both ends of the range were not
    measured: they are left out and noted.

    Raises
    ------
    MalformedFileError
        If a value does not begin where its heading does, a row is missing, or it is not certain whose a table is.
    UnsafeFileError
    """
    refuse_large(content, file_name)
    refuse_other_unit(options, "percent", file_name)
    text, encoding = text_of_bytes(content, options.encoding, file_name)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > MAX_LINES:
        raise UnsafeFileError(file_name, f"more than {MAX_LINES} lines", remedy="Split the file")
    page = _Page(file_name)
    at = 0
    while at < len(lines):
        line = lines[at]
        head = _HEAD.fullmatch(line)
        if head is None:
            _line(page, at + 1, line, encoding)
            at += 1
            continue
        rows = 1
        while at + rows < len(lines) and _ROW.match(lines[at + rows]):
            rows += 1
        _table(page, at + 1, lines[at : at + rows])
        at += rows
    return _file(page, source_content=content)


def _line(page: _Page, row_line: int, line: str, encoding: str | None) -> None:
    """A line that is no part of a table."""
    if not line.strip() or re.fullmatch(r"\s*Page\s*-?\d+\s*", line):
        return
    words = decode_keeping_bytes(line.encode("latin-1"), encoding, page.file_name) if encoding != "decoded" else line
    if _LIST_HEAD.match(line):
        page.columns = head_columns(line, _LIST_TITLES, page.file_name, f"line {row_line}")
        page.pending = [one for one in page.pending if one[1] is not None]  # a reference's table stands above the list
    elif _LIST_ROW.match(line):
        if not page.columns:
            where = f"line {row_line}"
            raise MalformedFileError(page.file_name, "a sample", where=where, expected="the headings No. … before it")
        cells = columns_of(line, page.columns)
        page.pending.append((row_line, {key: _decoded(cell, encoding, page) for key, cell in cells.items()}))
    elif match := _REFERENCE.fullmatch(words):
        if match[1] == "ID":
            page.pending.append((row_line, None))
        page.reference[match[1]] = printable(match[2])
    elif _SUMMARY.search(words):
        starts = list(_SUMMARY.finditer(words))
        for here, after in zip(starts, [*starts[1:], None], strict=True):
            page.summary[here[1]] = printable(words[here.end() : after.start() if after else len(words)])
    elif _ROW.match(line):
        where = f"line {row_line}"
        raise MalformedFileError(page.file_name, shortened(line), where=where, expected="a line nm 0 10 20 … before it")
    elif not page.reference and not page.columns:
        printed = _PRINTED.fullmatch(words)
        page.head += [printable(part) for part in (printed.groups() if printed else (words,)) if part.strip()]
    else:
        page.notes.append(f"line {row_line}: left out: {shortened(words)}")


def _decoded(cell: str, encoding: str | None, page: _Page) -> str:
    if encoding == "decoded":
        return printable(cell)
    return printable(decode_keeping_bytes(cell.encode("latin-1"), encoding, page.file_name))


def _table(page: _Page, row_line: int, lines: list[str]) -> None:
    """The values of one table, and to whom they belong: the one reference or sample since the table before."""
    where = f"line {row_line}"
    if len(page.pending) != 1:
        owners = ", ".join(f"line {line}" for line, _ in page.pending[:5]) or "none"
        owners += f" and {len(page.pending) - 5} more" if len(page.pending) > 5 else ""
        raise MalformedFileError(
            page.file_name, f"a table that may belong to {owners}", where=where, expected="one reference or sample"
        )
    line, cells = page.pending.pop()
    wavelengths: list[float] = []
    values: list[float] = []
    for offset, row in enumerate(lines[1:], start=1):
        at = f"line {row_line + offset}"
        match = _ROW.match(row)
        base = int(match[1]) if match else 0
        if base % 100 or (wavelengths and base != wavelengths[-1] // 100 * 100 + 100):
            raise MalformedFileError(page.file_name, f"row {base}", where=at, expected="rows every 100 nm")
        for heading, value in values_in(row, lines[0], page.file_name, at):
            wavelengths.append(base + heading)
            values.append(value)
    if (np.diff(wavelengths) != STEP_NM).any():
        raise MalformedFileError(page.file_name, "a value is missing", where=where, expected=f"every {STEP_NM} nm")
    measured = np.flatnonzero(values)
    if measured.size < 2:
        raise MalformedFileError(page.file_name, f"{measured.size} values above 0", where=where, expected="a spectrum")
    first, last = int(measured[0]), int(measured[-1])
    if first > 0 or last < len(values) - 1:
        printed, kept = (wavelengths[0], wavelengths[-1]), (wavelengths[first], wavelengths[last])
        page.notes.append(
            f"{where}: of {printed[0]:g}–{printed[1]:g} nm only {kept[0]:g}–{kept[1]:g} nm are not printed as 0; "
            "the zeros at the ends are taken as not measured and left out"
        )
    grid = WavelengthGrid(wavelengths[first], wavelengths[last], STEP_NM)
    page.tables.append((line, cells, grid, np.array(values[first : last + 1]) * SCALE["percent"]))


def _file(page: _Page, source_content: bytes) -> MeasurementFile:
    """Measurements and attachments of what was read."""
    if not page.tables:
        raise MalformedFileError(
            page.file_name, "no table of values", expected="a line nm 0 10 20 … and rows of values"
        )
    source = source_of(source_content, page.file_name, NAME)
    printed = page.head[-1] if page.head and _SLASHES.match(page.head[-1]) else ""
    date = page.reference.get("Date", "")
    taken_at = _date(date, (date, printed))
    if date not in _MISSING and taken_at is None:
        page.notes.append(f"the date {shortened(date)} may be day or month first; left undeclared")
    status = page.reference.get("Status", "").split("/")
    name = next((page.reference[key] for key in ("Name", "Designation") if page.reference.get(key)), "")
    standard = name if name not in _MISSING else None
    light = {"light": page.summary.get("Total summary, light used"), "formula": page.summary.get("Formula used")}
    measurements: list[Measurement] = []
    attachments = [
        Attachment("report", None, {"head": page.head, "reference": page.reference, "summary": page.summary})
    ]
    for line, cells, grid, values in page.tables:
        sample = standard if cells is None else _first(cells, "Name", "Designation", "ID")
        if not sample:
            sample = f"line {line}"
            page.notes.append(f"line {line}: nothing is named; called {sample!r}")
        role: Role = "standard" if cells is None else "sample"
        own = page.reference if cells is None else {key: text for key, text in cells.items() if key[0] != "d"}
        with placed(page.file_name, f"line {line}"):
            measurements.append(
                Measurement(
                    sample=sample,
                    reflectance_factor=values[np.newaxis],
                    grid=grid,
                    geometry=_geometry(status, page.file_name) if cells is None else UNDECLARED,
                    role=role,
                    standard=standard if cells else None,
                    taken_at=taken_at if cells is None else None,
                    instrument=(status[0] if status[0] not in _MISSING else None) if cells is None else None,
                    conditions={key: text for key, text in own.items() if text not in (*_MISSING, sample)},
                    source=source,
                )
            )
        if cells is not None:
            attachments.append(_difference(cells, light, len(measurements) - 1))
    if all(cells is not None for _, cells, _, _ in page.tables):
        page.notes.append("the reference has no table of values")
    for line, cells in page.pending:
        if cells is not None:
            page.notes.append(f"line {line}: {_first(cells, 'Name', 'Designation', 'ID')!r} has no table of values")
            attachments.append(_difference(cells, light, None))
    undeclared = sum(m.geometry is UNDECLARED for m in measurements)
    if undeclared:
        page.notes.append(f"geometry not declared: {undeclared} of {len(measurements)} measurements")
    if "ColorOn/Off" in (column.title for column in page.columns):
        page.notes.append("names of samples are cut off at their beginning by the program that printed the report")
    return MeasurementFile(NAME, tuple(measurements), tuple(page.notes[:40]), attachments=tuple(attachments))


def _first(cells: dict[str, str], *keys: str) -> str:
    return next((cells[key] for key in keys if cells.get(key, "") not in _MISSING), "")


def _difference(cells: dict[str, str], light: dict[str, str | None], subject: int | None) -> Attachment:
    """The colour difference from the reference that the report prints, sample minus reference."""
    differences = {key: number(text) for key, text in cells.items() if key.startswith("d")}
    return Attachment("difference", subject, {"No.": cells.get("No."), **light, **differences})


def _geometry(status: list[str], file_name: str) -> Geometry:
    """Of the status `instrument/mode/calibration/SCI/date/N:1/UV:0`."""
    words = {part.strip().upper() for part in status}
    if any(word.startswith("TRANSMI") for word in words):
        raise MalformedFileError(file_name, shortened("/".join(status)), where="Status", expected="a reflectance")
    if {"SCI", "SCE"} <= words:
        raise MalformedFileError(file_name, "SCI and SCE", where="Status", expected="one of them")
    return D8_SCI if "SCI" in words else D8_SCE if "SCE" in words else UNDECLARED


def _date(text: str, all_dates: tuple[str, ...]) -> datetime | None:
    """A date, where one of the dates of the file tells whether the day or the month stands first."""
    found = [match for match in map(_SLASHES.match, all_dates) if match]
    first = any(int(match[1]) > 12 for match in found)
    second = any(int(match[2]) > 12 for match in found)
    here = _SLASHES.match(text)
    if here is None or (first == second and here[1] != here[2]):
        return None
    day, month = (here[1], here[2]) if first else (here[2], here[1])
    hour = int(here[4] or 0) % 12 + (12 if here[7] == "PM" else 0) if here[7] else int(here[4] or 0)
    try:
        return datetime(int(here[3]), int(month), int(day), hour, int(here[5] or 0), int(here[6] or 0))  # noqa: DTZ001
    except ValueError:
        return None
