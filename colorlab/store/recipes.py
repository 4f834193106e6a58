"""Recipes by name, each change a new version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from colorlab.store import records, schema
from colorlab.store.columns import shaped
from spectra.recipe import Recipe


@dataclass(frozen=True, slots=True, eq=False)
class StoredRecipe:
    """One version of a recipe.

    Attributes
    ----------
    id : str
    version : int
        Counts from 1 for each name.
    recipe : Recipe
    colour : str or None
        The colour it was made for.
    colorant_set : str or None
        Record of the colorants it was computed with.
    document : mapping
        What the search or the person said about it, as JSON.
    recorded_at : datetime
    recorded_by : str
    """

    id: str
    version: int
    recipe: Recipe
    colour: str | None
    colorant_set: str | None
    document: Mapping[str, Any]
    recorded_at: datetime
    recorded_by: str


def save_recipe(
    connection: Connection,
    recipe: Recipe,
    *,
    now: datetime,
    by: str,
    colour: str | None = None,
    colorant_set: str | None = None,
    document: Mapping[str, Any] | None = None,
) -> str:
    """Save a recipe as a new version of its name, unless it is the newest version already.

    Returns
    -------
    str
        The record's id, `R-000001`.

    Raises
    ------
    RecordNotFoundError
        If the colorant set is not in the lab.
    """
    if colorant_set is not None:
        records.fetch(connection, schema.colorant_sets, colorant_set)
    values = {
        "colour": colour,
        "colorant_set": colorant_set,
        "colorants": list(recipe.colorants),
        "mass_fractions": recipe.mass_fractions,
        "document": dict(document or {}),
    }
    return records.append_version(connection, schema.recipes, {"name": recipe.name}, values, now=now, by=by)


def load_recipe(connection: Connection, record: str) -> StoredRecipe:
    """One version by its record id.

    Raises
    ------
    RecordNotFoundError
        If there is no such record.
    """
    return _stored(records.fetch(connection, schema.recipes, record))


def find_recipes(
    connection: Connection, *, name: str | None = None, colour: str | None = None
) -> tuple[StoredRecipe, ...]:
    """All versions that match every name given, oldest first."""
    table = schema.recipes
    query = select(table).order_by(table.c.id)
    for column, value in {"name": name, "colour": colour}.items():
        if value is not None:
            query = query.where(table.c[column] == value)
    return tuple(_stored(row) for row in connection.execute(query).mappings())


@records.restored
def _stored(row: RowMapping) -> StoredRecipe:
    fractions = shaped(row["mass_fractions"], (len(row["colorants"]),), row["id"])
    return StoredRecipe(
        row["id"],
        row["version"],
        Recipe(row["name"], tuple(row["colorants"]), fractions),
        row["colour"],
        row["colorant_set"],
        row["document"],
        row["recorded_at"],
        row["recorded_by"],
    )
