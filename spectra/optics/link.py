"""What a hiding film reflects inside its surface, from the ratio of absorption to scattering: one row a theory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray
from spectra.errors import FormulationError
from spectra.optics.kubelka_munk import absorption_over_scattering, reflectivity, refuse_coefficients

# Keeps what is infinite for a film without absorption finite where it is multiplied by that absorption.
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Link:
    """A theory of the hiding film.

    Attributes
    ----------
    name : str
    title : str
        As a report names it.
    reflectivity : callable (K, S) -> R∞
        Reflectance inside the surface, 0–1; arrays broadcast, shape (...). Refuses coefficients that are negative,
        not finite or both zero.
    fall : callable (K, S) -> ndarray, shape (...)
        Such that dR∞ = fall·(K dS − S dK). Finite for S = 0; for K = 0 finite in the product with K.
    ratio : callable R∞ -> K/S
        The inverse of `reflectivity`. [R∞ above 0, at most 1]
    film : callable (K, S) -> (K, S)
        Absorption and scattering of the Kubelka–Munk film that hides with the same reflectance: films of finite
        thickness are Kubelka–Munk's (`spectra.optics.film`), and this carries a link into them.
    """

    name: str
    title: str
    reflectivity: Callable[[ArrayLike, ArrayLike], FloatArray]
    fall: Callable[[ArrayLike, ArrayLike], FloatArray]
    ratio: Callable[[ArrayLike], FloatArray]
    film: Callable[[ArrayLike, ArrayLike], tuple[FloatArray, FloatArray]]


def kubelka_munk_fall(absorption: ArrayLike, scattering: ArrayLike) -> FloatArray:
    """1/((K + S + α) α) with α = √(K(K + 2S)), from differentiating R∞ = S/(K + S + α)."""
    K, S = np.asarray(absorption, dtype=np.float64), np.asarray(scattering, dtype=np.float64)
    alpha = np.sqrt(K * (K + 2 * S)) + _TINY
    fall: FloatArray = 1 / ((K + S + alpha) * alpha)
    return fall


def kubelka_munk_film(absorption: ArrayLike, scattering: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """The coefficients as they are."""
    return np.asarray(absorption, dtype=np.float64), np.asarray(scattering, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class SimilarityRelation:
    """Reflectance of a thick layer of particles: R∞ = (1 − s)(1 − a s)/(1 + b s) with s = √(K/(K + S)).

    S is the reduced scattering, that of the layer which scatters evenly in all directions and looks the same.

    Attributes
    ----------
    up, down : float
        The constants a and b.

    References
    ----------
    .. [1] H. C. van de Hulst, "The spherical albedo of a planet covered with a homogeneous cloud layer",
       Astron. Astrophys. 35 (1974) 209–214: a = 0.139, b = 1.170.
    """

    up: float
    down: float

    def reflectivity(self, absorption: ArrayLike, scattering: ArrayLike) -> FloatArray:
        """R∞, shape (...).

        Raises
        ------
        FormulationError
            If a coefficient is negative or not finite, or both are zero.
        """
        K, S = np.asarray(absorption, dtype=np.float64), np.asarray(scattering, dtype=np.float64)
        refuse_coefficients(K, S)
        s = np.sqrt(K / (K + S))
        R: FloatArray = (1 - s) * (1 - self.up * s) / (1 + self.down * s)
        return R

    def fall(self, absorption: ArrayLike, scattering: ArrayLike) -> FloatArray:
        """−(dR∞/ds)/(2 s (K + S)²)."""
        K, S = np.asarray(absorption, dtype=np.float64), np.asarray(scattering, dtype=np.float64)
        s = np.sqrt(K / (K + S))
        below = 1 + self.down * s
        slope = (2 * self.up * s - (1 + self.up)) / below - self.down * (1 - s) * (1 - self.up * s) / below**2
        fall: FloatArray = -slope / (2 * (s + _TINY) * (K + S) ** 2)
        return fall

    def ratio(self, reflectance: ArrayLike) -> FloatArray:
        """K/S from R∞: the root of a quadratic in s.

        Raises
        ------
        FormulationError
            If a reflectance is not above 0 and at most 1.
        """
        R = np.asarray(reflectance, dtype=np.float64)
        if not ((R > 0) & (R <= 1)).all():
            raise FormulationError("a hiding film reflects more than 0 and at most 1 inside its surface")
        half = (1 + self.up + self.down * R) / 2
        # The smaller root, written without the difference of two near numbers.
        s = (1 - R) / (half + np.sqrt(half**2 - self.up * (1 - R)))
        ratio: FloatArray = s**2 / (1 - s**2)
        return ratio

    def film(self, absorption: ArrayLike, scattering: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Coefficients of the Kubelka–Munk film that hides with the same reflectance.

        Its absorption is m K with the m at which both theories leave white alike, R∞ = 1 − √(2 m K/S); its scattering
        is S without absorption, and whatever gives the same R∞ with it.
        """
        K, S = np.asarray(absorption, dtype=np.float64), np.asarray(scattering, dtype=np.float64)
        total = K + S
        s = np.sqrt(np.divide(K, total, out=np.zeros_like(total), where=total > 0))
        leave = 1 + self.up + self.down
        m = leave**2 / 2
        scatters = 2 * m * total * (1 - s) * (1 - self.up * s) * (1 + self.down * s) / (leave - self.up * s) ** 2
        return m * K, scatters


def _similarity(name: str, title: str, relation: SimilarityRelation) -> Link:
    return Link(name, title, relation.reflectivity, relation.fall, relation.ratio, relation.film)


# The even relation is transport itself for particles that scatter alike in all directions, lit from all sides. The
# constants of the other serve light that enters near the normal and particles that scatter forwards.
LINKS = {
    link.name: link
    for link in (
        Link(
            name="kubelka-munk",
            title="Kubelka–Munk",
            reflectivity=reflectivity,
            fall=kubelka_munk_fall,
            ratio=absorption_over_scattering,
            film=kubelka_munk_film,
        ),
        _similarity("similarity", "similarity relation, forward scattering", SimilarityRelation(0.681, 0.792)),
        _similarity("similarity-even", "similarity relation, even scattering", SimilarityRelation(0.139, 1.170)),
    )
}


def link_of(name: str) -> Link:
    """A row of LINKS.

    Raises
    ------
    FormulationError
        If there is none of this name.
    """
    if name not in LINKS:
        raise FormulationError(f"paint model {name!r}; expected one of {', '.join(LINKS)}")
    return LINKS[name]
