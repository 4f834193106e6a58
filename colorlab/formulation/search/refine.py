"""Refinement of many recipes side by side with the exact paint model, within their dose bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from colorlab.formulation.search.objective import LocalObjective, cube_root
from colorlab.formulation.search.palette import Palette
from colorlab.formulation.search.quadratic import IndexArray
from colorlab.formulation.search.screen import EXCESS_WEIGHT, Candidates
from spectra.arrays import FloatArray

_CHUNK = 1024  # recipes whose spectra stay in the processor's cache together
_FIRST_DAMPING = 1e-3
# Steps after which the largest fraction is found anew: one that has shrunk to its bound would hold the others there.
_PIVOT_KEPT = 4
# Keeps what is infinite without absorption finite where it is multiplied by that absorption.
_TINY = 1e-12


def refine(
    palette: Palette, objective: LocalObjective, starts: Sequence[Candidates], steps: int, *, single: bool = False
) -> list[Candidates]:
    """Lower the objective of every candidate by projected Levenberg–Marquardt steps.

    Parameters
    ----------
    palette : Palette
    objective : LocalObjective
    starts : sequence of Candidates
        Of any sizes. Fractions within the palette's bounds.
    steps : int
        Steps for every candidate; a step that does not lower the objective is not taken.
    single : bool
        Compute the spectra in single precision: enough to rank, not to settle.

    Returns
    -------
    list of Candidates
        With the objective of the exact paint model, the formula by its local metric; breaking a limit of a sum costs
        as much as `colorlab.formulation.search.screen.EXCESS_WEIGHT` says.

    References
    ----------
    .. [1] D. P. Bertsekas, "Projected Newton methods for optimization problems with simple constraints",
       SIAM J. Control Optim. 20 (1982) 221–246.
    """
    if not starts:
        return []
    model = Model(palette, objective, single=single)
    # All sizes side by side: the shorter ones are filled up with nothing, of which there is none.
    sizes, counts = [part.support.shape[1] for part in starts], [len(part.value) for part in starts]
    support = np.full((sum(counts), max(sizes)), model.nothing)
    fractions, value = np.zeros(support.shape), np.empty(len(support))
    ends = np.cumsum(counts)
    places = [slice(end - count, end) for end, count in zip(ends, counts, strict=True)]
    for part, size, rows in zip(starts, sizes, places, strict=True):
        support[rows, :size], fractions[rows, :size] = part.support, part.fractions
    for first in range(0, len(value), _CHUNK):
        some = slice(first, first + _CHUNK)
        damping = np.full(len(value[some]), _FIRST_DAMPING)
        for done in range(0, max(steps, 1), _PIVOT_KEPT):
            more = min(_PIVOT_KEPT, steps - done)
            fractions[some], value[some] = _refine_chunk(model, support[some], fractions[some], damping, more)
    return [
        Candidates(part.support, fractions[rows, :size].copy(), value[rows].copy())
        for part, size, rows in zip(starts, sizes, places, strict=True)
    ]


def _refine_chunk(
    model: Model, support: IndexArray, fractions: FloatArray, damping: FloatArray, steps: int
) -> tuple[FloatArray, FloatArray]:
    """Some steps with one pivot; the damping is left as they leave it."""
    size = support.shape[1]
    # The largest fraction takes what the others leave, so that the sum stays 1 without a constraint.
    order = np.argsort(fractions, axis=1)
    undo = np.argsort(order, axis=1)
    sorted_support = np.take_along_axis(support, order, axis=1)
    chunk = model.of(sorted_support)
    low, high = model.least[sorted_support], model.greatest[sorted_support]
    u_low, u_high = low[:, :-1], high[:, :-1]
    c = np.take_along_axis(fractions, order, axis=1)
    value, gradient, hessian = chunk.evaluate(c, only_value=steps == 0)
    diagonal = np.arange(size - 1)
    for step in range(steps if size > 1 else 0):
        u = c[:, :-1]
        held = ((u <= u_low) & (gradient > 0)) | ((u >= u_high) & (gradient < 0))
        H = np.where(held[:, :, None] | held[:, None, :], 0.0, hessian)
        own = H[:, diagonal, diagonal] * (1 + damping[:, None])
        # A component without any influence must not make the system singular.
        floor = 1e-12 * hessian[:, diagonal, diagonal].sum(axis=1)[:, None] + 1e-300
        H[:, diagonal, diagonal] = np.where(held, 1.0, own + floor)
        move = -np.linalg.solve(H, np.where(held, 0.0, gradient)[:, :, None])[:, :, 0]
        move = np.minimum(np.maximum(u + move, u_low), u_high) - u
        taken = move.sum(axis=1)
        room = np.where(taken > 0, c[:, -1] - low[:, -1], high[:, -1] - c[:, -1])
        shorten = np.minimum(1.0, room / np.maximum(np.abs(taken), 1e-300))
        trial = np.empty_like(c)
        trial[:, :-1] = u + shorten[:, None] * move
        trial[:, -1] = 1 - trial[:, :-1].sum(axis=1)
        last = step == steps - 1
        trial_value, trial_gradient, trial_hessian = chunk.evaluate(trial, only_value=last)
        better = trial_value < value
        c = np.where(better[:, None], trial, c)
        value = np.where(better, trial_value, value)
        damping[:] = np.where(better, damping * 0.1, np.maximum(damping * 10, 1e-3))
        if not last:
            gradient = np.where(better[:, None], trial_gradient, gradient)
            hessian = np.where(better[:, None, None], trial_hessian, hessian)
    return np.take_along_axis(c, undo, axis=1), value


class Model:
    """The exact paint model and the objective in the precision they are computed in; broken limits cost or not."""

    def __init__(self, palette: Palette, objective: LocalObjective, *, single: bool, penalised: bool = True) -> None:
        kind: Any = np.float32 if single else np.float64

        def with_nothing(values: FloatArray) -> FloatArray:
            """A row of zeros below, for what is no component."""
            return np.concatenate([values, np.zeros_like(values[:1])])

        self.kind = kind
        self.nothing = len(palette.codes)
        self.absorption = with_nothing(palette.absorption).astype(kind)
        self.scattering = with_nothing(palette.scattering).astype(kind)
        self.crowded = with_nothing(palette.crowded).astype(kind) if palette.crowding else None
        self.crowds, self.crowding = with_nothing(palette.crowds).astype(kind), kind(palette.crowding)
        self.least, self.greatest = with_nothing(palette.least), with_nothing(palette.greatest)
        self.surface, self.link = palette.surface, palette.link
        self.ceiling = None if (palette.ceiling == 1).all() else palette.ceiling.astype(kind)
        self.tristimulus, self.f_target = objective.tristimulus.astype(kind), objective.f_target.astype(kind)
        self.root = np.ascontiguousarray(objective.root.T.astype(kind))
        self.target, self.spectral = objective.target.astype(kind), objective.spectral
        self.film = objective.film
        # Volume of a component in dry film, over that of as much of the base.
        volume = np.ones(len(palette.colorants)) if self.film is None else self.film.specific_volume
        self.specific = with_nothing(palette.parts @ volume)
        self.prices = objective.price * with_nothing(palette.prices) if objective.price else None
        rows = zip(palette.limits.A, palette.limits.b, strict=True) if penalised else ()
        self.limits = [(EXCESS_WEIGHT * with_nothing(row), EXCESS_WEIGHT * bound) for row, bound in rows]

    def of(self, support: IndexArray) -> Chunk:
        """The model for some combinations; the last component of each takes what the others leave."""
        return Chunk(self, support)


class Chunk:
    """Value, gradient and Gauss–Newton matrix for one chunk of supports; the last component is the pivot."""

    def __init__(self, model: Model, support: IndexArray) -> None:
        self.model, self.support = model, support
        self.K, self.S = model.absorption[support], model.scattering[support]
        self.H = None if model.crowded is None else model.crowded[support]

    def evaluate(self, c: FloatArray, *, only_value: bool = False) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Half the derivatives are meant: value Σr², gradient Jr, matrix JJᵀ."""
        model = self.model
        fractions = c.astype(model.kind)
        K = (fractions[:, None, :] @ self.K)[:, 0]
        S = (fractions[:, None, :] @ self.S)[:, 0]
        if self.H is not None:
            crowds = model.crowds[self.support]
            filled = np.sum(fractions * crowds, axis=1)
            lost = (fractions[:, None, :] @ self.H)[:, 0]
            S = S - model.crowding * filled[:, None] * lost
        R, factor = self._reflectance(K, S)
        f, slope = cube_root(R @ model.tristimulus)
        r = (f - model.f_target) @ model.root
        miss = R - model.target
        value = np.einsum("ij,ij->i", r, r) + model.spectral * np.einsum("ij,ij->i", miss, miss)
        value = value.astype(np.float64)
        if only_value or c.shape[1] == 1:
            if model.film is not None:
                face = model.film.bands
                value += model.film.shortfall(K[:, face], S[:, face], self._density(c))[0] ** 2
            return self._with_sums(c, value, np.empty((len(c), 0)), np.empty((len(c), 0, 0)))
        by_scattering = self.S
        if self.H is not None:
            rest = (crowds - filled[:, None])[:, :, None] * lost[:, None]
            by_scattering = self.S - model.crowding * (filled[:, None, None] * self.H + rest)
        # Divides neither by S nor by K/S, so that a component without scattering does no harm.
        by_amount = (factor * K)[:, None] * by_scattering
        by_amount -= (factor * S)[:, None] * self.K
        by_fraction = by_amount[:, :-1] - by_amount[:, -1:]
        m, q, n_bands = by_fraction.shape
        in_xyz = (by_fraction.reshape(m * q, n_bands) @ model.tristimulus).reshape(m, q, -1)
        J = ((in_xyz * slope[:, None]).reshape(m * q, -1) @ model.root).reshape(m, q, -1)
        gradient = (J @ r[:, :, None])[:, :, 0] + model.spectral * (by_fraction @ miss[:, :, None])[:, :, 0]
        hessian = J @ np.swapaxes(J, 1, 2)
        if model.spectral:
            hessian += model.kind(model.spectral) * (by_fraction @ np.swapaxes(by_fraction, 1, 2))
        gradient, hessian = gradient.astype(np.float64), hessian.astype(np.float64)
        if model.film is not None:
            face = model.film.bands
            density = self._density(c)
            lacks, by_K, by_S = model.film.shortfall(K[:, face], S[:, face], density)
            each = np.einsum("nb,nkb->nk", by_K, self.K[..., face]) + np.einsum(
                "nb,nkb->nk", by_S, by_scattering[..., face]
            )
            by_density = np.sum(by_K * K[:, face] + by_S * S[:, face], axis=1) * density
            each -= by_density[:, None] * model.specific[self.support]
            value, gradient, hessian = _with(lacks, each, value, gradient, hessian)
        return self._with_sums(c, value, gradient, hessian)

    def _density(self, c: FloatArray) -> FloatArray:
        """Of dry films over that of the base, shape (n,)."""
        density: FloatArray = 1 / np.sum(c * self.model.specific[self.support], axis=1)
        return density

    def _reflectance(self, K: FloatArray, S: FloatArray) -> tuple[FloatArray, FloatArray]:
        """R, and the factor f of dR = f (K dS − S dK)."""
        surface, link = self.model.surface, self.model.link
        gain = (1 - surface.k1) * (1 - surface.k2)
        if link.name == "kubelka-munk":
            # The same as below in one go: this is where a search spends its time.
            root = np.sqrt(K * (K + 2 * S)) + _TINY
            whole = K + S + root
            below = whole - surface.k2 * S
            part = gain / below
            R, factor = surface.offset + part * S, part * whole / (below * root)
        else:
            inside = link.reflectivity(K, S).astype(K.dtype)
            below = 1 - surface.k2 * inside
            R, factor = surface.offset + gain * inside / below, gain / (below * below) * link.fall(K, S).astype(K.dtype)
        if self.model.ceiling is None:
            return R, factor
        return self.model.ceiling * R, self.model.ceiling * factor

    def _with_sums(
        self, c: FloatArray, value: FloatArray, gradient: FloatArray, hessian: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Add the price and what broken limits cost; both are sums over the components."""
        terms = []
        if self.model.prices is not None:
            each = self.model.prices[self.support]
            terms.append((np.sum(each * c, axis=1), each))
        for row, bound in self.model.limits:
            each = row[self.support]
            over = np.sum(each * c, axis=1) - bound
            terms.append((np.maximum(over, 0.0), each * (over > 0)[:, None]))
        for residual, each in terms:
            value, gradient, hessian = _with(residual, each, value, gradient, hessian)
        return value, gradient, hessian


def _with(
    residual: FloatArray, each: FloatArray, value: FloatArray, gradient: FloatArray, hessian: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Add one residual (n,) with its derivatives (n, size) by every fraction."""
    value = value + residual**2
    if gradient.size:
        J = each[:, :-1] - each[:, -1:]
        gradient = gradient + J * residual[:, None]
        hessian = hessian + J[:, :, None] * J[:, None, :]
    return value, gradient, hessian
