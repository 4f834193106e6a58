"""Screening of every combination of colorants by the exact solution of its linearised problem."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from colorlab.formulation.search.combinations import combinations_of
from colorlab.formulation.search.objective import LocalObjective
from colorlab.formulation.search.palette import Palette
from colorlab.formulation.search.quadratic import IndexArray, LinearForm, positive_combinations, solve, solve_face
from spectra.arrays import FloatArray
from spectra.optics.interface import internal_reflectance, measured_slope

# Reflectance inside the film at which the model is linearised: a target beyond what paint can do is taken at its edge.
_INTERNAL_LIMITS = (2e-4, 1 - 1e-6)
# Share of the mean weight given to every band, so that one illuminant alone does not leave the form singular.
_TIE_BREAK = 1e-2
_RIDGE = 1e-10
_CHUNK = 4096
# Combinations of fewer components are solved as quickly as their signs are told.
_SIGN_TEST_FROM = 3
# A limit counts as used up when no more than this is left of it, as a share of its largest contribution.
_ACTIVE = 1e-4
# What breaking a limit by its largest contribution costs. [ΔE]
EXCESS_WEIGHT = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Recipes of one size.

    Attributes
    ----------
    support : ndarray of int, shape (n, size)
        Positions in the palette, rising.
    fractions : ndarray, shape (n, size)
        Mass fractions.
    value : ndarray, shape (n,)
        Squared objective, by the linearised or the exact model.
    """

    support: IndexArray
    fractions: FloatArray
    value: FloatArray

    def take(self, rows: NDArray[np.generic]) -> Candidates:
        """Some of the rows."""
        return Candidates(self.support[rows], self.fractions[rows], self.value[rows])


def linearise_at_target(palette: Palette, objective: LocalObjective) -> LinearForm:
    """The form around the target's own K/S: a mixture misses it by ρ′(K − Q S)/S, linear but for the average of S."""
    inside = np.clip(internal_reflectance(objective.target / palette.ceiling, palette.surface), *_INTERNAL_LIMITS)
    Q = palette.link.ratio(inside)
    T = objective.linear_map(objective.target)
    P = T.T @ T + objective.spectral * np.eye(Q.size)
    P += _TIE_BREAK * np.trace(P) / Q.size * np.eye(Q.size)
    A = (palette.absorption - Q * palette.scattering) * _slope(inside, Q, palette)
    importance = np.sqrt(np.diag(P))
    s = palette.scattering @ importance / importance.sum()
    return LinearForm(A @ P @ A.T + _price_form(palette, objective), s)


def linearise_at_recipe(palette: Palette, objective: LocalObjective, fractions: FloatArray) -> LinearForm:
    """The form around a recipe, shape (n_components,): repairs the first one where the target is out of reach.

    Sums that the recipe uses up to their limit are held there.
    """
    K, S, by_amount = palette.mixed(fractions)
    # Without any absorption the slope would be infinite: taken at the edge, as a target is.
    Q = np.maximum(K / S, palette.link.ratio(np.array(_INTERNAL_LIMITS[1])))
    inside = palette.link.reflectivity(Q, 1.0)
    R = palette.reflectance_factor(inside)
    T = objective.linear_map(R)
    diagonal = np.sum(T * T, axis=0) + objective.spectral
    tie_break = _TIE_BREAK * diagonal.sum() / Q.size
    importance = np.sqrt(diagonal + tie_break)
    share = by_amount / S
    s = share @ importance / importance.sum()
    A = (palette.absorption / S - Q * share) * _slope(inside, Q, palette)
    limits = palette.limits
    full = fractions @ limits.A.T > limits.b - _ACTIVE
    # The residual at the recipe is made homogeneous too, by the same average of S.
    Z = np.concatenate(
        [
            A @ T.T + s[:, None] * objective.residuals(R),
            np.sqrt(objective.spectral) * (A + s[:, None] * (R - objective.target)),
            np.sqrt(tie_break) * A,
            EXCESS_WEIGHT * (limits.A[full] - limits.b[full, None]).T,
        ],
        axis=1,
    )
    return LinearForm(Z @ Z.T + _price_form(palette, objective), s)


def _slope(inside: FloatArray, Q: FloatArray, palette: Palette) -> FloatArray:
    """Derivative of the measured reflectance factor with respect to K/S."""
    slope: FloatArray = -palette.ceiling * measured_slope(inside, palette.surface) * palette.link.fall(Q, 1.0)
    return slope


def _price_form(palette: Palette, objective: LocalObjective) -> FloatArray | float:
    """Square of the weighted price, of amounts whose sum is about one."""
    if not objective.price:
        return 0.0
    price = objective.price * palette.prices
    form: FloatArray = np.outer(price, price)
    return form


def count_combinations(palette: Palette, max_colorants: int) -> int:
    """How many combinations of up to `max_colorants` optional components there are, besides the required ones.

    Those that hold incompatible colorants, or clears alone, are counted as well.
    """
    sizes = range(0 if palette.n_required else 1, max_colorants + 1)
    return sum(comb(palette.n_optional, size) for size in sizes)


def screen(palette: Palette, form: LinearForm, max_colorants: int) -> list[Candidates]:
    """The best amounts of every combination in the linearised problem, one batch a size.

    A combination whose optimum wants a negative amount of an optional component is left out: it is not better than the
    combination without that component, which is in the list as well. Bounds of the doses are kept.
    """
    mean = np.trace(form.G) / len(form.G)
    # A form of zeros, where every component alone is the target, has no scale of its own.
    G = form.G + _RIDGE * (mean if mean > 0 else 1.0) * np.eye(len(form.G))
    regular = LinearForm(G, form.s)
    found = []
    for size in range(0 if palette.n_required else 1, min(max_colorants, palette.n_optional) + 1):
        kept = [_screen_chunk(palette, regular, rows) for rows in _worth_solving(palette, regular, size)]
        found.append(join(kept))
    return found


def join(parts: list[Candidates]) -> Candidates:
    """Candidates of one size in one batch."""
    return Candidates(
        np.concatenate([part.support for part in parts]),
        np.concatenate([part.fractions for part in parts]),
        np.concatenate([part.value for part in parts]),
    )


def _worth_solving(palette: Palette, form: LinearForm, size: int) -> Iterator[NDArray[np.int16]]:
    """Combinations of optional components in chunks, without those whose sign alone tells that they need no solving."""
    only_signs = palette.n_required == 0 and (palette.greatest >= 1).all()
    if only_signs and size >= _SIGN_TEST_FROM:
        rows = positive_combinations(form, size)
    else:
        rows = combinations_of(palette.n_optional, size)
    allowed = palette.allowed(rows)
    rows = rows if allowed.all() else rows[allowed]
    for first in range(0, max(len(rows), 1), _CHUNK):
        yield rows[first : first + _CHUNK]


def _screen_chunk(palette: Palette, form: LinearForm, optional: NDArray[np.int16]) -> Candidates:
    n_required = palette.n_required
    support = np.empty((len(optional), n_required + optional.shape[1]), dtype=np.intp)
    support[:, :n_required] = np.arange(n_required)
    support[:, n_required:] = optional
    support[:, n_required:] += n_required
    amounts, value = solve(form, support)
    total = np.sum(amounts, axis=0)
    sound = (value > 0) & np.isfinite(value) & (total > 0)
    scale = 1 / np.where(sound, total, 1.0)
    within, unwanted = sound.copy(), np.zeros(len(support), dtype=bool)
    freed = np.zeros(len(support), dtype=bool)  # held back by a bound other than "not negative"
    fractions = np.empty(support.shape)
    for place, amount in enumerate(amounts):
        fractions[:, place] = part = amount * scale
        low, high = palette.least[support[:, place]], palette.greatest[support[:, place]]
        short, over = part < low, part > high
        within &= ~(short | over)
        freed |= over & (high < 1)
        if place < n_required:
            freed |= short
        else:
            unwanted |= amount <= 0
    inside = np.flatnonzero(within)
    kept = Candidates(support[inside], fractions[inside], value[inside])
    # A combination is worth solving again where a bound other than "not negative" stands in its way: a required
    # component too short, any above a cap, or an optional one between nothing and its least dose.
    again = np.flatnonzero(~within & (~unwanted | freed))
    if again.size == 0:
        return kept
    return join([kept, _solve_bounded(palette, form, support[again])])


def _solve_bounded(palette: Palette, form: LinearForm, support: IndexArray) -> Candidates:
    """Solve again, putting the amount that breaks its bound most at that bound, until none does.

    Amounts put at a bound are not let go again: good enough to choose what is refined, where bounds are kept exactly.
    """
    count, size = support.shape
    low, high = palette.least[support], palette.greatest[support]
    G, s = form.G[support[:, :, None], support[:, None, :]], form.s[support]
    required = np.broadcast_to(np.arange(size) < palette.n_required, (count, size))
    fixed = np.zeros((count, size), dtype=bool)
    bound = np.zeros((count, size))
    fractions, value = np.zeros((count, size)), np.full(count, np.inf)
    done = np.zeros(count, dtype=bool)
    alive = np.ones(count, dtype=bool)
    for _ in range(size + 1):
        todo = np.flatnonzero(alive & ~done)
        if todo.size == 0:
            break
        part, worth, sound = solve_face(G[todo], s[todo], fixed[todo], bound[todo])
        alive[todo[~sound]] = False
        short = low[todo] - part
        # An optional colorant below zero may yet come back when another one is held at its bound; one that is left
        # below zero at the end makes the combination worthless.
        below = np.where(required[todo] | (part > 0), short, 0.0)
        over = part - high[todo]
        breach = np.where(fixed[todo], 0.0, np.maximum(below, over))
        worst = np.argmax(breach, axis=1)
        amount = breach[np.arange(todo.size), worst]
        settled = sound & (amount <= 1e-12)
        done[todo[settled]] = True
        good = settled & ((part >= low[todo] - 1e-12) & (part <= high[todo] + 1e-12)).all(axis=1)
        alive[todo[settled & ~good]] = False
        fractions[todo[good]], value[todo[good]] = part[good], worth[good]
        broken = np.flatnonzero(sound & ~settled)
        rows, places = todo[broken], worst[broken]
        fixed[rows, places] = True
        too_much = over[broken, places] > 0
        bound[rows, places] = np.where(too_much, high[rows, places], low[rows, places])
    kept = np.flatnonzero(alive & done & np.isfinite(value))
    return Candidates(support[kept], fractions[kept], value[kept])
