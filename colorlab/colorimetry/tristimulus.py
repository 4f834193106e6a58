"""Tristimulus values and CIELAB of spectra: one matrix product for any batch."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.spaces import EPSILON, SLOPE, xyz_to_lab
from colorlab.colorimetry.viewing import Viewing
from colorlab.colorimetry.weights import weights, white_point
from spectra.arrays import FloatArray
from spectra.wavelengths import WavelengthGrid


def xyz(reflectance_factor: ArrayLike, grid: WavelengthGrid, viewing: Viewing) -> FloatArray:
    """Tristimulus values (..., 3) of spectra (..., n_wavelengths); Y = 100 for the perfect diffuser."""
    values: FloatArray = np.asarray(reflectance_factor, dtype=np.float64) @ weights(grid, viewing)
    return values


def spectra_to_lab(reflectance_factor: ArrayLike, grid: WavelengthGrid, viewing: Viewing) -> FloatArray:
    """CIELAB, shape (..., 3), of spectra of shape (..., n_wavelengths).

    Raises
    ------
    WavelengthRangeError, UnknownConditionError
        See `weights`.
    """
    return xyz_to_lab(xyz(reflectance_factor, grid, viewing), white_point(viewing, grid.step))


def lab_jacobian(reflectance_factor: ArrayLike, grid: WavelengthGrid, viewing: Viewing) -> FloatArray:
    """How CIELAB moves with each reflectance factor, shape (..., 3, n_wavelengths). [CIELAB units per 1.0]

    The exact derivative of `spectra_to_lab`, for carrying measurement covariance into colour.
    """
    white = white_point(viewing, grid.step)
    ratio = xyz(reflectance_factor, grid, viewing) / white
    # At the knee of the cube root both branches have the same slope, so the derivative is continuous.
    slope = np.where(ratio > EPSILON, np.cbrt(np.maximum(ratio, EPSILON)) ** -2 / 3, SLOPE)
    to_lab = np.array([[0.0, 116.0, 0.0], [500.0, -500.0, 0.0], [0.0, 200.0, -200.0]])
    jacobian: FloatArray = (to_lab * slope[..., None, :]) @ (weights(grid, viewing) / white).T
    return jacobian
