"""Width of mirrored edges: what roughness below the pixel, haze, lens and pupil leave of a sharp step of light."""

from __future__ import annotations

import cv2
import numpy as np

from inspections.edges.straight_edges import TracedEdge
from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray

PIECE_MM = 2.0
"""Length of edge whose lines are laid over one another, each shifted to the edge: wander is no blur. [mm]"""
QUARTILES_PER_SIGMA = 1.349
"""Quartile distance of a Gaussian over its standard deviation."""
_REACH_MM = 4.0


def piece_widths(image: FloatImage, edge: TracedEdge, pitch_mm: float) -> FloatArray:
    """Gaussian-equivalent sigma of an edge, one per piece; shape (n,). [grid points]

    Parameters
    ----------
    image : ndarray of float32, shape (height, width)
        In which `edge` was traced.
    edge : TracedEdge
    pitch_mm : float
        [mm]
    """
    reach, lines = round(_REACH_MM / pitch_mm), max(1, round(PIECE_MM / pitch_mm))
    offset = np.arange(-reach, reach + 1)
    at = edge.columns.astype(np.float32)[:, None] + offset.astype(np.float32)
    row = np.repeat(edge.rows.astype(np.float32)[:, None], offset.size, axis=1)
    aligned = np.asarray(cv2.remap(image, at, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
    if not edge.rising:
        aligned = aligned[:, ::-1]
    end = max(2, reach // 4)
    pieces = len(aligned) // lines
    light = aligned[: pieces * lines].reshape(pieces, lines, offset.size).mean(axis=1)
    dark, full = np.median(light[:, :end], axis=1), np.median(light[:, -end:], axis=1)
    told = full > dark
    share = (light[told] - dark[told, None]) / (full - dark)[told, None]
    quartiles = [np.interp([0.25, 0.75], piece, offset) for piece in np.maximum.accumulate(share, axis=1)]
    return np.array([(most - quarter) / QUARTILES_PER_SIGMA for quarter, most in quartiles], dtype=np.float64)
