"""The virtual effect-paint laboratory: metallic and pearl panels by radiative transfer among tilted flakes.

Aluminium reflects as its metal does in resin, pearls as titanium dioxide on mica interferes, pigments absorb and
scatter, and light meets as many of them as it may (`spectra.optics.flake_layers`). Nothing here is Kubelka–Munk, and
nothing is drawn at random but what a laboratory would not repeat: lots, spraying, the instrument. Simulated, to be
shown as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray
from spectra.errors import FormulationError, UnknownColorantError
from spectra.geometry import directional
from spectra.optics.flake_layers import (
    REFRACTIVE_INDEX,
    Directions,
    Scatterer,
    absorber,
    flakes,
    particles,
    reflectance_factor,
    reflected_share,
)
from spectra.optics.thin_film import stack_reflectance
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
SIX_ANGLES = directional(("45as-15", "45as15", "45as25", "45as45", "45as75", "45as110"))
SPRAY_ERROR = 0.02  # relative standard deviation of flake amount, and of their tilt, from panel to panel

# Complex refractive index of evaporated aluminium, after A. D. Rakić, Appl. Opt. 34 (1995) 4755,
# doi:10.1364/AO.34.004755, rounded; and of anatase and muscovite, of which only the size matters here.
_ALUMINIUM = ((400, 450, 500, 550, 600, 650, 700), (0.49, 0.62, 0.77, 0.96, 1.20, 1.47, 1.83))
_ALUMINIUM_K = (4.86, 5.47, 6.08, 6.69, 7.26, 7.79, 8.31)
_MICA = 1.58
# Platelets of one grade differ in thickness: the mica's own fringes vanish in the mean. [nm]
_MICA_THICKNESS = np.linspace(250.0, 550.0, 13)
_TILT_STEP = 0.15  # kernels are laid down at tilts this much smaller and greater, and interpolated between


@dataclass(frozen=True, slots=True)
class FlakeGrade:
    """A grade of flakes.

    Attributes
    ----------
    code, name : str
    tilt : float
        Standard deviation of the flakes' tilt in the sprayed film. [°]
    area : float
        Flake area a unit of mass brings into the film, relative to a white's scattering per unit of mass.
    edge_share : float
        Scattering rims relative to the faces: small flakes have more. [1]
    diameter_um : float
    oxide_nm : float
        Titanium dioxide on each side of the mica; 0 for aluminium. [nm]
    """

    code: str
    name: str
    tilt: float
    area: float
    edge_share: float
    diameter_um: float
    oxide_nm: float = 0.0


@dataclass(frozen=True, slots=True)
class PigmentGrade:
    """A pigment dispersion: absorption bands and scattering per unit mass, relative to the white.

    Attributes
    ----------
    code, name : str
    role : {"white", "black", "chromatic"}
    floor, scattering : float
        Absorption outside every band; scattering coefficient at 550 nm.
    asymmetry : float
        Mean cosine of one scattering. [−1 to 1]
    bands : tuple of (centre nm, standard deviation nm, height)
    edges : tuple of (position nm, softness nm, height)
        Absorbs below.
    """

    code: str
    name: str
    role: Literal["white", "black", "chromatic"]
    floor: float
    scattering: float
    asymmetry: float
    bands: tuple[tuple[float, float, float], ...] = ()
    edges: tuple[tuple[float, float, float], ...] = ()


FLAKE_GRADES = (
    FlakeGrade("AL1", "coarse aluminium, silver dollar", 6.0, 2.0, 0.02, 34),
    FlakeGrade("AL2", "medium aluminium", 7.5, 2.8, 0.04, 20),
    FlakeGrade("AL3", "fine aluminium", 9.5, 3.6, 0.07, 13),
    FlakeGrade("AL4", "very fine aluminium, cornflake", 12.0, 4.5, 0.12, 8),
    FlakeGrade("PW1", "silver white pearl", 8.0, 1.6, 0.04, 20, 55.0),
    FlakeGrade("PG1", "gold pearl", 8.0, 1.6, 0.04, 22, 82.0),
    FlakeGrade("PR1", "red pearl", 8.5, 1.6, 0.05, 20, 103.0),
    FlakeGrade("PB1", "blue pearl", 9.0, 1.6, 0.05, 18, 130.0),
)
# Bands and edges give the usual hues of these pigments; strengths are those of a dispersion.
PIGMENT_GRADES = (
    PigmentGrade("W01", "white", "white", 0.0015, 1.0, 0.55, edges=((398, 6, 0.4),)),
    PigmentGrade("K05", "carbon black", "black", 9.0, 0.05, 0.2, bands=((420, 220, 1.5),)),
    PigmentGrade("Y10", "transparent yellow", "chromatic", 0.02, 0.06, 0.4, edges=((495, 9, 4.5),)),
    PigmentGrade("Y42", "yellow oxide, transparent", "chromatic", 0.12, 0.15, 0.5, edges=((530, 18, 3.0),)),
    PigmentGrade("O36", "orange", "chromatic", 0.02, 0.20, 0.5, edges=((548, 9, 4.5),)),
    PigmentGrade("R54", "bright red", "chromatic", 0.03, 0.15, 0.5, edges=((588, 8, 4.5),)),
    PigmentGrade("R01", "red oxide, transparent", "chromatic", 0.20, 0.20, 0.5, edges=((575, 14, 3.6),)),
    PigmentGrade("R79", "maroon", "chromatic", 0.10, 0.05, 0.4, bands=((530, 48, 4.0), (430, 40, 1.8))),
    PigmentGrade("R22", "magenta", "chromatic", 0.02, 0.05, 0.4, bands=((545, 32, 4.4), (505, 28, 2.0))),
    PigmentGrade("V23", "violet", "chromatic", 0.04, 0.04, 0.4, bands=((560, 40, 5.5), (615, 25, 2.0))),
    PigmentGrade("B15", "blue, green shade", "chromatic", 0.02, 0.05, 0.4, bands=((620, 52, 5.5), (690, 38, 3.0))),
    PigmentGrade("B60", "blue, red shade", "chromatic", 0.06, 0.04, 0.4, bands=((600, 46, 4.4), (690, 40, 3.4))),
    PigmentGrade("T16", "turquoise", "chromatic", 0.03, 0.05, 0.4, bands=((665, 50, 5.0),), edges=((410, 9, 1.5),)),
    PigmentGrade(
        "G07", "green, blue shade", "chromatic", 0.03, 0.05, 0.4, bands=((645, 46, 5.0),), edges=((438, 14, 3.0),)
    ),
    PigmentGrade(
        "G36", "green, yellow shade", "chromatic", 0.03, 0.06, 0.4, bands=((665, 44, 4.6),), edges=((462, 14, 3.2),)
    ),
)


@dataclass(frozen=True, slots=True)
class EffectComponent:
    """What the laboratory has on its shelf."""

    code: str
    name: str
    role: Literal["white", "black", "chromatic", "effect"]


class EffectPaintLaboratory:
    """Components of one seed, and every hiding panel that can be made of them.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws the lots once: amounts of flake area, tilts, strengths, oxide thicknesses. Panels take their own.
    """

    geometry = SIX_ANGLES
    grid = GRID

    def __init__(self, rng: np.random.Generator) -> None:
        self._directions = _directions()
        self._flakes: dict[str, tuple[Scatterer, Scatterer]] = {}
        self._grades = {grade.code: grade for grade in FLAKE_GRADES}
        for grade in FLAKE_GRADES:
            area, tilt, oxide = np.exp(rng.standard_normal(3) * (0.05, 0.05, 0.02))
            self._flakes[grade.code] = _flake_kernels(grade, float(area), float(tilt), float(oxide))
        self._pigments: dict[str, Scatterer] = {}
        for pigment in PIGMENT_GRADES:
            self._pigments[pigment.code] = _pigment(pigment, float(np.exp(0.08 * rng.standard_normal())))
        self.components = (
            *(EffectComponent(grade.code, grade.name, "effect") for grade in FLAKE_GRADES),
            *(EffectComponent(pigment.code, pigment.name, pigment.role) for pigment in PIGMENT_GRADES),
        )

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the components, in their order."""
        return tuple(component.code for component in self.components)

    def panel(self, mass_fractions: Mapping[str, float], *, amount: float = 1.0, tilt: float = 1.0) -> FloatArray:
        """Reflectance factor of a hiding panel under clear coat, shape (n_angles, n_wavelengths).

        Parameters
        ----------
        mass_fractions : mapping of str to float
            By code; only their ratio matters.
        amount, tilt : float
            Flake area and tilt relative to the nominal application.

        Raises
        ------
        UnknownColorantError, FormulationError
            If a code is not on the shelf, or an amount is negative or not finite, or nothing was weighed.
        """
        return reflectance_factor(self._directions, self._film(mass_fractions, amount, tilt))

    def sprayed(self, mass_fractions: Mapping[str, float], rng: np.random.Generator) -> FloatArray:
        """`panel` as one spraying makes it: flake amount and tilt off by `SPRAY_ERROR` each."""
        amount, tilt = np.exp(SPRAY_ERROR * rng.standard_normal(2))
        return self.panel(mass_fractions, amount=float(amount), tilt=float(tilt))

    def reflected_share(self, mass_fractions: Mapping[str, float]) -> FloatArray:
        """Share of the light from 45° that a panel sends back in all directions, shape (n_wavelengths,)."""
        return reflected_share(self._directions, self._film(mass_fractions, 1.0, 1.0))

    def read(self, reflectance_factor: ArrayLike, rng: np.random.Generator, n_readings: int = 3) -> FloatArray:
        """Repeat readings of one panel by an instrument, shape (n_readings, n_angles, n_wavelengths).

        Each reading is off by a broad relative error of placement, its own at every angle, and by fine detector noise.
        """
        truth = np.asarray(reflectance_factor, dtype=np.float64)
        shape = (n_readings, *truth.shape)
        distance = (GRID.wavelengths[:, None] - GRID.wavelengths) / 80.0
        root = np.linalg.cholesky(np.exp(-0.5 * distance**2) + 1e-8 * np.eye(GRID.count))
        broad = rng.standard_normal(shape) @ root.T
        return np.maximum(truth * (1 + 0.003 * broad) + 0.0002 * rng.standard_normal(shape), 0.0)

    def graininess(self, mass_fractions: Mapping[str, float]) -> float:
        """Coarseness of the flake pattern under diffuse light: contrast of bright flakes thrown at random. [arbitrary]

        Flakes of number density ν and area A that stand out by their share of the light give a variance that goes as
        ν A² seen through the eye's blur.
        """
        fractions = self._checked(mass_fractions)
        total = sum(fractions.values())
        areas = {code: fractions[code] / total * self._grades[code].area for code in fractions if code in self._grades}
        hidden = sum(areas.values()) + sum(
            fractions[code] / total * float(np.mean(self._pigments[code].extinction))
            for code in fractions
            if code in self._pigments
        )
        variance = sum(area / hidden * (self._grades[code].diameter_um / 20) ** 2 for code, area in areas.items())
        return float(4 * np.sqrt(variance))

    def _film(self, mass_fractions: Mapping[str, float], amount: float, tilt: float) -> Scatterer:
        fractions = self._checked(mass_fractions)
        total = sum(fractions.values())
        parts = []
        for code, fraction in fractions.items():
            share = fraction / total
            if code in self._pigments:
                parts.append(self._pigments[code].scaled(share))
                continue
            fine, broad = self._flakes[code]
            place = (tilt - (1 - _TILT_STEP)) / (2 * _TILT_STEP)
            parts += [fine.scaled(share * amount * (1 - place)), broad.scaled(share * amount * place)]
        film = parts[0]
        for part in parts[1:]:
            film = film + part
        return film

    def _checked(self, mass_fractions: Mapping[str, float]) -> dict[str, float]:
        for code, fraction in mass_fractions.items():
            if code not in self._pigments and code not in self._flakes:
                raise UnknownColorantError(code, self.codes)
            if not (np.isfinite(fraction) and fraction >= 0):
                raise FormulationError(f"{code}: mass fraction {fraction!r}; expected 0 or more")
        used = {code: float(fraction) for code, fraction in mass_fractions.items() if fraction > 0}
        if not used:
            raise FormulationError("a panel of nothing: no mass fraction is above 0")
        return used


@cache
def _directions() -> Directions:
    return Directions(SIX_ANGLES)


@cache
def _particles(asymmetry: float) -> Scatterer:
    return particles(_directions(), asymmetry, 1)


def _pigment(grade: PigmentGrade, strength: float) -> Scatterer:
    nm = GRID.wavelengths
    absorption = np.full(GRID.count, grade.floor)
    for centre, width, height in grade.bands:
        absorption += height * np.exp(-0.5 * ((nm - centre) / width) ** 2)
    for position, softness, height in grade.edges:
        absorption += height / (1 + np.exp((nm - position) / softness))
    # `scattering` is what is left of it after the forward part: (1 − g) of the coefficient.
    scattering = grade.scattering / (1 - grade.asymmetry) * (550 / nm) ** 0.7
    return _particles(grade.asymmetry).scaled(scattering) + absorber(_directions(), 1).scaled(strength * absorption)


def _flake_kernels(grade: FlakeGrade, area: float, tilt: float, oxide: float) -> tuple[Scatterer, Scatterer]:
    table = _reflectance_table(grade.oxide_nm * oxide)
    cosines = np.linspace(0.0, 1.0, len(table))

    def reflectance(cosine: FloatArray) -> FloatArray:
        place = np.clip(cosine, 0.0, 1.0) * (len(cosines) - 1)
        below = np.minimum(place.astype(np.intp), len(cosines) - 2)
        share = (place - below)[..., None]
        between: FloatArray = (1 - share) * table[below] + share * table[below + 1]
        return between

    narrow, wide = (
        flakes(
            _directions(),
            grade.tilt * tilt * (1 + step),
            reflectance,
            opaque=grade.oxide_nm == 0,
            edge_share=grade.edge_share,
        ).scaled(grade.area * area)
        for step in (-_TILT_STEP, _TILT_STEP)
    )
    return narrow, wide


def _reflectance_table(oxide_nm: float) -> FloatArray:
    """Reflectance of a flake in resin at 101 cosines of incidence from 0 to 1, shape (101, n_wavelengths)."""
    nm = GRID.wavelengths
    cosines = np.linspace(0.0, 1.0, 101)
    cosines[0] = 1e-3
    if oxide_nm == 0:
        n = np.interp(nm, *_ALUMINIUM) + 1j * np.interp(nm, _ALUMINIUM[0], _ALUMINIUM_K)
        return stack_reflectance(cosines, nm, REFRACTIVE_INDEX, (), n)
    oxide = 2.40 + 3.2e4 / nm**2
    stacks = [((oxide, oxide_nm), (_MICA, mica), (oxide, oxide_nm)) for mica in _MICA_THICKNESS]
    seen = [stack_reflectance(cosines, nm, REFRACTIVE_INDEX, stack, REFRACTIVE_INDEX) for stack in stacks]
    mean: FloatArray = np.mean(seen, axis=0)
    return mean
