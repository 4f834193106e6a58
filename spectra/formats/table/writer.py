"""Measurements and colours as a plain table: one row per angle and reading."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from spectra.arrays import FloatArray
from spectra.errors import MeasurementError, WavelengthRangeError
from spectra.formats.base import MeasurementFile
from spectra.formats.table.apart import plain_title, separating
from spectra.formats.table.colour_columns import colour_titles
from spectra.formats.table.columns import understand
from spectra.formats.table.words import COUNT, NUMBERED
from spectra.measurement import NOTHING_DECLARED, Declared, Measurement
from spectra.stated import ColourReading
from spectra.wavelengths import WavelengthGrid

HEAD = ("sample", "role", "standard", "date", "instrument", "geometry", "unit")
DECLARED_HEAD = ("measurement condition", "bandpass [nm]", "bandpass corrected", "backing")
Titles = tuple[str, ...]


def write_csv(file: MeasurementFile) -> bytes:
    """UTF-8 text with commas and CRLF; numbers in the shortest form that reads back to the same value.

    See `table_rows` for what is kept and the errors.
    """
    text = io.StringIO(newline="")
    csv.writer(text).writerows(table_rows(file))
    return text.getvalue().encode("utf-8")


def table_rows(file: MeasurementFile) -> Iterator[list[str]]:
    """Headings, then one row per angle and reading; a colour without a spectrum has no numbers under the wavelengths.

    Kept: sample, role, standard, date, instrument, geometry, what was declared, every reading (the mean where there are
    none), the stated colours of single readings whose illuminant a heading can name, and conditions whose names are no
    heading of their own. Lost: texture, covariance, other stated colours, and a reflectance factor that is not the mean
    of its readings; light sources, recipes and attachments.

    Raises
    ------
    WavelengthRangeError
        If the measurements do not share their wavelengths.
    MeasurementError
        If there is nothing to write, a text cannot stand in a table, or two entries would read back as one: same
        sample, standard, role, declarations and kind of geometry, and no condition that keeps them apart.
    """
    entries: tuple[Measurement | ColourReading, ...] = (*file.measurements, *file.colours)
    grid = _common_grid(file.measurements)
    _refuse_unreadable(entries)
    declared = DECLARED_HEAD if any(_declared(entry) != NOTHING_DECLARED for entry in entries) else ()
    colours = _colours(entries)
    wavelengths = [] if grid is None else [f"R{_nm(nm)}" for nm in grid.wavelengths.tolist()]
    plain = [*HEAD, *declared, *(title for titles in colours for title in titles), *wavelengths]
    names = _condition_names(entries, plain)
    _refuse_melting(entries, names)
    yield [*HEAD, *names, *plain[len(HEAD) :]]
    for entry in entries:
        head = [entry.sample, entry.role, entry.standard or "", str(entry.taken_at or ""), entry.instrument or ""]
        conditions = [entry.conditions.get(name, "") for name in names]
        conditions += _declared_cells(_declared(entry)) if declared else []
        readings = _readings(entry)
        stated = {colour_titles(colour): colour.values for colour in reversed(entry.stated)}
        for reading in readings:
            for angle, token in enumerate(entry.geometry.tokens):
                unit = "" if reading is None else "fraction"
                coordinates = [
                    cell
                    for titles in colours
                    for cell in _coordinates(stated.get(titles) if len(readings) == 1 else None, angle)
                ]
                spectrum = [""] * len(wavelengths) if reading is None else _numbers(reading[angle])
                yield [*head, token, unit, *conditions, *coordinates, *spectrum]


def _common_grid(measurements: Sequence[Measurement]) -> WavelengthGrid | None:
    if not measurements:
        return None
    first = measurements[0]
    for m in measurements:
        if m.grid != first.grid:
            raise WavelengthRangeError(
                f"a table holds one row of wavelengths; {first.sample} has {first.grid}, {m.sample} {m.grid}. "
                "Write them into tables of their own, or as cxf, cgats or bundle, which hold both"
            )
    return first.grid


def _refuse_unreadable(entries: Sequence[Measurement | ColourReading]) -> None:
    if not entries:
        raise MeasurementError("no measurement and no colour to write into a table")
    for entry in entries:
        if not entry.sample.strip():
            raise MeasurementError("a sample without a name cannot be found again in a table; give it one")
        if entry.sample != entry.sample.strip():
            raise MeasurementError(f"{entry.sample[:80]!r} has outer blanks, which a table does not keep")
        texts = (entry.sample, entry.standard, entry.instrument, _declared(entry).backing)
        for text in (*texts, *entry.conditions, *entry.conditions.values()):
            if text and not text.replace("\t", " ").isprintable():
                raise MeasurementError(f"{text[:80]!r} cannot stand in a table: no line breaks or control signs")


def _refuse_melting(entries: Sequence[Measurement | ColourReading], names: Sequence[str]) -> None:
    """Refuse entries that a reader would gather into one measurement."""
    alike: dict[object, list[Measurement | ColourReading]] = {}
    for entry in entries:
        kind = "" if entry.geometry.kind == "directional" else entry.geometry.name
        measured = isinstance(entry, Measurement)
        key = (measured, entry.sample, entry.standard or "", entry.role, kind, _declared(entry))
        alike.setdefault(key, []).append(entry)
    for some in alike.values():
        if len(some) > 1 and not _stay_apart(some, names):
            raise MeasurementError(
                f"{some[0].sample} stands twice and would read back as readings of one; give it another name"
            )


def _stay_apart(entries: Sequence[Measurement | ColourReading], names: Sequence[str]) -> bool:
    """Whether conditions tell all of them apart, by the rule of the reader."""
    if len({entry.geometry.tokens for entry in entries}) > 1:
        return False
    columns = [(name, [entry.conditions.get(name, "").strip() for entry in entries]) for name in names]
    rows = range(len(entries))
    apart = separating(columns, {"": rows})
    return len({tuple(column[row] for _, column in apart) for row in rows}) == len(entries)


def _readings(entry: Measurement | ColourReading) -> Sequence[FloatArray | None]:
    if not isinstance(entry, Measurement):
        return [None]
    return [entry.reflectance_factor] if entry.readings is None else list(entry.readings)


def _declared(entry: Measurement | ColourReading) -> Declared:
    return entry.declared if isinstance(entry, Measurement) else NOTHING_DECLARED


def _declared_cells(declared: Declared) -> list[str]:
    freed = {None: "", True: "yes", False: "no"}[declared.bandpass_corrected]
    width = "" if declared.bandpass_nm is None else repr(float(declared.bandpass_nm))
    return [declared.condition or "", width, freed, declared.backing or ""]


def _colours(entries: Sequence[Measurement | ColourReading]) -> list[Titles]:
    """Headings of every colour that is stated and can be named, each once."""
    named: dict[Titles, bool] = {}
    for entry in entries:
        for colour in entry.stated:
            titles = colour_titles(colour)
            if titles is not None:
                named[titles] = colour.illuminant is not None
    # Bare letters would join the colour before them, so the colours that name no illuminant come first.
    return sorted(named, key=lambda titles: named[titles])


def _coordinates(values: FloatArray | None, angle: int) -> list[str]:
    return _numbers(values[angle]) if values is not None and values[angle, 0] == values[angle, 0] else [""] * 3


def _numbers(values: FloatArray) -> list[str]:
    return [repr(value) for value in values.tolist()]


def _nm(nm: float) -> str:
    return repr(nm).removesuffix(".0")


def _condition_names(entries: Sequence[Measurement | ColourReading], plain: Sequence[str]) -> list[str]:
    """Names of conditions that, as headings, read back as conditions and not as something else."""
    layout = understand(plain, "", "").layout
    free: list[str] = []
    for name in dict.fromkeys(name for entry in entries for name in entry.conditions):
        numbered = plain_title(name) in NUMBERED
        if numbered and not all(COUNT.fullmatch(entry.conditions.get(name) or "0") for entry in entries):
            continue  # a reader would take them for summaries
        if name and name not in plain:
            columns = understand([*plain, *free, name], "", "")
            if columns.layout == layout and len(columns.others) == len(free) + 1:
                free.append(name)
    return free
