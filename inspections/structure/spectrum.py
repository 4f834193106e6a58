"""The structure spectrum: slope over wavelength, with what noise and blur leave of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from inspections.structure.bands import BLUR_POWER_FLOOR, FIELD_PERIODS
from inspections.structure.shells import SlopeShells
from spectra.arrays import FloatArray, frozen

MOST_POINTS = 60
_LONGEST_MM, _SHORTEST_MM = 30.0, 0.1


@dataclass(frozen=True, slots=True, eq=False)
class StructureSpectrum:
    """Slope of the surface by wavelength, corrected for blur, noise and leakage.

    Attributes
    ----------
    wavelengths_mm : ndarray, shape (n,)
        Longest first, at most 60. [mm]
    slope, slope_x, slope_y : ndarray, shape (n,)
        Square root of the slope power in an octave: per axis √((x² + y²)/2), along x, along y; their squares add up
        over octaves to those of S. 0 where noise outweighs it. [mrad/√octave]
    noise : ndarray, shape (n,), or None
        What noise alone gives, already removed, per axis; None when these photos leave no measure of it. [mrad/√octave]
    error : ndarray, shape (n,)
        Standard error of `slope` because the field holds only so many waves. [mrad/√octave]
    transfer : ndarray, shape (n,)
        Share of the slope that blur left, already given back. [0-1]
    shortest_mm, longest_mm : float
        Waves resolved by blur (half of the slope is left) and by the field (its short side holds two). [mm]
    """

    wavelengths_mm: FloatArray
    slope: FloatArray
    slope_x: FloatArray
    slope_y: FloatArray
    noise: FloatArray | None
    error: FloatArray
    transfer: FloatArray
    shortest_mm: float
    longest_mm: float

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types, units in the names' unit key."""
        return {
            "unit": "mrad/√octave",
            "wavelengths_mm": self.wavelengths_mm.tolist(),
            "slope": self.slope.tolist(),
            "slope_x": self.slope_x.tolist(),
            "slope_y": self.slope_y.tolist(),
            "noise": None if self.noise is None else self.noise.tolist(),
            "standard_error": self.error.tolist(),
            "transfer": self.transfer.tolist(),
            "shortest_mm": self.shortest_mm,
            "longest_mm": self.longest_mm,
        }


def structure_spectrum(shells: SlopeShells) -> StructureSpectrum:
    """The spectrum of a panel between 30 and 0.1 mm, as far as field and pixels reach."""
    lower, upper = shells.edges[:-1], shells.edges[1:]
    longest = min(side * shells.pitch_mm for side in shells.window.shape) / FIELD_PERIODS[0]
    kept = np.flatnonzero(
        (lower >= 0.98 / min(longest, _LONGEST_MM))
        & (upper <= 1.02 / _SHORTEST_MM)
        & (shells.transfer > 2 * BLUR_POWER_FLOOR)
    )[:MOST_POINTS]
    octaves = np.log2(upper[kept] / lower[kept])

    def density(power: FloatArray) -> FloatArray:
        return frozen(np.sqrt(np.maximum(power[kept], 0.0) / octaves))

    both = 0.5 * (shells.along_x + shells.along_y)
    error = [shells.sampling(unit) for unit in np.eye(shells.edges.size - 1)[kept]]
    resolved = np.sqrt(lower * upper)[kept][shells.transfer[kept] >= 0.25]
    return StructureSpectrum(
        wavelengths_mm=frozen(1 / np.sqrt(lower[kept] * upper[kept])),
        slope=density(both),
        slope_x=density(shells.along_x),
        slope_y=density(shells.along_y),
        noise=None if np.isnan(shells.noise).any() else density(0.5 * shells.noise),
        error=frozen(density(both) * np.nan_to_num(error)),
        transfer=frozen(np.sqrt(shells.transfer[kept])),
        shortest_mm=float(1 / resolved.max()) if resolved.size else float("inf"),
        longest_mm=float(longest),
    )
