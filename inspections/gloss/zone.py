"""The worst zone of a map: where on the panel, how large, how far below the rest."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from inspections.appearance import AppearanceMap
from spectra.errors import PhotoError

ZONE_MM = 10.0
"""Side of the square that is looked for: a polishing pad's edge can be led there, a spot of 2 mm cannot. [mm]"""


@dataclass(frozen=True, slots=True)
class MapZone:
    """A square of the panel.

    Attributes
    ----------
    x_mm, y_mm : float
        Its centre, card frame: x right, y up. [mm]
    side_mm : float
    value : float
        Mean of the map over it, over the median of the map. [1]
    """

    x_mm: float
    y_mm: float
    side_mm: float
    value: float

    def words(self) -> str:
        """Where it is, for people."""
        return f"worst {self.side_mm:.0f} × {self.side_mm:.0f} mm at x {self.x_mm:+.0f} mm, y {self.y_mm:+.0f} mm"


def worst_zone(field: AppearanceMap, side_mm: float = ZONE_MM) -> MapZone:
    """The square with the lowest mean.

    Parameters
    ----------
    field : AppearanceMap
        Centred on the card, with a scale; where it is not finite, its median stands in.
    side_mm : float
        At most the shorter side of the map.

    Returns
    -------
    MapZone

    Raises
    ------
    PhotoError
        If the map has no scale, is smaller than the zone, or is nowhere finite.
    """
    if field.mm_per_pixel is None:
        raise PhotoError(f"map {field.name!r} has no scale; a zone in millimetres cannot be placed on it")
    side = max(1, round(side_mm / field.mm_per_pixel))
    height, width = field.values.shape
    finite = np.isfinite(field.values)
    if side > min(height, width) or not finite.any():
        raise PhotoError(
            f"map {field.name!r} of {width * field.mm_per_pixel:.0f} × {height * field.mm_per_pixel:.0f} mm holds no "
            f"zone of {side_mm:g} mm"
        )
    median = float(np.median(field.values[finite]))
    filled = np.where(finite, field.values, np.float32(median)).astype(np.float64)
    # The mean over each whole square inside the map, indexed by its top left.
    total = cv2.integral(filled)
    sums = total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side]
    row, column = np.unravel_index(int(np.argmin(sums)), sums.shape)
    centre = (side - 1) / 2
    return MapZone(
        x_mm=float((column + centre - (width - 1) / 2) * field.mm_per_pixel),
        y_mm=float(((height - 1) / 2 - row - centre) * field.mm_per_pixel),
        side_mm=side * field.mm_per_pixel,
        value=float(sums[row, column]) / side**2 / median,
    )
