"""Smooth fields over the grid: computed at a few nodes, carried to every grid point by a polynomial."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray

NODES = 24
"""Nodes along each side; each holds the field exactly as it was computed."""
_ORDER = 8
"""Of the polynomial along each side. Perspective of a card 100 mm wide seen from 350 mm falls by ten an order."""


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
