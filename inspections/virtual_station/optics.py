"""Rays of the virtual station: pixels to the card, and from the panel by reflection to the screen."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from inspections.photos.photo import FloatImage
from inspections.virtual_station.rig import SimulatedRig
from spectra.arrays import FloatArray

_AIM_MM, _CAMERA_MM, _ROLL_DEG, _SCREEN_TILT = 0.5, 1.2, 0.5, 0.004
"""Standard deviations with which a rig is set up: aim, camera place, roll, screen tilt. [mm, mm, °, rad]"""


@dataclass(frozen=True, slots=True, eq=False)
class Optics:
    """Camera and screen as aimed, in the card frame; the camera stands at negative x.

    Attributes
    ----------
    camera : ndarray, shape (3,)
        Centre of projection. [mm]
    right, down, forward : ndarray, shape (3,)
        Unit vectors of the image axes and of the optical axis.
    focal_px : float
        [pixel]
    image_shape : tuple of int
        Height and width. [pixel]
    radial : float
        Radial distortion at half the image diagonal.
    screen : ndarray, shape (3,)
        Centre of the screen. [mm]
    screen_normal, screen_u, screen_v : ndarray, shape (3,)
        Unit vectors.
    """

    camera: FloatArray
    right: FloatArray
    down: FloatArray
    forward: FloatArray
    focal_px: float
    image_shape: tuple[int, int]
    radial: float
    screen: FloatArray
    screen_normal: FloatArray
    screen_u: FloatArray
    screen_v: FloatArray

    def on_card(self, columns: FloatImage, rows: FloatImage) -> tuple[FloatImage, FloatImage]:
        """Card coordinates seen by a raster of pixels, float32, shape (n_rows, n_columns). [pixel -> mm]"""
        height, width = self.image_shape
        column, row = columns[None, :], rows[:, None]
        x = (column - np.float32((width - 1) / 2)) / np.float32(self.focal_px)
        y = (row - np.float32((height - 1) / 2)) / np.float32(self.focal_px)
        unit = np.hypot(width, height) / 2 / self.focal_px
        shrink = np.float32(1.0) / (np.float32(1.0) + np.float32(self.radial / unit**2) * (x * x + y * y))
        x, y = x * shrink, y * shrink
        a, b, c = (self.right.astype(np.float32), self.down.astype(np.float32), self.forward.astype(np.float32))
        depth = np.float32(-self.camera[2]) / (a[2] * x + b[2] * y + c[2])
        return (
            np.float32(self.camera[0]) + depth * (a[0] * x + b[0] * y + c[0]),
            np.float32(self.camera[1]) + depth * (a[1] * x + b[1] * y + c[1]),
        )

    def screen_hit(
        self, x: FloatImage, y: FloatImage, slope_x: FloatImage, slope_y: FloatImage
    ) -> tuple[FloatImage, FloatImage]:
        """Screen coordinates that panel points reflect, float32.

        Parameters
        ----------
        x, y : ndarray of float32
            Panel points, card frame. [mm]
        slope_x, slope_y : ndarray of float32, same shape
            [rad]

        Returns
        -------
        tuple of ndarray of float32
            u, v. [mm]
        """
        one = np.float32(1.0)
        dx, dy, dz = x - np.float32(self.camera[0]), y - np.float32(self.camera[1]), np.float32(-self.camera[2])
        # Twice the projection on the unnormalised normal (−sx, −sy, 1), over its squared length.
        twice = np.float32(2.0) * (dz - slope_x * dx - slope_y * dy) / (one + slope_x * slope_x + slope_y * slope_y)
        rx, ry, rz = dx + twice * slope_x, dy + twice * slope_y, dz - twice
        nx, ny, nz = self.screen_normal.astype(np.float32)
        ex, ey, ez = (np.float32(value) for value in self.screen)
        reach = (nx * (ex - x) + ny * (ey - y) + nz * ez) / (nx * rx + ny * ry + nz * rz)
        hx, hy, hz = x + reach * rx - ex, y + reach * ry - ey, reach * rz - ez
        u, v = self.screen_u.astype(np.float32), self.screen_v.astype(np.float32)
        return u[0] * hx + u[1] * hy + u[2] * hz, v[0] * hx + v[1] * hy + v[2] * hz


def aim(rig: SimulatedRig, card_mm: tuple[float, float], rng: np.random.Generator) -> Optics:
    """Set up the rig over a card, not quite straight: camera, aim, roll and screen are a little off.

    Parameters
    ----------
    rig : SimulatedRig
    card_mm : tuple of float
        Width and height of the card; the picture is a little larger. [mm]
    rng : numpy.random.Generator
    """
    i = np.radians(rig.incidence_deg)
    camera = rig.cam_dist_mm * np.array([-np.sin(i), 0.0, np.cos(i)]) + _CAMERA_MM * rng.standard_normal(3)
    target = np.append(_AIM_MM * rng.standard_normal(2), 0.0)
    forward = _unit(target - camera)
    roll = np.radians(_ROLL_DEG) * rng.standard_normal()
    level = _unit(np.cross(forward, (0.0, 1.0, 0.0)))
    down = np.cross(forward, level)
    screen = rig.screen_dist_mm * np.array([np.sin(i), 0.0, np.cos(i)])
    tilt = _SCREEN_TILT * rng.standard_normal(2)
    normal = _unit(-screen + rig.screen_dist_mm * np.array([tilt[0], tilt[1], 0.0]))
    screen_u = _unit(np.array([1.0, 0.0, 0.0]) - normal[0] * normal)
    return Optics(
        camera=camera,
        right=np.cos(roll) * level + np.sin(roll) * down,
        down=np.cos(roll) * down - np.sin(roll) * level,
        forward=forward,
        focal_px=rig.cam_dist_mm / rig.pixel_mm,
        image_shape=(
            round(card_mm[1] * 1.18 / rig.pixel_mm / 16) * 16,
            round(card_mm[0] * np.cos(i) * 1.2 / rig.pixel_mm / 16) * 16,
        ),
        radial=rig.radial,
        screen=screen,
        screen_normal=normal,
        screen_u=screen_u,
        screen_v=_unit(np.array([0.0, 1.0, 0.0]) - normal[1] * normal - screen_u[1] * screen_u),
    )


def subpixels(start: int, stop: int, n: int) -> FloatImage:
    """Centres of the sub-pixels of pixels start to stop − 1, n in each; float32, shape (n (stop − start),). [pixel]"""
    centres = np.arange(start * n, stop * n, dtype=np.float32) + np.float32(0.5)
    return np.asarray(centres / n - np.float32(0.5), dtype=np.float32)


def binned(image: FloatImage, n: int) -> FloatImage:
    """Mean of n × n sub-pixels."""
    height, width = image.shape
    return np.asarray(cv2.resize(image, (width // n, height // n), interpolation=cv2.INTER_AREA), dtype=np.float32)


def _unit(vector: FloatArray) -> FloatArray:
    length: FloatArray = vector / np.linalg.norm(vector)
    return length
