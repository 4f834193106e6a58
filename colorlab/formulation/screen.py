"""Screening of every combination of colorants by the exact solution of its linearised problem."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from colorlab.formulation.objective import LocalObjective
from colorlab.formulation.palette import Palette
from spectra.arrays import FloatArray
from spectra.optics.interface import internal_reflectance, measured_reflectance, measured_slope
from spectra.optics.kubelka_munk import absorption_over_scattering

IndexArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

# Reflectance inside the film at which the model is linearised: a target beyond what paint can do is taken at its edge.
_INTERNAL_LIMITS = (2e-4, 1 - 1e-6)
# Share of the mean weight given to every band, so that one illuminant alone does not leave the form singular.
_TIE_BREAK = 1e-2
_RIDGE = 1e-10
_CHUNK = 8192


@dataclass(frozen=True, slots=True, eq=False)
class LinearForm:
    """The linearised objective cᵀGc/(sᵀc)²: homogeneous in the amounts c, so that their sum needs no constraint.

    Attributes
    ----------
    G : ndarray, shape (n_colorants, n_colorants)
    s : ndarray, shape (n_colorants,)
        Scattering per unit mass, averaged over the bands by how much they matter.
    """

    G: FloatArray
    s: FloatArray


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
    inside = np.clip(internal_reflectance(objective.target, palette.surface), *_INTERNAL_LIMITS)
    Q = absorption_over_scattering(inside)
    T = objective.linear_map(objective.target)
    P = T.T @ T + objective.spectral * np.eye(Q.size)
    P += _TIE_BREAK * np.trace(P) / Q.size * np.eye(Q.size)
    A = (palette.absorption - Q * palette.scattering) * _slope(inside, Q, palette)
    importance = np.sqrt(np.diag(P))
    return LinearForm(A @ P @ A.T, palette.scattering @ importance / importance.sum())


def linearise_at_recipe(palette: Palette, objective: LocalObjective, fractions: FloatArray) -> LinearForm:
    """The form around a recipe, shape (n_colorants,): repairs the first one where the target is out of reach."""
    K, S = fractions @ palette.absorption, fractions @ palette.scattering
    inside = S / (K + S + np.sqrt(K * (K + 2 * S)))
    # Without any absorption the slope would be infinite: taken at the edge, as a target is.
    Q = np.maximum(K / S, absorption_over_scattering(_INTERNAL_LIMITS[1]))
    R = measured_reflectance(inside, palette.surface)
    T = objective.linear_map(R)
    diagonal = np.sum(T * T, axis=0) + objective.spectral
    tie_break = _TIE_BREAK * diagonal.sum() / Q.size
    importance = np.sqrt(diagonal + tie_break)
    share = palette.scattering / S
    s = share @ importance / importance.sum()
    A = (palette.absorption / S - Q * share) * _slope(inside, Q, palette)
    # The residual at the recipe is made homogeneous too, by the same average of S.
    Z = np.concatenate(
        [
            A @ T.T + s[:, None] * objective.residuals(R),
            np.sqrt(objective.spectral) * (A + s[:, None] * (R - objective.target)),
            np.sqrt(tie_break) * A,
        ],
        axis=1,
    )
    return LinearForm(Z @ Z.T, s)


def _slope(inside: FloatArray, Q: FloatArray, palette: Palette) -> FloatArray:
    """Derivative of the measured reflectance factor with respect to K/S."""
    slope: FloatArray = -measured_slope(inside, palette.surface) * inside / np.sqrt(Q * (Q + 2))
    return slope


def count_combinations(palette: Palette, max_colorants: int) -> int:
    """How many combinations of up to `max_colorants` optional colorants there are, besides the required ones."""
    sizes = range(0 if palette.n_required else 1, max_colorants + 1)
    return sum(comb(palette.n_optional, size) for size in sizes)


def screen(palette: Palette, form: LinearForm, max_colorants: int) -> list[Candidates]:
    """The best amounts of every combination in the linearised problem, one batch a size.

    A combination whose optimum wants a negative amount of an optional colorant is left out: it is not better than the
    combination without that colorant, which is in the list as well. Bounds of the doses are kept.
    """
    mean = np.trace(form.G) / len(form.G)
    # A form of zeros, where every colorant alone is the target, has no scale of its own.
    G = form.G + _RIDGE * (mean if mean > 0 else 1.0) * np.eye(len(form.G))
    found = []
    for size in range(0 if palette.n_required else 1, min(max_colorants, palette.n_optional) + 1):
        rows = _combinations(palette.n_optional, size)
        kept = [
            _screen_chunk(palette, LinearForm(G, form.s), rows[first : first + _CHUNK])
            for first in range(0, len(rows), _CHUNK)
        ]
        found.append(join(kept))
    return found


def join(parts: list[Candidates]) -> Candidates:
    """Candidates of one size in one batch."""
    return Candidates(
        np.concatenate([part.support for part in parts]),
        np.concatenate([part.fractions for part in parts]),
        np.concatenate([part.value for part in parts]),
    )


@lru_cache(maxsize=32)
def _combinations(count: int, size: int) -> NDArray[np.int16]:
    flat = np.fromiter(
        chain.from_iterable(combinations(range(count), size)), dtype=np.int16, count=comb(count, size) * size
    )
    rows = flat.reshape(comb(count, size), size)
    rows.setflags(write=False)
    return rows


def _screen_chunk(palette: Palette, form: LinearForm, optional: NDArray[np.int16]) -> Candidates:
    required = np.broadcast_to(np.arange(palette.n_required), (len(optional), palette.n_required))
    support = np.concatenate([required, optional.astype(np.intp) + palette.n_required], axis=1)
    amounts, value = _solve(form, support)
    total = amounts.sum(axis=1)
    sound = (value > 0) & np.isfinite(value) & (total > 0)
    fractions = amounts / np.where(sound, total, 1.0)[:, None]
    low, high = palette.least[support], palette.greatest[support]
    within = sound & ((fractions >= low) & (fractions <= high)).all(axis=1)
    inside = Candidates(support, fractions, value).take(np.flatnonzero(within))
    # A combination is worth solving again where a bound other than "not negative" stands in its way: a required
    # colorant too short, any colorant above a cap, or an optional one between nothing and its least dose.
    unwanted = (amounts[:, palette.n_required :] <= 0).any(axis=1)
    forced = (fractions < low)[:, : palette.n_required].any(axis=1)
    capped = ((fractions > high) & (high < 1)).any(axis=1)
    again = np.flatnonzero(~within & (~unwanted | forced | capped))
    if again.size == 0:
        return inside
    return join([inside, _solve_bounded(palette, form, support[again])])


def _solve(form: LinearForm, support: IndexArray) -> tuple[FloatArray, FloatArray]:
    """Minimise cᵀGc with sᵀc = 1 for every support: amounts (n, size) and least value (n,), by LDLᵀ across supports."""
    size = support.shape[1]
    columns = [support[:, column] for column in range(size)]
    s = [form.s[column] for column in columns]
    L: list[list[FloatArray]] = [[] for _ in range(size)]
    pivots: list[FloatArray] = []
    forward: list[FloatArray] = []
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for i in range(size):
            for j in range(i):
                entry = form.G[columns[i], columns[j]]
                for p in range(j):
                    entry = entry - L[i][p] * L[j][p] * pivots[p]
                L[i].append(entry / pivots[j])
            pivot = form.G[columns[i], columns[i]]
            right = s[i]
            for p in range(i):
                pivot = pivot - L[i][p] ** 2 * pivots[p]
                right = right - L[i][p] * forward[p]
            pivots.append(pivot)
            forward.append(right)
        solution: list[FloatArray] = [forward[i] / pivots[i] for i in range(size)]
        for i in range(size - 1, -1, -1):
            for p in range(i + 1, size):
                solution[i] = solution[i] - L[p][i] * solution[p]
        x = np.stack(solution, axis=1)
        value = 1 / np.sum(np.stack(s, axis=1) * x, axis=1)
    return x, value


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
        part, worth, sound = _solve_face(G[todo], s[todo], fixed[todo], bound[todo])
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


def _solve_face(
    G: FloatArray, s: FloatArray, fixed: BoolArray, bound: FloatArray
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Best fractions (n, size) with some of them held, their value (n,), and which problems have a solution."""
    rest = 1 - bound.sum(axis=1)
    free = ~fixed
    sound = (rest > 1e-12) & free.any(axis=1)
    share = bound / np.where(sound, rest, 1.0)[:, None]
    # Every unit of a free colorant brings its share of the held ones along, so that their fractions stay.
    E = (np.eye(s.shape[1]) + share[:, :, None]) * free[:, None, :]
    reduced = np.swapaxes(E, 1, 2) @ G @ E
    diagonal = np.arange(s.shape[1])
    reduced[:, diagonal, diagonal] += np.where(fixed, np.trace(G, axis1=1, axis2=2)[:, None] + 1.0, 0.0)
    weight = (np.swapaxes(E, 1, 2) @ s[:, :, None])[..., 0]
    x = np.linalg.solve(reduced, weight[..., None])[..., 0] * free
    total, scale = x.sum(axis=1), np.sum(weight * x, axis=1)
    sound &= (total > 0) & (scale > 0)
    fractions = x * (rest / np.where(sound, total, 1.0))[:, None] + bound
    return fractions, 1 / np.where(sound, scale, 1.0), sound
