"""The colour a recipe will have, how sure that is, and where the model is asked beyond its ladders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import Viewing
from spectra.arrays import FloatArray, frozen
from spectra.colorant import ColorantSet
from spectra.geometry import Geometry
from spectra.optics.interface import measured_slope
from spectra.optics.link import link_of
from spectra.recipe import Recipe
from spectra.wavelengths import WavelengthGrid

# A dose counts as outside its ladder when it is beyond the end by more than weighing explains.
_DOSE_SLACK = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What the model says about one recipe.

    Attributes
    ----------
    recipe : Recipe
    reflectance_factor : ndarray, shape (n_angles, n_wavelengths)
    standard_uncertainty : ndarray, shape (n_angles, n_wavelengths), or None
        Of the reflectance factor, from the colorants' covariance; None when a colorant of the recipe has none. It
        holds what the ladders left open, not that a lot differs from the one in the ladder, nor the weighing.
    grid : WavelengthGrid
    geometry : Geometry
    findings : tuple of str
        Doses outside what the ladders covered.
    """

    recipe: Recipe
    reflectance_factor: FloatArray
    standard_uncertainty: FloatArray | None
    grid: WavelengthGrid
    geometry: Geometry
    findings: tuple[str, ...]

    def lab(self, viewing: Viewing) -> FloatArray:
        """CIELAB, shape (n_angles, 3)."""
        return spectra_to_lab(self.reflectance_factor, self.grid, viewing)


def predict(colorant_set: ColorantSet, recipe: Recipe) -> Prediction:
    """Reflectance factor of an opaque film of one recipe.

    Raises
    ------
    UnknownColorantError
        If the recipe names a colorant the set does not hold.
    """
    return predict_all(colorant_set, [recipe])[0]


def predict_all(colorant_set: ColorantSet, recipes: Sequence[Recipe]) -> list[Prediction]:
    """`predict` for many recipes at once."""
    fractions = mass_fractions(colorant_set, recipes)
    spectra = reflectance_factors(colorant_set, fractions)
    deviations = standard_uncertainties(colorant_set, fractions)
    return [
        Prediction(
            recipe,
            frozen(spectrum),
            None if np.isnan(deviation).any() else frozen(deviation),
            colorant_set.grid,
            colorant_set.geometry,
            dose_findings(colorant_set, recipe),
        )
        for recipe, spectrum, deviation in zip(recipes, spectra, deviations, strict=True)
    ]


def mass_fractions(colorant_set: ColorantSet, recipes: Sequence[Recipe]) -> FloatArray:
    """Recipes as rows over all colorants of the set, shape (n_recipes, n_colorants).

    Raises
    ------
    UnknownColorantError
        If a recipe names a colorant the set does not hold.
    """
    rows = np.zeros((len(recipes), len(colorant_set.colorants)))
    for row, recipe in zip(rows, recipes, strict=True):
        row[colorant_set.indices(recipe.colorants)] = recipe.mass_fractions
    return rows


def reflectance_factors(colorant_set: ColorantSet, fractions: ArrayLike) -> FloatArray:
    """Reflectance factors of opaque films.

    Parameters
    ----------
    colorant_set : ColorantSet
    fractions : array_like, shape (n_recipes, n_colorants)
        Mass fractions over all colorants of the set. Only their ratio matters.

    Returns
    -------
    ndarray, shape (n_recipes, n_angles, n_wavelengths)
    """
    return colorant_set.reflectance_factor(fractions)


def standard_uncertainties(colorant_set: ColorantSet, fractions: ArrayLike) -> FloatArray:
    """Standard uncertainty of `reflectance_factors` by propagation of the colorants' covariance.

    Returns
    -------
    ndarray, shape (n_recipes, n_angles, n_wavelengths)
        NaN where a colorant of the recipe carries no covariance. Errors of different colorants are taken as
        independent; they share only the base.

    References
    ----------
    .. [1] JCGM 100:2008, Guide to the expression of uncertainty in measurement, 5.1.
    """
    doses = np.asarray(fractions, dtype=np.float64)
    K, S = colorant_set.mix(doses)
    link = link_of(colorant_set.link)
    outer = colorant_set.ceilings[:, None] * measured_slope(link.reflectivity(K, S), colorant_set.surface)
    outer = outer * link.fall(K, S)
    filled = doses @ colorant_set.crowds / doses.sum(axis=1)
    variance = np.zeros_like(K)
    for dose, colorant in zip(doses.T, colorant_set.colorants, strict=True):
        used = dose > 0
        if colorant.log_covariance is None:
            variance[used] = np.nan
            continue
        by_K = -outer * S * dose[:, None, None] * colorant.absorption
        acting = dose * (1 - colorant_set.crowding * colorant.crowds * filled)
        by_S = outer * K * acting[:, None, None] * colorant.scattering
        C = colorant.log_covariance
        variance += by_K**2 * C[..., 0, 0] + 2 * by_K * by_S * C[..., 0, 1] + by_S**2 * C[..., 1, 1]
    deviation: FloatArray = np.sqrt(variance)
    return deviation


def dose_findings(colorant_set: ColorantSet, recipe: Recipe) -> tuple[str, ...]:
    """Sentences on colorants dosed outside what their ladders covered."""
    findings = []
    for code, dose in zip(recipe.colorants, recipe.mass_fractions, strict=True):
        low, high = colorant_set[code].calibrated_dose
        if dose < low * (1 - _DOSE_SLACK) or dose > high * (1 + _DOSE_SLACK):
            findings.append(
                f"{code} at {100 * dose:.3g} % lies outside the {100 * low:.3g}–{100 * high:.3g} % its panels covered"
            )
    return tuple(findings)
