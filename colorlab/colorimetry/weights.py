"""Tristimulus weights of a measurement grid: ASTM E308 and E2022, or by interpolation where they have no table."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np

from colorlab.colorimetry.tables import FINE_GRID, LEAST_MEASURED_SHARE, weighting_table
from colorlab.colorimetry.viewing import Viewing
from spectra.arrays import FloatArray, frozen
from spectra.errors import WavelengthRangeError
from spectra.wavelengths import NODE_TOLERANCE_NM, STANDARD_STEPS_NM, WavelengthGrid, resample

Bandpass = Literal["as given", "Stearns 1988"]
BANDPASSES: tuple[Bandpass, ...] = ("as given", "Stearns 1988")

ALPHA_STEARNS = 0.083  # of a triangular bandpass as wide as the step [1] of `weights`
ASTM_10_NM = WavelengthGrid(360, 780, 10)
# E308's coarsest table; between nodes further apart a spectrum would be made up.
WIDEST_GAP_NM = 20.0


@lru_cache(maxsize=256)
def weights(grid: WavelengthGrid, viewing: Viewing, bandpass: Bandpass = "as given") -> FloatArray:
    """Tristimulus weights of a measurement grid.

    Parameters
    ----------
    grid : WavelengthGrid
        Any. With steps of 1, 5, 10 or 20 nm on multiples of the step the weights are ASTM's, and wavelengths outside
        360–780 nm get none. On every other grid they are those of a cubic spline through the measured values, taken
        at every nanometre.
    viewing : Viewing
    bandpass : {"as given", "Stearns 1988"}
        As given: spectra are taken as already what E308's Table 5 wants, freed of the instrument's bandpass. The
        other frees them first; for even grids of which the bandpass is the step.

    Returns
    -------
    ndarray, shape (n_wavelengths, 3)
        X, Y, Z per unit reflectance factor; the Y column sums to 100. Weights of tabulated wavelengths that were not
        measured are added to the first and last measured one [2].

    Raises
    ------
    WavelengthRangeError
        If the grid covers too little of the visible range, or leaves a gap of more than 20 nm in it; or if the
        bandpass of an uneven grid should be corrected.

    References
    ----------
    .. [1] E. I. Stearns, R. E. Stearns, "An example of a method for correcting radiance data for bandpass error",
       Color Res. Appl. 13 (1988) 257–259.
    .. [2] ASTM E308-18, Standard Practice for Computing the Colors of Objects by Using the CIE System, 7.3.2.2.
    """
    _refuse_gaps(grid)
    share = measured_share(grid, viewing)
    if share < LEAST_MEASURED_SHARE:
        raise WavelengthRangeError(
            f"{grid} covers only {100 * share:.0f} % of what colour under {viewing} is made of; "
            f"at least {100 * LEAST_MEASURED_SHARE:.0f} % is needed. Measure about 400–700 nm"
        )
    result = _tabulated(grid, viewing) if has_table(grid) else _interpolated(grid, viewing)
    return frozen(correction(grid, bandpass).T @ result) if bandpass != "as given" else result


@lru_cache(maxsize=256)
def stacked_weights(grid: WavelengthGrid, viewings: tuple[Viewing, ...], bandpass: Bandpass = "as given") -> FloatArray:
    """`weights` of several viewings side by side, shape (n_wavelengths, 3 · n_viewings): one product for all."""
    return frozen(np.concatenate([weights(grid, viewing, bandpass) for viewing in viewings], axis=1))


@lru_cache(maxsize=256)
def white_point(viewing: Viewing, grid: WavelengthGrid = ASTM_10_NM) -> FloatArray:
    """XYZ of the perfect reflecting diffuser on a grid, shape (3,), Y = 100: the sum of its weights.

    Each table has its own sum, so that the diffuser is white whatever the grid; without a grid that of E308's 10 nm.
    """
    return frozen(weighting_table(_step(grid), viewing).sum(axis=0))


@lru_cache(maxsize=256)
def measured_share(grid: WavelengthGrid, viewing: Viewing) -> float:
    """Least share of X, Y and Z whose wavelengths a grid covers; the rest counts with its first and last value."""
    step = _step(grid)
    table = weighting_table(step, viewing)
    nodes = FINE_GRID.start + step * np.arange(len(table))
    inside = (nodes >= grid.start - NODE_TOLERANCE_NM) & (nodes <= grid.stop + NODE_TOLERANCE_NM)
    total = table.sum(axis=0)
    # A light without any blue has no Z to be measured.
    share: FloatArray = np.divide(table[inside].sum(axis=0), total, out=np.ones(3), where=total > 0)
    return float(share.min())


def has_table(grid: WavelengthGrid) -> bool:
    """Whether ASTM E308 and E2022 know weights for these very wavelengths."""
    if grid.step not in STANDARD_STEPS_NM:
        return False
    position = (grid.start - FINE_GRID.start) / grid.step
    return abs(position - round(position)) * grid.step <= NODE_TOLERANCE_NM


def correction(grid: WavelengthGrid, bandpass: Bandpass) -> FloatArray:
    """Matrix that frees spectra of a triangular bandpass as wide as the step, shape (n_wavelengths, n_wavelengths).

    Each value less a share of its curvature: −α R(i − 1) + (1 + 2α) R(i) − α R(i + 1), and (1 + α) R − α R' at the
    ends; all from the values as measured.

    Raises
    ------
    WavelengthRangeError
        If the wavelengths are uneven.
    """
    if bandpass == "as given":
        return np.eye(grid.count)
    if grid.step is None:
        raise WavelengthRangeError(f"{grid}: the correction for bandpass is for even wavelengths; resample first")
    matrix = (1 + 2 * ALPHA_STEARNS) * np.eye(grid.count)
    matrix -= ALPHA_STEARNS * (np.eye(grid.count, k=1) + np.eye(grid.count, k=-1))
    matrix[0, 0] = matrix[-1, -1] = 1 + ALPHA_STEARNS
    return matrix


def integration(grid: WavelengthGrid) -> str:
    """In words, how `weights` gets from a grid to tristimulus values."""
    if not has_table(grid):
        return "cubic spline to 1 nm, summed there (ASTM E308)"
    how = "ASTM E2022 weights" if grid.nominal_step > 5 else "summed products (ASTM E308)"
    return f"{how}, {grid.nominal_step:g} nm"


def _step(grid: WavelengthGrid) -> float:
    return grid.nominal_step if has_table(grid) else FINE_GRID.nominal_step


def _tabulated(grid: WavelengthGrid, viewing: Viewing) -> FloatArray:
    table = weighting_table(grid.nominal_step, viewing)
    row = np.rint((grid.wavelengths - FINE_GRID.start) / grid.nominal_step).astype(int)
    inside = (row >= 0) & (row < len(table))
    result = np.zeros((grid.count, 3))
    result[inside] = table[row[inside]]
    first, last = np.flatnonzero(inside)[[0, -1]]
    result[first] += table[: row[first]].sum(axis=0)
    result[last] += table[row[last] + 1 :].sum(axis=0)
    return frozen(result)


def _interpolated(grid: WavelengthGrid, viewing: Viewing) -> FloatArray:
    table, nm = weighting_table(FINE_GRID.nominal_step, viewing), FINE_GRID.wavelengths
    before, after = nm < grid.start - NODE_TOLERANCE_NM, nm > grid.stop + NODE_TOLERANCE_NM
    inner = nm[~(before | after)]
    # Interpolation is linear in the values, so that done to the unit spectra it is the operator itself.
    operator = resample(np.eye(grid.count), grid, WavelengthGrid(float(inner[0]), float(inner[-1]), 1.0))
    result = operator @ table[~(before | after)]
    result[0] += table[before].sum(axis=0)
    result[-1] += table[after].sum(axis=0)
    return frozen(result)


def _refuse_gaps(grid: WavelengthGrid) -> None:
    nodes = grid.wavelengths
    inside = (nodes[1:] > FINE_GRID.start) & (nodes[:-1] < FINE_GRID.stop)
    if not inside.any():
        raise WavelengthRangeError(f"{grid} does not touch the visible range")
    gaps = np.where(inside, np.diff(nodes), 0.0)
    widest = int(gaps.argmax())
    if gaps[widest] > WIDEST_GAP_NM + NODE_TOLERANCE_NM:
        raise WavelengthRangeError(
            f"{grid}: nothing was measured between {nodes[widest]:g} and {nodes[widest + 1]:g} nm; "
            f"wavelengths at most {WIDEST_GAP_NM:g} nm apart are needed"
        )
