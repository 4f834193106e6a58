"""A photo put into the panel frame: markers found, frame fitted, grid laid, sharpness read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from inspections.appearance import Finding
from inspections.capture.capture import MarkerCard
from inspections.frame.lens import Lens
from inspections.frame.markers import find_markers, refine_corners
from inspections.frame.rectify import (
    MIN_MARKERS,
    ROI_BORDER_MM,
    PanelFrame,
    PanelGrid,
    fit_frame,
    panel_grid,
    pixel_maps,
)
from inspections.fringes.slopes import camera_azimuth_deg
from inspections.gate import checks as gate
from inspections.gate.card import CardLight, card_light, check_black_level
from inspections.gate.sharpness import check_sharpening
from inspections.photos.photo import EncodedImage, FloatImage, PanelPhoto
from inspections.photos.response import Response
from inspections.structure.bands import BANDS, PIXELS_PER_SHORTEST
from spectra.arrays import FloatArray
from spectra.errors import PhotoError

BILINEAR_PX = 6.0
"""Pixels to a wave from which bilinear interpolation is a blur as well known as the camera's own."""
BILINEAR_VARIANCE_PX2 = 1.0 / 6.0
"""Of that blur, along each axis. Read at a share d between two pixels, a wave of w rad a pixel keeps the power
1 − 2 d (1 − d) (1 − cos w); over all d that is 1 − (1 − cos w)/3, which exp(−w²/6) meets within 0.3 % at six pixels."""
_AROUND_SIDE, _AROUND_PX = 1 / 6, 16
"""How far around a marker its card and its blurred sides are looked at: share of its side, and more. [1, pixel]"""


@dataclass(frozen=True, slots=True, eq=False)
class Placing:
    """How one photo lies on the panel.

    Attributes
    ----------
    frame : PanelFrame
    grid : PanelGrid
    maps : tuple of ndarray of float32, shape `grid.shape`
        Pixel x and y of every grid point. [pixel]
    sigma_px : tuple of float
        Gaussian sigma of the marker edges along pixel x and y; NaN where no edge could be fitted. [pixel]
    azimuth_deg : float or None
        Where the camera stands in the card plane. [°]
    card_light : CardLight
        Black and white of the card. [linear]
    """

    frame: PanelFrame
    grid: PanelGrid
    maps: tuple[FloatImage, FloatImage]
    sigma_px: tuple[float, float]
    azimuth_deg: float | None
    card_light: CardLight

    @property
    def bilinear(self) -> bool:
        """Whether four pixels a grid point are enough: where the shortest waves that count span `BILINEAR_PX`."""
        pixel = max(self.frame.mm_per_pixel)
        shortest = [band.shortest_mm for band in BANDS.values() if pixel <= band.shortest_mm / PIXELS_PER_SHORTEST]
        return bool(shortest) and min(shortest) >= BILINEAR_PX * pixel

    def blur_mm2(self, *, bilinear: bool = False) -> FloatArray:
        """Covariance of the camera blur on the panel, and of bilinear interpolation, shape (2, 2). [mm²]"""
        to_mm = np.linalg.inv(self.frame.jacobian())
        interpolated = BILINEAR_VARIANCE_PX2 if bilinear else 0.0
        blur: FloatArray = to_mm @ np.diag(np.square(self.sigma_px) + interpolated) @ to_mm.T
        return blur


def place(
    photo: PanelPhoto,
    card: MarkerCard,
    grid: PanelGrid | None = None,
    lens: Lens | None = None,
    border_mm: float = ROI_BORDER_MM,
) -> tuple[Placing | None, list[Finding]]:
    """The panel frame of a photo, with the findings about its markers.

    Parameters
    ----------
    photo : PanelPhoto
    card : MarkerCard
    grid : PanelGrid or None
        None lays a grid over the opening at the finer pixel pitch of the photo.
    lens : Lens or None
        Calibrated; None fits a homography and one radial term.
    border_mm : float
        Left out along the opening where a grid is laid. [mm]

    Returns
    -------
    placing : Placing or None
        None when too few markers were found, or they do not lie as the card says.
    findings : list of Finding
    """
    grey = photo.grey()
    rough = find_markers(grey, card, photo.file_name)
    expected = len(card.markers_mm)
    if len(rough) < min(MIN_MARKERS, expected):
        return None, gate.check_markers(len(rough), expected, None, photo.file_name)
    image = _light_around(grey, photo.response, rough)
    corners, sigma = refine_corners(image, rough)
    try:
        frame = fit_frame(corners, card, photo.shape, rough, lens)
    except PhotoError:
        return None, gate.check_markers(len(rough), expected, None, photo.file_name)
    light = card_light(image, corners)
    findings = [
        *gate.check_markers(len(rough), expected, frame, photo.file_name),
        *check_sharpening(image, corners, photo.file_name),
        check_black_level(light, photo.file_name),
    ]
    grid = grid or panel_grid(card, min(frame.mm_per_pixel), border_mm)
    return Placing(frame, grid, pixel_maps(frame, grid), sigma, camera_azimuth_deg(frame), light), findings


def _light_around(grey: EncodedImage, response: Response, corners: Mapping[int, FloatArray]) -> FloatImage:
    """Linear light around the markers, 0 where nobody looks: memory that is not written costs nothing."""
    light = np.zeros(grey.shape, np.float32)
    for square in corners.values():
        reach = _AROUND_SIDE * float(np.ptp(square, axis=0).max()) + _AROUND_PX
        left, top = np.maximum(np.floor(square.min(axis=0) - reach).astype(int), 0)
        right, bottom = np.maximum(np.ceil(square.max(axis=0) + reach).astype(int) + 1, 0)
        light[top:bottom, left:right] = response.linear(grey[top:bottom, left:right])
    return light
