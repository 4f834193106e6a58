"""What the photos of fringes gave on the panel grid, before any figure is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from inspections.appearance import Tier
from inspections.frame.rectify import PanelGrid
from inspections.fringes.slopes import RIG_UNCERTAINTY
from inspections.photos.photo import FloatImage
from inspections.structure.bands import SlopeSpectra
from spectra.arrays import FloatArray, frozen

Pair = tuple[FloatImage, FloatImage]
"""One field per direction of the fringes, u then v, each (height, width) of the grid."""


@dataclass(frozen=True, slots=True, eq=False)
class PanelFields:
    """Fields over the region of interest; row 0 is the top.

    Attributes
    ----------
    tier : {"T1", "T2"}
    grid : PanelGrid
    mm_per_pixel : tuple of float
        Of the camera, along card x and card y. [mm/pixel]
    spectra : SlopeSpectra
        Slopes, form removed, with blur and noise. [mrad]
    fringe_mm : float or None
        Fringe period as seen on the panel, where one photo had to do. [mm]
    screen_path_mm : float
        From the panel to the screen along the reflected ray; a slope moves the reflection by twice it. [mm]
    fine_mm : float or None
        Period on the screen of the phase-stepped fringes that gave the slopes. [mm]
    amplitude : mapping of float to pair of ndarray of float32
        Period on the screen [mm] to fringe amplitude of both directions, linear; empty for one photo.
    reference : mapping of float to pair of ndarray of float32
        The same of the flat reference, on the same grid; empty without one.
    rig_uncertainty : float
        Relative standard uncertainty that the geometry gives every slope.
    rig_source : str
        Who says where camera and screen stood, in words.
    amplitude_noise : mapping of float to float
        Period to the standard deviation that noise gives either quadrature of the fringe; empty when the steps leave
        no measure of it. [linear]
    gain : ndarray, shape (2, 2), or None
        Movement on the screen per slope, mean over the panel: rows u, v; columns slope along x, y. [mm/mrad]
    body : pair of ndarray of float32, or None
        Light that is left where the coarse fringes are dark, from both directions: body, room and wide haze. [linear]
    mean : ndarray of float32, or None
        Mean light of the finest steps: half the mirrored white of the screen plus the light of the body. [linear]
    """

    tier: Tier
    grid: PanelGrid
    mm_per_pixel: tuple[float, float]
    spectra: SlopeSpectra
    screen_path_mm: float
    fringe_mm: float | None = None
    amplitude: Mapping[float, Pair] = field(default_factory=dict)
    reference: Mapping[float, Pair] = field(default_factory=dict)
    rig_uncertainty: float = RIG_UNCERTAINTY
    rig_source: str = "rig by ruler"
    mean: FloatImage | None = None
    fine_mm: float | None = None
    amplitude_noise: Mapping[float, float] = field(default_factory=dict)
    gain: FloatArray | None = None
    body: Pair | None = None

    def reduced(self, factor: int) -> PanelFields:
        """The same fields averaged over squares of `factor` points; one reading, without twins or noise.

        Amplitudes are averaged as they are: between neighbours their phase is that of one slope.
        """
        if factor <= 1:
            return self
        rows, columns = (side // factor for side in self.grid.shape)

        def small(field: FloatImage) -> FloatImage:
            whole = np.ascontiguousarray(field[: rows * factor, : columns * factor])
            return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)

        def both(pair: Pair) -> Pair:
            return small(pair[0]), small(pair[1])

        pitch = factor * self.grid.pitch_mm
        x, y = self.grid.x_mm[: columns * factor], self.grid.y_mm[: rows * factor]
        spectra = replace(
            self.spectra,
            slopes=both(self.spectra.slopes),
            pitch_mm=pitch,
            blur_mm2=self.spectra.blur_mm2 + np.eye(2) * (pitch**2 - self.grid.pitch_mm**2) / 12,
            twins=None,
            noise=None,
            weights=None if self.spectra.weights is None else small(self.spectra.weights),
        )
        return replace(
            self,
            grid=PanelGrid(
                frozen(x.reshape(columns, factor).mean(axis=1)), frozen(y.reshape(rows, factor).mean(axis=1)), pitch
            ),
            spectra=spectra,
            amplitude={period: both(pair) for period, pair in self.amplitude.items()},
            reference={period: both(pair) for period, pair in self.reference.items()},
            mean=None if self.mean is None else small(self.mean),
            body=None if self.body is None else both(self.body),
        )
