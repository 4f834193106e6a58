"""Reflectance factors above 1 that the geometry does not explain: fluorescence, a wrong calibration, a wrong unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spectra.arrays import FloatArray
from spectra.geometry import Geometry
from spectra.measurement import Measurement

# Percent values taken for reflectance factors are a hundred times too great. What the wrong unit can be told by:
# far from the specular direction neither flakes nor fluorescence lift most of a spectrum above 2, or a value above 10;
# near it coarse aluminium may reach 10, but seldom lifts every wavelength of every angle above 1.5, and nothing to 20.
MIRROR_DEG = 20.0
FRACTION_CEILING = 2.0
PEAK_CEILING = 10.0
FLAKE_CEILING = 20.0
EVERYWHERE = 1.5

# Flakes mirror light within this angle of the specular direction, so a factor above 1 is no surprise there. [°]
NEAR_SPECULAR_DEG = 45.0


@dataclass(frozen=True, slots=True)
class Excess:
    """How far a spectrum exceeds what its geometry explains.

    Attributes
    ----------
    angle : str
        The angle pair or geometry.
    greatest : float
        Highest reflectance factor.
    at : float
        Where. [nm]
    wavelengths : tuple of float
        All above 1. [nm]
    share : float
        Part of the measured wavelengths that is above 1: a band of them speaks for fluorescence, all of them for the
        calibration or the unit.
    mean_excess : float
        Mean of the reflectance factor − 1 over these wavelengths.
    """

    angle: str
    greatest: float
    at: float
    wavelengths: tuple[float, ...]
    share: float
    mean_excess: float

    def __str__(self) -> str:
        first, last = self.wavelengths[0], self.wavelengths[-1]
        where = f"{first:g} nm" if first == last else f"{first:g}–{last:g} nm"
        return (
            f"{self.angle}: reflectance factor up to {self.greatest:.4f} at {self.at:g} nm, which the geometry does "
            f"not explain: above 1 by {self.mean_excess:.4f} on average, over {100 * self.share:.0f} % of the "
            f"wavelengths, {where}; fluorescence, calibration or unit"
        )


def explains_above_one(geometry: Geometry, row: int) -> bool:
    """Whether mirror-like reflection may lift a reflectance factor above 1 at an angle of a geometry."""
    # The angle of a sphere or of 45:0 is NaN, which explains nothing.
    return bool(abs(geometry.aspecular_angles[row]) <= NEAR_SPECULAR_DEG)


def unexplained_excess(measurement: Measurement) -> tuple[Excess, ...]:
    """Every angle at which a measurement exceeds 1 although its geometry does not explain it, with numbers.

    A fluorescent sample below 1 throughout cannot be told from another by one spectrum.
    """
    geometry, nm = measurement.geometry, measurement.grid.wavelengths
    return tuple(
        _excess(token, measurement.reflectance_factor[row], nm)
        for row, token in enumerate(geometry.tokens)
        if (measurement.reflectance_factor[row] > 1).any() and not explains_above_one(geometry, row)
    )


def cannot_be_fraction(reflectance_factor: ArrayLike, geometry: Geometry) -> bool:
    """Whether values taken for reflectance factors cannot be any: most likely they are percent.

    Judged by the angles 45° and more from the specular direction, spheres, 45:0 and undeclared geometries, each for
    itself; where there are none, by all angles more than 20° from it together; by none within.

    Parameters
    ----------
    reflectance_factor : array_like, shape (n_angles, n_wavelengths)
    geometry : Geometry
    """
    spectra, away = np.asarray(reflectance_factor, dtype=np.float64), np.abs(geometry.aspecular_angles)
    if not (spectra > FRACTION_CEILING).any():
        return False
    mostly = np.median(spectra, axis=1) > FRACTION_CEILING
    far = _far(geometry)
    if far.any():
        return bool((mostly | (spectra.max(axis=1) > PEAK_CEILING))[far].any())
    beside = away > MIRROR_DEG
    return bool(beside.any() and mostly[beside].all())


def looks_like_percent(reflectance_factor: ArrayLike, geometry: Geometry) -> bool:
    """Whether reflectance factors are such as percent values read as fractions give, near the specular direction too.

    Parameters
    ----------
    reflectance_factor : array_like, shape (n_angles, n_wavelengths)
    geometry : Geometry
    """
    spectra = np.asarray(reflectance_factor, dtype=np.float64)
    return bool(
        (spectra > EVERYWHERE).all()
        or (spectra > FLAKE_CEILING).any()
        or (spectra[_far(geometry)] > FRACTION_CEILING).any()
    )


def _far(geometry: Geometry) -> NDArray[np.bool_]:
    """The angles at which no mirror-like reflection is expected; NaN, of a sphere or 45:0, is one of them."""
    return ~(np.abs(geometry.aspecular_angles) < NEAR_SPECULAR_DEG)


def _excess(token: str, spectrum: FloatArray, nm: FloatArray) -> Excess:
    above = spectrum > 1
    return Excess(
        angle=token,
        greatest=float(spectrum.max()),
        at=float(nm[int(spectrum.argmax())]),
        wavelengths=tuple(nm[above].tolist()),
        share=float(np.mean(above)),
        mean_excess=float(np.mean(spectrum[above] - 1)),
    )
