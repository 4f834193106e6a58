"""The virtual paint laboratory: seeded colorants, letdown ladders and sprayed panels with known truth.

Its physics is close to paint and is not the physics of the estimators: light scattering crowds as pigment is packed,
the surface reflects with a k2 nobody tells the estimator, lots differ in strength, scales weigh with an error, and
effect flakes form a lobe over a Kubelka–Munk body. Whatever comes from here is simulated, and must be shown as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray, frozen
from spectra.errors import UnknownColorantError
from spectra.geometry import Geometry, directional
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
FIVE_ANGLES = directional(("45as15", "45as25", "45as45", "45as75", "45as110"))
TWELVE_ANGLES = directional(
    (
        *("15as-45", "15as-30", "15as-15", "15as15", "15as45", "15as80"),
        *("45as-15", "45as15", "45as25", "45as45", "45as75", "45as110"),
    )
)

TRUE_K1, TRUE_K2 = 0.040, 0.52
# How much of its scattering a white loses when it fills the film. [1]
CROWDING = 0.22
DOSING_ERROR = 0.003  # relative standard deviation of one weighing
SPRAY_ERROR = 0.02  # relative standard deviation of flake amount and alignment from panel to panel


@dataclass(frozen=True, slots=True)
class ColorantRecipe:
    """What a virtual colorant is built from: absorption bands and scattering per unit mass, relative to the white."""

    code: str
    name: str
    role: str
    price_per_kg: float
    floor: float
    scattering: float
    bands: tuple[tuple[float, float, float], ...] = ()  # Gaussian: centre [nm], standard deviation [nm], height
    edges: tuple[tuple[float, float, float], ...] = ()  # absorbs below: position [nm], softness [nm], height


# Bands and edges were drawn to give the usual hues of these pigments; strengths are those of a paste, of which a few
# percent colour a white. Prices are invented.
PALETTE = (
    ColorantRecipe("W01", "white base", "white", 4.0, 0.0012, 1.0, bands=((392, 14, 0.55),)),
    ColorantRecipe("K05", "carbon black paste", "black", 9.0, 24.0, 0.12, bands=((420, 220, 4.0),)),
    ColorantRecipe("Y11", "bright yellow paste", "chromatic", 31.0, 0.015, 0.60, edges=((502, 7, 14.0),)),
    ColorantRecipe("Y42", "yellow oxide paste", "chromatic", 8.0, 0.30, 0.95, edges=((535, 16, 7.5),)),
    ColorantRecipe("O16", "orange paste", "chromatic", 38.0, 0.02, 0.45, edges=((545, 7, 14.0),)),
    ColorantRecipe("R54", "bright red paste", "chromatic", 52.0, 0.03, 0.55, edges=((588, 6, 13.0),)),
    ColorantRecipe("R01", "red oxide paste", "chromatic", 7.0, 0.45, 1.0, edges=((578, 12, 8.5),)),
    ColorantRecipe(
        "R22",
        "magenta paste",
        "chromatic",
        61.0,
        0.03,
        0.30,
        bands=((545, 34, 14.0), (500, 30, 6.0)),
        edges=((430, 10, 1.2),),
    ),
    ColorantRecipe("V23", "violet paste", "chromatic", 74.0, 0.06, 0.25, bands=((555, 42, 16.0), (615, 26, 6.0))),
    ColorantRecipe("B15", "blue paste", "chromatic", 27.0, 0.04, 0.25, bands=((620, 55, 17.0), (700, 40, 8.0))),
    ColorantRecipe(
        "B60", "red-shade blue paste", "chromatic", 66.0, 0.12, 0.20, bands=((600, 48, 13.0), (690, 40, 10.0))
    ),
    ColorantRecipe(
        "G07", "green paste", "chromatic", 29.0, 0.04, 0.25, bands=((645, 46, 15.0),), edges=((440, 14, 9.0),)
    ),
)


@dataclass(frozen=True, slots=True)
class Flakes:
    """Effect flakes of a basecoat.

    Attributes
    ----------
    strength : float
        Reflectance factor the lobe adds in the specular direction of the flakes.
    width : float
        Standard deviation of the lobe. [° aspecular]
    hue_nm, hue_width_nm : float or None
        Centre and width of an interference colour; None for metal.
    travel_nm : float
        By how much the interference colour moves to shorter wavelengths from normal to grazing light.
    """

    strength: float
    width: float = 24.0
    hue_nm: float | None = None
    hue_width_nm: float = 70.0
    travel_nm: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Paint:
    """A virtual paint: mass fractions of the solid body and, for effect paints, the flakes in it."""

    body: Mapping[str, float]
    flakes: Flakes | None = None


class VirtualPaintLaboratory:
    """Colorants of one seed, and everything that can be made of them.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws the true strength of each colorant once; panels and ladders take their own generators.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.recipes = {recipe.code: recipe for recipe in PALETTE}
        wavelengths = GRID.wavelengths
        self._absorption: dict[str, FloatArray] = {}
        self._scattering: dict[str, FloatArray] = {}
        for recipe in PALETTE:
            shape = np.full(GRID.count, recipe.floor)
            for centre, width, height in recipe.bands:
                shape += height * np.exp(-0.5 * ((wavelengths - centre) / width) ** 2)
            for position, softness, height in recipe.edges:
                shape += height / (1 + np.exp((wavelengths - position) / softness))
            strength = np.exp(0.08 * rng.standard_normal())
            self._absorption[recipe.code] = frozen(shape * strength)
            self._scattering[recipe.code] = frozen(recipe.scattering * (550 / wavelengths) ** 0.35)

    def body_reflectance(
        self, mass_fractions: Mapping[str, float], strength: Mapping[str, float] | None = None
    ) -> FloatArray:
        """Internal reflectance of an opaque film, shape (n_wavelengths,): without the surface.

        Raises
        ------
        UnknownColorantError
            If a code is not in the palette.
        """
        absorption, scattering = np.zeros(GRID.count), np.zeros(GRID.count)
        for code, fraction in mass_fractions.items():
            if code not in self.recipes:
                raise UnknownColorantError(code, tuple(self.recipes))
            lot = 1.0 if strength is None else strength.get(code, 1.0)
            crowded = 1 - CROWDING * fraction if self.recipes[code].role == "white" else 1.0
            absorption += fraction * lot * self._absorption[code]
            scattering += fraction * crowded * self._scattering[code]
        ratio = absorption / scattering
        reflectance: FloatArray = 1 + ratio - np.sqrt(ratio * (ratio + 2))
        return reflectance

    def solid_panel(
        self, mass_fractions: Mapping[str, float], rng: np.random.Generator, strength: Mapping[str, float] | None = None
    ) -> FloatArray:
        """Reflectance factor d/8, specular included, of a panel weighed with the laboratory's dosing error."""
        weighed = _weigh(mass_fractions, rng)
        inside = self.body_reflectance(weighed, strength)
        outside: FloatArray = TRUE_K1 + (1 - TRUE_K1) * (1 - TRUE_K2) * inside / (1 - TRUE_K2 * inside)
        return outside

    def effect_panel(
        self,
        paint: Paint,
        geometry: Geometry,
        rng: np.random.Generator,
        strength: Mapping[str, float] | None = None,
    ) -> FloatArray:
        """Reflectance factor of a sprayed panel at the angles of a directional geometry, (n_angles, n_wavelengths).

        Light crosses the pigmented binder on its way to a flake and back, so the lobe is tinted by the body and more so
        at grazing angles; what misses the flakes is scattered by the body alone.
        """
        inside = self.body_reflectance(_weigh(paint.body, rng), strength)
        seen = (1 - TRUE_K1) * (1 - TRUE_K2) * inside / (1 - TRUE_K2 * inside)
        flakes = paint.flakes
        if flakes is None:
            return np.repeat(seen[None, :], geometry.n_angles, axis=0)
        amount, width = flakes.strength, flakes.width
        amount *= np.exp(SPRAY_ERROR * rng.standard_normal())
        width *= np.exp(0.5 * SPRAY_ERROR * rng.standard_normal())
        illumination = geometry.illumination_angles[:, None]
        aspecular = geometry.aspecular_angles[:, None]
        lobe = amount * (np.exp(-0.5 * (aspecular / width) ** 2) + 0.06 * np.exp(-np.abs(aspecular) / 60))
        tint = np.clip(inside, 1e-3, 1.0) ** (0.35 / np.cos(np.deg2rad(illumination / 1.5)))
        wavelengths = GRID.wavelengths
        if flakes.hue_nm is None:
            metal = np.ones((geometry.n_angles, GRID.count))
        else:
            centre = flakes.hue_nm - flakes.travel_nm * (1 - np.cos(np.deg2rad(illumination + aspecular / 2)))
            metal = 0.25 + 0.95 * np.exp(-0.5 * ((wavelengths - centre) / flakes.hue_width_nm) ** 2)
        covered = min(0.85, 0.6 * flakes.strength)
        panel: FloatArray = (1 - covered) * seen + lobe * tint * metal
        return panel

    def read(self, reflectance_factor: ArrayLike, rng: np.random.Generator, n_readings: int = 3) -> FloatArray:
        """Repeat readings of one panel by an instrument, shape (n_readings, *shape).

        Each reading is off by a broad relative error of placement and by fine detector noise.
        """
        truth = np.asarray(reflectance_factor, dtype=np.float64)
        shape = (n_readings, *truth.shape)
        distance = (GRID.wavelengths[:, None] - GRID.wavelengths) / 80.0
        broad = (
            rng.standard_normal(shape) @ np.linalg.cholesky(np.exp(-0.5 * distance**2) + 1e-8 * np.eye(GRID.count)).T
        )
        readings: FloatArray = truth * (1 + 0.0025 * broad) + 0.00015 * rng.standard_normal(shape)
        return np.maximum(readings, 0.0)

    def lot_strengths(self, rng: np.random.Generator, spread: float) -> dict[str, float]:
        """Strength of each colorant's current lot relative to the calibrated one; `spread` is relative."""
        return {code: float(np.exp(spread * rng.standard_normal())) for code in self.recipes}


def _weigh(mass_fractions: Mapping[str, float], rng: np.random.Generator) -> dict[str, float]:
    weighed = {code: fraction * (1 + DOSING_ERROR * rng.standard_normal()) for code, fraction in mass_fractions.items()}
    total = sum(weighed.values())
    return {code: fraction / total for code, fraction in weighed.items()}
