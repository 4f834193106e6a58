"""Which scratches a lamp shows where: those that run across the half vector of the rays to lamp and camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspections.frame.rectify import PanelGrid
from inspections.frame.smooth_fields import nodes_of, spread
from inspections.marks.lines import DIRECTIONS
from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray

TOLERANCE_RAD = 0.08
"""Slope along its run that a groove may still mirror by: what its waviness, lamp and pupil spread. [rad]"""
SURE_RAD = 0.04
"""The same where the light is still more than half of the brightest, whatever the groove. [rad]"""
STEEPEST_RAD = 0.7
"""Slope of flanks that grooves can be counted on to have. [rad]"""
CORE_RAD = 0.10
"""Slope by which the panel itself would have to stand to mirror the lamp; nearer its highlight and halo lie. [rad]"""


@dataclass(frozen=True, slots=True, eq=False)
class HalfVectors:
    """The half vectors of one lamp over the panel, as slopes of the mirrors that would show it.

    Attributes
    ----------
    x, y : ndarray of float32, shape (height, width)
        In-plane components over the normal one. [rad, small angles]
    irradiance : ndarray of float32, same shape
        Of the panel, over that at the foot of the panel's middle.
    """

    x: FloatImage
    y: FloatImage
    irradiance: FloatImage

    @property
    def dark(self) -> NDArray[np.bool_]:
        """Where the lamp and the halo about it are not mirrored into the camera."""
        return np.asarray(np.hypot(self.x, self.y) > np.float32(CORE_RAD))

    def shows(self, k: int) -> NDArray[np.bool_]:
        """Where a scratch of direction k, in steps of 180°/DIRECTIONS, can glint.

        Half a step more than the tolerance counts: directions between two steps belong to the nearer one.
        """
        angle = np.pi * k / DIRECTIONS
        along = np.abs(self.x * np.float32(np.cos(angle)) + self.y * np.float32(np.sin(angle)))
        tilt = np.hypot(self.x, self.y)
        # |t·h| = |h| sin δ, with δ the angle by which the scratch misses the direction that glints best.
        least = np.arcsin(np.minimum(along / np.maximum(tilt, np.float32(1e-6)), 1)) - np.float32(
            np.pi / DIRECTIONS / 2
        )
        within = tilt * np.sin(np.maximum(least, 0)) <= np.float32(TOLERANCE_RAD)
        return np.asarray(within & self.dark)

    def covers(self, k: int) -> NDArray[np.bool_]:
        """Where a scratch of direction k cannot but glint; stricter than `shows`, where one is worth looking for."""
        angle = np.pi * k / DIRECTIONS
        along = np.abs(self.x * np.float32(np.cos(angle)) + self.y * np.float32(np.sin(angle)))
        steep = np.hypot(self.x, self.y) > np.float32(STEEPEST_RAD)
        return np.asarray((along <= np.float32(SURE_RAD)) & self.dark & ~steep)


def half_vectors(grid: PanelGrid, camera_mm: FloatArray, lamp_mm: FloatArray) -> HalfVectors:
    """Half vectors over a flat panel.

    Parameters
    ----------
    grid : PanelGrid
    camera_mm, lamp_mm : ndarray, shape (3,)
        Card frame. [mm]

    Notes
    -----
    A scratch of tangent t glints where t is perpendicular to the half vector h: round the highlight of one lamp these
    tangents run along circles, so that random straight scratches look like a spider's web.
    """
    x, y = np.meshgrid(nodes_of(grid.x_mm), nodes_of(grid.y_mm))
    at = np.stack([x, y, np.zeros_like(x)], axis=-1)
    to_lamp, to_camera = lamp_mm - at, camera_mm - at
    lamp_far, camera_far = (np.linalg.norm(part, axis=-1, keepdims=True) for part in (to_lamp, to_camera))
    half = to_lamp / lamp_far + to_camera / camera_far
    light = (float(np.linalg.norm(lamp_mm)) / lamp_far[..., 0]) ** 3  # the cosine brings one more power of the distance
    to_grid = spread(grid.shape)
    return HalfVectors(to_grid(half[..., 0] / half[..., 2]), to_grid(half[..., 1] / half[..., 2]), to_grid(light))
