"""Fine lines in a map of lost modulation: an oriented filter, traced to lines with length and direction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft2, next_fast_len, rfft2
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from inspections.marks.extremes import chance_level, robust_scale
from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray

DIRECTIONS = 16
LENGTH_MM = 4.0
"""Length over which the filter averages along the line. [mm]"""
_WIDTH_MM = 0.08
"""Sigma of the filter across; a line finer than the pixel is as wide as the blur of the lens. [mm]"""
_SURROUND = 3.0
_CLIP = 6.0
"""Standard deviations at which a point is cut: a nib must not look like a line because it is dark."""
_SKEW = 1.25
"""Most by which chance may reach higher on the side of the scratches than on the other."""
_GAUSSIAN_LEVEL = 6.0
"""What `chance_level` gives for one direction of a Gaussian field of some thousand blocks."""
_HYSTERESIS = 0.6
BLOCK_MM = 2.0
"""Side of the blocks whose maxima tell the level of chance. [mm]"""
_GAP_MM = 0.5
_BESIDE_MM = 0.6
_POINTS = 25
_ASIDE = 0.4
"""Sine of the angle by which the step to the next point may leave the direction of the line."""
_TURN = 2
"""Directions by which neighbouring points of one line may differ."""


@dataclass(frozen=True, slots=True, eq=False)
class LineResponse:
    """What the oriented filter gave.

    Attributes
    ----------
    strength : ndarray of float32, shape (height, width)
        Largest response over all directions. [standard deviations of the panel's own response]
    direction : ndarray of uint8, same shape
        Which one, in steps of 180°/DIRECTIONS counter-clockwise from x.
    gained : ndarray of float32, same shape
        Largest response of the other sign: what chance does without any scratch.
    level : float
        Strength that the panel reaches by chance.
    """

    strength: FloatImage
    direction: NDArray[np.uint8]
    gained: FloatImage
    level: float

    def part(self, where: tuple[slice, slice]) -> LineResponse:
        """The same of a part of the panel."""
        return LineResponse(self.strength[where], self.direction[where], self.gained[where], self.level)


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One line.

    Attributes
    ----------
    rows, columns : ndarray, shape (n_points,)
        Along the line, from one end to the other. [pixel]
    length_mm : float
    orientation_deg : float
        0 to 180, counter-clockwise from x. [°]
    strength : float
        Median response along it.
    """

    rows: FloatArray
    columns: FloatArray
    length_mm: float
    orientation_deg: float
    strength: float


def line_response(loss: FloatImage, pitch_mm: float) -> LineResponse:
    """Lost modulation averaged along lines in all directions, less that beside them.

    Parameters
    ----------
    loss : ndarray of float32, shape (height, width)
        From `modulation_loss`.
    pitch_mm : float

    Returns
    -------
    LineResponse

    Notes
    -----
    Gaussian of 4 mm effective length along, difference of Gaussians across, in the frequency domain. The level comes
    from the lines on which modulation is gained, which no scratch makes; where the texture is skewed towards loss,
    from the losses themselves, but never more than `_SKEW` above the former, lest many scratches hide themselves.
    A direction in which chance reaches higher than noise would, as along the blocks of a JPEG, counts for less.
    """
    block = max(1, round(BLOCK_MM / pitch_mm))
    strongest = np.full(loss.shape, -np.inf, np.float32)
    weakest = np.full(loss.shape, np.inf, np.float32)
    direction = np.zeros(loss.shape, np.uint8)
    for k, response in directional_responses(loss, pitch_mm):
        better = response > strongest
        strongest[better], direction[better] = response[better], k
        np.minimum(weakest, response, out=weakest)
    return LineResponse(strongest, direction, -weakest, line_level(strongest, -weakest, block))


def line_level(strength: FloatImage, gained: FloatImage, block_px: int) -> float:
    """Strength that lines reach by chance, from both signs; see `line_response`."""
    return min(chance_level(strength, block_px), _SKEW * chance_level(gained, block_px))


def directional_responses(
    values: FloatImage, pitch_mm: float, directions: Iterable[int] = range(DIRECTIONS)
) -> Iterator[tuple[int, FloatImage]]:
    """The oriented filter of `line_response`, direction by direction.

    Parameters
    ----------
    values : ndarray of float32, shape (height, width)
        Median 0, scatter 1; what a line adds is positive.
    pitch_mm : float
    directions : iterable of int
        In steps of 180°/DIRECTIONS counter-clockwise from x.

    Yields
    ------
    tuple of (int, ndarray of float32)
        Direction and response. [standard deviations of the response itself]
    """
    cut = np.clip(values, -_CLIP, _CLIP)
    shape = values.shape
    pad = round(LENGTH_MM / pitch_mm)
    padded = (next_fast_len(shape[0] + pad, real=True), next_fast_len(shape[1] + pad, real=True))
    spectrum = rfft2(cut, padded)
    fy = -np.fft.fftfreq(padded[0], pitch_mm)[:, None].astype(np.float32)  # rows run down, y runs up
    fx = np.fft.rfftfreq(padded[1], pitch_mm)[None, :].astype(np.float32)
    block = max(1, round(BLOCK_MM / pitch_mm))
    turn = np.float32(-2 * np.pi**2)
    for k in directions:
        angle = np.pi * k / DIRECTIONS
        along = fx * np.float32(np.cos(angle)) + fy * np.float32(np.sin(angle))
        across = np.square(fy * np.float32(np.cos(angle)) - fx * np.float32(np.sin(angle)))
        # A Gaussian of sigma L/√12 averages as a box of length L does.
        kernel = np.exp(turn * np.float32(LENGTH_MM**2 / 12) * along**2)
        kernel *= np.exp(turn * np.float32(_WIDTH_MM**2) * across) - np.exp(
            turn * np.float32((_SURROUND * _WIDTH_MM) ** 2) * across
        )
        response = np.asarray(irfft2(spectrum * kernel, padded)[: shape[0], : shape[1]], np.float32)
        response /= np.float32(max(robust_scale(response), 1e-9))
        response *= np.float32(min(1.0, _GAUSSIAN_LEVEL / chance_level(-response, block)))
        yield k, response


def trace_lines(response: LineResponse, pitch_mm: float, shortest_mm: float) -> tuple[Line, ...]:
    """Ridges of the response, joined where they run on in the same direction.

    Parameters
    ----------
    response : LineResponse
    pitch_mm : float
    shortest_mm : float
        Shorter ones are left out. [mm]

    Returns
    -------
    tuple of Line
        Strongest first.

    Notes
    -----
    Hysteresis: a line holds a point above the level and goes on down to `_HYSTERESIS` of it. The filter reaches half
    its length beyond the end of a line, where its response has fallen to half: there the line is cut.
    """
    rows, columns = np.nonzero(_ridge(response) & (response.strength > _HYSTERESIS * response.level))
    if not rows.size:
        return ()
    strength, direction = response.strength[rows, columns], response.direction[rows, columns].astype(int)
    pairs = cKDTree(np.column_stack([rows, columns])).query_pairs(_GAP_MM / pitch_mm, output_type="ndarray")
    apart = np.abs(direction[pairs[:, 0]] - direction[pairs[:, 1]])
    step = np.column_stack([columns, -rows])[pairs[:, 1]] - np.column_stack([columns, -rows])[pairs[:, 0]]
    aside = np.abs(np.sin(np.arctan2(step[:, 1], step[:, 0]) - np.pi / DIRECTIONS * direction[pairs[:, 0]]))
    touching = np.abs(step).max(axis=1) <= 1
    pairs = pairs[(np.minimum(apart, DIRECTIONS - apart) <= _TURN) & (touching | (aside < _ASIDE))]
    linked = coo_matrix((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(rows.size, rows.size))
    _, member = connected_components(linked, directed=False)
    lines = []
    for one in np.unique(member[strength > response.level]):
        inside = member == one
        kept = inside & (strength >= 0.5 * np.quantile(strength[inside], 0.9))
        line = _fitted(rows[kept], columns[kept], strength[kept], pitch_mm)
        if line is not None and line.length_mm >= shortest_mm:
            lines.append(line)
    return _distinct(sorted(lines, key=lambda line: -line.strength), pitch_mm)


def _ridge(response: LineResponse) -> NDArray[np.bool_]:
    """Where the response is largest across its own direction."""
    strength = cv2.copyMakeBorder(response.strength, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=-np.inf)
    ridge = np.zeros(response.strength.shape, bool)
    rows, columns = response.strength.shape
    for k in range(DIRECTIONS):
        angle = np.pi * k / DIRECTIONS
        right, down = round(-np.sin(angle)), -round(np.cos(angle))
        one = strength[1 + down : 1 + down + rows, 1 + right : 1 + right + columns]
        other = strength[1 - down : 1 - down + rows, 1 - right : 1 - right + columns]
        ridge |= (response.direction == k) & (response.strength >= one) & (response.strength > other)
    return ridge


def _fitted(
    rows: NDArray[np.integer], columns: NDArray[np.integer], strength: FloatImage, pitch_mm: float
) -> Line | None:
    """A parabola through the points in their own axes; None for what is no line."""
    if rows.size < 5:
        return None
    x, y = columns * pitch_mm, -rows * pitch_mm
    centre = np.array([x.mean(), y.mean()])
    values, axes = np.linalg.eigh(np.cov(np.stack([x, y])))
    if values[0] > 0.1 * values[1]:
        return None
    along, across = axes[:, 1], np.array([-axes[1, 1], axes[0, 1]])
    points = np.column_stack([x, y]) - centre
    t, s = points @ along, points @ across
    bend = np.polynomial.Polynomial.fit(t, s, 2)
    at = np.linspace(t.min(), t.max(), _POINTS)
    path = centre + at[:, None] * along + bend(at)[:, None] * across
    chord = path[-1] - path[0]
    return Line(
        rows=-path[:, 1] / pitch_mm,
        columns=path[:, 0] / pitch_mm,
        length_mm=float(np.hypot(*np.diff(path, axis=0).T).sum()),
        orientation_deg=float(np.degrees(np.arctan2(chord[1], chord[0])) % 180.0),
        strength=float(np.median(strength)),
    )


def _distinct(lines: list[Line], pitch_mm: float) -> tuple[Line, ...]:
    """Strongest first, without those that run beside a stronger one: the filter sees a line from both sides."""
    kept: list[Line] = []
    for line in lines:
        points = np.column_stack([line.rows, line.columns])
        near = [
            cKDTree(np.column_stack([other.rows, other.columns])).query(points)[0] * pitch_mm
            < _BESIDE_MM + other.length_mm / (2 * _POINTS)
            for other in kept
        ]
        if not near or np.mean(np.any(near, axis=0)) < 0.5:
            kept.append(line)
    return tuple(kept)
