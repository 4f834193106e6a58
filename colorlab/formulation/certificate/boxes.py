"""Boxes of recipes side by side, and what is known of the recipes in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from colorlab.formulation.certificate.bounds import LOOSE, ROUNDING, close_sum, reweigh
from colorlab.formulation.certificate.paint import Paint
from colorlab.formulation.certificate.tube import Tube
from spectra.arrays import FloatArray

# Sides that cross by less are a point. [1]
_CROSSED = 1e-11


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """Boxes over combinations of one size: the nodes of the search tree.

    Attributes
    ----------
    support : ndarray of int, shape (n, size)
        Positions in the palette.
    low, high : ndarray, shape (n, size)
        Of the amounts y, see `Paint`.
    albedo_low, albedo_high : ndarray, shape (n, n_bands)
        Of S/(K + S).
    extinction_low, extinction_high : ndarray, shape (n, n_bands)
        Of K + S.
    error : ndarray, shape (n,)
        Of the residuals when the box was last visited; infinite before. [ΔE]
    """

    support: NDArray[np.intp]
    low: FloatArray
    high: FloatArray
    albedo_low: FloatArray
    albedo_high: FloatArray
    extinction_low: FloatArray
    extinction_high: FloatArray
    error: FloatArray

    def __len__(self) -> int:
        return len(self.support)

    def take(self, rows: NDArray[np.generic] | slice) -> Boxes:
        """Some of the rows."""
        return Boxes(*(getattr(self, one.name)[rows] for one in fields(self)))

    def meet(
        self,
        tube: Tube,
        amounts: tuple[FloatArray, FloatArray],
        albedo: tuple[FloatArray, FloatArray],
        extinction: tuple[FloatArray, FloatArray],
    ) -> tuple[Boxes, NDArray[np.intp]]:
        """Each range met with another and with the tube's; the boxes left, where no range is empty, and their rows."""
        low, high = np.maximum(self.low, amounts[0]), np.minimum(self.high, amounts[1])
        dark = np.maximum(np.maximum(self.albedo_low, albedo[0]), tube.albedo_low)
        light = np.minimum(np.minimum(self.albedo_high, albedo[1]), tube.albedo_high)
        thin = np.maximum(self.extinction_low, extinction[0])
        thick = np.minimum(self.extinction_high, extinction[1])
        whole = ((high - low).min(axis=1) >= -_CROSSED) & ((light - dark).min(axis=1) >= -_CROSSED)
        whole &= (thick - thin * (1 - LOOSE)).min(axis=1) >= 0
        rows = np.flatnonzero(whole)
        # Ranges that cross by rounding are points.
        ranges = [
            (np.minimum(one[rows], two[rows]), two[rows]) for one, two in ((low, high), (dark, light), (thin, thick))
        ]
        return Boxes(self.support[rows], *ranges[0], *ranges[1], *ranges[2], self.error[rows]), rows


def join(parts: Sequence[Boxes]) -> Boxes:
    """Boxes of one size in one batch."""
    return Boxes(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(Boxes)))


def whole_simplex(paint: Paint, tube: Tube, support: NDArray[np.intp]) -> Boxes:
    """One box for every combination, all its recipes in it.

    S/(K + S) and K + S of a mixture lie between those of its components: the one is their average weighted with K + S,
    the other with the amounts. Crowding takes at most the share of the one that crowds most.
    """
    n = len(support)
    K, S, S_least = paint.K, paint.S, paint.S
    if paint.colours.crowding:
        most = paint.colours.crowds[support].max()
        S_least = np.maximum(S - most * paint.lost, 0.0)
    dark, light = S_least / np.maximum(K + S_least, 1e-300), S / np.maximum(K + S, 1e-300)
    boxes = Boxes(
        support,
        np.zeros(support.shape),
        np.ones(support.shape),
        np.zeros((n, K.shape[1])),
        np.ones((n, K.shape[1])),
        np.zeros((n, K.shape[1])),
        np.full((n, K.shape[1]), np.inf),
        np.full(n, np.inf),
    )

    def range_of(least: FloatArray, greatest: FloatArray) -> tuple[FloatArray, FloatArray]:
        return least[support].min(axis=1) - ROUNDING, greatest[support].max(axis=1) + ROUNDING

    left, _ = boxes.meet(tube, (boxes.low, boxes.high), range_of(dark, light), range_of(K + S_least, K + S))
    return left


def within_limits(paint: Paint, boxes: Boxes) -> tuple[Boxes, FloatArray, FloatArray, NDArray[np.intp]]:
    """Boxes drawn in to dose bounds and linear limits, the boxes of their mass fractions, and which of them are left.

    Notes
    -----
    A c ≤ b with Σ c = 1 is Σ (Aⱼ − b) cⱼ ≤ 0: each term is at most minus the least that the others can be.
    """
    colours, support = paint.colours, boxes.support
    mass = paint.mass[support]
    low, high = close_sum(boxes.low, boxes.high)
    part_low, part_high = reweigh(low, high, mass)
    part_low = np.maximum(part_low, colours.least[support])
    part_high = np.minimum(part_high, colours.greatest[support])
    possible = np.ones(len(boxes), dtype=bool)
    for row, limit in zip(colours.limits.A, colours.limits.b, strict=True):
        a = row[support] - limit
        least = np.minimum(a * part_low, a * part_high)
        total = least.sum(axis=1, keepdims=True)
        possible &= total[:, 0] <= _CROSSED
        bound = (least - total + _CROSSED) / np.where(a == 0, 1.0, a)
        part_high = np.where(a > 0, np.minimum(part_high, bound), part_high)
        part_low = np.where(a < 0, np.maximum(part_low, bound), part_low)
    part_low, part_high = close_sum(part_low, part_high)
    again_low, again_high = reweigh(part_low, part_high, 1 / mass)
    low, high = np.maximum(low, again_low), np.minimum(high, again_high)
    possible &= ((high - low).min(axis=1) >= -_CROSSED) & ((part_high - part_low).min(axis=1) >= -_CROSSED)
    possible &= (low.sum(axis=1) <= 1 + _CROSSED) & (high.sum(axis=1) >= 1 - _CROSSED)
    rows = np.flatnonzero(possible)
    left = boxes.take(rows)
    drawn = Boxes(
        left.support,
        np.minimum(low, high)[rows],
        high[rows],
        left.albedo_low,
        left.albedo_high,
        left.extinction_low,
        left.extinction_high,
        left.error,
    )
    return drawn, np.minimum(part_low, part_high)[rows], part_high[rows], rows
