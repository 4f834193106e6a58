"""Rows of CGATS tables become measurements, colour readings and spectra, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, cast

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import MalformedFileError, MeasurementError, UnsafeFileError
from spectra.formats.base import (
    ReadOptions,
    placed,
)
from spectra.formats.cgats.fields import Fields, condition_of, understand
from spectra.formats.cgats.header import AIMS, Header, backing_of, understand_header
from spectra.formats.cgats.numbers import TableNumbers
from spectra.formats.cgats.text import CgatsLines, Rows, Table
from spectra.formats.declared import single_geometry
from spectra.formats.text import number, printable, shortened
from spectra.geometry import UNDECLARED, Geometry, canonical, directional, is_directional
from spectra.light import SpectralDistribution
from spectra.measurement import MEASUREMENT_CONDITIONS, Declared, Measurement, MeasurementCondition, average_readings
from spectra.stated import ColourReading, Role, Source, StatedColour
from spectra.wavelengths import WavelengthGrid

MAX_GROUP = 20_000  # rows of one sample: angles and readings
MAX_NAMES = 200_000  # among which a repeated one is noticed
_ROLES = ("standard", "sample", "undeclared")
_YES_NO = {"yes": True, "no": False}
_NAMING = {"name": "SAMPLE_NAME", "identifier": "SAMPLE_ID", "location": "SAMPLE_LOC"}
_DECLARED = {"condition", "backing", "bandpass", "bandpass corrected"}
_FACTS = _DECLARED | {"role", "standard", "date", "instrument"}
Record = Measurement | ColourReading | SpectralDistribution


class _Row(NamedTuple):
    line: int
    cells: list[str]
    spectrum: FloatArray  # shape (1, n_wavelengths)
    colours: FloatArray  # shape (n_colour_fields,), NaN where the row states none
    token: str  # angle pair; empty for the other geometries
    geometry: Geometry


def records(lines: CgatsLines, source: Source, options: ReadOptions, notes: list[str]) -> Iterator[Record]:
    """Everything the tables hold, in their order.

    Notes
    -----
    Every row is a sample of its own, also where a name or an identifier stands more than once: nothing says whether
    such rows are repeat readings. A field GEOMETRY or READING says it: then rows that follow each other and have the
    same name, identifier, standard and role are the angles and readings of one measurement.

    Raises
    ------
    MalformedFileError
    UnsafeFileError
    """
    while (table := lines.next_table()) is not None:
        where = f"line {table.fields_line}"
        fields = understand(table.fields, source.file_name, where)
        if not fields.spectral and not fields.colours:
            notes.append(f"table {table.number} has no field of a spectrum or a colour; left out")
            for _ in lines.blocks(table, fields.kinds):
                pass
            continue
        header = understand_header(table, fields, options, source.file_name)
        numbers_of = TableNumbers(table, fields, header, source.file_name, notes)
        reader = _TableReader(table, fields, header, source, notes, numbers_of)
        for numbers, rows in lines.blocks(table, fields.kinds):
            if rows:
                yield from filter(None, reader.read(numbers, rows))
        yield from filter(None, reader.rest())
        reader.note_what_was_not_declared()


@dataclass(slots=True)
class _TableReader:
    table: Table
    fields: Fields
    header: Header
    source: Source
    notes: list[str]
    numbers: TableNumbers
    naming: list[tuple[str, int]] = field(default_factory=list)  # the fields that name a sample, the best first
    others: list[tuple[str, int]] = field(default_factory=list)
    wordy: list[str] = field(default_factory=list)  # known fields whose words may say nothing to us
    has_facts: bool = False
    gathers: bool = False
    group: list[_Row] = field(default_factory=list)
    group_key: tuple[str, ...] = ()
    seen: set[tuple[str, str]] = field(default_factory=set)
    n_rows: int = 0
    n_blank: int = 0
    names: set[str] = field(default_factory=set)
    repeated: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        known = self.fields.known
        self.naming = [(title, known[role]) for role, title in _NAMING.items() if role in known]
        self.others = self.fields.others
        if self.header.quantity is not None and self.fields.spectral:
            taken = {*self.fields.spectral, *self.fields.nm, *(place for _, place in self.naming)}
            names = enumerate(self.fields.names)
            self.others = [(condition_of(name), place) for place, name in names if place not in taken]
        self.wordy = [role for role in _UNDERSTOOD if role in known]
        self.has_facts = bool(_FACTS & known.keys())
        self.gathers = "geometry" in known or "reading" in known

    def read(self, lines: list[int], rows: Rows) -> Iterator[Record | None]:
        """The records of a block of rows."""
        spectra, colours = self.numbers.read(lines, rows)
        self.n_rows += len(rows)
        above = self._geometry_above
        if not self.gathers:
            for line, cells, spectrum, colour in zip(lines, rows, spectra[:, np.newaxis], colours, strict=True):
                yield self._record([_Row(line, cells, spectrum, colour, *above)])
            return
        for line, cells, spectrum, colour in zip(lines, rows, spectra[:, np.newaxis], colours, strict=True):
            token, geometry = self._geometry(line, cells)
            row = _Row(line, cells, spectrum, colour, token, geometry)
            key, spot = self._key(row), (token, self._cell(row, "reading"))
            if self.group and (key != self.group_key or spot in self.seen):
                yield from self._gathered()
            self.group_key = key
            self.group.append(row)
            self.seen.add(spot)
            if len(self.group) > MAX_GROUP:
                raise UnsafeFileError(self.source.file_name, f"more than {MAX_GROUP} rows of one sample")

    @property
    def _geometry_above(self) -> tuple[str, Geometry]:
        geometry = self.header.geometry
        return (geometry.tokens[0] if geometry.kind == "directional" else ""), geometry

    def rest(self) -> Iterator[Record | None]:
        """What the last rows hold."""
        if self.group:
            yield from self._gathered()

    def note_what_was_not_declared(self) -> None:
        """Say once for the table what its reader must know."""
        table, header, name = self.table, self.header, f"table {self.table.number}"
        if not self.n_rows:
            self.notes.append(f"{name} has no rows")
            return
        if header.viewing == (None, None) and any(one.viewing is None for one in self.fields.colours):
            self.notes.append(f"{name}: stated colours without a declared illuminant and observer")
        if header.geometry is UNDECLARED and "geometry" not in self.fields.known:
            self.notes.append(f"{name}: geometry not declared")
        if header.quantity:
            self.notes.append(f"{name}: measured is {header.quantity}, not reflectance")
        if table.identifier in AIMS:
            self.notes.append(f"{name}: the colours of a {table.identifier} file are aims of a target, not measured")
        if table.joined:
            self.notes.append(f"{name}: {table.joined} names with blanks and without quotation marks")
        if self.numbers.decimal == ",":
            self.notes.append(f"{name}: the numbers have decimal commas")
        if not {"name", "identifier", "location"} & {*self.fields.known}:
            self.notes.append(f"{name}: no field names the samples: each is called by its line")
        if self.n_blank:
            self.notes.append(f"{name}: {self.n_blank} samples state no colour; left out")
        if self.repeated:
            first = shortened(self.repeated[0])
            self.notes.append(
                f"{name}: {len(self.repeated)} rows have a name that stood before, the first {first}: "
                "each is kept as a sample of its own"
            )

    def _refused(self, line: int, found: str, expected: str, name: str = "") -> MalformedFileError:
        where = f"line {line}, field {name[:40]}" if name else f"line {line}"
        return MalformedFileError(self.source.file_name, found, where=where, expected=expected)

    def _cell(self, row: _Row, role: str) -> str:
        place = self.fields.known.get(role)
        return "" if place is None else printable(row.cells[place])

    def _geometry(self, line: int, cells: list[str]) -> tuple[str, Geometry]:
        place = self.fields.known.get("geometry")
        text = "" if place is None else cells[place].strip()
        if not text or text == UNDECLARED.name:
            return self._geometry_above
        if is_directional(text):
            with placed(self.source.file_name, f"line {line}"):
                return canonical(text), UNDECLARED
        single = single_geometry(text)
        if single is None:
            raise self._refused(
                line, shortened(text), "an angle pair such as 45as15, or d/8 SCI, d/8 SCE, d/8, 45:0", "GEOMETRY"
            )
        return "", single

    def _key(self, row: _Row) -> tuple[str, ...]:
        kind = "angle pairs" if row.token else row.geometry.name
        return (*(self._cell(row, role) for role in ("name", "identifier", "location", "standard", "role")), kind)

    def _gathered(self) -> Iterator[Record | None]:
        """The rows gathered so far: one record, or one each where not every reading has every angle."""
        group = self.group
        self.group, self.seen = [], set()
        readings: dict[str, list[_Row]] = {}
        for row in group:
            readings.setdefault(self._cell(row, "reading"), []).append(row)
        first = [row.token for row in next(iter(readings.values()))]
        is_reflectance = self.header.quantity is None or not self.fields.spectral
        if is_reflectance and all([row.token for row in rows] == first for rows in readings.values()):
            yield self._record(group, len(readings))
            return
        if is_reflectance:
            self.notes.append(
                f"line {group[0].line}: readings that do not have the same angles; each row is kept by itself"
            )
        for row in group:
            yield self._record([row])

    def _record(self, rows: list[_Row], n_readings: int = 1) -> Record | None:
        row, header = rows[0], self.header
        name, conditions = self._name_and_conditions(rows)
        grid = cast("WavelengthGrid", self.numbers.grid)
        if header.quantity is not None and self.fields.spectral:
            return SpectralDistribution(
                name, header.quantity, row.spectrum[0], grid, header.unit or "", conditions, self.source
            )
        n_angles = len(rows) // n_readings
        angles = rows if n_readings == 1 else rows[:n_angles]
        geometry = directional([one.token for one in angles]) if row.token else row.geometry
        stated = self._stated(angles) if self.fields.colours else ()
        role, standard, taken_at, instrument, declared = self._facts(row)
        try:
            if not self.fields.spectral:
                if not stated:
                    self.n_blank += 1
                    return None
                return ColourReading(
                    name,
                    stated,
                    geometry,
                    role,
                    standard,
                    taken_at=taken_at,
                    instrument=instrument,
                    conditions=conditions,
                    source=self.source,
                )
            readings, spectra = None, row.spectrum
            if len(rows) > 1:
                stack = np.concatenate([one.spectrum for one in rows]).reshape(n_readings, n_angles, -1)
                readings = stack if n_readings > 1 else None
                spectra = average_readings(stack) if n_readings > 1 else stack[0]
            return Measurement(
                name,
                spectra,
                grid,
                geometry,
                role,
                standard,
                readings=readings,
                declared=declared,
                stated=stated,
                taken_at=taken_at,
                instrument=instrument,
                conditions=conditions,
                source=self.source,
            )
        except MeasurementError as error:
            raise MalformedFileError(self.source.file_name, str(error)[:200], where=f"line {row.line}") from error

    def _name_and_conditions(self, rows: list[_Row]) -> tuple[str, dict[str, str]]:
        """What the sample is called; the fields that identify it otherwise, and all that are not understood."""
        row, name, own = rows[0], "", {}
        for title, place in self.naming:
            text = printable(row.cells[place])
            if not name:
                name = text
            elif text:
                own[title] = text
        if name and len(self.names) < MAX_NAMES:
            if name in self.names:
                self.repeated.append(name)
            self.names.add(name)
        for title, place in self.others:
            if len(rows) == 1:
                text = printable(row.cells[place])
            else:
                text = "; ".join(dict.fromkeys(clean for one in rows if (clean := printable(one.cells[place]))))
            if text:
                own[title] = text
        for role in self.wordy:
            if (text := self._cell(row, role)) and not _UNDERSTOOD[role](text):
                own[self.fields.names[self.fields.known[role]]] = text
        return name or f"line {row.line}", {**self.header.conditions, **own} if own else self.header.conditions

    def _facts(self, row: _Row) -> tuple[Role, str | None, datetime | None, str | None, Declared]:
        """Role, standard, time, instrument and how it was measured: by its own fields, else by the keywords above."""
        known, header = self.fields.known, self.header.declared
        if not self.has_facts:
            return "undeclared", None, None, self.header.instrument, header
        role, declared = self._cell(row, "role").lower(), header
        if _DECLARED & known.keys():
            condition = self._cell(row, "condition").upper()
            corrected = _YES_NO.get(self._cell(row, "bandpass corrected").lower())
            bandpass = number(self._cell(row, "bandpass"))
            with placed(self.source.file_name, f"line {row.line}"):
                declared = Declared(
                    cast("MeasurementCondition", condition) if _is_condition(condition) else header.condition,
                    header.bandpass_nm if bandpass is None else bandpass,
                    header.bandpass_corrected if corrected is None else corrected,
                    backing_of(self._cell(row, "backing")) or header.backing,
                )
        return (
            cast("Role", role) if role in _ROLES else "undeclared",
            self._cell(row, "standard") or None,
            _date(self._cell(row, "date")),
            self._cell(row, "instrument") or self.header.instrument,
            declared,
        )

    def _stated(self, rows: list[_Row]) -> tuple[StatedColour, ...]:
        stated = []
        for one in self.fields.colours:
            triple = [self.numbers.columns[place] for place in one.places]
            values = np.array([row.colours[triple] for row in rows])
            gaps = np.isnan(values).any(axis=1)
            if not gaps.all():
                values[gaps] = np.nan
                stated.append(StatedColour(one.space, values, *(one.viewing or self.header.viewing)))
        return tuple(stated)


def _date(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _is_condition(text: str) -> bool:
    return text.upper() in MEASUREMENT_CONDITIONS


# Words of these fields that say nothing to us are kept as conditions.
_UNDERSTOOD: dict[str, Callable[[str], object]] = {
    "role": lambda text: text.lower() in _ROLES,
    "date": _date,
    "condition": _is_condition,
    "bandpass": lambda text: number(text) is not None,
    "bandpass corrected": lambda text: text.lower() in _YES_NO,
}
