"""Marks taken out of the structure bands: a weight for every point of the panel."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from inspections.frame.rectify import PanelGrid
from inspections.marks.mark import Mark, MarkKind
from inspections.photos.photo import FloatImage

DILATED_MM = 1.2
"""How far around a mark its slopes are not used. [mm]"""
FEATHER_MM = 0.4
MASKED: frozenset[MarkKind] = frozenset({"nib", "crater", "scratch"})
"""Runs and burns are wide: cut out they would take more peel than they falsify."""
MOST_MASKED = 0.3
"""Share of the panel that may be masked; with more, the rest would no longer stand for the panel."""


def weights(marks: Iterable[Mark], grid: PanelGrid) -> FloatImage | None:
    """1 where the peel is measured, 0 on and around marks, feathered between.

    Parameters
    ----------
    marks : iterable of Mark
    grid : PanelGrid

    Returns
    -------
    ndarray of float32, shape `grid.shape`, or None
        None when nothing is masked, or more than `MOST_MASKED` would be.
    """
    free = clear_of((mark for mark in marks if mark.kind in MASKED), grid, DILATED_MM).view(np.uint8)
    masked = float((free == 0).mean())
    if masked == 0 or masked > MOST_MASKED:
        return None
    distance = cv2.distanceTransform(free, cv2.DIST_L2, 5) * grid.pitch_mm
    rise = np.clip(distance / FEATHER_MM, 0, 1)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * rise), np.float32)


def clear_of(marks: Iterable[Mark], grid: PanelGrid, around_mm: float) -> NDArray[np.bool_]:
    """Where no mark lies within `around_mm`: the radius of a round one, the course of a line; shape `grid.shape`."""
    free = np.ones(grid.shape, np.uint8)
    for mark in marks:
        reach = around_mm + (mark.length_mm / 2 if not mark.outline_mm else 0.0)
        path = np.array(mark.outline_mm or ((mark.x_mm, mark.y_mm),))
        pixels = np.column_stack(
            [(path[:, 0] - grid.x_mm[0]) / grid.pitch_mm, (grid.y_mm[0] - path[:, 1]) / grid.pitch_mm]
        )
        thickness = max(1, round(2 * reach / grid.pitch_mm))
        cv2.polylines(free, [np.vstack([pixels, pixels[-1:]]).round().astype(np.int32)], False, 0, thickness)
    return free.astype(bool)
