"""The surface of a simulated panel beyond its peel: what marks and wear add in height, gloss and roughness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from inspections.photos.photo import FloatImage


@dataclass(slots=True, eq=False)
class PanelCanvas:
    """Fields on the panel's own grid that marks change in place.

    Attributes
    ----------
    x_mm, y_mm : ndarray of float32, shape (width,), (height,)
        Panel coordinates of columns and rows; row 0 is the top. [mm]
    height_um : ndarray of float32, shape (height, width)
        Added to the peel. [µm]
    mirror : ndarray of float32, shape (height, width)
        Factor on the mirrored light. [0-1]
    micro_slope_mrad : ndarray of float32, shape (height, width)
        Rms slope of the roughness below the pixel. [mrad]
    haze : ndarray of float32, shape (height, width)
        Share of the mirrored light that is scattered into the halo. [0-1]
    """

    x_mm: FloatImage
    y_mm: FloatImage
    height_um: FloatImage
    mirror: FloatImage
    micro_slope_mrad: FloatImage
    haze: FloatImage

    @classmethod
    def blank(cls, shape: tuple[int, int], pitch_mm: float, micro_slope_mrad: float, haze: float) -> PanelCanvas:
        """A panel without marks."""
        height, width = shape
        return cls(
            x_mm=((np.arange(width) - (width - 1) / 2) * pitch_mm).astype(np.float32),
            y_mm=(((height - 1) / 2 - np.arange(height)) * pitch_mm).astype(np.float32),
            height_um=np.zeros(shape, np.float32),
            mirror=np.ones(shape, np.float32),
            micro_slope_mrad=np.full(shape, micro_slope_mrad, np.float32),
            haze=np.full(shape, haze, np.float32),
        )


class SimulatedMark(Protocol):
    """Anything that can be put onto a panel; what it is goes into truth.json."""

    def stamp(self, canvas: PanelCanvas) -> None:
        """Change the canvas in place."""

    def truth(self) -> dict[str, Any]:
        """Plain JSON types with `kind`, and places in panel millimetres."""


def marked(canvas: PanelCanvas, marks: Sequence[SimulatedMark]) -> PanelCanvas:
    """The canvas after every mark was stamped onto it, in order."""
    for mark in marks:
        mark.stamp(canvas)
    return canvas
