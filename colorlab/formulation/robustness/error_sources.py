"""The errors of a batch as arrays: how each moves the spectrum, and how large it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from colorlab.formulation.robustness.variation import Cause, Variation, slopes
from colorlab.uncertainty.propagation import symmetric_root
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet


@dataclass(frozen=True, slots=True)
class Driver:
    """What makes a colour vary.

    Attributes
    ----------
    cause : {"rounding", "weighing", "strength", "film build"}
    colorant : str or None
        None for the film build.
    share : float
        Of the variance, the mean of ΔE00² at the worst angle. Lots whose strengths go together share what they have in
        common; a share may then be negative. [1]
    """

    cause: Cause
    colorant: str | None
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class ErrorSources:
    """Errors of recipes: of the mass of every colorant used, then of its lot, then of the film build.

    Recipes of fewer colorants than the longest end with sources that do nothing.

    Attributes
    ----------
    reflectance_factor : ndarray, shape (n, n_angles, n_wavelengths)
        Without an error.
    slopes : ndarray, shape (n, n_sources, n_angles, n_wavelengths)
    covariance : ndarray, shape (n, n_sources, n_sources)
    fourth : ndarray, shape (n, n_sources)
        Fourth cumulant: rounding has lighter tails than a normal error of its variance.
    rounding : ndarray, shape (n, n_used)
        Part of the variance of each mass that is rounding.
    colorants : ndarray of int, shape (n, n_used)
        Row in the set of each colorant used.
    """

    reflectance_factor: FloatArray
    slopes: FloatArray
    covariance: FloatArray
    fourth: FloatArray
    rounding: FloatArray
    colorants: np.ndarray[tuple[int, ...], np.dtype[np.int_]]

    def unit_errors(self) -> tuple[FloatArray, FloatArray]:
        """Spectra that independent errors of mean 0 and variance 1 make: first the roundings, then all others.

        Shapes (n, n_used, n_angles, n_wavelengths) of uniform errors and (n, n_sources, n_angles, n_wavelengths) of
        normal ones.
        """
        count = self.colorants.shape[1]
        uniform = np.sqrt(self.rounding)[..., None, None] * self.slopes[:, :count]
        normal = self.covariance.copy()
        masses = np.arange(count)
        normal[:, masses, masses] -= self.rounding
        root = symmetric_root(normal) if normal.any() else normal
        n, sources, *bands = self.slopes.shape
        flat = self.slopes.reshape(n, sources, -1)
        return uniform, (np.swapaxes(root, -1, -2) @ flat).reshape(n, sources, *bands)

    def drivers(self, codes: Sequence[str], row: int, shares: FloatArray) -> tuple[Driver, ...]:
        """One recipe's shares (n_sources,) by name, greatest first; those of a mass parted by their variances."""
        count = self.colorants.shape[1]
        found: list[Driver] = []
        for place, colorant in enumerate(self.colorants[row].tolist()):
            variance = self.covariance[row, place, place]
            if variance > 0:
                part = self.rounding[row, place] / variance
                found += [
                    Driver("rounding", codes[colorant], float(part * shares[place])),
                    Driver("weighing", codes[colorant], float((1 - part) * shares[place])),
                ]
            if len(shares) >= 2 * count:
                found.append(Driver("strength", codes[colorant], float(shares[count + place])))
        if len(shares) % count:
            found.append(Driver("film build", None, float(shares[-1])))
        return tuple(sorted((one for one in found if one.share), key=lambda one: -one.share))


def error_sources(colorant_set: ColorantSet, fractions: FloatArray, variation: Variation) -> ErrorSources:
    """The errors of recipes made with some variation.

    Parameters
    ----------
    colorant_set : ColorantSet
    fractions : ndarray, shape (n_recipes, n_colorants)
        Mass fractions, rows summing to 1.
    variation : Variation
    """
    paint = slopes(colorant_set, fractions, variation.film)
    dosing, film = variation.dosing, variation.film
    n, count = len(fractions), int((fractions > 0).sum(axis=1).max())
    colorants = np.argsort(fractions <= 0, axis=1, kind="stable")[:, :count]
    doses = np.take_along_axis(fractions, colorants, axis=1)
    used = doses > 0
    half = np.where(used, dosing.balance_resolution_g / dosing.batch_g / 2 / np.where(used, doses, 1.0), 0.0)
    rounding = half**2 / 3
    strength = variation.strength_covariance(colorant_set)
    rows = colorants[:, :, None, None]
    parts = [np.take_along_axis(paint.by_mass, rows, axis=1)]
    if strength.any():
        parts.append(np.take_along_axis(paint.by_strength, rows, axis=1))
    if film is not None and film.relative_error > 0:
        parts.append(paint.by_build[:, None])
    moved = np.concatenate(parts, axis=1)
    covariance, fourth = np.zeros((n, moved.shape[1], moved.shape[1])), np.zeros((n, moved.shape[1]))
    masses = np.arange(count)
    covariance[:, masses, masses] = np.where(used, dosing.relative_error**2, 0.0) + rounding
    fourth[:, masses] = -2 / 15 * half**4
    if strength.any():
        lots = slice(count, 2 * count)
        both = used[:, :, None] & used[:, None, :]
        covariance[:, lots, lots] = strength[colorants[:, :, None], colorants[:, None, :]] * both
    if film is not None and film.relative_error > 0:
        covariance[:, -1, -1] = film.relative_error**2
    return ErrorSources(paint.reflectance_factor, moved, covariance, fourth, rounding, colorants)
