"""What the columns of a paint laboratory's tables mean: letdown ladders and weighed recipes beside their spectra."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from spectra.errors import MalformedFileError
from spectra.formats.base import MeasurementFile
from spectra.geometry import D8_SCI, Geometry
from spectra.ladder import Letdown
from spectra.measurement import Measurement
from spectra.recipe import Recipe, recipe_from_masses
from spectra.wavelengths import WavelengthGrid

# `g_paste_in_50g_white`: grams of the paste named in the row, in so many grams of the base named here.
_LETDOWN_COLUMN = re.compile(r"g_\w+?_in_(\d+(?:\.\d+)?)g_(\w+)", re.IGNORECASE)
# `g_07H`: grams of the colorant named here.
_RECIPE_COLUMN = re.compile(r"g_(\S+)", re.IGNORECASE)
_COLORANT_COLUMNS = ("paste", "colorant")


@dataclass(frozen=True, slots=True, eq=False)
class LadderTable:
    """Ladders as a table gave them.

    Attributes
    ----------
    letdowns : tuple of Letdown
    base : str
    base_mass_g : float
        Base in which every level was let down. [g]
    grid, geometry
    remarks : tuple of str
    """

    letdowns: tuple[Letdown, ...]
    base: str
    base_mass_g: float
    grid: WavelengthGrid
    geometry: Geometry
    remarks: tuple[str, ...]


def ladder_table(file: MeasurementFile, file_name: str) -> LadderTable:
    """Letdowns from a table with a column `paste` (or `colorant`) and one like `g_paste_in_50g_white`.

    A row without a paste is the base alone.

    Raises
    ------
    MalformedFileError
        Naming the column or sample that is missing or wrong.
    """
    first = _first(file, file_name)
    columns = _columns(file)
    masses = [(name, match) for name in columns if (match := _LETDOWN_COLUMN.fullmatch(name))]
    names = [name for name in columns if name.lower() in _COLORANT_COLUMNS]
    if len(masses) != 1 or len(names) != 1:
        raise MalformedFileError(
            file_name,
            f"columns {', '.join(columns) or 'none'} beside the spectra",
            expected="one column `paste` or `colorant` and one like `g_paste_in_50g_white`",
        )
    (mass_column, match), paste_column = masses[0], names[0]
    base_mass, base = float(match[1]), match[2]
    letdowns = []
    for measurement in file.measurements:
        paste = measurement.conditions.get(paste_column, "").strip()
        grams = _grams(measurement, mass_column, file_name)
        masses_g = {base: base_mass} if not paste else {base: base_mass, paste: grams}
        if paste and grams <= 0:
            raise MalformedFileError(
                file_name, f"{grams:g} g", where=f"{measurement.sample}, column {mass_column}", expected="more than 0 g"
            )
        recipe = recipe_from_masses(measurement.sample, masses_g)
        letdowns.append(Letdown(measurement.sample, recipe, measurement.reflectance_factor))
    geometry, remarks = _geometry(first, file_name)
    return LadderTable(tuple(letdowns), base, base_mass, first.grid, geometry, remarks)


def recipe_table(
    file: MeasurementFile, file_name: str, base: str, base_mass_g: float | None
) -> tuple[tuple[Recipe, Measurement], ...]:
    """Recipes from columns like `g_07H`, each with its spectrum; the base's own column, or `base_mass_g` where none is.

    Raises
    ------
    MalformedFileError
        If no column holds grams, a cell is not a number, or the mass of the base is nowhere.
    """
    _first(file, file_name)
    columns = {name: match[1] for name in _columns(file) if (match := _RECIPE_COLUMN.fullmatch(name))}
    if not columns:
        raise MalformedFileError(
            file_name,
            f"columns {', '.join(_columns(file)) or 'none'} beside the spectra",
            expected="columns of grams such as `g_07H`",
        )
    if base not in columns.values() and base_mass_g is None:
        raise MalformedFileError(
            file_name, f"no column g_{base}", expected="the mass of the base", remedy="Give it with --base-mass GRAMS"
        )
    rows = []
    for measurement in file.measurements:
        masses = {code: _grams(measurement, name, file_name) for name, code in columns.items()}
        if base not in masses and base_mass_g is not None:
            masses = {base: base_mass_g} | masses
        rows.append((recipe_from_masses(measurement.sample, masses), measurement))
    return tuple(rows)


def in_geometry_of_ladders(measurement: Measurement, geometry: Geometry) -> tuple[Measurement, tuple[str, ...]]:
    """A measurement whose undeclared geometry is taken as that of the ladders, and the remark that says so."""
    own = measurement.geometry
    undeclared = own.kind == "unknown" or (own.kind == geometry.kind == "sphere" and own.specular is None)
    if undeclared and own.n_angles == geometry.n_angles:
        remark = f"{measurement.sample}: geometry undeclared, taken as that of the ladders, {geometry.name}"
        return replace(measurement, geometry=geometry), (remark,)
    return measurement, ()


def _geometry(first: Measurement, file_name: str) -> tuple[Geometry, tuple[str, ...]]:
    geometry = first.geometry
    if geometry.kind == "unknown" or (geometry.kind == "sphere" and geometry.specular is None):
        remark = (
            f"{file_name} does not declare its geometry: taken as {D8_SCI.name} (specular included). "
            "If it was measured otherwise, declare it with --geometry"
        )
        return D8_SCI, (remark,)
    return geometry, ()


def _first(file: MeasurementFile, file_name: str) -> Measurement:
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


def _columns(file: MeasurementFile) -> list[str]:
    """Columns beside the spectra, in order; an empty cell leaves no trace in its own row."""
    return list(dict.fromkeys(name for measurement in file.measurements for name in measurement.conditions))


def _grams(measurement: Measurement, column: str, file_name: str) -> float:
    text = measurement.conditions.get(column, "").strip()
    try:
        return float(text.replace(",", ".") or "0")
    except ValueError as error:
        raise MalformedFileError(
            file_name, repr(text), where=f"{measurement.sample}, column {column}", expected="grams"
        ) from error
