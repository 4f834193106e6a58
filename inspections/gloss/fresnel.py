"""Specular gloss of a perfectly smooth surface from its refractive index, relative to the standard's black glass."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray
from spectra.errors import PhotoError

STANDARD_INDEX = 1.567
"""Refractive index at 587.6 nm of the polished black glass that is 100 GU at every angle (ISO 2813)."""


def fresnel_reflectance(index: ArrayLike, incidence_deg: ArrayLike) -> FloatArray:
    """Share of unpolarised light that a smooth clear surface reflects.

    Parameters
    ----------
    index : array_like
        Refractive index against air, at least 1. [1]
    incidence_deg : array_like
        Angle to the normal, 0 to below 90. Broadcast against `index`. [°]

    Returns
    -------
    ndarray
        [0-1]

    Raises
    ------
    PhotoError
        If an index is below 1 or an angle is not within 0 to 90°.

    References
    ----------
    .. [1] M. Born, E. Wolf, Principles of Optics, 7th ed., Cambridge 1999, section 1.5.
    """
    n, degrees = np.asarray(index, dtype=np.float64), np.asarray(incidence_deg, dtype=np.float64)
    if not (n >= 1).all() or not ((degrees >= 0) & (degrees < 90)).all():
        raise PhotoError("a Fresnel reflectance needs a refractive index of at least 1 and an angle of 0 to below 90°")
    cosine = np.cos(np.radians(degrees))
    inside = np.sqrt(n**2 - np.sin(np.radians(degrees)) ** 2)
    across = (cosine - inside) / (cosine + inside)
    along = (n**2 * cosine - inside) / (n**2 * cosine + inside)
    share: FloatArray = (across**2 + along**2) / 2
    return share


def specular_gloss(index: ArrayLike, incidence_deg: ArrayLike) -> FloatArray:
    """Gloss of a perfectly smooth surface, 100 for the black glass of index `STANDARD_INDEX`. [GU]

    Parameters
    ----------
    index, incidence_deg : array_like
        As for `fresnel_reflectance`.

    References
    ----------
    .. [1] ISO 2813:2014, Paints and varnishes. Determination of gloss value at 20°, 60° and 85°.
    """
    gloss: FloatArray = (
        100.0 * fresnel_reflectance(index, incidence_deg) / fresnel_reflectance(STANDARD_INDEX, incidence_deg)
    )
    return gloss
