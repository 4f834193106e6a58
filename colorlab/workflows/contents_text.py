"""What a measurement file holds, as tables for a terminal: what is not declared is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from colorlab.workflows.contents_document import UNDECLARED
from colorlab.workflows.text import table
from spectra.formats.base import MeasurementFile
from spectra.light import SpectralDistribution
from spectra.measurement import Declared, Measurement
from spectra.stated import ColourReading, StatedColour, StatedRecipe

MEASUREMENT = ("sample", "role", "geometry", "declared", "wavelengths", "readings", "stated colour", "R min…max")
COLOUR = ("colour only", "role", "geometry", "stated colour")
SPECTRUM = ("spectrum", "quantity", "unit", "wavelengths")
RECIPE = ("recipe", "of", "unit", "components")


def contents(file: MeasurementFile) -> dict[str, int]:
    """How many records of each kind a file holds."""
    kinds = ("measurements", "colours", "spectra", "recipes", "attachments")
    return {kind: len(getattr(file, kind)) for kind in kinds}


def counted(file: MeasurementFile) -> str:
    """The same on one line."""
    return ", ".join(f"{count} {kind}" for kind, count in contents(file).items() if count) or "nothing"


def contents_as_lines(file: MeasurementFile) -> list[str]:
    """A table for each kind of record, then the notes."""
    blocks = (
        (MEASUREMENT, [_row(one) for one in file.measurements]),
        (COLOUR, [_colour_row(one) for one in file.colours]),
        (SPECTRUM, [_spectrum_row(one) for one in file.spectra]),
        (RECIPE, [_recipe_row(one) for one in file.recipes]),
    )
    lines = [table(headers, rows) for headers, rows in blocks if rows]
    attached = Counter(one.kind for one in file.attachments)
    lines += [f"attached: {kind}, {count}" for kind, count in attached.items()]
    return lines + [f"note: {note}" for note in file.notes]


def _row(measurement: Measurement) -> Sequence[str]:
    values = measurement.reflectance_factor
    return (
        measurement.sample,
        measurement.role,
        measurement.geometry.name,
        _declared(measurement.declared),
        str(measurement.grid),
        str(1 if measurement.readings is None else len(measurement.readings)),
        _colours(measurement.stated),
        f"{values.min():.3f}…{values.max():.3f}",
    )


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
    return colour.sample, colour.role, colour.geometry.name, _colours(colour.stated)


def _spectrum_row(spectrum: SpectralDistribution) -> Sequence[str]:
    return spectrum.name, spectrum.quantity, spectrum.unit or UNDECLARED, str(spectrum.grid)


def _recipe_row(recipe: StatedRecipe) -> Sequence[str]:
    parts = ", ".join(f"{one.colorant} {one.amount:g}" for one in recipe.components)
    return recipe.name, recipe.sample, recipe.unit or UNDECLARED, parts
