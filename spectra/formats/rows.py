"""Rows of a table become measurements: angles and repeat readings of one sample are gathered."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import numpy as np

from spectra.arrays import FloatArray, frozen
from spectra.errors import MalformedFileError, UnsafeFileError
from spectra.formats.base import (
    MAX_REFLECTANCE_FACTOR,
    SCALE,
    MeasurementFile,
    ReadOptions,
    ReflectanceUnit,
    placed,
)
from spectra.formats.columns import Columns, understand
from spectra.formats.declared import illuminant_and_observer, single_geometry
from spectra.formats.text import number, printable, shortened
from spectra.formats.units import REMEDY, decide_unit, refuse_contradicted_unit
from spectra.geometry import UNDECLARED, Geometry, canonical, directional, is_directional
from spectra.measurement import Measurement, average_readings
from spectra.stated import Role, Source, StatedColour

MAX_ROWS = 200_000
MAX_COLUMNS = 2000
_PLAIN = re.compile(r"[0-9eE+.\- ]*", re.ASCII)  # keeps float() from nan, inf and 1_000
_UNIT_WORDS: dict[str, ReflectanceUnit] = {
    "%": "percent",
    "percent": "percent",
    "0-100": "percent",
    "1": "fraction",
    "fraction": "fraction",
    "factor": "fraction",
    "0-1": "fraction",
}


@dataclass(slots=True)
class _Row:
    line: int
    cells: list[str]
    numbers: FloatArray  # the spectrum, then the colour where the row states one
    geometry: Geometry | None  # a sphere, 45:0 or undeclared; None for an angle pair
    token: str
    scale: float = 1.0


def measurements_of_rows(
    header: list[str],
    rows: Iterable[tuple[int, list[str]]],
    source: Source,
    options: ReadOptions,
    *,
    where: str,
    decimal_comma: bool,
    notes: list[str],
    first_line: int,
) -> MeasurementFile:
    """Measurements of the rows of a table, in the order in which their samples first appear.

    Rows of the same sample, standard and role are one measurement: angle pairs become its angles, repeats of the same
    geometry become its readings and their mean the reflectance factor. Without a column of sample names every row is a
    measurement of its own. Columns that are not understood are kept verbatim as conditions; values that differ between
    the rows of one measurement are joined by "; ".

    Parameters
    ----------
    header : list of str
    rows : iterable of (line number, cells)
    source : Source
    options : ReadOptions
    where : str
        What a row is called in messages: "line", "row".
    decimal_comma : bool
        Whether a comma may stand for the decimal point.
    notes : list of str
        Notes made so far; continued.
    first_line : int
        Of the headings.

    Raises
    ------
    MalformedFileError
    UnsafeFileError
    """
    file_name = source.file_name
    if len(header) > MAX_COLUMNS:
        raise UnsafeFileError(file_name, f"{len(header)} columns", expected=f"at most {MAX_COLUMNS}")
    columns = understand(header, file_name, f"{where} {first_line}")
    table = _table(columns, rows, file_name, where, decimal_comma)
    if not table:
        raise MalformedFileError(
            file_name, "headings without rows", where=f"{where} {first_line}", expected="a row per reading"
        )
    spectra = np.array([row.numbers[: columns.grid.count] for row in table])
    spectra *= _scales(columns, table, spectra, options, file_name, where, notes)[:, np.newaxis]
    if (np.abs(spectra) > MAX_REFLECTANCE_FACTOR).any():
        row = table[int(np.argmax(np.abs(spectra).max(axis=1)))]
        raise MalformedFileError(
            file_name,
            f"a reflectance factor of {np.abs(spectra).max():g}",
            where=f"{where} {row.line}",
            expected=f"at most {MAX_REFLECTANCE_FACTOR:g}",
        )
    if columns.space == "Lab":
        lit = [place for place, row in enumerate(table) if len(row.numbers) > columns.grid.count]
        L = [table[place].numbers[columns.grid.count] for place in lit]
        refuse_contradicted_unit(spectra[lit], columns.grid.wavelengths, L, file_name, "")
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, row in enumerate(table):
        groups.setdefault(_group(columns, row), []).append(place)
    measurements = []
    for places in groups.values():
        members = [table[place] for place in places]
        with placed(file_name, f"{where} {members[0].line}"):
            measurements.append(_measurement(columns, members, spectra[places], source, where, notes))
    if "sample" not in columns.known:
        notes.append(f"no column names the samples: each is called by its {where}")
    if any(colour.illuminant is None for m in measurements for colour in m.stated):
        notes.append(f"stored {columns.space} without a declared illuminant")
    if all(m.geometry is UNDECLARED for m in measurements):
        notes.append("geometry not declared")
    return MeasurementFile(source.format, tuple(measurements), tuple(notes))


def _table(
    columns: Columns, rows: Iterable[tuple[int, list[str]]], file_name: str, where: str, decimal_comma: bool
) -> list[_Row]:
    table: list[_Row] = []
    marks: set[str] = set()
    width = len(columns.titles)
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(table) == MAX_ROWS:
            raise UnsafeFileError(file_name, f"more than {MAX_ROWS} rows", remedy="Split the file")
        if len(cells) < width or any(cell.strip() for cell in cells[width:]):
            raise MalformedFileError(
                file_name, f"{len(cells)} cells", where=f"{where} {line}", expected=f"{width}, one under each heading"
            )
        places = [*columns.spectral]
        if any(cells[place].strip() for place in columns.colour):
            places += columns.colour
        texts = [cells[place] for place in places]
        joined = " ".join(texts)
        marks.update(mark for mark in ".," if mark in joined)
        if decimal_comma and "," in joined:
            if "." in joined or len(marks) > 1:
                raise MalformedFileError(
                    file_name,
                    "decimal points and decimal commas",
                    where=f"{where} {line}",
                    expected="one of them throughout, and no thousands separators",
                )
            texts = [text.replace(",", ".") for text in texts]
            joined = joined.replace(",", ".")
        numbers = _numbers(texts, joined, places, columns, file_name, f"{where} {line}")
        geometry, token = _geometry(columns, cells, file_name, f"{where} {line}")
        for place in columns.spectral:
            cells[place] = ""  # a long table is kept once, as numbers
        table.append(_Row(line, cells, np.array(numbers), geometry, token))
    return table


def _numbers(
    texts: list[str], joined: str, places: list[int], columns: Columns, file_name: str, where: str
) -> list[float]:
    if _PLAIN.fullmatch(joined):
        try:
            numbers = list(map(float, texts))
        except ValueError:
            numbers = []
        if numbers and all(map(np.isfinite, (min(numbers), max(numbers)))):
            return numbers
    for text, place in zip(texts, places, strict=True):
        if number(text) is None:
            raise MalformedFileError(
                file_name,
                shortened(text) if text.strip() else "nothing",
                where=f"{where}, column {shortened(columns.titles[place])}",
                expected="a number",
            )
    return [cast("float", number(text)) for text in texts]


def _geometry(columns: Columns, cells: list[str], file_name: str, where: str) -> tuple[Geometry | None, str]:
    place = columns.known.get("geometry")
    text = "" if place is None else cells[place].strip()
    if not text or text == UNDECLARED.name:
        return UNDECLARED, UNDECLARED.name
    if is_directional(text):
        with placed(file_name, where):
            return None, canonical(text)
    geometry = single_geometry(text)
    if geometry is None:
        raise MalformedFileError(
            file_name,
            shortened(text),
            where=f"{where}, column {shortened(columns.titles[cast('int', place)])}",
            expected="an angle pair such as 45as15, or d/8 SCI, d/8 SCE, d/8, 45:0",
        )
    return geometry, geometry.name


def _scales(
    columns: Columns,
    table: list[_Row],
    spectra: FloatArray,
    options: ReadOptions,
    file_name: str,
    where: str,
    notes: list[str],
) -> FloatArray:
    place = columns.known.get("unit")
    words = ["" if place is None else row.cells[place].strip().lower() for row in table]
    if not any(words):
        largest = float(np.abs(spectra).max())
        unit, note = decide_unit(columns.unit, options.reflectance_unit, columns.symbol_R, largest, file_name)
        notes += [note] if note else []
        return np.full(len(table), SCALE[unit])
    scales = []
    for row, word in zip(table, words, strict=True):
        unit_of_row = _UNIT_WORDS.get(word)
        others = {columns.unit, options.reflectance_unit} - {None, unit_of_row}
        if unit_of_row is None or others:
            raise MalformedFileError(
                file_name,
                f"unit {shortened(word)}",
                where=f"{where} {row.line}",
                expected="the unit declared elsewhere" if others and unit_of_row else "percent or fraction",
                remedy=REMEDY,
            )
        scales.append(SCALE[unit_of_row])
    return np.array(scales)


def _group(columns: Columns, row: _Row) -> tuple[str, ...]:
    if "sample" not in columns.known:
        return (str(row.line),)
    kind = "angle pairs" if row.geometry is None else row.geometry.name
    return (*(_cell(columns, row, key) for key in ("sample", "standard", "role")), kind)


def _cell(columns: Columns, row: _Row, key: str) -> str:
    place = columns.known.get(key)
    return "" if place is None else printable(row.cells[place])


def _measurement(
    columns: Columns, rows: list[_Row], spectra: FloatArray, source: Source, where: str, notes: list[str]
) -> Measurement:
    file_name, first = source.file_name, rows[0]
    sample = _cell(columns, first, "sample") if "sample" in columns.known else f"{where} {first.line}"
    if not sample:
        raise MalformedFileError(file_name, "no sample name", where=f"{where} {first.line}")
    by_token: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        by_token.setdefault(row.token, []).append(place)
    counts = {len(places) for places in by_token.values()}
    n_readings = counts.pop() if len(counts) == 1 else 0
    if n_readings == 0:
        notes.append(f"{sample}: the angle pairs have different numbers of readings; only their means are kept")
    readings = (
        frozen([spectra[list(places)] for places in zip(*by_token.values(), strict=True)]) if n_readings > 1 else None
    )
    role, standard = _cell(columns, first, "role").lower(), _cell(columns, first, "standard")
    if role not in ("", "standard", "sample", "undeclared"):
        raise MalformedFileError(
            file_name,
            f"role {shortened(role)}",
            where=f"{where} {first.line}",
            expected="standard, sample or undeclared",
        )
    date = _date(_cell(columns, first, "date"))
    return Measurement(
        sample=sample,
        reflectance_factor=frozen([average_readings(spectra[places]) for places in by_token.values()]),
        grid=columns.grid,
        geometry=directional(list(by_token)) if first.geometry is None else first.geometry,
        role=cast("Role", role or "undeclared"),
        standard=standard if standard not in ("", "-") else None,
        readings=readings,
        stated=_stated(columns, rows, by_token, n_readings, sample, notes),
        taken_at=date,
        instrument=_cell(columns, first, "instrument") or None,
        conditions=_conditions(columns, rows, keep_date=date is None),
        source=source,
    )


def _stated(
    columns: Columns, rows: list[_Row], by_token: dict[str, list[int]], n_readings: int, sample: str, notes: list[str]
) -> tuple[StatedColour, ...]:
    n = columns.grid.count
    if columns.space is None or not any(len(row.numbers) > n for row in rows):
        return ()
    if n_readings != 1 or any(len(row.numbers) == n for row in rows):
        notes.append(f"{sample}: stated colours of single readings or of some angles only, not kept")
        return ()
    viewings = {columns.viewing or _viewing(columns, row) for row in rows}
    if len(viewings) > 1:
        notes.append(f"{sample}: stated colours under different illuminants, not kept")
        return ()
    illuminant, observer = viewings.pop() or (None, None)
    values = [rows[places[0]].numbers[n:] for places in by_token.values()]
    return (StatedColour(columns.space, frozen(values), illuminant, observer),)


def _viewing(columns: Columns, row: _Row) -> tuple[str, str] | None:
    text = _cell(columns, row, "viewing") or f"{_cell(columns, row, 'illuminant')}/{_cell(columns, row, 'observer')}"
    return illuminant_and_observer(text)


def _conditions(columns: Columns, rows: list[_Row], *, keep_date: bool) -> dict[str, str]:
    places = dict(columns.others)
    for key in ("viewing", "illuminant", "observer", *(("date",) if keep_date else ())):
        if key in columns.known:
            places[columns.titles[columns.known[key]]] = columns.known[key]
    conditions = {}
    for title, place in places.items():
        text = "; ".join(dict.fromkeys(clean for row in rows if (clean := printable(row.cells[place]))))
        if text:
            conditions[printable(title)] = text
    return conditions


def _date(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
