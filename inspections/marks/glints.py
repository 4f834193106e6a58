"""Scratches that glint under a lamp moved around the panel: each photo shows those that run across its half vectors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inspections.frame.rectify import PanelGrid
from inspections.frame.smooth_fields import gaussian_blur
from inspections.marks.extremes import robust_scale
from inspections.marks.half_vectors import HalfVectors
from inspections.marks.lines import (
    BLOCK_MM,
    DIRECTIONS,
    LENGTH_MM,
    LineResponse,
    directional_responses,
    line_level,
)
from inspections.marks.mark import Mark
from inspections.marks.mask import clear_of
from inspections.marks.scratches import find_scratches
from inspections.marks.swirls import AROUND_MM, FAINT, find_swirls
from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray

LEAST_COVERAGE = 0.6
"""Share of directions and places that the lights must show before directions of many scratches mean anything."""
_SLOW_MM = 2.0
"""Sigma of the Gaussian above which body, mottle and falloff are taken out. [mm]"""
_CLIPPED = 0.98
_AROUND_CLIPPED_MM = 0.6
_LOBE_MM, _LOBE = 0.8, 2.0
"""A darker line beside one this much brighter is the filter's own lobe, not chance."""
_CODE = 10.0
"""Steps of a stored glint to a standard deviation."""
_SEEN = 6.0
"""Standard errors of the mean over `LENGTH_MM` by which a line must stand out of both its sides to glint."""
_BESIDE_MM = (0.5, 0.8)


@dataclass(frozen=True, slots=True, eq=False)
class LampPhoto:
    """One photo under one lamp.

    Attributes
    ----------
    file : str
    light : ndarray of float32, shape (height, width)
        On the panel grid. [linear, 1 = full scale]
    half : HalfVectors
    white : float
        The card's white in the same photo. [linear]
    """

    file: str
    light: FloatImage
    half: HalfVectors
    white: float


@dataclass(frozen=True, slots=True, eq=False)
class GlintSearch:
    """What glints.

    Attributes
    ----------
    marks : tuple of Mark
        Scratches with `lights`, swirl fields and buffer trails.
    files : tuple of str
        Photos that were looked at.
    area_cm2 : float
        Of the panel where some light can show some scratch. [cm²]
    coverage : float
        Share of directions and places of which some light shows every scratch. [0-1]
    noise : float
        Scatter of a pixel over the white of the card, in the middle one of the photos: what body, sensor and
        compression leave a glint to stand out of.
    anisotropy : float or None
        |Σ w exp(2iθ)|/Σ w over glinting points, w over the area in which some light shows that direction; None where
        nothing glints, or where the lights leave out too many directions.
    """

    marks: tuple[Mark, ...]
    files: tuple[str, ...]
    area_cm2: float
    coverage: float
    noise: float
    anisotropy: float | None


@dataclass(frozen=True, slots=True)
class NoGlints:
    """Why nobody could look for glints, and what would help."""

    reason: str
    would_help: str


NO_GLINTS = NoGlints("nobody looked for glints in this capture", "photos of a lamp moved around the panel")


def find_glints(photos: Iterable[LampPhoto], grid: PanelGrid) -> GlintSearch:
    """Scratches, swirls and buffer trails from glints.

    Parameters
    ----------
    photos : iterable of LampPhoto
        One at a time: only what glints in each is kept.
    grid : PanelGrid
        Of every photo.

    Returns
    -------
    GlintSearch

    Notes
    -----
    In every photo the oriented filter of `line_response` looks only where, and in the directions in which, its lamp
    can show a scratch; of all lamps the strongest response counts. A scratch adds light and takes none, noise and
    texture do both: the level comes from the lines that are darker than their surroundings.
    """
    shape = grid.shape
    strongest, weakest = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    direction = np.zeros(shape, np.uint8)
    covered = np.zeros((DIRECTIONS, *shape), bool)
    kept: list[NDArray[np.int8]] = []
    files, noise = [], []
    for photo in photos:
        glint, scatter = _standardised(photo, grid.pitch_mm)
        visible = {k: photo.half.shows(k) for k in range(DIRECTIONS)}
        lit = [k for k, where in visible.items() if where.any()]
        for k, seen in directional_responses(glint, grid.pitch_mm, lit):
            seen *= visible[k]
            better = seen > strongest
            strongest[better], direction[better] = seen[better], k
            np.minimum(weakest, seen, out=weakest)
            covered[k] |= photo.half.covers(k)
        kept.append(np.clip(_CODE * glint, -127, 127).astype(np.int8))
        files.append(photo.file)
        noise.append(scatter / max(photo.white, 1e-6))
    block = max(1, round(BLOCK_MM / grid.pitch_mm))
    darker = _without_lobes(-weakest, strongest, grid.pitch_mm)
    response = LineResponse(strongest, direction, darker, line_level(strongest, darker, block))
    somewhere = covered.any(axis=0)
    coverage = float(covered.mean())
    scratches = tuple(
        replace(mark, lights=sum(_glints(one, mark, grid) for one in kept)) for mark in find_scratches(response, grid)
    )
    areas: tuple[Mark, ...] = ()
    if coverage >= LEAST_COVERAGE:
        areas = find_swirls(response, clear_of(scratches, grid, AROUND_MM) & somewhere, grid)
    return GlintSearch(
        marks=(*scratches, *areas),
        files=tuple(files),
        area_cm2=float(somewhere.sum()) * grid.pitch_mm**2 / 100,
        coverage=coverage,
        noise=float(np.median(noise)),
        anisotropy=_anisotropy(response, covered) if scratches or areas else None,
    )


def _standardised(photo: LampPhoto, pitch_mm: float) -> tuple[FloatImage, float]:
    """Light beyond its slow course at equal irradiance, median 0 and scatter 1, and that scatter; 0 near highlights."""
    light = photo.light / photo.half.irradiance
    rest = light - gaussian_blur(light, _SLOW_MM / pitch_mm)
    usable = photo.half.dark
    clipped = (photo.light >= _CLIPPED).astype(np.uint8)
    if clipped.any():
        # One clipped glint is a bright scratch; a clipped area is a highlight, whose rim is no scratch.
        reach = 2 * max(1, round(_AROUND_CLIPPED_MM / pitch_mm)) + 1
        core = cv2.morphologyEx(clipped, cv2.MORPH_OPEN, np.ones((reach, reach), np.uint8))
        usable = usable & (cv2.dilate(core, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) == 0)
    if not usable.any():
        return np.zeros_like(rest), 0.0
    rest -= np.float32(np.median(rest[usable]))
    rest *= usable
    scatter = max(robust_scale(rest), 1e-9)
    return np.asarray(rest / np.float32(scatter), np.float32), scatter


def _without_lobes(darker: FloatImage, brighter: FloatImage, pitch_mm: float) -> FloatImage:
    """Responses to darker lines, 0 beside much brighter ones."""
    side = 2 * max(1, round(_LOBE_MM / pitch_mm)) + 1
    near = np.asarray(cv2.dilate(brighter, np.ones((side, side), np.uint8)), np.float32)
    return np.where(near > np.float32(_LOBE) * darker, np.float32(0), darker)


def _glints(coded: NDArray[np.int8], mark: Mark, grid: PanelGrid) -> bool:
    """Whether a line stands out of both its sides in one photo, over some `LENGTH_MM` of it."""
    glint = coded.astype(np.float32)
    course = np.array(mark.outline_mm)
    steps = np.concatenate([[0.0], np.hypot(*np.diff(course, axis=0).T).cumsum()])
    n = max(4, round(steps[-1] / grid.pitch_mm))
    at = np.column_stack([np.interp(np.linspace(0, steps[-1], n), steps, part) for part in course.T])
    chord = course[-1] - course[0]
    aside = np.array([-chord[1], chord[0]]) / np.hypot(*chord)

    def read(offset_mm: float) -> FloatArray:
        x, y = (at + offset_mm * aside).T
        column, row = (x - grid.x_mm[0]) / grid.pitch_mm, (grid.y_mm[0] - y) / grid.pitch_mm
        seen = cv2.remap(glint, column[None].astype(np.float32), row[None].astype(np.float32), cv2.INTER_LINEAR)
        return np.asarray(seen[0] / _CODE, np.float64)

    on = np.mean([read(offset) for offset in (-grid.pitch_mm, 0.0, grid.pitch_mm)], axis=0)
    beside = np.mean([read(sign * offset) for offset in _BESIDE_MM for sign in (-1, 1)], axis=0)
    window = min(n, max(4, round(LENGTH_MM / grid.pitch_mm)))
    along = np.convolve(on - beside, np.ones(window) / window, mode="valid")
    return bool(along.max() * np.sqrt(window) > _SEEN)


def _anisotropy(response: LineResponse, covered: NDArray[np.bool_]) -> float | None:
    """Anisotropy of all glinting points, each direction over the area in which it can be seen."""
    if float(covered.mean()) < LEAST_COVERAGE:
        return None
    glinting = response.direction[response.strength > FAINT]
    counts = np.bincount(glinting, minlength=DIRECTIONS)
    # What chance alone puts there is the same on the darker side, without a direction of its own.
    chance = float((response.gained > FAINT).sum()) / DIRECTIONS
    areas = covered.sum(axis=(1, 2))
    weight = np.where(areas > 0, np.maximum(counts - chance, 0) / np.maximum(areas, 1), 0.0)
    if weight.sum() <= 0:
        return None
    turn = np.exp(2j * np.pi / DIRECTIONS * np.arange(DIRECTIONS))
    return float(abs((weight * turn).sum()) / weight.sum())
