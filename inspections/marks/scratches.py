"""Scratches: lines along which the fringes lose modulation, with length, direction and course."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from inspections.fields import PanelFields
from inspections.marks.lines import line_response, trace_lines
from inspections.marks.mark import Mark
from inspections.photos.photo import FloatImage

SHORTEST_MM = 5.0
"""Shorter ones cannot be told from a ridge of noise: the filter itself makes ridges of 4 mm. [mm]"""
_AROUND_POINT_MM = 0.4
_OUTLINE_POINTS = 9


def find_scratches(fields: PanelFields, loss: FloatImage, points: Iterable[Mark]) -> tuple[Mark, ...]:
    """Scratches of at least `SHORTEST_MM`.

    Parameters
    ----------
    fields : PanelFields
        Of tier T1.
    loss : ndarray of float32, shape `fields.grid.shape`
        From `modulation_loss`.
    points : iterable of Mark
        Nibs and craters, whose loss of modulation belongs to no scratch.

    Returns
    -------
    tuple of Mark
        Strongest first. Width and depth are None: most scratches are finer than the pixel.
    """
    pitch = fields.grid.pitch_mm
    response = line_response(without_points(fields, loss, points), pitch)
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
        for x, y in [(fields.grid.x_mm[0] + line.columns * pitch, fields.grid.y_mm[0] - line.rows * pitch)]
        for every in [np.linspace(0, x.size - 1, _OUTLINE_POINTS).round().astype(int)]
    )


def without_points(fields: PanelFields, loss: FloatImage, points: Iterable[Mark]) -> FloatImage:
    """The loss with nothing lost around nibs and craters; float32, same shape."""
    cleared = loss.copy()
    x, y = fields.grid.x_mm, fields.grid.y_mm
    for point in points:
        reach = point.length_mm / 2 + _AROUND_POINT_MM
        rows = np.flatnonzero(np.abs(y - point.y_mm) <= reach)
        columns = np.flatnonzero(np.abs(x - point.x_mm) <= reach)
        near = np.hypot(x[columns][None, :] - point.x_mm, y[rows][:, None] - point.y_mm) <= reach
        cleared[np.ix_(rows, columns)] = np.where(
            near, np.minimum(loss[np.ix_(rows, columns)], 0), cleared[np.ix_(rows, columns)]
        )
    return cleared
