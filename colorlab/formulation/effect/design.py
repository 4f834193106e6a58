"""Which effect panels to spray next: the ones a model learns most from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from colorlab.formulation.effect.model import EffectModel
from colorlab.formulation.effect.panels import fractions_of
from spectra.arrays import FloatArray, frozen
from spectra.colorant import Role
from spectra.errors import FormulationError
from spectra.recipe import Recipe, recipe_from_masses

# Mass fraction of the black in the two panels of a flake: its colour and flop, and what hides behind it.
_BLACK_TO_FLAKE = (0.015, 0.10)
# Of a tint over one flake, over another kind of flake and deep over the first.
_TINT_TO_FLAKE = (0.08, 0.40, 0.30)
# A black is an order of magnitude stronger than other tints.
_BLACK_AS_TINT = (0.03, 0.40, 0.20)


def first_panels(roles: Mapping[str, Role]) -> list[Recipe]:
    """The panels to begin with: two of each flake with black, three of each tint over two kinds of flake.

    Parameters
    ----------
    roles : mapping of str to role
        Of every colorant, "effect" for flakes; metals first, then pearls, so that every tint meets both.

    Raises
    ------
    FormulationError
        If there is no flake, or nothing else.
    """
    flakes = [code for code, role in roles.items() if role == "effect"]
    tints = [code for code, role in roles.items() if role not in ("effect", "clear")]
    blacks = [code for code in tints if roles[code] == "black"]
    if not flakes or not tints:
        raise FormulationError(f"{len(flakes)} flakes and {len(tints)} tints: effect panels need at least one of each")
    dark = blacks[0] if blacks else tints[0]
    recipes = [_pair(flake, dark, share) for flake in flakes for share in _BLACK_TO_FLAKE]
    near = flakes[: max(1, len(flakes) // 2)]
    far = flakes[len(near) :] or near
    for place, tint in enumerate(tints):
        one, other = near[place % len(near)], far[place % len(far)]
        shares = _BLACK_AS_TINT if roles[tint] == "black" else _TINT_TO_FLAKE
        recipes += [_pair(flake, tint, share) for flake, share in zip((one, one, other), shares, strict=True)]
    unique = {tuple(zip(recipe.colorants, recipe.mass_fractions.tolist(), strict=True)): recipe for recipe in recipes}
    return list(unique.values())


def next_panels(model: EffectModel, candidates: Sequence[Recipe], count: int) -> tuple[list[Recipe], FloatArray]:
    """The candidates farthest from all panels sprayed, each chosen as if those before it had been sprayed.

    Parameters
    ----------
    model : EffectModel
    candidates : sequence of Recipe
        Such as the recipes of colours that are wanted.
    count : int

    Returns
    -------
    recipes : list of Recipe
        In the order of what they add.
    novelty : ndarray, shape (count,)
        Of each when it was chosen. [0–1]

    Raises
    ------
    FormulationError
        If fewer candidates than panels are given.
    """
    if not 1 <= count <= len(candidates):
        raise FormulationError(f"{count} panels asked for out of {len(candidates)} candidates")
    rows = fractions_of(candidates, model.codes)
    model.fractions(candidates)
    process = model.residuals
    chosen: list[int] = []
    gained: list[float] = []
    for _ in range(count):
        novelty = process.novelty(rows)
        novelty[chosen] = -1.0
        best = int(np.argmax(novelty))
        chosen.append(best)
        gained.append(float(novelty[best]))
        process = process.with_panel(rows[best])
    return [candidates[row] for row in chosen], frozen(gained)


def _pair(flake: str, tint: str, share: float) -> Recipe:
    return recipe_from_masses(f"{flake} + {100 * share:g} % {tint}", {flake: 1 - share, tint: share})
