"""Kubelka–Munk for a film of finite thickness over a substrate that may show through."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray
from spectra.errors import FormulationError

# Below this optical depth tanh(x)/x is taken from its series, whose next term is then under rounding. [1]
_THIN = 1e-4


def film_reflectance(
    absorption: ArrayLike, scattering: ArrayLike, thickness: ArrayLike, substrate: ArrayLike
) -> FloatArray:
    """Reflectance inside the surface of a film over a substrate.

    Parameters
    ----------
    absorption, scattering : array_like, broadcastable to shape (...)
        Kubelka–Munk K and S of the mixture. [1/unit of thickness]
    thickness : array_like, broadcastable to shape (...)
        Of the dry film. [any unit; 0 leaves the substrate bare]
    substrate : array_like, broadcastable to shape (...)
        Reflectance of the substrate where the film touches it, so without a surface of its own. [0–1]

    Returns
    -------
    ndarray, shape (...)
        [0–1]

    Raises
    ------
    FormulationError
        If a quantity is negative or not finite, or the substrate reflects more than it receives.

    Notes
    -----
    R = (Rg + (S(1 − Rg) − K Rg) u)/(1 + (S(1 − Rg) + K) u) with u = tanh(αX)/α and α = √(K(K + 2S)): the textbook form
    in a and b·coth(bSX) without its divisions by K and by S, without its overflow in a thick film, and without the
    difference of near numbers over a substrate that reflects nearly all.

    References
    ----------
    .. [1] P. Kubelka, "New contributions to the optics of intensely light-scattering materials, Part I",
       J. Opt. Soc. Am. 38 (1948) 448–457.
    """
    K, S, X, Rg = (
        np.asarray(quantity, dtype=np.float64) for quantity in (absorption, scattering, thickness, substrate)
    )
    for quantity, what in ((K, "absorption"), (S, "scattering"), (X, "film thickness"), (Rg, "substrate reflectance")):
        if not np.isfinite(quantity).all() or (quantity < 0).any():
            raise FormulationError(f"{what} must be finite and not negative")
    if (Rg > 1).any():
        raise FormulationError(f"a substrate reflectance of {Rg.max():.4g}; inside the film it is 1 at most")
    alpha = np.sqrt(K * (K + 2 * S))
    depth = alpha * X
    thick = depth > _THIN
    u = np.where(thick, np.tanh(depth) / np.where(thick, alpha, 1.0), X * (1 - depth**2 / 3))
    turned = S * (1 - Rg)
    R: FloatArray = (Rg + (turned - K * Rg) * u) / (1 + (turned + K) * u)
    return R
