"""One visit to boxes: those that hold no recipe below the threshold are ruled out, the others drawn in."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from colorlab.formulation.certificate.bounds import ROUNDING, range_over_box, range_over_ellipsoid
from colorlab.formulation.certificate.boxes import Boxes, within_limits
from colorlab.formulation.certificate.paint import Paint
from colorlab.formulation.certificate.residuals import Mixture, Residuals, least_by_ranges, linearise, mixture
from colorlab.formulation.certificate.tube import Tube
from colorlab.formulation.search.objective import LocalObjective
from spectra.arrays import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Visit:
    """What a visit leaves.

    Attributes
    ----------
    boxes : Boxes
        Those that may hold a recipe below the threshold, drawn in.
    before : ndarray, shape (n,)
        Error of their residuals at the visit before. [ΔE]
    y : ndarray, shape (n, size)
        Where in each a recipe seems best.
    importance : ndarray, shape (n, size)
        How much the width of each amount has to do with the error.
    """

    boxes: Boxes
    before: FloatArray
    y: FloatArray
    importance: FloatArray


def visit(paint: Paint, local: LocalObjective, tube: Tube, boxes: Boxes) -> Visit:
    """Rule out and draw in, once.

    A box is ruled out when its doses, its ranges of ω and K + S or its spectra leave no recipe, or when the residuals
    linear in y keep ‖Zᵀy‖ ≥ threshold + error in all of it: then ‖r‖ ≥ ‖Zᵀy‖ − error ≥ threshold. A box that is not
    ruled out is drawn in to the ellipsoid ‖Zᵀy‖ < threshold + error, outside of which the same holds.
    """
    boxes, part_low, part_high, _ = within_limits(paint, boxes)
    mixed = mixture(paint, boxes, part_low, part_high)
    # Of a whole simplex the ranges are known from its corners.
    if not np.isinf(boxes.error).all():
        boxes, rows = _drawn_to_box(tube, boxes, mixed)
        mixed = mixed.take(rows)
    near = np.flatnonzero(least_by_ranges(paint, local, tube, boxes) < tube.threshold)
    boxes, mixed = boxes.take(near), mixed.take(near)
    residuals = linearise(paint, local, tube, boxes, mixed)
    G = residuals.Z @ np.swapaxes(residuals.Z, 1, 2)
    y = nearest(G, boxes.low, boxes.high)
    limit = tube.threshold + residuals.error
    alive = np.flatnonzero(least_along(residuals.Z, y, boxes.low, boxes.high) < limit)
    boxes, mixed, y = boxes.take(alive), mixed.take(alive), y[alive]
    residuals = Residuals(residuals.Z[alive], residuals.error[alive], residuals.T[alive], residuals.reference[alive])
    boxes, rows = _drawn_to_ellipsoid(tube, boxes, mixed, residuals, G[alive])
    y, before = y[rows], boxes.error
    # What is divided by makes the error: how far it varies between each component and the mixture that seems best.
    M = mixed.K[rows] + mixed.S[rows]
    weight = np.sqrt(np.diag(tube.magnitude))
    varies = np.sqrt(np.sum(((M / np.maximum(y[:, None, :] @ M, 1e-300) - 1) * weight) ** 2, axis=2))
    return Visit(replace(boxes, error=residuals.error[rows]), before, y, varies * (boxes.high - boxes.low))


def least_along(Z: FloatArray, y: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Lower bound of ‖Zᵀy‖ over each box along u = Zᵀy°/‖Zᵀy°‖ of some y°: ‖Zᵀy‖ ≥ u·Zᵀy, which is linear in y."""
    at = (y[:, None, :] @ Z)[:, 0]
    u = at / np.maximum(np.sqrt(np.sum(at * at, axis=1, keepdims=True)), 1e-300)
    least, _ = range_over_box(Z @ u[:, :, None], low, high)
    # u is a unit vector but for rounding.
    bound: FloatArray = least[:, 0] - ROUNDING * np.abs(Z).sum(axis=2).max(axis=1)
    return bound


def nearest(G: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Amounts near the minimum of yᵀGy over each box, (n, size), its sides taken in one after the other.

    Only the choice of a direction and of a place to split depend on it, and no bound on how near it is.
    """
    n, size = low.shape
    ridge = 1e-9 * np.einsum("nii->ni", G) + 1e-14 * np.einsum("nii->n", G)[:, None] + 1e-300
    held, value, diagonal = np.zeros((n, size), dtype=bool), np.zeros((n, size)), np.arange(size)
    y = value
    for _ in range(size):
        H = np.where(held[:, :, None] | held[:, None, :], 0.0, G)
        H[:, diagonal, diagonal] = np.where(held, 1.0, H[:, diagonal, diagonal] + ridge)
        pull = np.where(held, 0.0, -(G @ value[:, :, None])[:, :, 0])
        solved = np.linalg.solve(H, np.stack([pull, (~held).astype(np.float64)], axis=2))
        weight = np.where(held, 0.0, solved[:, :, 1]).sum(axis=1)
        level = (1 - value.sum(axis=1) - solved[:, :, 0].sum(axis=1)) / np.where(weight == 0, 1.0, weight)
        y = np.where(held, value, solved[:, :, 0] + level[:, None] * solved[:, :, 1])
        over = np.where(held, 0.0, np.maximum(low - y, y - high))
        worst = np.argmax(over, axis=1)
        rows = np.flatnonzero((over[np.arange(n), worst] > 0) & (held.sum(axis=1) < size - 1))
        if rows.size == 0:
            break
        held[rows, worst[rows]] = True
        value[rows, worst[rows]] = np.clip(y, low, high)[rows, worst[rows]]
    inside: FloatArray = np.clip(y, low, high)
    return inside


def _drawn_to_box(tube: Tube, boxes: Boxes, mixed: Mixture) -> tuple[Boxes, NDArray[np.intp]]:
    """ω and K + S met with their ranges over the box: ω = S/(K + S) rises in S and falls in K."""
    n_bands = mixed.K.shape[2]
    least, greatest = range_over_box(
        np.concatenate([mixed.K, mixed.S, mixed.K + mixed.S], axis=2), boxes.low, boxes.high
    )
    K_low, K_high = np.maximum(least[:, :n_bands], 0.0), greatest[:, :n_bands]
    S_low = np.maximum(least[:, n_bands : 2 * n_bands] - mixed.error, 0.0)
    S_high = np.maximum(greatest[:, n_bands : 2 * n_bands] + mixed.error, 0.0)
    dark = S_low / np.maximum(S_low + K_high, 1e-300) - ROUNDING
    light = np.where(K_low > 0, S_high / np.maximum(S_high + K_low, 1e-300), 1.0) + ROUNDING
    extinction = least[:, 2 * n_bands :] - mixed.error, greatest[:, 2 * n_bands :] + mixed.error
    return boxes.meet(tube, (boxes.low, boxes.high), (dark, light), extinction)


def _drawn_to_ellipsoid(
    tube: Tube, boxes: Boxes, mixed: Mixture, residuals: Residuals, G: FloatArray
) -> tuple[Boxes, NDArray[np.intp]]:
    """y, ω and K + S met with their ranges over ‖Zᵀy‖ ≤ threshold + error; ω − ω* = T/(K + S)."""
    n, size, n_bands = mixed.K.shape
    forms = np.concatenate([residuals.T, mixed.K + mixed.S, np.broadcast_to(np.eye(size), (n, size, size))], axis=2)
    least, greatest = range_over_ellipsoid(G, tube.threshold + residuals.error, forms, boxes.low, boxes.high)
    T_error = (1 - residuals.reference) * mixed.error
    T_low, T_high = least[:, :n_bands] - T_error, greatest[:, :n_bands] + T_error
    M_low = np.maximum(least[:, n_bands : 2 * n_bands] - mixed.error, boxes.extinction_low)
    M_high = np.minimum(greatest[:, n_bands : 2 * n_bands] + mixed.error, boxes.extinction_high)
    small, large = np.maximum(M_low, 1e-150), np.maximum(M_high, 1e-150)
    dark = residuals.reference + np.where(T_low < 0, T_low / small, T_low / large) - ROUNDING
    light = residuals.reference + np.where(T_high > 0, T_high / small, T_high / large) + ROUNDING
    amounts = least[:, 2 * n_bands :], greatest[:, 2 * n_bands :]
    return boxes.meet(tube, amounts, (dark, light), (M_low, M_high))
