"""Where a spectrum was measured, and moving a spectrum to other wavelengths without inventing any."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray, frozen
from spectra.errors import WavelengthRangeError

NODE_TOLERANCE_NM = 1e-6
# The intervals for which ASTM E308 and E2022 know weights; uneven wavelengths are brought to one of them. [nm]
STANDARD_STEPS_NM = (1.0, 5.0, 10.0, 20.0)


@dataclass(frozen=True, slots=True)
class WavelengthGrid:
    """Rising wavelengths, both ends included: equally spaced, or the nodes an instrument has. [nm]

    Attributes
    ----------
    start, stop : float
        [nm]
    step : float or None
        None where the nodes are uneven. [nm]
    nodes : tuple of float
        The uneven wavelengths; empty where a step says it all. [nm]

    Raises
    ------
    WavelengthRangeError
        If the step is not positive or does not divide the range, or uneven nodes do not rise from start to stop.
    """

    start: float
    stop: float
    step: float | None
    nodes: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.step is None:
            rising = len(self.nodes) > 1 and np.isfinite(self.nodes).all() and (np.diff(self.nodes) > 0).all()
            if not (rising and self.nodes[0] == self.start > 0 and self.nodes[-1] == self.stop):
                raise WavelengthRangeError(f"{len(self.nodes)} uneven wavelengths do not rise from a positive one")
            return
        if not (np.isfinite([self.start, self.stop, self.step]).all() and self.step > 0 and self.stop > self.start > 0):
            raise WavelengthRangeError(f"{self.start:g}–{self.stop:g} nm in steps of {self.step:g} nm is not a grid")
        intervals = (self.stop - self.start) / self.step
        if abs(intervals - round(intervals)) * self.step > NODE_TOLERANCE_NM:
            raise WavelengthRangeError(
                f"a step of {self.step:g} nm does not reach from {self.start:g} to {self.stop:g} nm"
            )
        if self.nodes:
            raise WavelengthRangeError("a grid has a step or uneven nodes, not both")

    @property
    def count(self) -> int:
        """Number of wavelengths."""
        return len(self.nodes) if self.step is None else round((self.stop - self.start) / self.step) + 1

    @property
    def wavelengths(self) -> FloatArray:
        """The wavelengths, shape (n_wavelengths,). [nm]"""
        return frozen(self.nodes if self.step is None else self.start + self.step * np.arange(self.count))

    @property
    def nominal_step(self) -> float:
        """The step, or of uneven nodes the standard step that is at least their median distance. [nm]"""
        if self.step is not None:
            return self.step
        distance = float(np.median(np.diff(self.nodes)))
        return next((step for step in STANDARD_STEPS_NM if step >= distance - NODE_TOLERANCE_NM), STANDARD_STEPS_NM[-1])

    def __str__(self) -> str:
        if self.step is None:
            return f"{self.start:g}–{self.stop:g} nm, {self.count} uneven"
        return f"{self.start:g}–{self.stop:g}/{self.step:g} nm"


def grid_of_nodes(wavelengths: Sequence[float] | FloatArray) -> WavelengthGrid:
    """The grid of rising wavelengths: equally spaced where they are, to a millionth of a nanometre. [nm]

    Raises
    ------
    WavelengthRangeError
        If there are fewer than two, or they do not rise.
    """
    nodes = np.asarray(wavelengths, dtype=np.float64)
    if nodes.size < 2 or not np.isfinite(nodes).all() or not (np.diff(nodes) > 0).all():
        raise WavelengthRangeError(f"{nodes.size} wavelengths are not a rising series")
    step = float(nodes[-1] - nodes[0]) / (nodes.size - 1)
    if np.abs(nodes - (nodes[0] + step * np.arange(nodes.size))).max() <= NODE_TOLERANCE_NM:
        return WavelengthGrid(float(nodes[0]), float(nodes[-1]), step)
    return WavelengthGrid(float(nodes[0]), float(nodes[-1]), None, tuple(nodes.tolist()))


def shared_grid(first: WavelengthGrid, second: WavelengthGrid) -> WavelengthGrid:
    """The widest grid that both measurements cover: the coarser step, on multiples of it, as the ASTM tables are.

    Raises
    ------
    WavelengthRangeError
        If the two ranges share fewer than two wavelengths.
    """
    if first == second and first.step is not None:
        return first
    step = max(first.nominal_step, second.nominal_step)
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
    measured, wanted = grid.wavelengths, to.wavelengths
    after = np.clip(np.searchsorted(measured, wanted), 1, grid.count - 1)
    nearest = after - (wanted - measured[after - 1] < measured[after] - wanted)
    if np.max(np.abs(measured[nearest] - wanted)) <= NODE_TOLERANCE_NM:
        picked: FloatArray = spectra[..., nearest]
        return picked
    from scipy.interpolate import CubicSpline

    interpolated: FloatArray = CubicSpline(measured, spectra, axis=-1)(wanted)
    return interpolated
