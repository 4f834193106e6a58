"""Lights without fringes that the virtual station shows: stripes, a straight edge, a lamp tube, a soft box.

A ray that leaves the panel gathers the light of the screen within the pupil's disc, spread by the roughness below the
pixel and, for the hazy share, by the halo's scatterers: every profile is the light's own shape convolved with these.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from scipy.special import ndtr

from inspections.capture.capture import Axis
from inspections.capture.sequences import AXES
from inspections.photos.photo import FloatImage
from inspections.virtual_station.scene import Scene
from spectra.arrays import FloatArray

Photo = tuple[str, dict[str, Any], FloatImage]
"""File name, pattern as in the manifest, and linear image before noise."""

STRIPES_MM = 16.0
SOFTBOX_MM, SMALL_SOFTBOX_MM = (160.0, 120.0), (90.0, 60.0)
"""Soft boxes that fill the panel, and whose four edges lie on it."""
TUBE_MM = 16.0
EDGE_SLANT_DEG = 3.0
"""Edges stand a little slanted, so that every pixel row sees them elsewhere. [°]"""
_SHARPEST_MM = 0.05
"""Least spread of an edge: a sharper one would alias. [mm]"""
_SPREADS = 24
_STEPS_PER_MM = 20
_REACH_MM = 12.0
_NODES = 48


def stripes(scene: Scene, axis: Axis) -> Photo:
    """Equal stripes of white and black across `axis`, white at the middle of the screen."""
    at, angle = _across(scene, axis)
    # The nearest edge is what a ray can see: stripes are wider than pupil and roughness spread.
    turn = np.abs(at / np.float32(STRIPES_MM) - np.round(at / np.float32(STRIPES_MM)))
    near = _edge(scene, np.float32(STRIPES_MM) * (np.float32(0.25) - turn), angle)
    fundamental = np.float32(2 / np.pi * np.exp(-2 * (np.pi * _halo_mm(scene, angle) / STRIPES_MM) ** 2))
    far = np.float32(0.5) + fundamental * np.cos(np.float32(2 * np.pi / STRIPES_MM) * at)
    pattern = {"kind": "stripes", "axis": axis, "period_mm": STRIPES_MM, "phase": 0.0}
    return f"stripes_{axis}.jpg", pattern, scene.picture(_hazy(scene, near, far))


def edge(scene: Scene, axis: Axis, *, opposite: bool = False) -> Photo:
    """Half the screen white; `opposite` the other half, for a pair that is dark field everywhere once."""
    angle = (0.0 if axis == "u" else 90.0) + EDGE_SLANT_DEG + (180.0 if opposite else 0.0)
    distance = _along(scene, angle)
    far = ndtr(distance / np.float32(_halo_mm(scene, angle)))
    pattern = {"kind": "edge", "axis": axis, "angle_deg": angle, "offset_mm": 0.0}
    light = _hazy(scene, _edge(scene, distance, angle), far)
    return f"edge_{axis}{'_opposite' if opposite else ''}.jpg", pattern, scene.picture(light)


def tube(scene: Scene, axis: Axis) -> Photo:
    """A long lamp tube across `axis`, as bright as the screen."""
    near, far = _slab(scene, axis, TUBE_MM)
    pattern = {"kind": "lamp", "axis": axis, "diameter_mm": TUBE_MM, "u0": 0.0, "v0": 0.0, "gain": 1.0}
    return f"tube_{axis}.jpg", pattern, scene.picture(_hazy(scene, near, far))


def softbox(scene: Scene, size_mm: tuple[float, float] = SOFTBOX_MM) -> Photo:
    """An even light; its corners are taken as the product of its sides."""
    (near_u, far_u), (near_v, far_v) = (_slab(scene, axis, side) for axis, side in zip(AXES, size_mm, strict=True))
    pattern = {"kind": "softbox", "w_mm": size_mm[0], "h_mm": size_mm[1], "u0": 0.0, "v0": 0.0}
    return "softbox.jpg", pattern, scene.picture(_hazy(scene, near_u * near_v, far_u * far_v))


def _slab(scene: Scene, axis: Axis, width: float) -> tuple[FloatImage, FloatImage]:
    """Light between two parallel edges about the middle, of the lobe and of the halo."""
    at, angle = _across(scene, axis)
    halo = np.float32(_halo_mm(scene, angle))
    sides = (at + np.float32(width / 2), at - np.float32(width / 2))
    near = _edge(scene, sides[0], angle) - _edge(scene, sides[1], angle)
    return near, ndtr(sides[0] / halo) - ndtr(sides[1] / halo)


def _across(scene: Scene, axis: Axis) -> tuple[FloatImage, float]:
    """Screen coordinate of an axis [mm], and its angle from u to v [°]."""
    return (scene.u, 0.0) if axis == "u" else (scene.v, 90.0)


def _along(scene: Scene, angle_deg: float) -> FloatImage:
    """Screen distance from a line through the middle, towards `angle_deg` from u to v. [mm]"""
    turn = np.radians(angle_deg)
    return np.asarray(np.float32(np.cos(turn)) * scene.u + np.float32(np.sin(turn)) * scene.v, np.float32)


def _hazy(scene: Scene, near: FloatImage, far: FloatImage) -> FloatImage:
    """The light of the lobe and of the halo, mixed by the haze of each place."""
    return np.asarray(near + scene.haze * (far - near), dtype=np.float32)


def _spread_mm(scene: Scene, angle_deg: float) -> FloatImage:
    """Gaussian sigma on the screen across an edge from the roughness below the pixel. [mm]"""
    return np.asarray(np.float32(_reach(scene, angle_deg)) * scene.micro_slope_mrad, dtype=np.float32)


def _halo_mm(scene: Scene, angle_deg: float) -> float:
    """The same of the halo's scatterers. [mm]"""
    return _reach(scene, angle_deg) * scene.panel.haze_slope_mrad


def _reach(scene: Scene, angle_deg: float) -> float:
    """How far a slope moves the reflection towards an angle, less across the plane of incidence. [mm/mrad]"""
    turn, incidence = np.radians(angle_deg), np.radians(scene.rig.incidence_deg)
    return 2e-3 * scene.rig.screen_dist_mm * float(np.hypot(np.cos(turn), np.sin(turn) * np.cos(incidence)))


def _edge(scene: Scene, distance: FloatImage, angle_deg: float) -> FloatImage:
    """Light of the lobe near a straight edge, so far on its white side. [mm]"""
    spread = _spread_mm(scene, angle_deg)
    table, most = _edge_table(scene.rig.disc_mm, max(float(spread.max()), 4 * _SHARPEST_MM))
    columns = (distance + np.float32(_REACH_MM)) * np.float32(_STEPS_PER_MM)
    return _looked_up(table, columns, spread / np.float32(most))


def _looked_up(table: FloatImage, columns: FloatImage, share: FloatImage) -> FloatImage:
    """Rows of a table by share of the largest spread, beyond its ends as at its ends."""
    rows = share * np.float32(_SPREADS - 1)
    found = cv2.remap(table, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, dtype=np.float32)


@lru_cache(maxsize=8)
def _edge_table(disc_mm: float, most_mm: float) -> tuple[FloatImage, float]:
    """Profiles of an edge, one row per spread, and the largest spread.

    A disc seen edge-on has density 2 √(R² − c²)/(πR²) over the chord c: Gauss-Chebyshev nodes of the second kind, each
    a Gaussian step.
    """
    x = np.arange(-_REACH_MM, _REACH_MM, 1 / _STEPS_PER_MM)
    turn = np.arange(1, _NODES + 1) * np.pi / (_NODES + 1)
    chord, weight = disc_mm / 2 * np.cos(turn), 2 / (_NODES + 1) * np.sin(turn) ** 2
    rows = [ndtr((x[:, None] - chord) / sigma) @ weight for sigma in _spreads(most_mm)]
    return np.asarray(rows, dtype=np.float32), most_mm


def _spreads(most_mm: float) -> FloatArray:
    return np.maximum(np.linspace(0.0, most_mm, _SPREADS), _SHARPEST_MM)
