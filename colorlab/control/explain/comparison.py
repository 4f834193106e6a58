"""Explanations of one to four causes, compared by their evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, exp, log

import numpy as np

from colorlab.control.explain.causes import Cause
from colorlab.control.explain.evidence import Difference, Fit, fit, sensitivities, upper_tail
from spectra.arrays import FloatArray

# Explanations whose likelihoods are nearer than this ratio are not told apart by the measurement; 20 to 1 is 95 %. [1]
DECISIVE = 20.0
# A residual that chance leaves less often than this has a cause nobody considered. [1]
UNEXPLAINED = 0.01
# Causes whose spectra, in units of the uncertainty, point this nearly the same way act alike. [cosine]
ALIKE = 0.98


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Every explanation that was tried, most probable first.

    Attributes
    ----------
    fits : tuple of Fit
    probabilities : ndarray, shape (n_fits,)
        Posterior, among those tried.
    """

    fits: tuple[Fit, ...]
    probabilities: FloatArray

    @property
    def best(self) -> Fit:
        """The most probable one."""
        return self.fits[0]

    @property
    def singles(self) -> tuple[Fit, ...]:
        """Each cause alone, most probable first."""
        return tuple(one for one in self.fits if len(one.causes) == 1)

    def with_causes(self) -> Comparison:
        """Without the explanation by nothing at all, where there is another."""
        kept = [index for index, one in enumerate(self.fits) if one.causes]
        if not kept:
            return self
        weights = self.probabilities[kept]
        return Comparison(tuple(self.fits[index] for index in kept), weights / weights.sum())

    def probability_of(self, cause: Cause) -> float:
        """That this cause is at work, whatever else is."""
        held = (p for one, p in zip(self.fits, self.probabilities, strict=True) if cause in one.causes)
        return float(sum(held))

    def odds(self, first: Fit, second: Fit) -> float:
        """How many times more probable one explanation is than another, both of those tried."""
        places = {id(one): place for place, one in enumerate(self.fits)}
        one, other = (self.probabilities[places[id(fit)]] for fit in (first, second))
        return float(one / max(other, 1e-300))

    def rivals(self, limit: float = DECISIVE) -> tuple[Fit, ...]:
        """Explanations of as many causes as the best whose likelihood is not `limit` times smaller."""
        return tuple(
            one
            for one in self.fits[1:]
            if len(one.causes) == len(self.best.causes) and one.chi_square - self.best.chi_square < 2 * log(limit)
        )


def compare(difference: Difference, causes: Sequence[Cause]) -> Comparison:
    """Nothing, every cause, every pair and all amounts; from the best one cause more or less, until none helps."""
    fits = [fit(difference, ())]
    fits += [fit(difference, (cause,)) for cause in causes]
    fits += [fit(difference, pair) for pair in combinations(causes, 2)]
    amounts = tuple(cause for cause in causes if cause.kind == "amount")
    if len(amounts) > 2:
        # Lots change together more often than any three causes that somebody would pick.
        fits.append(fit(difference, amounts))
    return _searched(difference, fits, causes, len(causes))


def compare_foreign(difference: Difference, causes: Sequence[Cause], known: Fit) -> Comparison:
    """Each colorant beyond the recipe, alone, with one amount or beside what was found; then on as `compare`."""
    recipe = set(difference.model.recipe.colorants)
    codes = [code for code in difference.model.colorant_set.codes if code not in recipe]
    together = dict.fromkeys([(), *((cause,) for cause in causes if cause.kind == "amount"), known.causes])
    fits = [fit(difference, (Cause("foreign", code), *others)) for code in codes for others in together]
    return _searched(difference, [*fits, known], causes, len(causes) + len(codes))


def _searched(difference: Difference, fits: list[Fit], causes: Sequence[Cause], n_causes: int) -> Comparison:
    """Explanations around the most probable one, until it has no better neighbour; a foreign colorant stays in it."""
    most = len(difference.assumptions.odds) - 1
    tried = {frozenset(one.causes) for one in fits}
    while True:
        ranked = _ranked(difference, fits, n_causes)
        best = ranked.best.causes
        more = [(*best, cause) for cause in causes if cause not in best] if len(best) < most else []
        fewer = [tuple(one for one in best if one is not cause) for cause in best if cause.kind != "foreign"]
        new = {frozenset(one): one for one in (*more, *fewer) if frozenset(one) not in tried}
        if not new:
            return ranked
        tried |= set(new)
        fits += [fit(difference, one) for one in new.values()]


def _ranked(difference: Difference, fits: Sequence[Fit], n_causes: int) -> Comparison:
    odds, rarer = difference.assumptions.odds, log(difference.assumptions.dispersion_odds)
    log_odds = np.array(
        [
            one.log_evidence
            + log(odds[min(len(one.causes), len(odds) - 1)])
            - log(comb(n_causes, len(one.causes)))
            + rarer * sum(cause.kind == "dispersion" for cause in one.causes)
            for one in fits
        ]
    )
    order = np.argsort(-log_odds, kind="stable")
    weights = np.exp(log_odds[order] - log_odds[order[0]])
    return Comparison(tuple(fits[index] for index in order), weights / weights.sum())


def is_residual_chance(difference: Difference, one: Fit) -> bool:
    """Whether what an explanation leaves may be noise."""
    return upper_tail(one.chi_square, difference.freedom) >= UNEXPLAINED


def visible(difference: Difference, causes: Sequence[Cause]) -> dict[Cause, float]:
    """Smallest effect of each cause that the measurement would show in 95 of 100 cases it does not exist, relative.

    Causes that need more than a factor of 2 are not seen on this paint, and get infinity.
    """
    found = {}
    for cause in causes:
        slope = float(np.linalg.norm(sensitivities(difference, (cause,), np.zeros(1))[1]))
        least = 1.96 / slope if slope > 0 else np.inf
        found[cause] = exp(least) - 1 if least < log(2) else np.inf
    return found


def alike(difference: Difference, causes: Sequence[Cause]) -> tuple[tuple[Cause, ...], ...]:
    """Groups of causes that move the spectrum alike, whatever their size: each with at least two."""
    if not causes:
        return ()
    _, slopes = sensitivities(difference, tuple(causes), np.zeros(len(causes)))
    length = np.linalg.norm(slopes, axis=0)
    unit = slopes / np.where(length > 0, length, 1.0)
    near = np.abs(unit.T @ unit) >= ALIKE
    groups: list[tuple[Cause, ...]] = []
    taken: set[int] = set()
    for first in range(len(causes)):
        group, frontier = {first}, [first]
        while frontier:
            here = frontier.pop()
            new = {int(other) for other in np.flatnonzero(near[here])} - group
            group |= new
            frontier += new
        if first not in taken and len(group) > 1:
            groups.append(tuple(causes[index] for index in sorted(group)))
        taken |= group
    return tuple(groups)
