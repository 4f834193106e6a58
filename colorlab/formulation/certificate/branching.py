"""Branch and bound over combinations: boxes are visited, and halved where a visit neither rules out nor draws in."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from colorlab.formulation.certificate.boxes import Boxes, join, whole_simplex
from colorlab.formulation.certificate.paint import Paint
from colorlab.formulation.certificate.tube import tube_of
from colorlab.formulation.certificate.visit import Visit, visit
from colorlab.formulation.search.objective import LocalObjective
from spectra.arrays import FloatArray

# Boxes visited side by side: their spectra stay in the processor's cache.
_BATCH = 512
# A visit that leaves the error above this share of what it was has drawn in too little to be worth another.
_WORTHWHILE = 0.8
# A cut stays this share of the side away from its ends.
_MARGIN = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class BetterRecipe:
    """A recipe that refutes what was to be proved.

    Attributes
    ----------
    support : tuple of int
        Positions in the palette, rising.
    fractions : ndarray, shape (size,)
        Mass fractions.
    value : float
        Objective in the local metric. [ΔE]
    """

    support: tuple[int, ...]
    fractions: FloatArray
    value: float


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """Of some combinations.

    Attributes
    ----------
    combinations : int
    certified : int
        Those of which no recipe is below `threshold`.
    nodes : int
        Boxes looked at, each as often as it was.
    threshold : float
        The one asked for, or the tolerance below the best recipe found if that is less. [ΔE]
    better : tuple of BetterRecipe
        Below the threshold at the time, one a combination at most; best first.
    """

    combinations: int
    certified: int
    nodes: int
    threshold: float
    better: tuple[BetterRecipe, ...]


def audit(
    paint: Paint,
    local: LocalObjective,
    threshold: float,
    tolerance: float,
    max_nodes: int | None,
    supports: NDArray[np.intp],
) -> Audit:
    """Prove that no recipe of some combinations is below a threshold, or find one that is.

    Parameters
    ----------
    paint : Paint
    local : LocalObjective
    threshold : float
        [ΔE] At or below 0 there is nothing to prove.
    tolerance : float
        When a recipe below the threshold is found, the threshold goes down to this much below it. [ΔE]
    max_nodes : int, optional
    supports : ndarray of int, shape (n, size)
        Combinations of one size, without repetition.

    Notes
    -----
    Depth first: what waits are at most some batches a level, whatever the number of combinations.
    """
    found: dict[tuple[int, ...], BetterRecipe] = {}
    nodes = certified = 0
    for first in range(0, len(supports), _BATCH):
        batch = supports[first : first + _BATCH]
        if max_nodes is not None and nodes + len(batch) > max_nodes:
            break
        stack: list[Boxes] = []
        if threshold > 0:
            tube = tube_of(paint, local, threshold)
            roots = None if tube.empty else whole_simplex(paint, tube, batch)
            if roots is not None and len(roots):
                stack.append(roots)
            nodes += len(batch) - (0 if roots is None else len(roots))
        while stack:
            boxes = _next_batch(stack)
            if max_nodes is not None and nodes + len(boxes) > max_nodes:
                stack.append(boxes)
                break
            nodes += len(boxes)
            seen = visit(paint, local, tube, boxes)
            best = _best_of(paint, local, seen)
            if best is not None and best.value < threshold:
                found[best.support] = best
                threshold = best.value - tolerance
                if threshold <= 0:
                    stack.clear()
                    break
                tube = tube_of(paint, local, threshold)
            again = seen.boxes.error < _WORTHWHILE * seen.before
            stack += [part for part in (_halved(seen, ~again), seen.boxes.take(again)) if len(part)]
        waiting = {tuple(row) for part in stack for row in part.support.tolist()}
        certified += len(batch) - len(waiting)
        if stack:
            break
    ranked = tuple(sorted(found.values(), key=lambda one: one.value))
    return Audit(len(supports), certified, nodes, threshold, ranked)


def _next_batch(stack: list[Boxes]) -> Boxes:
    """Boxes from the top of the stack, several parts together while they are few, at most a batch."""
    parts = [stack.pop()]
    while stack and sum(map(len, parts)) + len(stack[-1]) <= _BATCH and _alike(parts[0], stack[-1]):
        parts.append(stack.pop())
    boxes = join(parts) if len(parts) > 1 else parts[0]
    if len(boxes) > _BATCH:
        stack.append(boxes.take(slice(_BATCH, None)))
        boxes = boxes.take(slice(0, _BATCH))
    return boxes


def _alike(one: Boxes, other: Boxes) -> bool:
    return bool(np.isinf(one.error).all() == np.isinf(other.error).all())


def _best_of(paint: Paint, local: LocalObjective, seen: Visit) -> BetterRecipe | None:
    """The best recipe where boxes seem best, if it keeps the bounds."""
    if not len(seen.boxes):
        return None
    colours, support = paint.colours, seen.boxes.support
    fractions = paint.fractions(support, seen.y)
    low, high = colours.least[support], colours.greatest[support]
    fractions = np.clip(fractions, low, high)
    gap = 1 - fractions.sum(axis=1, keepdims=True)
    room = np.where(gap > 0, high - fractions, fractions - low)
    total = room.sum(axis=1, keepdims=True)
    fractions = fractions + gap * room / np.where(total > 0, total, 1.0)
    sound = (fractions >= low - 1e-12).all(axis=1) & (fractions <= high + 1e-12).all(axis=1)
    sound &= np.abs(fractions.sum(axis=1) - 1) < 1e-9
    for row, limit in zip(colours.limits.A, colours.limits.b, strict=True):
        sound &= np.sum(row[support] * fractions, axis=1) <= limit + 1e-12
    if not sound.any():
        return None
    value = np.where(sound, paint.values(local, support, np.maximum(fractions, 0.0)), np.inf)
    place = int(np.argmin(value))
    return BetterRecipe(tuple(support[place].tolist()), fractions[place], float(value[place]))


def _halved(seen: Visit, rows: NDArray[np.bool_]) -> Boxes:
    """Each box cut in two across the amount that matters most, where a recipe seems best."""
    boxes, at = seen.boxes.take(rows), np.arange(int(rows.sum()))
    across = np.argmax(seen.importance[rows], axis=1)
    low, high = boxes.low[at, across], boxes.high[at, across]
    margin = _MARGIN * (high - low)
    cut = np.clip(seen.y[rows][at, across], low + margin, high - margin)
    left, right = boxes.high.copy(), boxes.low.copy()
    left[at, across] = right[at, across] = cut
    return join([replace(boxes, high=left), replace(boxes, low=right)])
