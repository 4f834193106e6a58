"""Tristimulus weights of a measurement grid: ASTM E308 and E2022."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from colorlab.colorimetry.library import colour_science
from colorlab.colorimetry.viewing import Viewing, illuminants
from spectra.arrays import FloatArray, frozen
from spectra.errors import UnknownConditionError, WavelengthRangeError
from spectra.wavelengths import NODE_TOLERANCE_NM, WavelengthGrid

TABLE_START_NM, TABLE_STOP_NM = 360.0, 780.0  # ASTM E308 tables
TABULATED_STEPS_NM = (10.0, 20.0)  # intervals for which ASTM E2022 derives weights
WEIGHT_STEPS_NM = (1.0, 5.0, 10.0, 20.0)
# Of X, Y and Z under D65, A and FL11, 400–700 nm covers 99.8 %, 400–680 nm 99.4 %, 420–700 nm 96.5 %. With less than
# this the ends stand for so much that the result is no measurement any longer. [1]
LEAST_MEASURED_SHARE = 0.98


@lru_cache(maxsize=256)
def weights(grid: WavelengthGrid, viewing: Viewing) -> FloatArray:
    """Tristimulus weights of a measurement grid.

    Parameters
    ----------
    grid : WavelengthGrid
        Step 1, 5, 10 or 20 nm, nodes on multiples of the step. Wavelengths outside 360–780 nm get no weight.
    viewing : Viewing

    Returns
    -------
    ndarray, shape (n_wavelengths, 3)
        X, Y, Z per unit reflectance factor; the Y column sums to 100. Weights of tabulated wavelengths that were not
        measured are added to the first and last measured one.

    Raises
    ------
    WavelengthRangeError
        If the grid has another step, nodes between the table's, or covers too little of the visible range.
    UnknownConditionError
        If the illuminant has no table.

    References
    ----------
    .. [1] ASTM E308-18, Standard Practice for Computing the Colors of Objects by Using the CIE System, 7.3.2.2.
    .. [2] ASTM E2022-16, Standard Practice for Calculation of Weighting Factors for Tristimulus Integration.
    """
    table_grid, table = _full_table(grid.step, viewing)
    position = (grid.wavelengths - table_grid.start) / grid.step
    if np.max(np.abs(position - np.rint(position))) * grid.step > NODE_TOLERANCE_NM:
        raise WavelengthRangeError(f"{grid} does not lie on the nodes of the ASTM tables; resample it first")
    row = np.rint(position).astype(int)
    inside = (row >= 0) & (row < table_grid.count)
    if inside.sum() < 2:
        raise WavelengthRangeError(f"{grid} hardly touches the visible range")
    share = measured_share(grid, viewing)
    if share < LEAST_MEASURED_SHARE:
        raise WavelengthRangeError(
            f"{grid} covers only {100 * share:.0f} % of what colour under {viewing} is made of; "
            f"at least {100 * LEAST_MEASURED_SHARE:.0f} % is needed. Measure about 400–700 nm"
        )
    result = np.zeros((grid.count, 3))
    result[inside] = table[row[inside]]
    first, last = np.flatnonzero(inside)[[0, -1]]
    result[first] += table[: row[first]].sum(axis=0)
    result[last] += table[row[last] + 1 :].sum(axis=0)
    return frozen(result)


@lru_cache(maxsize=64)
def white_point(viewing: Viewing, step: float = 10.0) -> FloatArray:
    """XYZ of the perfect reflecting diffuser, shape (3,), Y = 100: the sum of the weights at a step. [nm]

    Each step has its own, so that the diffuser is white whatever the grid.
    """
    return frozen(_full_table(step, viewing)[1].sum(axis=0))


@lru_cache(maxsize=256)
def measured_share(grid: WavelengthGrid, viewing: Viewing) -> float:
    """Least share of X, Y and Z whose wavelengths a grid covers; the rest counts with its first and last value. [1]"""
    table_grid, table = _full_table(grid.step, viewing)
    nodes = table_grid.wavelengths
    inside = (nodes >= grid.start - NODE_TOLERANCE_NM) & (nodes <= grid.stop + NODE_TOLERANCE_NM)
    share: FloatArray = table[inside].sum(axis=0) / table.sum(axis=0)
    return float(share.min())


@lru_cache(maxsize=128)
def _full_table(step: float, viewing: Viewing) -> tuple[WavelengthGrid, FloatArray]:
    colour = colour_science()
    if step not in WEIGHT_STEPS_NM:
        raise WavelengthRangeError(f"steps of {step:g} nm have no ASTM weights; resample to 1, 5, 10 or 20 nm")
    if viewing.illuminant not in colour.SDS_ILLUMINANTS:
        raise UnknownConditionError("illuminant", viewing.illuminant, illuminants())
    fine = colour.SpectralShape(TABLE_START_NM, TABLE_STOP_NM, 1)
    observer = {"2°": "CIE 1931 2 Degree Standard Observer", "10°": "CIE 1964 10 Degree Standard Observer"}
    matching = colour.MSDS_CMFS[observer[viewing.observer]].copy().align(fine)
    source = colour.SDS_ILLUMINANTS[viewing.illuminant].copy().align(fine)
    grid = WavelengthGrid(TABLE_START_NM, TABLE_STOP_NM, step)
    if step in TABULATED_STEPS_NM:
        shape = colour.SpectralShape(TABLE_START_NM, TABLE_STOP_NM, step)
        table = colour.colorimetry.tristimulus_weighting_factors_ASTME2022(matching, source, shape)
    else:
        # At 1 and 5 nm the practice sums the products directly (E308, 7.2).
        products = matching.values * source.values[:, None]
        table = products[:: int(step)]
        table = 100 * table / table[:, 1].sum()
    return grid, frozen(table)
