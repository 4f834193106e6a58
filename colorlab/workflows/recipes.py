"""The recipes of a laboratory: which there are, what is in one, and one more version of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.formulation.prediction.predict import dose_findings, mass_fractions
from colorlab.store.colorants import load_colorant_set, newest_colorant_set
from colorlab.store.lab import Lab
from colorlab.store.recipes import StoredRecipe, find_recipes, load_recipe, save_recipe
from colorlab.workflows.text import table
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.errors import RecordNotFoundError
from spectra.recipe import Recipe

NO_COLORANTS = "the lab does not hold the colorants it was made with"
_RECORD = re.compile(r"R-\d+")
# `sky match@2`: the second version of that name.
_VERSION = re.compile(r"(.+)@(\d+)")


@dataclass(frozen=True, slots=True)
class RecipeList:
    """The newest version of every recipe, and how many versions it has."""

    recipes: tuple[StoredRecipe, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {"recipes": [heading_of(one) for one in self.recipes]}

    def as_text(self) -> str:
        """A line a recipe."""
        if not self.recipes:
            return "no recipe in this lab; `colorlab match --lab` keeps the best one of a colour"
        rows = [
            (
                one.id,
                one.recipe.name,
                str(one.version),
                one.colour or "–",
                " + ".join(f"{code} {100 * share:.3g} %" for code, share in _parts(one.recipe)),
                f"{one.recorded_at:%Y-%m-%d}",
                one.recorded_by,
            )
            for one in self.recipes
        ]
        return table(("record", "recipe", "version", "colour", "mass fractions", "recorded", "by"), rows)


@dataclass(frozen=True, slots=True, eq=False)
class RecipeShown:
    """One version of a recipe with what its colorants say of it; without them doses only."""

    stored: StoredRecipe
    colorants: ColorantSet | None
    lab: FloatArray | None
    price_per_kg: float | None
    findings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        tokens = () if self.colorants is None else self.colorants.geometry.tokens
        return heading_of(self.stored) | {
            "doses": [
                {"code": code, "name": _name(self.colorants, code), "mass_fraction": share}
                for code, share in _parts(self.stored.recipe)
            ],
            "Lab": None
            if self.lab is None
            else [{"angle": token, "Lab": row} for token, row in zip(tokens, self.lab.tolist(), strict=True)],
            "price_per_kg": self.price_per_kg,
            "findings": list(self.findings),
        }

    def as_text(self) -> str:
        """What it is, then a line a colorant."""
        one = self.stored
        rows = [
            (code, _name(self.colorants, code) or "–", f"{100 * share:.4f}", f"{1000 * share:.3f}")
            for code, share in _parts(one.recipe)
        ]
        lines = [title_of(one), table(("colorant", "name", "% by mass", "g per kg"), rows)]
        if self.lab is not None and self.colorants is not None:
            lines += [
                f"predicted {token}, D65/10°: L* {L:.2f}, a* {a:.2f}, b* {b:.2f}"
                for token, (L, a, b) in zip(self.colorants.geometry.tokens, self.lab.tolist(), strict=True)
            ]
        lines += [f"price: {self.price_per_kg:.2f} per kg"] if self.price_per_kg is not None else []
        return "\n".join([*lines, *(f"finding: {finding}" for finding in self.findings)])


def list_recipes(lab: Lab, colour: str | None = None) -> RecipeList:
    """The newest version of every recipe, by name."""
    with lab.reading() as connection:
        newest = {one.recipe.name: one for one in find_recipes(connection, colour=colour)}
    return RecipeList(tuple(newest[name] for name in sorted(newest)))


def show_recipe(lab: Lab, which: str) -> RecipeShown:
    """One version: its record, its name for the newest, or `name@2`.

    Raises
    ------
    RecordNotFoundError
        If there is none.
    """
    with lab.reading() as connection:
        stored = stored_recipe(connection, which)
        colorants = colorants_of(connection, stored)
    if colorants is None:
        return RecipeShown(stored, None, None, None, (NO_COLORANTS,))
    recipe = stored.recipe
    spectrum = colorants.reflectance_factor(mass_fractions(colorants, [recipe]))[0]
    prices = [colorants[code].price_per_kg for code in recipe.colorants]
    known = [price for price in prices if price is not None]
    price = float(recipe.mass_fractions @ known) if len(known) == len(prices) else None
    lab_values = spectra_to_lab(spectrum, colorants.grid, D65_10)
    return RecipeShown(stored, colorants, lab_values, price, dose_findings(colorants, recipe))


def keep_recipe(
    lab: Lab, recipe: Recipe, name: str, *, now: datetime, by: str, colour: str | None = None
) -> RecipeShown:
    """Keep a recipe as the next version of its name, with the colorants its last version or the lab has.

    Raises
    ------
    UnknownColorantError
        If those do not hold a colorant of it.
    """
    with lab.writing() as connection:
        versions = find_recipes(connection, name=name)
        known = versions[-1] if versions else None
        colorants = None if known is None else known.colorant_set
        if colorants is None:
            colorants = newest_colorant_set(connection).id
        load_colorant_set(connection, colorants).colorants.indices(recipe.colorants)
        record = save_recipe(
            connection,
            replace(recipe, name=name),
            now=now,
            by=by,
            colour=colour if colour is not None or known is None else known.colour,
            colorant_set=colorants,
        )
    return show_recipe(lab, record)


def stored_recipe(connection: Connection, which: str) -> StoredRecipe:
    """One version: its record, its name for the newest, or `name@2`.

    Raises
    ------
    RecordNotFoundError
        If there is none.
    """
    if _RECORD.fullmatch(which):
        return load_recipe(connection, which)
    versions = find_recipes(connection, name=which)
    if versions:
        return versions[-1]
    asked = _VERSION.fullmatch(which)
    for one in find_recipes(connection, name=asked[1]) if asked else ():
        if asked and one.version == int(asked[2]):
            return one
    known = tuple(dict.fromkeys(one.recipe.name for one in find_recipes(connection)))
    raise RecordNotFoundError("recipe", which, known)


def colorants_of(connection: Connection, stored: StoredRecipe, *others: Recipe) -> ColorantSet | None:
    """The colorants a recipe was computed with, if the lab has them and they hold all of some other recipes too."""
    if stored.colorant_set is None:
        return None
    colorants = load_colorant_set(connection, stored.colorant_set).colorants
    wanted = [code for recipe in (stored.recipe, *others) for code in recipe.colorants]
    return colorants if all(code in colorants.codes for code in wanted) else None


def heading_of(one: StoredRecipe) -> dict[str, Any]:
    """What every answer about a recipe says of it; see docs/json.md."""
    return {
        "record": one.id,
        "name": one.recipe.name,
        "version": one.version,
        "colour": one.colour,
        "colorant_set": one.colorant_set,
        "recorded_at": one.recorded_at.isoformat(),
        "recorded_by": one.recorded_by,
        "mass_fractions": dict(_parts(one.recipe)),
    }


def title_of(one: StoredRecipe) -> str:
    """Name, version, record, colour, when and by whom."""
    colour = f" for {one.colour}" if one.colour else ""
    return (
        f"{one.recipe.name}, version {one.version} ({one.id}){colour}, "
        f"{one.recorded_at:%Y-%m-%d %H:%M} UTC by {one.recorded_by}"
    )


def _parts(recipe: Recipe) -> Sequence[tuple[str, float]]:
    pairs = zip(recipe.colorants, recipe.mass_fractions.tolist(), strict=True)
    return sorted(pairs, key=lambda part: (-part[1], part[0]))


def _name(colorants: ColorantSet | None, code: str) -> str | None:
    return None if colorants is None else colorants[code].name
