"""Polishing burns: areas that are rougher below the pixel, told from mottle by two fringe periods."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inspections.fields import PanelFields
from inspections.fringes.slopes import without_form
from inspections.marks.extremes import FALSE_ALARMS, chance_level, robust_scale
from inspections.marks.mark import Mark
from inspections.marks.modulation import amplitude_beyond_peel, fine_period
from inspections.photos.photo import FloatImage

SMOOTHING_MM = 1.5
"""Sigma over which the loss is averaged: a burn is wider. [mm]"""
LEAST_LOSS = 0.02
"""Share of the fine amplitude that must be missing, whatever the scatter: 0.02 is 0.4 mrad with 6 mm fringes."""
LEAST_CM2 = 0.3
_GRID_MM = 0.5
_BLOCK_MM = 5.0
_SKEW = 1.25
_FORM_ORDER = 2


def roughness_loss(fields: PanelFields) -> FloatImage | None:
    """Amplitude that the fine fringes lost against the coarse ones, on a grid of about 0.5 mm; None with one period.

    Parameters
    ----------
    fields : PanelFields
        Of tier T1.

    Returns
    -------
    ndarray of float32 or None
        ln of coarse over fine amplitude beyond what the peel takes, less its slow course over the panel. [1]

    Notes
    -----
    A poorer mirror takes the same share from both periods; roughness of α rad takes exp(−8π² α² t²/p²), 64 times less
    in the exponent at 48 mm than at 6 mm. So mottle and wide haze cancel and roughness stays.
    """
    fine, coarse = fine_period(fields), max(fields.amplitude)
    if fine == coarse:
        return None
    lost = -amplitude_beyond_peel(fields)
    for part in fields.amplitude[coarse]:
        lost += np.log(np.maximum(part, np.float32(1e-4))) / 2
    if fine in fields.reference and coarse in fields.reference:
        for tile_fine, tile_coarse in zip(fields.reference[fine], fields.reference[coarse], strict=True):
            lost += np.log(np.maximum(tile_fine, np.float32(1e-4)) / np.maximum(tile_coarse, np.float32(1e-4))) / 2
    step = max(1, round(_GRID_MM / fields.grid.pitch_mm))
    size = (lost.shape[1] // step, lost.shape[0] // step)
    # Median over small cells first: scratches and nibs are not burns.
    cells = lost[: size[1] * step, : size[0] * step].reshape(size[1], step, size[0], step)
    reduced = np.asarray(np.median(cells, axis=(1, 3)), np.float32)
    sigma = SMOOTHING_MM / (step * fields.grid.pitch_mm)
    smooth = np.asarray(cv2.GaussianBlur(reduced, (0, 0), sigma, borderType=cv2.BORDER_REFLECT), np.float32)
    rest = without_form(smooth, _FORM_ORDER)
    return np.asarray(rest - np.median(rest), np.float32)


def find_burns(fields: PanelFields) -> tuple[Mark, ...]:
    """Polishing burns.

    Parameters
    ----------
    fields : PanelFields
        Of tier T1.

    Returns
    -------
    tuple of Mark
        Each the area in which the loss exceeds half of its typical loss.

    Notes
    -----
    The level is what the panel reaches by chance on the side where amplitude is gained, which no burn makes.
    """
    lost = roughness_loss(fields)
    if lost is None:
        return ()
    step = max(1, round(_GRID_MM / fields.grid.pitch_mm))
    pitch = step * fields.grid.pitch_mm
    block = max(1, round(_BLOCK_MM / pitch))
    level = min(chance_level(lost, block, FALSE_ALARMS), _SKEW * chance_level(-lost, block, FALSE_ALARMS))
    level = max(level, LEAST_LOSS)
    scatter = max(robust_scale(lost), 1e-9)
    found = []
    left = lost.copy()
    while left.max() > level:
        row, column = divmod(int(left.argmax()), left.shape[1])
        peak = float(left[row, column])
        plateau = float(np.median(lost[_around(lost > peak / 2, row, column)]))
        inside = _around(lost > plateau / 2, row, column)
        left[_around(lost > min(level, plateau / 2), row, column)] = 0
        if inside.sum() * pitch**2 / 100 >= LEAST_CM2:
            found.append(_mark(inside, peak / scatter, fields, step))
    return tuple(found)


def _around(above: NDArray[np.bool_], row: int, column: int) -> NDArray[np.bool_]:
    """The connected part of an area that holds a point."""
    _, labels = cv2.connectedComponents(above.astype(np.uint8))
    return np.asarray(labels == labels[row, column])


def burn_area_cm2(mark: Mark) -> float:
    """Area of a burn, from its length and width as an ellipse. [cm²]"""
    assert mark.width_mm is not None
    return float(np.pi / 4 * mark.length_mm * mark.width_mm / 100)


def _mark(inside: NDArray[np.bool_], severity: float, fields: PanelFields, step: int) -> Mark:
    rows, columns = np.nonzero(inside)
    pitch = step * fields.grid.pitch_mm
    x = fields.grid.x_mm[0] + (columns + 0.5) * pitch - fields.grid.pitch_mm / 2
    y = fields.grid.y_mm[0] - (rows + 0.5) * pitch + fields.grid.pitch_mm / 2
    values, axes = np.linalg.eigh(np.cov(np.stack([x, y])) + np.eye(2) * pitch**2 / 12)
    contours, _ = cv2.findContours(inside.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_TC89_L1)
    outline = max(contours, key=len)[:, 0, :]
    # A full ellipse has a quarter of its semi-axis squared as variance; the scale keeps the area that was counted.
    length, width = 4 * np.sqrt(values[::-1])
    scale = float(np.sqrt(inside.sum() * pitch**2 / (np.pi / 4 * length * width)))
    return Mark(
        kind="burn",
        x_mm=float(x.mean()),
        y_mm=float(y.mean()),
        length_mm=float(length) * scale,
        width_mm=float(width) * scale,
        orientation_deg=float(np.degrees(np.arctan2(axes[1, 1], axes[0, 1])) % 180),
        severity=severity,
        outline_mm=tuple(
            (float(fields.grid.x_mm[0] + (c + 0.5) * pitch), float(fields.grid.y_mm[0] - (r + 0.5) * pitch))
            for c, r in outline
        ),
    )
