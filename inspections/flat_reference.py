"""The capture of black glass in the same rig and exposure: the camera's own sharpness and full fringe amplitude."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inspections.capture.capture import Capture
from inspections.frame.placing import Placing, place
from inspections.frame.rectify import PanelGrid
from inspections.photos.photo import PanelPhoto
from inspections.station.geometry import CaptureGeometry


@dataclass(frozen=True, slots=True)
class FlatReference:
    """The capture of the black-glass tile or flat mirror in the same rig and exposure.

    Attributes
    ----------
    capture : Capture
    photos : mapping of str to PanelPhoto
        File name to photo.
    """

    capture: Capture
    photos: Mapping[str, PanelPhoto]

    def placed(self, grid: PanelGrid | None = None, geometry: CaptureGeometry | None = None) -> Placing | None:
        """Its first photo on the grid of the panel; None without card or markers."""
        card = self.capture.card or (None if geometry is None else geometry.card)
        if card is None:
            return None
        first = self.photos[self.capture.shots[0].file]
        return place(first, card, grid, None if geometry is None else geometry.lens)[0]
