"""Scratches: lines along which the fringes lose modulation, with length, direction and course."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from inspections.frame.rectify import PanelGrid
from inspections.marks.lines import LineResponse, trace_lines
from inspections.marks.mark import Mark
from inspections.marks.mask import clear_of
from inspections.photos.photo import FloatImage

SHORTEST_MM = 5.0
"""Shorter ones cannot be told from a ridge of noise: the filter itself makes ridges of 4 mm. [mm]"""
_AROUND_POINT_MM = 0.4
_OUTLINE_POINTS = 9


def find_scratches(response: LineResponse, grid: PanelGrid) -> tuple[Mark, ...]:
    """Scratches of at least `SHORTEST_MM`.

    Parameters
    ----------
    response : LineResponse
        Over `grid`.
    grid : PanelGrid

    Returns
    -------
    tuple of Mark
        Strongest first. Width and depth are None: most scratches are finer than the pixel.
    """
    pitch = grid.pitch_mm
    return tuple(
        Mark(
            kind="scratch",
            x_mm=float(x.mean()),
            y_mm=float(y.mean()),
            length_mm=line.length_mm,
            orientation_deg=line.orientation_deg,
            severity=line.strength,
            outline_mm=tuple((float(a), float(b)) for a, b in zip(x[every], y[every], strict=True)),
        )
        for line in trace_lines(response, pitch, SHORTEST_MM)
        for x, y in [(grid.x_mm[0] + line.columns * pitch, grid.y_mm[0] - line.rows * pitch)]
        for every in [np.linspace(0, x.size - 1, _OUTLINE_POINTS).round().astype(int)]
    )


def without_points(loss: FloatImage, points: Iterable[Mark], grid: PanelGrid) -> FloatImage:
    """Lost modulation with none lost around nibs and craters, which belongs to no scratch; float32, same shape."""
    return np.where(clear_of(points, grid, _AROUND_POINT_MM), loss, np.minimum(loss, 0))
