"""Refinement of many recipes side by side with the exact paint model, within their dose bounds."""

from __future__ import annotations

import numpy as np

from colorlab.formulation.objective import LocalObjective, cube_root
from colorlab.formulation.palette import Palette
from colorlab.formulation.screen import Candidates
from spectra.arrays import FloatArray

_CHUNK = 512  # recipes whose spectra stay in the processor's cache together
_FIRST_DAMPING = 1e-3


def refine(palette: Palette, objective: LocalObjective, start: Candidates, steps: int) -> Candidates:
    """Lower the objective of every candidate by projected Levenberg–Marquardt steps.

    Parameters
    ----------
    palette : Palette
    objective : LocalObjective
    start : Candidates
        Fractions within the palette's bounds.
    steps : int
        Steps for every candidate; a step that does not lower the objective is not taken.

    Returns
    -------
    Candidates
        With the objective of the exact paint model, CIEDE2000 by its local metric.

    References
    ----------
    .. [1] D. P. Bertsekas, "Projected Newton methods for optimization problems with simple constraints",
       SIAM J. Control Optim. 20 (1982) 221–246.
    """
    fractions, value = start.fractions.copy(), np.empty(len(start.value))
    for first in range(0, len(value), _CHUNK):
        rows = slice(first, first + _CHUNK)
        fractions[rows], value[rows] = _refine_chunk(
            palette, objective, start.support[rows], start.fractions[rows], steps
        )
    return Candidates(start.support, fractions, value)


def _refine_chunk(
    palette: Palette, objective: LocalObjective, support: np.ndarray, fractions: FloatArray, steps: int
) -> tuple[FloatArray, FloatArray]:
    count, size = support.shape
    # The largest fraction takes what the others leave, so that the sum stays 1 without a constraint.
    order = np.argsort(fractions, axis=1)
    undo = np.argsort(order, axis=1)
    sorted_support = np.take_along_axis(support, order, axis=1)
    model = _Model(palette, objective, sorted_support)
    low, high = palette.least[sorted_support], palette.greatest[sorted_support]
    c = np.take_along_axis(fractions, order, axis=1)
    value, gradient, hessian = model.evaluate(c)
    damping = np.full(count, _FIRST_DAMPING)
    diagonal = np.arange(size - 1)
    for step in range(steps if size > 1 else 0):
        u, u_low, u_high = c[:, :-1], low[:, :-1], high[:, :-1]
        held = ((u <= u_low) & (gradient > 0)) | ((u >= u_high) & (gradient < 0))
        H = np.where(held[:, :, None] | held[:, None, :], 0.0, hessian)
        H[:, diagonal, diagonal] *= 1 + damping[:, None]
        # A colorant without any influence must not make the system singular.
        floor = 1e-12 * np.trace(hessian, axis1=1, axis2=2)[:, None] + 1e-300
        H[:, diagonal, diagonal] = np.where(held, 1.0, H[:, diagonal, diagonal] + floor)
        move = -np.linalg.solve(H, np.where(held, 0.0, gradient)[:, :, None])[:, :, 0]
        move = np.clip(u + move, u_low, u_high) - u
        taken = move.sum(axis=1)
        room = np.where(taken > 0, c[:, -1] - low[:, -1], high[:, -1] - c[:, -1])
        shorten = np.minimum(1.0, room / np.maximum(np.abs(taken), 1e-300))
        trial = c.copy()
        trial[:, :-1] += shorten[:, None] * move
        trial[:, -1] = 1 - trial[:, :-1].sum(axis=1)
        last = step == steps - 1
        trial_value, trial_gradient, trial_hessian = model.evaluate(trial, only_value=last)
        better = trial_value < value
        c = np.where(better[:, None], trial, c)
        value = np.where(better, trial_value, value)
        if not last:
            gradient = np.where(better[:, None], trial_gradient, gradient)
            hessian = np.where(better[:, None, None], trial_hessian, hessian)
            damping = np.where(better, damping * 0.1, np.maximum(damping * 10, 1e-3))
    return np.take_along_axis(c, undo, axis=1), value


class _Model:
    """Value, gradient and Gauss–Newton matrix for one chunk of supports; the last colorant is the pivot."""

    def __init__(self, palette: Palette, objective: LocalObjective, support: np.ndarray) -> None:
        self.K, self.S = palette.absorption[support], palette.scattering[support]
        self.objective = objective
        self.surface = palette.surface
        self.gain = (1 - palette.surface.k1) * (1 - palette.surface.k2)

    def evaluate(self, c: FloatArray, *, only_value: bool = False) -> tuple[FloatArray, FloatArray, FloatArray]:
        objective = self.objective
        K = (c[:, None, :] @ self.K)[:, 0]
        S = (c[:, None, :] @ self.S)[:, 0]
        root = np.sqrt(K * (K + 2 * S)) + 1e-12
        whole = K + S + root
        below = whole - self.surface.k2 * S
        R = self.surface.offset + self.gain * S / below
        f, slope = cube_root(R @ objective.tristimulus)
        r = (f - objective.f_target) @ objective.root.T
        miss = R - objective.target
        value = np.sum(r * r, axis=1) + objective.spectral * np.sum(miss * miss, axis=1)
        if only_value or c.shape[1] == 1:
            return value, np.empty((len(c), 0)), np.empty((len(c), 0, 0))
        # R is unchanged when all amounts grow alike; written so, its derivative divides by neither S nor K/S.
        factor = self.gain * whole / (below * below * root)
        by_amount = factor[:, None] * (K[:, None] * self.S - S[:, None] * self.K)
        by_fraction = by_amount[:, :-1] - by_amount[:, -1:]
        m, q, n_bands = by_fraction.shape
        in_xyz = (by_fraction.reshape(m * q, n_bands) @ objective.tristimulus).reshape(m, q, -1)
        J = (in_xyz * slope[:, None]) @ objective.root.T
        gradient = (J @ r[:, :, None])[:, :, 0] + objective.spectral * (by_fraction @ miss[:, :, None])[:, :, 0]
        hessian = J @ np.swapaxes(J, 1, 2) + objective.spectral * (by_fraction @ np.swapaxes(by_fraction, 1, 2))
        return value, gradient, hessian
