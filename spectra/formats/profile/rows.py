"""Rows of a mapped table become measurements, or colours where no reflectance stands beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from spectra.arrays import FloatArray, frozen
from spectra.errors import MalformedFileError
from spectra.formats.base import MAX_REFLECTANCE_FACTOR, SCALE, MeasurementFile, ReadOptions, placed
from spectra.formats.declared import illuminant_and_observer
from spectra.formats.profile.cells import Cells, Row
from spectra.formats.profile.template import plain
from spectra.formats.text import shortened
from spectra.formats.units import REMEDY, lightness, refuse_contradicted_unit
from spectra.geometry import UNDECLARED, Geometry, directional
from spectra.measurement import Measurement, average_readings
from spectra.stated import ColourReading, Role, Source, StatedColour, Texture

MAX_TITLES = 10  # of columns nobody mapped that are named in a note


@dataclass(slots=True)
class _Sample:
    """What becomes one measurement: at which row, and at which of the headings' angles, each reading of it stands."""

    angles: list[str]
    columns: list[int]  # places among the headings' angles
    readings: list[list[int]] = field(default_factory=list)  # rows, for each angle
    uneven: bool = False  # the angles have different numbers of readings


class RowsReader:
    """Gathers the rows of one table into samples."""

    def __init__(self, cells: Cells, source: Source, options: ReadOptions) -> None:
        self.cells, self.profile, self.mapping = cells, cells.profile, cells.mapping
        self.source, self.file_name, self.options = source, source.file_name, options
        self.notes: list[str] = []
        self.others = self.mapping.others
        self.column_of = {place: column for column, place in enumerate(self.mapping.numeric)}
        columns = [self.column_of[one.place] for one in self.mapping.textures]
        self.texture_values: list[list[float]] = cells.numbers[:, columns].tolist()
        self.geometries: dict[tuple[str, ...], Geometry] = {}

    def file(self) -> MeasurementFile:
        """Everything the table holds, samples in the order in which they first appear.

        Raises
        ------
        MalformedFileError
            If an angle is missing, a spectrum or colour incomplete, or the unit not declared.
        """
        if not self.cells.rows:
            raise self.cells.error(self.cells.table.first, "headings without rows", "a row per reading")
        scale = SCALE[self._unit()] if self.mapping.spectral else 1.0
        spectra = self._columns([list(one) for one in self.mapping.spectral]) * scale
        if spectra.size and (np.abs(spectra) > MAX_REFLECTANCE_FACTOR).any():
            row = int(np.argmax((np.abs(spectra) > MAX_REFLECTANCE_FACTOR).any(axis=(1, 2))))
            largest = f"a reflectance factor of {np.nanmax(np.abs(spectra[row])):g}"
            raise self.cells.error(self.cells.rows[row].line, largest, f"at most {MAX_REFLECTANCE_FACTOR:g}")
        colours = [
            self._columns([list(one) if one else [] for one in group.places], width=3) for group in self.mapping.colours
        ]
        present = self._present(spectra, colours)
        self._refuse_wrong_unit(spectra, colours)
        measurements: list[Measurement] = []
        readings: list[ColourReading] = []
        for sample in self._samples(present):
            first = self.cells.rows[sample.readings[0][0]]
            with placed(self.file_name, f"{self.cells.table.where} {first.line}"):
                if spectra.size:
                    measurements.append(self._measurement(sample, spectra, colours))
                else:
                    readings += [self._colour(sample, one, colours) for one in sample.readings]
        self._note_unmapped()
        self._note_dates()
        self._note_undeclared([*measurements, *readings])
        notes = tuple(dict.fromkeys(self.notes))
        return MeasurementFile(self.source.format, tuple(measurements), notes, tuple(readings))

    def _refuse_wrong_unit(self, spectra: FloatArray, colours: Sequence[FloatArray]) -> None:
        """Refuse a unit that the first stated colours of the table contradict."""
        if self.mapping.grid is None or not colours:
            return
        L = lightness(self.mapping.colours[0].space, colours[0])
        lit = ~np.isnan(L) & ~np.isnan(spectra[..., 0])
        refuse_contradicted_unit(spectra[lit], self.mapping.grid.wavelengths, L[lit], self.file_name, "")

    # --- which rows are one sample ------------------------------------------------------------------------------------

    def _columns(self, places: list[list[int]], *, width: int = 0) -> FloatArray:
        """Numbers under some headings, shape (n_rows, n_angles, width); NaN where an angle has none."""
        width = width or max(map(len, places), default=0)
        block = np.full((len(self.cells.rows), len(places), width), np.nan)
        for angle, columns in enumerate(places):
            if columns:
                block[:, angle] = self.cells.numbers[:, [self.column_of[place] for place in columns]]
        return block

    def _present(self, spectra: FloatArray, colours: Sequence[FloatArray]) -> Any:
        """Whether each row states each of the headings' angles, shape (n_rows, n_angles)."""
        places: list[tuple[tuple[int, ...] | None, ...]] = [one.places for one in self.mapping.colours]
        blocks = [*zip(colours, places, strict=True)]
        if spectra.size:
            blocks.append((spectra, self.mapping.spectral))
        stated = np.zeros((len(self.cells.rows), len(self.mapping.angles)), dtype=bool)
        for values, columns in blocks:
            empty = np.isnan(values)
            partial = empty.any(axis=2) & ~empty.all(axis=2)
            if partial.any():
                row, angle = (int(place[0]) for place in np.nonzero(partial))
                of_angle = columns[angle] or ()
                gap = int(np.argmax(empty[row, angle]))
                raise self.cells.cell_error(self.cells.rows[row].line, of_angle[gap], "nothing")
            stated |= ~empty.all(axis=2)
        if spectra.size:
            lacking = stated & np.isnan(spectra).all(axis=2)
            if lacking.any():
                row, angle = (int(place[0]) for place in np.nonzero(lacking))
                raise self.cells.cell_error(self.cells.rows[row].line, self.mapping.spectral[angle][0], "nothing")
        return stated

    def _samples(self, present: Any) -> Iterator[_Sample]:
        return self._of_columns(present) if self.profile.layout == "columns" else self._of_rows(present)

    def _of_columns(self, present: Any) -> Iterator[_Sample]:
        """A row holds all angles; rows of one name are readings of one sample, unless colours only stand there."""
        samples: dict[tuple[Any, ...], _Sample] = {}
        ways: dict[tuple[bool, ...], tuple[list[int], list[str], set[str]]] = {}  # of all rows that state the same
        gathered = self.profile.repeats == "readings" and bool(self.mapping.spectral)
        for place, (row, stated) in enumerate(zip(self.cells.rows, map(tuple, present.tolist()), strict=True)):
            if stated not in ways:
                columns = [column for column, one in enumerate(stated) if one]
                angles = [self.mapping.angles[column] for column in columns]
                ways[stated] = columns, angles, set(self.mapping.angles) - set(angles) - self.profile.optional_angles
            columns, angles, absent = ways[stated]
            if not columns:
                self.notes.append(f"{self.cells.table.where} {row.line} holds no numbers, left out")
                continue
            if absent:
                raise self.cells.error(row.line, f"nothing at {', '.join(sorted(absent))}", "a value at every angle")
            key = (*self._key(row), tuple(angles)) if gathered and "sample" in self.mapping.known else (place,)
            samples.setdefault(key, _Sample(angles, columns)).readings.append([place] * len(angles))
        if "sample" not in self.mapping.known:
            self.notes.append(f"no column names the samples: each is called by its {self.cells.table.where}")
        yield from samples.values()

    def _of_rows(self, present: Any) -> Iterator[_Sample]:
        """A row holds one angle; rows of one name are its angles, and rows of one angle its readings."""
        groups: dict[tuple[str, ...], dict[str, list[int]]] = {}
        for place, row in enumerate(self.cells.rows):
            if not present[place].any():
                self.notes.append(f"{self.cells.table.where} {row.line} holds no numbers, left out")
                continue
            groups.setdefault(self._key(row), {}).setdefault(row.angle, []).append(place)
        for by_angle in groups.values():
            first = self.cells.rows[next(iter(by_angle.values()))[0]]
            missing = set(self.profile.angles.values()) - self.profile.optional_angles - set(by_angle)
            if missing:
                words = f"{shortened(self._name(first))} has no {', '.join(sorted(missing))}"
                raise self.cells.error(first.line, words, "every angle of [angles] without optional_angles")
            counts = {len(places) for places in by_angle.values()}
            one = _Sample(list(by_angle), [0] * len(by_angle))
            if len(counts) > 1:
                if not self.mapping.spectral or self.profile.repeats == "separate":
                    raise self.cells.error(
                        first.line, f"{shortened(self._name(first))} has more rows at some angles", "as many at each"
                    )
                one.uneven, one.readings = True, list(by_angle.values())
                yield one
                continue
            readings = [list(places) for places in zip(*by_angle.values(), strict=True)]
            if self.profile.repeats == "separate":
                yield from (_Sample(one.angles, one.columns, [reading]) for reading in readings)
            else:
                one.readings = readings
                yield one

    def _key(self, row: Row) -> tuple[str, ...]:
        return tuple(self.cells.text(row, name) for name in ("sample", "standard", "role"))

    # --- records ------------------------------------------------------------------------------------------------------

    def _measurement(self, sample: _Sample, spectra: FloatArray, colours: Sequence[FloatArray]) -> Measurement:
        if sample.uneven:
            mean = [average_readings(spectra[rows, 0]) for rows in sample.readings]
            reflectance, readings = frozen(mean), None
            self.notes.append("some samples have different numbers of readings at their angles; only means are kept")
        else:
            single = np.array([spectra[rows, sample.columns] for rows in sample.readings])
            reflectance = average_readings(single) if len(single) > 1 else single[0]
            readings = frozen(single) if len(single) > 1 else None
        rows = sorted({row for reading in sample.readings for row in reading})
        stated: tuple[StatedColour, ...] = ()
        if readings is None and not sample.uneven:
            stated = self._stated(sample, sample.readings[0], colours)
        elif colours:
            self.notes.append("stated colours of single readings are not kept where there are several")
        assert self.mapping.grid is not None
        return Measurement(
            reflectance_factor=reflectance,
            grid=self.mapping.grid,
            readings=readings,
            stated=stated,
            **self._record(sample, rows),
        )

    def _colour(self, sample: _Sample, reading: Sequence[int], colours: Sequence[FloatArray]) -> ColourReading:
        stated = self._stated(sample, reading, colours)
        return ColourReading(stated=stated, **self._record(sample, sorted(set(reading))))

    def _stated(
        self, sample: _Sample, reading: Sequence[int], colours: Sequence[FloatArray]
    ) -> tuple[StatedColour, ...]:
        stated = []
        for group, block in zip(self.mapping.colours, colours, strict=True):
            values = block[reading, sample.columns]
            if np.count_nonzero(np.isnan(values)) == values.size:
                continue
            illuminant, observer = group.illuminant, group.observer
            if illuminant is None and observer is None:
                viewings = {self._viewing(self.cells.rows[row]) for row in set(reading)}
                if len(viewings) > 1:
                    raise self.cells.error(
                        self.cells.rows[reading[0]].line, "angles of one sample under different illuminants", "one"
                    )
                illuminant, observer = viewings.pop()
            stated.append(StatedColour(group.space, values, illuminant, observer))
        return tuple(stated)

    def _record(self, sample: _Sample, rows: Sequence[int]) -> dict[str, Any]:
        """The fields a measurement and a colour have in common."""
        members = [self.cells.rows[row] for row in rows]
        first = members[0]
        role = self.profile.roles.get(plain(self.cells.text(first, "role")).casefold(), None)
        if role is None and self.cells.text(first, "role"):
            words = ", ".join(self.profile.roles)
            raise self.cells.error(
                first.line, f"role {shortened(self.cells.text(first, 'role'))}", f"one of [roles]: {words}"
            )
        standard = self.cells.text(first, "standard")
        return {
            "sample": self._name(first),
            "geometry": self._geometry(sample.angles),
            "role": role or _UNDECLARED_ROLE,
            "standard": standard if standard not in ("", "-") else None,
            "texture": self._texture(rows),
            "taken_at": first.taken_at,
            "instrument": self.cells.text(first, "instrument") or self.profile.instrument,
            "conditions": self._conditions(members),
            "source": self.source,
        }

    def _name(self, row: Row) -> str:
        if "sample" not in self.mapping.known:
            return f"{self.cells.table.where} {row.line}"
        name = self.cells.text(row, "sample")
        if not name:
            raise self.cells.cell_error(row.line, self.mapping.known["sample"], "no sample name", "a name")
        return name

    def _geometry(self, angles: Sequence[str]) -> Geometry:
        if list(angles) == [""]:
            return self.profile.geometry or UNDECLARED
        key = tuple(angles)
        if key not in self.geometries:
            self.geometries[key] = directional(angles)
        return self.geometries[key]

    def _texture(self, rows: Sequence[int]) -> tuple[Texture, ...]:
        found = []
        for row in rows if self.mapping.textures else ():
            for one, value in zip(self.mapping.textures, self.texture_values[row], strict=True):
                if value == value:  # not NaN, which an empty cell is
                    found.append(Texture(one.quantity, one.geometry or self.cells.rows[row].angle, value, one.version))
        if len(rows) > 1 and found and self.profile.layout == "columns":
            self.notes.append("texture values of several readings stand one reading after the other")
        return tuple(found)

    def _conditions(self, members: Sequence[Row]) -> dict[str, str]:
        places = dict(self.others)
        for name in ("date", "time"):
            times = {row.taken_at for row in members}
            if name in self.mapping.known and (None in times or len(times) > 1):
                places[self.mapping.titles[self.mapping.known[name]]] = self.mapping.known[name]
        conditions = {"mapping profile": self.profile.name}
        for title, place in places.items():
            text = "; ".join(dict.fromkeys(clean for row in members if (clean := row.texts[place])))
            if text:
                conditions[title] = text
        return conditions

    def _viewing(self, row: Row) -> tuple[str | None, str | None]:
        texts = self.cells.text(row, "illuminant"), self.cells.text(row, "observer")
        both = illuminant_and_observer("/".join(text for text in texts if text)) if any(texts) else None
        return both or (texts[0] or None, texts[1] or None)

    def _unit(self) -> Any:
        unit, told = self.profile.unit, self.options.reflectance_unit
        if unit and told and unit != told:
            raise MalformedFileError(
                self.file_name, f"profile {self.profile.name!r} declares {unit}", expected=f"{told}, as was said"
            )
        if unit is None and told is None:
            raise MalformedFileError(
                self.file_name,
                f"no unit is declared, nor by profile {self.profile.name!r}",
                expected="percent or fraction",
                remedy=f"{REMEDY}, or "
                + (
                    "give the profile a key unit"
                    if self.options.profiles
                    else "write a profile of your own that says it, and give that with --profile"
                ),
            )
        return unit or told

    def _note_unmapped(self) -> None:
        held = [title for title, place in self.others.items() if any(row.texts[place] for row in self.cells.rows)]
        if held:
            titles = ", ".join(map(shortened, held[:MAX_TITLES])) + (", …" if len(held) > MAX_TITLES else "")
            count = f"{len(held)} column{'s' * (len(held) > 1)}"
            self.notes.append(f"{count} not mapped, kept as condition{'s' * (len(held) > 1)}: {titles}")

    def _note_dates(self) -> None:
        odd = [row for row in self.cells.rows if row.taken_at is None and self.cells.text(row, "date")]
        if odd:
            title = shortened(self.mapping.titles[self.mapping.known["date"]])
            example = " ".join(filter(None, (self.cells.text(odd[0], name) for name in ("date", "time"))))
            rule = self.profile.date_format
            wanted = (
                f"date_format {shortened(rule)} of the profile"
                if rule
                else "ISO order (the profile has no date_format)"
            )
            self.notes.append(
                f"{len(odd)} of {len(self.cells.rows)} rows have a date that does not fit {wanted}, such as "
                f"{shortened(example)} in {self.cells.table.where} {odd[0].line}; kept as condition {title}"
            )

    def _note_undeclared(self, records: Sequence[Measurement | ColourReading]) -> None:
        if any(colour.illuminant is None or colour.observer is None for one in records for colour in one.stated):
            self.notes.append("stated colours without a declared illuminant or observer")
        if any(one.geometry is UNDECLARED for one in records):
            self.notes.append("geometry not declared")


_UNDECLARED_ROLE: Role = "undeclared"
