"""What the headings of a table say: which columns are wavelengths, in which unit, and what the others hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from spectra.errors import MalformedFileError
from spectra.formats.base import ReflectanceUnit
from spectra.formats.declared import illuminant_and_observer
from spectra.formats.grids import grid_of
from spectra.wavelengths import WavelengthGrid

FEWEST_WAVELENGTHS = 3  # fewer are no spectrum, and a row of numbers could pass for headings

# 400  400nm  nm400  R400  R_400  %R400  R%400  400 [%]  SPECTRAL_NM400  spectral_nm_400  Reflectance 400 (fraction)
_WAVELENGTH = re.compile(
    r"(?P<before>%)?\s*(?:(?P<symbol>R|SPECTRAL[_ ]NM|SPECTRAL|SPEC|NM|REFL|REFLECTANCE)(?P<after>%)?[\s_\-.]*)?"
    r"(?P<nm>\d{3,4}(?:\.\d{1,3})?)\s*_?(?:nm)?\s*(?P<unit>[\[(]\s*(?:%|percent|1|fraction)\s*[\])]|%)?",
    re.IGNORECASE,
)
# L_D65_10  L*(D65/10)  L* [D50/2°]  a  b*  X  Y_A_2
_COLOUR = re.compile(
    r"(?P<axis>[Lab]|[XYZ])\*?\s*(?:[_\s]|(?=[\[(]))\s*[\[(]?(?P<viewing>[^\])]*)[\])]?|(?P<bare>[Lab]|[XYZ])\*?"
)

# Lower case, blanks for underscores; the first heading of a list that the table has is taken, others stay conditions.
_TITLES: dict[str, tuple[str, ...]] = {
    "sample": ("sample", "sample name", "sample id", "panel", "panel name", "recipe", "specimen", "name", "id"),
    "standard": ("standard", "standard name", "reference", "name of affiliated standard sample"),
    "role": ("role",),
    "geometry": ("geometry", "angle", "angle pair", "measuring geometry", "specular component"),
    "date": ("date", "date/time", "datetime", "measured", "taken at", "timestamp"),
    "instrument": ("instrument", "device"),
    "unit": ("unit", "units", "reflectance unit"),
    "reading": ("reading", "reading number", "repeat", "replicate"),
    "viewing": ("illuminant/observer", "light source/angle", "viewing condition"),
    "illuminant": ("illuminant",),
    "observer": ("observer", "observer angle"),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Positions of the columns of one table.

    Attributes
    ----------
    titles : tuple of str
        All headings, verbatim.
    spectral : tuple of int
        Of the wavelengths, in the order of the grid.
    grid : WavelengthGrid
    unit : {"percent", "fraction"} or None
        As the wavelength headings declare it.
    symbol_R : bool
        Whether every wavelength is headed R, without a percent sign.
    known : dict of str to int
        sample, standard, role, geometry, date, instrument, unit, reading, viewing, illuminant, observer.
    colour : tuple of int
        L*, a*, b* or X, Y, Z; empty if the table has none.
    space : {"Lab", "XYZ"} or None
    viewing : tuple of str, or None
        Illuminant and observer that the colour headings declare.
    """

    titles: tuple[str, ...]
    spectral: tuple[int, ...]
    grid: WavelengthGrid
    unit: ReflectanceUnit | None
    symbol_R: bool
    known: dict[str, int]
    colour: tuple[int, ...]
    space: Literal["Lab", "XYZ"] | None
    viewing: tuple[str, str] | None

    @property
    def others(self) -> dict[str, int]:
        """Columns that are kept verbatim as conditions."""
        taken = {*self.spectral, *self.known.values(), *self.colour}
        return {title: place for place, title in enumerate(self.titles) if place not in taken and title}


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row heads the columns of a table of spectra: it names wavelengths, and something that is none."""
    return sum(_wavelength(cell) is not None for cell in cells) >= FEWEST_WAVELENGTHS and not all(
        re.fullmatch(r"[\s\d.,+\-eE]*", cell) for cell in cells
    )


def understand(cells: Sequence[str], file_name: str, where: str) -> Columns:
    """The columns that a row of headings names.

    Raises
    ------
    MalformedFileError
        If the wavelengths are not equally spaced, or the headings mix units or illuminants.
    """
    titles = _distinct([cell.strip() for cell in cells])
    matches = {place: match for place, title in enumerate(titles) if (match := _wavelength(title)) is not None}
    grid = grid_of([float(match["nm"]) for match in matches.values()], file_name, where)
    units = {_unit(match) for match in matches.values()}
    if len(units) > 1:
        raise MalformedFileError(
            file_name, "the wavelength headings declare different units", where=where, expected="one unit for all"
        )
    lowered = {re.sub(r"[_\s]+", " ", title.lower()): place for place, title in reversed(list(enumerate(titles)))}
    known = {
        role: lowered[name]
        for role, names in _TITLES.items()
        if (name := next((name for name in names if name in lowered), None)) is not None
    }
    colour, space, viewing = _colour(titles, file_name, where)
    return Columns(
        titles=titles,
        spectral=tuple(matches),
        grid=grid,
        unit=units.pop(),
        symbol_R=all((match["symbol"] or "").upper() == "R" for match in matches.values()),
        known=known,
        colour=colour,
        space=space,
        viewing=viewing,
    )


def _distinct(titles: list[str]) -> tuple[str, ...]:
    """Headings, a repeated one marked with its column: `remark`, `remark (column 9)`."""
    seen: set[str] = set()
    distinct = []
    for place, title in enumerate(titles, start=1):
        distinct.append(f"{title} (column {place})" if title in seen and title and not _wavelength(title) else title)
        seen.add(title)
    return tuple(distinct)


def _wavelength(title: str) -> re.Match[str] | None:
    return _WAVELENGTH.fullmatch(title.strip()) if len(title) <= 40 else None


def _unit(match: re.Match[str]) -> ReflectanceUnit | None:
    unit = (match["unit"] or "").strip("[]() ").lower()
    if match["before"] or match["after"] or unit in ("%", "percent"):
        return "percent"
    return "fraction" if unit in ("1", "fraction") else None


def _colour(
    titles: Sequence[str], file_name: str, where: str
) -> tuple[tuple[int, ...], Literal["Lab", "XYZ"] | None, tuple[str, str] | None]:
    axes: dict[str, int] = {}
    viewings: set[tuple[str, str]] = set()
    for place, title in enumerate(titles):
        match = _COLOUR.fullmatch(title) if len(title) <= 40 else None
        viewing = illuminant_and_observer(match["viewing"].replace("_", "/")) if match and match["viewing"] else None
        if match is None or (match["axis"] and viewing is None):
            continue
        axis = match["axis"] or match["bare"]
        if axis in axes:  # the first stated colour is kept as such, others verbatim as conditions
            continue
        axes[axis] = place
        if viewing:
            viewings.add(viewing)
    if len(viewings) > 1:
        raise MalformedFileError(file_name, "the colour columns declare different illuminants", where=where)
    declared = viewings.pop() if viewings else None
    if all(axis in axes for axis in "Lab"):
        return tuple(axes[axis] for axis in "Lab"), "Lab", declared
    if all(axis in axes for axis in "XYZ"):
        return tuple(axes[axis] for axis in "XYZ"), "XYZ", declared
    return (), None, None
