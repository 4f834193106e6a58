"""Rows of a table become measurements: angles and repeat readings of one sample are gathered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import MalformedFileError, UnsafeFileError
from spectra.formats.base import MAX_REFLECTANCE_FACTOR, SCALE, MeasurementFile, ReadOptions, ReflectanceUnit
from spectra.formats.table.columns import Columns, understand
from spectra.formats.table.groups import Gathering
from spectra.formats.table.numbers import Block, BoolArray, joined
from spectra.formats.table.spectra import SpectraBlock, refuse_too_many, spectra_of
from spectra.formats.text import shortened
from spectra.formats.units import REMEDY, decide_unit, lightness, refuse_contradicted_unit, too_dark_for_percent
from spectra.geometry import UNDECLARED
from spectra.measurement import Measurement
from spectra.stated import ColourReading, Source
from spectra.wavelengths import WavelengthGrid

MAX_ROWS = 200_000
MAX_COLUMNS = 2000
UNIT_WORDS: dict[str, ReflectanceUnit] = {
    "%": "percent",
    "percent": "percent",
    "0-100": "percent",
    "1": "fraction",
    "fraction": "fraction",
    "factor": "fraction",
    "0-1": "fraction",
}


def understood(header: Sequence[str], file_name: str, where: str) -> Columns:
    """The columns of a table that is not too wide.

    Raises
    ------
    MalformedFileError
    UnsafeFileError
    """
    if len(header) > MAX_COLUMNS:
        raise UnsafeFileError(file_name, f"{len(header)} columns", expected=f"at most {MAX_COLUMNS}")
    return understand(header, file_name, where)


def measurements_of_blocks(
    columns: Columns,
    blocks: Iterable[Block],
    source: Source,
    options: ReadOptions,
    *,
    where: str,
    header_at: str,
    notes: list[str],
) -> MeasurementFile:
    """Measurements of the rows of a table, in the order in which their samples first appear.

    Rows of the same sample, standard, role, kind of geometry and declarations are one measurement: angle pairs become
    its angles, repeats of the same geometry become its readings and their mean the reflectance factor. Repeats that
    another column tells apart are measurements of their own (`spectra.formats.table.apart.separating`). Rows that state
    a colour and have no spectrum become colour readings. Without a column of sample names every row is a measurement of
    its own. Columns that are not understood are kept verbatim as conditions; values that differ between the rows of one
    measurement are joined by "; ".

    Parameters
    ----------
    columns : Columns
    blocks : iterable of Block
    source : Source
    options : ReadOptions
    where : str
        What a row is called in messages: "line", "row".
    header_at : str
        Where the headings stand.
    notes : list of str
        Notes made so far; continued.

    Raises
    ------
    MalformedFileError
    UnsafeFileError
    """
    table = list(_bounded(columns, blocks, source.file_name))
    if not table:
        raise MalformedFileError(
            source.file_name, "headings without rows", where=header_at, expected="a row per reading"
        )
    measurements, colours = gather(columns, joined(table), source, options, where=where, notes=notes)
    if columns.layout != "down" and "sample" not in columns.known:
        notes.append(f"no column names the samples: each is called by its {where}")
    read: list[Measurement | ColourReading] = [*measurements, *colours]
    undeclared = {colour.space for one in read for colour in one.stated if colour.illuminant is None}
    notes += [f"stored {space} without a declared illuminant" for space in sorted(undeclared)]
    if all(one.geometry is UNDECLARED for one in read):
        notes.append("geometry not declared")
    notes += [f"uneven wavelengths: {grid}" for grid in {str(m.grid): None for m in measurements if m.grid.nodes}]
    return MeasurementFile(source.format, tuple(measurements), tuple(notes), colours=tuple(colours))


def gather(
    columns: Columns, table: Block, source: Source, options: ReadOptions, *, where: str, notes: list[str]
) -> tuple[list[Measurement], list[ColourReading]]:
    """Measurements and colour readings of rows that hold their samples whole, each in order of first appearance.

    Raises
    ------
    MalformedFileError
    """
    gathering = Gathering(source, where, notes, by_date=options.by_date)
    for block in spectra_of(columns, table, source.file_name, where, notes):
        grid = block.grid
        if grid is None or not (measured := ~np.isnan(block.rows.numbers[:, 0])).any():
            gathering.add(block, np.zeros(len(block.rows.lines), dtype=bool))
            continue
        spectra = _scaled(block, grid, measured, options, source.file_name, where, notes)
        gathering.add(SpectraBlock(block.columns, grid, replace(block.rows, numbers=spectra)), measured)
    gathering.note()
    return gathering.measurements(), gathering.colours()


def _bounded(columns: Columns, blocks: Iterable[Block], file_name: str) -> Iterator[Block]:
    n_rows = 0
    for block in blocks:
        n_rows += len(block.lines)
        if n_rows > MAX_ROWS:
            raise UnsafeFileError(file_name, f"more than {MAX_ROWS} rows", remedy="Split the file, or stream it")
        if columns.layout == "down":
            refuse_too_many(columns, n_rows, file_name)
        yield block


def _scaled(
    block: SpectraBlock,
    grid: WavelengthGrid,
    measured: BoolArray,
    options: ReadOptions,
    file_name: str,
    where: str,
    notes: list[str],
) -> FloatArray:
    """Reflectance factors, by the unit that is declared; refused where stated lightness contradicts it."""
    columns, rows = block.columns, block.rows
    largest = float(np.nanmax(np.abs(rows.numbers)))
    spectra = rows.numbers * _scales(columns, rows, measured.tolist(), largest, options, file_name, where, notes)
    if not largest <= MAX_REFLECTANCE_FACTOR and (worst := float(np.nanmax(np.abs(spectra)))) > MAX_REFLECTANCE_FACTOR:
        row = int(np.argmax((np.abs(spectra) > MAX_REFLECTANCE_FACTOR).any(axis=1)))
        raise MalformedFileError(
            file_name,
            f"a reflectance factor of {worst:g}",
            where=f"{where} {rows.lines[row]}",
            expected=f"at most {MAX_REFLECTANCE_FACTOR:g}",
        )
    for named, values in zip(columns.colours, rows.colours, strict=True):
        L = lightness(named.space, values)
        lit = measured & ~np.isnan(L)
        refuse_contradicted_unit(spectra[lit], grid.wavelengths, L[lit], file_name, "")
    return spectra


def _scales(
    columns: Columns,
    rows: Block,
    measured: list[bool],
    largest: float,
    options: ReadOptions,
    file_name: str,
    where: str,
    notes: list[str],
) -> FloatArray | float:
    place = columns.known.get("unit")
    words = (
        [] if place is None else [text if one else "" for text, one in zip(rows.texts[place], measured, strict=True)]
    )
    scale_of: dict[str, float] = {}
    if not any(word.strip() for word in set(words)):
        unit, note = decide_unit(columns.unit, options.reflectance_unit, columns.symbol_R, largest, file_name)
        notes[:0] = [note] if note and note not in notes else []
        return SCALE[unit]
    for word in dict.fromkeys(word for word, one in zip(words, measured, strict=True) if one):
        unit_of_row = UNIT_WORDS.get(word.strip().lower())
        others = {columns.unit, options.reflectance_unit} - {None, unit_of_row}
        if unit_of_row is None or others:
            row = next(row for row, text in enumerate(words) if text == word and measured[row])
            raise MalformedFileError(
                file_name,
                f"unit {shortened(word)}",
                where=f"{where} {rows.lines[row]}",
                expected="the unit declared elsewhere" if others and unit_of_row else "percent or fraction",
                remedy=REMEDY,
            )
        scale_of[word] = SCALE[unit_of_row]
    percent = [scale_of.get(word) == SCALE["percent"] for word in words]
    if any(percent):
        note = too_dark_for_percent(float(np.nanmax(np.abs(rows.numbers[percent]))), in_file=True)
        notes[:0] = [note] if note and note not in notes else []
    return np.array([[scale_of.get(word, np.nan)] for word in words])
