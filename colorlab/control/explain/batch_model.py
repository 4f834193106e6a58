"""The paint of one recipe when something is off: how its spectrum moves with each cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from colorlab.control.explain.causes import Cause
from spectra.arrays import FloatArray, frozen
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.optics.film import film_reflectance
from spectra.optics.interface import Saunderson, internal_reflectance, measured_reflectance
from spectra.optics.kubelka_munk import reflectivity
from spectra.recipe import Recipe

# Closer than this to a perfect black or white inside the film, K/S is all noise. [1]
_DARKEST, _WHITEST = 1e-3, 0.999
_DOSE_SLACK = 1e-3


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
    def _parts(self) -> dict[str, tuple[FloatArray, FloatArray]]:
        """Absorption and scattering that each colorant of the recipe brings, (n_angles, n_wavelengths) each."""
        rows = self.colorant_set.indices(self.recipe.colorants)
        return {
            code: (share * self.colorant_set.absorption[row], share * self.colorant_set.scattering[row])
            for code, share, row in zip(self.recipe.colorants, self.recipe.mass_fractions, rows, strict=True)
        }

    @cached_property
    def as_stated(self) -> FloatArray:
        """Reflectance factor the model predicts when nothing is off, shape (n_angles, n_wavelengths)."""
        return self.reflectance_factor({})

    @cached_property
    def beyond_ladders(self) -> tuple[str, ...]:
        """Colorants whose share lies outside what their ladders covered, by more than weighing explains."""
        found = []
        for code, share in zip(self.recipe.colorants, self.recipe.mass_fractions, strict=True):
            low, high = self.colorant_set[code].calibrated_dose
            if not low * (1 - _DOSE_SLACK) <= share <= high * (1 + _DOSE_SLACK):
                found.append(code)
        return tuple(found)

    def reflectance_factor(self, effects: Mapping[Cause, float]) -> FloatArray:
        """Reflectance factor when causes are at work, shape (n_angles, n_wavelengths).

        Parameters
        ----------
        effects : mapping of Cause to float
            Logarithm of the factor by which the cause acts; of a foreign colorant the logarithm of its share.
        """
        factors = {code: [0.0, 0.0] for code in self._parts}
        depth = 0.0
        K, S = 0.0, 0.0
        for cause, effect in effects.items():
            if cause.kind == "film build":
                depth = effect
            elif cause.kind == "foreign":
                row = self.colorant_set.index(cause.colorant)
                K = K + np.exp(effect) * self.colorant_set.absorption[row]
                S = S + np.exp(effect) * self.colorant_set.scattering[row]
            else:
                against = 1.0 if cause.kind == "amount" else -self.dispersion_scattering
                factors[cause.colorant][0] += effect
                factors[cause.colorant][1] += effect * against
        for code, (absorbs, scatters) in self._parts.items():
            K = K + np.exp(factors[code][0]) * absorbs
            S = S + np.exp(factors[code][1]) * scatters
        surface = self.colorant_set.surface
        if self.film is None:
            return measured_reflectance(reflectivity(K, S), surface)
        substrate = np.clip(internal_reflectance(self.film.substrate, surface), 0.0, 1.0)
        return measured_reflectance(film_reflectance(K, S, self.film.depth * np.exp(depth), substrate), surface)

    def moved(self, measured: FloatArray, before: Mapping[Cause, float], after: Mapping[Cause, float]) -> FloatArray:
        """A measured spectrum as it would be had the causes acted as in `after` instead of as in `before`.

        The model gives only the change: what it predicts wrongly for the recipe itself cancels to first order. The
        change is made in ln K/S of a hiding film, in which a colorant that is characterised too strong or too weak
        errs least; where the paint is too black or too white for that, in the reflectance factor.
        """
        first = self.reflectance_factor(before) if before else self.as_stated
        second = self.reflectance_factor(after)
        return carried(measured, first, second, self.colorant_set.surface)


def carried(measured: FloatArray, first: FloatArray, second: FloatArray, surface: Saunderson) -> FloatArray:
    """A measured spectrum moved as the model moves from one spectrum to another, all of one shape."""
    inside = [internal_reflectance(spectrum, surface) for spectrum in (measured, first, second)]
    within = np.logical_and.reduce([(one > _DARKEST) & (one < _WHITEST) for one in inside])
    own, one, two = (np.where(within, spectrum, 0.5) for spectrum in inside)
    ratio = _absorbed(own) * _absorbed(two) / _absorbed(one)
    through = measured_reflectance(1.0 / (1.0 + ratio + np.sqrt(ratio * (ratio + 2.0))), surface)
    result: FloatArray = np.where(within, through, measured + second - first)
    return result


def _absorbed(inside: FloatArray) -> FloatArray:
    """K/S of the hiding film that looks so."""
    ratio: FloatArray = (1 - inside) ** 2 / (2 * inside)
    return ratio
