"""A small lamp mirrored in the panel, over an exposure bracket: core, haze, the lens's own glare; with the truth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from scipy.special import j0, j1

from inspections.gloss.halo import BODY_DEG, RING_DEG
from inspections.photos.photo import FloatImage
from inspections.simulate import BODY_LIGHT
from inspections.virtual_station.camera import EXPOSURE_S
from inspections.virtual_station.rig import SimulatedRig
from inspections.virtual_station.scene import Scene
from spectra.arrays import FloatArray

LAMP_MM = 0.8
"""Diameter of the lamp: 0.18° from a panel 250 mm away. [mm]"""
EXPOSURES = (1 / 64, 1 / 16, 1 / 4, 1.0, 4.0, 16.0)
"""Over that of the fringe photos; 10 EV."""
_BRIGHTEST = 0.55
"""Linear level of the highlight of a perfect mirror in the shortest exposure."""
_SCREEN_SR = 0.75
"""Projected solid angle of the screen seen from the panel, which `BODY_LIGHT` stands for. [sr]"""
_ROOM_LIGHT = 0.04
"""Light of the room over that of the fringe photos, card and all."""
_GLARE: tuple[tuple[float, float], ...] = ((0.010, 25.0), (0.006, 90.0), (0.006, 300.0))
"""What lens and sensor scatter: share of the light, and standard deviation. [1, pixel]"""
_FRACTIONS = 12


def lamp_bracket(scene: Scene) -> Iterator[tuple[str, dict[str, Any], FloatImage]]:
    """The photos of the bracket, shortest first.

    Yields
    ------
    tuple of (str, dict, ndarray of float32)
        File, pattern with `exposure_s`, and linear picture at the exposure of the fringe photos.
    """
    unit = _picture(scene)
    for exposure in EXPOSURES:
        pattern = {
            "kind": "lamp",
            "diameter_mm": LAMP_MM,
            "u0": 0.0,
            "v0": 0.0,
            "exposure_s": EXPOSURE_S * exposure,
        }
        yield f"lamp_{round(1e4 * exposure):06d}.jpg", pattern, unit


def haze_truth(rig: SimulatedRig, haze: float, haze_slope_mrad: float, *, mirror: float = 1.0) -> dict[str, float]:
    """What a camera without glare, noise and body would read from a flat panel of one haze.

    Parameters
    ----------
    rig : SimulatedRig
    haze : float
        Share of the mirrored light in the halo. [0-1]
    haze_slope_mrad : float
    mirror : float
        Mirrored light over the tile's.

    Returns
    -------
    dict of str to float
        `haze_cam`: flux in the ring over that of the core in the tile, less the mean beyond `BODY_DEG` as far as
        twice that [%]; `halo_in_ring`: the same without that. [%]
    """
    limit = 2 * BODY_DEG
    axis = np.linspace(-limit, limit, 1281)
    u, v = np.meshgrid(axis, axis)
    reach = rig.screen_dist_mm
    mm = [reach * np.tan(np.radians(part)) for part in (u, v)]
    density = _haze_density(rig, haze_slope_mrad, mm[0], mm[1]) * (reach * np.pi / 180) ** 2
    radius = np.hypot(u, v)
    cell = (axis[1] - axis[0]) ** 2
    ring = (radius >= RING_DEG[0]) & (radius < RING_DEG[1])
    beyond = (radius >= BODY_DEG) & (np.abs(u) < 13) & (np.abs(v) < 11)
    scale = 100 * mirror * haze
    held = float(density[ring].sum()) * cell
    level = float(density[beyond].mean())
    return {"haze_cam": scale * (held - level * float(ring.sum()) * cell), "halo_in_ring": scale * held}


def _picture(scene: Scene) -> FloatImage:
    """The scene lit by lamp and room, glare included; linear level at the exposure of the fringe photos."""
    core = _core_profile(scene.rig, float(np.median(scene.micro_slope_mrad)))
    lamp = _BRIGHTEST / EXPOSURES[0] / (float(_core_profile(scene.rig, 0.0)[0, 1]) * scene.gain)
    radius = np.hypot(scene.u, scene.v)
    sharp = np.interp(radius, core[:, 0], core[:, 1], right=0.0).astype(np.float32)
    wide = _haze_density(scene.rig, scene.panel.haze_slope_mrad, scene.u, scene.v).astype(np.float32)
    mirrored = scene.mirrored(np.float32(lamp) * ((1 - scene.haze) * sharp + scene.haze * wide))
    image = scene.picture(np.zeros_like(scene.u)) * np.float32(_ROOM_LIGHT)
    cosine = np.cos(np.radians(scene.rig.incidence_deg))
    body = lamp * cosine / scene.rig.screen_dist_mm**2 / _SCREEN_SR * BODY_LIGHT[scene.panel.body]
    image += np.float32(body * scene.gain) * scene.card.opening
    image[scene.rows, scene.columns] += mirrored
    return _with_glare(image)


def _core_profile(rig: SimulatedRig, micro_slope_mrad: float) -> FloatArray:
    """Radius on the screen [mm] and light per area [1/mm²]: lamp, pupil and roughness, round, of unit flux."""
    sigma = 2e-3 * rig.screen_dist_mm * micro_slope_mrad
    k = np.linspace(1e-4, 6.0, 1500)

    def disc(diameter: float) -> FloatArray:
        x = np.pi * diameter * k
        seen: FloatArray = 2 * j1(x) / x
        return seen

    # A floor under the roughness keeps the Hankel transform of two sharp discs from ringing.
    passed = disc(LAMP_MM) * disc(rig.disc_mm) * np.exp(-2 * np.pi**2 * max(sigma, 0.1) ** 2 * k**2)
    radius = np.linspace(0.0, 12.0, 400)
    profile = 2 * np.pi * np.trapezoid(passed * k * j0(2 * np.pi * radius[:, None] * k), k, axis=1)
    profile = np.maximum(profile, 0.0)
    profile /= 2 * np.pi * np.trapezoid(profile * radius, radius)
    return np.stack([radius, profile], axis=1)


def _haze_density(
    rig: SimulatedRig, slope_mrad: float, u_mm: FloatArray | FloatImage, v_mm: FloatArray | FloatImage
) -> FloatArray:
    """Halo of the scatterers on the screen, unit flux. [1/mm²]"""
    wide = 2e-3 * rig.screen_dist_mm * slope_mrad
    high = wide * np.cos(np.radians(rig.incidence_deg))
    density: FloatArray = np.exp(-0.5 * (np.square(u_mm / wide) + np.square(v_mm / high))) / (2 * np.pi * wide * high)
    return density


def _with_glare(image: FloatImage) -> FloatImage:
    """The picture with what lens and sensor scatter of it over the whole field."""
    height, width = image.shape
    size = (width // _FRACTIONS, height // _FRACTIONS)
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.float32)
    veil = np.zeros_like(small)
    for share, sigma in _GLARE:
        wide = cv2.GaussianBlur(small, (0, 0), max(sigma / _FRACTIONS, 0.5), borderType=cv2.BORDER_CONSTANT)
        veil += np.float32(share) * np.asarray(wide, np.float32)
    kept = np.float32(1.0 - sum(share for share, _ in _GLARE))
    return np.asarray(kept * image + cv2.resize(veil, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
