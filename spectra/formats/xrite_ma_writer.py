"""Writes MA-T6/T12 workbooks as the instrument's software exports them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from spectra.errors import GeometryError, MeasurementError, NotComparableError
from spectra.formats.base import MeasurementFile
from spectra.formats.text import printable
from spectra.formats.xrite_ma import AXES, COLOUR, IMAGES, JOB, KEYS, SPECTRA, STANDARD, TEXTURE, VIEWING
from spectra.measurement import Measurement
from spectra.stated import StatedColour

# Written into the workbook unless told otherwise, so that the same measurements always give the same bytes.
UNDATED = datetime(2000, 1, 1)  # noqa: DTZ001 - xlsx knows no time zone
DATE_FORMAT = "yyyy-mm-dd hh:mm:ss"


def write(file: MeasurementFile, *, created: datetime = UNDATED) -> bytes:
    """A workbook of multi-angle measurements against one standard; the same arguments give the same bytes.

    Numbers carry 16 significant digits. Times go in as they stand, because xlsx knows no time zone.

    Raises
    ------
    GeometryError
        If a measurement is not of angle pairs.
    MeasurementError
        If a name would read as a header row, or a sample as the standard because it bears the standard's name.
    NotComparableError
        If the measurements do not share wavelengths, standard, or the illuminant and observer of their Lab.
    """
    import xlsxwriter

    measurements = file.measurements
    for measurement in measurements:
        name = measurement.sample
        if name == KEYS[0] or name.endswith(":") or printable(name) != name:
            raise MeasurementError(f"{name!r} cannot name a sample in an MA workbook: it would read as a header row")
        if measurement.geometry.kind != "directional":
            raise GeometryError(
                f"{measurement.sample}: an MA workbook holds angle pairs, not {measurement.geometry.name}"
            )
    grid = _shared("wavelengths", measurements, lambda m: m.grid)
    standard = _shared("standard", measurements, lambda m: m.sample if m.role == "standard" else m.standard) or ""
    _refuse_swapped_roles(measurements, standard)
    _shared("illuminants and observers of the Lab", [m for m in measurements if _labs(m)], _viewings)
    viewings = next((_viewings(m) for m in measurements if _labs(m)), ())
    viewing = viewings[0] if viewings else ""
    job = _shared("job", measurements, lambda m: m.conditions.get("job", "")) or ""
    wavelengths = [] if grid is None else [f"{nm:.12g}" for nm in grid.wavelengths]
    quantities = list(dict.fromkeys(texture.quantity for m in measurements for texture in m.texture))

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": created})
    dated = book.add_format({"num_format": DATE_FORMAT})
    axes = [f"{axis} ({name})" if name else axis for name in viewings for axis in AXES]
    head = {JOB: job, STANDARD: standard}
    colour = _Sheet(book.add_worksheet(COLOUR), {**head, VIEWING: viewing}, axes, dated)
    texture_sheet = _Sheet(book.add_worksheet(TEXTURE), head, quantities, dated)
    spectral = _Sheet(book.add_worksheet(SPECTRA), head, wavelengths, dated)
    book.add_worksheet(IMAGES)
    for m in measurements:
        for row, token in enumerate(m.geometry.tokens):
            Lab = [value for one in _labs(m) for value in one.values[row].tolist()]
            colour.add(m, token, Lab)
            spectral.add(m, token, m.reflectance_factor[row].tolist())
        for token in dict.fromkeys(texture.geometry for texture in m.texture):
            values = {t.quantity: t.value for t in m.texture if t.geometry == token}
            texture_sheet.add(m, token, [values.get(quantity) for quantity in quantities])
    book.close()
    return buffer.getvalue()


class _Sheet:
    """One sheet: its header rows written, then rows added from the top."""

    def __init__(self, sheet: Any, header: dict[str, str], columns: Sequence[str], dated: Any) -> None:
        self.sheet, self.dated = sheet, dated
        for line, (key, value) in enumerate(header.items()):
            sheet.write_string(line, 0, f"{key}:")
            sheet.write_string(line, 1, value)
        self.line = len(header)
        for column, title in enumerate([*KEYS, *columns]):
            sheet.write_string(self.line, column, title)

    def add(self, measurement: Measurement, token: str, values: Sequence[float | None]) -> None:
        self.line += 1
        self.sheet.write_string(self.line, 0, measurement.sample)
        if measurement.taken_at is not None:
            self.sheet.write_datetime(self.line, 1, measurement.taken_at.replace(tzinfo=None), self.dated)
        self.sheet.write_string(self.line, 2, token)
        for column, value in enumerate(values, start=len(KEYS)):
            if value is not None:
                self.sheet.write_number(self.line, column, value)


def _labs(measurement: Measurement) -> list[StatedColour]:
    return [colour for colour in measurement.stated if colour.space == "Lab"]


def _viewings(measurement: Measurement) -> tuple[str, ...]:
    return tuple(
        f"{one.illuminant}/{one.observer.rstrip('°')}" if one.illuminant and one.observer else ""
        for one in _labs(measurement)
    )


def _refuse_swapped_roles(measurements: Sequence[Measurement], standard: str) -> None:
    """In a workbook the first measurement of the standard's name is the standard, and those after it are samples."""
    roles = [m.role for m in measurements if m.sample == standard]
    if roles and (roles[0] != "standard" or "standard" in roles[1:]):
        raise MeasurementError(
            f"{standard!r} names the standard and stands {len(roles)} times: in an MA workbook the first of that name "
            "reads back as the standard. Put it first, or give the others names of their own"
        )


def _shared(quantity: str, measurements: Sequence[Measurement], of: Callable[[Measurement], Any]) -> Any:
    values = [of(m) for m in measurements]
    for measurement, value in zip(measurements, values, strict=True):
        if value != values[0]:
            raise NotComparableError(
                quantity,
                f"{values[0]} ({measurements[0].sample})",
                f"{value} ({measurement.sample})",
                "Write them into workbooks of their own",
            )
    return values[0] if values else None
