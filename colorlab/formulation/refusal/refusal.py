"""A target that a match could not reach: proof, place, and whether a colorant or a constraint stands in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from colorlab.formulation.refusal.gamut import Helper, Shortfall, beyond_reach, helpers, out_of_gamut
from colorlab.formulation.search.constraints import MOST_COLORANTS, Constraints
from colorlab.formulation.search.match import MatchResult, match
from colorlab.formulation.search.objective import Objective
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError, NoRecipeError

# Enough to tell whether a colorant helps: the list of results is not wanted.
_REFINED = 200
# Where no colorant is enough alone, pairs of so many of the best are tried.
_PAIRED = 4
# Where no constraint is to hold: less than any balance weighs. [mass fraction]
_ANY_DOSE = 1e-7


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a target is out of gamut.

    Attributes
    ----------
    helpers : tuple of Helper
        Colorants that were not allowed, and other sets, best first; pairs of colorants where none is enough alone.
    relaxed : Helper or None
        The nearest recipe with the same colorants and no other constraint; None where that does not help.
    proofs : tuple of Shortfall
        Where no mixture of the colorants can follow the target at all.
    sentences : tuple of str
        All of it in words.
    """

    helpers: tuple[Helper, ...]
    relaxed: Helper | None
    proofs: tuple[Shortfall, ...]
    sentences: tuple[str, ...]


def refusal(result: MatchResult, colorant_set: ColorantSet, catalogues: Sequence[ColorantSet] = ()) -> Refusal | None:
    """Explain a match that did not come within its limit.

    Parameters
    ----------
    result : MatchResult
    colorant_set : ColorantSet
        That it was searched with, as its lots act.
    catalogues : sequence of ColorantSet
        Other sets, characterised in the same geometry at the same wavelengths. They are searched by themselves: their
        coefficients count in units of their own base, and are not mixed with these.

    Returns
    -------
    Refusal or None
        None for a target within reach.
    """
    if result.in_gamut:
        return None
    asked, limit = result.constraints, result.gamut_limit
    before = min(one.weighted_delta_E_00 for one in result.matches)
    usable = _allowed(asked, colorant_set)
    left_out = [code for code in colorant_set.codes if code not in usable]
    others = {one.name: one for one in catalogues}
    pairs: dict[str, tuple[str, ...]] = {}

    def closest(code: str) -> float:
        if code in others:
            own = others[code]
            return _closest(result, own, Constraints(max_colorants=asked.max_colorants, required=(own.base,)))
        more = pairs.get(code, (code,))
        wider = replace(
            asked,
            allowed=None if asked.allowed is None else (*asked.allowed, *more),
            forbidden=tuple(one for one in asked.forbidden if one not in more),
        )
        return _closest(result, colorant_set, wider)

    fitting = [
        one.name
        for one in catalogues
        if (one.grid, one.geometry.tokens) == (colorant_set.grid, colorant_set.geometry.tokens)
    ]
    found = helpers(closest, [*left_out, *fitting], before, limit)
    if not any(one.enough for one in found):
        best = [one.code for one in found if one.code not in others][:_PAIRED]
        pairs |= {" and ".join(pair): pair for pair in combinations(best, 2)}
        together = [one for one in helpers(closest, tuple(pairs), before, limit) if one.enough]
        found = (*together, *found)
    free = Constraints(max_colorants=MOST_COLORANTS, allowed=tuple(usable), least_dose=_ANY_DOSE)
    colour_alone = replace(result.objective, hiding=None, price_weight=0.0)
    after = _closest(result, colorant_set, free, colour_alone)
    relaxed = Helper("no constraint", after, after <= limit) if after <= 0.9 * before else None
    weighed = _weighed(result.objective)
    nearest = min(result.matches, key=lambda one: one.weighted_delta_E_00)
    sentences = list(
        out_of_gamut(
            result.target,
            colorant_set,
            usable,
            nearest.prediction.reflectance_factor,
            before,
            limit,
            found,
            " ranked with" + weighed if weighed else "",
        )
    )
    if relaxed is not None:
        sentences.append(
            f"the constraints stand in the way: with up to {MOST_COLORANTS} of the same colorants at any dose"
            + (f", ranked without{weighed}, " if weighed else " ")
            + f"ΔE00 {after:.2f}"
        )
    proofs = beyond_reach(result.target, colorant_set, usable)
    return Refusal(found, relaxed, proofs, tuple(sentences))


def _allowed(asked: Constraints, colorant_set: ColorantSet) -> list[str]:
    chosen = colorant_set.codes if asked.allowed is None else (*asked.required, *asked.allowed)
    held = [code for one in asked.leftovers for code in one.parts]
    codes = dict.fromkeys((*chosen, *held))
    return [code for code in colorant_set.codes if code in codes and code not in asked.forbidden]


def _weighed(objective: Objective) -> str:
    """What besides the colour the recipes were ranked by, in words after a preposition; empty where nothing."""
    hiding = "" if objective.hiding is None else f"hiding at {objective.hiding.film_um:g} µm"
    parts = [part for part in (hiding, "the price" if objective.price_weight else "") if part]
    return " " + " and ".join(parts) if parts else ""


def _closest(
    result: MatchResult, colorant_set: ColorantSet, constraints: Constraints, objective: Objective | None = None
) -> float:
    try:
        again = match(
            result.target,
            colorant_set,
            constraints,
            objective=objective or result.objective,
            n_results=1,
            n_refined=_REFINED,
            gamut_limit=result.gamut_limit,
        )
    except (NoRecipeError, FormulationError):
        return float("inf")
    return min(one.weighted_delta_E_00 for one in again.matches)
