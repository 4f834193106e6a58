"""The panel under the card: where on the screen each of its points looks, and the light that comes back."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.special import j1

from inspections.capture.capture import Axis
from inspections.photos.photo import FloatImage
from inspections.simulate import BODY_LIGHT, PITCH_MM, SimulatedPanel
from inspections.virtual_station.card import SeenCard
from inspections.virtual_station.optics import Optics, binned, subpixels
from inspections.virtual_station.rig import SimulatedRig
from spectra.arrays import FloatArray

_OVERSAMPLED = 2
_ROOM_IN_PANEL = 0.02
"""The room mirrored in the clear coat, over the mirrored white of the screen."""


@dataclass(frozen=True, slots=True)
class Placement:
    """How the panel lies under the card: shift [mm] and turn [rad] against the opening."""

    shift_mm: FloatArray
    turn_rad: float

    @classmethod
    def by_hand(cls, rng: np.random.Generator) -> Placement:
        """A panel put down by hand: 0.4 mm and 0.1 degrees."""
        return cls(0.4 * rng.standard_normal(2), float(np.radians(0.1) * rng.standard_normal()))


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One placing of one panel: what every photo of the capture shares.

    Attributes
    ----------
    panel : SimulatedPanel
    rig : SimulatedRig
    optics : Optics
    card : SeenCard
    placement : Placement
    gain : float
        Linear level of the mirrored white of the screen. [1 = full scale]
    sigma_px : float
        Gaussian blur of the lens. [pixel]
    rows, columns : slice
        Box of the opening in the picture.
    on_canvas : tuple of ndarray of float32
        Column and row of the panel's own grid that every sub-pixel of the box sees.
    u, v : ndarray of float32
        Screen coordinates of every sub-pixel of the box. [mm]
    mirror : ndarray of float32, same shape
        Gloss.
    micro_slope_mrad : ndarray of float32, same shape
        Roughness below the pixel. [mrad]
    haze : ndarray of float32, same shape
        Share of the mirrored light that goes into the halo. [0-1]
    body : ndarray of float32, same shape
        Factor on the light of the body.
    """

    panel: SimulatedPanel
    rig: SimulatedRig
    optics: Optics
    card: SeenCard
    placement: Placement
    gain: float
    sigma_px: float
    rows: slice
    columns: slice
    on_canvas: tuple[FloatImage, FloatImage]
    u: FloatImage
    v: FloatImage
    mirror: FloatImage
    micro_slope_mrad: FloatImage
    haze: FloatImage
    body: FloatImage

    def pupil_contrast(self, period_mm: float) -> float:
        """Fringe contrast left by the pupil alone. [0-1]"""
        x = np.pi * self.rig.disc_mm / period_mm
        return float(2 * j1(x) / x)

    def contrast(self, period_mm: float, axis: Axis = "u") -> FloatImage:
        """Fringe contrast left by the pupil, the roughness below the pixel and the haze, per sub-pixel. [0-1]"""
        # Across the plane of incidence a slope turns the reflection by the cosine less.
        share = 1.0 if axis == "u" else np.cos(np.radians(self.rig.incidence_deg))
        turn = np.float32(np.pi * 2e-3 * share * self.rig.screen_dist_mm / period_mm)
        rough, halo = turn * self.micro_slope_mrad, turn * np.float32(self.panel.haze_slope_mrad)
        left = (1 - self.haze) * np.exp(-2 * rough**2) + self.haze * np.exp(-2 * halo**2)
        return np.asarray(np.float32(self.pupil_contrast(period_mm)) * left, dtype=np.float32)

    def seen(self, field: FloatImage) -> FloatImage:
        """A field on the panel's own grid where every sub-pixel of the box looks; float32, shape of `u`."""
        return _looked_up(field, self.on_canvas)

    def mirrored(self, light: FloatImage) -> FloatImage:
        """Mirrored screen light as the sensor integrates and the lens blurs it, in the opening's box; linear.

        Parameters
        ----------
        light : ndarray of float32, shape of `u`
            What the screen shows where each sub-pixel looks. [1 = white]
        """
        seen = binned(light * self.mirror, _OVERSAMPLED) * self.card.opening[self.rows, self.columns]
        return self._blurred(seen * np.float32(self.gain))

    def picture(self, light: FloatImage) -> FloatImage:
        """Whole photo for one light distribution on the screen, linear; shape (height, width)."""
        image = self.card.diffuse + np.float32(self.gain * _ROOM_IN_PANEL) * self.card.opening
        body = np.float32(self.gain * BODY_LIGHT[self.panel.body]) * binned(self.body, _OVERSAMPLED)
        image[self.rows, self.columns] += body * self.card.opening[self.rows, self.columns]
        image = self._blurred(image)
        image[self.rows, self.columns] += self.mirrored(light)
        return image

    def _blurred(self, image: FloatImage) -> FloatImage:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), self.sigma_px), dtype=np.float32)


def set_scene(
    panel: SimulatedPanel,
    rig: SimulatedRig,
    optics: Optics,
    card: SeenCard,
    placement: Placement,
) -> Scene:
    """Trace every sub-pixel of the opening by reflection at the local normal.

    Parameters
    ----------
    panel : SimulatedPanel
    rig : SimulatedRig
    optics : Optics
    card : SeenCard
    placement : Placement
    """
    seen = [np.argwhere(card.opening.max(axis=axis) > 0).ravel() for axis in (1, 0)]
    rows, columns = (slice(int(part[0]), int(part[-1]) + 1) for part in seen)
    x, y = optics.on_card(
        subpixels(columns.start, columns.stop, _OVERSAMPLED), subpixels(rows.start, rows.stop, _OVERSAMPLED)
    )
    cosine, sine = np.float32(np.cos(placement.turn_rad)), np.float32(np.sin(placement.turn_rad))
    on_panel_x = cosine * x + sine * y - np.float32(placement.shift_mm[0])
    on_panel_y = cosine * y - sine * x - np.float32(placement.shift_mm[1])
    height, width = panel.gloss.shape
    at = (
        on_panel_x / np.float32(PITCH_MM) + np.float32((width - 1) / 2),
        np.float32((height - 1) / 2) - on_panel_y / np.float32(PITCH_MM),
    )
    slope_x, slope_y = (
        np.asarray(cv2.remap(slope, *at, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)) * np.float32(1e-3)
        for slope in panel.slopes
    )
    if panel.radius_mm is not None:
        slope_x = slope_x - on_panel_x / np.float32(panel.radius_mm)
    u, v = optics.screen_hit(x, y, slope_x, slope_y)
    return Scene(
        panel=panel,
        rig=rig,
        optics=optics,
        card=card,
        placement=placement,
        gain=panel.exposure,
        sigma_px=rig.lens_sigma_px,
        rows=rows,
        columns=columns,
        on_canvas=at,
        u=u,
        v=v,
        mirror=_looked_up(panel.gloss, at),
        micro_slope_mrad=_looked_up(panel.canvas.micro_slope_mrad, at),
        haze=_looked_up(panel.canvas.haze, at),
        body=_looked_up(panel.canvas.body, at),
    )


def _looked_up(field: FloatImage, at: tuple[FloatImage, FloatImage]) -> FloatImage:
    return np.asarray(cv2.remap(field, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32)
