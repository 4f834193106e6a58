"""The rows of a tolerance document: limits, forms, requirements, textures, and what each of them makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from colorlab.colorimetry.viewing import parse_viewing
from colorlab.difference.effect import COORDINATES, SHAPES, Form
from colorlab.difference.place import ANY
from colorlab.tolerance import kinds
from colorlab.tolerance.requirements import (
    QUANTITIES,
    STATISTICS,
    AngleRule,
    FlopLimit,
    InconstancyLimit,
    MetamerismLimit,
    Requirement,
    TravelLimit,
)
from colorlab.tolerance.texture import TextureLimit, texture_place
from colorlab.tolerance.tolerance import Limit

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowKind:
    """A kind of row: what its keys must be, which of them say what the row is about, and what it makes.

    Attributes
    ----------
    keys : mapping of str to callable
        Each gives the value in its one spelling.
    place : tuple of str
        Keys by which two rows are about the same thing.
    build : callable
        Of the row as checked.
    needed : tuple of str
        Keys that have no value when they are left out.
    """

    keys: Mapping[str, kinds.Check]
    place: tuple[str, ...]
    build: Callable[[Row], Any]
    needed: tuple[str, ...] = ()


# What holds where a row does not say.
LEFT_OUT = {"angle": ANY, "viewing": ANY}


def limit_of(row: Row) -> Limit:
    """The limit of a row, whichever key its value stands under."""
    return Limit(row["delta_E"] if "delta_E" in row else row["value"], row["angle"], row["viewing"])


def _requirement(made: Callable[..., Requirement]) -> Callable[[Row], Requirement]:
    def build(row: Row) -> Requirement:
        values = {
            key: parse_viewing(value) if key in ("viewing", "reference", "test") else value
            for key, value in row.items()
            if key != "kind"
        }
        return made(**values)

    return build


LIMIT = RowKind(
    {"angle": kinds.angle, "viewing": kinds.viewing_place, "delta_E": kinds.number, "value": kinds.number},
    ("angle", "viewing"),
    limit_of,
)
FORM = RowKind(
    {
        **{
            "angle": kinds.angle,
            "viewing": kinds.viewing_place,
            "components": kinds.one_of(COORDINATES),
            "shape": kinds.one_of(SHAPES),
        },
        **{"matrix": kinds.three_of(kinds.three_numbers, "rows of three numbers"), "semi_axes": kinds.three_numbers},
    },
    ("angle", "viewing"),
    lambda row: Form(**row),
)
TEXTURE = RowKind(
    {
        "quantity": kinds.text,
        "angle": lambda value: texture_place(kinds.text(value)),
        "limit": kinds.number,
        "uncertainty": kinds.number,
    },
    ("quantity", "angle"),
    lambda row: TextureLimit(**row),
    ("quantity", "limit"),
)
_REQUIREMENT_KEYS: dict[type[Requirement], dict[str, kinds.Check]] = {
    AngleRule: {"statistic": kinds.one_of(STATISTICS), "viewing": kinds.viewing},
    FlopLimit: {},
    TravelLimit: {"quantity": kinds.one_of(QUANTITIES), "from_angle": kinds.angle, "to_angle": kinds.angle},
    MetamerismLimit: {"reference": kinds.viewing, "test": kinds.viewing, "angle": kinds.angle},
    InconstancyLimit: {"test": kinds.viewing, "angle": kinds.angle, "formula": kinds.text},
}
REQUIREMENTS = {
    made.kind: RowKind(
        {"kind": kinds.text, **keys, "limit": kinds.number},
        ("kind", *made.keys),
        _requirement(made),
        (*(key for key in made.keys if key != "angle"), "limit"),
    )
    for made, keys in _REQUIREMENT_KEYS.items()
}


def row_place(name: str, row: Row) -> tuple[str, ...]:
    """What a checked row is about: rows of one table with the same place replace each other in layers."""
    if name == "requirement":
        return tuple(str(row[key]) for key in REQUIREMENTS[row["kind"]].place)
    if name == "texture":
        return row["quantity"].strip().casefold(), row["angle"]
    return row["angle"], row["viewing"]
