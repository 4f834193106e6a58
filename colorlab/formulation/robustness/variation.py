"""What differs from batch to batch of one recipe: weighing, the strength of the lots, the film build."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from colorlab.uncertainty.propagation import symmetric_root
from spectra.arrays import FloatArray, frozen
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.mixing import scattering_slopes

Cause = Literal["rounding", "weighing", "strength", "film build"]

# Relative step of the differences of a film that does not hide: a ten thousandth off at most. [1]
_STEP = 1e-5


@dataclass(frozen=True, slots=True)
class Dosing:
    """How a recipe is weighed.

    Attributes
    ----------
    batch_g : float
        Mass of the batch. [g]
    balance_resolution_g : float
        Smallest step of the balance; masses are rounded to it. [g]
    relative_error : float
        Standard deviation of each mass relative to itself, beyond the rounding. [1]

    Raises
    ------
    FormulationError
        If the batch is not positive, an error is negative, or one of them is not finite.
    """

    batch_g: float = 1000.0
    balance_resolution_g: float = 0.01
    relative_error: float = 0.0

    def __post_init__(self) -> None:
        if not (self.batch_g > 0 and self.balance_resolution_g >= 0 and self.relative_error >= 0):
            raise FormulationError("a batch must have mass, and weighing errors cannot be negative")
        if not np.isfinite([self.batch_g, self.balance_resolution_g, self.relative_error]).all():
            raise FormulationError("a batch and its weighing errors must be finite")


@dataclass(frozen=True, slots=True, eq=False)
class FilmBuild:
    """A film through which its substrate may show, and how its thickness scatters.

    Attributes
    ----------
    depth : float or ndarray, broadcastable to (n_angles, n_wavelengths)
        Scattering power of a film of the set's base alone at the nominal build: its scattering per µm times the dry
        thickness. The recipe's density comes on top. [1]
    substrate : ndarray, shape (n_angles, n_wavelengths)
        Reflectance factor of the bare substrate, as the colorants were measured; the film wets it.
    relative_error : float
        Standard deviation of the thickness relative to itself. [1]

    Raises
    ------
    FormulationError
        If a quantity is negative or not finite, or the film has no thickness.
    """

    depth: FloatArray | float
    substrate: FloatArray
    relative_error: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "substrate", frozen(np.atleast_2d(self.substrate)))
        depth = np.asarray(self.depth, dtype=np.float64)
        if not (np.isfinite(depth).all() and (depth > 0).all() and 0 <= self.relative_error < np.inf):
            raise FormulationError(
                f"a film of scattering power {self.depth!r} that varies by {self.relative_error!r}; expected positive "
                "numbers, and a relative error of 0 or more"
            )
        if not np.isfinite(self.substrate).all() or (self.substrate < 0).any():
            raise FormulationError("a reflectance factor of the substrate is negative or not a number")


@dataclass(frozen=True, slots=True, eq=False)
class Variation:
    """How the batches of one recipe differ.

    Attributes
    ----------
    dosing : Dosing
    strength : ndarray, shape (n_colorants, n_colorants), or float
        Covariance of ln strength of the lots over the colorants of the set, such as `LotStrengths.over` gives; a number
        is the relative standard deviation of every colorant by itself but the base, which strengths are relative to.
        [1]
    film : FilmBuild or None
        None for a film that hides.
    """

    dosing: Dosing = Dosing()
    strength: FloatArray | float = 0.0
    film: FilmBuild | None = None

    def strength_covariance(self, colorant_set: ColorantSet) -> FloatArray:
        """Covariance of ln strength, shape (n_colorants, n_colorants).

        Raises
        ------
        FormulationError
            If it is not one of the set's colorants, not symmetric, or gives a strength a negative variance.
        """
        count = len(colorant_set.colorants)
        if np.ndim(self.strength) == 0:
            deviation = float(np.asarray(self.strength))
            if not 0 <= deviation < np.inf:
                raise FormulationError(f"a spread of lot strengths of {deviation!r}; expected 0 or more")
            return np.diag([0.0 if code == colorant_set.base else deviation**2 for code in colorant_set.codes])
        covariance = np.asarray(self.strength, dtype=np.float64)
        if covariance.shape != (count, count) or not np.isfinite(covariance).all():
            raise FormulationError(
                f"a covariance of lot strengths of shape {covariance.shape}; {(count, count)} finite numbers expected"
            )
        scale = max(float(np.abs(covariance).max()), 1e-300)
        if np.abs(covariance - covariance.T).max() > 1e-9 * scale or np.linalg.eigvalsh(covariance)[0] < -1e-9 * scale:
            raise FormulationError("a covariance of lot strengths must be symmetric, and no combination below zero")
        return covariance


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """How recipes' spectra move with the errors of a batch.

    Attributes
    ----------
    reflectance_factor : ndarray, shape (n_recipes, n_angles, n_wavelengths)
        Of the recipes as stated.
    by_mass : ndarray, shape (n_recipes, n_colorants, n_angles, n_wavelengths)
        By the relative error of each mass.
    by_strength : ndarray, same shape
        By ln strength of each lot.
    by_build : ndarray, shape (n_recipes, n_angles, n_wavelengths)
        By ln film thickness; zeros for a film that hides.
    """

    reflectance_factor: FloatArray
    by_mass: FloatArray
    by_strength: FloatArray
    by_build: FloatArray


def slopes(colorant_set: ColorantSet, fractions: FloatArray, film: FilmBuild | None = None) -> Slopes:
    """First derivatives of the paint model.

    Parameters
    ----------
    colorant_set : ColorantSet
    fractions : ndarray, shape (n_recipes, n_colorants)
        Mass fractions, rows summing to 1.
    film : FilmBuild, optional

    Raises
    ------
    FormulationError
        If the substrate was not measured as the colorants were.
    """
    shape = (colorant_set.geometry.n_angles, colorant_set.grid.count)
    if film is not None and film.substrate.shape != shape:
        raise FormulationError(f"substrate of shape {film.substrate.shape}; {shape} expected, as of the colorants")
    K, S = colorant_set.mix(fractions)
    density = colorant_set.relative_density(fractions)[:, None, None]
    R, by_K, by_S, by_build = _spectrum_slopes(colorant_set, K, S, film, density)
    crowds, crowding = colorant_set.crowds, colorant_set.crowding
    c = fractions[:, :, None, None]
    absorbed = by_K[:, None] * colorant_set.absorption
    free = absorbed + by_S[:, None] * scattering_slopes(colorant_set.scattering, fractions, crowds, crowding)
    # A mass too much makes the batch larger: every other fraction gets smaller.
    # A light colorant leaves less mass in a film of the same build; a weak one does not.
    alone = colorant_set.relative_density(np.eye(len(crowds)))[:, None, None]
    with_mass = free - by_build[:, None] * (density[:, None] / alone)
    by_mass = c * (with_mass - (c * with_mass).sum(axis=1, keepdims=True))
    if crowding:
        own = (1 - crowding * np.outer(fractions @ crowds, crowds))[:, :, None, None]
        by_strength = c * (absorbed + by_S[:, None] * own * colorant_set.scattering)
    else:
        by_strength = c * free
    return Slopes(R, by_mass, by_strength, by_build)


def _spectrum_slopes(
    colorant_set: ColorantSet, K: FloatArray, S: FloatArray, film: FilmBuild | None, density: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Reflectance factor of mixtures and its derivatives by K, S and ln thickness, wavelength by wavelength."""
    if film is None:
        fall = colorant_set.hiding_film_fall(K, S)
        return colorant_set.hiding_film(K, S), -fall * S, fall * K, np.zeros_like(K)
    step_K, step_S = _STEP * (K + _STEP * S), _STEP * S
    depth = film.depth * density
    R = colorant_set.film(K, S, depth, film.substrate)
    by_K = (colorant_set.film(K + step_K, S, depth, film.substrate) - R) / step_K
    by_S = (colorant_set.film(K, S + step_S, depth, film.substrate) - R) / step_S
    by_build = (colorant_set.film(K, S, depth * (1 + _STEP), film.substrate) - R) / _STEP
    return R, by_K, by_S, by_build


def simulated(
    colorant_set: ColorantSet, fractions: FloatArray, variation: Variation, rng: np.random.Generator, draws: int
) -> FloatArray:
    """Batches of one recipe by the whole model, no derivative in it, shape (draws, n_angles, n_wavelengths).

    Parameters
    ----------
    colorant_set : ColorantSet
    fractions : ndarray, shape (n_colorants,)
        Mass fractions, summing to 1.
    variation : Variation
        Rounding is drawn uniform, all else normal; ln of strength and of film build.
    rng : numpy.random.Generator
    draws : int
    """
    dosing, used = variation.dosing, np.flatnonzero(fractions)
    half = dosing.balance_resolution_g / dosing.batch_g / 2
    weighed = np.zeros((draws, fractions.size))
    exact = fractions[used]
    weighed[:, used] = exact * (1 + dosing.relative_error * rng.standard_normal((draws, used.size)))
    weighed[:, used] += rng.uniform(-half, half, (draws, used.size))
    # A balance that cannot weigh the dose may show nothing at all; less it cannot.
    weighed = np.maximum(weighed, 0.0)
    weighed /= weighed.sum(axis=1, keepdims=True)
    root = symmetric_root(variation.strength_covariance(colorant_set))
    acting = weighed * np.exp(rng.standard_normal((draws, fractions.size)) @ root.T)
    crowds = colorant_set.crowds
    K = np.tensordot(acting, colorant_set.absorption, axes=1)
    crowded = 1 - colorant_set.crowding * np.outer(weighed @ crowds, crowds)
    S = np.tensordot(acting * crowded, colorant_set.scattering, axes=1)
    if variation.film is None:
        return colorant_set.hiding_film(K, S)
    build = np.exp(variation.film.relative_error * rng.standard_normal((draws, 1, 1)))
    depth = variation.film.depth * build * colorant_set.relative_density(weighed)[:, None, None]
    return colorant_set.film(K, S, depth, variation.film.substrate)
