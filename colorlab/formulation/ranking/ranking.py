"""The answer of a match to act on: equal recipes as equal, what each costs, how surely it stays in tolerance.

The search says which recipes come nearest; here they are held against a tolerance batch after batch, recipes that
nobody can tell apart share a place, and those of which none is better in everything are marked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from colorlab.formulation.ranking.pareto import ParetoFront, pareto_front
from colorlab.formulation.ranking.ties import Ties, ties
from colorlab.formulation.robustness.robustness import Robustness, robustness
from colorlab.formulation.robustness.variation import Variation
from colorlab.formulation.search.match import Match, MatchResult
from colorlab.tolerance.tolerance import Tolerance
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError

# Against which recipes are held where nobody gives a tolerance. [ΔE00]
PLAIN_LIMIT = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class RankedMatch:
    """One recipe of a ranking.

    Attributes
    ----------
    place : int
        Recipes of one place cannot be told apart: 1, 1, 3 for two equals before a third.
    match : Match
    robustness : Robustness
        With the probability to be in tolerance.
    p_as_good : float
        How often it is at least as good as the recipe of the best objective, were the target read once more. [1]
    on_front : bool
        Whether no other recipe equals or beats it in ΔE00, price and risk.
    knee : bool
        Whether it is the one on the front at which giving up more stops paying.
    """

    place: int
    match: Match
    robustness: Robustness
    p_as_good: float
    on_front: bool
    knee: bool


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Recipes in the order in which to consider them.

    Attributes
    ----------
    matches : tuple of RankedMatch
    ties : Ties
        Its rows, and those of the front, count the matches of the search.
    front : ParetoFront
    variation : Variation
    findings : tuple of str
    """

    matches: tuple[RankedMatch, ...]
    ties: Ties
    front: ParetoFront
    variation: Variation
    findings: tuple[str, ...]


def ranked(
    result: MatchResult,
    colorant_set: ColorantSet,
    *,
    variation: Variation | None = None,
    tolerance: Tolerance | float = PLAIN_LIMIT,
    prediction: bool = False,
    seed: int = 0,
) -> Ranking:
    """Rank the recipes of a match.

    Parameters
    ----------
    result : MatchResult
    colorant_set : ColorantSet
        That it was searched with, as its lots act.
    variation : Variation, optional
        How batches differ; weighed as the search says when left out.
    tolerance : Tolerance or float
        A number is a ΔE00 limit at every angle under all viewings of the objective.
    prediction : bool
        Whether errors of the model count in the ties beside those of the target's reading. Then a place is shared by
        all recipes of which nobody knows before the spray-out which will be nearest: of ten found for real panels, ten.
    seed : int

    Raises
    ------
    FormulationError
        If there is no recipe to rank.
    """
    if not result.matches:
        raise FormulationError(f"{result.target.name}: no recipe to rank")
    made = variation or Variation(result.matches[0].robustness.dosing)
    recipes = [one.recipe for one in result.matches]
    stable = robustness(
        colorant_set, recipes, made, result.objective.viewings, target=result.target, tolerance=tolerance
    )
    inside = np.array([np.nan if one.p_inside is None else one.p_inside for one in stable])
    prices = np.array([np.nan if one.price_per_kg is None else one.price_per_kg for one in result.matches])
    strength: FloatArray | None = made.strength_covariance(colorant_set)
    equal = ties(
        result.target,
        colorant_set,
        recipes,
        result.objective,
        p_inside=inside,
        prices=prices,
        prediction=prediction,
        strength=strength if prediction and strength is not None and strength.any() else None,
        seed=seed,
    )
    off = [one.weighted_delta_E_00 for one in result.matches]
    front = pareto_front({"ΔE00": off, "price": prices, "risk": 1 - inside})
    place, found = 1, list[RankedMatch]()
    for group in equal.groups:
        for row in group:
            on_front, knee = row in front.rows, row == front.knee
            p_as_good = float(equal.p_as_good[row])
            found.append(RankedMatch(place, result.matches[row], stable[row], p_as_good, on_front, knee))
        place += len(group)
    who = "the reading and the model" if prediction else "the reading of the target"
    said = _findings(found, front, who)
    stated = result.target.stated_under
    if stated is not None and isinstance(tolerance, Tolerance) and tolerance.viewings != (stated,):
        said += (
            f"{result.target.name} is stated under {stated} alone: P(inside) under the other viewings of "
            f"{tolerance.name} is that of a spectrum nobody measured",
        )
    return Ranking(tuple(found), equal, front, made, said)


def _findings(found: list[RankedMatch], front: ParetoFront, who: str) -> tuple[str, ...]:
    first = found[0]
    said = []
    equals = [one for one in found if one.place == 1]
    if len(equals) > 1:
        said.append(f"{len(equals)} recipes share the first place: {who} cannot tell them apart")
    finer = first.robustness.finer_balance()
    if finer is not None:
        said.append(f"weigh {finer[0]} to {finer[1]:g} g: its rounding drives the batch-to-batch difference")
    unpriced = [one.match.recipe.name for one in found if one.match.price_per_kg is None]
    if unpriced and len(unpriced) < len(found):
        said.append(f"of {', '.join(unpriced)} a price is not known; they count as the dearest")
    elif front.unknown:
        said.append(f"not compared, for no recipe has it: {', '.join(front.unknown)}")
    return tuple(said)
