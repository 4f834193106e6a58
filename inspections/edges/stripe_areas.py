"""Where a photo shows stripes: areas with one dominant direction of regular light and dark."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft2
from scipy.ndimage import label

from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray

SEARCH_SIDE = 1024
"""Longest side of the reduced photo in which stripes are sought. [pixel]"""
TILES = (48, 64, 96, 128, 192, 256, 384)
MIN_CYCLES = 2.5
MIN_PERIOD_PX = 6.0
STRIPE_SHARE = 0.5
"""Share of a tile's contrast energy that one direction and its harmonics must hold."""
MAX_AREAS = 8
_BINS_AT_ONCE = 1 << 18
MIN_CONTRAST = 0.04
"""Least standard deviation of linear light in a tile. [1 = full scale]"""


@dataclass(frozen=True, slots=True, eq=False)
class StripedArea:
    """Connected tiles that agree on one pattern of stripes.

    Attributes
    ----------
    frequency : ndarray, shape (2,)
        Across the stripes, along image x and y. [1/pixel]
    inside : ndarray of bool, shape (height, width)
        What the tiles cover.
    """

    frequency: FloatArray
    inside: NDArray[np.bool_]


def reduced(image: FloatImage, longest_side: int) -> tuple[FloatImage, float]:
    """The image with its longest side at most so long, and by how much it was reduced."""
    reduction = max(1.0, max(image.shape) / longest_side)
    if reduction == 1.0:
        return image, 1.0
    size = (round(image.shape[1] / reduction), round(image.shape[0] / reduction))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA)), reduction


def striped_areas(grey: FloatImage) -> list[StripedArea]:
    """Striped areas of a photo, largest first, at the tile size that sees most of them.

    Parameters
    ----------
    grey : ndarray of float32, shape (height, width)
        Linear.

    Returns
    -------
    list of StripedArea
        At most `MAX_AREAS`, in pixels of `grey`.
    """
    small, reduction = reduced(grey, SEARCH_SIDE)
    best: list[StripedArea] = []
    covered = 0
    for side in TILES:
        if side > min(small.shape):
            continue
        found = _at_tile_size(small, side)
        total = sum(int(area.inside.sum()) for area in found)
        if total > covered * 1.2:
            best, covered = found, total
    best = sorted(best, key=lambda area: int(area.inside.sum()), reverse=True)[:MAX_AREAS]
    size = (grey.shape[1], grey.shape[0])
    return [
        StripedArea(
            area.frequency / reduction,
            np.asarray(cv2.resize(area.inside.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)) > 0,
        )
        for area in best
    ]


def _at_tile_size(grey: FloatImage, side: int) -> list[StripedArea]:
    hop = side // 4
    tiles = np.lib.stride_tricks.sliding_window_view(grey, (side, side))[::hop, ::hop]
    frequency = np.zeros((*tiles.shape[:2], 2))
    striped = np.zeros(tiles.shape[:2], dtype=bool)
    for row in range(tiles.shape[0]):  # row by row, to hold few tiles in memory
        frequency[row], striped[row] = _dominant(tiles[row])
    striped &= _neighbours(striped) >= 2
    areas = []
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
        covered = np.zeros(grey.shape, dtype=bool)
        for i, j in np.argwhere(group):
            covered[i * hop : i * hop + side, j * hop : j * hop + side] = True
        if group.sum() >= 6:
            areas.append(StripedArea(centre, covered))
    return areas


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
    fy, fx = fy.astype(np.float32), fx.astype(np.float32)
    radius = np.hypot(fx, fy)
    power[:, radius < 1.5] = 0  # shading across the tile
    allowed = (radius >= MIN_CYCLES) & (radius <= side / MIN_PERIOD_PX)
    peak = np.argmax(np.where(allowed, power, 0).reshape(len(tiles), -1), axis=1)
    peak_x, peak_y = fx.ravel()[peak], fy.ravel()[peak]
    held = np.zeros(len(tiles))
    refined = np.zeros((len(tiles), 2))
    # Two lines of the spectrum that hold less than this together can not be the first harmonic of stripes.
    share = power.reshape(len(tiles), -1).max(axis=1) / np.maximum(power.sum(axis=(1, 2)), 1e-12)
    candidates = np.flatnonzero((contrast >= MIN_CONTRAST) & (share > 0.05))
    at_once = max(1, _BINS_AT_ONCE // fx.size)
    for start in range(0, candidates.size, at_once):
        some = candidates[start : start + at_once]
        x, y = (peak[some, None, None].astype(np.float32) for peak in (peak_x, peak_y))
        near = power[some] * ((fx - x) ** 2 + (fy - y) ** 2 <= 4.0)
        total = near.sum(axis=(1, 2))
        for axis, frequency in enumerate((fx, fy)):
            refined[some, axis] = (near * frequency).sum(axis=(1, 2)) / np.maximum(total, 1e-30) / side
        # Every frequency along the same direction belongs to the stripes: duty cycle, harmonics, their widening.
        base = np.hypot(x, y)
        beside = np.abs(fx * (y / base) - fy * (x / base))
        ahead = np.abs(fx * (x / base) + fy * (y / base))
        comb = np.zeros(near.shape, bool)
        for harmonic in (1, 2, 3):
            comb |= (np.abs(ahead - harmonic * base) <= 1.5 + 0.15 * harmonic * base) & (beside <= 2.0 * harmonic)
        held[some] = np.where(total > 0, (power[some] * comb).sum(axis=(1, 2)) / power[some].sum(axis=(1, 2)), 0.0)
    return refined, (held >= STRIPE_SHARE) & (contrast >= MIN_CONTRAST)


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
