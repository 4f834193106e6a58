"""Runs and sags: long low ridges in the height of the panel; seen only where they stand out of the long peel."""

from __future__ import annotations

import cv2
import numpy as np

from inspections.fields import PanelFields
from inspections.marks.extremes import FALSE_ALARMS, chance_level, robust_scale
from inspections.marks.mark import Mark
from inspections.photos.photo import FloatImage
from inspections.structure.bands import Band, height_map

_GRID_MM = 0.5
_WAVES = Band("run", 2.0, 60.0)
_WIDTHS_MM = (1.0, 1.6, 2.5)
"""Sigmas across: runs 4 to 10 mm wide at 1/e². [mm]"""
_LENGTH_MM = 20.0
_DIRECTIONS = 12
_BLOCK_MM = 6.0
_SKEW = 1.25
_EDGE_MM = 4.0
"""Left out along the borders, where the filter sees its own mirror image. [mm]"""


def find_runs(fields: PanelFields) -> tuple[Mark, ...]:
    """Runs and sags.

    Parameters
    ----------
    fields : PanelFields
        Of tier T1.

    Returns
    -------
    tuple of Mark
        With the height over the surroundings; its uncertainty is what the long peel itself does there.

    Notes
    -----
    Curvature through a ridge filter 20 mm long in all directions: which way was down is not known. Long peel looks
    alike, in height even more than in curvature; only ridges above what the panel reaches by chance, valleys for the
    comparison, are reported, and most runs stay below it. The height is that of the ridge filter on the surface
    integrated from both slopes.
    """
    step = max(1, round(_GRID_MM / fields.grid.pitch_mm))
    pitch = step * fields.grid.pitch_mm
    size = (fields.grid.shape[1] // step, fields.grid.shape[0] // step)
    cut = (size[1] * step, size[0] * step)
    slopes = [
        np.asarray(cv2.resize(slope[: cut[0], : cut[1]], size, interpolation=cv2.INTER_AREA), np.float32)
        for slope in fields.spectra.slopes
    ]
    height = height_map((slopes[0], slopes[1]), pitch, _WAVES)
    curvature = np.asarray(np.gradient(slopes[1], pitch, axis=0) - np.gradient(slopes[0], pitch, axis=1), np.float32)
    block, edge = max(1, round(_BLOCK_MM / pitch)), max(1, round(_EDGE_MM / pitch))
    found: list[Mark] = []
    for width in _WIDTHS_MM:
        responses = [_inside(_ridge(curvature, k, width / pitch, _LENGTH_MM / pitch), edge) for k in range(_DIRECTIONS)]
        strongest = np.max(responses, axis=0)
        level = min(
            chance_level(strongest, block, FALSE_ALARMS / len(_WIDTHS_MM)),
            _SKEW * chance_level(-np.min(responses, axis=0), block, FALSE_ALARMS / len(_WIDTHS_MM)),
        )
        row, column = divmod(int(strongest.argmax()), strongest.shape[1])
        if strongest[row, column] <= level:
            continue
        direction = int(np.argmax([response[row, column] for response in responses]))
        ridge = _inside(_ridge(height, direction, width / pitch, _LENGTH_MM / pitch), edge)
        top, scatter = float(ridge[row, column]), robust_scale(ridge)
        # The filter keeps 1/√2 − 1/√5 of a Gaussian ridge of its own width.
        gain = float(1 / np.sqrt(2) - 1 / np.sqrt(5))
        found.append(
            Mark(
                kind="run",
                x_mm=float(fields.grid.x_mm[0] + (column + edge + 0.5) * pitch),
                y_mm=float(fields.grid.y_mm[0] - (row + edge + 0.5) * pitch),
                length_mm=_long(responses[direction], row, column, direction, pitch),
                width_mm=4 * width,
                orientation_deg=180.0 * direction / _DIRECTIONS,
                severity=float(strongest[row, column]) / max(robust_scale(responses[direction]), 1e-9),
                depth_um=top / gain,
                depth_uncertainty_um=float(np.hypot(scatter / gain, 0.3 * top / gain)),
            )
        )
    return tuple(sorted(found, key=lambda mark: -mark.severity)[:1])


def _ridge(height: FloatImage, k: int, width_px: float, length_px: float) -> FloatImage:
    """Difference of Gaussians across direction k, Gaussian along it."""
    angle = np.pi * k / _DIRECTIONS
    reach = int(np.ceil(max(length_px, 6 * width_px)))
    x, up = np.arange(-reach, reach + 1)[None, :], -np.arange(-reach, reach + 1)[:, None]
    along, across = np.cos(angle) * x + np.sin(angle) * up, np.cos(angle) * up - np.sin(angle) * x
    profile = np.exp(-(across**2) / (2 * width_px**2)) - np.exp(-(across**2) / (8 * width_px**2)) / 2
    kernel = np.exp(-6 * (along / length_px) ** 2) * profile
    kernel /= np.abs(np.exp(-6 * (along / length_px) ** 2) * np.exp(-(across**2) / (2 * width_px**2))).sum()
    return np.asarray(cv2.filter2D(height, cv2.CV_32F, kernel, borderType=cv2.BORDER_REFLECT), np.float32)


def _inside(response: FloatImage, edge: int) -> FloatImage:
    return np.ascontiguousarray(response[edge:-edge, edge:-edge])


def _long(response: FloatImage, row: int, column: int, k: int, pitch_mm: float) -> float:
    """Length over which the response stays above half of its largest. [mm]"""
    angle = np.pi * k / _DIRECTIONS
    total = 0.0
    for way in (1, -1):
        for n in range(1, max(response.shape)):
            r, c = round(row - way * n * np.sin(angle)), round(column + way * n * np.cos(angle))
            inside = 0 <= r < response.shape[0] and 0 <= c < response.shape[1]
            if not inside or response[r, c] < 0.5 * response[row, column]:
                break
            total += pitch_mm
    return total
