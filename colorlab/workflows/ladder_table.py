"""A table of letdowns: which column says what was painted, in what, and over which card.

==========================  ==========================================================================================
column                      what its cells say
==========================  ==========================================================================================
`paste` or `colorant`       The colorant. Empty: the base alone. `card`: the reading of a bare card.
`g_paste_in_50g_white`      Grams of the colorant in 50 g of the base named in the heading; `masstone` for the colorant
                            alone. One column a base: `g_paste_in_50g_white`, `g_paste_in_20g_black`,
                            `g_paste_in_10g_clear`; a row fills one of them.
`card`                      Sample name of the bare card that is under this panel; empty for a panel that hides.
`film_um`                   Thickness of the dry film in µm; empty where nobody measured it.
`drawdown`                  Name of the film; its parts over the black and the white of a card bear the same. Empty:
                            rows of one recipe and thickness are one film.
`paste_role`                white, black, chromatic, effect or clear. Empty: chromatic; bases called white, black or
                            clear are what they are called.
`density_g_cm3`             Of the colorant of the row alone, dry; one row of it is enough. Films on cards need it.
==========================  ==========================================================================================

The base of the set, whose scattering is the unit, is the one of the first column of grams.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from colorlab.workflows.paint_tables import alike, columns_of, declared_geometry, grams
from spectra.arrays import FloatArray
from spectra.colorant import Role
from spectra.errors import MalformedFileError
from spectra.formats.base import MeasurementFile
from spectra.geometry import Geometry
from spectra.ladder import CardFilm, Letdown
from spectra.measurement import Measurement
from spectra.recipe import Recipe, recipe_from_masses
from spectra.wavelengths import WavelengthGrid

# `g_paste_in_50g_white`: grams of the paste named in the row, in so many grams of the base named here.
_LETDOWN_COLUMN = re.compile(r"g_\w+?_in_(\d+(?:\.\d+)?)g_(\w+)", re.IGNORECASE)
_COLORANT_COLUMNS = ("paste", "colorant")
_MASSTONE, _CARD = "masstone", "card"


@dataclass(frozen=True, slots=True, eq=False)
class LadderTable:
    """Ladders as a table gave them.

    Attributes
    ----------
    letdowns : tuple of Letdown
    base : str
    base_mass_g : float
        Base in which every level was let down. [g]
    roles : mapping of str to role
        Of the colorants for which the table or their name says it.
    densities : mapping of str to float
        Of the colorants for which the table says it. [g/cm³]
    grid, geometry
    remarks : tuple of str
    """

    letdowns: tuple[Letdown, ...]
    base: str
    base_mass_g: float
    roles: Mapping[str, Role]
    densities: Mapping[str, float]
    grid: WavelengthGrid
    geometry: Geometry
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Base:
    """A column of grams: its heading, the base it names and how much of it."""

    column: str
    name: str
    mass_g: float


def holds_letdowns(file: MeasurementFile) -> bool:
    """Whether the measurements came from a table of letdowns: colorants learned from batches came from another."""
    return any(_LETDOWN_COLUMN.fullmatch(name) for name in columns_of(file))


def ladder_table(file: MeasurementFile, file_name: str) -> LadderTable:
    """Letdowns from a table with the columns above.

    Raises
    ------
    MalformedFileError
        Naming the column or sample that is missing or wrong.
    """
    first, columns = alike(file, file_name), columns_of(file)
    bases = [_Base(name, match[2], float(match[1])) for name in columns if (match := _LETDOWN_COLUMN.fullmatch(name))]
    names = [name for name in columns if name.lower() in _COLORANT_COLUMNS]
    if not bases or len(names) != 1 or len({base.name for base in bases}) < len(bases):
        raise MalformedFileError(
            file_name,
            f"columns {', '.join(columns) or 'none'} beside the spectra",
            expected="one column `paste` or `colorant` and, for each base, one like `g_paste_in_50g_white`",
        )
    cards = {row.sample: row.reflectance_factor for row in file.measurements if _cell(row, names[0]).lower() == _CARD}
    letdowns = []
    densities: dict[str, float] = {}
    roles = {base.name: role for base in bases if (role := _role(base.name))}
    for row in file.measurements:
        paste = _cell(row, names[0])
        if paste.lower() == _CARD:
            continue
        stated = _cell(row, "paste_role").lower()
        if stated:
            if _role(stated) is None:
                expected = ", ".join(get_args(Role))
                raise MalformedFileError(
                    file_name, repr(stated), where=f"{row.sample}, column paste_role", expected=f"one of {expected}"
                )
            roles[paste or bases[0].name] = _role(stated) or "chromatic"
        if _cell(row, "density_g_cm3"):
            densities[paste or bases[0].name] = _density(row, file_name)
        recipe = _recipe(row, paste, bases, file_name)
        letdowns.append(Letdown(row.sample, recipe, row.reflectance_factor, _film(row, recipe, cards, file_name)))
    if not letdowns:
        raise MalformedFileError(file_name, "cards and no panel", expected="at least one painted panel")
    geometry, remarks = declared_geometry(first, file_name)
    return LadderTable(tuple(letdowns), bases[0].name, bases[0].mass_g, roles, densities, first.grid, geometry, remarks)


def _recipe(row: Measurement, paste: str, bases: list[_Base], file_name: str) -> Recipe:
    alone = [base for base in bases if _cell(row, base.column).lower() == _MASSTONE]
    weighed = {base: grams(row, base.column, file_name) for base in bases if base not in alone}
    filled = [*alone, *(base for base, mass in weighed.items() if mass > 0)]
    if not paste:
        if filled:
            raise MalformedFileError(
                file_name,
                f"{_cell(row, filled[0].column)} g of no colorant",
                where=row.sample,
                expected="a name in the column of the colorant",
            )
        return recipe_from_masses(row.sample, {bases[0].name: 1.0})
    if len(filled) != 1:
        headings = ", ".join(base.column for base in bases)
        cells = ", ".join(_cell(row, base.column) or "empty" for base in bases)
        raise MalformedFileError(
            file_name,
            f"{cells} g",
            where=f"{row.sample}, column{'s' if len(bases) > 1 else ''} {headings}",
            expected=f"{'in one of them ' if len(bases) > 1 else ''}more than 0 g, or `{_MASSTONE}`",
        )
    (base,) = filled
    masses = {paste: 1.0} if alone else {paste: weighed[base], base.name: base.mass_g}
    return recipe_from_masses(row.sample, masses)


def _film(row: Measurement, recipe: Recipe, cards: Mapping[str, FloatArray], file_name: str) -> CardFilm | None:
    card, text = _cell(row, "card"), _cell(row, "film_um")
    if not card:
        if text:
            raise MalformedFileError(
                file_name,
                f"film_um {text} and no card",
                where=row.sample,
                expected="the bare card's sample name in column card, or neither for a panel that hides",
            )
        return None
    if card not in cards:
        raise MalformedFileError(
            file_name,
            repr(card),
            where=f"{row.sample}, column card",
            expected=f"a sample with `card` in the column of the colorant: {', '.join(cards) or 'there is none'}",
        )
    thickness = grams(row, "film_um", file_name) if text else None
    parts = zip(recipe.colorants, recipe.mass_fractions, strict=True)
    same = " + ".join(f"{100 * share:.6g} % {code}" for code, share in parts)
    return CardFilm(_cell(row, "drawdown") or f"{same} at {text or '?'} µm", cards[card], thickness)


def _density(row: Measurement, file_name: str) -> float:
    density = grams(row, "density_g_cm3", file_name)
    if not density > 0:
        raise MalformedFileError(
            file_name, f"{density:g} g/cm³", where=f"{row.sample}, column density_g_cm3", expected="above 0"
        )
    return density


def _cell(row: Measurement, column: str) -> str:
    return row.conditions.get(column, "").strip()


def _role(name: str) -> Role | None:
    for role in get_args(Role):
        if name.lower() == role:
            found: Role = role
            return found
    return None
