"""Smooth fields over the grid: from a few nodes by a polynomial, or as what a wide blur leaves of a field."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray

NODES = 24
"""Nodes along each side; each holds the field exactly as it was computed."""
_ORDER = 8
"""Of the polynomial along each side. Perspective of a card 100 mm wide seen from 350 mm falls by ten an order."""
_BLUR_PX = 4.0
"""Sigma, in points of a reduced grid, that a blur keeps when it is done there."""


def nodes_of(coordinate: FloatArray) -> FloatArray:
    """`NODES` points along one side of a grid, at Chebyshev's places, where a polynomial is held tightest."""
    unit = -np.cos(np.pi * (np.arange(NODES) + 0.5) / NODES)
    first, last = float(coordinate[0]), float(coordinate[-1])
    nodes: FloatArray = 0.5 * (first + last) + 0.5 * (last - first) * unit
    return nodes


def spread(shape: tuple[int, int]) -> Callable[[FloatArray], FloatImage]:
    """How fields at the nodes are carried to a grid.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the grid.

    Returns
    -------
    callable
        Takes a field of shape (NODES, NODES), as `nodes_of` places rows and columns; gives float32 of `shape`.
    """
    unit = -np.cos(np.pi * (np.arange(NODES) + 0.5) / NODES)
    fit = np.linalg.pinv(np.polynomial.legendre.legvander(unit, _ORDER))
    rows, columns = (
        np.polynomial.legendre.legvander(np.linspace(-1.0, 1.0, side), _ORDER).astype(np.float32) for side in shape
    )

    def carry(field: FloatArray) -> FloatImage:
        # The mean apart: float32 then resolves the rest to a ten-millionth of its own range.
        middle = float(field.mean())
        coefficients = (fit @ (field - middle) @ fit.T).astype(np.float32)
        carried = np.asarray((rows @ coefficients) @ columns.T, dtype=np.float32)
        carried += np.float32(middle)
        return carried

    return carry


def gaussian_blur(field: FloatImage, sigma_px: float) -> FloatImage:
    """Gaussian blur, float32, same shape; a wide one is done on a reduced grid, where it costs next to nothing.

    Parameters
    ----------
    field : ndarray of float32, shape (height, width)
    sigma_px : float
        [grid points]
    """
    factor = max(1, int(min(sigma_px / _BLUR_PX, min(field.shape) / 8)))
    if factor == 1:
        return np.asarray(cv2.GaussianBlur(field, (0, 0), sigma_px), np.float32)
    size = (round(field.shape[1] / factor), round(field.shape[0] / factor))
    # Averaging over a cell and reading between cells blur by themselves.
    rest = (sigma_px**2 - (factor**2 - 1) / 12 - factor**2 / 6) ** 0.5 / factor
    small = cv2.resize(field, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), rest, borderType=cv2.BORDER_REFLECT)
    # Beyond the outermost cells the field goes on as its mirror image does, not as the last cell.
    around = cv2.copyMakeBorder(small, 1, 1, 1, 1, cv2.BORDER_REFLECT)
    wide = (round(field.shape[1] * (size[0] + 2) / size[0]), round(field.shape[0] * (size[1] + 2) / size[1]))
    left, top = (wide[0] - field.shape[1]) // 2, (wide[1] - field.shape[0]) // 2
    whole = cv2.resize(around, wide, interpolation=cv2.INTER_LINEAR)
    return np.asarray(whole[top : top + field.shape[0], left : left + field.shape[1]], np.float32)
