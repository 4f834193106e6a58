"""One photo of reflected stripes without scale: are there stripes at all, and how far do their edges wander."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft2
from scipy.ndimage import label, maximum_filter1d, minimum_filter1d

from inspections.photo import CLIPPED_LEVEL, FloatImage, PanelPhoto
from spectra.arrays import FloatArray

LONGEST_SIDE = 2048
"""Larger photos are reduced to this before edges are measured; all figures are relative to the period. [pixel]"""
SEARCH_SIDE = 1024
"""Longest side of the reduced photo in which stripes are sought. [pixel]"""
TILES = (48, 64, 96, 128, 192, 256, 384)
MIN_CYCLES = 2.5
MIN_PERIOD_PX = 6.0
STRIPE_SHARE = 0.5
"""Share of a tile's contrast energy that one direction and its harmonics must hold."""
MIN_EDGES = 6
MIN_EDGE_PERIODS = 1.5
"""Shortest edge that is measured: in a shorter one wander and form are the same thing. [periods]"""
MIN_EDGE_LENGTH = 25.0
"""Least total length of edge in a region. [periods]"""
MIN_COVERAGE = 0.3
"""Least share of the edge length that stripes filling the region would have."""
MAX_REGIONS = 8
MEASURED_PERIOD_PX = 48.0
"""Stripes with a longer period are reduced to this before their edges are followed. [pixel]"""
MAX_IRREGULARITY = 0.15
"""Largest robust relative scatter of the distance between edges: a lamp's stripes are regular, a room is not."""
FORM_ORDER = 2
"""Polynomial removed from each edge: the panel's curvature bends stripes smoothly."""
_MIN_CONTRAST = 0.04
_REACH = 0.125
"""Farthest a crossing may lie from its edge's recent course; beyond, the reflection has jumped elsewhere. [periods]"""
_GAP = 0.15


@dataclass(frozen=True, slots=True, eq=False)
class StripeRegion:
    """One connected area of stripes of like direction and period.

    Attributes
    ----------
    period_px : float
        In pixels of the photo as given. [pixel]
    direction_deg : float
        Normal of the stripes, from image x towards image y. [°]
    n_edges : int
    edge_px : int
        Rows of edge that were measured, all edges together. [pixel]
    residual_px : float
        Rms distance of an edge from its own smooth course, median over the edges: a scratch or a stripe's end that
        spoils one edge does not decide. [pixel]
    clipped_share : float
        Share of the area with a channel at full scale. [0-1]
    """

    period_px: float
    direction_deg: float
    n_edges: int
    edge_px: int
    residual_px: float
    clipped_share: float

    @property
    def wander_percent(self) -> float:
        """Rms wander of the edges relative to the stripe period. [%]"""
        return 100.0 * self.residual_px / self.period_px


@dataclass(frozen=True, slots=True, eq=False)
class StripeSearch:
    """What the search for stripes gave: the regions measured, and why there are none where there are none."""

    regions: tuple[StripeRegion, ...]
    reason: str

    @property
    def wander_percent(self) -> float:
        """Rms over the regions, weighted by the length of edge they hold. [%]"""
        weight = np.array([region.edge_px for region in self.regions], dtype=np.float64)
        squared = np.array([region.wander_percent**2 for region in self.regions])
        return float(np.sqrt((weight * squared).sum() / weight.sum()))

    @property
    def clipped_share(self) -> float:
        """Largest clipped share of a region. [0-1]"""
        return max(region.clipped_share for region in self.regions)


def measure_stripes(photo: PanelPhoto) -> StripeSearch:
    """Find reflected stripes in a photo and measure how their edges wander.

    Tiles of several sizes are asked for one dominant direction with its harmonics; connected tiles that agree form
    a region, which is turned so that its stripes stand upright. In each row the crossings of the local mid level
    are found to a fraction of a pixel and followed from row to row; an edge's wander is its rms distance from its
    own parabola. A region counts only when it holds enough edges at regular distances.

    Parameters
    ----------
    photo : PanelPhoto

    Returns
    -------
    StripeSearch
        Without regions when the photo shows no stripes; `reason` then says what was missing.
    """
    clipped = photo.encoded if photo.encoded.ndim == 2 else photo.encoded.max(axis=2)
    full, _ = _reduced((clipped >= CLIPPED_LEVEL * photo.full_scale).astype(np.float32), LONGEST_SIDE)
    grey, reduction = _reduced(photo.linear_grey(), LONGEST_SIDE)
    candidates = _candidates(grey)
    if not candidates:
        return StripeSearch((), "no area with one dominant direction of regular light and dark")
    regions, reasons = [], []
    for candidate in candidates:
        measured = _measured(grey, full, candidate)
        if isinstance(measured, str):
            reasons.append(measured)
        else:
            regions.append(_enlarged(measured, reduction))
    if not regions:
        return StripeSearch((), f"{len(reasons)} areas look striped, none is: {reasons[0]}")
    return StripeSearch(tuple(regions), "")


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """Tiles that agree: mean frequency vector (x, y) [1/pixel], and the area they cover."""

    frequency: FloatArray
    area: NDArray[np.bool_]


def _reduced(image: FloatImage, longest_side: int) -> tuple[FloatImage, float]:
    """The image with its longest side at most so long, and by how much it was reduced."""
    reduction = max(1.0, max(image.shape) / longest_side)
    if reduction == 1.0:
        return image, 1.0
    size = (round(image.shape[1] / reduction), round(image.shape[0] / reduction))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA)), reduction


def _candidates(grey: FloatImage) -> list[_Candidate]:
    """Striped areas, largest first, at the tile size that sees most of them; in pixels of `grey`."""
    small, reduction = _reduced(grey, SEARCH_SIDE)
    best: list[_Candidate] = []
    covered = 0
    for side in TILES:
        if side > min(small.shape):
            continue
        found = _at_tile_size(small, side)
        area = sum(int(candidate.area.sum()) for candidate in found)
        if area > covered * 1.2:
            best, covered = found, area
    best = sorted(best, key=lambda candidate: int(candidate.area.sum()), reverse=True)[:MAX_REGIONS]
    size = (grey.shape[1], grey.shape[0])
    return [
        _Candidate(
            candidate.frequency / reduction,
            np.asarray(cv2.resize(candidate.area.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)) > 0,
        )
        for candidate in best
    ]


def _at_tile_size(grey: FloatImage, side: int) -> list[_Candidate]:
    hop = side // 4
    tiles = np.lib.stride_tricks.sliding_window_view(grey, (side, side))[::hop, ::hop]
    frequency = np.zeros((*tiles.shape[:2], 2))
    striped = np.zeros(tiles.shape[:2], dtype=bool)
    for row in range(tiles.shape[0]):  # row by row, to hold few tiles in memory
        frequency[row], striped[row] = _dominant(tiles[row])
    striped &= _neighbours(striped) >= 2
    candidates = []
    while striped.any():
        seed = np.argwhere(striped)[0]
        alike = striped & (_misfit(frequency, frequency[tuple(seed)]) < 0.3)
        for _ in range(3):  # the seed lies at a border; let the middle of the area speak
            groups, _count = label(alike, np.ones((3, 3)))
            group = groups == groups[tuple(seed)]
            centre = _mean_frequency(frequency[group])
            alike = striped & (_misfit(frequency, centre) < 0.3)
            alike[tuple(seed)] = True
        striped &= ~group
        area = np.zeros(grey.shape, dtype=bool)
        for i, j in np.argwhere(group):
            area[i * hop : i * hop + side, j * hop : j * hop + side] = True
        if group.sum() >= 6:
            candidates.append(_Candidate(centre, area))
    return candidates


def _dominant(tiles: NDArray[np.float32]) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Dominant frequency of each tile and whether it holds the tile's contrast; tiles (n, side, side)."""
    side = tiles.shape[-1]
    taper = np.hanning(side + 1)[:side].astype(np.float32)
    window = np.outer(taper, taper)
    mean = (tiles * window).sum(axis=(1, 2), keepdims=True) / window.sum()
    contrast = np.sqrt(((tiles - mean) ** 2 * window).sum(axis=(1, 2)) / window.sum())
    power = np.abs(rfft2((tiles - mean) * window)) ** 2
    power[:, :, 1:] *= 2
    fy, fx = np.meshgrid(np.fft.fftfreq(side) * side, np.arange(side // 2 + 1), indexing="ij")
    radius = np.hypot(fx, fy)
    power[:, radius < 1.5] = 0  # shading across the tile
    allowed = (radius >= MIN_CYCLES) & (radius <= side / MIN_PERIOD_PX)
    peak = np.argmax(np.where(allowed, power, 0).reshape(len(tiles), -1), axis=1)
    peak_x, peak_y = fx.ravel()[peak], fy.ravel()[peak]
    held = np.zeros(len(tiles))
    refined = np.zeros((len(tiles), 2))
    # Two lines of the spectrum that hold less than this together can not be the first harmonic of stripes.
    share = power.reshape(len(tiles), -1).max(axis=1) / np.maximum(power.sum(axis=(1, 2)), 1e-12)
    for k in np.flatnonzero((contrast >= _MIN_CONTRAST) & (share > 0.05)):
        near = np.hypot(fx - peak_x[k], fy - peak_y[k]) <= 2.0
        weight = power[k] * near
        total = weight.sum()
        if total <= 0:
            continue
        refined[k] = (weight * fx).sum() / total / side, (weight * fy).sum() / total / side
        # Every frequency along the same direction belongs to the stripes: duty cycle, harmonics, their widening.
        unit = np.array([peak_x[k], peak_y[k]]) / np.hypot(peak_x[k], peak_y[k])
        beside = np.abs(fx * unit[1] - fy * unit[0])
        ahead = np.abs(fx * unit[0] + fy * unit[1])
        base = np.hypot(peak_x[k], peak_y[k])
        comb = np.zeros_like(near)
        for harmonic in (1, 2, 3):
            comb |= (np.abs(ahead - harmonic * base) <= 1.5 + 0.15 * harmonic * base) & (beside <= 2.0 * harmonic)
        held[k] = power[k][comb].sum() / power[k].sum()
    return refined, (held >= STRIPE_SHARE) & (contrast >= _MIN_CONTRAST)


def _neighbours(striped: NDArray[np.bool_]) -> NDArray[np.int_]:
    padded = np.pad(striped.astype(int), 1)
    return (
        np.asarray(sum(np.roll(padded, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)))[1:-1, 1:-1] - striped
    )


def _misfit(frequency: FloatArray, reference: FloatArray) -> FloatArray:
    """Relative distance of frequency vectors; a stripe pattern and its opposite vector are the same."""
    apart = np.minimum(np.linalg.norm(frequency - reference, axis=-1), np.linalg.norm(frequency + reference, axis=-1))
    relative: FloatArray = apart / np.linalg.norm(reference)
    return relative


def _mean_frequency(frequency: FloatArray) -> FloatArray:
    sign = np.where(frequency @ frequency[0] < 0, -1.0, 1.0)
    mean: FloatArray = np.median(frequency * sign[:, None], axis=0)
    return mean


def _measured(grey: FloatImage, full: FloatImage, candidate: _Candidate) -> StripeRegion | str:
    """The region measured, or why it is no stripe pattern."""
    period = 1.0 / float(np.linalg.norm(candidate.frequency))
    upright, inside, clipped = _turned_upright(grey, full, candidate)
    reduction = max(1.0, period / MEASURED_PERIOD_PX)
    if reduction > 1:
        (upright, inside, clipped), period = _coarser(upright, inside, clipped, reduction), period / reduction
    edges, usable = _edges(upright, inside, period)
    spacing = _spacings(edges, period)
    if spacing.size and not 0.8 < np.median(spacing) / period < 1.25:
        # A tile smaller than two stripes sees its own size as the period: ask the edges, once.
        period = float(np.median(spacing))
        edges, usable = _edges(upright, inside, period)
        spacing = _spacings(edges, period)
    if len(edges) < MIN_EDGES:
        return f"{len(edges)} edges of at least {MIN_EDGE_PERIODS:g} periods; {MIN_EDGES} are needed"
    rows = np.array([edge.rows.size for edge in edges])
    coverage = rows.sum() * period / 2 / float(usable.sum())
    if rows.sum() < MIN_EDGE_LENGTH * period or coverage < MIN_COVERAGE:
        return f"edges fill {100 * coverage:.0f} % of what stripes would, over {rows.sum() / period:.0f} periods"
    single = spacing[np.abs(spacing / period - 1) < 0.4]
    if single.size < MIN_EDGES - 2:
        return "its edges do not lie side by side"
    measured_period = float(np.median(single))
    # An edge that could not be followed leaves a distance of two or three periods: that is still regular.
    fraction = spacing / measured_period - np.round(spacing / measured_period)
    irregularity = 1.4826 * float(np.median(np.abs(fraction)))
    if irregularity > MAX_IRREGULARITY:
        return f"its light and dark are not regular (distances scatter by {100 * irregularity:.0f} %)"
    wander = np.array([edge.wander() for edge in edges])
    return StripeRegion(
        period_px=measured_period * reduction,
        direction_deg=float(np.degrees(np.arctan2(candidate.frequency[1], candidate.frequency[0]))),
        n_edges=len(edges),
        edge_px=round(rows.sum() * reduction),
        residual_px=float(np.median(wander)) * reduction,
        clipped_share=float(clipped[usable].mean()),
    )


def _coarser(
    upright: FloatImage, inside: NDArray[np.bool_], clipped: FloatImage, reduction: float
) -> tuple[FloatImage, NDArray[np.bool_], FloatImage]:
    """The crop with fewer pixels: stripes of hundreds of pixels need no more to give their edges."""
    size = (round(upright.shape[1] / reduction), round(upright.shape[0] / reduction))
    fine, share, mask = (
        np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA))
        for part in (upright, clipped, inside.astype(np.float32))
    )
    return fine.astype(np.float32), mask > 0.5, share.astype(np.float32)


def _turned_upright(
    grey: FloatImage, full: FloatImage, candidate: _Candidate
) -> tuple[FloatImage, NDArray[np.bool_], FloatImage]:
    """Crop of the area, turned so that the stripes' normal points along rows; area and clipping likewise."""
    rows, columns = (np.flatnonzero(candidate.area.any(axis=axis)) for axis in (1, 0))
    centre = np.array([(columns[0] + columns[-1]) / 2, (rows[0] + rows[-1]) / 2])
    unit = candidate.frequency / np.linalg.norm(candidate.frequency)
    turn = np.array([[unit[0], unit[1]], [-unit[1], unit[0]]])
    corners = np.array([[x, y] for x in (columns[0], columns[-1]) for y in (rows[0], rows[-1])]) - centre
    half = np.abs(corners @ turn.T).max(axis=0) + 1
    size = (int(2 * half[0]) + 1, int(2 * half[1]) + 1)
    matrix = np.column_stack([turn, half - turn @ centre])
    upright = cv2.warpAffine(grey, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    area = cv2.warpAffine(candidate.area.astype(np.uint8), matrix, size, flags=cv2.INTER_NEAREST)
    clipped = cv2.warpAffine(full, matrix, size, flags=cv2.INTER_LINEAR)
    return np.asarray(upright), np.asarray(area) > 0, np.asarray(clipped)


@dataclass(frozen=True, slots=True, eq=False)
class _Edge:
    """One edge: its rows, its column in each [pixel], and whether light follows dark."""

    rows: FloatArray
    columns: FloatArray
    rising: bool

    def course(self, rows: FloatArray) -> FloatArray:
        """Smooth course at some rows. [pixel]"""
        fitted: FloatArray = np.polynomial.Polynomial.fit(self.rows, self.columns, FORM_ORDER)(rows)
        return fitted

    def wander(self) -> float:
        """Rms distance from the smooth course, scaled for the degrees of freedom it took. [pixel]"""
        squared = (self.columns - self.course(self.rows)) ** 2
        return float(np.sqrt(squared.sum() / (self.rows.size - FORM_ORDER - 1)))


def _edges(upright: FloatImage, inside: NDArray[np.bool_], period: float) -> tuple[list[_Edge], NDArray[np.bool_]]:
    """Edges followed down the rows, and where the stripes have contrast."""
    reach = round(0.55 * period) * 2 + 1
    along = max(3, round(period) | 1)
    steady = cv2.GaussianBlur(upright, (0, 0), sigmaX=0.7, sigmaY=along / 2)
    high = cv2.GaussianBlur(maximum_filter1d(steady, reach, axis=1), (0, 0), sigmaX=period / 2, sigmaY=along / 2)
    low = cv2.GaussianBlur(minimum_filter1d(steady, reach, axis=1), (0, 0), sigmaX=period / 2, sigmaY=along / 2)
    sharp = cv2.GaussianBlur(upright, (0, 0), 0.7)
    above = (sharp - (high + low) / 2) / np.maximum(high - low, 1e-6)
    usable = inside & (high - low > 2 * _MIN_CONTRAST) & (high - low > 0.35 * np.percentile((high - low)[inside], 90))
    return (
        [
            edge
            for rising in (True, False)
            for edge in _followed(above, usable, period, rising=rising)
            if edge.rows.size >= max(MIN_EDGE_PERIODS * period, 3 * FORM_ORDER + 6)
        ],
        usable,
    )


def _followed(above: FloatImage, usable: NDArray[np.bool_], period: float, *, rising: bool) -> list[_Edge]:
    """Crossings of one kind, linked from row to row, older edges first."""
    before, after = above[:, :-1], above[:, 1:]
    crosses = ((before < 0) & (after >= 0)) if rising else ((before >= 0) & (after < 0))
    crosses &= usable[:, :-1] & usable[:, 1:]
    all_rows, all_starts = np.nonzero(crosses)
    all_columns = all_starts - before[crosses] / (after[crosses] - before[crosses])
    first = np.searchsorted(all_rows, np.arange(above.shape[0] + 1))
    tolerance, gap = _REACH * period, max(2, int(_GAP * period))
    name = np.full(all_rows.size, -1)
    open_names = np.zeros(0, dtype=int)
    expected, last_row = np.zeros(0), np.zeros(0, dtype=int)
    count = 0
    for row in range(above.shape[0]):
        here = slice(first[row], first[row + 1])
        columns = all_columns[here]
        if columns.size == 0:
            continue
        fresh = row - last_row <= gap
        open_names, expected, last_row = open_names[fresh], expected[fresh], last_row[fresh]
        names = np.full(columns.size, -1)
        if open_names.size:
            apart = np.abs(columns[:, None] - expected[None, :])
            to_column = apart.argmin(axis=0)
            near = np.flatnonzero(apart[to_column, np.arange(open_names.size)] <= tolerance)
            # Where two edges want one crossing the older has it: a passing speck must not cut an edge in two.
            column, oldest = np.unique(to_column[near], return_index=True)
            edge = near[oldest]
            names[column] = open_names[edge]
            expected[edge] += 0.5 * (columns[column] - expected[edge])
            last_row[edge] = row
        new = names < 0
        names[new] = np.arange(count, count + new.sum())
        count += int(new.sum())
        open_names = np.concatenate([open_names, names[new]])
        expected = np.concatenate([expected, columns[new]])
        last_row = np.concatenate([last_row, np.full(int(new.sum()), row)])
        name[here] = names
    order = np.argsort(name, kind="stable")
    bounds = np.flatnonzero(np.diff(name[order])) + 1
    return [
        _Edge(all_rows[run].astype(np.float64), all_columns[run].astype(np.float64), rising)
        for run in np.split(order, bounds)
    ]


def _spacings(edges: list[_Edge], period: float) -> FloatArray:
    """Distances between neighbouring edges of one kind at shared rows; nearer ones are one edge in two. [pixel]"""
    distances = []
    for rising in (True, False):
        kind = [edge for edge in edges if edge.rising == rising]
        for edge in kind:
            middle = np.array([edge.rows.mean()])
            at = [float(other.course(middle)[0]) for other in kind if other.rows[0] <= middle[0] <= other.rows[-1]]
            ahead = [column - float(edge.course(middle)[0]) for column in at]
            nearest = [distance for distance in ahead if distance > 0.4 * period]
            if nearest:
                distances.append(min(nearest))
    return np.array(distances)


def _enlarged(region: StripeRegion, reduction: float) -> StripeRegion:
    """The region in pixels of the photo as it was before it was reduced."""
    return StripeRegion(
        region.period_px * reduction,
        region.direction_deg,
        region.n_edges,
        region.edge_px,
        region.residual_px * reduction,
        region.clipped_share,
    )
