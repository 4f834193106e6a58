"""A photo as a person would look at it: in colour, upright on the panel, no larger than a page shows it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inspections.capture.capture import Capture, MarkerCard, PatternKind, Shot
from inspections.frame.placing import place
from inspections.frame.rectify import panel_grid
from inspections.photos.photo import PanelPhoto

_PITCH_MM = 0.15
"""A panel of 100 mm then fills the widest place a page has for it. [mm]"""
_WIDEST_PX = 900
_BEST_SEEN: tuple[PatternKind | None, ...] = (
    "stripes", "cross", "fringe", "edge", None, "none", "softbox", "lamp",
)  # fmt: skip
"""In which of its photos the surface is seen best: lines bend over peel, a soft box shows none of it."""


@dataclass(frozen=True, slots=True, eq=False)
class PanelPicture:
    """A photo to be looked at, not to be measured.

    Attributes
    ----------
    encoded : ndarray of uint8, shape (height, width, 3)
        sRGB, red first; row 0 is the top of the panel where `mm_per_pixel` is known.
    file_name : str
    pattern : str
        What was reflected in the panel, as the manifest says; empty where nobody said.
    mm_per_pixel : float or None
        None where the photo shows no marker card: it is then the whole photo.
    """

    encoded: NDArray[np.uint8]
    file_name: str
    pattern: str
    mm_per_pixel: float | None


def best_shot(capture: Capture) -> Shot:
    """The shot in which the surface is seen best."""

    def rank(shot: Shot) -> int:
        return _BEST_SEEN.index(None if shot.pattern is None else shot.pattern.kind)

    return min(capture.shots, key=rank)


def panel_picture(photo: PanelPhoto, shot: Shot, card: MarkerCard | None) -> PanelPicture:
    """The photo on the panel's own axes, or whole where there is no card to be found in it.

    Parameters
    ----------
    photo : PanelPhoto
    shot : Shot
        What the manifest says of it.
    card : MarkerCard or None
    """
    pattern = shot.pattern.kind if shot.pattern is not None else ""
    stored = photo.encoded if photo.encoded.ndim == 3 else np.repeat(photo.encoded[..., None], 3, axis=2)
    colour = np.asarray(stored if stored.dtype == np.uint8 else stored.astype(np.uint16) >> 8, np.uint8)
    if card is not None:
        placing, _ = place(photo, card, panel_grid(card, _PITCH_MM, border_mm=0.0))
        if placing is not None:
            # Averaged first: the page's grid is coarser than the camera's, and the eye takes aliasing for texture.
            coarser = max(_PITCH_MM / max(placing.frame.mm_per_pixel), 1.0)
            smooth = cv2.GaussianBlur(colour, (0, 0), 0.4 * coarser)
            seen = cv2.remap(smooth, *placing.maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            return PanelPicture(np.asarray(seen, np.uint8), shot.file, pattern, _PITCH_MM)
    height, width = colour.shape[:2]
    shrink = min(1.0, _WIDEST_PX / width)
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    small = cv2.resize(colour, size, interpolation=cv2.INTER_AREA)
    return PanelPicture(np.asarray(small, np.uint8), shot.file, pattern, None)
