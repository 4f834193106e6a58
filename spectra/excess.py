"""Reflectance factors above 1 that the geometry does not explain: fluorescence, a wrong calibration, a wrong unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spectra.arrays import FloatArray
from spectra.geometry import Geometry
from spectra.measurement import Measurement

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
