"""Recipes of a laboratory as files: CxF3 ColorRecipe, CSV, JSON."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from colorlab.store.lab import Lab
from colorlab.store.recipes import StoredRecipe
from colorlab.workflows.files import write_bytes
from colorlab.workflows.recipes import colorants_of, stored_recipe
from spectra.colorant import ColorantSet
from spectra.errors import FileError, FormulationError
from spectra.formats import cxf
from spectra.formats.base import MeasurementFile
from spectra.recipe import Recipe
from spectra.stated import StatedRecipe
from spectra.stated_recipe import recipe_from_stated, stated_recipe

ENDINGS = (".cxf", ".csv", ".json")
KIND = "colorlab recipes"
_COLUMNS = ("recipe", "version", "record", "colour", "colorant", "name", "percent_by_mass", "mass_g")
# What the digits of a file may lose of a mass fraction. [1]
_SAME = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class ExportOutcome:
    """Recipes written to a file."""

    output: str
    format: str
    recipes: tuple[StoredRecipe, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "output": self.output,
            "format": self.format,
            "recipes": [{"record": one.id, "name": one.recipe.name, "version": one.version} for one in self.recipes],
        }

    def as_text(self) -> str:
        """What was written."""
        names = ", ".join(f"{one.recipe.name} version {one.version}" for one in self.recipes)
        return f"{self.output}: {names}"


def export_recipes(lab: Lab, which: tuple[str, ...], output: Path, *, batch_g: float | None = None) -> ExportOutcome:
    """Write recipes to a file, its format told by the ending.

    Parameters
    ----------
    lab : Lab
    which : tuple of str
        Records, names (the newest version) or `name@2`.
    output : Path
        `.cxf`, `.csv` or `.json`; it must not exist.
    batch_g : float, optional
        Amounts for this mass; percent by mass in CxF3 when left out. [g]

    Raises
    ------
    RecordNotFoundError
        If the lab has no such recipe.
    FileError
        If the ending is none of the three, or the file exists or cannot be written.
    """
    suffix = output.suffix.lower()
    if suffix not in ENDINGS:
        raise FileError(output.name, f"the ending {output.suffix!r}", expected=f"one of {', '.join(ENDINGS)}")
    if output.exists():
        raise FileError(str(output), "exists already", remedy="Remove it or choose another name")
    with lab.reading() as connection:
        stored = tuple(stored_recipe(connection, one) for one in dict.fromkeys(which))
        colorants = [colorants_of(connection, one) for one in stored]
    pairs = list(zip(stored, colorants, strict=True))
    if suffix == ".cxf":
        content = _cxf(pairs, batch_g)
    else:
        rows = [row for one, own in pairs for row in _rows(one, own, batch_g)]
        content = _csv(rows) if suffix == ".csv" else _json(pairs, batch_g)
    write_bytes(output, content)
    return ExportOutcome(output.name, suffix[1:], stored)


def _stated(one: StoredRecipe, colorants: ColorantSet | None, batch_g: float | None) -> StatedRecipe:
    names = densities = base = None
    if colorants is not None:
        own = [colorants[code] for code in one.recipe.colorants]
        names = {colorant.code: colorant.name for colorant in own if colorant.name != colorant.code}
        densities = {colorant.code: colorant.density_g_cm3 for colorant in own if colorant.density_g_cm3 is not None}
        base = colorants.base
    return stated_recipe(
        one.recipe, sample=one.colour or one.recipe.name, mass_g=batch_g, base=base, densities=densities, names=names
    )


def _cxf(pairs: list[tuple[StoredRecipe, ColorantSet | None]], batch_g: float | None) -> bytes:
    """Recipes as a reader gives them back, which is made sure."""
    # The file keeps them object by object, and so does its reader.
    ordered = sorted(pairs, key=lambda pair: pair[0].colour or pair[0].recipe.name)
    names = [one.recipe.name for one, _ in ordered]
    stated = tuple(
        replace(made, name=f"{made.name} version {pair[0].version}") if names.count(made.name) > 1 else made
        for pair in ordered
        for made in (_stated(*pair, batch_g),)
    )
    written = cxf.write(MeasurementFile("cxf", (), recipes=stated))
    back = [recipe_from_stated(one) for one in cxf.read(written, "recipes.cxf").recipes]
    for (one, _), other in zip(ordered, back, strict=True):
        if not _alike(one.recipe, other):
            raise FormulationError(f"{one.recipe.name}: CxF3 does not give it back as it is")
    return written


def _alike(recipe: Recipe, back: Recipe) -> bool:
    other = back.masses(1.0)
    return set(other) == set(recipe.colorants) and all(
        abs(other[code] - share) <= _SAME for code, share in recipe.masses(1.0).items()
    )


def _rows(one: StoredRecipe, colorants: ColorantSet | None, batch_g: float | None) -> list[dict[str, Any]]:
    pairs = zip(one.recipe.colorants, one.recipe.mass_fractions.tolist(), strict=True)
    return [
        {
            "recipe": one.recipe.name,
            "version": one.version,
            "record": one.id,
            "colour": one.colour or "",
            "colorant": code,
            "name": "" if colorants is None else colorants[code].name,
            "percent_by_mass": repr(100 * share),
            "mass_g": repr((1000.0 if batch_g is None else batch_g) * share),
        }
        for code, share in sorted(pairs, key=lambda part: (-part[1], part[0]))
    ]


def _csv(rows: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _json(pairs: list[tuple[StoredRecipe, ColorantSet | None]], batch_g: float | None) -> bytes:
    document = {
        "kind": KIND,
        "version": 1,
        "batch_g": batch_g,
        "recipes": [
            {
                "name": one.recipe.name,
                "version": one.version,
                "record": one.id,
                "colour": one.colour,
                "colorant_set": None if colorants is None else colorants.name,
                "recorded_at": one.recorded_at.isoformat(),
                "mass_fractions": one.recipe.masses(1.0),
            }
            for one, colorants in pairs
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n"
