"""Differences of CIELAB whose components are weighted: CIE94, CMC(l:c), CIEDE2000(kL:kC:kH)."""

from __future__ import annotations

import numpy as np

from colorlab.colorimetry.library import colour_science
from spectra.arrays import FloatArray


def ciede2000(standard: FloatArray, sample: FloatArray, kL: float = 1, kC: float = 1, kH: float = 1) -> FloatArray:
    """CIEDE2000 with its parametric factors.

    Parameters
    ----------
    standard, sample : ndarray, shape (..., 3)
        CIELAB.
    kL, kC, kH : float
        1 under the reference conditions; kL = 2 is usual for textiles.

    Returns
    -------
    ndarray, shape (...)

    References
    ----------
    .. [1] ISO/CIE 11664-6:2014, Colorimetry — Part 6: CIEDE2000 colour-difference formula.
    """
    parts = colour_science().difference.delta_e.intermediate_attributes_CIE2000(standard, sample)
    in_L = parts.delta_L_p / (kL * parts.S_L)
    in_C = parts.delta_C_p / (kC * parts.S_C)
    in_H = parts.delta_H_p / (kH * parts.S_H)
    distance: FloatArray = np.sqrt(in_L**2 + in_C**2 + in_H**2 + parts.R_T * in_C * in_H)
    return distance


def cie94(standard: FloatArray, sample: FloatArray, kL: float = 1, kC: float = 1, kH: float = 1) -> FloatArray:
    """CIE94 with its parametric factors; S_C = 1 + 0.045 C*, S_H = 1 + 0.015 C* of the standard.

    Parameters
    ----------
    standard, sample : ndarray, shape (..., 3)
        CIELAB.
    kL, kC, kH : float

    Returns
    -------
    ndarray, shape (...)

    Notes
    -----
    The CIE's own advice for textiles is kL = 2 with these weights. The formula that goes by "CIE94 textile" in most
    programs changes the weights as well, to 0.048 and 0.014.

    References
    ----------
    .. [1] CIE 116-1995, Industrial colour-difference evaluation.
    """
    delta_L, delta_a, delta_b = np.moveaxis(sample - standard, -1, 0)
    C1, C2 = (np.hypot(lab[..., 1], lab[..., 2]) for lab in (standard, sample))
    delta_C = C2 - C1
    # Of two colours of one hue the rest is nothing but rounding, which may fall below 0.
    squared_H = np.maximum(delta_a**2 + delta_b**2 - delta_C**2, 0.0)
    in_C, in_H = delta_C / (kC * (1 + 0.045 * C1)), np.sqrt(squared_H) / (kH * (1 + 0.015 * C1))
    distance: FloatArray = np.sqrt((delta_L / kL) ** 2 + in_C**2 + in_H**2)
    return distance


def cie94_textile(standard: FloatArray, sample: FloatArray) -> FloatArray:
    """CIE94 with kL = 2 and the weights 0.048 and 0.014."""
    distance: FloatArray = colour_science().difference.delta_E_CIE1994(standard, sample, textiles=True)
    return distance


def cie94_graphic_arts(standard: FloatArray, sample: FloatArray) -> FloatArray:
    """CIE94 with kL = kC = kH = 1."""
    distance: FloatArray = colour_science().difference.delta_E_CIE1994(standard, sample)
    return distance


def cmc(standard: FloatArray, sample: FloatArray, lightness: float, chroma: float) -> FloatArray:
    """CMC(l:c).

    Parameters
    ----------
    standard, sample : ndarray, shape (..., 3)
        CIELAB; the weights are those of the standard.
    lightness, chroma : float
        l and c: 2:1 for acceptability, 1:1 for perceptibility.

    Returns
    -------
    ndarray, shape (...)

    References
    ----------
    .. [1] F. J. J. Clarke, R. McDonald, B. Rigg, "Modification to the JPC79 colour-difference formula", J. Soc. Dyers
       Colour. 100 (1984) 128–132.
    """
    # ΔH² is what ΔC² leaves of Δa² + Δb². Of two colours that differ in their last digit it may come out below 0 and
    # outweigh the rest, and the library then takes the root of a negative number: there is no difference to speak of.
    with np.errstate(invalid="ignore"):
        distance = np.asarray(colour_science().difference.delta_E_CMC(standard, sample, l=lightness, c=chroma))
    rounding = np.isnan(distance) & np.isfinite(standard).all(axis=-1) & np.isfinite(sample).all(axis=-1)
    return np.where(rounding, 0.0, distance)
