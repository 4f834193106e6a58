"""What the columns of a paint laboratory's tables mean: weighed recipes beside their spectra.

Letdown ladders have a table of their own kind, see `colorlab.workflows.ladder_table`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from spectra.errors import FormulationError, MalformedFileError
from spectra.formats.base import MeasurementFile
from spectra.geometry import D8_SCI, Geometry
from spectra.measurement import Measurement
from spectra.recipe import Recipe, recipe_from_masses

# `g_07H`: grams of the colorant named here.
_RECIPE_COLUMN = re.compile(r"g_(\S+)", re.IGNORECASE)


def recipe_table(
    file: MeasurementFile, file_name: str, base: str, base_mass_g: float | None
) -> tuple[tuple[Recipe, Measurement], ...]:
    """Recipes from columns like `g_07H`, each with its spectrum; the base's own column, or `base_mass_g` where none is.

    Raises
    ------
    MalformedFileError
        If no column holds grams, a cell is not a number, or the mass of the base is nowhere.
    """
    alike(file, file_name)
    columns = {name: match[1] for name in columns_of(file) if (match := _RECIPE_COLUMN.fullmatch(name))}
    if not columns:
        raise MalformedFileError(
            file_name,
            f"columns {', '.join(columns_of(file)) or 'none'} beside the spectra",
            expected="columns of grams such as `g_07H`",
        )
    if base not in columns.values() and base_mass_g is None:
        raise MalformedFileError(
            file_name, f"no column g_{base}", expected="the mass of the base", remedy="Give it with --base-mass GRAMS"
        )
    rows = []
    for measurement in file.measurements:
        masses = {code: grams(measurement, name, file_name) for name, code in columns.items()}
        if base not in masses and base_mass_g is not None:
            masses = {base: base_mass_g} | masses
        rows.append((recipe_from_masses(measurement.sample, masses), measurement))
    return tuple(rows)


def recipe_called(recipes: Sequence[Recipe], name: str | None, sample: str) -> Recipe:
    """The recipe of a sample: the one named, or of the sample's own name; the only one where none is named.

    Raises
    ------
    FormulationError
        If none is called so, or several are.
    """
    if name is None and len(recipes) == 1:
        return recipes[0]
    wanted = sample if name is None else name
    found = [one for one in recipes if one.name == wanted]
    if len(found) != 1:
        names = ", ".join(dict.fromkeys(one.name for one in recipes))
        raise FormulationError(
            f"{len(found) or 'no'} recipe{'s' if len(found) > 1 else ''} called {wanted!r}; there are {names}. "
            "Name one with --recipe-name"
        )
    return found[0]


def in_geometry_of_ladders(measurement: Measurement, geometry: Geometry) -> tuple[Measurement, tuple[str, ...]]:
    """A measurement whose undeclared geometry is taken as that of the ladders, and the remark that says so."""
    own = measurement.geometry
    undeclared = own.kind == "unknown" or (own.kind == geometry.kind == "sphere" and own.specular is None)
    if undeclared and own.n_angles == geometry.n_angles:
        remark = f"{measurement.sample}: geometry undeclared, taken as that of the ladders, {geometry.name}"
        return replace(measurement, geometry=geometry), (remark,)
    return measurement, ()


def declared_geometry(first: Measurement, file_name: str) -> tuple[Geometry, tuple[str, ...]]:
    """What the first measurement declares; d/8 specular included where it does not, and the remark that says so."""
    geometry = first.geometry
    if geometry.kind == "unknown" or (geometry.kind == "sphere" and geometry.specular is None):
        remark = (
            f"{file_name} does not declare its geometry: taken as {D8_SCI.name} (specular included). "
            "If it was measured otherwise, declare it with --geometry"
        )
        return D8_SCI, (remark,)
    return geometry, ()


def alike(file: MeasurementFile, file_name: str) -> Measurement:
    """The first measurement of a file whose measurements share wavelengths and geometry."""
    if not file.measurements:
        raise MalformedFileError(file_name, "no measurement in it")
    first = file.measurements[0]
    for other in file.measurements:
        if other.grid != first.grid or other.geometry.tokens != first.geometry.tokens:
            raise MalformedFileError(
                file_name,
                f"{other.sample} was measured over {other.grid} in {other.geometry.name}",
                expected=f"all like {first.sample}: {first.grid}, {first.geometry.name}",
            )
    return first


def columns_of(file: MeasurementFile) -> list[str]:
    """Columns beside the spectra, in order; an empty cell leaves no trace in its own row."""
    return list(dict.fromkeys(name for measurement in file.measurements for name in measurement.conditions))


def grams(measurement: Measurement, column: str, file_name: str) -> float:
    """Grams in a cell; 0 where it is empty."""
    text = measurement.conditions.get(column, "").strip()
    try:
        return float(text.replace(",", ".") or "0")
    except ValueError as error:
        raise MalformedFileError(
            file_name, repr(text), where=f"{measurement.sample}, column {column}", expected="grams"
        ) from error
