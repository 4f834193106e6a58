"""From absorption and scattering to the panels of a characterisation, and how each panel moves with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spectra.arrays import FloatArray
from spectra.ladder import FilmTable, PanelTable
from spectra.optics.film import film_reflectance
from spectra.optics.interface import Saunderson, internal_reflectance, measured_reflectance, measured_slope
from spectra.optics.link import link_of

# Relative step of the central differences through a film: rounding and curvature both stay below 1e-9 of R.
_STEP = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class PaintModel:
    """What all colorants and wavelengths share: the theory, the surface, the crowding and the films' thicknesses.

    Attributes
    ----------
    surface : Saunderson
    crowds : ndarray, shape (n_colorants,)
        How much of each colorant takes part in crowding (see `spectra.mixing`). [0–1]
    link : str
        Row of `spectra.optics.link.LINKS`.
    crowding : float
        [0–1)
    thickness_um : ndarray, shape (n_drawdowns,), or None
        Of the films of the panels' table; None where every panel hides. [µm]
    """

    surface: Saunderson
    crowds: FloatArray
    link: str = "kubelka-munk"
    crowding: float = 0.0
    thickness_um: FloatArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """Derivatives of the reflectance factor, each of shape (n_panels, n_bands).

    Attributes
    ----------
    by_K, by_S : ndarray
        By absorption and scattering of the mixture.
    by_depth : ndarray
        By the logarithm of thickness times scattering of the base; zero for panels that hide.
    """

    by_K: FloatArray
    by_S: FloatArray
    by_depth: FloatArray


class Panels:
    """Panels of known composition under one paint model.

    Coefficients come as `unknown`, shape (2 n_colorants, n_bands): ln K above ln S. S is relative to the base, whose
    own row holds the logarithm of its scattering per µm instead; without films that row is not used.

    Parameters
    ----------
    fractions : ndarray, shape (n_panels, n_colorants)
    base : int
    model : PaintModel
    films : FilmTable, optional
        Rows count from the first of these panels.
    """

    def __init__(self, fractions: FloatArray, base: int, model: PaintModel, films: FilmTable | None = None) -> None:
        self.fractions, self.base, self.model, self.films = fractions, base, model, films
        self.count = fractions.shape[1]
        filled = fractions @ model.crowds
        self.acting = fractions * (1 - model.crowding * model.crowds * filled[:, None])
        self._crowded = fractions * model.crowds * filled[:, None]
        self._link = link_of(model.link)
        self._hides = np.ones(len(fractions), dtype=bool)
        if films is not None:
            self._hides[films.rows] = False
            self._card = np.clip(internal_reflectance(films.substrate, model.surface), 0.0, 1.0)

    def coefficients(self, unknown: FloatArray) -> tuple[FloatArray, FloatArray]:
        """K and S per colorant, shape (n_colorants, n_bands) each; S of the base is 1."""
        coefficient = np.exp(unknown)
        K, S = coefficient[: self.count], coefficient[self.count :]
        S[self.base] = 1.0
        return K, S

    def mixtures(self, unknown: FloatArray) -> tuple[FloatArray, FloatArray]:
        """K and S of every panel, shape (n_panels, n_bands) each."""
        K, S = self.coefficients(unknown)
        return self.fractions @ K, self.acting @ S

    def reflectance_factor(self, unknown: FloatArray) -> FloatArray:
        """Shape (n_panels, n_bands)."""
        K, S = self.mixtures(unknown)
        inside = np.empty_like(K)
        hides = self._hides
        inside[hides] = self._link.reflectivity(K[hides], S[hides])
        if self.films is not None:
            rows = self.films.rows
            inside[rows] = self._film(K[rows], S[rows], self._depth(unknown))
        return measured_reflectance(inside, self.model.surface)

    def slopes(self, unknown: FloatArray) -> Slopes:
        """How the panels move."""
        K, S = self.mixtures(unknown)
        hides, surface = self._hides, self.model.surface
        by_K, by_S, by_depth = (np.zeros_like(K) for _ in range(3))
        k, s = K[hides], S[hides]
        outer = measured_slope(self._link.reflectivity(k, s), surface) * self._link.fall(k, s)
        by_K[hides], by_S[hides] = -outer * s, outer * k
        if self.films is not None:
            rows = self.films.rows
            k, s, depth = K[rows], S[rows], self._depth(unknown)
            outer = measured_slope(self._film(k, s, depth), surface)
            up, down = 1 + _STEP, 1 - _STEP
            by_K[rows] = outer * (self._film(up * k, s, depth) - self._film(down * k, s, depth)) / (2 * _STEP * k)
            by_S[rows] = outer * (self._film(k, up * s, depth) - self._film(k, down * s, depth)) / (2 * _STEP * s)
            by_depth[rows] = outer * (self._film(k, s, up * depth) - self._film(k, s, down * depth)) / (2 * _STEP)
        return Slopes(by_K, by_S, by_depth)

    def by_crowding(self, unknown: FloatArray, slopes: Slopes) -> FloatArray:
        """Derivative by the crowding, shape (n_panels, n_bands)."""
        _, S = self.coefficients(unknown)
        by: FloatArray = -slopes.by_S * (self._crowded @ S)
        return by

    def _depth(self, unknown: FloatArray) -> FloatArray:
        assert self.films is not None
        assert self.model.thickness_um is not None
        mass = (self.model.thickness_um[self.films.drawdown] * self.films.density)[:, None]
        depth: FloatArray = np.exp(unknown[self.count + self.base]) * mass
        return depth

    def _film(self, K: FloatArray, S: FloatArray, depth: FloatArray) -> FloatArray:
        return film_reflectance(*self._link.film(K, S), depth, self._card)


def panels_of(table: PanelTable, model: PaintModel) -> Panels:
    """The panels of a table; its base stands first."""
    return Panels(table.fractions, 0, model, table.films)
