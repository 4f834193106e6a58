"""Kubelka–Munk for a film that hides its substrate: reflectivity from absorption and scattering, and back."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray
from spectra.errors import FormulationError


def reflectivity(absorption: ArrayLike, scattering: ArrayLike) -> FloatArray:
    """Reflectance of an infinitely thick film, R∞.

    Parameters
    ----------
    absorption, scattering : array_like, broadcastable to shape (...)
        Kubelka–Munk K and S of the mixture, in one and the same unit; only their ratio matters.

    Returns
    -------
    ndarray, shape (...)
        [0–1] 1 without absorption, 0 without scattering.

    Raises
    ------
    FormulationError
        If a coefficient is negative or not finite, or both are zero, which is no paint.

    Notes
    -----
    R∞ = S/(K + S + √(K(K + 2S))) is the textbook 1 + K/S − √((K/S)² + 2K/S) without its cancellation for dark paints
    and without dividing by S.

    References
    ----------
    .. [1] P. Kubelka, "New contributions to the optics of intensely light-scattering materials, Part I",
       J. Opt. Soc. Am. 38 (1948) 448–457.
    """
    K = np.asarray(absorption, dtype=np.float64)
    S = np.asarray(scattering, dtype=np.float64)
    if not (np.isfinite(K).all() and np.isfinite(S).all() and (K >= 0).all() and (S >= 0).all()):
        raise FormulationError("absorption and scattering must be finite and not negative")
    total = K + S + np.sqrt(K * (K + 2 * S))
    if (total == 0).any():
        raise FormulationError("a film that neither absorbs nor scatters has no reflectivity of its own")
    R: FloatArray = S / total
    return R


def absorption_over_scattering(internal: ArrayLike) -> FloatArray:
    """K/S of an opaque film from its reflectance inside: (1 − R∞)²/(2 R∞), the inverse of `reflectivity`.

    Parameters
    ----------
    internal : array_like, shape (...)
        R∞ inside the surface (see `spectra.optics.interface.internal_reflectance`). [above 0, at most 1]

    Raises
    ------
    FormulationError
        If a value is not above 0 and at most 1: no K/S gives it.
    """
    R = np.asarray(internal, dtype=np.float64)
    if not ((R > 0) & (R <= 1)).all():
        raise FormulationError(
            f"reflectance inside the film runs from {np.min(R):.4g} to {np.max(R):.4g}; K/S exists above 0 up to 1 only"
        )
    ratio: FloatArray = (1 - R) ** 2 / (2 * R)
    return ratio


def reflectivity_slope(absorption: ArrayLike, scattering: ArrayLike) -> FloatArray:
    """Derivative of R∞ with respect to ln K; the one with respect to ln S is its negative.

    −R∞ √(K/(K + 2S)): unlike dR∞/dK it stays finite, and goes to zero, for a white without absorption.

    Parameters
    ----------
    absorption, scattering : array_like, broadcastable to shape (...)
        As `reflectivity` takes them.
    """
    R = reflectivity(absorption, scattering)
    K = np.asarray(absorption, dtype=np.float64)
    S = np.asarray(scattering, dtype=np.float64)
    slope: FloatArray = -R * np.sqrt(K / (K + 2 * S))
    return slope
