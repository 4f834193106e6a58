"""The paint model and the objective of an audit, as arrays in the coordinates of the proof."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colorlab.formulation.search.objective import LocalObjective, cube_root
from colorlab.formulation.search.palette import Palette
from spectra.arrays import FloatArray
from spectra.optics.interface import internal_reflectance, measured_slope

# Share of absorption in a colorant's amount: what a mixture is divided by then varies least over its recipes.
_ABSORPTION_SHARE = 0.5
# A clear neither absorbs nor scatters: its unit is a mass that weighs no more than this many of the heaviest others.
_GREATEST_MASS = 1e3


@dataclass(frozen=True, slots=True, eq=False)
class Paint:
    """A palette with every component's unit chosen so that all of them absorb and scatter alike in sum.

    A recipe is y ≥ 0 with Σ y = 1; its mass fractions are proportional to `mass`·y, and the colour depends on the
    ratios of the amounts only. By mass, 2 % of a black weigh as much as 98 % of a white; in y no amount is negligible.

    Attributes
    ----------
    colours : Palette
    K, S : ndarray, shape (n_components, n_bands)
        Absorption and scattering of a unit of y.
    lost : ndarray, shape (n_components, n_bands)
        Scattering of a unit of y that takes part in crowding, times κ.
    mass : ndarray, shape (n_components,)
        Of a unit of y.
    """

    colours: Palette
    K: FloatArray
    S: FloatArray
    lost: FloatArray
    mass: FloatArray

    def reflect(self, albedo: FloatArray) -> FloatArray:
        """Measured reflectance factor of a single-scattering albedo ω = S/(K + S), shape (..., n_bands).

        Convex and rising in ω for every link. Kubelka–Munk: R∞ = (1 − √(1 − ω²))/ω = ω/2 + ω³/8 + …, whose
        coefficients are all positive. The similarity relation: with s = √(1 − ω), R∞ = (1 − s)(1 − a s)/(1 + b s); by
        partial fractions its second derivative in s is that of c/(1 + b s), c = (1 + 1/b)(1 + a/b) > 0, so R∞ is convex
        in s and −R∞′(s) positive and falling; so is dR∞/dω = −R∞′(s)/(2s) in s, which rises in ω. Saunderson's
        correction and the ceiling are convex and rising, and so is the composition.
        """
        return self.colours.reflectance_factor(self.colours.link.reflectivity(1 - albedo, albedo))

    def slope(self, albedo: FloatArray) -> FloatArray:
        """Derivative of `reflect`; very large at ω = 1."""
        colours = self.colours
        inside = colours.link.reflectivity(1 - albedo, albedo)
        # dR∞ = fall·(K dS − S dK), with K = 1 − ω and S = ω, is fall·dω.
        rise: FloatArray = (
            colours.ceiling * measured_slope(inside, colours.surface) * colours.link.fall(1 - albedo, albedo)
        )
        return rise

    def albedo(self, reflectance_factor: FloatArray) -> FloatArray:
        """The inverse of `reflect`; 0 or 1 where no albedo reflects so little or so much."""
        inside = internal_reflectance(reflectance_factor / self.colours.ceiling, self.colours.surface)
        possible = (inside > 0) & (inside < 1)
        ratio = self.colours.link.ratio(np.where(possible, inside, 0.5))
        found: FloatArray = np.where(possible, 1 / (1 + ratio), np.where(inside <= 0, 0.0, 1.0))
        return found

    def fractions(self, support: NDArray[np.intp], y: FloatArray) -> FloatArray:
        """Mass fractions (n, size) of amounts y of the components in support."""
        weighed = y * self.mass[support]
        part: FloatArray = weighed / weighed.sum(axis=1, keepdims=True)
        return part

    def spectra(self, support: NDArray[np.intp], fractions: FloatArray) -> FloatArray:
        """Reflectance factor (n, n_bands) of mass fractions (n, size), sum 1."""
        colours = self.colours
        c = fractions[:, None, :]
        K = (c @ colours.absorption[support])[:, 0]
        S = (c @ colours.scattering[support])[:, 0]
        if colours.crowding:
            filled = np.sum(fractions * colours.crowds[support], axis=1, keepdims=True)
            S = S - colours.crowding * filled * (c @ colours.crowded[support])[:, 0]
        return colours.reflectance_factor(colours.link.reflectivity(K, S))

    def values(self, local: LocalObjective, support: NDArray[np.intp], fractions: FloatArray) -> FloatArray:
        """Objective (n,) of recipes: root of ΔE² in the local metric, spectral term and price. [ΔE]"""
        spectra = self.spectra(support, fractions)
        f, _ = cube_root(spectra @ local.tristimulus)
        r = (f - local.f_target) @ local.root.T
        miss = spectra - local.target
        squared = np.sum(r * r, axis=1) + local.spectral * np.sum(miss * miss, axis=1)
        if local.price:
            squared += (local.price * np.sum(fractions * self.colours.prices[support], axis=1)) ** 2
        value: FloatArray = np.sqrt(squared)
        return value


def paint_of(colours: Palette, local: LocalObjective) -> Paint:
    """A palette in the units in which its recipes are judged by an objective."""
    T = local.linear_map(local.target)
    importance = np.sqrt(np.sum(T * T, axis=0) + local.spectral)
    K, S = colours.absorption, colours.scattering
    act = (S + _ABSORPTION_SHARE * K) @ importance
    mass = importance.sum() / np.maximum(act, act.max() / _GREATEST_MASS)
    per = mass[:, None]
    return Paint(colours, K * per, S * per, colours.crowding * colours.crowded * per, mass)
