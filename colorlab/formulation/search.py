"""The search for the best recipes: screened twice, refined with the exact model, and their neighbours tried."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from colorlab.formulation.objective import LocalObjective
from colorlab.formulation.palette import Palette
from colorlab.formulation.refine import refine
from colorlab.formulation.screen import Candidates, LinearForm, linearise_at_recipe, linearise_at_target, screen
from spectra.arrays import FloatArray
from spectra.errors import NoRecipeError

Support = tuple[int, ...]

# Steps of the exact model: enough to rank after screening, and to settle what is shown.
_RANKING_STEPS = 4
_FINAL_STEPS = 12
# Best combinations whose neighbours, one colorant more or another, are tried as well.
_NEIGHBOURHOODS = 10
_NEW_SHARE = 0.02


class Search:
    """One search: holds everything refined so far, by combination.

    Parameters
    ----------
    colours : Palette
    local : LocalObjective
    max_colorants : int
        Greatest number of optional colorants in a recipe.
    n_refined : int
        Combinations refined after each screening.

    Attributes
    ----------
    best : dict
        For every combination refined its squared objective and its mass fractions.
    positive : int
        Combinations that kept the dose bounds in a screening.
    """

    def __init__(self, colours: Palette, local: LocalObjective, max_colorants: int, n_refined: int) -> None:
        self.colours, self.local = colours, local
        self.max_colorants, self.n_refined = max_colorants, n_refined
        self.best: dict[Support, tuple[float, FloatArray]] = {}
        self.positive = 0

    @property
    def refined(self) -> int:
        """Number of different combinations refined."""
        return len(self.best)

    def run(self, count: int) -> list[tuple[Support, FloatArray]]:
        """Positions in the palette and mass fractions of the `count` best combinations, settled, best first.

        Raises
        ------
        NoRecipeError
            If no combination keeps the dose bounds.
        """
        self._pass(linearise_at_target(self.colours, self.local))
        if not self.best:
            raise NoRecipeError(
                f"no combination of up to {self.max_colorants} colorants keeps the dose bounds; allow more colorants "
                "or wider doses"
            )
        ((support, fractions),) = self._leaders(1)
        whole = np.zeros(len(self.colours.codes))
        whole[list(support)] = fractions
        self._pass(linearise_at_recipe(self.colours, self.local, whole))
        self._refine(self._neighbours(), _RANKING_STEPS)
        self._refine(self._leaders(count), _FINAL_STEPS)
        return self._leaders(count)

    def _leaders(self, count: int) -> list[tuple[Support, FloatArray]]:
        ranked = sorted(self.best.items(), key=lambda item: item[1][0])
        return [(support, fractions) for support, (_, fractions) in ranked[:count]]

    def _pass(self, form: LinearForm) -> None:
        found = screen(self.colours, form, self.max_colorants)
        self.positive = max(self.positive, sum(len(part.value) for part in found))
        values = np.concatenate([part.value for part in found])
        if values.size == 0:
            return
        last = min(self.n_refined, values.size) - 1
        limit = np.partition(values, last)[last]
        for part in found:
            self._keep(refine(self.colours, self.local, part.take(np.flatnonzero(part.value <= limit)), _RANKING_STEPS))

    def _refine(self, starts: Iterable[tuple[Support, FloatArray]], steps: int) -> None:
        by_size: dict[int, list[tuple[Support, FloatArray]]] = {}
        for support, fractions in starts:
            by_size.setdefault(len(support), []).append((support, fractions))
        for some in by_size.values():
            supports = np.array([support for support, _ in some])
            fractions, possible = within_bounds(self.colours, supports, np.array([part for _, part in some]))
            batch = Candidates(supports, fractions, np.full(len(some), np.inf))
            self._keep(refine(self.colours, self.local, batch.take(np.flatnonzero(possible)), steps))

    def _keep(self, refined: Candidates) -> None:
        supports, values = refined.support.tolist(), refined.value.tolist()
        for support, fractions, value in zip(supports, refined.fractions, values, strict=True):
            key = tuple(support)
            if key not in self.best or value < self.best[key][0]:
                self.best[key] = (value, fractions)

    def _neighbours(self) -> list[tuple[Support, FloatArray]]:
        """Combinations one colorant away from the best that were not refined yet, with somewhere to begin."""
        first, everything = self.colours.n_required, range(len(self.colours.codes))
        starts: dict[Support, FloatArray] = {}
        for support, fractions in self._leaders(_NEIGHBOURHOODS):
            doses = dict(zip(support, fractions.tolist(), strict=True))
            others = [new for new in everything[first:] if new not in doses]
            moves = [(new, old, doses[old]) for new in others for old in support[first:]]
            if len(support) - first < self.max_colorants:
                moves += [(new, -1, _NEW_SHARE) for new in others]
            for new, old, dose in moves:
                key = tuple(sorted({*support, new} - {old}))
                if key not in self.best and key not in starts:
                    starts[key] = np.array([dose if row == new else doses[row] for row in key])
        return list(starts.items())


def within_bounds(
    colours: Palette, supports: NDArray[np.intp], fractions: FloatArray
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Bring fractions to the sum 1 and into their bounds, moving them no further than that takes.

    Parameters
    ----------
    colours : Palette
    supports : ndarray of int, shape (n, size)
    fractions : ndarray, shape (n, size)

    Returns
    -------
    fractions : ndarray, shape (n, size)
    possible : ndarray of bool, shape (n,)
        False where the bounds hold no such point.
    """
    low, high = colours.least[supports], colours.greatest[supports]
    possible = (low.sum(axis=1) <= 1) & (high.sum(axis=1) >= 1)
    part = np.clip(fractions / fractions.sum(axis=1, keepdims=True), low, high)
    gap = 1 - part.sum(axis=1, keepdims=True)
    room = np.where(gap > 0, high - part, part - low)
    total = room.sum(axis=1, keepdims=True)
    return part + gap * room / np.where(total > 0, total, 1.0), possible
