"""How far a predicted spectrum may be off: what ladders, lots, the model itself, weighing and reading leave open.

Bands are angles and wavelengths in one row. Every part is a covariance of the reflectance factor; they are independent
and add up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from colorlab.uncertainty.noise import DECLARED_DEFAULT, ReflectanceNoise, smooth_correlation
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.ladder_fit import lightness_weights
from spectra.model_error import ModelError

# Farther outside its ladder than this a dose is not extrapolated any more wrongly, it is guessed.
_FARTHEST = np.log(10.0)
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class PanelScatter:
    """What makes one painted and read panel differ from the paint of its recipe.

    Attributes
    ----------
    dosing : float
        Standard deviation of each mass relative to itself. [1]
    noise : ReflectanceNoise
        Of the reading: repeatability with replacement of the panel.

    Raises
    ------
    FormulationError
        If the weighing error is negative or not finite.
    """

    dosing: float = 0.003
    noise: ReflectanceNoise = DECLARED_DEFAULT

    def __post_init__(self) -> None:
        if not (np.isfinite(self.dosing) and self.dosing >= 0):
            raise FormulationError(f"weighing error {self.dosing!r}; expected a finite number, 0 or more")


def coefficient_slopes(colorant_set: ColorantSet, fractions: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Derivatives of the reflectance factor by ln K and by ln S of every colorant.

    Parameters
    ----------
    colorant_set : ColorantSet
    fractions : array_like, shape (n_recipes, n_colorants)

    Returns
    -------
    by_K, by_S : ndarray, shape (n_recipes, n_colorants, n_angles, n_wavelengths)
        Their sum is the derivative by ln strength.
    """
    doses = np.asarray(fractions, dtype=np.float64)
    K, S = colorant_set.mix(doses)
    outer = colorant_set.hiding_film_fall(K, S)[:, None]
    filled = doses @ colorant_set.crowds / doses.sum(axis=1)
    crowded = 1 - colorant_set.crowding * filled[:, None] * colorant_set.crowds
    by_K = -outer * S[:, None] * doses[:, :, None, None] * colorant_set.absorption
    by_S = outer * K[:, None] * (doses * crowded)[:, :, None, None] * colorant_set.scattering
    return by_K, by_S


def ladder_covariance(colorant_set: ColorantSet, fractions: ArrayLike) -> FloatArray:
    """What the ladders leave open of K and S, shape (n_recipes, n_bands, n_bands).

    NaN where a colorant of the recipe carries no covariance, or the set no model error: only that tells over which
    wavelengths an error goes together. Errors of different colorants are taken as independent; they share only the
    base. Errors at different angles too.
    """
    doses = np.asarray(fractions, dtype=np.float64)
    by_K, by_S = coefficient_slopes(colorant_set, doses)
    n_recipes, _, n_angles, n_wavelengths = by_K.shape
    covariance = np.zeros((n_recipes, n_angles, n_wavelengths, n_wavelengths))
    for row, colorant in enumerate(colorant_set.colorants):
        used = doses[:, row] > 0
        if colorant.log_covariance is None:
            covariance[used] = np.nan
            continue
        for root in _roots(colorant.log_covariance):
            moved = by_K[used, row] * root[..., 0] + by_S[used, row] * root[..., 1]
            covariance[used] += moved[..., :, None] * moved[..., None, :]
    error = colorant_set.model_error
    together = (
        np.full((n_wavelengths, n_wavelengths), np.nan) if error is None else error.correlation(colorant_set.grid)
    )
    return _angles_apart(covariance * together)


def model_covariance(colorant_set: ColorantSet, fractions: ArrayLike) -> FloatArray:
    """Error of the model itself, shape (n_recipes, n_bands, n_bands); NaN where the set does not know it.

    It grows with the number of colorants that colour the paint, and where they are dosed outside their ladders.
    """
    doses = np.asarray(fractions, dtype=np.float64)
    spectra = colorant_set.reflectance_factor(doses)
    error = colorant_set.model_error
    if error is None:
        return np.full((len(doses), spectra[0].size, spectra[0].size), np.nan)
    deviation = _model_deviation(colorant_set, doses, error)[:, None, None] / lightness_weights(spectra)
    return _angles_apart(deviation[..., :, None] * deviation[..., None, :] * error.correlation(colorant_set.grid))


def strength_covariance(colorant_set: ColorantSet, fractions: ArrayLike, ln_factor: FloatArray) -> FloatArray:
    """What the lots' strengths leave open, for their covariance of ln factors, shape (n_recipes, n_bands, n_bands).

    The same strength acts at every angle and wavelength: of one colorant alone this covariance has rank one.
    """
    slopes = _by_strength(colorant_set, fractions)
    covariance: FloatArray = np.swapaxes(slopes, 1, 2) @ ln_factor @ slopes
    return covariance


def panel_covariance(colorant_set: ColorantSet, fractions: ArrayLike, scatter: PanelScatter) -> FloatArray:
    """What weighing and reading add for one panel, shape (n_recipes, n_bands, n_bands)."""
    slopes = _by_strength(colorant_set, fractions)
    weighed = scatter.dosing**2 * np.swapaxes(slopes, 1, 2) @ slopes
    spectra, noise = colorant_set.reflectance_factor(fractions), scatter.noise
    deviation = np.hypot(noise.relative * spectra, noise.absolute)
    together = smooth_correlation(colorant_set.grid, noise.correlation_length_nm, noise.white_share)
    covariance: FloatArray = weighed + _angles_apart(deviation[..., :, None] * deviation[..., None, :] * together)
    return covariance


def _by_strength(colorant_set: ColorantSet, fractions: ArrayLike) -> FloatArray:
    by_K, by_S = coefficient_slopes(colorant_set, fractions)
    return (by_K + by_S).reshape(*by_K.shape[:2], -1)


def _model_deviation(colorant_set: ColorantSet, doses: FloatArray, error: ModelError) -> FloatArray:
    """Standard deviation of the model's error for each recipe, shape (n_recipes,). [L*]"""
    base = colorant_set.index(colorant_set.base)
    by_K, by_S = coefficient_slopes(colorant_set, doses)
    weights = lightness_weights(colorant_set.reflectance_factor(doses))[:, None]
    seen = np.mean(((by_K + by_S) * weights) ** 2, axis=(2, 3))
    seen[:, base] = 0.0
    share = seen / np.maximum(seen.sum(axis=1, keepdims=True), _TINY)
    # The base alone is coloured by nothing: it errs as one letdown does.
    several = 1 / np.maximum(np.sum(share**2, axis=1), 1 / doses.shape[1])
    several = np.where(seen.any(axis=1), several, 1.0)
    limits = np.array([colorant.calibrated_dose for colorant in colorant_set.colorants])
    amounts = doses / doses.sum(axis=1, keepdims=True)
    outside = np.maximum(_ln_ratio(limits[:, 0], amounts), _ln_ratio(amounts, limits[:, 1]))
    beyond = np.sum(share * np.clip(outside, 0.0, _FARTHEST) ** 2, axis=1)
    rows = zip(several, beyond, strict=True)
    return np.sqrt([error.variance(float(number), float(far)) for number, far in rows])


def _ln_ratio(first: FloatArray, second: FloatArray) -> FloatArray:
    ratio: FloatArray = np.log(np.maximum(first, _TINY) / np.maximum(second, _TINY))
    return ratio


def _roots(covariance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Two rows (…, 2) whose outer products add up to covariances (..., 2, 2) of ln K and ln S."""
    sd_K = np.sqrt(np.maximum(covariance[..., 0, 0], 0.0))
    shared = covariance[..., 0, 1] / np.maximum(sd_K, _TINY)
    alone = np.sqrt(np.maximum(covariance[..., 1, 1] - shared**2, 0.0))
    return np.stack([sd_K, shared], axis=-1), np.stack([np.zeros_like(alone), alone], axis=-1)


def _angles_apart(blocks: FloatArray) -> FloatArray:
    """Covariances of each angle (..., n_angles, n, n) as one over all bands, angles independent."""
    *batch, n_angles, n, _ = blocks.shape
    whole = np.zeros((*batch, n_angles, n, n_angles, n))
    for angle in range(n_angles):
        whole[..., angle, :, angle, :] = blocks[..., angle, :, :]
    return whole.reshape(*batch, n_angles * n, n_angles * n)
