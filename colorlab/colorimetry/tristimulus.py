"""Tristimulus values and CIELAB of spectra: one matrix product for any batch."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.spaces import EPSILON, SLOPE, lab_of_ratios
from colorlab.colorimetry.viewing import Viewing
from colorlab.colorimetry.weights import weights, white_point
from spectra.arrays import FloatArray
from spectra.errors import WavelengthRangeError
from spectra.wavelengths import WavelengthGrid

# Spectra whose intermediate results stay in the processor's cache, and that no BLAS spreads over threads.
BLOCK = 4096


def xyz(reflectance_factor: ArrayLike, grid: WavelengthGrid, viewing: Viewing) -> FloatArray:
    """Tristimulus values (..., 3) of spectra (..., n_wavelengths); Y = 100 for the perfect diffuser."""
    return blockwise_product(reflectance_factor, grid, weights(grid, viewing))


def spectra_to_lab(reflectance_factor: ArrayLike, grid: WavelengthGrid, viewing: Viewing) -> FloatArray:
    """CIELAB, shape (..., 3), of spectra of shape (..., n_wavelengths).

    Works through the batch in blocks, so that beside the result it takes a few hundred kilobytes; spectra may be a
    memory-mapped array.

    Raises
    ------
    WavelengthRangeError
        See `weights`.
    """
    normalised = weights(grid, viewing) / white_point(viewing, grid)
    spectra = _spectra(reflectance_factor, grid)
    rows = spectra.reshape(-1, grid.count)
    lab = np.empty((len(rows), 3))
    ratio = np.empty((min(BLOCK, len(rows)), 3))
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        np.matmul(block.astype(np.float64, copy=False), normalised, out=ratio[: len(block)])
        lab_of_ratios(ratio[: len(block)], lab[start : start + len(block)])
    return lab.reshape(*spectra.shape[:-1], 3)


def lab_jacobian(reflectance_factor: ArrayLike, grid: WavelengthGrid, viewing: Viewing) -> FloatArray:
    """How CIELAB moves with each reflectance factor, shape (..., 3, n_wavelengths). [CIELAB units per 1.0]

    The exact derivative of `spectra_to_lab`, for carrying measurement covariance into colour.
    """
    return joint_lab_jacobian(reflectance_factor, grid, (viewing,))


def joint_lab_jacobian(
    reflectance_factor: ArrayLike, grid: WavelengthGrid, viewings: tuple[Viewing, ...]
) -> FloatArray:
    """`lab_jacobian` under several viewings at once, one below the other: shape (..., 3 n_viewings, n_wavelengths)."""
    to_ratio = _normalised(grid, viewings)
    ratio = blockwise_product(reflectance_factor, grid, to_ratio)
    # At the knee of the cube root both branches have the same slope, so the derivative is continuous.
    slope = np.where(ratio > EPSILON, np.cbrt(np.maximum(ratio, EPSILON)) ** -2 / 3, SLOPE)
    slope = slope.reshape(*slope.shape[:-1], len(viewings), 1, 3)
    each = (_TO_LAB * slope) @ to_ratio.T.reshape(len(viewings), 3, grid.count)
    jacobian: FloatArray = each.reshape(*each.shape[:-3], 3 * len(viewings), grid.count)
    return jacobian


# How L*, a*, b* move with f(X/Xn), f(Y/Yn), f(Z/Zn).
_TO_LAB = np.array([[0.0, 116.0, 0.0], [500.0, -500.0, 0.0], [0.0, 200.0, -200.0]])


@lru_cache(maxsize=256)
def _normalised(grid: WavelengthGrid, viewings: tuple[Viewing, ...]) -> FloatArray:
    """Reflectance factors to X/Xn, Y/Yn, Z/Zn of each viewing, shape (n_wavelengths, 3 n_viewings)."""
    return np.concatenate([weights(grid, viewing) / white_point(viewing, grid) for viewing in viewings], axis=1)


def blockwise_product(reflectance_factor: ArrayLike, grid: WavelengthGrid, columns: FloatArray) -> FloatArray:
    """Spectra (..., n_wavelengths) times columns (n_wavelengths, k), shape (..., k), in blocks.

    Raises
    ------
    WavelengthRangeError
        If the spectra do not have a value for each wavelength.
    """
    spectra = _spectra(reflectance_factor, grid)
    rows = spectra.reshape(-1, grid.count)
    result = np.empty((len(rows), columns.shape[1]))
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK].astype(np.float64, copy=False)
        np.matmul(block, columns, out=result[start : start + len(block)])
    return result.reshape(*spectra.shape[:-1], columns.shape[1])


def _spectra(reflectance_factor: ArrayLike, grid: WavelengthGrid) -> FloatArray:
    spectra = np.asarray(reflectance_factor)
    if spectra.ndim == 0 or spectra.shape[-1] != grid.count:
        raise WavelengthRangeError(
            f"spectra of shape {spectra.shape} do not fit {grid}, which has {grid.count} wavelengths"
        )
    return spectra
