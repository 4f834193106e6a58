"""Where a spectrum was measured, and moving a spectrum to other wavelengths without inventing any."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray, frozen
from spectra.errors import WavelengthRangeError

NODE_TOLERANCE_NM = 1e-6


@dataclass(frozen=True, slots=True)
class WavelengthGrid:
    """Equally spaced wavelengths, both ends included. [nm]

    Raises
    ------
    WavelengthRangeError
        If the step is not positive or does not divide the range.
    """

    start: float
    stop: float
    step: float

    def __post_init__(self) -> None:
        if not (np.isfinite([self.start, self.stop, self.step]).all() and self.step > 0 and self.stop > self.start > 0):
            raise WavelengthRangeError(f"{self.start:g}–{self.stop:g} nm in steps of {self.step:g} nm is not a grid")
        intervals = (self.stop - self.start) / self.step
        if abs(intervals - round(intervals)) * self.step > NODE_TOLERANCE_NM:
            raise WavelengthRangeError(
                f"a step of {self.step:g} nm does not reach from {self.start:g} to {self.stop:g} nm"
            )

    @property
    def count(self) -> int:
        """Number of wavelengths."""
        return round((self.stop - self.start) / self.step) + 1

    @property
    def wavelengths(self) -> FloatArray:
        """The wavelengths, shape (n_wavelengths,). [nm]"""
        return frozen(self.start + self.step * np.arange(self.count))

    def __str__(self) -> str:
        return f"{self.start:g}–{self.stop:g}/{self.step:g} nm"


def shared_grid(first: WavelengthGrid, second: WavelengthGrid) -> WavelengthGrid:
    """The widest grid that both measurements cover: the coarser step, on multiples of it, as the ASTM tables are.

    Raises
    ------
    WavelengthRangeError
        If the two ranges share fewer than two wavelengths.
    """
    step = max(first.step, second.step)
    start = math.ceil((max(first.start, second.start) - NODE_TOLERANCE_NM) / step) * step
    stop = math.floor((min(first.stop, second.stop) + NODE_TOLERANCE_NM) / step) * step
    if stop <= start:
        raise WavelengthRangeError(f"{first} and {second} have no range in common")
    return WavelengthGrid(start, stop, step)


def resample(values: ArrayLike, grid: WavelengthGrid, to: WavelengthGrid) -> FloatArray:
    """Values on another grid: picked where the nodes coincide, interpolated by a cubic spline where they do not.

    Parameters
    ----------
    values : array_like, shape (..., n_wavelengths)
        Spectra on `grid`.
    grid, to : WavelengthGrid
        Where the values are and where they are wanted.

    Returns
    -------
    ndarray, shape (..., to.count)

    Raises
    ------
    WavelengthRangeError
        If `to` reaches beyond `grid`: a reflectance nobody measured is not made up here.
    """
    spectra = np.asarray(values, dtype=np.float64)
    if spectra.shape[-1] != grid.count:
        raise WavelengthRangeError(f"{spectra.shape[-1]} values do not fit {grid}, which has {grid.count} wavelengths")
    if to.start < grid.start - NODE_TOLERANCE_NM or to.stop > grid.stop + NODE_TOLERANCE_NM:
        raise WavelengthRangeError(f"{to} asked for, {grid} measured")
    position = (to.wavelengths - grid.start) / grid.step
    nearest = np.rint(position).astype(int)
    if np.max(np.abs(position - nearest)) * grid.step <= NODE_TOLERANCE_NM:
        picked: FloatArray = spectra[..., nearest]
        return picked
    from scipy.interpolate import CubicSpline

    interpolated: FloatArray = CubicSpline(grid.wavelengths, spectra, axis=-1)(to.wavelengths)
    return interpolated
