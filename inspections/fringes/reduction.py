"""Photos of fringes on a grid as fine as the fringes need, what lens and averaging took from them put back."""

from __future__ import annotations

import cv2
import numpy as np

from inspections.frame.rectify import PanelGrid
from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray, frozen
from spectra.errors import PhotoError

PIXELS_PER_FRINGE = 12.0
"""Least grid points across a fringe: with 14 to 21 instead, S_lw of one photo moved by less than 1 %."""
LEAST_POINTS = 8
"""Points a side below which no grid is made: an eighth of the smallest opening that is measured."""
_MOST_SHARPENING = 0.15
"""Neighbour weight up to which a three-point kernel stands for the inverse of a blur."""


def reduction(fringe_mm: float, pitch_mm: float) -> int:
    """Grid points that may be averaged into one, at least 1; both lengths on the panel. [mm]"""
    return max(1, int(fringe_mm / (PIXELS_PER_FRINGE * pitch_mm)))


def coarser(grid: PanelGrid, factor: int) -> PanelGrid:
    """The grid with `factor` × `factor` points averaged into one; what is left over at right and bottom is dropped.

    Raises
    ------
    PhotoError
        If fewer than `LEAST_POINTS` a side are left.
    """
    rows, columns = (side // factor for side in grid.shape)
    if min(rows, columns) < LEAST_POINTS:
        raise PhotoError(
            f"the panel is {columns} × {rows} points of {grid.pitch_mm * factor:.2g} mm, too few to follow fringes on. "
            "Show finer fringes, take a closer photo, or correct period_mm and panel_mm in capture.json"
        )
    return PanelGrid(
        frozen(grid.x_mm[: columns * factor].reshape(columns, factor).mean(axis=1)),
        frozen(grid.y_mm[: rows * factor].reshape(rows, factor).mean(axis=1)),
        grid.pitch_mm * factor,
    )


def reduced(image: FloatImage, factor: int, blur_mm2: FloatArray, pitch_mm: float) -> FloatImage:
    """A photo on the grid of `coarser`, sharpened by what averaging and the camera's blur took.

    Parameters
    ----------
    image : ndarray of float32, shape (height, width)
        On the finer grid, linear.
    factor : int
    blur_mm2 : ndarray, shape (2, 2)
        Covariance of the camera's blur on the panel. [mm²]
    pitch_mm : float
        Of the coarser grid. [mm]

    Returns
    -------
    ndarray of float32

    Notes
    -----
    Averaging over a pixel q passes 1 − (πfq)²/6, a Gaussian 1 − 2(πfσ)², to second order; the kernel
    (−a, 1 + 2a, −a) passes 1 + a (2πfq)², so a = 1/24 + σ²/(2q²) undoes both.
    """
    rows, columns = (side // factor for side in image.shape)
    whole = np.ascontiguousarray(image[: rows * factor, : columns * factor])
    averaged = cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)
    box = 1.0 / 24.0 if factor > 1 else 0.0
    weights = [min(box + float(blur_mm2[i, i]) / (2.0 * pitch_mm**2), _MOST_SHARPENING) for i in (0, 1)]
    along_x, along_y = (np.array([-a, 1.0 + 2.0 * a, -a], np.float32) for a in weights)
    return np.asarray(cv2.sepFilter2D(averaged, -1, along_x, along_y, borderType=cv2.BORDER_REFLECT), np.float32)
