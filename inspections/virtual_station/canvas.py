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
    body : ndarray of float32, shape (height, width)
        Factor on the light from under the clear coat.
    """

    x_mm: FloatImage
    y_mm: FloatImage
    height_um: FloatImage
    mirror: FloatImage
    micro_slope_mrad: FloatImage
    haze: FloatImage
    body: FloatImage

    def spread(self, x_mm: FloatImage, y_mm: FloatImage, amount: FloatImage) -> FloatImage:
        """Amounts at points shared out among their four neighbours on the grid; what falls outside is lost.

        Parameters
        ----------
        x_mm, y_mm, amount : ndarray of float32, shape (n_points,)

        Returns
        -------
        ndarray of float32, shape (height, width)
            Its sum is that of the amounts: finer than the grid, an area is kept exactly.
        """
        height, width = self.height_um.shape
        pitch = float(self.x_mm[1] - self.x_mm[0])
        column = (x_mm.astype(np.float64) - float(self.x_mm[0])) / pitch
        row = (float(self.y_mm[0]) - y_mm.astype(np.float64)) / pitch
        left, top = np.floor(column).astype(np.int64), np.floor(row).astype(np.int64)
        right, down = column - left, row - top
        total = np.zeros(height * width)
        for step_x, share_x in ((0, 1 - right), (1, right)):
            for step_y, share_y in ((0, 1 - down), (1, down)):
                at_x, at_y = left + step_x, top + step_y
                inside = (at_x >= 0) & (at_x < width) & (at_y >= 0) & (at_y < height)
                weight = (amount * share_x * share_y)[inside]
                total += np.bincount((at_y * width + at_x)[inside], weights=weight, minlength=total.size)
        return np.asarray(total.reshape(height, width), dtype=np.float32)

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
            body=np.ones(shape, np.float32),
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
