"""The search for the best recipes: screened twice, refined with the exact model, and their neighbours tried."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from colorlab.formulation.search.constraints import contradiction
from colorlab.formulation.search.feasible import nearest_within
from colorlab.formulation.search.objective import LocalObjective
from colorlab.formulation.search.palette import Palette
from colorlab.formulation.search.quadratic import LinearForm
from colorlab.formulation.search.refine import refine
from colorlab.formulation.search.screen import Candidates, linearise_at_recipe, linearise_at_target, screen
from colorlab.formulation.search.settle import settle
from spectra.arrays import FloatArray
from spectra.errors import NoRecipeError

Support = tuple[int, ...]

# Steps of the exact model: to tell which combinations are worth more, to rank those, and to settle what is shown.
_FIRST_STEPS = 1
_RANKING_STEPS = 3
_FINAL_STEPS = 8
# Share of the combinations refined that is ranked.
_WORTH_RANKING = 0.25
# Best combinations whose neighbours, one component more or another, are tried as well.
_NEIGHBOURHOODS = 10
_NEW_SHARE = 0.02


class Search:
    """One search: holds the best of everything refined so far, by combination.

    Parameters
    ----------
    colours : Palette
    local : LocalObjective
    max_colorants : int
        Greatest number of optional components in a recipe.
    n_refined : int
        Combinations refined after each screening.

    Attributes
    ----------
    best : dict
        For every combination ranked its squared objective and its mass fractions.
    positive : int
        Combinations that kept the dose bounds in a screening.
    tried : set of tuple of int
        Combinations refined.
    """

    def __init__(self, colours: Palette, local: LocalObjective, max_colorants: int, n_refined: int) -> None:
        self.colours, self.local = colours, local
        self.max_colorants, self.n_refined = max_colorants, n_refined
        self.best: dict[Support, tuple[float, FloatArray]] = {}
        self.tried: set[Support] = set()
        self.positive = 0

    @property
    def refined(self) -> int:
        """Number of different combinations refined."""
        return len(self.tried)

    def run(self, count: int) -> list[tuple[Support, FloatArray]]:
        """Positions in the palette and mass fractions of the `count` best combinations, settled, best first.

        Raises
        ------
        NoRecipeError
            If no combination keeps the dose bounds.
        """
        self._pass(linearise_at_target(self.colours, self.local))
        if not self.best:
            nearest = nearest_within(self.colours, self.max_colorants, np.zeros(len(self.colours.codes)))
            if nearest is None:
                raise NoRecipeError(self._why_none())
            self._rank(self._batches([nearest]))
        ((support, fractions),) = self._leaders(1)
        whole = np.zeros(len(self.colours.codes))
        whole[list(support)] = fractions
        self._pass(linearise_at_recipe(self.colours, self.local, whole))
        self._rank(self._batches(self._neighbours()))
        leaders = self._leaders(count)
        # From elsewhere as well: the exact objective of a combination may have more than one valley.
        evened = [(support, np.sqrt(fractions)) for support, fractions in leaders]
        for batch in refine(self.colours, self.local, self._batches([*leaders, *evened]), _FINAL_STEPS):
            self._keep(batch)
        return self._within_limits(count) if self.colours.limits.names else self._leaders(count)

    def _within_limits(self, count: int) -> list[tuple[Support, FloatArray]]:
        """The leaders settled exactly, those that no doses bring within the limits left out."""
        settled = self._settled(self._leaders(count))
        if not settled:
            settled = self._settled(self._brought_within(self._leaders(_NEIGHBOURHOODS)))
        if not settled:
            raise NoRecipeError(self._why_none())
        return [(support, fractions) for _, support, fractions in sorted(settled, key=lambda one: one[0])]

    def _settled(self, starts: Iterable[tuple[Support, FloatArray]]) -> list[tuple[float, Support, FloatArray]]:
        settled = []
        for support, fractions in starts:
            found = settle(self.colours, self.local, support, fractions)
            if found is not None:
                settled.append((found[0], support, found[1]))
        return settled

    def _brought_within(self, leaders: Iterable[tuple[Support, FloatArray]]) -> list[tuple[Support, FloatArray]]:
        """Combinations that keep the limits, nearest to leaders that do not."""
        found: dict[Support, FloatArray] = {}
        for support, fractions in leaders:
            wanted = np.zeros(len(self.colours.codes))
            wanted[list(support)] = fractions
            nearest = nearest_within(self.colours, self.max_colorants, wanted)
            if nearest is None:
                break
            found.setdefault(*nearest)
        return list(found.items())

    def _why_none(self) -> str:
        colours = self.colours
        told = contradiction(colours.limits, colours.least, colours.greatest, colours.n_required, colours.codes)
        if told:
            return f"these constraints contradict each other, whatever else is chosen: {'; '.join(told)}"
        limits = f" and {', '.join(colours.limits.names)}" if colours.limits.names else ""
        return (
            f"no combination of up to {self.max_colorants} colorants keeps the dose bounds{limits}; allow more "
            "colorants or wider doses"
        )

    def _leaders(self, count: int) -> list[tuple[Support, FloatArray]]:
        ranked = sorted(self.best.items(), key=lambda item: item[1][0])
        return [(support, fractions) for support, (_, fractions) in ranked[:count]]

    def _pass(self, form: LinearForm) -> None:
        found = screen(self.colours, form, self.max_colorants)
        self.positive = max(self.positive, sum(len(part.value) for part in found))
        starts = _best(found, self.n_refined)
        if self.colours.limits.names:
            # Those that keep the limits as they are, even where others come nearer without.
            kept = [part.take(np.flatnonzero(~self._breaks_limits(part))) for part in found]
            starts += _best([part for part in kept if len(part.value)], self.n_refined // 2)
        self._rank(starts)

    def _breaks_limits(self, part: Candidates) -> NDArray[np.bool_]:
        limits = self.colours.limits
        sums = np.einsum("rnk,nk->nr", limits.A[:, part.support], part.fractions)
        broken: NDArray[np.bool_] = (sums > limits.b).any(axis=1)
        return broken

    def _rank(self, starts: list[Candidates]) -> None:
        """Refine all a little, and the better part of them on."""
        for part in starts:
            self.tried.update(map(tuple, part.support.tolist()))
        begun = refine(self.colours, self.local, starts, _FIRST_STEPS, single=True)
        wanted = max(_NEIGHBOURHOODS, round(_WORTH_RANKING * sum(len(part.value) for part in begun)))
        for part in refine(self.colours, self.local, _best(begun, wanted), _RANKING_STEPS, single=True):
            self._keep(part)

    def _batches(self, starts: Iterable[tuple[Support, FloatArray]]) -> list[Candidates]:
        """Recipes by their size, brought within their bounds."""
        by_size: dict[int, list[tuple[Support, FloatArray]]] = {}
        for support, fractions in starts:
            by_size.setdefault(len(support), []).append((support, fractions))
        batches = []
        for some in by_size.values():
            supports = np.array([support for support, _ in some])
            fractions, possible = within_bounds(self.colours, supports, np.array([part for _, part in some]))
            batch = Candidates(supports, fractions, np.full(len(some), np.inf))
            batches.append(batch.take(np.flatnonzero(possible)))
        return batches

    def _keep(self, refined: Candidates) -> None:
        supports, values = refined.support.tolist(), refined.value.tolist()
        for support, fractions, value in zip(supports, refined.fractions, values, strict=True):
            key = tuple(support)
            if key not in self.best or value < self.best[key][0]:
                self.best[key] = (value, fractions)

    def _neighbours(self) -> list[tuple[Support, FloatArray]]:
        """Combinations one component away from the best that were not refined yet, with somewhere to begin."""
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
                if key in self.tried or key in starts:
                    continue
                starts[key] = np.array([dose if row == new else doses[row] for row in key])
        by_size: dict[int, list[Support]] = {}
        for key in starts:
            by_size.setdefault(len(key), []).append(key)
        allowed = [
            key
            for keys in by_size.values()
            for key, fine in zip(keys, self.colours.allowed(np.array(keys)[:, first:] - first), strict=True)
            if fine
        ]
        return [(key, starts[key]) for key in allowed]


def _best(parts: list[Candidates], count: int) -> list[Candidates]:
    """The `count` candidates of least value."""
    values = np.concatenate([part.value for part in parts]) if parts else np.empty(0)
    if values.size == 0:
        return []
    last = min(count, values.size) - 1
    limit = np.partition(values, last)[last]
    chosen = [part.take(np.flatnonzero(part.value <= limit)) for part in parts]
    return [part for part in chosen if len(part.value)]


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
