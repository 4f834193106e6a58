"""Marks that fringes found and marks that glint: one list, in which nothing stands twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from inspections.marks.mark import Mark

_BESIDE_MM = 1.0
_TURN_DEG = 12.0
"""Directions that differ less, at the same place, are of one scratch. [°]"""


def together(fringed: tuple[Mark, ...], glinting: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """The marks of the fringes, which know more of each, and the glinting ones that are not among them.

    Parameters
    ----------
    fringed, glinting : tuple of Mark

    Returns
    -------
    tuple of Mark
        Those of the fringes first, with the `lights` of what glints there.
    """
    again = {k: [mark for mark in glinting if _same(mark, other)] for k, other in enumerate(fringed)}
    lit = (
        replace(mark, lights=max((one.lights or 0 for one in again[k]), default=0) or None)
        for k, mark in enumerate(fringed)
    )
    known = [mark for marks in again.values() for mark in marks]
    return (*lit, *(mark for mark in glinting if not any(mark is other for other in known)))


def _same(mark: Mark, other: Mark) -> bool:
    """Whether two marks are one: a scratch beside a scratch along most of the shorter, a field over a field."""
    if mark.kind != other.kind:
        return False
    if mark.kind in ("swirl", "hologram"):
        return _overlap(mark, other)
    apart = abs(((mark.orientation_deg or 0.0) - (other.orientation_deg or 0.0) + 90) % 180 - 90)
    if apart > _TURN_DEG:
        return False
    shorter, longer = sorted((_course(mark), _course(other)), key=len)
    return float(np.mean(cKDTree(longer).query(shorter)[0] < _BESIDE_MM)) > 0.5


def _course(mark: Mark) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Points along a line, four to the millimetre."""
    corners = np.array(mark.outline_mm or ((mark.x_mm, mark.y_mm),), np.float64)
    at = np.concatenate([[0.0], np.hypot(*np.diff(corners, axis=0).T).cumsum()]) if len(corners) > 1 else np.zeros(1)
    steps = np.linspace(0, at[-1], max(1, round(4 * at[-1])))
    return np.column_stack([np.interp(steps, at, part) for part in corners.T])


def _overlap(mark: Mark, other: Mark) -> bool:
    """Whether the rectangles around two fields meet."""
    boxes = [np.array(one.outline_mm or ((one.x_mm, one.y_mm),)) for one in (mark, other)]
    low, high = (np.array([side(box, axis=0) for box in boxes]) for side in (np.min, np.max))
    return bool(np.all(low.max(axis=0) <= high.min(axis=0)))
