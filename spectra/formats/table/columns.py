"""What the headings of a table say: where the wavelengths stand, in which unit, and what the other columns hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from spectra.errors import MalformedFileError
from spectra.formats.base import MAX_WAVELENGTH, MIN_WAVELENGTH, ReflectanceUnit
from spectra.formats.grids import grid_of
from spectra.formats.table.colour_columns import ColourColumns, colour_columns
from spectra.formats.table.words import TITLES
from spectra.formats.text import number
from spectra.wavelengths import WavelengthGrid

FEWEST_WAVELENGTHS = 3  # fewer are no spectrum, and a row of numbers could pass for headings

# across: a column per wavelength. down: a row per wavelength, a column per spectrum. long: a row per value.
# colours: no wavelengths at all.
Layout = Literal["across", "down", "long", "colours"]

_UNIT = r"(?P<unit>[\[(]\s*(?:%|percent|1|fraction)\s*[\])]|%)?"
# 400  400nm  nm400  R400  R_400  %R400  R%400  400 [%]  SPECTRAL_NM400  spectral_nm_400  Reflectance 400 (fraction)
_WAVELENGTH = re.compile(
    r"(?P<before>%)?\s*(?:(?P<symbol>R|SPECTRAL[_ ]NM|SPECTRAL|SPEC|NM|REFL|REFLECTANCE)(?P<after>%)?[\s_\-.]*)?"
    rf"(?P<nm>\d{{3,4}}(?:\.\d{{1,15}})?)\s*_?(?:nm)?\s*{_UNIT}",
    re.IGNORECASE,
)
# STD_R=0.5,100.0,… is a field of a keyword file, whatever numbers it lists.
_FIELD = re.compile(r"\s*[A-Za-z_]\w*=")
# wl  wavelength  Wavelength (nm)  wavelength_nm  nm  λ [nm]
_AXIS = re.compile(r"(?:wl|wavelengths?|lambda|λ)[\s_]*(?:[\[(]?\s*nm\s*[\])]?)?|nm", re.IGNORECASE)
# R  %R  R [%]  reflectance factor  value
_VALUE = re.compile(
    rf"(?P<before>%)?\s*(?P<symbol>R|reflectance(?:[\s_]factor)?|value)(?P<after>%)?\s*{_UNIT}", re.IGNORECASE
)
# red [%]; but `letdown 10%` and `red (1)` are names
UNIT_SUFFIX = re.compile(r"\s*[\[(]\s*(?P<unit>%|percent|fraction)\s*[\])]\s*\Z", re.IGNORECASE)
_FACTORS = ("r", "reflectance factor")  # a plain number, 1 for the perfect diffuser, by the name of the quantity

DECLARED = ("condition", "bandpass", "corrected", "backing")


class _Named(NamedTuple):
    """What one heading says of the values under it."""

    nm: float
    unit: ReflectanceUnit | None
    is_factor: bool


@dataclass(frozen=True, slots=True)
class Columns:
    """Positions of the columns of one table.

    Attributes
    ----------
    titles : tuple of str
        All headings, verbatim.
    layout : {"across", "down", "long", "colours"}
    numeric : tuple of int
        Of the wavelengths, in the order of the grid; of the wavelength and its value in the long layout; of the
        spectra in the layout down.
    grid : WavelengthGrid or None
        Of the headings; None where the wavelengths stand in the rows, or nowhere.
    unit : {"percent", "fraction"} or None
        As the headings declare it.
    symbol_R : bool
        Whether every heading of values names the reflectance factor, without a percent sign.
    known : dict of str to int
        sample, standard, role, geometry, date, instrument, unit, reading, viewing, illuminant, observer, condition,
        bandpass, corrected, backing.
    colours : tuple of ColourColumns
    """

    titles: tuple[str, ...]
    layout: Layout
    numeric: tuple[int, ...]
    grid: WavelengthGrid | None
    unit: ReflectanceUnit | None
    symbol_R: bool
    known: dict[str, int]
    colours: tuple[ColourColumns, ...] = ()

    @property
    def texts(self) -> tuple[int, ...]:
        """Columns that hold no number of a spectrum or colour."""
        taken = {*self.numeric, *(place for colour in self.colours for place in colour.places)}
        return tuple(place for place in range(len(self.titles)) if place not in taken)

    @property
    def others(self) -> dict[str, int]:
        """Columns that are kept verbatim as conditions."""
        known = set(self.known.values())
        return {self.titles[place]: place for place in self.texts if place not in known and self.titles[place]}


def is_header(cells: Sequence[str], row_below: Callable[[], Sequence[str]]) -> bool:
    """Whether a row heads the columns of a table of spectra or colours.

    Parameters
    ----------
    cells : sequence of str
    row_below : callable () -> sequence of str
        The next row that is not blank: it must begin with a wavelength where the first heading says so.
    """
    layout = layout_of(cells)
    if layout != "down":
        return layout is not None
    below = row_below()
    nm = number(below[0].replace(",", ".")) if below else None
    return nm is not None and MIN_WAVELENGTH <= nm <= MAX_WAVELENGTH


def understand(cells: Sequence[str], file_name: str, where: str) -> Columns:
    """The columns that a row of headings names.

    Raises
    ------
    MalformedFileError
        If the wavelengths do not rise, or the headings mix units or split a colour over illuminants.
    """
    titles = _distinct([cell.strip() for cell in cells])
    layout = layout_of(titles)
    known = _known(titles)
    colours = colour_columns([cell.strip() for cell in cells], file_name, where)
    if layout == "down":
        return _down(titles, file_name, where)
    if layout == "long":
        axis, value = _axis_and_value(titles)
        _, unit, is_factor = _value(titles[value])
        return Columns(titles, "long", (axis, value), None, unit, is_factor, known, colours)
    spectral = {place: named for place, title in enumerate(titles) if (named := _wavelength(title)) is not None}
    if not spectral and colours:
        return Columns(titles, "colours", (), None, None, False, known, colours)
    grid = grid_of([named.nm for named in spectral.values()], file_name, where)
    unit, is_factor = _shared(list(spectral.values()), file_name, where)
    return Columns(titles, "across", tuple(spectral), grid, unit, is_factor, known, colours)


def layout_of(cells: Sequence[str]) -> Layout | None:
    """How a row of headings lays out its table; None if it heads none."""
    if cells and _FIELD.match(cells[0]):
        return None
    if sum(_wavelength(cell) is not None for cell in cells) >= FEWEST_WAVELENGTHS:
        return None if all(re.fullmatch(r"[\s\d.,+\-eE]*", cell) for cell in cells) else "across"
    if len(cells) < 2:
        return None
    known = _known(cells)
    axis, value = _axis_and_value(cells)
    if axis >= 0 and value >= 0 and ("sample" in known or "geometry" in known):
        return "long"
    if axis == 0 and any(cell.strip() for cell in cells[1:]):
        return "down"
    if "sample" not in known:
        return None
    try:
        return "colours" if colour_columns([cell.strip() for cell in cells], "", "") else None
    except MalformedFileError:  # said where the headings are understood
        return "colours"


def _known(titles: Sequence[str]) -> dict[str, int]:
    lowered = {re.sub(r"[_\s]+", " ", title.strip().lower()): place for place, title in reversed([*enumerate(titles)])}
    found: dict[str, int] = {}
    for role, names in TITLES.items():
        for name in names:
            if name in lowered:
                found[role] = lowered[name]
                break
    return found


def _down(titles: tuple[str, ...], file_name: str, where: str) -> Columns:
    """Wavelengths in the first column: every other heading names a spectrum, and may declare its unit."""
    places = tuple(place for place, title in enumerate(titles) if place and title)
    unit, is_factor = _shared([_value(titles[place]) for place in places], file_name, where)
    return Columns(titles, "down", (0, *places), None, unit, is_factor, {})


def _axis_and_value(titles: Sequence[str]) -> tuple[int, int]:
    """Places of the headings of wavelengths and of values; −1 where there is none."""
    axis = next((place for place, title in enumerate(titles) if _AXIS.fullmatch(title.strip()[:40])), -1)
    value = next((place for place, title in enumerate(titles) if _VALUE.fullmatch(title.strip()[:40])), -1)
    return axis, value


def _shared(named: Sequence[_Named], file_name: str, where: str) -> tuple[ReflectanceUnit | None, bool]:
    units = {one.unit for one in named}
    if len(units) > 1:
        raise MalformedFileError(
            file_name, "the headings of the values declare different units", where=where, expected="one unit for all"
        )
    return next(iter(units), None), all(one.is_factor for one in named)


def _distinct(titles: list[str]) -> tuple[str, ...]:
    """Headings, a repeated one marked with its column: `remark`, `remark (column 9)`."""
    seen: set[str] = set()
    distinct = []
    for place, title in enumerate(titles, start=1):
        distinct.append(f"{title} (column {place})" if title in seen and title and not _wavelength(title) else title)
        seen.add(title)
    return tuple(distinct)


@lru_cache(maxsize=4096)
def _wavelength(title: str) -> _Named | None:
    match = _WAVELENGTH.fullmatch(title.strip()) if len(title) <= 40 else None
    return match and _Named(float(match["nm"]), _unit(match), (match["symbol"] or "").upper() == "R")


def names_a_quantity(title: str) -> bool:
    """Whether a heading over values says what they are, `R`, `%R`, and not whose."""
    return _VALUE.fullmatch(title.strip()[:40]) is not None


def _value(title: str) -> _Named:
    """What a heading of values declares: `R`, `%R`, `red [%]`."""
    match = _VALUE.fullmatch(title.strip()[:40])
    if match is None:  # the name of a spectrum
        suffix = UNIT_SUFFIX.search(title[-40:])
        unit = suffix["unit"].lower() if suffix else ""
        return _Named(0.0, "percent" if unit in ("%", "percent") else "fraction" if unit == "fraction" else None, False)
    return _Named(0.0, _unit(match), re.sub(r"[\s_]+", " ", match["symbol"].lower()) in _FACTORS)


def _unit(match: re.Match[str]) -> ReflectanceUnit | None:
    unit = (match["unit"] or "").strip("[]() ").lower()
    if match["before"] or match["after"] or unit in ("%", "percent"):
        return "percent"
    return "fraction" if unit in ("1", "fraction") else None
