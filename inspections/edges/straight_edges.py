"""Straight edges of light mirrored in the panel: found in the rectified photo and followed to a fraction of a pixel."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from inspections.edges.stripe_edges import trace_edges
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
_POINTS_PER_SMOOTHING = 8.0
"""Points of the reduced grid on which edges are sought, to the sigma of their blur."""
_LINES_AT_ONCE = 64
"""As many as stay in the cache."""


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
    courses = []
    for edge in _rough_edges(image, dark, light, pitch_mm):
        first = _away_from_end(edge.rows[0], 1, image.shape[0], pitch_mm)
        last = _away_from_end(edge.rows[-1], -1, image.shape[0], pitch_mm)
        if (last - first) * pitch_mm < LEAST_LENGTH_MM / 2:
            continue
        rows = np.arange(first, last + 1, dtype=np.float64)
        courses.append((rows, np.interp(rows, edge.rows, edge.columns), edge.rising))
    if not courses:
        return []
    middle = _resized(np.asarray((light + dark) / 2, np.float32), image.shape)
    return [_placed(image, middle, courses, index, pitch_mm) for index in range(len(courses))]


def _rough_edges(image: FloatImage, dark: FloatImage, light: FloatImage, pitch_mm: float) -> list[TracedEdge]:
    """Edges of the blurred photo that are long enough, sought on a grid that is fine enough for the blur."""
    factor = max(1, int(_SMOOTHING_MM / pitch_mm / _POINTS_PER_SMOOTHING))
    size = (max(1, image.shape[1] // factor), max(1, image.shape[0] // factor))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.float32)
    across, down = image.shape[1] / size[0], image.shape[0] / size[1]
    contrast = _resized(light, small.shape) - _resized(dark, small.shape)
    lowest, highest = np.percentile(small, [2, 98])
    usable = contrast > LEAST_CONTRAST * float(highest - lowest)
    middle = _resized(np.asarray((light + dark) / 2, np.float32), small.shape)
    level = (small - middle) / np.maximum(contrast, np.float32(1e-6))
    sigma = _SMOOTHING_MM / (pitch_mm * down)
    smooth = np.asarray(cv2.GaussianBlur(level, (0, 0), sigma), np.float32)
    return [
        TracedEdge(
            # From the upper side of the first cell to the lower side of the last.
            np.interp(edge.rows, edge.rows[[0, -1]], [edge.rows[0] * down, (edge.rows[-1] + 1) * down - 1]),
            (edge.columns + 0.5) * across - 0.5,
            edge.rising,
        )
        for edge in trace_edges(smooth, usable, _FOLLOWED_MM / (pitch_mm * down))
        if edge.rows.size * down * pitch_mm >= LEAST_LENGTH_MM
    ]


def _away_from_end(row: float, inwards: int, height: int, pitch_mm: float) -> int:
    """A row at the end of an edge, moved inwards (+1 down, −1 up) from a corner of the light: peel moves that as far as
    an edge.
    """
    reach = _REACH_MM / pitch_mm
    if row < 0.5 * reach or row > height - 1 - 0.5 * reach:
        return int(row)  # it runs on under the card
    return round(row + inwards * reach)


def _placed(
    image: FloatImage,
    middle: FloatImage,
    courses: list[tuple[FloatArray, FloatArray, bool]],
    index: int,
    pitch_mm: float,
) -> TracedEdge:
    """The edge by the area of its step, no farther than half-way to the next edge."""
    rows, columns, rising = courses[index]
    here = float(np.median(columns))
    apart = [abs(float(np.median(other)) - here) for at, (_, other, _) in enumerate(courses) if at != index]
    reach = round(min([_REACH_MM / pitch_mm, *(0.5 * distance for distance in apart)]))
    last = image.shape[1] - 1
    low = np.clip(np.round(columns).astype(int) - reach, 0, last)
    high = np.clip(np.round(columns).astype(int) + reach, 0, last)
    light = np.empty(rows.size)
    for start in range(0, rows.size, _LINES_AT_ONCE):
        lines = slice(start, min(start + _LINES_AT_ONCE, rows.size))
        left, right = int(low[lines].min()), int(high[lines].max())
        around = (slice(int(rows[start]), int(rows[lines.stop - 1]) + 1), slice(left, right + 1))
        filled = np.zeros((lines.stop - start, right - left + 1))
        np.cumsum(_light_share(image[around] - middle[around]), axis=1, out=filled[:, 1:])
        at = np.arange(len(filled))
        light[lines] = filled[at, high[lines] - left] - filled[at, low[lines] - left]
    return TracedEdge(rows, high - light if rising else low + light, rising)


def _light_share(level: FloatImage) -> FloatImage:
    """Share of the way from each point to the next along the line that is above mid level; one column less."""
    size, above = np.abs(level), np.maximum(level, np.float32(0))
    both = np.maximum(size[:, :-1] + size[:, 1:], np.float32(1e-12))
    return np.asarray((above[:, :-1] + above[:, 1:]) / both, np.float32)


def _levels(image: FloatImage, pitch_mm: float) -> tuple[FloatImage, FloatImage]:
    """Dark and light of the surroundings, smooth, on a grid of about a millimetre."""
    factor = max(1, round(1.0 / pitch_mm))
    size = (max(8, image.shape[1] // factor), max(8, image.shape[0] // factor))
    # The median forgives specks and the mirrored card; a millimetre is as fine as levels need.
    small = cv2.medianBlur(cv2.resize(image, size, interpolation=cv2.INTER_AREA), 5)
    across = 2 * round(_SURROUND_MM * size[0] / (image.shape[1] * pitch_mm) / 2) + 1
    square = np.ones((across, across), np.uint8)
    dark, light = (
        np.asarray(cv2.GaussianBlur(extreme, (0, 0), across / 4), np.float32)
        for extreme in (cv2.erode(small, square), cv2.dilate(small, square))
    )
    return dark, light


def _resized(field: FloatImage, shape: tuple[int, ...]) -> FloatImage:
    return np.asarray(cv2.resize(field, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR), np.float32)
