"""Whiteness, tint and yellowness of near-white paint, only where their formulas hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.library import colour_science
from colorlab.colorimetry.tristimulus import xyz
from colorlab.colorimetry.viewing import Viewing
from colorlab.colorimetry.weights import white_point
from spectra.arrays import FloatArray
from spectra.errors import MeasurementError, UnknownConditionError
from spectra.wavelengths import WavelengthGrid

D65_10, D65_2, C_10, C_2 = Viewing("D65", "10°"), Viewing("D65", "2°"), Viewing("C", "10°"), Viewing("C", "2°")

# CIE 15:2018, 9.1: W above 40 and below 5 Y − 280, tint between −4 and 2; elsewhere the formula says nothing of white.
LEAST_WHITENESS = 40.0
TINT_RANGE = (-4.0, 2.0)

# ASTM E313-15, table 1: C_X and C_Z of the yellowness index.
YELLOWNESS_COEFFICIENTS = {
    C_2: (1.2769, 1.0592),
    D65_2: (1.2985, 1.1335),
    C_10: (1.2871, 1.0781),
    D65_10: (1.3013, 1.1498),
}


def cie_whiteness(
    reflectance_factor: ArrayLike, grid: WavelengthGrid, viewing: Viewing = D65_10
) -> tuple[FloatArray, FloatArray]:
    """CIE whiteness W and tint T of spectra (..., n_wavelengths), each of shape (...). [unitless]

    100 is the perfect diffuser; a bluish white lies above. A positive tint is greenish, a negative one reddish.

    Raises
    ------
    UnknownConditionError
        If the illuminant is not D65.
    MeasurementError
        If a colour is not within the limits for which the formula is given.

    References
    ----------
    .. [1] CIE 15:2018, Colorimetry, 4th ed., 9.1.
    """
    if viewing not in (D65_10, D65_2):
        raise UnknownConditionError("illuminant of CIE whiteness", str(viewing), (str(D65_10), str(D65_2)))
    tristimulus = xyz(reflectance_factor, grid, viewing)
    white = white_point(viewing, grid)
    total = tristimulus.sum(axis=-1, keepdims=True)
    observer = f"CIE {'1931 2' if viewing.observer == '2°' else '1964 10'} Degree Standard Observer"
    both = colour_science().colorimetry.whiteness_CIE2004(
        tristimulus[..., :2] / np.where(total > 0, total, np.nan),
        tristimulus[..., 1],
        white[:2] / white.sum(),
        observer,
    )
    whiteness, tint = np.asarray(both[..., 0]), np.asarray(both[..., 1])
    _refuse_colour(whiteness, tristimulus[..., 1], "CIE whiteness")
    outside = ~((tint > TINT_RANGE[0]) & (tint < TINT_RANGE[1]))
    if outside.any():
        raise MeasurementError(
            f"a tint of {tint[outside].flat[0]:.2f} is outside {TINT_RANGE[0]:g}…{TINT_RANGE[1]:g}: no white"
        )
    return whiteness, tint


def astm_whiteness(reflectance_factor: ArrayLike, grid: WavelengthGrid) -> FloatArray:
    """Whiteness index 3.388 Z − 3 Y under C/2°, shape (...). [unitless]

    Raises
    ------
    MeasurementError
        If a colour is not within the limits of CIE whiteness, taken over for want of limits of its own.

    References
    ----------
    .. [1] ASTM E313-73, Standard Test Method for Indexes of Whiteness and Yellowness.
    """
    tristimulus = xyz(reflectance_factor, grid, C_2)
    whiteness: FloatArray = np.asarray(colour_science().colorimetry.whiteness_ASTME313(tristimulus))
    _refuse_colour(whiteness, tristimulus[..., 1], "ASTM E313 whiteness")
    return whiteness


def yellowness(reflectance_factor: ArrayLike, grid: WavelengthGrid, viewing: Viewing = D65_10) -> FloatArray:
    """Yellowness index YI of spectra (..., n_wavelengths), shape (...). [unitless] Below 0 a sample is bluish.

    Raises
    ------
    UnknownConditionError
        If the standard has no coefficients for the illuminant and observer.
    MeasurementError
        If a sample is black.

    References
    ----------
    .. [1] ASTM E313-15, Standard Practice for Calculating Yellowness and Whiteness Indices, table 1.
    """
    if viewing not in YELLOWNESS_COEFFICIENTS:
        raise UnknownConditionError(
            "illuminant of ASTM E313 yellowness", str(viewing), tuple(map(str, YELLOWNESS_COEFFICIENTS))
        )
    tristimulus = xyz(reflectance_factor, grid, viewing)
    if not (tristimulus[..., 1] > 0).all():
        raise MeasurementError(f"Y = {tristimulus[..., 1].min():g}: a black has no yellowness")
    index: FloatArray = np.asarray(
        colour_science().colorimetry.yellowness_ASTME313(tristimulus, YELLOWNESS_COEFFICIENTS[viewing])
    )
    return index


def _refuse_colour(whiteness: FloatArray, Y: FloatArray, index: str) -> None:
    highest = 5 * Y - 280
    outside = ~((whiteness > LEAST_WHITENESS) & (whiteness < highest))
    if outside.any():
        at = np.argmax(outside)
        raise MeasurementError(
            f"{index} of {whiteness.flat[at]:.1f} is outside {LEAST_WHITENESS:g}…{highest.flat[at]:.1f}, "
            f"the limits at Y = {Y.flat[at]:.1f}: no white"
        )
