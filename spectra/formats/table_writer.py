"""Measurements as a plain table: one row per angle and reading."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from spectra.arrays import FloatArray
from spectra.errors import MeasurementError, NotComparableError
from spectra.formats.base import MeasurementFile
from spectra.formats.columns import understand
from spectra.measurement import Measurement

HEAD = ("sample", "role", "standard", "date", "instrument", "geometry", "unit")


def write_csv(file: MeasurementFile) -> bytes:
    """UTF-8 text with commas and CRLF; numbers in the shortest form that reads back to the same value.

    See `table_rows` for what is kept and the errors.
    """
    text = io.StringIO(newline="")
    csv.writer(text).writerows(table_rows(file.measurements))
    return text.getvalue().encode("utf-8")


def table_rows(measurements: Sequence[Measurement]) -> Iterator[list[str]]:
    """Headings, then one row per angle and reading.

    Kept: sample, role, standard, date, instrument, geometry, every reading (the mean where there are none), the first
    stated colour of single readings, and conditions whose names are no heading of their own. Lost: texture, covariance,
    further stated colours, and a reflectance factor that is not the mean of its readings.

    Raises
    ------
    NotComparableError
        If the measurements do not share their wavelengths, or state colours under different conditions.
    MeasurementError
        If two measurements would read back as one: same sample, standard, role and kind of geometry.
    """
    if not measurements:
        return
    first = measurements[0]
    seen: set[tuple[str, ...]] = set()
    for m in measurements:
        if m.grid != first.grid:
            raise NotComparableError("wavelengths", str(first.grid), str(m.grid), "Write them into tables of their own")
        key = (m.sample, m.standard or "", m.role, "" if m.geometry.kind == "directional" else m.geometry.name)
        if key in seen:
            raise MeasurementError(
                f"{m.sample} stands twice and would read back as readings of one; give it another name"
            )
        seen.add(key)
    colour = _colour_headings(measurements)
    wavelengths = [f"R{nm:g}" for nm in first.grid.wavelengths]
    plain = [*HEAD, *colour, *wavelengths]
    names = [name for name in dict.fromkeys(name for m in measurements for name in m.conditions) if _free(name, plain)]
    yield [*HEAD, *names, *colour, *wavelengths]
    for m in measurements:
        readings = m.reflectance_factor[None] if m.readings is None else m.readings
        conditions = [m.conditions.get(name, "") for name in names]
        head = [m.sample, m.role, m.standard or "", str(m.taken_at or ""), m.instrument or ""]
        for reading in readings:
            for angle, token in enumerate(m.geometry.tokens):
                stated = _numbers(m.stated[0].values[angle]) if m.stated and len(readings) == 1 else []
                stated += [""] * (len(colour) - len(stated))
                yield [*head, token, "fraction", *conditions, *stated[: len(colour)], *_numbers(reading[angle])]


def _numbers(values: FloatArray) -> list[str]:
    return [repr(value) for value in values.tolist()]


def _colour_headings(measurements: Sequence[Measurement]) -> list[str]:
    stated = [m.stated[0] for m in measurements if m.stated]
    if not stated:
        return []
    declared = {(colour.space, colour.illuminant, colour.observer) for colour in stated}
    if len(declared) > 1:
        first, second = sorted(map(str, declared))[:2]
        raise NotComparableError("stated colour", first, second, "Write them into tables of their own")
    axes = ["L", "a", "b"] if stated[0].space == "Lab" else ["X", "Y", "Z"]
    if stated[0].illuminant and stated[0].observer:
        return [f"{axes[0]}_{stated[0].illuminant}_{stated[0].observer.rstrip('°')}", *axes[1:]]
    return axes


def _free(name: str, plain: Sequence[str]) -> bool:
    """Whether a condition's name, as a heading, reads back as a condition and not as something else."""
    columns = understand([*plain, name], "", "") if name and name not in plain else None
    return columns is not None and len(columns.others) == 1
