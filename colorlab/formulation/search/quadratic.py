"""The best amounts of many combinations of components at once, in the linearised problem."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from colorlab.formulation.search.combinations import combinations_of, rank_terms
from spectra.arrays import FloatArray

IndexArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

_CHUNK = 4096


@dataclass(frozen=True, slots=True, eq=False)
class LinearForm:
    """The linearised objective cᵀGc/(sᵀc)²: homogeneous in the amounts c, so that their sum needs no constraint.

    Attributes
    ----------
    G : ndarray, shape (n_components, n_components)
    s : ndarray, shape (n_components,)
        Scattering per unit mass, averaged over the bands by how much they matter.
    """

    G: FloatArray
    s: FloatArray


def solve(form: LinearForm, support: IndexArray) -> tuple[list[FloatArray], FloatArray]:
    """Minimise cᵀGc with sᵀc = 1 for every support: amounts, one (n,) a place, and least value (n,).

    By LDLᵀ across the supports.
    """
    count, size = len(form.s), support.shape[1]
    columns = [np.ascontiguousarray(support[:, column]) for column in range(size)]
    scaled = [column * count for column in columns]
    s = [form.s.take(column) for column in columns]
    flat = np.ascontiguousarray(form.G).ravel()
    L: list[list[FloatArray]] = [[] for _ in range(size)]
    LD: list[list[FloatArray]] = [[] for _ in range(size)]  # L times the pivots
    pivots: list[FloatArray] = []
    forward: list[FloatArray] = []
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for i in range(size):
            for j in range(i):
                entry = flat.take(scaled[i] + columns[j])
                for p in range(j):
                    entry -= LD[i][p] * L[j][p]
                LD[i].append(entry)
                L[i].append(entry / pivots[j])
            pivot = flat.take(scaled[i] + columns[i])
            right = s[i].copy()
            for p in range(i):
                pivot -= L[i][p] * LD[i][p]
                right -= L[i][p] * forward[p]
            pivots.append(pivot)
            forward.append(right)
        x: list[FloatArray] = [forward[i] / pivots[i] for i in range(size)]
        for i in range(size - 1, -1, -1):
            for p in range(i + 1, size):
                x[i] -= L[p][i] * x[p]
        value = 1 / sum((part * amount for part, amount in zip(s, x, strict=True)), np.zeros(len(support)))
    return x, value


def positive_combinations(form: LinearForm, size: int) -> NDArray[np.int16]:
    """Combinations of `size` components, two or more, whose best amounts are all positive, shape (n, size), in order.

    Notes
    -----
    Whether a component gets a positive amount beside others is told by the others alone: it does where more of it
    lowers the objective at their own optimum, s_l > (G x)_l. So the optima of the combinations of one component less
    tell the signs of all, and most combinations need no solving.
    """
    count = len(form.s)
    parents = combinations_of(count, size - 1)
    gains = np.empty((len(parents), count), dtype=bool)
    for first in range(0, len(parents), _CHUNK):
        rows = parents[first : first + _CHUNK].astype(np.intp)
        amounts, _ = solve(form, rows)
        whole = np.zeros((len(rows), count))
        for place, amount in enumerate(amounts):
            whole[np.arange(len(rows)), rows[:, place]] = amount
        gains[first : first + _CHUNK] = whole @ form.G < form.s
    parent, last = np.nonzero(gains & (np.arange(count) > parents[:, -1:]))
    columns = [parents[parent, place].astype(np.intp) for place in range(size - 1)] + [last]
    terms = rank_terms(count, size - 1)
    for out in range(size - 1):
        rank = np.full(len(columns[0]), comb(count, size - 1) - 1)
        for place in range(size):
            if place != out:
                rank -= terms[place - (place > out)].take(columns[place])
        kept = np.flatnonzero(gains[rank, columns[out]])
        columns = [column.take(kept) for column in columns]
    return np.stack(columns, axis=1).astype(np.int16)


def solve_face(
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
