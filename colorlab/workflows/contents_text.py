"""What a measurement file holds, as tables for a terminal: what is not declared is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from colorlab.workflows.contents_document import UNDECLARED
from colorlab.workflows.text import table
from spectra.formats.base import MeasurementFile
from spectra.geometry import Geometry
from spectra.light import SpectralDistribution
from spectra.measurement import Declared, Measurement
from spectra.stated import ColourReading, StatedColour, StatedRecipe

MEASUREMENT = ("sample", "role", "geometry", "declared", "wavelengths", "readings", "stated colour", "R min…max")
MORE = ("taken at", "instrument", "texture")  # columns that only a file that says them gets
ONE = {
    "measurements": "measurement",
    "colours": "colour without a spectrum",
    "spectra": "spectrum of light",
    "recipes": "recipe",
    "attachments": "attachment",
}
FEW_ANGLES = 3  # more are counted in the table and named below it
COLOUR = ("colour only", "role", "geometry", "stated colour")
SPECTRUM = ("spectrum", "quantity", "unit", "wavelengths")
RECIPE = ("recipe", "of", "unit", "components")


def contents(file: MeasurementFile) -> dict[str, int]:
    """How many records of each kind a file holds."""
    kinds = ("measurements", "colours", "spectra", "recipes", "attachments")
    return {kind: len(getattr(file, kind)) for kind in kinds}


def counted(counts: Mapping[str, int]) -> str:
    """The same on one line: `1 measurement, 3 recipes`."""
    words = [f"{count} {ONE[kind] if count == 1 else kind}" for kind, count in counts.items() if count]
    return ", ".join(words) or "nothing"


def contents_as_lines(file: MeasurementFile) -> list[str]:
    """A table for each kind of record, then the notes."""
    blocks = (
        _measurements(file.measurements),
        (COLOUR, [_colour_row(one) for one in file.colours]),
        (SPECTRUM, [_spectrum_row(one) for one in file.spectra]),
        (RECIPE, [_recipe_row(one) for one in file.recipes]),
    )
    lines = [table(headers, rows) for headers, rows in blocks if rows]
    many = dict.fromkeys(one.geometry.tokens for one in file.measurements if one.geometry.n_angles > FEW_ANGLES)
    lines += [f"{len(tokens)} angles: {', '.join(tokens)}" for tokens in many]
    attached = Counter(one.kind for one in file.attachments)
    lines += [f"attached: {kind}, {count}" for kind, count in attached.items()]
    return lines + [f"note: {note}" for note in file.notes]


def _measurements(measurements: Sequence[Measurement]) -> tuple[Sequence[str], list[Sequence[str]]]:
    more = [_more(one) for one in measurements]
    said = [place for place in range(len(MORE)) if any(cells[place] for cells in more)]
    rows: list[Sequence[str]] = [
        (*_row(one), *(cells[place] for place in said)) for one, cells in zip(measurements, more, strict=True)
    ]
    return (*MEASUREMENT, *(MORE[place] for place in said)), rows


def _row(measurement: Measurement) -> Sequence[str]:
    values = measurement.reflectance_factor
    return (
        measurement.sample,
        measurement.role,
        _geometry(measurement.geometry),
        _declared(measurement.declared),
        str(measurement.grid),
        str(1 if measurement.readings is None else len(measurement.readings)),
        _colours(measurement.stated),
        f"{values.min():.3f}…{values.max():.3f}",
    )


def _more(measurement: Measurement) -> tuple[str, str, str]:
    quantities = dict.fromkeys(texture.quantity for texture in measurement.texture)
    taken_at = measurement.taken_at
    return (
        taken_at.isoformat(sep=" ", timespec="minutes") if taken_at else "",
        measurement.instrument or "",
        ", ".join(quantities),
    )


def _geometry(geometry: Geometry) -> str:
    return geometry.name if geometry.n_angles <= FEW_ANGLES else f"{geometry.n_angles} angles"


def _declared(declared: Declared) -> str:
    bandpass = f"bandpass {declared.bandpass_nm:g} nm" if declared.bandpass_nm else ""
    corrected = {True: "bandpass corrected", False: "bandpass not corrected", None: ""}[declared.bandpass_corrected]
    backing = f"on {declared.backing}" if declared.backing else ""
    return ", ".join(filter(None, (declared.condition, bandpass, corrected, backing))) or UNDECLARED


def _colours(stated: Sequence[StatedColour]) -> str:
    return "; ".join(map(_colour, stated)) or "–"


def _colour(stated: StatedColour) -> str:
    words = f"{stated.space}, {stated.illuminant or 'illuminant undeclared'}"
    return words + (f"/{stated.observer}" if stated.observer else "")


def _colour_row(colour: ColourReading) -> Sequence[str]:
    return colour.sample, colour.role, _geometry(colour.geometry), _colours(colour.stated)


def _spectrum_row(spectrum: SpectralDistribution) -> Sequence[str]:
    return spectrum.name, spectrum.quantity, spectrum.unit or UNDECLARED, str(spectrum.grid)


def _recipe_row(recipe: StatedRecipe) -> Sequence[str]:
    parts = ", ".join(f"{one.colorant} {one.amount:g}" for one in recipe.components)
    return recipe.name, recipe.sample, recipe.unit or UNDECLARED, parts
