"""Recipes for a colour: every combination of the allowed colorants screened, the best refined, compared and ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import Viewing
from colorlab.difference.metamerism import metamerism_index
from colorlab.formulation.objective import LocalObjective, Objective, deviation
from colorlab.formulation.palette import Palette, palette
from colorlab.formulation.predict import Prediction, predict_all
from colorlab.formulation.robustness import Dosing, Robustness, dosing_robustness
from colorlab.formulation.screen import count_combinations
from colorlab.formulation.search import Search
from colorlab.formulation.target import Target
from spectra.arrays import FloatArray, frozen
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError, NotComparableError
from spectra.recipe import Recipe

# Combinations settled for every one that is shown: ΔE00 itself may order them otherwise than its local metric.
_SETTLED_PER_RESULT = 4


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """One recipe for a target.

    Attributes
    ----------
    recipe : Recipe
    prediction : Prediction
    objective : float
        What the ranking goes by (see `Objective`). [ΔE00]
    delta_E_00 : ndarray, shape (n_angles, n_viewings)
        Of the prediction against the target.
    weighted_delta_E_00 : float
        Over angles and viewings, with the weights of the objective.
    spectral_rms : float
        Root mean square difference of the reflectance factor. [1]
    metamerism : ndarray, shape (n_angles, n_viewings − 1)
        Index under every viewing after the first, the difference under the first taken off. [ΔE00]
    price_per_kg : float or None
        None when a colorant of the recipe has no price.
    robustness : Robustness
    """

    recipe: Recipe
    prediction: Prediction
    objective: float
    delta_E_00: FloatArray
    weighted_delta_E_00: float
    spectral_rms: float
    metamerism: FloatArray
    price_per_kg: float | None
    robustness: Robustness


@dataclass(frozen=True, slots=True, eq=False)
class MatchResult:
    """Ranked recipes, and how they were found.

    Attributes
    ----------
    target : Target
    matches : tuple of Match
        Best first, each with other colorants.
    objective : Objective
    combinations_screened : int
        Every combination allowed, each solved exactly in its linearised form.
    combinations_positive : int
        Those with an acceptable amount of every colorant.
    combinations_refined : int
        Those refined with the exact paint model.
    in_gamut : bool
        Whether one of the recipes comes within `gamut_limit`, by its weighted ΔE00.
    gamut_limit : float
        [ΔE00]
    findings : tuple of str
    """

    target: Target
    matches: tuple[Match, ...]
    objective: Objective
    combinations_screened: int
    combinations_positive: int
    combinations_refined: int
    in_gamut: bool
    gamut_limit: float
    findings: tuple[str, ...]


def match(
    target: Target,
    colorant_set: ColorantSet,
    *,
    max_colorants: int,
    required: Sequence[str] = (),
    allowed: Sequence[str] | None = None,
    dose_limits: Mapping[str, tuple[float, float]] | None = None,
    least_dose: float = 1e-4,
    objective: Objective | None = None,
    dosing: Dosing | None = None,
    n_results: int = 10,
    n_refined: int = 800,
    gamut_limit: float = 0.3,
) -> MatchResult:
    """Find the best recipes for a colour.

    Parameters
    ----------
    target : Target
    colorant_set : ColorantSet
    max_colorants : int
        Greatest number of colorants chosen, besides the required ones. [1–6]
    required : sequence of str
        Colorants of every recipe, such as the white base.
    allowed : sequence of str, optional
        Colorants that may be chosen; all others of the set when left out.
    dose_limits : mapping of str to (float, float), optional
        Least and greatest mass fraction, over those of the colorants. A colorant is in a recipe with at least its least
        dose, or not at all.
    least_dose : float
        Smallest mass fraction of any colorant in a recipe. [1]
    objective : Objective, optional
    dosing : Dosing, optional
        How the batch is weighed, for the robustness.
    n_results : int
        How many recipes to return.
    n_refined : int
        How many combinations to refine after each screening.
    gamut_limit : float
        Greatest weighted ΔE00 of the closest recipe at which the target still counts as reachable.

    Returns
    -------
    MatchResult

    Raises
    ------
    UnknownColorantError
        If a code is not in the set.
    NotComparableError
        If target and colorants are not on one grid and geometry.
    NoRecipeError
        If no combination keeps the bounds.

    Notes
    -----
    The problem is linearised at the target and solved exactly for every combination; the best are refined with the
    exact model. Linearised again at the best recipe, which is what serves a target out of reach, screened and refined
    once more; then the neighbours of the best. What is minimised on the way is CIEDE2000's local metric at the target;
    the ranking uses CIEDE2000 itself.
    """
    goal, wanted = objective or Objective(), dosing or Dosing()
    _check(target, colorant_set, max_colorants, n_results, n_refined)
    colours = palette(
        colorant_set, required=required, allowed=allowed, least_dose=least_dose, dose_limits=dose_limits or {}
    )
    search = Search(colours, LocalObjective(target, goal), min(max_colorants, colours.n_optional), n_refined)
    settled = search.run(_SETTLED_PER_RESULT * n_results)
    recipes = [_recipe(f"{target.name} {rank + 1}", colours, *row) for rank, row in enumerate(settled)]
    matches = _ranked(target, colorant_set, recipes, goal, wanted, n_results)
    closest = min(found.weighted_delta_E_00 for found in matches)
    return MatchResult(
        target,
        tuple(matches),
        goal,
        count_combinations(colours, search.max_colorants),
        search.positive,
        search.refined,
        closest <= gamut_limit,
        gamut_limit,
        _findings(target, closest, gamut_limit),
    )


def _check(target: Target, colorant_set: ColorantSet, max_colorants: int, n_results: int, n_refined: int) -> None:
    if (target.grid, target.geometry.tokens) != (colorant_set.grid, colorant_set.geometry.tokens):
        raise NotComparableError(
            "grid and geometry",
            f"colorants {colorant_set.grid}, {colorant_set.geometry.name}",
            f"target {target.grid}, {target.geometry.name}",
            "Make the target with target_from_measurement",
        )
    if not 1 <= max_colorants <= 6:
        raise FormulationError(f"{max_colorants} colorants asked for; a recipe is searched with 1 to 6")
    if n_results < 1 or n_refined < 1:
        raise FormulationError("at least one recipe must be refined and returned")


def _recipe(name: str, colours: Palette, support: tuple[int, ...], fractions: FloatArray) -> Recipe:
    return Recipe(name, tuple(colours.codes[row] for row in support), frozen(fractions / fractions.sum()))


def _ranked(
    target: Target, colorant_set: ColorantSet, recipes: Sequence[Recipe], goal: Objective, dosing: Dosing, count: int
) -> list[Match]:
    predictions = predict_all(colorant_set, recipes)
    spectra = np.array([prediction.reflectance_factor for prediction in predictions])
    distance = deviation(target, spectra, goal)
    drift = _metamerism(target, spectra, goal.viewings)
    order = np.argsort(distance.value, kind="stable")[:count]
    stable = dosing_robustness(colorant_set, [recipes[row] for row in order], dosing, goal.viewings[0])
    return [
        Match(
            replace(recipes[row], name=f"{target.name} {rank + 1}"),
            predictions[row],
            float(distance.value[row]),
            frozen(distance.delta_E_00[row]),
            float(distance.weighted_delta_E_00[row]),
            float(distance.spectral_rms[row]),
            frozen(drift[row]),
            price_per_kg(colorant_set, recipes[row]),
            stable[rank],
        )
        for rank, row in enumerate(order)
    ]


def _metamerism(target: Target, spectra: FloatArray, viewings: Sequence[Viewing]) -> FloatArray:
    standard = [spectra_to_lab(target.reflectance_factor, target.grid, viewing) for viewing in viewings]
    sample = [spectra_to_lab(spectra, target.grid, viewing) for viewing in viewings]
    index = [metamerism_index(standard[0], sample[0], standard[test], sample[test]) for test in range(1, len(viewings))]
    return np.stack(index, axis=-1) if index else np.zeros((*spectra.shape[:2], 0))


def price_per_kg(colorant_set: ColorantSet, recipe: Recipe) -> float | None:
    """Price of the recipe's colorants by mass; None when one of them has no price."""
    prices = [colorant_set[code].price_per_kg for code in recipe.colorants]
    known = [price for price in prices if price is not None]
    return float(np.dot(recipe.mass_fractions, known)) if len(known) == len(prices) else None


def _findings(target: Target, closest: float, gamut_limit: float) -> tuple[str, ...]:
    if closest <= gamut_limit:
        return ()
    return (
        f"{target.name} is out of gamut: no recipe of these colorants within these doses comes closer than "
        f"{closest:.2f} weighted ΔE00 (limit {gamut_limit:g})",
    )
