"""X-Rite MA-T6 and MA-T12 workbooks: colour, texture and spectra per angle pair, one sheet each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from spectra.arrays import frozen
from spectra.errors import MalformedFileError
from spectra.formats.base import (
    MAX_REFLECTANCE_FACTOR,
    NOTHING_DECLARED,
    MeasurementFile,
    ReadOptions,
    placed,
    refuse_other_unit,
    source_of,
)
from spectra.formats.declared import illuminant_and_observer
from spectra.formats.grids import grid_of
from spectra.formats.text import number, printable, shortened
from spectra.formats.units import refuse_contradicted_measurements, refuse_percent
from spectra.formats.workbook import Cell, read_sheets, sheet_names, text_of, time_of
from spectra.geometry import directional, is_directional
from spectra.measurement import Measurement
from spectra.stated import Source, StatedColour, Texture

NAME = "xrite-ma"
COLOUR, TEXTURE, SPECTRA, IMAGES = "Color Data", "Texture Data", "Spectral Data", "Texture Images"
JOB, STANDARD, VIEWING = "QC JOB", "STANDARD", "ILLUMINANT/OBSERVER"
KEYS = ("Name", "Date/Time", "Geometry")
AXES = ("L*", "a*", "b*")

Sample = tuple[str, str]  # name and date, as they stand in the sheet


@dataclass(slots=True)
class _Row:
    line: int
    standard: str
    viewing: str
    job: str
    sample: Sample
    geometry: str
    taken_at: datetime | None
    cells: Mapping[str, Cell] = field(default_factory=dict)


def recognises(content: bytes, file_name: str) -> bool:
    """Whether the workbook has the sheets of the instrument."""
    return {COLOUR, SPECTRA} <= set(sheet_names(content))


def read(content: bytes, file_name: str, options: ReadOptions = NOTHING_DECLARED) -> MeasurementFile:
    """Every sample of the workbook, its angle pairs in the order of the sheet.

    Notes
    -----
    The spectra are reflectance factors, 1 = perfect diffuser. A sample is a name with a date; the first whose name the
    header row STANDARD gives is the standard, all others are judged against it. The instrument's Lab are kept as its
    claim, under the illuminant and observer their columns declare. Texture images are not read.

    Raises
    ------
    MalformedFileError
        If a column, an angle pair or a number is missing or cannot be understood.
    UnsafeFileError
        If the workbook is damaged or unpacks to too much.
    """
    refuse_other_unit(options, "fraction", file_name)
    sheets = read_sheets(content, file_name)
    notes: list[str] = []
    for name in (COLOUR, SPECTRA):
        if name not in sheets:
            raise MalformedFileError(file_name, f"no sheet {name!r}", expected=f"{COLOUR!r} and {SPECTRA!r}")
    spectra = _by_sample(_rows(sheets[SPECTRA], SPECTRA, file_name))
    colours = _by_sample(_rows(sheets[COLOUR], COLOUR, file_name))
    textures = _by_sample(_rows(sheets.get(TEXTURE, []), TEXTURE, file_name))
    if not spectra:
        raise MalformedFileError(file_name, "no spectrum", where=f"sheet {SPECTRA!r}", expected="a row per angle pair")
    source = source_of(content, file_name, NAME)
    standards = _standards(spectra, notes)
    measurements = tuple(
        _measurement(rows, colours.get(sample, []), textures.get(sample, []), sample in standards, source, notes)
        for sample, rows in spectra.items()
    )
    refuse_contradicted_measurements(measurements, file_name)
    refuse_percent(measurements, options, file_name)
    if any(any(map(text_of, row)) for row in sheets.get(IMAGES, [])):
        notes.append(f"the sheet {IMAGES!r} is not read")
    without = [sample[0] for sample in colours if sample not in spectra]
    if without:
        notes.append(f"colour without a spectrum, left out: {', '.join(without)}")
    return MeasurementFile(NAME, measurements, tuple(dict.fromkeys(notes)))


def _rows(sheet: list[list[Cell]], name: str, file_name: str) -> Iterator[_Row]:
    """Data rows with what the header rows above them say; a job may follow another on one sheet."""
    header: dict[str, str] = {}
    columns: list[str] = []
    for line, cells in enumerate(sheet, start=1):
        first = text_of(cells[0]) if cells else ""
        where = f"sheet {name!r}, row {line}"
        if first.endswith(":"):
            if columns:
                header, columns = {}, []
            header[first[:-1].upper()] = printable(text_of(cells[1])) if len(cells) > 1 else ""
        elif first == KEYS[0]:
            columns = [printable(text_of(cell)) for cell in cells]
            missing = [key for key in KEYS if key not in columns]
            if missing:
                raise MalformedFileError(file_name, f"no column {missing[0]}", where=where, expected=", ".join(KEYS))
            named = [column for column in columns if column]
            twice = next((column for column in named if named.count(column) > 1), None)
            if twice:
                raise MalformedFileError(file_name, f"column {shortened(twice)} stands twice", where=where)
        elif any(text_of(cell) for cell in cells):
            if not columns:
                raise MalformedFileError(
                    file_name, shortened(first), where=where, expected="the row Name, Date/Time, …"
                )
            values = {column: cell for column, cell in zip(columns, cells, strict=True) if column}
            date = values["Date/Time"]
            yield _Row(
                line,
                header.get(STANDARD, ""),
                header.get(VIEWING, ""),
                header.get(JOB, ""),
                (printable(first), text_of(date)),
                printable(text_of(values["Geometry"])),
                time_of(date),
                values,
            )


def _by_sample(rows: Iterator[_Row]) -> dict[Sample, list[_Row]]:
    samples: dict[Sample, list[_Row]] = {}
    for row in rows:
        samples.setdefault(row.sample, []).append(row)
    return samples


def _standards(spectra: Mapping[Sample, list[_Row]], notes: list[str]) -> set[Sample]:
    """The standard of each job: the first measurement of the name that its header gives."""
    first: dict[tuple[str, str], Sample] = {}
    later: dict[str, int] = {}
    for sample, rows in spectra.items():
        job, standard = rows[0].job, rows[0].standard
        if standard and sample[0] == standard and first.setdefault((job, standard), sample) != sample:
            later[standard] = later.get(standard, 0) + 1
    notes += [
        f"{name} was measured {count + 1} times: the first is the standard, the others are samples judged against it"
        for name, count in later.items()
    ]
    return set(first.values())


def _measurement(
    rows: list[_Row],
    colours: list[_Row],
    textures: list[_Row],
    is_standard: bool,
    source: Source,
    notes: list[str],
) -> Measurement:
    file_name, first = source.file_name, rows[0]
    name, date = first.sample
    if not name:
        raise MalformedFileError(file_name, "no name", where=f"sheet {SPECTRA!r}, row {first.line}")
    for row in rows:
        if not is_directional(row.geometry):
            raise MalformedFileError(
                file_name,
                shortened(row.geometry),
                where=f"sheet {SPECTRA!r}, row {row.line}, column Geometry",
                expected="an angle pair such as 45as15",
            )
    wavelengths = {column: number(column) for column in first.cells if column not in KEYS}
    grid = grid_of([value for value in wavelengths.values() if value is not None], file_name, f"sheet {SPECTRA!r}")
    columns = [column for column, value in wavelengths.items() if value is not None]
    spectra = [[_value(row, column, SPECTRA, file_name) for column in columns] for row in rows]
    conditions = {"job": first.job} if first.job else {}
    if date and first.taken_at is None:
        conditions["date"] = date
    with placed(file_name, f"sheet {SPECTRA!r}, rows {first.line}–{rows[-1].line}"):
        geometry = directional([row.geometry for row in rows])
        return Measurement(
            sample=name,
            reflectance_factor=np.array(spectra),
            grid=grid,
            geometry=geometry,
            role="standard" if is_standard else "sample" if first.standard else "undeclared",
            standard=None if is_standard else first.standard or None,
            stated=_stated(rows, colours, file_name, notes),
            texture=_texture(textures, file_name, notes),
            taken_at=first.taken_at,
            conditions=conditions,
            source=source,
        )


def _value(row: _Row, column: str, sheet: str, file_name: str) -> float:
    cell = row.cells.get(column, "")  # a second job on the sheet may have other columns
    value = cell if isinstance(cell, float) else number(str(cell)) if not isinstance(cell, bool) else None
    if value is None or not abs(value) <= MAX_REFLECTANCE_FACTOR:
        raise MalformedFileError(
            file_name,
            shortened(text_of(cell)) if text_of(cell) else "nothing",
            where=f"sheet {sheet!r}, row {row.line}, column {column}",
            expected="a number",
        )
    return float(value)


def _stated(rows: list[_Row], colours: list[_Row], file_name: str, notes: list[str]) -> tuple[StatedColour, ...]:
    by_geometry = {row.geometry: row for row in colours}
    if len(by_geometry) != len(colours):
        twice = next(row for row in colours if by_geometry[row.geometry] is not row)
        raise MalformedFileError(
            file_name, f"the angle pair {twice.geometry} stands twice", where=f"sheet {COLOUR!r}, row {twice.line}"
        )
    if any(row.geometry not in by_geometry for row in rows):
        if colours:
            notes.append(f"{rows[0].sample[0]}: Lab of some angle pairs only, left out")
        return ()
    columns = [column for column in colours[0].cells if column not in KEYS]
    groups: dict[str, dict[str, str]] = {}
    for column in columns:
        axis, _, viewing = column.partition(" ")
        if axis in AXES:
            groups.setdefault(viewing.strip("() ") or colours[0].viewing, {})[axis] = column
    complete = {viewing: columns for viewing, columns in groups.items() if len(columns) == len(AXES)}
    # The viewing of the header row first: it is the one the instrument judged under.
    order = sorted(complete, key=lambda viewing: viewing != colours[0].viewing)
    values = [by_geometry[row.geometry] for row in rows]
    stated = []
    for viewing in order:
        if all(not text_of(row.cells.get(complete[viewing][axis], "")) for row in values for axis in AXES):
            continue
        Lab = [[_value(row, complete[viewing][axis], COLOUR, file_name) for axis in AXES] for row in values]
        illuminant, observer = illuminant_and_observer(viewing) or (None, None)
        if illuminant is None:
            notes.append("stored Lab without a declared illuminant")
        stated.append(StatedColour("Lab", frozen(Lab), illuminant, observer))
    return tuple(stated)


def _texture(rows: list[_Row], file_name: str, notes: list[str]) -> tuple[Texture, ...]:
    textures = []
    for row in rows:
        for column, cell in row.cells.items():
            if column in KEYS or not text_of(cell):
                continue
            value = number(str(cell))
            if value is None:
                notes.append(f"sheet {TEXTURE!r}, column {shortened(column)} is not of numbers, left out")
            else:
                textures.append(Texture(column, row.geometry, value))
    return tuple(textures)
