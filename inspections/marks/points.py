"""Nibs and craters: round bumps and pits in the curvature of the panel, with height, depth and diameter."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inspections.fields import PanelFields
from inspections.marks.extremes import FALSE_ALARMS, chance_level, robust_scale
from inspections.marks.mark import Mark, MarkKind
from inspections.marks.modulation import fine_period
from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray

SCALES_MM = (0.12, 0.20, 0.35, 0.60)
"""Sigmas of the inner Gaussian of each difference of Gaussians. [mm]"""
_RATIO = 1.6
"""Outer over inner sigma: the difference is then close to the Laplacian of a Gaussian (Marr and Hildreth, 1980)."""
_LEAST_SIGMA_PX = 1.2
_BLOCK_MM = 1.0
_EDGE_MM = 1.0
_LEAST_ROUNDNESS = 0.25
_SPOT_MM = 0.15
"""Sigma over which a spot of lost modulation is averaged. [mm]"""
_MOST_SPOT_MM = 2.5
_LEAST_COMPACT = 0.45
_SPOT_REACH_MM = 0.6
_LEAST_AMPLITUDE = 0.6
"""Share of the amplitude around it below which the phase of a point is not trusted."""
_MOST_BLIND = 0.3
"""Share of the mark without trusted phase above which its height is not given."""
_BUMP, _RIMMED = 4.0, 2 * np.sqrt(2)
"""Diameter over sigma: of a bump at 1/e² of its height, of a crater where it crosses its surroundings."""
_SIZES_MM = np.geomspace(0.06, 0.8, 16)
"""Sigmas of the bumps that are tried. [mm]"""
_LEAST_TRIED_MM = 0.45
_CORE_MM = 0.25
_MODEL_UNCERTAINTY = 0.15
"""Relative standard uncertainty of height and depth because no mark has exactly the shape fitted."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One extremum: strength over the chance level, sign (0 is not known), row, column and sigma."""

    excess: float
    z: float
    sign: int
    row: int
    column: int
    sigma_mm: float


def find_points(fields: PanelFields, loss: FloatImage) -> tuple[Mark, ...]:
    """Nibs and craters.

    Parameters
    ----------
    fields : PanelFields
        Of tier T1.
    loss : ndarray of float32, shape `fields.grid.shape`
        From `modulation_loss`.

    Returns
    -------
    tuple of Mark
        Strongest first; nibs have a height above 0, craters a depth below 0.

    Notes
    -----
    Curvature −∂sx/∂x − ∂sy/∂y through differences of Gaussians at several scales, over its median absolute
    deviation; a place is a mark where it exceeds the level that the panel's own texture reaches by chance
    (`chance_level`) and bends alike in all directions. The ring that surrounds every strong mark with the other
    sign is not a second one. Flanks too steep for the fringes leave no slopes but take the modulation: a round spot
    of lost modulation is a mark too, its sign from the flanks around it. Height and diameter are those of the
    Gaussian bump (a crater: also with a rim) whose slopes, blurred as the camera blurs, fit best over a tilted, bent
    background where there is modulation; where the mark itself has lost it, they are not given.
    """
    curvature = _curvature(fields)
    candidates: list[_Candidate] = []
    pitch = fields.grid.pitch_mm
    scales = [sigma for sigma in SCALES_MM if sigma / pitch >= _LEAST_SIGMA_PX]
    for sigma in scales:
        band = _difference_of_gaussians(curvature, sigma / pitch)
        band /= np.float32(max(robust_scale(band), 1e-9))
        for sign in (1, -1):
            candidates += _extrema(np.float32(sign) * band, sign, sigma, pitch, FALSE_ALARMS / len(scales))
    bends = sorted(candidates, key=lambda c: -c.excess)
    candidates = [candidate for candidate in bends if _bends_round(candidate, fields)]
    spots = np.asarray(cv2.GaussianBlur(loss, (0, 0), _SPOT_MM / pitch, borderType=cv2.BORDER_REFLECT), np.float32)
    spots /= np.float32(max(robust_scale(spots), 1e-9))
    candidates += [
        replace(spot, sign=_sign_at(spot, bends, pitch))
        for spot in _extrema(spots, 0, _SPOT_MM, pitch, FALSE_ALARMS)
        if _is_spot(spot, spots, pitch)
    ]
    kept: list[_Candidate] = []
    for candidate in sorted(candidates, key=lambda c: -c.excess):
        if all(_apart(candidate, other, pitch) for other in kept):
            kept.append(candidate)
    return tuple(_measured(candidate, fields, loss) for candidate in kept)


def _curvature(fields: PanelFields) -> FloatImage:
    """−div of the slopes: positive on a bump. [1/m]"""
    along_x, along_y = fields.spectra.slopes
    pitch = np.float32(fields.grid.pitch_mm)
    # Rows run down, y runs up.
    return np.asarray(np.gradient(along_y, pitch, axis=0) - np.gradient(along_x, pitch, axis=1), np.float32)


def _difference_of_gaussians(field: FloatImage, sigma_px: float) -> FloatImage:
    inner = cv2.GaussianBlur(field, (0, 0), sigma_px, borderType=cv2.BORDER_REFLECT)
    outer = cv2.GaussianBlur(field, (0, 0), _RATIO * sigma_px, borderType=cv2.BORDER_REFLECT)
    return np.asarray(inner - outer, np.float32)


def _extrema(z: FloatImage, sign: int, sigma_mm: float, pitch_mm: float, false_alarms: float) -> list[_Candidate]:
    edge = max(1, round(_EDGE_MM / pitch_mm))
    inside = np.ascontiguousarray(z[edge:-edge, edge:-edge])
    level = chance_level(inside, max(1, round(max(_BLOCK_MM, 3 * sigma_mm) / pitch_mm)), false_alarms)
    reach = 2 * max(1, round(sigma_mm / pitch_mm)) + 1
    peaks = (inside > level) & (inside >= cv2.dilate(inside, np.ones((reach, reach), np.uint8)))
    return [
        _Candidate(float(inside[r, c]) / level, float(inside[r, c]), sign, int(r) + edge, int(c) + edge, sigma_mm)
        for r, c in np.argwhere(peaks)
    ]


def _sign_at(spot: _Candidate, bends: list[_Candidate], pitch_mm: float) -> int:
    """Sign of the strongest bend within reach of a spot; 0 when there is none."""
    reach = _SPOT_REACH_MM / pitch_mm
    return next((b.sign for b in bends if np.hypot(b.row - spot.row, b.column - spot.column) <= reach), 0)


def _apart(one: _Candidate, other: _Candidate, pitch_mm: float) -> bool:
    distance = pitch_mm * float(np.hypot(one.row - other.row, one.column - other.column))
    return distance > 0.8 + 2.5 * max(one.sigma_mm, other.sigma_mm)


def _is_spot(candidate: _Candidate, spots: FloatImage, pitch_mm: float) -> bool:
    """Whether the modulation is lost in a compact spot; along a scratch it is lost in a streak."""
    reach = max(4, round(_MOST_SPOT_MM / pitch_mm))
    rows = slice(max(0, candidate.row - reach), candidate.row + reach + 1)
    columns = slice(max(0, candidate.column - reach), candidate.column + reach + 1)
    lost = (spots[rows, columns] > candidate.z / 3).astype(np.uint8)
    _, labels = cv2.connectedComponents(lost)
    y, x = np.nonzero(labels == labels[candidate.row - rows.start, candidate.column - columns.start])
    small, large = np.sqrt(np.linalg.eigvalsh(np.cov(np.stack([x, y])) + np.eye(2) / 12)) * pitch_mm
    return bool(small > _LEAST_COMPACT * large and 4 * large < _MOST_SPOT_MM)


def _bends_round(candidate: _Candidate, fields: PanelFields) -> bool:
    """Whether it bends alike in all directions; a scratch bends across itself only."""
    pitch = fields.grid.pitch_mm
    patch = _window(candidate, fields, 4 * candidate.sigma_mm)
    along_x, along_y = (
        cv2.GaussianBlur(np.ascontiguousarray(slope[patch]), (0, 0), candidate.sigma_mm / pitch)
        for slope in fields.spectra.slopes
    )
    row, column = candidate.row - patch[0].start, candidate.column - patch[1].start
    xx = float(np.gradient(along_x, pitch, axis=1)[row, column])
    yy = -float(np.gradient(along_y, pitch, axis=0)[row, column])
    xy = float(np.gradient(along_y, pitch, axis=1)[row, column] - np.gradient(along_x, pitch, axis=0)[row, column]) / 2
    small, large = sorted(np.linalg.eigvalsh([[xx, xy], [xy, yy]]), key=abs)
    return bool(small * large > 0 and abs(small) >= _LEAST_ROUNDNESS * abs(large))


def _window(candidate: _Candidate, fields: PanelFields, reach_mm: float) -> tuple[slice, slice]:
    reach = max(4, round(reach_mm / fields.grid.pitch_mm))
    rows, columns = fields.grid.shape
    return (
        slice(max(0, candidate.row - reach), min(rows, candidate.row + reach + 1)),
        slice(max(0, candidate.column - reach), min(columns, candidate.column + reach + 1)),
    )


def _measured(candidate: _Candidate, fields: PanelFields, loss: FloatImage) -> Mark:
    x_mm, y_mm = float(fields.grid.x_mm[candidate.column]), float(fields.grid.y_mm[candidate.row])
    patch = _window(candidate, fields, 6 * candidate.sigma_mm + 0.5)
    x = (fields.grid.x_mm[patch[1]] - x_mm)[None, :]
    y = (fields.grid.y_mm[patch[0]] - y_mm)[:, None]
    trusted = _trusted(fields, patch)
    weights = np.tile(trusted.ravel().astype(np.float64), 2)
    slopes = weights * np.concatenate([slope[patch].ravel() for slope in fields.spectra.slopes])
    background, _ = np.linalg.qr(_background(x, y) * weights[:, None])
    rest = slopes - background @ (background.T @ slopes)
    blur = float(np.trace(fields.spectra.blur_mm2)) / 2
    least, height, diameter = np.inf, 0.0, 4 * candidate.sigma_mm
    widest = max(2 * candidate.sigma_mm, _LEAST_TRIED_MM)
    sizes = [float(sigma) for sigma in _SIZES_MM if sigma <= widest]
    for rim in (False, True):
        for sigma in sizes:
            model = _bump_slopes(x, y, sigma, blur, rim) * weights
            model = model - background @ (background.T @ model)
            size = float(model @ rest) / max(float(model @ model), 1e-12)
            left = float(((rest - size * model) ** 2).sum())
            # A rim belongs to craters: paint creeps away from them, not towards nibs.
            if left < least and candidate.sign * size >= 0 and not (rim and size > 0):
                least, height, diameter = left, size, sigma * (_RIMMED if rim else _BUMP)
    core = np.hypot(x, y) <= max(diameter / 4, _CORE_MM)
    blind = 1 - float(trusted[core].mean())
    kind: MarkKind = "nib" if height >= 0 else "crater"
    given = blind <= _MOST_BLIND
    return Mark(
        kind=kind,
        x_mm=x_mm,
        y_mm=y_mm,
        length_mm=diameter,
        width_mm=diameter,
        severity=max(candidate.z, float(loss[candidate.row, candidate.column])),
        depth_um=height if given else None,
        depth_uncertainty_um=abs(height) * float(np.hypot(_MODEL_UNCERTAINTY, 1 / candidate.z)) if given else None,
    )


def _trusted(fields: PanelFields, patch: tuple[slice, slice]) -> NDArray[np.bool_]:
    """Where both directions of the fringes keep most of the amplitude they have around the mark."""
    kept = [part[patch] / np.median(part[patch]) for part in fields.amplitude[fine_period(fields)]]
    return np.asarray(np.minimum(*kept) >= _LEAST_AMPLITUDE)


def _background(x: FloatArray, y: FloatArray) -> FloatArray:
    """Columns for linear slopes in both directions, stacked as the slopes are."""
    one = np.ones(np.broadcast_shapes(x.shape, y.shape)).ravel()
    across, up = (np.broadcast_to(axis, np.broadcast_shapes(x.shape, y.shape)).ravel() for axis in (x, y))
    zero = np.zeros_like(one)
    columns = [np.concatenate(pair) for part in (one, across, up) for pair in ((part, zero), (zero, part))]
    return np.column_stack(columns)


def _bump_slopes(x: FloatArray, y: FloatArray, sigma_mm: float, blur_mm2: float, rim: bool) -> FloatArray:
    """Slopes of a bump 1 µm high as the camera blurs them, x then y; a rim makes it a Laplacian of a Gaussian."""
    wide = sigma_mm**2 + blur_mm2
    squared = (x**2 + y**2) / (2 * wide)
    bell = np.exp(-squared) * sigma_mm**2 / wide
    # d/dr of exp(−q) and of (1 − q) exp(−q); the blurred Laplacian shrinks by one more power of the variance.
    profile = -bell if not rim else -(2 - squared) * bell * sigma_mm**2 / wide
    return np.concatenate([(profile * x / wide).ravel(), (profile * y / wide).ravel()])
