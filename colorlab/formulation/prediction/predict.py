"""The colour a recipe will have, how sure that is, and where the model is asked beyond its ladders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import Viewing
from colorlab.formulation.lot_strength import LotStrengths
from colorlab.formulation.prediction.covariance import (
    PanelScatter,
    ladder_covariance,
    model_covariance,
    panel_covariance,
    strength_covariance,
)
from spectra.arrays import FloatArray, frozen
from spectra.colorant import ColorantSet
from spectra.geometry import Geometry
from spectra.recipe import Recipe
from spectra.wavelengths import WavelengthGrid

# A dose counts as outside its ladder when it is beyond the end by more than weighing explains.
_DOSE_SLACK = 1e-3
# And as far outside, when it is this many times the greatest dose. [1]
_FAR = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What the model says about one recipe.

    Attributes
    ----------
    recipe : Recipe
    reflectance_factor : ndarray, shape (n_angles, n_wavelengths)
    covariance : ndarray, shape (n_bands, n_bands), or None
        Of the reflectance factor, angles and wavelengths in one row; None when a colorant of the recipe has none, or
        the set does not know its model's error.
    parts : tuple of str
        What the covariance holds: "ladders", "model", "lots", "weighing and reading".
    freedom : float
        Degrees of freedom of the covariance, where it is an estimate from panels; infinite without.
    grid : WavelengthGrid
    geometry : Geometry
    findings : tuple of str
        Doses outside what the ladders covered.
    """

    recipe: Recipe
    reflectance_factor: FloatArray
    covariance: FloatArray | None
    parts: tuple[str, ...]
    grid: WavelengthGrid
    geometry: Geometry
    findings: tuple[str, ...]
    freedom: float = inf

    @property
    def standard_uncertainty(self) -> FloatArray | None:
        """Of the reflectance factor, shape (n_angles, n_wavelengths); None without a covariance."""
        if self.covariance is None:
            return None
        return frozen(np.sqrt(np.diag(self.covariance)).reshape(self.reflectance_factor.shape))

    def lab(self, viewing: Viewing) -> FloatArray:
        """CIELAB, shape (n_angles, 3)."""
        return spectra_to_lab(self.reflectance_factor, self.grid, viewing)


def predict(
    colorant_set: ColorantSet,
    recipe: Recipe,
    *,
    strengths: LotStrengths | None = None,
    scatter: PanelScatter | None = None,
) -> Prediction:
    """Reflectance factor of an opaque film of one recipe.

    Parameters
    ----------
    colorant_set : ColorantSet
    recipe : Recipe
    strengths : LotStrengths, optional
        How the lots in use act; without them the paint is predicted as if made of the lots in the ladders.
    scatter : PanelScatter, optional
        Given where the panel that one will weigh, paint and read is asked for, instead of the recipe's own colour.

    Raises
    ------
    UnknownColorantError
        If the recipe names a colorant the set does not hold, or set and strengths are not of the same colorants.
    """
    return predict_all(colorant_set, [recipe], strengths=strengths, scatter=scatter)[0]


def predict_all(
    colorant_set: ColorantSet,
    recipes: Sequence[Recipe],
    *,
    strengths: LotStrengths | None = None,
    scatter: PanelScatter | None = None,
) -> list[Prediction]:
    """`predict` for many recipes at once."""
    acting = colorant_set if strengths is None else strengths.applied(colorant_set)
    fractions = mass_fractions(acting, recipes)
    spectra = acting.reflectance_factor(fractions)
    covariances, parts = _covariances(acting, fractions, strengths, scatter)
    return [
        Prediction(
            recipe,
            frozen(spectrum),
            None if np.isnan(covariance).any() else frozen(covariance),
            () if np.isnan(covariance).any() else parts,
            colorant_set.grid,
            colorant_set.geometry,
            dose_findings(colorant_set, recipe),
            inf if strengths is None else strengths.freedom,
        )
        for recipe, spectrum, covariance in zip(recipes, spectra, covariances, strict=True)
    ]


def _covariances(
    acting: ColorantSet, fractions: FloatArray, strengths: LotStrengths | None, scatter: PanelScatter | None
) -> tuple[FloatArray, tuple[str, ...]]:
    """Sum of all that is left open, shape (n_recipes, n_bands, n_bands), and what it is the sum of."""
    scale = 1.0 if strengths is None else strengths.model_scale
    whole = ladder_covariance(acting, fractions) + scale**2 * model_covariance(acting, fractions)
    parts = ["ladders", "model"]
    if strengths is not None:
        whole = whole + strength_covariance(acting, fractions, strengths.over(acting))
        parts.append("lots")
    if scatter is not None:
        whole = whole + panel_covariance(acting, fractions, scatter)
        parts.append("weighing and reading")
    return whole, tuple(parts)


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


def dose_findings(colorant_set: ColorantSet, recipe: Recipe) -> tuple[str, ...]:
    """Sentences on colorants dosed outside what their ladders covered.

    The base is never outside: every ladder was made in it, and any paint holds less of it than the palest level.
    """
    findings = []
    for code, dose in zip(recipe.colorants, recipe.mass_fractions, strict=True):
        low, high = colorant_set[code].calibrated_dose
        if code == colorant_set.base:
            continue
        if dose < low * (1 - _DOSE_SLACK) or dose > high * (1 + _DOSE_SLACK):
            far = f", {dose / high:.0f} times the greatest: its colour there is extrapolated" if high > 0 else ""
            said = far if code in far_beyond_ladders(colorant_set, recipe) else ""
            covered = f"{100 * low:.3g}–{100 * high:.3g} %"
            findings.append(f"{code} at {100 * dose:.3g} % lies outside the {covered} its panels covered{said}")
    return tuple(findings)


def far_beyond_ladders(colorant_set: ColorantSet, recipe: Recipe) -> tuple[str, ...]:
    """Colorants dosed at several times the greatest dose their ladders covered; the base is none of them."""
    doses = zip(recipe.colorants, recipe.mass_fractions, strict=True)
    return tuple(
        code
        for code, dose in doses
        if code != colorant_set.base and dose >= _FAR * colorant_set[code].calibrated_dose[1]
    )
