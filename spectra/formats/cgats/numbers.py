"""The numbers in the rows of a CGATS table: spectra with their wavelengths and unit, and stated colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import cast

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import MalformedFileError, WavelengthRangeError
from spectra.formats.base import MAX_REFLECTANCE_FACTOR, MAX_WAVELENGTH, MIN_WAVELENGTH, SCALE, ReflectanceUnit
from spectra.formats.cgats.fields import Fields
from spectra.formats.cgats.header import Header, wavelengths_of
from spectra.formats.cgats.text import Rows, Table
from spectra.formats.text import number, shortened
from spectra.formats.units import decide_unit, lightness, refuse_contradicted_unit
from spectra.wavelengths import WavelengthGrid, grid_of_nodes


@dataclass(slots=True)
class TableNumbers:
    """Reads the numbers of one table, block by block.

    Attributes
    ----------
    grid : WavelengthGrid or None
        Known after the first block.
    unit : {"percent", "fraction"} or None
        That was taken.
    decimal : str
        The mark the numbers have, "." or ","; empty while they have none.
    places : tuple of int
        Of the fields of colours, in the order of their columns.
    columns : dict of int to int
        Column of a field of a colour.
    """

    table: Table
    fields: Fields
    header: Header
    file_name: str
    notes: list[str]
    grid: WavelengthGrid | None = None
    unit: ReflectanceUnit | None = None
    decimal: str = ""
    places: tuple[int, ...] = ()
    columns: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.places = tuple(sorted({place for one in self.fields.colours for place in one.places}))
        self.columns = {place: column for column, place in enumerate(self.places)}

    def read(self, lines: list[int], rows: Rows) -> tuple[FloatArray, FloatArray]:
        """Spectra, shape (n_rows, n_wavelengths), and colours, shape (n_rows, n_places), NaN where none is stated.

        Raises
        ------
        MalformedFileError
        """
        colours = self._numbers(lines, rows, self.places, blank=True)
        spectra = self._spectra(lines, rows) if self.fields.spectral else np.empty((len(rows), 0))
        self._check_colours(lines, colours, spectra)
        return spectra, colours

    def _spectra(self, lines: list[int], rows: Rows) -> FloatArray:
        values = self._numbers(lines, rows, self.fields.spectral)
        if self.grid is None or self.fields.nm:
            self.grid = self._grid(lines, rows)
        if self.header.quantity is not None:
            return values
        unit = self.unit or self.header.unit
        if unit is None or self.header.unit is None:
            largest = float(np.abs(values).max())
            unit, note = decide_unit(self.header.unit, None, self.fields.stem in ("R", "R_"), largest, self.file_name)
            self.notes += [note] if note and self.unit is None else []
        self.unit = unit
        values *= SCALE[unit]
        if (np.abs(values) > MAX_REFLECTANCE_FACTOR).any():
            place = int(np.argmax(np.abs(values).max(axis=1)))
            raise self._refused(
                lines[place],
                f"a reflectance factor of {np.abs(values[place]).max():g}",
                f"at most {MAX_REFLECTANCE_FACTOR:g}",
            )
        return values

    def _grid(self, lines: list[int], rows: Rows) -> WavelengthGrid:
        fields, file_name = self.fields, self.file_name
        where = f"line {self.table.fields_line}"
        nodes: Sequence[float] = ()
        if fields.nm:
            where = f"line {lines[0]}"
            stated = self._numbers(lines, rows, fields.nm)
            nodes = stated[0].tolist() if self.grid is None else self.grid.wavelengths.tolist()
            odd = np.flatnonzero((stated != np.array(nodes)).any(axis=1))
            if odd.size:
                raise self._refused(lines[odd[0]], "other wavelengths than in the first row", "the same in all rows")
            if self.grid is not None:
                return self.grid
        else:
            nodes = wavelengths_of(self.table, fields, file_name)
        if min(nodes) < MIN_WAVELENGTH or max(nodes) > MAX_WAVELENGTH:
            raise MalformedFileError(
                file_name,
                f"wavelengths from {min(nodes):g} to {max(nodes):g} nm",
                where=where,
                expected=f"within {MIN_WAVELENGTH:g}–{MAX_WAVELENGTH:g} nm",
            )
        try:
            return grid_of_nodes(nodes)
        except WavelengthRangeError as error:
            raise MalformedFileError(file_name, str(error), where=where, expected="rising wavelengths") from error

    def _numbers(self, lines: list[int], rows: Rows, places: Sequence[int], *, blank: bool = False) -> FloatArray:
        """The numbers of some fields, shape (n_rows, n_fields); NaN where a cell may be empty and is."""
        if not places:
            return np.empty((len(rows), 0))
        shape = (len(rows), len(places))
        run = places[-1] - places[0] == len(places) - 1 and list(places) == sorted(places)
        take = itemgetter(slice(places[0], places[-1] + 1)) if run else itemgetter(*places)
        flat = list(chain.from_iterable(map(take, rows))) if run or len(places) > 1 else [take(row) for row in rows]
        joined = " ".join(flat)
        if "," in joined:
            self._set_decimal(lines, ",")
            if "." in joined:
                self._set_decimal(lines, ".")
            flat, joined = [text.replace(",", ".") for text in flat], joined.replace(",", ".")
        elif self.decimal != "." and "." in joined:
            self._set_decimal(lines, ".")
        if joined.isascii() and "_" not in joined:
            try:
                values = np.array(list(map(float, flat)))
            except ValueError:
                pass
            else:
                if np.isfinite(values).all():
                    return values.reshape(shape)
        numbers = [np.nan if blank and not text.strip() else number(text) for text in flat]
        if None in numbers:
            place = numbers.index(None)
            raise self._refused(
                lines[place // len(places)],
                shortened(flat[place]) if flat[place].strip() else "nothing",
                "a number",
                self.fields.names[places[place % len(places)]],
            )
        return np.array(numbers, dtype=np.float64).reshape(shape)

    def _set_decimal(self, lines: list[int], mark: str) -> None:
        if self.decimal not in ("", mark):
            raise MalformedFileError(
                self.file_name,
                "decimal points and decimal commas",
                where=f"lines {lines[0]}–{lines[-1]}",
                expected="one of them throughout, and no thousands separators",
            )
        self.decimal = mark

    def _check_colours(self, lines: list[int], colours: FloatArray, spectra: FloatArray) -> None:
        given = ~np.isnan(colours)
        covered = np.zeros_like(given)
        for one in self.fields.colours:
            triple = [self.columns[place] for place in one.places]
            covered[:, triple] |= given[:, triple].all(axis=1, keepdims=True)
        lone = np.flatnonzero((given & ~covered).any(axis=1))
        if lone.size:
            raise self._refused(
                lines[lone[0]], "a colour of which a part is missing", "all of its coordinates, or none"
            )
        if not self.fields.spectral or self.header.quantity is not None or not self.fields.colours:
            return
        one = self.fields.colours[0]
        stated = lightness(one.space, colours[:, [self.columns[place] for place in one.places]])
        known = ~np.isnan(stated)
        refuse_contradicted_unit(
            spectra[known],
            cast("WavelengthGrid", self.grid).wavelengths,
            stated[known],
            self.file_name,
            f"lines {lines[0]}–{lines[-1]}",
        )

    def _refused(self, line: int, found: str, expected: str, name: str = "") -> MalformedFileError:
        where = f"line {line}, field {name[:40]}" if name else f"line {line}"
        return MalformedFileError(self.file_name, found, where=where, expected=expected)
