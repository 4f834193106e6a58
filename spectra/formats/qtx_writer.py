"""Writing Datacolor QTX as the vendor's software mails it: percent, six decimals, CRLF, trailing commas."""

from __future__ import annotations

import numpy as np

from spectra.errors import GeometryError, MeasurementError, WavelengthRangeError
from spectra.formats.base import SCALE, MeasurementFile
from spectra.formats.qtx import APERTURES
from spectra.formats.text import printable
from spectra.measurement import Measurement

DECIMALS = 6  # of a percent value, as the vendor's software prints


def write(file: MeasurementFile) -> bytes:
    """Standards, then the batches, as the vendor's software mails them: percent, six decimals, CRLF, trailing commas.

    Times go in as seconds since 1970 UTC; a time without a zone is left out, because its seconds are not known.

    Raises
    ------
    GeometryError
        If a measurement is not declared to be of a sphere: QTX has no angles.
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
        f"{prefix}REFLINTERVAL={_shortest(grid.step)},",
        f"{prefix}REFLLOW={_shortest(grid.start)},",
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


def _shortest(value: float | None) -> str:
    """The fewest digits that read back to the same wavelength."""
    return np.format_float_positional(value or 0.0, trim="-")


def _viewing(measurement: Measurement) -> str:
    geometry, conditions = measurement.geometry, measurement.conditions
    if geometry.kind != "sphere":
        found = f"{measurement.sample}: QTX holds sphere measurements (d/8), not {geometry.name}"
        raise GeometryError(f"{found}. Declare it with --geometry" if geometry.kind == "unknown" else found)
    specular = {"included": "SCI", "excluded": "SCE", None: ""}[geometry.specular]
    ultraviolet = {"included": "UV Inc", "excluded": "UV Exc", "calibrated": "UV Cal"}.get(conditions.get("UV", ""), "")
    aperture = conditions.get("aperture", "")
    return " ".join(word for word in ("%R", aperture if aperture in APERTURES else "", specular, ultraviolet) if word)


def _name(name: str) -> str:
    if not printable(name) == name or name.endswith(","):
        raise MeasurementError(f"{name!r} cannot stand in a QTX file: no line breaks, control signs or outer blanks")
    return name
