"""Panels of known recipe from a table: production batches, trials, drawdowns, as the colorants were measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from colorlab.formulation.document import ColorantFile
from colorlab.formulation.lot_strength import LotStrengths
from colorlab.formulation.lots.strength_document import read_strengths
from colorlab.workflows.files import read_bytes
from colorlab.workflows.paint_tables import in_geometry_of_ladders, recipe_table
from spectra.errors import NotComparableError
from spectra.formats.base import MeasurementFile
from spectra.ladder import Letdown
from spectra.measurement import Measurement


@dataclass(frozen=True, slots=True, eq=False)
class RecipePanels:
    """Panels on the grid and in the geometry of the colorants.

    Attributes
    ----------
    panels : tuple of Letdown
    measurements : tuple of Measurement
        As they were read, in the same order.
    remarks : tuple of str
    """

    panels: tuple[Letdown, ...]
    measurements: tuple[Measurement, ...]
    remarks: tuple[str, ...]


def recipe_panels(
    file: MeasurementFile, file_name: str, colorants: ColorantFile, base_mass_g: float | None
) -> RecipePanels:
    """Every recipe of a table with the spectrum beside it.

    Parameters
    ----------
    file : MeasurementFile
    file_name : str
    colorants : ColorantFile
    base_mass_g : float, optional
        White base in each recipe, where the table has no column for it; that of the ladders when left out. [g]

    Raises
    ------
    FileError, FormulationError
        If the table is none of recipes.
    NotComparableError
        If a panel was measured in another geometry than the ladders.
    """
    colorant_set = colorants.colorant_set
    mass = base_mass_g if base_mass_g is not None else colorants.base_mass_g
    rows = recipe_table(file, file_name, colorant_set.base, mass)
    remarks: list[str] = []
    if f"g_{colorant_set.base}" not in file.measurements[0].conditions:
        remarks.append(
            f"{mass:g} g of {colorant_set.base} in every recipe, as in the ladders; change it with --base-mass"
        )
    panels = []
    for recipe, measurement in rows:
        placed, remark = in_geometry_of_ladders(measurement, colorant_set.geometry)
        if placed.geometry.tokens != colorant_set.geometry.tokens:
            raise NotComparableError(
                "geometry", f"{colorant_set.geometry.name} of the ladders", f"{placed.geometry.name} of {placed.sample}"
            )
        remarks += [one.split(": ", 1)[1] for one in remark if one.split(": ", 1)[1] not in remarks]
        panels.append(Letdown(recipe.name, recipe, placed.on_grid(colorant_set.grid).reflectance_factor))
    return RecipePanels(tuple(panels), tuple(measurement for _, measurement in rows), tuple(remarks))


def load_strengths(path: Path) -> LotStrengths:
    """Strengths of lots from a file that `colorlab strengths` wrote.

    Raises
    ------
    FileError
        If it cannot be read.
    """
    return read_strengths(read_bytes(path), path.name)
