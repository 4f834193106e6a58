"""Datacolor QTX: standards and their batches, one keyword section each, reflectance in percent."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import GeometryError, MalformedFileError
from spectra.formats.base import (
    MAX_REFLECTANCE_FACTOR,
    MAX_WAVELENGTH,
    MIN_WAVELENGTH,
    NOTHING_DECLARED,
    SCALE,
    MeasurementFile,
    ReadOptions,
    placed,
    refuse_large,
    refuse_other_unit,
    source_of,
)
from spectra.formats.declared import geometries_in, illuminant_and_observer, is_transmittance
from spectra.formats.keyword_sections import EQUALS_OR_COMMA, Section, few, sections_of
from spectra.formats.text import decimal_numbers, decode_keeping_bytes, head_text, number, printable, shortened
from spectra.formats.units import refuse_contradicted_measurements
from spectra.geometry import D8, D8_SCE, D8_SCI, Geometry
from spectra.measurement import Measurement
from spectra.stated import Source, StatedColour
from spectra.wavelengths import WavelengthGrid

NAME = "qtx"
MAX_POINTS = 2000
APERTURES = ("XUSAV", "USAV", "VSAV", "XSAV", "SAV", "MAV", "LAV", "XLAV", "VLAV")

# Both dialects: `[STANDARD_DATA 0]`, `[BATCH_DATA]` and `[STANDARD 0]`, `[BATCH 12]`.
_HEADER = re.compile(r"\[\s*(STANDARD|BATCH)(?:_DATA)?(?:\s+\d{1,9})?\s*\]", re.IGNORECASE)
_SIGNATURE = re.compile(
    r"^[ \t]*\[[ \t]*(?:STANDARD|BATCH)(?:_DATA)?(?:[ \t]+\d{1,9})?[ \t]*\][ \t]*\r?\n"
    r"(?:[^\[\n]*\n){0,9}?[ \t]*(?:STD|BAT)_[A-Z]\w*[ \t]*[=,]",
    re.IGNORECASE | re.MULTILINE,
)
_PREFIX = {"STANDARD": "STD_", "BATCH": "BAT_"}
_TAKEN = {
    prefix: {"STD_NAME", *(prefix + key for key in ("R", "REFLPOINTS", "REFLINTERVAL", "REFLLOW", "DATETIME", *"XYZ"))}
    for prefix in _PREFIX.values()
}
_COMPONENT = {"I": (D8_SCI,), "E": (D8_SCE,)}
_LARGEST_PERCENT = MAX_REFLECTANCE_FACTOR / SCALE["percent"]
_LARGEST_XYZ = 100 * MAX_REFLECTANCE_FACTOR
_LARGEST_TIME = datetime(2100, 1, 1, tzinfo=UTC).timestamp()


@dataclass(slots=True)
class _Record:
    """The fields of one section; `prefix` is that of the spectrum it holds."""

    section: Section
    prefix: str
    file_name: str
    notes: list[str]
    fields: dict[str, tuple[int, str]]
    repeated: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    def line(self, key: str) -> tuple[int, str]:
        """A field that must be there once, or always with the same value."""
        entry = self.fields.get(key)
        if entry is None:
            where = f"line {self.section.line}, {self.section.title}"
            raise MalformedFileError(self.file_name, f"no field {key}", where=where, expected=f"{key}=…")
        for line, value in self.repeated.get(key, ()):
            if value != entry[1]:
                where = f"line {line}"
                raise MalformedFileError(self.file_name, f"{key} stands twice", where=where, expected="one value")
        return entry

    def text(self, key: str) -> str:
        """A field, without the comma that ends it; empty where there is none."""
        return self.line(key)[1].rstrip(", ") if key in self.fields else ""

    def number(self, key: str) -> float:
        """A field that must be a number."""
        line, text = self.line(key)
        value = number(text.rstrip(", "))
        if value is None:
            where = f"line {line}, field {key}"
            raise MalformedFileError(self.file_name, shortened(text), where=where, expected="a number")
        return value


def recognises(content: bytes, file_name: str) -> bool:
    """Whether a standard or batch section stands in the file, followed by a field of it."""
    return not content.startswith(b"PK\x03\x04") and _SIGNATURE.search(head_text(content)) is not None


def read(content: bytes, file_name: str, options: ReadOptions = NOTHING_DECLARED) -> MeasurementFile:
    """Standards and batches of a QTX file.

    Notes
    -----
    The percent values become reflectance factors. Stored XYZ are kept as the file's claim; their illuminant is
    undeclared unless `…_CORD_ILLUM` names it. The specular component is taken from `…_VIEWING` and from
    `…_MEASDLL_PARAMS`, else it stays undeclared. Times are seconds since 1970 UTC; 0 means not set.

    Raises
    ------
    MalformedFileError
        If a spectrum does not have the points its section announces, a field is not a number, or two fields of a
        section contradict each other, or a spectrum and its stored XYZ.
    UnsafeFileError
    """
    refuse_large(content, file_name)
    refuse_other_unit(options, "percent", file_name)
    notes: list[str] = []
    text = decode_keeping_bytes(content, options.encoding, file_name)
    sections = sections_of(text, file_name, _HEADER, EQUALS_OR_COMMA, notes)
    source = source_of(content, file_name, NAME)
    measurements = []
    for section in sections:
        measurement = _measurement(_record(section, file_name, notes), source)
        if measurement is not None:
            measurements.append(measurement)
    if not measurements:
        raise MalformedFileError(file_name, "no standard or batch with a spectrum", expected="STD_R or BAT_R values")
    refuse_contradicted_measurements(measurements, file_name)
    notes = few(notes)
    undeclared = sum(colour.illuminant is None for m in measurements for colour in m.stated)
    if undeclared:
        notes.append(f"stored XYZ without a declared illuminant: {undeclared} of {len(measurements)} measurements")
    unknown = sum(m.geometry.specular is None for m in measurements)
    if unknown:
        notes.append(f"specular component not declared: {unknown} of {len(measurements)} measurements")
    return MeasurementFile(NAME, tuple(measurements), tuple(notes))


def _record(section: Section, file_name: str, notes: list[str]) -> _Record:
    fields: dict[str, tuple[int, str]] = {}
    repeated: dict[str, list[tuple[int, str]]] = {}
    for line, key, value in section.entries:
        if key in fields:
            repeated.setdefault(key, []).append((line, value))
        else:
            fields[key] = (line, value)
    prefix = _PREFIX[section.kind]
    other = "BAT_" if prefix == "STD_" else "STD_"
    # Some programs write a standard with the fields of a batch.
    if prefix + "R" not in fields and other + "R" in fields:
        prefix = other
    return _Record(section, prefix, file_name, notes, fields, repeated)


def _measurement(record: _Record, source: Source) -> Measurement | None:
    section, prefix, file_name = record.section, record.prefix, record.file_name
    name = _name(record)
    line, values = record.line(prefix + "R")
    where = f"line {line}, field {prefix}R of {shortened(name)}"
    if not values.strip(" ,"):
        record.notes.append(f"{section.title} {shortened(name)} holds no spectrum; left out")
        return None
    viewing, device = record.text(prefix + "VIEWING"), record.text(prefix + "MEASDLL_PARAMS")
    if is_transmittance(viewing) or _device(device).get("MeasurementType") == "T":
        found = f"viewing {shortened(viewing)}: a transmittance" if is_transmittance(viewing) else "a transmittance"
        raise MalformedFileError(file_name, found, where=where, expected="a reflectance, %R")
    low, step, points = (record.number(prefix + key) for key in ("REFLLOW", "REFLINTERVAL", "REFLPOINTS"))
    spectrum = _spectrum(values, file_name, where)
    if points != len(spectrum):
        raise MalformedFileError(
            file_name, f"{len(spectrum)} values", where=where, expected=f"{points:g}, as {prefix}REFLPOINTS says"
        )
    with placed(file_name, where):
        grid = _grid(low, step, len(spectrum))
        _refuse_other_bands(device, grid)
        return Measurement(
            sample=name,
            reflectance_factor=spectrum[np.newaxis, :],
            grid=grid,
            geometry=_geometry(viewing, device),
            role="sample" if section.kind == "BATCH" else "standard",
            standard=printable(record.text("STD_NAME")) or None if section.kind == "BATCH" else None,
            stated=_stated(record),
            taken_at=_time(record),
            instrument=_instrument(record, device),
            conditions=_conditions(record, viewing, name),
            source=source,
        )


def _name(record: _Record) -> str:
    own = _PREFIX[record.section.kind] + "NAME"
    name = printable(record.text(own) or (record.text("BAT_NAME") if own == "STD_NAME" else ""))
    if not name:
        name = record.section.title.strip("[]")
        record.notes.append(f"line {record.section.line}: the section names nothing; called {name!r}")
    return name


@lru_cache(maxsize=64)
def _grid(low: float, step: float, count: int) -> WavelengthGrid:
    stop = low + step * (count - 1)
    if not (step > 0 and low >= MIN_WAVELENGTH and stop <= MAX_WAVELENGTH and count > 1):
        raise GeometryError(
            f"{count} values from {low:g} nm in steps of {step:g} nm; "
            f"expected wavelengths within {MIN_WAVELENGTH:g}–{MAX_WAVELENGTH:g} nm"
        )
    return WavelengthGrid(low, stop, step)


def _spectrum(text: str, file_name: str, where: str) -> FloatArray:
    cells = text.rstrip(" ,").split(",")
    if len(cells) > MAX_POINTS:
        raise MalformedFileError(file_name, f"{len(cells)} values", where=where, expected=f"at most {MAX_POINTS}")
    percent = decimal_numbers(cells, _LARGEST_PERCENT)
    if isinstance(percent, int):
        found = f"value {percent + 1} is {shortened(cells[percent])}"
        raise MalformedFileError(file_name, found, where=where, expected="percent")
    return np.array(percent) * SCALE["percent"]


def _stated(record: _Record) -> tuple[StatedColour, ...]:
    if not any(record.text(record.prefix + axis) for axis in "XYZ"):
        return ()
    XYZ = [record.number(record.prefix + axis) for axis in "XYZ"]
    if max(map(abs, XYZ)) > _LARGEST_XYZ:
        where = f"line {record.line(record.prefix + 'X')[0]}, {record.section.title}"
        found = f"X, Y, Z of {XYZ[0]:g}, {XYZ[1]:g}, {XYZ[2]:g}"
        raise MalformedFileError(record.file_name, found, where=where, expected="100 for the perfect diffuser")
    illuminant, observer = _illuminant(record.text(record.prefix + "CORD_ILLUM"))
    return (StatedColour("XYZ", np.array([XYZ]), illuminant, observer),)


@lru_cache(maxsize=64)
def _illuminant(text: str) -> tuple[str, str] | tuple[None, None]:
    return illuminant_and_observer(text) or (None, None)


def _time(record: _Record) -> datetime | None:
    key = record.prefix + "DATETIME"
    if not record.text(key):
        return None
    seconds = record.number(key)
    if 0 < seconds < _LARGEST_TIME:
        return datetime.fromtimestamp(seconds, UTC)
    if seconds != 0:
        record.notes.append(f"line {record.line(key)[0]}: {key}={seconds:g} is no time since 1970; left out")
    return None


@lru_cache(maxsize=64)
def _device(parameters: str) -> dict[str, str]:
    """The instrument's parameters, `Manufacture:Datacolor,Geometry:d/8?Specular component:I ,…`."""
    parts = (part.split(":", 1) for part in re.split(r"[,?]", parameters) if ":" in part)
    return {key.strip(): value.strip() for key, value in parts}


@lru_cache(maxsize=64)
def _geometry(viewing: str, device: str) -> Geometry:
    """What the viewing text and the device parameters declare; raises GeometryError where they contradict."""
    parameters = _device(device)
    component = parameters.get("Specular component", "").upper()
    said = (*geometries_in(viewing), *geometries_in(parameters.get("Geometry", "")), *_COMPONENT.get(component, ()))
    if D8_SCI in said and D8_SCE in said:
        raise GeometryError(
            "the specular component is declared as included and as excluded: " + shortened(f"{viewing} {component}")
        )
    return next((one for kind in ("45:0", "sphere") for one in said if one.kind == kind and one is not D8), D8)


@lru_cache(maxsize=64)
def _bands(device: str) -> tuple[float | None, float | None]:
    """How many bands the instrument has and where they start, as its parameters say."""
    parameters = _device(device)
    return number(parameters.get("Number of bands", "")), number(parameters.get("Start band", ""))


def _refuse_other_bands(device: str, grid: WavelengthGrid) -> None:
    """Refuse a spectrum of which the instrument's parameters say that it begins at another wavelength."""
    bands, start = _bands(device)
    if bands == grid.count and start is not None and start != grid.start:
        raise GeometryError(
            f"{grid.count} values from {grid.start:g} nm, but the instrument's {bands:g} bands start at {start:g} nm"
        )


def _instrument(record: _Record, device: str) -> str | None:
    parameters = _device(device)
    model = " ".join(filter(None, (parameters.get("Manufacture"), parameters.get("Model"))))
    model = model or record.text(record.prefix + "INST_TYPE")
    serial = parameters.get("Serial number") or record.text(record.prefix + "INSTRUMENT_SERIAL_NO")
    return printable(f"{model}, serial number {serial}" if serial and model else model) or None


@lru_cache(maxsize=64)
def _viewing_conditions(viewing: str) -> tuple[tuple[str, str], ...]:
    """The aperture and UV filter that the viewing text names, by name."""
    words = re.split(r"[\s,]+", viewing.upper())
    conditions = {}
    aperture = next((word for word in APERTURES if word in words), None)
    if aperture:
        conditions["aperture"] = aperture
    ultraviolet = re.search(r"\bUV[ ]?(INC|EXC|CAL|\d{3}|ADJ|AD1|AD2)\w*", viewing.upper())
    if ultraviolet:
        conditions["UV"] = {"INC": "included", "EXC": "excluded", "CAL": "calibrated"}.get(
            ultraviolet[1], ultraviolet[0]
        )
    if "KEYBOARD" in words:
        conditions["entered by"] = "keyboard"
    return tuple(conditions.items())


def _conditions(record: _Record, viewing: str, name: str) -> dict[str, str]:
    """Everything else the section declares, verbatim."""
    conditions = dict(_viewing_conditions(viewing))
    taken = _TAKEN[record.prefix]
    for key, (_, value) in record.fields.items():
        if key in taken or not (value or key in record.repeated):
            continue
        if key in record.repeated:
            value = "; ".join(dict.fromkeys((value, *(other for _, other in record.repeated[key]))))
        value = value.rstrip(", ")
        if value.strip(" ;") and not (key == "BAT_NAME" and value == name):
            conditions[printable(key)] = printable(value)
    return conditions
