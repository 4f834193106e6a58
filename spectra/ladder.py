"""Letdowns: panels of known recipe from which colorants are characterised, and the ladders they form."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spectra.arrays import FloatArray, frozen
from spectra.colorant import Role
from spectra.errors import CharacterisationError
from spectra.film_build import relative_density
from spectra.geometry import Geometry
from spectra.recipe import Recipe, recipe_from_masses
from spectra.wavelengths import WavelengthGrid


@dataclass(frozen=True, slots=True, eq=False)
class CardFilm:
    """A film on a card that may show through.

    Attributes
    ----------
    drawdown : str
        Name of the film; the parts of one film over the black and over the white of a card bear the same.
    substrate : ndarray, shape (n_angles, n_wavelengths)
        Reflectance factor of the bare card under this part, in the geometry of the panel. The film wets it: it acts
        with its own surface taken off. [1.0 = perfect reflecting diffuser]
    thickness_um : float or None
        Of the dry film; None when nobody measured it. [µm]

    Raises
    ------
    CharacterisationError
        If the card's reflectance factor is negative or not finite, or the thickness is not above zero.
    """

    drawdown: str
    substrate: FloatArray
    thickness_um: float | None = None

    def __post_init__(self) -> None:
        substrate = frozen(np.atleast_2d(self.substrate))
        if substrate.ndim != 2 or not np.isfinite(substrate).all() or (substrate < 0).any():
            raise CharacterisationError(
                f"{self.drawdown}: reflectance factors of the card of shape {substrate.shape} must be "
                "(n_angles, n_wavelengths), finite and not negative"
            )
        if self.thickness_um is not None and not (np.isfinite(self.thickness_um) and self.thickness_um > 0):
            raise CharacterisationError(
                f"{self.drawdown}: a dry film of {self.thickness_um!r} µm; expected a finite number above 0"
            )
        object.__setattr__(self, "substrate", substrate)


@dataclass(frozen=True, slots=True, eq=False)
class Letdown:
    """One panel of known recipe: a masstone, a level of a letdown ladder, or any other mixture.

    Attributes
    ----------
    panel : str
        Name of the panel, unique among those characterised together unless it was painted more than once.
    recipe : Recipe
    reflectance_factor : ndarray, shape (n_angles, n_wavelengths)
        [1.0 = perfect reflecting diffuser]
    film : CardFilm or None
        None for a panel that hides what is under it.

    Raises
    ------
    CharacterisationError
        If a reflectance factor is not finite or not above zero.
    """

    panel: str
    recipe: Recipe
    reflectance_factor: FloatArray
    film: CardFilm | None = None

    def __post_init__(self) -> None:
        spectra = frozen(np.atleast_2d(self.reflectance_factor))
        if spectra.ndim != 2 or not np.isfinite(spectra).all() or (spectra <= 0).any():
            raise CharacterisationError(
                f"{self.panel}: reflectance factors of shape {spectra.shape} must be (n_angles, n_wavelengths), "
                "finite and above zero"
            )
        object.__setattr__(self, "reflectance_factor", spectra)


def masstone(panel: str, colorant: str, reflectance_factor: ArrayLike, film: CardFilm | None = None) -> Letdown:
    """A panel of one colorant alone."""
    return Letdown(panel, recipe_from_masses(panel, {colorant: 1.0}), frozen(reflectance_factor), film)


def letdown(
    panel: str,
    colorant: str,
    base: str,
    colorant_g: float,
    base_g: float,
    reflectance_factor: ArrayLike,
    film: CardFilm | None = None,
) -> Letdown:
    """A panel of one colorant let down in a white, black or clear base, as weighed.

    Raises
    ------
    FormulationError
        If a mass is negative or both are zero.
    """
    recipe = recipe_from_masses(panel, {colorant: colorant_g, base: base_g})
    return Letdown(panel, recipe, frozen(reflectance_factor), film)


@dataclass(frozen=True, slots=True)
class Ladder:
    """The letdowns of one colorant in one base.

    Attributes
    ----------
    colorant, base : str
    levels : tuple of tuple of int
        Positions of the panels among all letdowns, one inner tuple a level of equal mass fraction, rising.
    has_masstone : bool
        Whether the colorant alone was measured too.
    """

    colorant: str
    base: str
    levels: tuple[tuple[int, ...], ...]
    has_masstone: bool

    def is_interior(self, level: int) -> bool:
        """Whether levels below and above it remain when this one is taken out."""
        return level > 0 and (level < len(self.levels) - 1 or self.has_masstone)

    @property
    def can_lose_a_level(self) -> bool:
        """Whether absorption and scattering are still determined by two panels when one level is taken out."""
        return len(self.levels) - 1 + self.has_masstone >= 2


def ladders(letdowns: Sequence[Letdown], base: str, clears: Collection[str] = ()) -> tuple[Ladder, ...]:
    """The two-component ladders among letdowns, in the order in which their colorants first appear.

    A panel of a colorant with the white base belongs to the colorant's ladder; a panel with a clear to that of the
    other; a panel of two other colorants to the ladder of the one named first in its recipe.
    """
    alone = {item.recipe.colorants[0] for item in letdowns if len(item.recipe.colorants) == 1}
    found: dict[tuple[str, str], dict[float, list[int]]] = {}
    for position, item in enumerate(letdowns):
        if len(item.recipe.colorants) != 2:
            continue
        colorant, partner = item.recipe.colorants
        dose = float(item.recipe.mass_fractions[0])
        if colorant in clears or (colorant == base and partner not in clears):
            colorant, partner, dose = partner, colorant, 1.0 - dose
        found.setdefault((colorant, partner), {}).setdefault(round(dose, 9), []).append(position)
    return tuple(
        Ladder(colorant, partner, tuple(tuple(panels) for _, panels in sorted(levels.items())), colorant in alone)
        for (colorant, partner), levels in found.items()
    )


@dataclass(frozen=True, slots=True, eq=False)
class FilmTable:
    """Those of the panels that do not hide.

    Attributes
    ----------
    rows : ndarray of int, shape (n_parts,)
        Their rows among all panels.
    substrate : ndarray, shape (n_parts, n_bands)
        Reflectance factor of the bare card.
    drawdowns : tuple of str
    drawdown : ndarray of int, shape (n_parts,)
        Position of each part's film in `drawdowns`.
    stated_um : ndarray, shape (n_drawdowns,)
        Thickness as stated, NaN where it was not. [µm]
    density : ndarray, shape (n_parts,)
        Of the dry film, relative to that of the base alone: a film of a light clear holds less mass. [1]
    """

    rows: NDArray[np.intp]
    substrate: FloatArray
    drawdowns: tuple[str, ...]
    drawdown: NDArray[np.intp]
    stated_um: FloatArray
    density: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class PanelTable:
    """Letdowns laid out for a fit.

    Attributes
    ----------
    letdowns : tuple of Letdown
    codes : tuple of str
        Colorants in the order of the columns, the base first.
    ladders : tuple of Ladder
    fractions : ndarray, shape (n_panels, n_colorants)
        Mass fractions.
    measured : ndarray, shape (n_panels, n_bands)
        Reflectance factor, angles and wavelengths in one row.
    shape : tuple of int
        (n_angles, n_wavelengths).
    roles : tuple of str
        Of each colorant: "white" for the base and "chromatic" for the others where nobody said.
    films : FilmTable or None
        None when every panel hides.
    """

    letdowns: tuple[Letdown, ...]
    codes: tuple[str, ...]
    ladders: tuple[Ladder, ...]
    fractions: FloatArray
    measured: FloatArray
    shape: tuple[int, int]
    roles: tuple[Role, ...]
    films: FilmTable | None


def panel_table(
    letdowns: Sequence[Letdown],
    base: str,
    grid: WavelengthGrid,
    geometry: Geometry,
    roles: Mapping[str, Role] | None = None,
    densities: Mapping[str, float] | None = None,
) -> PanelTable:
    """Lay letdowns out for a fit.

    Raises
    ------
    CharacterisationError
        If a panel or its card does not fit grid and geometry, none holds the base, or the parts of one film are said
        to differ in thickness.
    """
    shape = (geometry.n_angles, grid.count)
    for item in letdowns:
        card = None if item.film is None else item.film.substrate
        for spectra, what in ((item.reflectance_factor, ""), (card, " of its card")):
            if spectra is not None and spectra.shape != shape:
                raise CharacterisationError(
                    f"{item.panel}: reflectance factors{what} of shape {spectra.shape}; {shape} expected for "
                    f"{geometry.name} and {grid}"
                )
    appearing = dict.fromkeys(code for item in letdowns for code in item.recipe.colorants)
    if base not in appearing:
        raise CharacterisationError(
            f"no panel contains the base {base!r}; they contain {', '.join(appearing) or 'nothing'}"
        )
    codes = (base, *(code for code in appearing if code != base))
    kinds: tuple[Role, ...] = tuple(
        (roles or {}).get(code, "chromatic" if column else "white") for column, code in enumerate(codes)
    )
    fractions = np.zeros((len(letdowns), len(codes)))
    for row, item in enumerate(letdowns):
        fractions[row, [codes.index(code) for code in item.recipe.colorants]] = item.recipe.mass_fractions
    measured = np.array([item.reflectance_factor.ravel() for item in letdowns])
    return PanelTable(
        tuple(letdowns),
        codes,
        ladders(letdowns, base, [code for code, role in zip(codes, kinds, strict=True) if role == "clear"]),
        frozen(fractions),
        frozen(measured),
        shape,
        kinds,
        _film_table(letdowns, fractions, np.array([(densities or {}).get(code, np.nan) for code in codes])),
    )


def _film_table(letdowns: Sequence[Letdown], fractions: FloatArray, density: FloatArray) -> FilmTable | None:
    parts = [(row, item.film) for row, item in enumerate(letdowns) if item.film is not None]
    if not parts:
        return None
    stated: dict[str, float | None] = {}
    for row, film in parts:
        known = stated.setdefault(film.drawdown, film.thickness_um)
        if known != film.thickness_um:
            raise CharacterisationError(
                f"{letdowns[row].panel}: film {film.drawdown!r} is {film.thickness_um} µm thick here and {known} µm in "
                "another panel of it; one film has one thickness"
            )
    names = tuple(stated)
    return FilmTable(
        np.array([row for row, _ in parts]),
        frozen([film.substrate.ravel() for _, film in parts]),
        names,
        np.array([names.index(film.drawdown) for _, film in parts]),
        frozen([np.nan if value is None else value for value in stated.values()]),
        frozen(relative_density(fractions[[row for row, _ in parts]], density, 0)),
    )
