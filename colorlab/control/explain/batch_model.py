"""The paint of one recipe when something is off: how its spectrum moves with each cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from colorlab.control.explain.causes import Cause
from spectra.arrays import FloatArray, frozen
from spectra.carried import carried
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.recipe import Recipe

_DOSE_SLACK = 1e-3
_LEAST_SHARE = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """A film that may let its substrate show through.

    Attributes
    ----------
    thickness_um : float
        Dry film build the recipe is meant for. [µm]
    substrate : ndarray, shape (n_angles, n_wavelengths)
        Reflectance factor of the bare substrate, measured in the geometry and at the wavelengths of the colorants. The
        film wets it: it acts with its own surface taken off.
    base_scattering_per_um : float
        Scattering of the set's white base, which is the unit of the colorants' coefficients. [1/µm]

    Raises
    ------
    FormulationError
        If a quantity is not positive or not finite.
    """

    thickness_um: float
    substrate: FloatArray
    base_scattering_per_um: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "substrate", frozen(np.atleast_2d(self.substrate)))
        for value, what in ((self.thickness_um, "film build"), (self.base_scattering_per_um, "scattering of the base")):
            if not (np.isfinite(value) and value > 0):
                raise FormulationError(f"{what} {value!r}; expected a positive finite number")
        if not np.isfinite(self.substrate).all() or (self.substrate < 0).any():
            raise FormulationError("a reflectance factor of the substrate is negative or not a number")

    @property
    def depth(self) -> float:
        """Scattering power of a film of the base alone. [1]"""
        return self.thickness_um * self.base_scattering_per_um


@dataclass(frozen=True, eq=False)
class BatchModel:
    """A recipe in the colorants it is made of.

    Attributes
    ----------
    colorant_set : ColorantSet
    recipe : Recipe
    film : Film or None
        None for a film that hides.
    dispersion_scattering : float
        See `Assumptions`.

    Raises
    ------
    UnknownColorantError
        If the recipe names a colorant the set does not hold.
    FormulationError
        If the substrate was not measured as the colorants were.
    """

    colorant_set: ColorantSet
    recipe: Recipe
    film: Film | None = None
    dispersion_scattering: float = 0.0

    def __post_init__(self) -> None:
        self.colorant_set.indices(self.recipe.colorants)
        shape = (self.colorant_set.geometry.n_angles, self.colorant_set.grid.count)
        if self.film is not None and self.film.substrate.shape != shape:
            raise FormulationError(
                f"substrate of shape {self.film.substrate.shape}; {shape} expected, as of the colorants"
            )

    @cached_property
    def _parts(self) -> tuple[FloatArray, FloatArray]:
        """Absorption and scattering each colorant brings, shape (n_colorants, n_angles, n_wavelengths) each."""
        rows = self.colorant_set.indices(self.recipe.colorants)
        shares = self.recipe.mass_fractions[:, None, None]
        return shares * self.colorant_set.absorption[rows], shares * self.colorant_set.scattering[rows]

    @cached_property
    def _depth(self) -> float:
        """Scattering power of the base in a film of the recipe as stated: causes change masses on the area. [1]"""
        assert self.film is not None
        fractions = np.zeros((1, len(self.colorant_set.codes)))
        fractions[0, self.colorant_set.indices(self.recipe.colorants)] = self.recipe.mass_fractions
        return self.film.depth * float(self.colorant_set.relative_density(fractions)[0])

    @cached_property
    def as_stated(self) -> FloatArray:
        """Reflectance factor the model predicts when nothing is off, shape (n_angles, n_wavelengths)."""
        return self.reflectance_factor({})

    @cached_property
    def beyond_ladders(self) -> dict[str, float]:
        """Colorants whose share lies outside what their ladders covered, each with the factor by which it does.

        The base is never outside: it is what every ladder was made in, and any paint holds less of it than the
        palest level did.
        """
        found = {}
        for code, share in zip(self.recipe.colorants, self.recipe.mass_fractions.tolist(), strict=True):
            low, high = self.colorant_set[code].calibrated_dose
            outside = max(low / max(share, _LEAST_SHARE), share / max(high, _LEAST_SHARE))
            if code != self.colorant_set.base and outside > 1 + _DOSE_SLACK:
                found[code] = outside
        return found

    def part_of(self, code: str) -> FloatArray:
        """What a colorant brings of the paint's absorption or of its scattering, the greater of both shares.

        Shape (n_angles, n_wavelengths). [1]
        """
        place = self.recipe.colorants.index(code)
        shares = [one[place] / np.maximum(one.sum(axis=0), _LEAST_SHARE) for one in self._parts]
        part: FloatArray = np.maximum(*shares)
        return part

    def reflectance_factor(self, effects: Mapping[Cause, float]) -> FloatArray:
        """Reflectance factor when causes are at work, shape (n_angles, n_wavelengths).

        Parameters
        ----------
        effects : mapping of Cause to float
            Logarithm of the factor by which the cause acts; of a foreign colorant the logarithm of its share.
        """
        spectrum: FloatArray = self.reflectance_factors(tuple(effects), np.array([list(effects.values())]))[0]
        return spectrum

    def reflectance_factors(self, causes: Sequence[Cause], effects: FloatArray) -> FloatArray:
        """`reflectance_factor` for many sizes of the same causes, shape (n, n_angles, n_wavelengths).

        Parameters
        ----------
        causes : sequence of Cause
        effects : ndarray, shape (n, n_causes)
        """
        absorbing, scattering = np.zeros((2, len(effects), len(self.colorant_set.codes)))
        rows = self.colorant_set.indices(self.recipe.colorants)
        absorbing[:, rows] = scattering[:, rows] = self.recipe.mass_fractions
        depth = np.zeros(len(effects))
        for cause, effect in zip(causes, effects.T, strict=True):
            if cause.kind == "film build":
                depth += effect
                continue
            row = self.colorant_set.index(cause.colorant)
            if cause.kind == "foreign":
                absorbing[:, row] += np.exp(effect)
                scattering[:, row] += np.exp(effect)
            else:
                absorbing[:, row] *= np.exp(effect)
                scattering[:, row] *= np.exp(effect * (1.0 if cause.kind == "amount" else -self.dispersion_scattering))
        used = np.flatnonzero(absorbing.any(axis=0))
        return self._film_of(used, absorbing[:, used], scattering[:, used], depth)

    def _film_of(
        self, rows: NDArray[np.intp], absorbing: FloatArray, scattering: FloatArray, depth: FloatArray
    ) -> FloatArray:
        """Reflectance factor of colorants that absorb like one amount and scatter like another."""
        paints = self.colorant_set
        crowds = paints.crowds[rows]
        filled = paints.crowding * np.outer(absorbing @ crowds / absorbing.sum(axis=1), crowds)
        K = np.tensordot(absorbing, paints.absorption[rows], axes=1)
        S = np.tensordot(scattering * (1 - filled), paints.scattering[rows], axes=1)
        if self.film is not None:
            return paints.film(K, S, self._depth * np.exp(depth)[:, None, None], self.film.substrate)
        return paints.hiding_film(K, S)

    def moved(self, measured: FloatArray, before: Mapping[Cause, float], after: Mapping[Cause, float]) -> FloatArray:
        """A measured spectrum as it would be had the causes acted as in `after` instead of as in `before`.

        The model gives only the change: what it predicts wrongly for the recipe itself cancels to first order. The
        change is made in ln K/S of a hiding film, in which a colorant that is characterised too strong or too weak
        errs least; where the paint is too black or too white for that, in the reflectance factor.
        """
        first = self.reflectance_factor(before) if before else self.as_stated
        second = self.reflectance_factor(after)
        return carried(measured, first, second, self.colorant_set)
