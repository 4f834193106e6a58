"""The paint in the tank as measured: what the model says wrongly of it stays out of the correction."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from spectra.arrays import FloatArray, frozen
from spectra.carried import has_ratio, ratio_inside
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.mixing import mixture, scattering_slopes
from spectra.recipe import Recipe


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """A batch as it was weighed and measured.

    Attributes
    ----------
    name : str
    recipe : Recipe
        As weighed, with every addition made so far.
    mass_g : float
        What is in the tank. [g]
    reflectance_factor : ndarray, shape (n_angles, n_wavelengths)
        Mean of its readings, at the angles and wavelengths of the colorants.
    covariance : ndarray, shape (n_bands, n_bands), or None
        Of that mean, angles and wavelengths in one row; None leaves the reading out of the intervals.

    Raises
    ------
    FormulationError
        If the mass is not positive or a reflectance factor is not a number.
    """

    name: str
    recipe: Recipe
    mass_g: float
    reflectance_factor: FloatArray
    covariance: FloatArray | None = None

    def __post_init__(self) -> None:
        if not (np.isfinite(self.mass_g) and self.mass_g > 0):
            raise FormulationError(f"{self.name}: a batch of {self.mass_g!r} g; expected a positive mass")
        spectra = frozen(np.atleast_2d(self.reflectance_factor))
        if not np.isfinite(spectra).all():
            raise FormulationError(f"{self.name}: a reflectance factor is not a number")
        object.__setattr__(self, "reflectance_factor", spectra)
        if self.covariance is not None:
            covariance = frozen(self.covariance)
            if covariance.shape != (spectra.size, spectra.size) or not np.isfinite(covariance).all():
                raise FormulationError(
                    f"{self.name}: covariance of shape {covariance.shape}; {(spectra.size, spectra.size)} expected"
                )
            object.__setattr__(self, "covariance", covariance)


@dataclass(frozen=True, eq=False)
class MeasuredBatch:
    """A measured batch to which colorants are added.

    The paint in the tank is taken as one colorant more, whose scattering is the model's and whose absorption is what
    makes it look as measured. Each addition dilutes what the model says wrongly of the batch. Where the paint is too
    black or too white to have a K/S, the error stays as a difference of reflectance factors.

    Attributes
    ----------
    colorant_set : ColorantSet
        With the strengths that the lots were found to have.
    batch : Batch
    rows : tuple of int
        Colorants that may be added, by their place in the set.
    taken_out : bool
        Whether amounts below zero are asked for: what leaves the tank then absorbs as the paint in it does, so that
        the rest still absorbs something.

    Raises
    ------
    UnknownColorantError
        If the recipe names a colorant the set does not hold.
    FormulationError
        If the reading does not fit the colorants.
    """

    colorant_set: ColorantSet
    batch: Batch
    rows: tuple[int, ...]
    taken_out: bool = False

    def __post_init__(self) -> None:
        self.colorant_set.indices(self.batch.recipe.colorants)
        shape = (self.colorant_set.geometry.n_angles, self.colorant_set.grid.count)
        if self.batch.reflectance_factor.shape != shape:
            raise FormulationError(
                f"{self.batch.name}: reading of shape {self.batch.reflectance_factor.shape}; {shape} of the colorants"
            )

    @cached_property
    def _own(self) -> list[int]:
        return self.colorant_set.indices(self.batch.recipe.colorants)

    @cached_property
    def predicted(self) -> FloatArray:
        """What the model says of the batch without its reading, shape (n_angles, n_wavelengths)."""
        row = np.zeros((1, len(self.colorant_set.colorants)))
        row[0, self._own] = self.batch.recipe.mass_fractions
        spectrum: FloatArray = self.colorant_set.reflectance_factor(row)[0]
        return spectrum

    @cached_property
    def _usable(self) -> NDArray[np.bool_]:
        return has_ratio(self.batch.reflectance_factor, self.colorant_set) & has_ratio(
            self.predicted, self.colorant_set
        )

    @cached_property
    def residual(self) -> FloatArray:
        """K/S as measured over K/S as predicted, 1 where the paint has none, shape (n_angles, n_wavelengths)."""
        measured, predicted = (
            ratio_inside(spectrum, self.colorant_set) for spectrum in (self.batch.reflectance_factor, self.predicted)
        )
        residual: FloatArray = np.where(self._usable, measured / predicted, 1.0)
        return residual

    @cached_property
    def offset(self) -> FloatArray:
        """Reflectance factor measured less predicted where the paint has no K/S, 0 elsewhere."""
        offset: FloatArray = np.where(self._usable, 0.0, self.batch.reflectance_factor - self.predicted)
        return offset

    @cached_property
    def _parts(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Absorption, scattering and crowding of the batch's own colorants, then of those that may be added."""
        every = [*self._own, *self.rows]
        absorption = self.colorant_set.absorption[every].copy()
        absorption[: len(every) if self.taken_out else len(self._own)] *= self.residual
        return absorption, self.colorant_set.scattering[every], self.colorant_set.crowds[every]

    def _mixed(self, additions: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        own = np.broadcast_to(self.batch.recipe.mass_fractions, (len(additions), len(self._own)))
        amounts = np.concatenate([own, additions], axis=1)
        absorption, scattering, crowds = self._parts
        return amounts, *mixture(absorption, scattering, amounts, crowds, self.colorant_set.crowding)

    def reflectance_factor(self, additions: FloatArray) -> FloatArray:
        """Reflectance factor with additions, shape (n, n_angles, n_wavelengths).

        Parameters
        ----------
        additions : ndarray, shape (n, n_rows)
            Mass of each colorant of `rows` over the mass of the batch. [1]
        """
        _, K, S = self._mixed(additions)
        result: FloatArray = self.colorant_set.hiding_film(K, S) + self.offset
        return result

    def reflectance_and_slope(self, additions: FloatArray) -> tuple[FloatArray, FloatArray]:
        """`reflectance_factor`, and its derivative by each addition, shape (n, n_rows, n_angles, n_wavelengths)."""
        amounts, K, S = self._mixed(additions)
        absorption, scattering, crowds = self._parts
        own = len(self._own)
        fall = self.colorant_set.hiding_film_fall(K, S)
        by_S = scattering_slopes(scattering, amounts, crowds, self.colorant_set.crowding)[:, own:]
        slope: FloatArray = fall[:, None] * (K[:, None] * by_S - S[:, None] * absorption[own:])
        return self.colorant_set.hiding_film(K, S) + self.offset, slope
