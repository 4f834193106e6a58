"""Rows of one sample become one measurement: which rows belong together, and what their texts say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import TypeVar

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import MalformedFileError, MeasurementError
from spectra.formats.base import placed
from spectra.formats.declared import illuminant_and_observer, single_geometry
from spectra.formats.table.apart import plain_title, separating
from spectra.formats.table.colour_columns import Viewing
from spectra.formats.table.columns import DECLARED, Columns
from spectra.formats.table.dates import moment
from spectra.formats.table.numbers import BoolArray
from spectra.formats.table.spectra import SpectraBlock
from spectra.formats.table.words import COUNT, NUMBERED, ROLES, declared_by
from spectra.formats.text import printable, shortened
from spectra.geometry import UNDECLARED, Geometry, canonical, directional, is_directional
from spectra.measurement import NOTHING_DECLARED, Declared, Measurement, average_readings
from spectra.stated import ColourReading, Role, Source, StatedColour

T = TypeVar("T")
ANGLE_PAIRS = "angle pairs"
MAX_ANGLES = 1000  # a goniometer measures some hundred
MAX_QUOTED = 5  # columns named in a note


class Gathering:
    """Measurements and colour readings of one table, block by block.

    Parameters
    ----------
    source : Source
    where : str
        What a row is called in messages.
    notes : list of str
        Continued.
    by_date : bool
        Whether rows of another date are another measurement, and not repeats.
    """

    def __init__(self, source: Source, where: str, notes: list[str], *, by_date: bool = False) -> None:
        self.source = source
        self.by_date = by_date
        self.where = where
        self.notes = notes
        self.undated: list[tuple[int, str]] = []  # rows with a date that is not understood: their lines and texts
        self.n_apart = 0  # samples of which another column keeps repeats apart
        self.apart: dict[str, None] = {}  # headings of those columns
        self.date_title = ""
        self._measurements: list[tuple[int, Measurement]] = []
        self._colours: list[tuple[int, ColourReading]] = []

    def measurements(self) -> list[Measurement]:
        """In the order in which their samples first appear."""
        return [one for _, one in sorted(self._measurements, key=itemgetter(0))]

    def colours(self) -> list[ColourReading]:
        """Readings without a spectrum, in order of appearance."""
        return [one for _, one in sorted(self._colours, key=itemgetter(0))]

    def note(self) -> None:
        """Note once, for all blocks, what was kept apart and which dates were not understood."""
        if self.n_apart:
            titles = ", ".join(map(shortened, list(self.apart)[:MAX_QUOTED]))
            more = f" and {len(self.apart) - MAX_QUOTED} more columns" if len(self.apart) > MAX_QUOTED else ""
            self.notes.append(
                f"{self.n_apart} sample{'s have' if self.n_apart > 1 else ' has'} rows that differ in {titles}{more}: "
                "kept apart as measurements of their own, because averaging could not be undone"
            )
        if self.undated:
            line, text = self.undated[0]
            self.notes.append(
                f"{len(self.undated)} row{'s have' if len(self.undated) > 1 else ' has'} a date that is not understood,"
                f" such as {shortened(text)} in {self.where} {line}: kept as condition {shortened(self.date_title)}; "
                "write 2024-04-13 10:11:00 or 13.04.2024 10:11"
            )

    def add(self, block: SpectraBlock, measured: BoolArray) -> None:
        """Gather the rows of a block; those that are not measured state a colour only.

        Raises
        ------
        MalformedFileError
        """
        _Rows(self, block, measured).gather(self._measurements, self._colours)


class _Rows:
    """One block with every column of texts read once: printable, and its distinct texts understood."""

    def __init__(self, gathering: Gathering, block: SpectraBlock, measured: BoolArray) -> None:
        self.source, self.where, self.notes = gathering.source, gathering.where, gathering.notes
        self.by_date = gathering.by_date
        self.gathering = gathering
        self.columns: Columns = block.columns
        self.rows = block.rows
        self.lines = block.rows.lines
        self.n_rows = len(self.lines)
        self.grid = block.grid
        self.measured = measured.tolist()
        self.texts = {place: _printable_column(column) for place, column in block.rows.texts.items()}
        self.samples = self.column("sample") or [f"{self.where} {line}" for line in self.lines]
        self.standards = [text if text != "-" else None for text in self._column_or_blank("standard")]
        self.instruments = self._column_or_blank("instrument")
        self.roles: list[Role] = self._understood("role", lambda text, _: ROLES.get(text.lower(), "undeclared"))
        self.dates = self._understood("date", lambda text, _: moment(text))
        self._refuse_summaries()
        self.geometries = self._understood("geometry", self._geometry)
        self.declared, not_understood = self._declarations()
        undated = ["" if date else text for text, date in zip(self._column_or_blank("date"), self.dates, strict=True)]
        if any(undated):
            gathering.date_title = self.columns.titles[self.columns.known["date"]]
            gathering.undated += [(self.lines[row], text) for row, text in enumerate(undated) if text]
        words = ["" if text.lower() in ROLES else text for text in self._column_or_blank("role")]
        roles = [] if "role" not in self.columns.known else [(self.columns.titles[self.columns.known["role"]], words)]
        self.unknown = [(printable(title), self.texts[place]) for title, place in self.columns.others.items()] + roles
        # It has no field for how a spectrum was measured: of a colour alone those declarations stay words.
        self.conditions = self._conditions({"role": words, "date": undated, **not_understood})
        self.colour_conditions = self._conditions(
            {"role": words, "date": undated} | {key: self.column(key) for key in DECLARED}
        )
        self.stated = [~np.isnan(values[:, 0]) for values in self.rows.colours]
        self._directional: dict[tuple[str, ...], Geometry] = {}

    def gather(self, measurements: list[tuple[int, Measurement]], colours: list[tuple[int, ColourReading]]) -> None:
        several: dict[str, int] = {}
        first = 0
        try:
            for rows in self._groups():
                first = rows[0]
                if not self.samples[first]:
                    raise self._malformed(first, "no sample name")
                if self.measured[first]:
                    measurements.append((self.lines[first], self._measurement(rows)))
                else:
                    colours.append((self.lines[first], self._colour_reading(rows)))
                if len(rows) > 1:
                    for key, column in (("times", self.dates), ("instruments", self.instruments)):
                        several[key] = several.get(key, 0) + (len({column[row] for row in rows}) > 1)
        except MeasurementError as error:
            raise self._malformed(first, str(error)) from error
        self.notes += [f"{n} samples with rows of several {key}: the first is kept" for key, n in several.items() if n]

    def column(self, key: str) -> Sequence[str] | None:
        place = self.columns.known.get(key)
        return None if place is None else self.texts[place]

    def _column_or_blank(self, key: str) -> Sequence[str]:
        return self.column(key) or [""] * self.n_rows

    def _understood(self, key: str, rule: Callable[[str, int], T]) -> list[T]:
        """A column of which each distinct text is understood once, with the row where it first stands."""
        column = self._column_or_blank(key)
        known: dict[str, T] = {}
        for row, text in enumerate(column):
            if text not in known:
                known[text] = rule(text, row)
        return [known[text] for text in column]

    def _groups(self) -> Iterable[Sequence[int]]:
        if "sample" not in self.columns.known:
            return [(row,) for row in range(self.n_rows)]
        given = [column for key in ("standard", *DECLARED) if (column := self.column(key)) is not None]
        kinds = [ANGLE_PAIRS if single is None else token for single, token in self.geometries]
        if self.by_date:
            given.append(self._column_or_blank("date"))
        groups: dict[tuple[object, ...], list[int]] = {}
        for row, key in enumerate(zip(self.samples, self.measured, kinds, self.roles, *given, strict=True)):
            groups.setdefault(key, []).append(row)
        if not self.unknown or len(groups) == self.n_rows:
            return groups.values()
        return [part for rows in groups.values() for part in self._apart(rows)]

    def _apart(self, rows: Sequence[int]) -> list[Sequence[int]]:
        """Rows of one sample, cut where a column says that repeats are of different things."""
        if len(rows) == 1:
            return [rows]
        by_angle: dict[str, list[int]] = {}
        for row in rows:
            by_angle.setdefault(self.geometries[row][1], []).append(row)
        columns = separating(self.unknown, by_angle) if len(by_angle) < len(rows) else []
        if not columns:
            return [rows]
        self.gathering.n_apart += 1
        self.gathering.apart |= dict.fromkeys(title for title, _ in columns)
        parts: dict[tuple[str, ...], list[int]] = {}
        for row in rows:
            parts.setdefault(tuple(column[row] for _, column in columns), []).append(row)
        return list(parts.values())

    def _refuse_summaries(self) -> None:
        """Refuse words where readings are numbered: a row of the average or the deviation is no reading."""
        places = [place for title, place in self.columns.others.items() if plain_title(title) in NUMBERED]
        if "reading" in self.columns.known:
            places.append(self.columns.known["reading"])
        for place in places:
            odd = next((text for text in dict.fromkeys(self.texts[place]) if text and not COUNT.fullmatch(text)), None)
            if odd is not None:
                raise self._malformed(
                    self.texts[place].index(odd),
                    shortened(odd),
                    expected="the number of a reading",
                    remedy="Remove the rows of averages, deviations and other summaries",
                    column=self.columns.titles[place],
                )

    def _geometry(self, text: str, row: int) -> tuple[Geometry | None, str]:
        """A sphere, 45:0 or undeclared geometry, None for an angle pair; and the name of the angle."""
        if not text or text == UNDECLARED.name:
            return UNDECLARED, UNDECLARED.name
        if is_directional(text):
            with placed(self.source.file_name, f"{self.where} {self.lines[row]}"):
                return None, canonical(text)
        geometry = single_geometry(text)
        if geometry is None:
            raise self._malformed(
                row,
                shortened(text),
                expected="an angle pair such as 45as15, or d/8 SCI, d/8 SCE, d/8, 45:0",
                column=self.columns.titles[self.columns.known["geometry"]],
            )
        return geometry, geometry.name

    def _measurement(self, rows: Sequence[int]) -> Measurement:
        first = rows[0]
        spectra = self.rows.numbers
        readings: FloatArray | None = None
        if len(rows) == 1:
            tokens, order, n_readings = [self.geometries[first][1]], [[first]], 1
            reflectance_factor = spectra[first : first + 1]
        else:
            tokens, order, n_readings = self._readings(rows)
            if n_readings == 1:
                reflectance_factor = spectra[order[0]]
            elif n_readings:
                readings = spectra[np.array(order)]
                reflectance_factor = average_readings(readings)
            else:
                reflectance_factor = np.array([average_readings(spectra[places]) for places in order])
        if self.grid is None:
            raise self._malformed(first, "a spectrum without wavelengths")
        return Measurement(
            sample=self.samples[first],
            reflectance_factor=reflectance_factor,
            grid=self.grid,
            geometry=self.geometries[first][0] or self._angles(tokens, first),
            role=self.roles[first],
            standard=self.standards[first] or None,
            readings=readings,
            declared=self.declared[first] if self.declared else NOTHING_DECLARED,
            stated=self._stated(rows, order, n_readings) if self.stated else (),
            taken_at=self.dates[first],
            instrument=self.instruments[first] or None,
            conditions=_joined(self.conditions, rows),
            source=self.source,
        )

    def _colour_reading(self, rows: Sequence[int]) -> ColourReading:
        first = rows[0]
        tokens, order, n_readings = self._readings(rows)
        if n_readings != 1:
            raise self._malformed(
                rows[-1],
                f"{self.samples[first]}: {len(rows)} colours of one sample and angle",
                expected="one; a colour without a spectrum has no readings",
                remedy="Give each its own name",
            )
        return ColourReading(
            sample=self.samples[first],
            stated=self._stated(rows, order, n_readings),
            geometry=self.geometries[first][0] or self._angles(tokens, first),
            role=self.roles[first],
            standard=self.standards[first] or None,
            taken_at=self.dates[first],
            instrument=self.instruments[first] or None,
            conditions=_joined(self.colour_conditions, rows),
            source=self.source,
        )

    def _readings(self, rows: Sequence[int]) -> tuple[list[str], list[list[int]], int]:
        """Angles in order of appearance; rows by reading, or by angle where their numbers differ; readings or 0."""
        by_token: dict[str, list[int]] = {}
        for row in rows:
            by_token.setdefault(self.geometries[row][1], []).append(row)
        if len({len(places) for places in by_token.values()}) == 1:
            order = [list(places) for places in zip(*by_token.values(), strict=True)]
            return list(by_token), order, len(order)
        self.notes.append(
            f"{self.samples[rows[0]]}: the angle pairs have different numbers of readings; only their means are kept"
        )
        return list(by_token), list(by_token.values()), 0

    def _angles(self, tokens: list[str], row: int) -> Geometry:
        if len(tokens) > MAX_ANGLES:
            raise self._malformed(row, f"{len(tokens)} angles of one sample", expected=f"at most {MAX_ANGLES}")
        key = tuple(tokens)
        if key not in self._directional:
            self._directional[key] = directional(tokens)
        return self._directional[key]

    def _stated(self, rows: Sequence[int], order: list[list[int]], n_readings: int) -> tuple[StatedColour, ...]:
        colours = []
        for named, values, given in zip(self.columns.colours, self.rows.colours, self.stated, strict=True):
            lit = [row for row in rows if given[row]]
            if not lit:
                continue
            if n_readings != 1:
                self.notes.append(f"{self.samples[rows[0]]}: stated colours of single readings, not kept")
                return ()
            viewings = {named.viewing or self._viewing(row) for row in lit}
            if len(viewings) > 1:
                self.notes.append(f"{self.samples[rows[0]]}: stated colours under different illuminants, not kept")
                continue
            illuminant, observer = viewings.pop() or (None, None)
            colours.append(StatedColour(named.space, values[order[0]], illuminant, observer))
        return tuple(colours)

    def _viewing(self, row: int) -> Viewing | None:
        viewing, illuminant, observer = (
            column[row] if (column := self.column(key)) else "" for key in ("viewing", "illuminant", "observer")
        )
        return illuminant_and_observer(viewing or f"{illuminant}/{observer}")

    def _declarations(self) -> tuple[list[Declared], dict[str, Sequence[str]]]:
        """How each row was measured, empty where no column declares it; and the columns of words not understood."""
        if not any(key in self.columns.known for key in DECLARED):
            return [], {}
        rows = list(zip(*(self._column_or_blank(key) for key in DECLARED), strict=True))
        known = {}
        for row, texts in enumerate(rows):
            if texts not in known:
                with placed(self.source.file_name, f"{self.where} {self.lines[row]}"):
                    known[texts] = declared_by(*texts)
        left: dict[str, Sequence[str]] = {
            key: [texts[place] if key in known[texts][1] else "" for texts in rows]
            for place, key in enumerate(DECLARED)
        }
        return [known[texts][0] for texts in rows], left

    def _conditions(self, more: Mapping[str, Sequence[str] | None]) -> list[tuple[str, Sequence[str]]]:
        """Titles and texts of the columns that are kept word for word, without the blank ones."""
        kept: dict[str, Sequence[str] | None] = {
            printable(title): self.texts[place] for title, place in self.columns.others.items()
        }
        viewing = {key: self.column(key) for key in ("viewing", "illuminant", "observer")}
        for key, column in {**viewing, **more}.items():
            if key in self.columns.known:
                kept[printable(self.columns.titles[self.columns.known[key]])] = column
        return [(title, column) for title, column in kept.items() if column and any(column)]

    def _malformed(
        self, row: int, found: str, *, expected: str = "", remedy: str = "", column: str = ""
    ) -> MalformedFileError:
        where = f"{self.where} {self.lines[row]}" + (f", column {shortened(column)}" if column else "")
        return MalformedFileError(self.source.file_name, found, where=where, expected=expected, remedy=remedy)


def _joined(columns: list[tuple[str, Sequence[str]]], rows: Sequence[int]) -> dict[str, str]:
    """The texts of some rows; those that differ between them by semicolons."""
    if len(rows) == 1:
        row = rows[0]
        return {title: text for title, column in columns if (text := column[row])}
    joined = {
        title: "; ".join(dict.fromkeys(text for row in rows if (text := column[row]))) for title, column in columns
    }
    return {title: text for title, text in joined.items() if text}


def _printable_column(column: Sequence[str]) -> list[str]:
    clean = {text: printable(text) for text in set(column)}
    return [clean[text] for text in column]
