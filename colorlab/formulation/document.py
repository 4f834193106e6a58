"""A colorant set as a JSON document: what `colorlab characterise` writes and `predict` and `match` read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from colorlab.json_document import JsonKind
from spectra.arrays import frozen
from spectra.colorant import Colorant, ColorantSet
from spectra.errors import MalformedFileError
from spectra.geometry import ANNULAR_45_0, D8_SCE, D8_SCI, directional
from spectra.model_error import ModelError
from spectra.optics.interface import Saunderson
from spectra.wavelengths import WavelengthGrid

DOCUMENT = JsonKind("colorlab colorant set", 1, "a colorant set", "Make one with `colorlab characterise`")
_SINGLE = {geometry.tokens[0]: geometry for geometry in (D8_SCI, D8_SCE, ANNULAR_45_0)}


@dataclass(frozen=True, slots=True, eq=False)
class ColorantFile:
    """A colorant set and the mass of white base its ladders were let down in, if one mass served them all. [g]"""

    colorant_set: ColorantSet
    base_mass_g: float | None


def write_colorants(file: ColorantFile) -> bytes:
    """The document; numbers are written so that they read back to the same value."""
    colorant_set = file.colorant_set
    grid, surface = colorant_set.grid, colorant_set.surface
    document = {
        **DOCUMENT.head,
        "name": colorant_set.name,
        "base": colorant_set.base,
        "base_mass_g": file.base_mass_g,
        "wavelengths_nm": {"start": grid.start, "stop": grid.stop, "step": grid.step},
        "geometry": list(colorant_set.geometry.tokens),
        "saunderson": {"k1": surface.k1, "k2": surface.k2, "specular_included": surface.specular_included},
        "scale": f"scattering of {colorant_set.base} = 1 at every wavelength, per unit mass fraction",
        **model_document(colorant_set),
        "colorants": [_colorant_document(colorant) for colorant in colorant_set.colorants],
    }
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n"


def read_colorants(content: bytes, file_name: str) -> ColorantFile:
    """Read what `write_colorants` wrote.

    Raises
    ------
    MalformedFileError
        Naming what is missing or wrong.
    """
    document = DOCUMENT.opened(content, file_name, parse_int=_integer)
    with DOCUMENT.values_of(file_name):
        tokens = document["geometry"]
        colorant_set = ColorantSet(
            name=_text(document["name"]),
            colorants=tuple(_colorant(entry) for entry in document["colorants"]),
            grid=_grid(document["wavelengths_nm"]),
            geometry=_SINGLE[tokens[0]] if tokens[0] in _SINGLE else directional(tokens),
            surface=Saunderson(**document["saunderson"]),
            base=_text(document["base"]),
            **model_from(document),
        )
        mass = document["base_mass_g"]
        if mass is not None and not 0 < float(mass) < float("inf"):
            raise MalformedFileError(file_name, repr(mass), where="key base_mass_g", expected="grams above 0")
        return ColorantFile(colorant_set, None if mass is None else float(mass))


def model_document(colorant_set: ColorantSet) -> dict[str, Any]:
    """The paint model of a set and what is known of its errors, in plain types."""
    ceiling, per_um, error = colorant_set.ceiling, colorant_set.base_scattering_per_um, colorant_set.model_error
    return {
        "link": colorant_set.link,
        "crowding": float(colorant_set.crowding),
        "ceiling": None if ceiling is None else ceiling.tolist(),
        "base_scattering_per_um": None if per_um is None else per_um.tolist(),
        "model_error": None if error is None else error.as_dict(),
    }


def model_from(document: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of `ColorantSet` from `model_document`.

    A document from before sets stated these has what they then were.

    Raises
    ------
    TypeError, ValueError, FormulationError
        If a value is of the wrong kind.
    """
    ceiling, per_um, error = (document.get(key) for key in ("ceiling", "base_scattering_per_um", "model_error"))
    return {
        "link": _text(document.get("link", "kubelka-munk")),
        "crowding": float(document.get("crowding", 0.0)),
        "ceiling": None if ceiling is None else frozen(ceiling),
        "base_scattering_per_um": None if per_um is None else frozen(per_um),
        "model_error": None if error is None else ModelError.from_dict(error),
    }


def facts_document(colorant: Colorant) -> dict[str, Any]:
    """All of a colorant but its spectra, in plain types."""
    return {
        "code": colorant.code,
        "name": colorant.name,
        "role": colorant.role,
        "dose_limits": list(colorant.dose_limits),
        "calibrated_dose": list(colorant.calibrated_dose),
        "price_per_kg": colorant.price_per_kg,
        "density_g_cm3": colorant.density_g_cm3,
        "crowds": colorant.crowds,
    }


def facts_from(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of `Colorant` from `facts_document`.

    Raises
    ------
    KeyError, TypeError, ValueError, IndexError
        If a value is missing or of the wrong kind.
    """
    return {
        "code": entry["code"],
        "name": entry["name"],
        "role": entry["role"],
        "dose_limits": (float(entry["dose_limits"][0]), float(entry["dose_limits"][1])),
        "calibrated_dose": (float(entry["calibrated_dose"][0]), float(entry["calibrated_dose"][1])),
        "price_per_kg": entry["price_per_kg"],
        "density_g_cm3": entry["density_g_cm3"],
        "crowds": float(entry.get("crowds", 0.0)),
    }


def _integer(digits: str) -> int | float:
    """An integer, or the nearest real number where it is longer than any quantity of ours."""
    return int(digits) if len(digits) < 19 else float(digits)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text was expected, found a {type(value).__name__}")
    return value


def _grid(wavelengths_nm: dict[str, float]) -> WavelengthGrid:
    start, stop, step = (float(wavelengths_nm[key]) for key in ("start", "stop", "step"))
    return WavelengthGrid(start, stop, step)


def _colorant_document(colorant: Colorant) -> dict[str, Any]:
    covariance = colorant.log_covariance
    return {
        **facts_document(colorant),
        "absorption": colorant.absorption.tolist(),
        "scattering": colorant.scattering.tolist(),
        "covariance_of_ln_K_and_ln_S": None if covariance is None else covariance.tolist(),
    }


def _colorant(entry: Mapping[str, Any]) -> Colorant:
    covariance = entry["covariance_of_ln_K_and_ln_S"]
    return Colorant(
        **facts_from(entry),
        absorption=frozen(entry["absorption"]),
        scattering=frozen(entry["scattering"]),
        log_covariance=None if covariance is None else frozen(covariance),
    )
