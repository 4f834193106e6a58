"""Datacolor QTX: standards and their batches, one keyword section each, reflectance in percent."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from spectra.arrays import FloatArray, frozen
from spectra.errors import GeometryError, MalformedFileError, MeasurementError, UnsafeFileError, WavelengthRangeError
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
from spectra.formats.declared import illuminant_and_observer
from spectra.formats.text import decode_keeping_bytes, head_text, number, printable, shortened
from spectra.geometry import ANNULAR_45_0, D8, D8_SCE, D8_SCI, Geometry
from spectra.measurement import Measurement
from spectra.stated import Source, StatedColour
from spectra.wavelengths import WavelengthGrid

NAME = "qtx"
MAX_LINES = 1_000_000  # a section takes 20 to 40
MAX_POINTS = 2000
DECIMALS = 6  # of a percent value, as the vendor's software prints

# Both dialects: `[STANDARD_DATA 0]`, `[BATCH_DATA]` and `[STANDARD 0]`, `[BATCH 12]`.
_SECTION = re.compile(r"\[\s*(STANDARD|BATCH)(?:_DATA)?(?:\s+\d{1,9})?\s*\]", re.IGNORECASE)
_SIGNATURE = re.compile(
    r"^[ \t]*\[[ \t]*(?:STANDARD|BATCH)(?:_DATA)?(?:[ \t]+\d{1,9})?[ \t]*\][ \t]*\r?\n"
    r"(?:[^\[\n]*\n){0,9}?[ \t]*(?:STD|BAT)_[A-Z]\w*[ \t]*[=,]",
    re.IGNORECASE | re.MULTILINE,
)
_PREFIX = {"STANDARD": "STD_", "BATCH": "BAT_"}
_APERTURES = ("XUSAV", "USAV", "VSAV", "XSAV", "SAV", "MAV", "LAV", "XLAV", "VLAV")
_LARGEST_TIME = datetime(2100, 1, 1, tzinfo=UTC).timestamp()


@dataclass(slots=True)
class _Section:
    kind: str
    title: str
    line: int
    fields: dict[str, list[tuple[int, str]]] = field(default_factory=dict)


def recognises(content: bytes, file_name: str) -> bool:
    """Whether a standard or batch section stands in the file, followed by a field of it."""
    return not content.startswith(b"PK\x03\x04") and _SIGNATURE.search(head_text(content)) is not None


def read(content: bytes, file_name: str, options: ReadOptions = NOTHING_DECLARED) -> MeasurementFile:
    """Standards and batches of a QTX file.

    Notes
    -----
    The percent values become reflectance factors. Stored XYZ are kept as the file's claim; their illuminant is
    undeclared unless `…_CORD_ILLUM` names it. The specular component is taken from `…_VIEWING`, else from
    `…_MEASDLL_PARAMS`, else it stays undeclared. Times are seconds since 1970 UTC; 0 means not set.

    Raises
    ------
    MalformedFileError
        If a spectrum does not have the points its section announces, or a field is not a number.
    UnsafeFileError
    """
    refuse_large(content, file_name)
    refuse_other_unit(options, "percent", file_name)
    sections, notes = _sections(decode_keeping_bytes(content, options.encoding, file_name), file_name)
    source = source_of(content, file_name, NAME)
    measurements = []
    for section in sections:
        measurement = _measurement(section, source, notes)
        if measurement is not None:
            measurements.append(measurement)
    if not measurements:
        raise MalformedFileError(file_name, "no standard or batch with a spectrum", expected="STD_R or BAT_R values")
    undeclared = sum(colour.illuminant is None for m in measurements for colour in m.stated)
    if undeclared:
        notes.append(f"stored XYZ without a declared illuminant: {undeclared} of {len(measurements)} measurements")
    unknown = sum(m.geometry.specular is None for m in measurements)
    if unknown:
        notes.append(f"specular component not declared: {unknown} of {len(measurements)} measurements")
    return MeasurementFile(NAME, tuple(measurements), tuple(notes))


def _sections(text: str, file_name: str) -> tuple[list[_Section], list[str]]:
    sections: list[_Section] = []
    notes: list[str] = []
    current: _Section | None = None
    after_blank = True
    for line_number, raw in enumerate(io.StringIO(text, newline=None), start=1):
        if line_number > MAX_LINES:
            raise UnsafeFileError(file_name, f"more than {MAX_LINES} lines", remedy="Split the file")
        line = raw.strip(" \t\n\x00\x1a")
        if not line:
            after_blank = True
            continue
        header = _SECTION.fullmatch(line)
        if header:
            current = _Section(header[1].upper(), printable(line), line_number)
            sections.append(current)
        elif line.startswith("[") and line.endswith("]"):
            current = None
            notes.append(f"line {line_number}: section {shortened(line)} is not one of measurements; left out")
        elif current is not None and (key_value := _key_value(line)):
            current.fields.setdefault(key_value[0], []).append((line_number, key_value[1]))
        elif current is None or after_blank:
            # Mail programs leave their words before, between and behind the sections.
            notes.append(f"line {line_number}: text outside the sections left out: {shortened(line)}")
            continue
        else:
            raise MalformedFileError(
                file_name, shortened(line), where=f"line {line_number}, {current.title}", expected="a field KEY=value"
            )
        after_blank = False
    return sections, notes[:20] + ([f"{len(notes) - 20} more such lines"] if len(notes) > 20 else [])


def _key_value(line: str) -> tuple[str, str] | None:
    match = re.match(r"([A-Za-z_][^=,\s]*)\s*[=,](.*)", line, re.DOTALL)
    return (match[1], match[2].strip()) if match else None


def _measurement(section: _Section, source: Source, notes: list[str]) -> Measurement | None:
    prefix = _PREFIX[section.kind]
    file_name = source.file_name
    name = printable(_text(section, prefix + "NAME", file_name).rstrip(","))
    if not name:
        name = section.title.strip("[]")
        notes.append(f"line {section.line}: the section names nothing; called {name!r}")
    line, values = _line(section, prefix + "R", file_name)
    where = f"line {line}, field {prefix}R of {shortened(name)}"
    if not values.strip(" ,"):
        notes.append(f"{section.title} {shortened(name)} holds no spectrum; left out")
        return None
    viewing = _text(section, prefix + "VIEWING", file_name)
    device = _text(section, prefix + "MEASDLL_PARAMS", file_name)
    if "%T" in viewing.split():
        raise MalformedFileError(file_name, "viewing %T: a transmittance", where=where, expected="a reflectance, %R")
    low, step, points = (_number(section, prefix + key, file_name) for key in ("REFLLOW", "REFLINTERVAL", "REFLPOINTS"))
    spectrum = _spectrum(values, file_name, where)
    if points != len(spectrum):
        raise MalformedFileError(
            file_name, f"{len(spectrum)} values", where=where, expected=f"{points:g}, as {prefix}REFLPOINTS says"
        )
    stop = low + step * (len(spectrum) - 1)
    if not (step > 0 and low >= MIN_WAVELENGTH and stop <= MAX_WAVELENGTH and len(spectrum) > 1):
        raise MalformedFileError(
            file_name,
            f"{len(spectrum)} values from {low:g} nm in steps of {step:g} nm",
            where=where,
            expected=f"wavelengths within {MIN_WAVELENGTH:g}–{MAX_WAVELENGTH:g} nm",
        )
    standard = _text(section, "STD_NAME", file_name) if section.kind == "BATCH" else ""
    with placed(file_name, where):
        return Measurement(
            sample=name,
            reflectance_factor=spectrum[np.newaxis, :],
            grid=WavelengthGrid(low, stop, step),
            geometry=_geometry(viewing, device),
            role="sample" if section.kind == "BATCH" else "standard",
            standard=printable(standard.rstrip(",")) or None,
            stated=_stated(section, prefix, file_name),
            taken_at=_time(section, prefix, file_name),
            instrument=_instrument(device),
            conditions=_conditions(section, prefix, viewing),
            source=source,
        )


def _line(section: _Section, key: str, file_name: str) -> tuple[int, str]:
    entries = section.fields.get(key) or section.fields.get(key.upper()) or []
    if not entries:
        raise MalformedFileError(
            file_name, f"no field {key}", where=f"line {section.line}, {section.title}", expected=f"{key}=…"
        )
    if len({value for _, value in entries}) > 1:
        raise MalformedFileError(file_name, f"{key} stands twice", where=f"line {entries[1][0]}", expected="one value")
    return entries[0]


def _text(section: _Section, key: str, file_name: str) -> str:
    return _line(section, key, file_name)[1] if key in section.fields else ""


def _number(section: _Section, key: str, file_name: str) -> float:
    line, text = _line(section, key, file_name)
    value = number(text.rstrip(", "))
    if value is None:
        raise MalformedFileError(file_name, shortened(text), where=f"line {line}, field {key}", expected="a number")
    return value


def _spectrum(text: str, file_name: str, where: str) -> FloatArray:
    cells = text.rstrip(" ,").split(",")
    if len(cells) > MAX_POINTS:
        raise MalformedFileError(file_name, f"{len(cells)} values", where=where, expected=f"at most {MAX_POINTS}")
    numbers = [number(cell) for cell in cells]
    for position, value in enumerate(numbers):
        if value is None or abs(value) * SCALE["percent"] > MAX_REFLECTANCE_FACTOR:
            raise MalformedFileError(
                file_name, f"value {position + 1} is {shortened(cells[position])}", where=where, expected="percent"
            )
    return frozen(np.array(numbers, dtype=np.float64) * SCALE["percent"])


def _stated(section: _Section, prefix: str, file_name: str) -> tuple[StatedColour, ...]:
    texts = [_text(section, prefix + axis, file_name).rstrip(", ") for axis in "XYZ"]
    if not any(texts):
        return ()
    XYZ = [_number(section, prefix + axis, file_name) for axis in "XYZ"]
    declared = illuminant_and_observer(_text(section, prefix + "CORD_ILLUM", file_name).rstrip(", "))
    illuminant, observer = declared or (None, None)
    return (StatedColour("XYZ", frozen([XYZ]), illuminant, observer),)


def _time(section: _Section, prefix: str, file_name: str) -> datetime | None:
    if not _text(section, prefix + "DATETIME", file_name).rstrip(", "):
        return None
    seconds = _number(section, prefix + "DATETIME", file_name)
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _LARGEST_TIME else None


def _geometry(viewing: str, device: str) -> Geometry:
    words = re.split(r"[\s,]+", viewing.upper())
    component = re.search(r"Specular component:\s*([IE])", device, re.IGNORECASE)
    if re.search(r"Geometry:\s*45[/:]0", device, re.IGNORECASE):
        return ANNULAR_45_0
    if "SCI" in words:
        return D8_SCI
    if "SCE" in words:
        return D8_SCE
    if component:
        return D8_SCI if component[1].upper() == "I" else D8_SCE
    return D8


def _instrument(device: str) -> str | None:
    parts = dict(part.split(":", 1) for part in re.split(r"[,?]", device) if ":" in part)
    maker_model = " ".join(parts[key].strip() for key in ("Manufacture", "Model") if parts.get(key, "").strip())
    serial = parts.get("Serial number", "").strip()
    return printable(f"{maker_model}, serial number {serial}" if serial and maker_model else maker_model) or None


def _conditions(section: _Section, prefix: str, viewing: str) -> dict[str, str]:
    """Everything else the section declares, verbatim; the aperture and UV filter the viewing text names, by name."""
    taken = {prefix + key for key in ("NAME", "R", "REFLPOINTS", "REFLINTERVAL", "REFLLOW", "X", "Y", "Z", "DATETIME")}
    conditions = {}
    words = re.split(r"[\s,]+", viewing.upper())
    aperture = next((word for word in _APERTURES if word in words), None)
    if aperture:
        conditions["aperture"] = aperture
    ultraviolet = re.search(r"\bUV[ ]?(INC|EXC|CAL|\d{3}|ADJ|AD1|AD2)\w*", viewing.upper())
    if ultraviolet:
        conditions["UV"] = {"INC": "included", "EXC": "excluded", "CAL": "calibrated"}.get(
            ultraviolet[1], ultraviolet[0]
        )
    if "KEYBOARD" in words:
        conditions["entered by"] = "keyboard"
    for key, entries in section.fields.items():
        text = "; ".join(dict.fromkeys(value.rstrip(", ") for _, value in entries))
        if key not in taken and key != "STD_NAME" and text.strip(" ;"):
            conditions[printable(key)] = printable(text)
    return conditions


def write(file: MeasurementFile) -> bytes:
    """Standards, then the batches, as the vendor's software mails them: percent, six decimals, CRLF, trailing commas.

    Times go in as seconds since 1970 UTC; a time without a zone is left out, because its seconds are not known.

    Raises
    ------
    GeometryError
        If a measurement is not of a sphere: QTX has no angles.
    MeasurementError
        If a name holds a line break.
    WavelengthRangeError
        If wavelengths are uneven.
    """
    for m in file.measurements:
        if m.grid.step is None:
            raise WavelengthRangeError(f"{m.sample}: QTX holds equally spaced wavelengths, not {m.grid}")
    standards = [m for m in file.measurements if m.role == "standard"]
    batches = [m for m in file.measurements if m.role != "standard"]
    lines: list[str] = []
    for index, measurement in enumerate(standards):
        lines += [f"[STANDARD_DATA {index}]", f"STD_NAME={_name(measurement.sample)}"]
        lines += _fields("STD_", measurement)
    for index, measurement in enumerate(batches):
        lines += [f"[BATCH_DATA {index}]", f"STD_NAME={_name(measurement.standard or '')}"]
        lines += [f"BAT_NAME={_name(measurement.sample)}", *_fields("BAT_", measurement)]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8")


def _fields(prefix: str, measurement: Measurement) -> list[str]:
    grid, taken_at = measurement.grid, measurement.taken_at
    stated = next((colour for colour in measurement.stated if colour.space == "XYZ"), None)
    percent = measurement.reflectance_factor[0] / SCALE["percent"]
    seconds = f"{taken_at.timestamp():.0f}," if taken_at is not None and taken_at.tzinfo is not None else ""
    lines = [
        f"{prefix}DATETIME={seconds}",
        f"{prefix}REFLPOINTS={grid.count},",
        f"{prefix}REFLINTERVAL={grid.step:g},",
        f"{prefix}REFLLOW={grid.start:g},",
        f"{prefix}VIEWING={_viewing(measurement)}",
        f"{prefix}R=" + "".join(f"{value:.{DECIMALS}f}," for value in percent),
    ]
    if stated is not None:
        declared = "NONE"
        if stated.illuminant and stated.observer:
            declared = f"{stated.illuminant}/{stated.observer.rstrip('°')} deg"
        lines.append(f"{prefix}CORD_ILLUM={declared}")
        lines += [f"{prefix}{axis}={value:.6f}," for axis, value in zip("XYZ", stated.values[0], strict=True)]
    return lines


def _viewing(measurement: Measurement) -> str:
    geometry, conditions = measurement.geometry, measurement.conditions
    if geometry.kind != "sphere":
        raise GeometryError(f"{measurement.sample}: QTX holds sphere measurements (d/8), not {geometry.name}")
    specular = {"included": "SCI", "excluded": "SCE", None: ""}[geometry.specular]
    ultraviolet = {"included": "UV Inc", "excluded": "UV Exc", "calibrated": "UV Cal"}.get(conditions.get("UV", ""), "")
    aperture = conditions.get("aperture", "")
    return " ".join(word for word in ("%R", aperture if aperture in _APERTURES else "", specular, ultraviolet) if word)


def _name(name: str) -> str:
    if not printable(name) == name or name.endswith(","):
        raise MeasurementError(f"{name!r} cannot stand in a QTX file: no line breaks, control signs or outer blanks")
    return name
