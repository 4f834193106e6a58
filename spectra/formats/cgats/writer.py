"""Measurements and colour readings as CGATS.17 text: standard fields first, everything else in declared keywords."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from spectra.errors import GeometryError, MeasurementError, WavelengthRangeError
from spectra.formats.base import MAX_WAVELENGTH, MIN_WAVELENGTH, MeasurementFile
from spectra.formats.cgats.fields import FEWEST_WAVELENGTHS, Viewing, colour_names, name_of_condition
from spectra.formats.cgats.header import RESERVED
from spectra.formats.declared import single_geometry
from spectra.geometry import UNDECLARED, Geometry, is_directional
from spectra.measurement import Measurement
from spectra.stated import ColourReading, ColourSpace, StatedColour
from spectra.wavelengths import WavelengthGrid

# What the standard defines itself; everything else is declared by KEYWORD.
_STANDARD = (
    *("ORIGINATOR", "FILE_DESCRIPTOR", "DESCRIPTOR", "CREATED", "MANUFACTURER", "PROD_DATE", "SERIAL", "MATERIAL"),
    *("INSTRUMENTATION", "MEASUREMENT_SOURCE", "PRINT_CONDITIONS", "SAMPLE_BACKING", "MEASUREMENT_GEOMETRY", "FILTER"),
    *("POLARIZATION", "WEIGHTING_FUNCTION", "COMPUTATIONAL_PARAMETER", "SAMPLE_ID"),
    *(name for space in ("Lab", "XYZ", "LCh", "xyY") for name in colour_names(space, None)),
)
_SAMPLE_ID = name_of_condition("SAMPLE_ID", RESERVED)
Sample = Measurement | ColourReading
_Colour = tuple[ColourSpace, Viewing]


def write(file: MeasurementFile) -> bytes:
    """UTF-8 text with CRLF: a table for each run of measurements of the same wavelengths, one for colour readings.

    A row holds one angle of one reading. What all samples of a table share stands in keywords above it, what differs in
    fields; numbers have the shortest form that reads back to the same value, spectra as fractions (SPECTRAL_NORM 1).

    Raises
    ------
    MeasurementError
        If there is nothing to write, or a text holds line breaks or control signs.
    GeometryError
        If a geometry has no name that can be read back.
    WavelengthRangeError
        If there are fewer than three wavelengths, or they are beyond what instruments measure.
    """
    runs: list[tuple[WavelengthGrid | None, list[Sample]]] = [
        (grid, list(run)) for grid, run in itertools.groupby(file.measurements, key=lambda m: m.grid)
    ]
    if file.colours:
        runs.append((None, list(file.colours)))
    if not runs:
        raise MeasurementError("no measurement and no colour to write: CGATS holds nothing else")
    lines = [line for grid, samples in runs for line in _table(grid, samples)]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8")


def _table(grid: WavelengthGrid | None, samples: Sequence[Sample]) -> Iterator[str]:
    for sample in samples:
        _refuse_unnamed(sample)
    if grid is not None and not (
        MIN_WAVELENGTH <= grid.start < grid.stop <= MAX_WAVELENGTH and grid.count >= FEWEST_WAVELENGTHS
    ):
        raise WavelengthRangeError(f"{samples[0].sample}: {grid} is no spectrum that a CGATS reader would know")
    colours, viewing = _colours(samples)
    axes = list(dict.fromkeys(itertools.chain(*(_axes(one, viewing) for one in colours))))
    spectral = [] if grid is None else [f"SPECTRAL_NM{nm!r}".removesuffix(".0") for nm in grid.wavelengths.tolist()]
    shared, own = _facts(samples)
    placing = ["GEOMETRY"] if any(sample.geometry.n_angles > 1 for sample in samples) else []
    placing += ["READING"] if any(isinstance(one, Measurement) and one.readings is not None for one in samples) else []
    fields = [*_names(samples), *placing, *own, *axes, *spectral]
    keywords = {**{key: f'"{_safe(value)}"' for key, value in shared.items()}, **_spectral_keywords(grid)}
    weights = [f"{what}, {one}" for what, one in zip(("ILLUMINANT", "OBSERVER"), viewing, strict=True) if one]
    rows = list(_rows(samples, placing, own, axes, viewing))
    yield "CGATS.17"
    for key, value in keywords.items():
        if key not in _STANDARD:
            yield f'KEYWORD "{key}"'
        yield f"{key} {value}"
    yield from (f'WEIGHTING_FUNCTION "{_safe(weight)}"' for weight in weights)
    yield from (f'KEYWORD "{name}"' for name in fields if name not in _STANDARD)
    yield f"NUMBER_OF_FIELDS {len(fields)}"
    yield "BEGIN_DATA_FORMAT"
    yield " ".join(fields)
    yield "END_DATA_FORMAT"
    yield f"NUMBER_OF_SETS {len(rows)}"
    yield "BEGIN_DATA"
    yield from rows
    yield "END_DATA"


def _rows(
    samples: Sequence[Sample], placing: list[str], own: dict[str, list[str]], axes: list[str], viewing: Viewing
) -> Iterator[str]:
    names = _names(samples)
    for number, sample in enumerate(samples):
        facts = [f'"{_safe(values[number])}"' for values in own.values()]
        head = [f'"{_safe(values[number])}"' for values in names.values()]
        spectra = _spectra(sample)
        for reading, (angle, token) in itertools.product(range(len(spectra)), enumerate(sample.geometry.tokens)):
            place = {"GEOMETRY": "" if sample.geometry is UNDECLARED else token, "READING": str(reading + 1)}
            cells = [*head, *(f'"{place[name]}"' for name in placing)]
            cells += [*facts, *_coordinates(sample.stated if reading == 0 else (), angle, axes, viewing)]
            cells += map(repr, spectra[reading, angle].tolist())
            yield " ".join(cells)


def _spectra(sample: Sample) -> np.ndarray:
    """Shape (n_readings, n_angles, n_wavelengths)."""
    if isinstance(sample, ColourReading):
        return np.empty((1, sample.geometry.n_angles, 0))
    return sample.reflectance_factor[np.newaxis] if sample.readings is None else sample.readings


def _colours(samples: Iterable[Sample]) -> tuple[list[_Colour], Viewing]:
    """Every stated space and viewing, and the viewing that the keywords above can say for the fields without one."""
    found = [(c.space, (c.illuminant, c.observer)) for sample in samples for c in sample.stated]
    colours: list[_Colour] = list(dict.fromkeys(found))
    viewings = {viewing for _, viewing in colours}
    return colours, viewings.pop() if len(viewings) == 1 else (None, None)


def _axes(colour: _Colour, viewing: Viewing) -> tuple[str, ...]:
    space, own = colour
    return colour_names(space, None if own == viewing else own)


def _coordinates(stated: Iterable[StatedColour], angle: int, axes: list[str], viewing: Viewing) -> list[str]:
    """The cells of the colours of one angle; an empty string where it states none."""
    cells: dict[str, str] = {}
    for colour in stated:
        values = colour.values[angle].tolist()
        if not np.isnan(values).any():
            names = _axes((colour.space, (colour.illuminant, colour.observer)), viewing)
            for name, value in zip(names, values, strict=True):
                cells.setdefault(name, repr(value))
    return [cells.get(name, '""') for name in axes]


def _names(samples: Sequence[Sample]) -> dict[str, list[str]]:
    """What the samples are called, by field: SAMPLE_ID alone where that tells them apart.

    Where every sample was read with an identifier of its own beside its name, it keeps both; where names stand more
    than once, the identifiers are running numbers.
    """
    names = [sample.sample for sample in samples]
    known = [sample.conditions.get("SAMPLE_ID", "").strip() for sample in samples]
    if all(known) and len(set(known)) == len(known):
        return {"SAMPLE_ID": known, "SAMPLE_NAME": names}
    if len(set(names)) == len(names):
        return {"SAMPLE_ID": names}
    return {"SAMPLE_ID": [str(number) for number in range(1, len(names) + 1)], "SAMPLE_NAME": names}


def _facts(samples: Sequence[Sample]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """What all samples share, by keyword, and what differs, by field: one text for each sample."""
    rows = [_facts_of(sample) for sample in samples]
    if any(sample.geometry.n_angles > 1 for sample in samples):
        rows = [{name: text for name, text in row.items() if name != "GEOMETRY"} for row in rows]
    if _names(samples)["SAMPLE_ID"] == [sample.conditions.get("SAMPLE_ID") for sample in samples]:
        rows = [{name: text for name, text in row.items() if name != _SAMPLE_ID} for row in rows]
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [row.get(name, "") for row in rows] for name in names}
    shared = {
        _ABOVE.get(name, name): values[0]
        for name, values in columns.items()
        if len(set(values)) == 1 and name not in _NEVER_ABOVE
    }
    return shared, {name: values for name, values in columns.items() if len(set(values)) > 1 or name in _NEVER_ABOVE}


# Where a fact of every sample has another keyword than the field has, and what no keyword can say of all samples.
_ABOVE = {"INSTRUMENT": "INSTRUMENTATION", "GEOMETRY": "MEASUREMENT_GEOMETRY"}
_NEVER_ABOVE = ("ROLE", "STANDARD", "DATE")


def _facts_of(sample: Sample) -> dict[str, str]:
    facts = {
        "ROLE": sample.role if sample.role != "undeclared" else "",
        "STANDARD": sample.standard or "",
        "DATE": sample.taken_at.isoformat() if sample.taken_at else "",
        "INSTRUMENT": sample.instrument or "",
        "GEOMETRY": sample.geometry.tokens[0] if _has_one_name(sample.geometry) else "",
    }
    if isinstance(sample, Measurement):
        declared = sample.declared
        facts["MEASUREMENT_CONDITION"] = declared.condition or ""
        facts["SAMPLE_BACKING"] = declared.backing or ""
        facts["BANDPASS_NM"] = "" if declared.bandpass_nm is None else repr(declared.bandpass_nm)
        facts["BANDPASS_CORRECTED"] = {True: "yes", False: "no", None: ""}[declared.bandpass_corrected]
    facts |= {name_of_condition(name, RESERVED): value.strip() for name, value in sample.conditions.items()}
    return {name: value for name, value in facts.items() if value}


def _has_one_name(geometry: Geometry) -> bool:
    return geometry is not UNDECLARED and geometry.n_angles == 1


def _spectral_keywords(grid: WavelengthGrid | None) -> dict[str, str]:
    if grid is None:
        return {}
    norm = {"SPECTRAL_NORM": "1"}
    if grid.step is None:
        return norm
    return norm | {
        "SPECTRAL_BANDS": str(grid.count),
        "SPECTRAL_START_NM": repr(float(grid.start)),
        "SPECTRAL_END_NM": repr(float(grid.stop)),
    }


def _refuse_unnamed(sample: Sample) -> None:
    name, geometry = sample.sample, sample.geometry
    if not name or name != name.strip() or (sample.standard or "") != (sample.standard or "").strip():
        raise MeasurementError(f"{name!r} or its standard {sample.standard!r} is empty or has outer blanks")
    readable = all(is_directional(token) for token in geometry.tokens)
    if not readable and geometry is not UNDECLARED and single_geometry(geometry.tokens[0]) is None:
        raise GeometryError(f"{name}: geometry {geometry.name!r} has no name that CGATS readers could tell")


def _safe(text: str) -> str:
    """A text between quotation marks: those inside are doubled, line breaks and control signs refused."""
    if not text.replace("\t", " ").isprintable():
        raise MeasurementError(f"{text[:80]!r} cannot stand in a CGATS file: no line breaks or control signs")
    return text.replace('"', '""')
