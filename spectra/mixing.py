"""Absorption and scattering of a mixture from those of its colorants."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray


def mixture(
    absorption: FloatArray, scattering: FloatArray, fractions: ArrayLike, crowds: ArrayLike, crowding: float
) -> tuple[FloatArray, FloatArray]:
    """K = Σ cᵢKᵢ and S = Σ cᵢSᵢ(1 − κ hᵢφ), φ = Σ hⱼcⱼ/Σ cⱼ.

    Parameters
    ----------
    absorption, scattering : ndarray, shape (n_colorants, ...)
        Per unit mass fraction.
    fractions : array_like, shape (n_recipes, n_colorants)
        Amounts c by mass; K and S grow with their sum, the colour does not.
    crowds : array_like, shape (n_colorants,)
        How much of a colorant takes part in crowding, h. [0–1; 1 for a white]
    crowding : float
        Share of its scattering that a colorant of h = 1 loses when it fills the film, κ. [0–1)

    Returns
    -------
    K, S : ndarray, shape (n_recipes, ...)

    Notes
    -----
    Particles that touch scatter less each: the scattering of a white grows less than its concentration. κ = 0 is
    Kubelka–Munk's plain additivity.

    References
    ----------
    .. [1] S. Fitzwater, J. W. Hook, "Dependent scattering theory: a new approach to predicting scattering in paints",
       J. Coatings Technol. 57 (1985) no. 721, 39–47.
    """
    c = np.asarray(fractions, dtype=np.float64)
    K = np.tensordot(c, absorption, axes=1)
    S = np.tensordot(c, scattering, axes=1)
    if crowding:
        h = np.asarray(crowds, dtype=np.float64)
        filled = c @ h / c.sum(axis=1)
        S = S - crowding * _column(filled, S.ndim - 1) * np.tensordot(c * h, scattering, axes=1)
    return K, S


def scattering_slopes(scattering: FloatArray, fractions: ArrayLike, crowds: ArrayLike, crowding: float) -> FloatArray:
    """∂S/∂cⱼ of `mixture`, shape (n_recipes, n_colorants, ...); the amounts move freely, their sum too."""
    c, h = np.asarray(fractions, dtype=np.float64), np.asarray(crowds, dtype=np.float64)
    rest, total = scattering.ndim - 1, c.sum(axis=1, keepdims=True)
    filled = (c @ h)[:, None] / total
    crowded = np.tensordot(c * h, scattering, axes=1)[:, None]
    slopes: FloatArray = (
        _column(1 - crowding * filled * h, rest) * scattering - _column(crowding * (h - filled) / total, rest) * crowded
    )
    return slopes


def _column(values: FloatArray, n_axes: int) -> FloatArray:
    """Values with axes appended, to stand against spectra."""
    return values.reshape(*values.shape, *[1] * n_axes)
