"""What the smooth surface of a film does to diffuse light on its way in and out: Saunderson's correction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray
from spectra.errors import FormulationError
from spectra.geometry import Geometry

# Fresnel reflection at normal incidence for a binder of refractive index 1.5: ((n − 1)/(n + 1))². [unitless]
K1_RESIN = 0.04


@dataclass(frozen=True, slots=True)
class Saunderson:
    """Reflection at the film's surface, per geometry.

    Attributes
    ----------
    k1 : float
        Share of the incident light reflected outside. [unitless]
    k2 : float
        Share of the diffuse light inside reflected back in. [unitless]
    specular_included : bool
        Whether the instrument sees the light reflected outside: true for a sphere with the specular port closed (SCI),
        false for SCE, 45:0 and every directional geometry away from the specular direction.

    Raises
    ------
    FormulationError
        If a share is not within 0…1.
    """

    k1: float
    k2: float
    specular_included: bool

    def __post_init__(self) -> None:
        if not isinstance(self.specular_included, bool):
            raise FormulationError(f"specular_included is {self.specular_included!r}; expected true or false")
        if not (0 <= self.k1 < 1 and 0 <= self.k2 < 1):
            raise FormulationError(f"Saunderson k1 = {self.k1:g} and k2 = {self.k2:g} must lie in 0…1")

    @property
    def offset(self) -> float:
        """Reflectance factor of a film that is perfectly black inside."""
        return self.k1 if self.specular_included else 0.0


def sees_the_surface(geometry: Geometry) -> bool:
    """Whether a geometry measures the surface's own reflection.

    Raises
    ------
    FormulationError
        If nobody declared it: for a dark paint the answer is worth many ΔE units.
    """
    if geometry.specular is None:
        raise FormulationError(
            f"{geometry.name}: a paint model must know whether the specular reflection was included; "
            "declare the geometry as d/8 SCI, d/8 SCE or 45:0"
        )
    return geometry.specular == "included"


def measured_reflectance(internal: ArrayLike, surface: Saunderson) -> FloatArray:
    """Reflectance factor outside the surface.

    Parameters
    ----------
    internal : array_like, shape (...)
        Diffuse reflectance inside the film. [0–1]
    surface : Saunderson

    Returns
    -------
    ndarray, shape (...)
        [1.0 = perfect reflecting diffuser]

    References
    ----------
    .. [1] J. L. Saunderson, "Calculation of the color of pigmented plastics", J. Opt. Soc. Am. 32 (1942) 727–736.
    """
    R = np.asarray(internal, dtype=np.float64)
    reflected: FloatArray = surface.offset + (1 - surface.k1) * (1 - surface.k2) * R / (1 - surface.k2 * R)
    return reflected


def measured_slope(internal: ArrayLike, surface: Saunderson) -> FloatArray:
    """Derivative of `measured_reflectance` with respect to the reflectance inside, shape (...)."""
    R = np.asarray(internal, dtype=np.float64)
    slope: FloatArray = (1 - surface.k1) * (1 - surface.k2) / (1 - surface.k2 * R) ** 2
    return slope


def internal_reflectance(reflectance_factor: ArrayLike, surface: Saunderson) -> FloatArray:
    """Reflectance inside the film, the inverse of `measured_reflectance`.

    A reading at or below the surface's own reflection gives zero or a negative value: no film under this surface looks
    so dark. It is returned as it is, for the caller to judge.

    Parameters
    ----------
    reflectance_factor : array_like, shape (...)
    surface : Saunderson
    """
    seen = np.asarray(reflectance_factor, dtype=np.float64) - surface.offset
    inside: FloatArray = seen / ((1 - surface.k1) * (1 - surface.k2) + surface.k2 * seen)
    return inside
