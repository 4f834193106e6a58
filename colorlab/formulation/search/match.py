"""Recipes for a colour: every combination of the allowed colorants screened, the best refined, compared and ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from colorlab.formulation.lot_strength import LotStrengths
from colorlab.formulation.prediction.predict import Prediction, predict_all
from colorlab.formulation.robustness.robustness import Robustness, robustness
from colorlab.formulation.robustness.variation import Dosing, Variation
from colorlab.formulation.search.constraints import Constraints, refuse_unknown
from colorlab.formulation.search.hiding import FilmHiding, hiding_film_um
from colorlab.formulation.search.objective import LocalObjective, Objective, deviation
from colorlab.formulation.search.palette import Palette, palette
from colorlab.formulation.search.screen import count_combinations
from colorlab.formulation.search.search import Search
from colorlab.formulation.target import Target
from spectra.arrays import FloatArray, frozen
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError, NotComparableError
from spectra.recipe import Recipe

# Combinations settled for every one that is shown: ΔE00 itself may order them otherwise than its local metric.
_SETTLED_PER_RESULT = 4
# However few are shown: what is within reach does not depend on that.
_LEAST_SETTLED = 40


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
        Of the prediction against the target: CIEDE2000, whatever formula the objective asks for.
    delta_E : ndarray, shape (n_angles, n_viewings)
        By the formula of the objective.
    weighted_delta_E_00 : float
        Over angles and viewings, with the weights of the objective.
    spectral_rms : float
        Root mean square difference of the reflectance factor. [1]
    metamerism : ndarray, shape (n_angles, n_viewings − 1)
        Index under every viewing after the first, the difference under the first taken off, by the formula of the
        objective.
    flop : float or None
        Flop index of the prediction less that of the target; None where the angles are not measured.
    price_per_kg : float or None
        None when a colorant of the recipe has no price.
    hiding_film_um : float or None
        Dry film from which on it hides a contrast card by 98 %; infinite if none does. None where nobody knows how
        strongly the base scatters per µm. [µm]
    weighed : mapping of str to float
        Mass fractions of what is weighed: the colorants of the recipe, or leftovers and locked blends in their place.
    robustness : Robustness
    """

    recipe: Recipe
    prediction: Prediction
    objective: float
    delta_E_00: FloatArray
    delta_E: FloatArray
    weighted_delta_E_00: float
    spectral_rms: float
    metamerism: FloatArray
    flop: float | None
    price_per_kg: float | None
    hiding_film_um: float | None
    weighed: Mapping[str, float]
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
        As far as the target can be held to it.
    constraints : Constraints
    combinations_screened : int
        Every combination allowed, each solved exactly in its linearised form.
    combinations_positive : int
        Those with an acceptable amount of every colorant.
    combinations_refined : int
        Those refined with the exact paint model.
    in_gamut : bool
        Whether a recipe, shown or not, comes within `gamut_limit` by its weighted ΔE00.
    gamut_limit : float
        [ΔE00]
    findings : tuple of str
    """

    target: Target
    matches: tuple[Match, ...]
    objective: Objective
    constraints: Constraints
    combinations_screened: int
    combinations_positive: int
    combinations_refined: int
    in_gamut: bool
    gamut_limit: float
    findings: tuple[str, ...]


def match(
    target: Target,
    colorant_set: ColorantSet,
    constraints: Constraints | None = None,
    *,
    max_colorants: int | None = None,
    required: Sequence[str] = (),
    allowed: Sequence[str] | None = None,
    dose_limits: Mapping[str, tuple[float, float]] | None = None,
    objective: Objective | None = None,
    dosing: Dosing | None = None,
    strengths: LotStrengths | None = None,
    n_results: int = 10,
    n_refined: int = 500,
    gamut_limit: float = 0.3,
) -> MatchResult:
    """Find the best recipes for a colour.

    Parameters
    ----------
    target : Target
        One stated as CIELAB is matched on colour alone, under its own viewing.
    colorant_set : ColorantSet
    constraints : Constraints, optional
        What every recipe keeps. The next four are short for constraints that hold nothing else.
    max_colorants : int, optional
        See `Constraints`; 3 when left out.
    required : sequence of str
        Colorants of every recipe, such as the white base.
    allowed : sequence of str, optional
        Colorants that may be chosen; all others of the set when left out.
    dose_limits : mapping of str to (float, float), optional
        Least and greatest mass fraction, over those of the colorants. A colorant is in a recipe with at least its least
        dose, or not at all.
    objective : Objective, optional
    dosing : Dosing, optional
        How the batch is weighed, for the robustness.
    strengths : LotStrengths, optional
        How the lots in use act: recipes are for these, and not for the lots in the ladders.
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
        If no combination keeps the constraints; those that contradict each other are named.

    Notes
    -----
    The problem is linearised at the target and solved exactly for every combination; the best are refined with the
    exact model. Linearised again at the best recipe, which is what serves a target out of reach, screened and refined
    once more; then the neighbours of the best. What is minimised on the way is the formula's local metric at the
    target; the ranking uses the formula itself.
    """
    asked = _one_statement(constraints, max_colorants, required, allowed, dose_limits)
    goal, findings = _goal(target, objective or Objective())
    _check(target, colorant_set, n_results, n_refined)
    acting = colorant_set if strengths is None else strengths.applied(colorant_set)
    colours = palette(acting, asked)
    if goal.price_weight:
        refuse_unknown(colours.prices, colours.parts, colorant_set, "price")
    film = None if goal.hiding is None else FilmHiding(acting, goal.hiding, goal.viewings[0])
    local = LocalObjective(target, goal, film)
    search = Search(colours, local, min(asked.max_colorants, colours.n_optional), n_refined)
    settled = search.run(max(_SETTLED_PER_RESULT * n_results, _LEAST_SETTLED))
    paint = _Paint(colorant_set, acting, strengths, dosing or Dosing())
    matches, closest = _ranked(target, paint, colours, settled, goal, film, n_results)
    return MatchResult(
        target,
        tuple(matches),
        goal,
        asked,
        count_combinations(colours, search.max_colorants),
        search.positive,
        search.refined,
        closest <= gamut_limit,
        gamut_limit,
        (*findings, *_findings(target, closest, gamut_limit)),
    )


def _one_statement(
    constraints: Constraints | None,
    max_colorants: int | None,
    required: Sequence[str],
    allowed: Sequence[str] | None,
    dose_limits: Mapping[str, tuple[float, float]] | None,
) -> Constraints:
    if constraints is None:
        return Constraints(
            max_colorants=3 if max_colorants is None else max_colorants,
            required=tuple(required),
            allowed=None if allowed is None else tuple(allowed),
            dose_limits=dict(dose_limits or {}),
        )
    if max_colorants is not None or required or allowed is not None or dose_limits is not None:
        raise FormulationError("constraints say all: give colorants and doses there, not beside them")
    return constraints


def _goal(target: Target, objective: Objective) -> tuple[Objective, tuple[str, ...]]:
    """The objective a target can be held to."""
    if target.stated_under is None:
        return objective, ()
    said = (
        f"{target.name} is stated as CIELAB under {target.stated_under}: matched on that colour alone. Its spectrum, "
        "and so metamerism and the colour under any other light, are not known"
    )
    alone = replace(
        objective,
        viewings=(target.stated_under,),
        viewing_weights=(1.0,),
        spectral_weight=0.0,
        metamerism_weight=0.0,
    )
    return alone, (said,)


def _check(target: Target, colorant_set: ColorantSet, n_results: int, n_refined: int) -> None:
    if (target.grid, target.geometry.tokens) != (colorant_set.grid, colorant_set.geometry.tokens):
        raise NotComparableError(
            "grid and geometry",
            f"colorants {colorant_set.grid}, {colorant_set.geometry.name}",
            f"target {target.grid}, {target.geometry.name}",
            "Make the target with target_from_measurement",
        )
    if n_results < 1 or n_refined < 1:
        raise FormulationError("at least one recipe must be refined and returned")


class _Paint(NamedTuple):
    """The lots a recipe is made of, and how it is weighed."""

    stated: ColorantSet
    acting: ColorantSet
    strengths: LotStrengths | None
    dosing: Dosing


def _ranked(
    target: Target,
    paint: _Paint,
    colours: Palette,
    settled: Sequence[tuple[tuple[int, ...], FloatArray]],
    goal: Objective,
    film: FilmHiding | None,
    count: int,
) -> tuple[list[Match], float]:
    """The best of the settled recipes, and the least weighted ΔE00 of any."""
    components = np.zeros((len(settled), len(colours.codes)))
    for row, (support, parts) in zip(components, settled, strict=True):
        row[list(support)] = parts / parts.sum()
    fractions = components @ colours.parts
    distance = deviation(target, paint.acting.reflectance_factor(fractions), goal)
    prices = np.array([colours.prices[list(support)] @ parts for support, parts in settled])
    value = distance.value
    if goal.price_weight:
        value = np.hypot(value, goal.price_weight * prices)
    if film is not None:
        K, S = (values.reshape(len(settled), -1)[:, film.bands] for values in paint.acting.mix(fractions))
        value = np.hypot(value, film.shortfall(K, S, paint.acting.relative_density(fractions))[0])
    order = np.argsort(value, kind="stable")[:count]
    hides = hiding_film_um(paint.acting, fractions[order], goal.viewings[0])
    named = [_recipe(f"{target.name} {rank}", colours, *settled[row]) for rank, row in enumerate(order, start=1)]
    predictions = predict_all(paint.stated, named, strengths=paint.strengths)
    stable = robustness(paint.acting, named, Variation(paint.dosing), (goal.viewings[0],))
    matches = [
        Match(
            named[rank],
            predictions[rank],
            float(value[row]),
            frozen(distance.delta_E_00[row]),
            frozen(distance.delta_E[row]),
            float(distance.weighted_delta_E_00[row]),
            float(distance.spectral_rms[row]),
            frozen(distance.metamerism[row]),
            None if distance.flop is None else float(distance.flop[row]),
            None if np.isnan(prices[row]) else float(prices[row]),
            None if hides is None else float(hides[rank]),
            {colours.codes[one]: float(components[row, one]) for one in settled[row][0]},
            stable[rank],
        )
        for rank, row in enumerate(order)
    ]
    return matches, float(distance.weighted_delta_E_00.min())


def _recipe(name: str, colours: Palette, support: tuple[int, ...], parts: FloatArray) -> Recipe:
    """The recipe in colorants, leftovers and locks taken apart; in the order of the palette where there are none."""
    whole = (parts / parts.sum()) @ colours.parts[list(support)]
    order = [colorant for row in support for colorant in np.flatnonzero(colours.parts[row]).tolist()]
    used = list(dict.fromkeys(order))
    return Recipe(name, tuple(colours.colorants[row] for row in used), frozen(whole[used]))


def _findings(target: Target, closest: float, gamut_limit: float) -> tuple[str, ...]:
    if closest <= gamut_limit:
        return ()
    return (
        f"{target.name} is out of gamut: the nearest recipe found of these colorants within these doses has "
        f"{closest:.2f} weighted ΔE00 (limit {gamut_limit:g})",
    )
