"""Headings that name a stated colour: which columns are its coordinates, under which illuminant and observer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from spectra.errors import MalformedFileError
from spectra.formats.declared import illuminant_and_observer
from spectra.stated import ColourSpace, StatedColour

Viewing = tuple[str, str]  # illuminant and observer

# In the order in which headings without a space of their own are taken: L, a, b before L, C, h.
AXES: dict[ColourSpace, tuple[str, str, str]] = {
    "Lab": ("L", "a", "b"),
    "XYZ": ("X", "Y", "Z"),
    "LCh": ("L", "C", "h"),
    "xyY": ("x", "y", "Y"),
    "Luv": ("L", "u", "v"),
}
_SPACES = {space.lower() if space != "xyY" else "xyY": space for space in AXES}

# L_D65_10  L*(D65/10)  L* [D50/2°]  a  b*  X  Y_A_2  Lab_l  LCh_h_D65_10  CIE L*
_COLOUR = re.compile(
    r"(?:CIE[\s_]*)?(?:(?P<space>xyY|(?i:Lab|XYZ|LCh|Luv))[\s_]+)?(?P<axis>[A-Za-z])[*°]?"
    r"(?:\s*(?:[_\s]|(?=[\[(]))\s*[\[(]?(?P<viewing>[^\])]*)[\])]?)?"
)


@dataclass(frozen=True, slots=True)
class ColourColumns:
    """The three columns of one stated colour.

    Attributes
    ----------
    space : {"Lab", "XYZ", "LCh", "xyY", "Luv"}
    places : tuple of int
        Of its coordinates, in the order of the space.
    viewing : (illuminant, observer), or None
        As the headings declare it.
    """

    space: ColourSpace
    places: tuple[int, int, int]
    viewing: Viewing | None


def colour_columns(titles: Sequence[str], file_name: str, where: str) -> tuple[ColourColumns, ...]:
    """The stated colours that headings name, in the order of their first columns.

    A coordinate without an illuminant belongs to the last one that was named and lacks it, as in `L_D65_10, a, b`.
    Coordinates that do not make a whole colour, or name one again, are no stated colour and stay conditions.

    Raises
    ------
    MalformedFileError
        If the three coordinates of a colour stand under different illuminants.
    """
    families: dict[tuple[str | None, Viewing | None], dict[str, int]] = {}
    for place, title in enumerate(titles):
        named = _coordinate(title)
        if named is None:
            continue
        prefix, axis, viewing = named
        if viewing is None:
            lacking = [
                family
                for family, axes in families.items()
                if family[0] == prefix and family[1] and axis not in axes and _belongs(axis, axes)
            ]
            viewing = lacking[-1][1] if lacking else None
        families.setdefault((prefix, viewing), {}).setdefault(axis, place)
    found: list[ColourColumns] = []
    parts: dict[str | None, dict[Viewing | None, set[str]]] = {}
    for (space, viewing), axes in families.items():
        whole = _whole(space, axes)
        for name in whole:
            first, second, third = (axes[axis] for axis in AXES[name])
            found.append(ColourColumns(name, (first, second, third), viewing))
        if not whole:
            parts.setdefault(space, {})[viewing] = set(axes)
    for split in parts.values():
        together = set().union(*split.values())
        if len(split) > 1 and any(together >= set(axes) for axes in AXES.values()):
            raise MalformedFileError(file_name, "the colour columns declare different illuminants", where=where)
    return tuple(sorted(found, key=lambda colour: min(colour.places)))


def _belongs(axis: str, axes: dict[str, int]) -> bool:
    """Whether a coordinate is of one space with some of these: a with L, but not X."""
    return any(axis in one and not axes.keys().isdisjoint(one) for one in AXES.values())


def _coordinate(title: str) -> tuple[ColourSpace | None, str, Viewing | None] | None:
    """Space where the heading says it, coordinate and viewing condition."""
    match = _COLOUR.fullmatch(title.strip()) if len(title) <= 40 else None
    if match is None:
        return None
    viewing = illuminant_and_observer(match["viewing"].replace("_", "/")) if match["viewing"] else None
    if match["viewing"] and viewing is None:
        return None
    if match["space"] is None:
        known = any(match["axis"] in axes for axes in AXES.values())
        return (None, match["axis"], viewing) if known else None
    space = _SPACES["xyY" if match["space"] == "xyY" else match["space"].lower()]
    axis = next(
        (
            axis
            for axis in AXES[space]
            if axis == match["axis"] or (space != "xyY" and axis.lower() == match["axis"].lower())
        ),
        None,
    )
    return None if axis is None else (space, axis, viewing)


def _whole(space: str | None, axes: dict[str, int]) -> list[ColourSpace]:
    """The spaces of which all coordinates are there; without a named space, those that share no column."""
    whole: list[ColourSpace] = []
    taken: set[str] = set()
    for name, needed in AXES.items():
        if space in (None, name) and all(axis in axes for axis in needed) and not taken & set(needed):
            whole.append(name)
            taken |= set(needed)
    return whole


def colour_titles(colour: StatedColour) -> tuple[str, ...] | None:
    """Headings that read back as this colour's; None if they cannot name its illuminant and observer."""
    prefix = "" if colour.space in ("Lab", "XYZ") else f"{colour.space}_"
    suffix = ""
    if colour.illuminant or colour.observer:
        observer = (colour.observer or "").removesuffix("°")
        suffix = f"_{colour.illuminant}_{observer}"
        if illuminant_and_observer(f"{colour.illuminant}/{observer}") != (colour.illuminant, colour.observer):
            return None
    return tuple(f"{prefix}{axis}{suffix}" for axis in AXES[colour.space])
