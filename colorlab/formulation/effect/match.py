"""Recipes for a metallic or pearl colour: searched with two constants an angle, settled with the whole model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from colorlab.effects import FLOP_ANGLES, flop_index
from colorlab.formulation.effect.model import Anchor, EffectModel, EffectPrediction
from colorlab.formulation.effect.per_angle_fit import LEAST_REFLECTANCE
from colorlab.formulation.robustness.robustness import Robustness, robustness
from colorlab.formulation.robustness.variation import Dosing, Variation
from colorlab.formulation.search.constraints import Constraints
from colorlab.formulation.search.match import match
from colorlab.formulation.search.objective import Objective, deviation
from colorlab.formulation.target import Target
from spectra.arrays import FloatArray, frozen
from spectra.errors import FormulationError, MissingAngleError, NoRecipeError
from spectra.recipe import Recipe

# Rounds of correcting the target of a search by what the whole model says of its answer.
_MOST_ROUNDS = 6
_SETTLED = 0.01  # change of the weighted ΔE00 below which the rounds end
_BELOW_CEILING = 0.995
# Combinations taken from the search for each that is shown: the correction changes their order.
_SEARCHED_PER_RESULT = 2


@dataclass(frozen=True, slots=True)
class Appearance:
    """What a recipe must keep besides its colour.

    Attributes
    ----------
    flop_index : tuple of float or None
        Least and greatest, at the first viewing condition.
    texture : mapping of str to (float, float)
        Least and greatest of a quantity such as `graininess`; the whole predicted interval must lie within.
    """

    flop_index: tuple[float, float] | None = None
    texture: Mapping[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class EffectMatch:
    """One recipe for a target.

    Attributes
    ----------
    recipe : Recipe
    predicted : EffectPrediction
    delta_E_00 : ndarray, shape (n_angles, n_viewings)
    weighted_delta_E_00 : float
        Over angles and viewings, with the weights of the objective.
    flop_index : float or None
        None when an angle it needs was not measured.
    robustness : Robustness
        Of the worst angle.
    """

    recipe: Recipe
    predicted: EffectPrediction
    delta_E_00: FloatArray
    weighted_delta_E_00: float
    flop_index: float | None
    robustness: Robustness


@dataclass(frozen=True, slots=True, eq=False)
class EffectMatchResult:
    """Ranked recipes; `combinations_screened` as in `colorlab.formulation.search.match`."""

    target: Target
    matches: tuple[EffectMatch, ...]
    combinations_screened: int
    findings: tuple[str, ...]


def effect_target(name: str, reflectance_factor: FloatArray, model: EffectModel) -> Target:
    """A target at the model's angles.

    Raises
    ------
    FormulationError
        If it is brighter than any paint of these flakes could be.
    """
    spectra = np.maximum(reflectance_factor, LEAST_REFLECTANCE)
    return Target(name, spectra, model.search.grid, model.search.geometry, ceiling=model.search.ceilings)


def match_effect(
    target: Target,
    model: EffectModel,
    constraints: Constraints | None = None,
    *,
    appearance: Appearance | None = None,
    anchor: Anchor | None = None,
    objective: Objective | None = None,
    dosing: Dosing | None = None,
    n_results: int = 10,
) -> EffectMatchResult:
    """Find the best recipes for an effect colour.

    Parameters
    ----------
    target : Target
        At the model's angles, as `effect_target` makes it.
    model : EffectModel
    constraints : Constraints, optional
        What every recipe keeps; four colorants at most where left out.
    appearance : Appearance, optional
        Flop and texture every recipe keeps.
    anchor : Anchor, optional
        A measured panel near the target: the model is corrected by what it shows.
    objective : Objective, optional
    dosing : Dosing, optional
    n_results : int

    Returns
    -------
    EffectMatchResult

    Raises
    ------
    NotComparableError
        If target and model are not on one grid and geometry.
    FormulationError
        If a texture is asked for that the training panels do not hold.
    NoRecipeError
        If no recipe keeps constraints and appearance.

    Notes
    -----
    The search works with the set of two constants an angle. What the whole model makes of each recipe found is carried
    into the search as a ratio at every band, and the same colorants are searched again, until the colour settles.
    """
    if n_results < 1:
        raise FormulationError("at least one recipe must be returned")
    goal, kept = objective or Objective(), appearance or Appearance()
    for quantity in kept.texture:
        _refuse_unknown_texture(quantity, model)
    asked = constraints or Constraints(max_colorants=4)
    found = match(
        target, model.search, asked, objective=goal, dosing=dosing, n_results=_SEARCHED_PER_RESULT * n_results
    )
    recipes = [settle(target, model, one.recipe, asked, goal, anchor) for one in found.matches]
    spectra = model.anchored(model.fractions(recipes), anchor)
    distance = deviation(target, spectra, goal)
    flop = _flop_indices(target, spectra, goal)
    predicted = model.predict(recipes, anchor=anchor)
    within = [row for row in range(len(recipes)) if _keeps(predicted[row], None if flop is None else flop[row], kept)]
    if not within:
        raise NoRecipeError(f"{target.name}: none of the {len(recipes)} closest recipes keeps {_words(kept)}")
    order = sorted(within, key=lambda row: float(distance.value[row]))[:n_results]
    named = [replace(recipes[row], name=f"{target.name} {rank}") for rank, row in enumerate(order, start=1)]
    # Slopes are those of the two constants: the correction changes over many times the error of a balance.
    stable = robustness(model.search, named, Variation(dosing or Dosing()), (goal.viewings[0],))
    matches = tuple(
        EffectMatch(
            named[rank],
            predicted[row],
            frozen(distance.delta_E_00[row]),
            float(distance.weighted_delta_E_00[row]),
            None if flop is None else float(flop[row]),
            stable[rank],
        )
        for rank, row in enumerate(order)
    )
    outside = [one.recipe.name for one in matches if one.predicted.outside]
    said = (f"outside what was trained: {', '.join(outside)}",) if outside else ()
    return EffectMatchResult(target, matches, found.combinations_screened, said)


def settle(
    target: Target,
    model: EffectModel,
    recipe: Recipe,
    constraints: Constraints,
    objective: Objective,
    anchor: Anchor | None = None,
) -> Recipe:
    """The same colorants in the amounts that match with the whole model.

    Every round searches for the target over the ratio of the model to the search set at the recipe so far; the best
    of all rounds is kept.
    """
    chosen = replace(
        constraints,
        allowed=tuple(code for code in recipe.colorants if code not in constraints.required),
        max_colorants=max(1, len(recipe.colorants) - len(constraints.required)),
    )
    best, least, before = recipe, np.inf, np.inf
    now = recipe
    for _ in range(_MOST_ROUNDS):
        rows = model.fractions([now])
        value = float(deviation(target, model.anchored(rows, anchor), objective).weighted_delta_E_00[0])
        if value < least:
            best, least = now, value
        if abs(before - value) < _SETTLED:
            break
        before = value
        goal = _carried(target, model, model.correction(rows, anchor)[0])
        now = match(goal, model.search, chosen, objective=objective, n_results=1).matches[0].recipe
    return best


def correct_effect(
    target: Target,
    model: EffectModel,
    sprayed: Anchor,
    constraints: Constraints | None = None,
    *,
    objective: Objective | None = None,
) -> Recipe:
    """The next recipe after a panel was sprayed and measured: same colorants, model times measured over predicted.

    Parameters
    ----------
    target : Target
    model : EffectModel
    sprayed : Anchor
        Recipe and reading of the panel.
    constraints : Constraints, optional
        Dose bounds the new recipe keeps.
    objective : Objective, optional
    """
    asked = constraints or Constraints(max_colorants=len(sprayed.recipe.colorants))
    return settle(target, model, sprayed.recipe, asked, objective or Objective(), sprayed)


def _carried(target: Target, model: EffectModel, ratio: FloatArray) -> Target:
    most = _BELOW_CEILING * model.search.ceilings[:, None]
    return replace(target, reflectance_factor=np.clip(target.reflectance_factor / ratio, LEAST_REFLECTANCE, most))


def _flop_indices(target: Target, spectra: FloatArray, objective: Objective) -> FloatArray | None:
    from colorlab.colorimetry.tristimulus import spectra_to_lab

    angles = target.geometry.aspecular_angles.tolist()
    if not all(angle in angles for angle in FLOP_ANGLES):
        return None
    return flop_index(spectra_to_lab(spectra, target.grid, objective.viewings[0])[..., 0], angles)


def _refuse_unknown_texture(quantity: str, model: EffectModel) -> None:
    if quantity not in model.texture:
        known = ", ".join(model.texture) or "none"
        raise FormulationError(
            f"{model.name} was trained without {quantity} (it knows: {known}); measure it on the training panels first"
        )


def _keeps(predicted: EffectPrediction, flop: float | None, kept: Appearance) -> bool:
    if kept.flop_index is not None:
        if flop is None:
            raise MissingAngleError(FLOP_ANGLES[0], predicted.prediction.geometry.aspecular_angles.tolist())
        if not kept.flop_index[0] <= flop <= kept.flop_index[1]:
            return False
    textures: Sequence[tuple[str, tuple[float, float]]] = tuple(kept.texture.items())
    return all(
        low <= predicted.texture[name].low and predicted.texture[name].high <= high for name, (low, high) in textures
    )


def _words(kept: Appearance) -> str:
    parts = [] if kept.flop_index is None else [f"a flop index of {kept.flop_index[0]:g}…{kept.flop_index[1]:g}"]
    parts += [f"{name} within {low:g}…{high:g}" for name, (low, high) in kept.texture.items()]
    return " and ".join(parts)
