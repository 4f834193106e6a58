"""What a bundle says of each record, field by field, in the order in which it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import MeasurementError
from spectra.formats.base import MAX_REFLECTANCE_FACTOR, MeasurementFile
from spectra.formats.bundle.codecs import (
    ARRAY,
    DOCUMENT,
    FLAG,
    INTEGER,
    MOMENT,
    NAME,
    NUMBER,
    TEXT,
    WORDS,
    Codec,
    OddValueError,
    Packing,
    Unpacking,
    choice,
    optional,
    record,
    sequence,
    shared,
)
from spectra.geometry import SINGLE_GEOMETRIES, Geometry, directional
from spectra.light import SpectralDistribution
from spectra.measurement import MEASUREMENT_CONDITIONS, Declared, Measurement
from spectra.stated import (
    COLOUR_SPACES,
    Attachment,
    ColourReading,
    Source,
    StatedColour,
    StatedComponent,
    StatedRecipe,
    Texture,
)
from spectra.wavelengths import WavelengthGrid

FIELDS: dict[type, dict[str, Codec]] = {}  # of every record, for whoever asks whether one was forgotten


def _record(kind: type, codecs: dict[str, Codec], make: Callable[..., Any] | None = None) -> Codec:
    FIELDS[kind] = codecs
    defaults = {}
    for field in fields(kind):
        if field.default is not MISSING:
            defaults[field.name] = field.default
        elif field.default_factory is not MISSING:
            defaults[field.name] = field.default_factory()
    return record(make or kind, codecs, {name: value for name, value in defaults.items() if name in codecs})


def _geometry(**found: Any) -> Geometry:
    """The one geometry of that name; angles that contradict the names are refused."""
    tokens = found["tokens"]
    if found["kind"] == "directional":
        geometry = directional(tokens)
    elif len(tokens) == 1 and tokens[0] in SINGLE_GEOMETRIES:
        geometry = SINGLE_GEOMETRIES[tokens[0]]
    else:
        raise MeasurementError(f"no geometry is called {', '.join(tokens)[:200]}")
    if _geometry_key(geometry) != _key_of_angles(**found):
        raise MeasurementError(f"{geometry.name}: its angles are not those of its name")
    return geometry


def _key_of_angles(
    kind: str,
    tokens: tuple[str, ...],
    illumination_angles: tuple[float | None, ...],
    aspecular_angles: tuple[float | None, ...],
    azimuths: tuple[float | None, ...],
    specular: str | None,
) -> tuple[object, ...]:
    return kind, tokens, illumination_angles, aspecular_angles, azimuths, specular


def _geometry_key(geometry: Geometry) -> tuple[object, ...]:
    angles = (geometry.illumination_angles, geometry.aspecular_angles, geometry.azimuths)
    return geometry.kind, geometry.tokens, *map(_angles, angles), geometry.specular


def _angles(values: FloatArray) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(value) else value for value in values.tolist())


_ANGLES = Codec(lambda values, _: list(_angles(values)), sequence(optional(NUMBER)).decode)
_GEOMETRY = _record(
    Geometry,
    {
        "kind": choice("sphere", "45:0", "directional", "unknown"),
        "tokens": sequence(NAME),
        "illumination_angles": _ANGLES,
        "aspecular_angles": _ANGLES,
        "azimuths": _ANGLES,
        "specular": optional(choice("included", "excluded")),
    },
    _geometry,
)


def _geometry_out(geometry: Geometry, packing: Packing) -> Any:
    _geometry(**{field.name: value for field, value in zip(fields(Geometry), _geometry_key(geometry), strict=True)})
    return _GEOMETRY.encode(geometry, packing)


_GRID = _record(WavelengthGrid, {"start": NUMBER, "stop": NUMBER, "step": optional(NUMBER), "nodes": sequence(NUMBER)})
_SOURCE = _record(Source, {"file_name": TEXT, "sha256": TEXT, "format": TEXT})

# Written before and read before everything that points to them.
TABLES = {"sources": _SOURCE, "grids": _GRID, "geometries": _GEOMETRY}

_source = shared("sources", _SOURCE, lambda source: source)
_grid = shared("grids", _GRID, lambda grid: grid)
_geometry_of = shared("geometries", Codec(_geometry_out, _GEOMETRY.decode), _geometry_key)


def _bounded_out(values: FloatArray, packing: Packing) -> Any:
    if values.size and np.abs(values).max() > MAX_REFLECTANCE_FACTOR:
        raise MeasurementError(f"a reflectance factor of {np.abs(values).max():g}; no sample reflects that")
    return ARRAY.encode(values, packing)


def _bounded_in(value: Any, unpacking: Unpacking) -> FloatArray:
    values: FloatArray = ARRAY.decode(value, unpacking)
    if values.size and not np.abs(values).max() <= MAX_REFLECTANCE_FACTOR:
        raise OddValueError("absurd reflectance factors", f"at most {MAX_REFLECTANCE_FACTOR:g}")
    return values


_REFLECTANCE = Codec(_bounded_out, _bounded_in)
_ROLE = choice("standard", "sample", "undeclared")

_DECLARED = _record(
    Declared,
    {
        "condition": optional(choice(*MEASUREMENT_CONDITIONS)),
        "bandpass_nm": optional(NUMBER),
        "bandpass_corrected": optional(FLAG),
        "backing": optional(TEXT),
    },
)
_COLOUR = _record(
    StatedColour,
    {
        "space": choice(*COLOUR_SPACES),
        "values": ARRAY,
        "illuminant": optional(TEXT),
        "observer": optional(TEXT),
    },
)
_TEXTURE = _record(Texture, {"quantity": TEXT, "geometry": TEXT, "value": NUMBER, "version": TEXT})
_MEASUREMENT = _record(
    Measurement,
    {
        "sample": NAME,
        "reflectance_factor": _REFLECTANCE,
        "grid": _grid,
        "geometry": _geometry_of,
        "role": _ROLE,
        "standard": optional(NAME),
        "readings": optional(_REFLECTANCE),
        "covariance": optional(ARRAY),
        "declared": _DECLARED,
        "stated": sequence(_COLOUR),
        "texture": sequence(_TEXTURE),
        "taken_at": optional(MOMENT),
        "instrument": optional(TEXT),
        "conditions": WORDS,
        "source": optional(_source),
    },
)
_READING = _record(
    ColourReading,
    {
        "sample": NAME,
        "stated": sequence(_COLOUR),
        "geometry": _geometry_of,
        "role": _ROLE,
        "standard": optional(NAME),
        "taken_at": optional(MOMENT),
        "instrument": optional(TEXT),
        "conditions": WORDS,
        "source": optional(_source),
        "texture": sequence(_TEXTURE),
    },
)
_DISTRIBUTION = _record(
    SpectralDistribution,
    {
        "name": NAME,
        "quantity": TEXT,
        "values": ARRAY,
        "grid": _grid,
        "unit": TEXT,
        "conditions": WORDS,
        "source": optional(_source),
    },
)
_COMPONENT = _record(
    StatedComponent,
    {
        "colorant": TEXT,
        "amount": NUMBER,
        "part_number": optional(TEXT),
        "density": optional(TEXT),
        "is_base": FLAG,
    },
)
_RECIPE = _record(
    StatedRecipe,
    {
        "sample": NAME,
        "name": NAME,
        "unit": optional(TEXT),
        "components": sequence(_COMPONENT),
        "substrate": optional(TEXT),
        "process": optional(TEXT),
        "source": optional(_source),
    },
)
_ATTACHMENT = _record(Attachment, {"kind": TEXT, "subject": optional(INTEGER), "document": DOCUMENT})

# The name of the format is not written: a bundle that is read is a bundle, and every source names its own.
FILE = _record(
    MeasurementFile,
    {
        "measurements": sequence(_MEASUREMENT),
        "notes": sequence(TEXT),
        "colours": sequence(_READING),
        "spectra": sequence(_DISTRIBUTION),
        "recipes": sequence(_RECIPE),
        "attachments": sequence(_ATTACHMENT),
    },
    lambda **found: MeasurementFile(format="bundle", **found),
)
