"""The pastes of the particle-paint laboratory: how their pigments absorb and scatter, drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spectra.arrays import FloatArray, frozen
from spectra.colorant import Role
from spectra.errors import FormulationError
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)


@dataclass(frozen=True, slots=True)
class _Family:
    """What pigments of a kind have in common; the seed moves every number of it.

    Absorption is that of bands (centre [nm], standard deviation [nm], height) and edges (absorbs below: position [nm],
    softness [nm], height) over a floor; heights and floor in 1/µm of paste alone.
    """

    name: str
    role: Role
    scattering: float  # of the paste alone, at 550 nm [1/µm]
    exponent: float  # scattering falls as wavelength to this power
    anisotropy: float  # mean cosine of the scattering angle
    pigment_volume: float  # share of the dry paste
    crowding: float  # how far scattering follows the structure of the packing; 0 not at all
    density: float  # of the paste [g/cm³]
    price: float  # per kg; invented
    floor: float = 0.0
    bands: tuple[tuple[float, float, float], ...] = ()
    edges: tuple[tuple[float, float, float], ...] = ()


# Drawn to give the hues and strengths that pastes of these pigments usually have, a few percent of which colour a
# white. The white, of 18 % pigment volume, hides at 115 to 185 µm.
_WHITE = _Family(
    "titanium dioxide white", "white", 0.58, 1.1, 0.52, 0.18, 0.45, 1.75, 4.0, 2.5e-5, edges=((398, 5, 0.012),)
)
_BLACK = _Family("carbon black", "black", 0.045, 2.0, 0.35, 0.06, 0.1, 1.15, 9.0, 0.55, bands=((400, 180, 0.25),))
_CLEAR = _Family("clear", "clear", 0.0, 0.0, 0.0, 0.0, 0.0, 1.05, 3.5)
_CHROMATIC = (
    _Family("organic yellow", "chromatic", 0.11, 3.0, 0.6, 0.12, 0.05, 1.15, 31.0, 5e-4, edges=((502, 7, 0.50),)),
    _Family("red oxide", "chromatic", 0.42, 0.8, 0.68, 0.15, 0.25, 1.65, 7.0, 0.012, edges=((580, 12, 0.45),)),
    _Family(
        *("phthalocyanine blue", "chromatic", 0.05, 2.5, 0.45, 0.10, 0.0, 1.12, 27.0, 6e-3),
        bands=((615, 55, 0.85), (700, 40, 0.45)),
        edges=((405, 12, 0.20),),
    ),
    _Family(
        *("phthalocyanine green", "chromatic", 0.05, 2.5, 0.45, 0.11, 0.0, 1.18, 29.0, 6e-3),
        bands=((645, 46, 0.70),),
        edges=((440, 14, 0.45),),
    ),
    _Family("organic red", "chromatic", 0.10, 2.5, 0.6, 0.12, 0.05, 1.14, 52.0, 1e-3, edges=((588, 6, 0.55),)),
    _Family("yellow oxide", "chromatic", 0.34, 0.9, 0.66, 0.15, 0.2, 1.55, 8.0, 0.010, edges=((532, 16, 0.33),)),
    _Family(
        *("dioxazine violet", "chromatic", 0.03, 2.5, 0.4, 0.08, 0.0, 1.10, 74.0, 0.012),
        bands=((555, 42, 0.95), (615, 26, 0.40)),
    ),
    _Family("organic orange", "chromatic", 0.09, 2.5, 0.6, 0.12, 0.05, 1.14, 38.0, 8e-4, edges=((545, 7, 0.55),)),
    _Family(
        *("quinacridone magenta", "chromatic", 0.04, 2.5, 0.45, 0.10, 0.0, 1.12, 61.0, 4e-3),
        bands=((545, 34, 0.65), (500, 30, 0.30)),
        edges=((430, 10, 0.08),),
    ),
)


@dataclass(frozen=True, slots=True, eq=False)
class ParticleColorant:
    """A paste of the laboratory and the truth about it.

    Attributes
    ----------
    code, name : str
    role : {"white", "black", "clear", "chromatic"}
    price_per_kg : float
    density_g_cm3 : float
        Of the paste; it dries without loss, so wet and dry volumes are in proportion.
    pigment_volume : float
        Share of pigment in the paste's volume. [1]
    absorption, scattering, anisotropy : ndarray, shape (n_wavelengths,)
        Coefficients of radiative transfer of the paste alone, its particles far apart [1/µm], and the mean cosine of
        the scattering angle [1].
    crowding : float
        0 scatters as lone particles do; 1 as particles much smaller than the wavelength in a liquid of hard spheres.
    """

    code: str
    name: str
    role: Role
    price_per_kg: float
    density_g_cm3: float
    pigment_volume: float
    absorption: FloatArray
    scattering: FloatArray
    anisotropy: FloatArray
    crowding: float


def draw_colorants(rng: np.random.Generator, n_colorants: int) -> tuple[ParticleColorant, ...]:
    """A white "W1", a black "K1" and a clear "C1", then chromatic pastes "P01", "P02", … of the families in turn.

    Raises
    ------
    FormulationError
        If fewer than three are asked for.
    """
    if n_colorants < 3:
        raise FormulationError(f"{n_colorants} colorants; white, black and clear are the least")
    families = [_CHROMATIC[place % len(_CHROMATIC)] for place in range(n_colorants - 3)]
    return (
        *(_draw(code, family, rng) for code, family in (("W1", _WHITE), ("K1", _BLACK), ("C1", _CLEAR))),
        *(_draw(f"P{place:02d}", family, rng) for place, family in enumerate(families, 1)),
    )


def _draw(code: str, family: _Family, rng: np.random.Generator) -> ParticleColorant:
    """One pigment of a family."""
    nm = GRID.wavelengths
    strength = np.exp(0.15 * rng.standard_normal())
    absorption = np.full(GRID.count, family.floor * np.exp(0.3 * rng.standard_normal()))
    shift = 8.0 if family.role == "chromatic" else 0.0
    for centre, width, height in family.bands:
        moved = centre + shift * rng.standard_normal()
        absorption += height * np.exp(-0.5 * ((nm - moved) / (width * np.exp(0.1 * rng.standard_normal()))) ** 2)
    for position, softness, height in family.edges:
        moved = position + shift * rng.standard_normal()
        absorption += height / (1 + np.exp((nm - moved) / (softness * np.exp(0.1 * rng.standard_normal()))))
    scattering = family.scattering * np.exp(0.15 * rng.standard_normal()) * (550 / nm) ** family.exponent
    anisotropy = np.clip(family.anisotropy + 0.05 * rng.standard_normal() + 0.1 * (550 - nm) / 150, 0.0, 0.9)
    return ParticleColorant(
        code=code,
        name=family.name,
        role=family.role,
        price_per_kg=round(float(family.price * np.exp(0.2 * rng.standard_normal())), 2),
        density_g_cm3=round(float(family.density * np.exp(0.02 * rng.standard_normal())), 3),
        pigment_volume=family.pigment_volume,
        absorption=frozen(absorption * strength),
        scattering=frozen(scattering),
        anisotropy=frozen(anisotropy if family.role != "clear" else np.zeros(GRID.count)),
        crowding=family.crowding,
    )
