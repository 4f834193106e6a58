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
    refuse_coefficients(K, S)
    R: FloatArray = S / (K + S + np.sqrt(K * (K + 2 * S)))
    return R


def refuse_coefficients(absorption: FloatArray, scattering: FloatArray) -> None:
    """Refuse absorption and scattering that no hiding film has.

    Raises
    ------
    FormulationError
        If a coefficient is negative or not finite, or both are zero, which is no paint.
    """
    for one in (absorption, scattering):
        if not np.isfinite(one).all() or (one < 0).any():
            raise FormulationError("absorption and scattering must be finite and not negative")
    if (absorption + scattering == 0).any():
        raise FormulationError("a film that neither absorbs nor scatters has no reflectivity of its own")


def absorption_over_scattering(
    internal: ArrayLike, wavelengths: ArrayLike | None = None, name: str = "reflectance inside the film"
) -> FloatArray:
    """K/S of an opaque film from its reflectance inside: (1 − R∞)²/(2 R∞), the inverse of `reflectivity`.

    Parameters
    ----------
    internal : array_like, shape (...) or (..., n_wavelengths)
        R∞ inside the surface (see `spectra.optics.interface.internal_reflectance`). [above 0, below 1]
    wavelengths : array_like, shape (n_wavelengths,), optional
        For the error to say where. [nm]
    name : str
        Of what, for the error.

    Raises
    ------
    FormulationError
        If a value is not above 0 and below 1: no K/S gives it.
    """
    R = np.asarray(internal, dtype=np.float64)
    refuse_without_absorption(R, wavelengths, name)
    ratio: FloatArray = (1 - R) ** 2 / (2 * R)
    return ratio


def refuse_without_absorption(reflectance: ArrayLike, wavelengths: ArrayLike | None, name: str) -> None:
    """Refuse reflectances that no absorption and scattering give: fluorescence, mirror light, a wrong unit or zero.

    Parameters
    ----------
    reflectance : array_like, shape (...) or (..., n_wavelengths)
    wavelengths : array_like, shape (n_wavelengths,), optional
        [nm]
    name : str
        Of what, for the error.

    Raises
    ------
    FormulationError
        If a value is not above 0 and below 1.
    """
    R = np.asarray(reflectance, dtype=np.float64)
    outside = ~((R > 0) & (R < 1))
    if not outside.any():
        return
    place = np.unravel_index(int(np.argmax(np.where(outside, np.abs(np.nan_to_num(R, nan=9) - 0.5), -1.0))), R.shape)
    where = "" if wavelengths is None else f" at {np.asarray(wavelengths)[place[-1]]:g} nm"
    cause = "fluorescence, mirror light or a wrong unit" if R[place] >= 1 else "stray light taken off, or no reading"
    raise FormulationError(
        f"{name}: {R[place]:.4g}{where}; Kubelka–Munk knows reflectance above 0 and below 1 only ({cause})"
    )
