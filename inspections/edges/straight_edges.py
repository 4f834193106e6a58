"""Straight edges of light mirrored in the panel: found in the rectified photo and followed to a fraction of a pixel."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from inspections.edges.stripe_edges import trace_edges
from inspections.frame.smooth_fields import gaussian_blur
from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray

LEAST_CONTRAST = 0.3
"""Light against dark within `_SURROUND_MM`, over that of the whole photo, for an edge to be there."""
LEAST_LENGTH_MM = 25.0
"""Shortest edge that is measured: two waves of the longest kind in LW. [mm]"""
_SURROUND_MM = 20.0
_SMOOTHING_MM = 1.5
"""Blur after which a wavering edge crosses each line once. [mm]"""
_FOLLOWED_MM = 16.0
"""Length that `trace_edges` takes for the distance of stripes: an edge may jump by an eighth of it. [mm]"""
_REACH_MM = 4.0
"""Farthest that peel is expected to move an edge on the panel. [mm]"""


@dataclass(frozen=True, slots=True, eq=False)
class TracedEdge:
    """One edge, line by line.

    Attributes
    ----------
    rows : ndarray of int, shape (n,)
        Lines, without gaps. [grid points]
    columns : ndarray, shape (n,)
        Where the edge lies in each. [grid points]
    rising : bool
        Whether light follows dark along the line.
    """

    rows: FloatArray
    columns: FloatArray
    rising: bool


def straight_edges(image: FloatImage, pitch_mm: float) -> list[TracedEdge]:
    """Edges that stand upright in a rectified photo.

    Parameters
    ----------
    image : ndarray of float32, shape (height, width)
        Linear, on the panel grid; transposed for edges that lie.
    pitch_mm : float
        [mm]

    Returns
    -------
    list of TracedEdge
        Of at least `LEAST_LENGTH_MM`.

    Notes
    -----
    The blurred photo tells roughly where an edge runs. In each line its place is then where as much light lies before
    as dark behind, light being all above the local mid level, to a fraction of a pixel: where the edge is folded, parts
    of it weigh as much as they are wide. The centroid of the blurred edge would average over more than a millimetre.
    """
    dark, light = _levels(image, pitch_mm)
    contrast = light - dark
    usable = contrast > LEAST_CONTRAST * float(np.percentile(image, 98) - np.percentile(image, 2))
    level = (image - (light + dark) / 2) / np.maximum(contrast, np.float32(1e-6))
    smooth = gaussian_blur(np.asarray(level, np.float32), _SMOOTHING_MM / pitch_mm)
    rough = [
        edge
        for edge in trace_edges(smooth, usable, _FOLLOWED_MM / pitch_mm)
        if edge.rows.size * pitch_mm >= LEAST_LENGTH_MM
    ]
    filled = np.cumsum(np.pad(_light_share(level), ((0, 0), (1, 0))), axis=1, dtype=np.float64)
    courses = []
    for edge in rough:
        first, last = (_away_from_end(row, image.shape[0], pitch_mm) for row in (edge.rows[0], edge.rows[-1]))
        if (last - first) * pitch_mm < LEAST_LENGTH_MM / 2:
            continue
        rows = np.arange(first, last + 1, dtype=np.float64)
        courses.append((rows, np.interp(rows, edge.rows, edge.columns), edge.rising))
    return [_placed(filled, courses, index, pitch_mm) for index in range(len(courses))]


def _away_from_end(row: float, height: int, pitch_mm: float) -> int:
    """A row at the end of an edge, moved inwards where the light has a corner: peel moves that as far as an edge."""
    reach = _REACH_MM / pitch_mm
    if row < 0.5 * reach or row > height - 1 - 0.5 * reach:
        return int(row)  # it runs on under the card
    return round(row + reach) if row < height / 2 else round(row - reach)


def _placed(
    filled: FloatArray, courses: list[tuple[FloatArray, FloatArray, bool]], index: int, pitch_mm: float
) -> TracedEdge:
    """The edge by the area of its step, no farther than half-way to the next edge."""
    rows, columns, rising = courses[index]
    middle = float(np.median(columns))
    apart = [abs(float(np.median(other)) - middle) for at, (_, other, _) in enumerate(courses) if at != index]
    reach = round(min([_REACH_MM / pitch_mm, *(0.5 * distance for distance in apart)]))
    at = rows.astype(int)
    last = filled.shape[1] - 1
    low = np.clip(np.round(columns).astype(int) - reach, 0, last)
    high = np.clip(np.round(columns).astype(int) + reach, 0, last)
    light = filled[at, high] - filled[at, low]
    return TracedEdge(rows, high - light if rising else low + light, rising)


def _light_share(level: FloatImage) -> FloatImage:
    """Share of the way from each point to the next along the line that is above mid level; one column less."""
    before, after = level[:, :-1], level[:, 1:]
    crossing = (before > 0) != (after > 0)
    above = np.where(crossing, np.maximum(before, after) / np.maximum(np.abs(after - before), 1e-12), before > 0)
    return np.asarray(above, np.float32)


def _levels(image: FloatImage, pitch_mm: float) -> tuple[FloatImage, FloatImage]:
    """Dark and light about every point, smooth."""
    factor = max(1, round(1.0 / pitch_mm))
    size = (max(8, image.shape[1] // factor), max(8, image.shape[0] // factor))
    # The median forgives specks and the mirrored card; a millimetre is as fine as levels need.
    small = cv2.medianBlur(cv2.resize(image, size, interpolation=cv2.INTER_AREA), 5)
    across = 2 * round(_SURROUND_MM * size[0] / (image.shape[1] * pitch_mm) / 2) + 1
    square = np.ones((across, across), np.uint8)
    levels = []
    for extreme in (cv2.erode(small, square), cv2.dilate(small, square)):
        blurred = cv2.GaussianBlur(extreme, (0, 0), across / 4)
        levels.append(np.asarray(cv2.resize(blurred, image.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32))
    return levels[0], levels[1]
