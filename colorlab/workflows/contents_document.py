"""What a measurement file holds, in the plain types of docs/json.md."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from spectra.formats.base import MeasurementFile
from spectra.geometry import Geometry
from spectra.light import SpectralDistribution
from spectra.measurement import Measurement
from spectra.stated import ColourReading, StatedColour, StatedRecipe, Texture

UNDECLARED = "undeclared"


def contents_as_dict(file: MeasurementFile) -> dict[str, Any]:
    """Everything beside the measurements: colours without a spectrum, other spectra, recipes, attached documents."""
    return {
        "colours": [colour_as_dict(colour) for colour in file.colours],
        "spectra": [spectrum_as_dict(spectrum) for spectrum in file.spectra],
        "recipes": [recipe_as_dict(recipe) for recipe in file.recipes],
        "attachments": [
            {"kind": one.kind, "measurement": one.subject, "document": _plain(one.document)} for one in file.attachments
        ],
    }


def measurement_as_dict(measurement: Measurement) -> dict[str, Any]:
    """One measurement in plain types."""
    grid, declared = measurement.grid, measurement.declared
    return {
        "sample": measurement.sample,
        "role": measurement.role,
        "standard": measurement.standard,
        "geometry": _geometry(measurement.geometry),
        "wavelengths_nm": {
            "start": grid.start,
            "stop": grid.stop,
            "step": grid.step,
            "count": grid.count,
            "nodes": list(grid.nodes),
        },
        "reflectance_factor": measurement.reflectance_factor.tolist(),
        "n_readings": 1 if measurement.readings is None else len(measurement.readings),
        "states_covariance": measurement.covariance is not None,
        "declared": {
            "condition": declared.condition or UNDECLARED,
            "bandpass_nm": declared.bandpass_nm,
            "bandpass_corrected": declared.bandpass_corrected,
            "backing": declared.backing or UNDECLARED,
        },
        "stated_colours": [stated_as_dict(colour) for colour in measurement.stated],
        "texture": _texture(measurement.texture),
        "taken_at": measurement.taken_at.isoformat() if measurement.taken_at else None,
        "instrument": measurement.instrument,
        "conditions": dict(measurement.conditions),
        "source_sha256": measurement.source.sha256 if measurement.source else None,
    }


def stated_as_dict(colour: StatedColour) -> dict[str, Any]:
    """A colour a file states, in plain types; a row is null where an angle states none."""
    return {
        "space": colour.space,
        "illuminant": colour.illuminant or UNDECLARED,
        "observer": colour.observer or UNDECLARED,
        "values": [None if any(map(math.isnan, row)) else row for row in colour.values.tolist()],
    }


def colour_as_dict(colour: ColourReading) -> dict[str, Any]:
    """A sample of which the file states colours only, in plain types."""
    return {
        "sample": colour.sample,
        "role": colour.role,
        "standard": colour.standard,
        "geometry": _geometry(colour.geometry),
        "stated_colours": [stated_as_dict(stated) for stated in colour.stated],
        "texture": _texture(colour.texture),
        "taken_at": colour.taken_at.isoformat() if colour.taken_at else None,
        "instrument": colour.instrument,
        "conditions": dict(colour.conditions),
        "source_sha256": colour.source.sha256 if colour.source else None,
    }


def spectrum_as_dict(spectrum: SpectralDistribution) -> dict[str, Any]:
    """A spectrum that is no reflectance, in plain types."""
    return {
        "name": spectrum.name,
        "quantity": spectrum.quantity,
        "unit": spectrum.unit,
        "wavelengths_nm": spectrum.grid.wavelengths.tolist(),
        "values": spectrum.values.tolist(),
        "conditions": dict(spectrum.conditions),
        "source_sha256": spectrum.source.sha256 if spectrum.source else None,
    }


def recipe_as_dict(recipe: StatedRecipe) -> dict[str, Any]:
    """A recipe a file states, in plain types."""
    return {
        "sample": recipe.sample,
        "name": recipe.name,
        "unit": recipe.unit or UNDECLARED,
        "substrate": recipe.substrate,
        "process": recipe.process,
        "components": [
            {
                "colorant": one.colorant,
                "amount": one.amount,
                "part_number": one.part_number,
                "density": one.density,
                "is_base": one.is_base,
            }
            for one in recipe.components
        ],
    }


def _plain(document: Any) -> Any:
    if isinstance(document, Mapping):
        return {str(key): _plain(value) for key, value in document.items()}
    return [_plain(value) for value in document] if isinstance(document, list | tuple) else document


def _geometry(geometry: Geometry) -> dict[str, Any]:
    return {
        "kind": geometry.kind,
        "angles": list(geometry.tokens),
        "specular": geometry.specular or UNDECLARED,
    }


def _texture(texture: Sequence[Texture]) -> list[dict[str, Any]]:
    return [
        {"quantity": row.quantity, "geometry": row.geometry, "value": row.value, "version": row.version}
        for row in texture
    ]
