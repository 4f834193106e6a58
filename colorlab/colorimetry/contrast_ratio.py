"""Contrast ratio: how well a film hides what lies beneath it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.tristimulus import xyz
from colorlab.colorimetry.viewing import D65_10, Viewing
from spectra.arrays import FloatArray
from spectra.errors import MeasurementError
from spectra.wavelengths import WavelengthGrid


def contrast_ratio(
    over_black: ArrayLike, over_white: ArrayLike, grid: WavelengthGrid, viewing: Viewing = D65_10
) -> FloatArray:
    """Ratio of the luminous reflectance of one film over a black substrate to that over a white one.

    Parameters
    ----------
    over_black, over_white : array_like, shape (..., n_wavelengths)
        Reflectance factors of the same film at the same thickness; they broadcast.
    grid : WavelengthGrid
    viewing : Viewing
        Of the luminous reflectance Y.

    Returns
    -------
    ndarray, shape (...)
        Y over black / Y over white. [unitless; 1 hides completely, 0.98 counts as hiding]

    Raises
    ------
    MeasurementError
        If the film over white is black.

    References
    ----------
    .. [1] ISO 6504-3:2019, Paints and varnishes — Determination of hiding power — Part 3.
    """
    black, white = xyz(over_black, grid, viewing)[..., 1], xyz(over_white, grid, viewing)[..., 1]
    if not (white > 0).all():
        raise MeasurementError(f"Y over white is {white.min():g}; there is no ratio to it")
    ratio: FloatArray = np.asarray(black / white)
    return ratio
