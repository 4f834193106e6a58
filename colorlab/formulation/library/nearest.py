"""Recipes a laboratory already has: the nearest to a target, and the change of doses that brings one home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.formulation.prediction.predict import mass_fractions
from colorlab.formulation.search.constraints import LEAST_DOSE, Constraints
from colorlab.formulation.search.objective import LocalObjective, Objective, deviation
from colorlab.formulation.search.palette import palette
from colorlab.formulation.search.settle import settle
from colorlab.formulation.target import Target
from spectra.arrays import FloatArray, frozen
from spectra.carried import carried
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError, NotComparableError
from spectra.geometry import Geometry
from spectra.recipe import Recipe
from spectra.wavelengths import WavelengthGrid

# Taken from each tree for every one asked for: ΔE00 may order them otherwise than either metric.
_PER_RESULT = 8


@dataclass(frozen=True, slots=True, eq=False)
class LibraryEntry:
    """A recipe and what it looks like.

    Attributes
    ----------
    name : str
    recipe : Recipe
    reflectance_factor : ndarray, shape (n_angles, n_wavelengths)
        Of its panel, or as predicted.
    measured : bool
        Whether a panel of it was measured.
    """

    name: str
    recipe: Recipe
    reflectance_factor: FloatArray
    measured: bool


@dataclass(frozen=True, slots=True, eq=False)
class Neighbour:
    """A library entry near a target.

    Attributes
    ----------
    entry : LibraryEntry
    delta_E_00 : ndarray, shape (n_angles, n_viewings)
    weighted_delta_E_00 : float
    spectral_rms : float
        [1]
    """

    entry: LibraryEntry
    delta_E_00: FloatArray
    weighted_delta_E_00: float
    spectral_rms: float


@dataclass(frozen=True, slots=True, eq=False)
class BroughtHome:
    """The change of doses that takes an existing recipe to a target, among its own colorants.

    Attributes
    ----------
    before, after : Recipe
    reflectance_factor : ndarray, shape (n_angles, n_wavelengths)
        Expected of the changed recipe. Where the old one was measured, its panel moved as the model moves.
    delta_E_00_before, delta_E_00_after : float
        Weighted as the objective says.
    change_g_per_kg : mapping of str to float
        Of each dose, in a kilogram of either recipe. [g]
    additions_g_per_kg : mapping of str to float
        What turns a kilogram that is already mixed into the new recipe, nothing taken out. [g]
    beyond : tuple of str
        Colorants of the recipe that end at the least dose: one of them may be left out.
    """

    before: Recipe
    after: Recipe
    reflectance_factor: FloatArray
    delta_E_00_before: float
    delta_E_00_after: float
    change_g_per_kg: Mapping[str, float]
    additions_g_per_kg: Mapping[str, float]
    beyond: tuple[str, ...]

    @property
    def added_g_per_kg(self) -> float:
        """All additions together. [g]"""
        return sum(self.additions_g_per_kg.values())


@dataclass(frozen=True, eq=False)
class RecipeLibrary:
    """Recipes with their spectra, found again by colour and by spectrum.

    Two metric trees: CIELAB under D65/10° at all angles, and 100 R^(1/3), which weighs a dark wavelength as the eye
    does. Both are Euclidean, so that k-d trees hold them; ΔE00 has the last word on what they find.

    Attributes
    ----------
    entries : tuple of LibraryEntry
    grid : WavelengthGrid
    geometry : Geometry

    Raises
    ------
    FormulationError
        If an entry is not on grid and geometry.
    """

    entries: tuple[LibraryEntry, ...]
    grid: WavelengthGrid
    geometry: Geometry

    def __post_init__(self) -> None:
        shape = (self.geometry.n_angles, self.grid.count)
        for entry in self.entries:
            if entry.reflectance_factor.shape != shape:
                raise FormulationError(
                    f"{entry.name}: a spectrum of shape {entry.reflectance_factor.shape}; {shape} expected for "
                    f"{self.geometry.name} and {self.grid}"
                )

    @cached_property
    def _spectra(self) -> FloatArray:
        return frozen([entry.reflectance_factor for entry in self.entries])

    @cached_property
    def _trees(self) -> tuple[Any, Any]:
        from scipy.spatial import KDTree

        by_colour, by_spectrum = self._places(self._spectra)
        return KDTree(by_colour), KDTree(by_spectrum)

    def _places(self, spectra: FloatArray) -> tuple[FloatArray, FloatArray]:
        colours = spectra_to_lab(spectra, self.grid, D65_10)
        roots = 100 * np.cbrt(np.maximum(spectra, 0.0))
        return colours.reshape(len(spectra), -1), roots.reshape(len(spectra), -1)

    def nearest(self, target: Target, objective: Objective, count: int = 5) -> tuple[Neighbour, ...]:
        """The entries nearest to a target by weighted ΔE00, best first.

        Raises
        ------
        NotComparableError
            If the target is not on grid and geometry of the library.
        """
        if (target.grid, target.geometry.tokens) != (self.grid, self.geometry.tokens):
            raise NotComparableError(
                "grid and geometry",
                f"the recipes {self.grid}, {self.geometry.name}",
                f"{target.name} {target.grid}, {target.geometry.name}",
            )
        if not self.entries or count < 1:
            return ()
        wanted = min(_PER_RESULT * count, len(self.entries))
        rows: set[int] = set()
        for tree, place in zip(self._trees, self._places(target.reflectance_factor[None]), strict=True):
            rows |= set(np.atleast_1d(tree.query(place[0], k=wanted)[1]).tolist())
        found = np.array(sorted(rows))
        off = deviation(target, self._spectra[found], objective)
        order = np.argsort(off.weighted_delta_E_00, kind="stable")[:count]
        return tuple(
            Neighbour(
                self.entries[found[row]],
                frozen(off.delta_E_00[row]),
                float(off.weighted_delta_E_00[row]),
                float(off.spectral_rms[row]),
            )
            for row in order.tolist()
        )


def bring_home(
    entry: LibraryEntry, target: Target, colorant_set: ColorantSet, objective: Objective, least_dose: float = LEAST_DOSE
) -> BroughtHome:
    """Change the doses of an existing recipe, its own colorants alone, until it is as near to a target as it comes.

    Where the entry was measured, what the model says wrongly of it is taken to stay as it is (`spectra.carried`).

    Raises
    ------
    UnknownColorantError
        If the recipe holds a colorant the set does not.
    """
    codes = entry.recipe.colorants
    rows = colorant_set.indices(codes)
    own = colorant_set.reflectance_factor(mass_fractions(colorant_set, [entry.recipe]))[0]
    # The target as the model would see it if it erred there as it errs at the panel.
    goal = carried(target.reflectance_factor, entry.reflectance_factor, own, colorant_set)
    ceilings = colorant_set.ceilings[:, None]
    seen = replace(target, reflectance_factor=np.clip(goal, 1e-4, ceilings * (1 - 1e-6)))
    doses = dict.fromkeys(codes, (0.0, 1.0))
    local = LocalObjective(seen, objective)
    colours = palette(colorant_set, Constraints(required=codes, dose_limits=doses, least_dose=least_dose))
    order = [colours.codes.index(code) for code in codes]
    start = np.empty(len(codes))
    start[order] = np.maximum(entry.recipe.mass_fractions, least_dose)
    start /= start.sum()
    settled = settle(colours, local, tuple(range(len(codes))), start)
    best = start if settled is None else settled[1]
    fractions = best[order] / best.sum()
    after = Recipe(f"{entry.recipe.name} adjusted", codes, frozen(fractions))
    whole = np.zeros((1, len(colorant_set.codes)))
    whole[0, rows] = fractions
    expected = carried(entry.reflectance_factor, own, colorant_set.reflectance_factor(whole)[0], colorant_set)
    before, then = deviation(
        target, np.stack([entry.reflectance_factor, expected]), objective
    ).weighted_delta_E_00.tolist()
    change = 1000 * (fractions - entry.recipe.mass_fractions)
    return BroughtHome(
        entry.recipe,
        after,
        frozen(expected),
        before,
        then,
        dict(zip(codes, change.tolist(), strict=True)),
        additions(entry.recipe, after),
        tuple(code for code, dose in zip(codes, fractions, strict=True) if dose <= least_dose * (1 + 1e-6)),
    )


def additions(before: Recipe, after: Recipe) -> dict[str, float]:
    """What is added to a kilogram of one recipe to make it another of the same colorants, nothing taken out. [g]

    The colorant whose share must fall most says how much larger the batch becomes.

    Raises
    ------
    FormulationError
        If the new recipe lacks a colorant of the old one: it cannot be taken out.
    """
    old = dict(zip(before.colorants, before.mass_fractions.tolist(), strict=True))
    new = dict(zip(after.colorants, after.mass_fractions.tolist(), strict=True))
    gone = [code for code, share in old.items() if share > 0 and not new.get(code, 0.0) > 0]
    if gone:
        raise FormulationError(f"{', '.join(gone)} cannot be taken out of {before.name} again")
    scale = max(share / new[code] for code, share in old.items() if share > 0)
    return {code: 1000 * max(0.0, scale * share - old.get(code, 0.0)) for code, share in new.items()}


def prediction_entries(colorant_set: ColorantSet, recipes: Sequence[Recipe]) -> tuple[LibraryEntry, ...]:
    """Library entries of recipes of which no panel was measured: as the model predicts them."""
    if not recipes:
        return ()
    spectra = colorant_set.reflectance_factor(mass_fractions(colorant_set, recipes))
    return tuple(
        LibraryEntry(recipe.name, recipe, frozen(spectrum), False)
        for recipe, spectrum in zip(recipes, spectra, strict=True)
    )
