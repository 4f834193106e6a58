"""The recipes a laboratory already has, nearest to a measured colour, with the change that brings each home."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colorlab.formulation.document import ColorantFile
from colorlab.formulation.library.nearest import (
    BroughtHome,
    LibraryEntry,
    Neighbour,
    RecipeLibrary,
    bring_home,
    prediction_entries,
)
from colorlab.formulation.search.objective import Objective
from colorlab.formulation.target import Target, target_from_measurement
from colorlab.store.lab import Lab
from colorlab.store.recipes import find_recipes
from colorlab.workflows.files import read_bytes
from colorlab.workflows.paint_tables import in_geometry_of_ladders, recipe_table
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions, parse
from colorlab.workflows.text import counted, table
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.formats.base import MeasurementFile
from spectra.measurement import Measurement
from spectra.recipe import Recipe
from spectra.stated_recipe import recipe_from_stated


@dataclass(frozen=True, slots=True, eq=False)
class NearestOutcome:
    """The nearest recipes of a library, each with the way home."""

    target: str
    searched: int
    objective: Objective
    found: tuple[tuple[Neighbour, BroughtHome], ...]
    remarks: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "target": self.target,
            "searched": self.searched,
            "recipes": [self._recipe(*one) for one in self.found],
            "remarks": list(self.remarks),
        }

    def as_text(self) -> str:
        """A line a recipe, nearest first, then what to change of each."""
        rows = [
            (
                str(rank),
                near.entry.name,
                "measured" if near.entry.measured else "predicted",
                f"{home.delta_E_00_before:.2f}",
                f"{home.delta_E_00_after:.2f}",
                ", ".join(
                    f"{code} {change:+.2f}" for code, change in home.change_g_per_kg.items() if abs(change) >= 0.005
                ),
                f"{home.added_g_per_kg:.0f}",
            )
            for rank, (near, home) in enumerate(self.found, start=1)
        ]
        headers = ("#", "recipe", "its colour", "ΔE00", "then", "change [g per kg]", "added to 1 kg made [g]")
        lines = [f"{self.target}: nearest of {counted(self.searched, 'recipe')}", table(headers, rows)]
        lines += [
            f"{near.entry.name}: {', '.join(home.beyond)} would best be left out"
            for near, home in self.found
            if home.beyond
        ]
        return "\n".join([*lines, *(f"remark: {remark}" for remark in self.remarks)])

    def _recipe(self, near: Neighbour, home: BroughtHome) -> dict[str, Any]:
        viewings = [str(viewing) for viewing in self.objective.viewings]
        return {
            "name": near.entry.name,
            "measured": near.entry.measured,
            "mass_fractions": near.entry.recipe.masses(1.0),
            "delta_E_00": dict(zip(viewings, near.delta_E_00.max(axis=0).tolist(), strict=True)),
            "weighted_delta_E_00": home.delta_E_00_before,
            "spectral_rms": near.spectral_rms,
            "adjusted": {
                "mass_fractions": home.after.masses(1.0),
                "weighted_delta_E_00": home.delta_E_00_after,
                "change_g_per_kg": dict(home.change_g_per_kg),
                "additions_g_per_kg": dict(home.additions_g_per_kg),
                "left_out": list(home.beyond),
            },
        }


def nearest_recipes(
    measurement: Measurement,
    colorants: ColorantFile,
    *,
    tables: tuple[Path, ...] = (),
    lab: Lab | None = None,
    base_mass_g: float | None = None,
    count: int = 5,
    objective: Objective | None = None,
    options: FileOptions = NOTHING_DECLARED,
) -> NearestOutcome:
    """The recipes of tables and of a laboratory that are nearest to a measured colour.

    Parameters
    ----------
    measurement : Measurement
    colorants : ColorantFile
        That the way home is computed with; recipes of other colorants are left out, which a remark says.
    tables : tuple of Path
        Weighed recipes, each with the spectrum of its panel (see `colorlab.workflows.paint_tables`), or CxF3 with
        ColorRecipes.
    lab : Lab, optional
        The newest version of each of its recipes, as the colorants predict it.
    base_mass_g : float, optional
        Of recipes that do not state it; that of the ladders when left out. [g]
    count : int
    objective : Objective, optional
    options : FileOptions
        Of the tables.

    Raises
    ------
    FileError, MeasurementError
        If a table cannot be read, or was not measured as the colorants were.
    FormulationError
        If neither holds a recipe of these colorants.
    """
    colorant_set, goal = colorants.colorant_set, objective or Objective()
    target, remarks = _target(measurement, colorant_set)
    entries: list[LibraryEntry] = []
    foreign: list[str] = []
    mass = colorants.base_mass_g if base_mass_g is None else base_mass_g
    for path in tables:
        own, others, said = _of_table(path, colorant_set, mass, options)
        entries, foreign, remarks = [*entries, *own], [*foreign, *others], [*remarks, *said]
    if lab is not None:
        own, others = _of_lab(lab, colorant_set)
        entries, foreign = [*entries, *own], [*foreign, *others]
    if not entries:
        raise FormulationError(f"no recipe of the colorants of {colorant_set.name} to look among")
    if foreign:
        remarks.append(f"left out, with colorants that {colorant_set.name} does not hold: {', '.join(foreign)}")
    library = RecipeLibrary(tuple(entries), colorant_set.grid, colorant_set.geometry)
    found = library.nearest(target, goal, count)
    homes = tuple((near, bring_home(near.entry, target, colorant_set, goal)) for near in found)
    return NearestOutcome(target.name, len(entries), goal, homes, tuple(remarks))


def _target(measurement: Measurement, colorant_set: ColorantSet) -> tuple[Target, list[str]]:
    placed, remarks = in_geometry_of_ladders(measurement, colorant_set.geometry)
    return target_from_measurement(placed, colorant_set), list(remarks)


def _of_table(
    path: Path, colorant_set: ColorantSet, base_mass_g: float | None, options: FileOptions
) -> tuple[list[LibraryEntry], list[str], list[str]]:
    """Entries with their panels, names of recipes of other colorants, and remarks."""
    entries: list[LibraryEntry] = []
    foreign: list[str] = []
    remarks: list[str] = []
    file = parse(read_bytes(path), path.name, options)
    for recipe, measurement in _recipes(file, path.name, colorant_set.base, base_mass_g):
        if not set(recipe.colorants) <= set(colorant_set.codes):
            foreign.append(recipe.name)
        elif measurement is None:
            entries += prediction_entries(colorant_set, [recipe])
        else:
            panel, said = _target(measurement, colorant_set)
            remarks += said[: 1 - len(remarks)]
            entries.append(LibraryEntry(recipe.name, recipe, panel.reflectance_factor, True))
    return entries, foreign, remarks


def _recipes(
    file: MeasurementFile, file_name: str, base: str, base_mass_g: float | None
) -> list[tuple[Recipe, Measurement | None]]:
    """Recipes that a file states as such (CxF3), each with the measurement of its sample, or those of a table."""
    if not file.recipes:
        return list(recipe_table(file, file_name, base, base_mass_g))
    panels = {one.sample: one for one in file.measurements}
    return [(recipe_from_stated(one), panels.get(one.sample)) for one in file.recipes]


def _of_lab(lab: Lab, colorant_set: ColorantSet) -> tuple[list[LibraryEntry], list[str]]:
    with lab.reading() as connection:
        # What was advised for one batch is no formula.
        newest = {one.recipe.name: one.recipe for one in find_recipes(connection) if "decision" not in one.document}
    known = [recipe for recipe in newest.values() if set(recipe.colorants) <= set(colorant_set.codes)]
    foreign = [recipe.name for recipe in newest.values() if recipe not in known]
    return list(prediction_entries(colorant_set, known)), foreign
