"""A lamp moved around the panel: dark but for the scratches, which glint where they stand across the half vector."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from inspections.photos.photo import FloatImage
from inspections.virtual_station.camera import EXPOSURE_S
from inspections.virtual_station.optics import subpixels
from inspections.virtual_station.rig import SimulatedRig
from inspections.virtual_station.scene import Scene
from inspections.virtual_station.scratches import FineScratches, Scratch, arc_points, scattered_share
from spectra.arrays import FloatArray

LAMPS = 12
LAMP_MM = 10.0
"""Diameter of the lamp. [mm]"""
DISTANCE_MM = 300.0
HALF_SLOPE = 0.3
"""Slope of the half vectors at the middle: the lamps stand 33° from the camera's mirrored direction. [rad]"""
ALONG_RAD = 0.03
"""Standard deviation of the slope of a groove's facets along the groove: it does not run quite straight. [rad]"""
ACROSS_RAD = 0.3
"""Half width of the slopes across it; the torn and diffracting edges of a groove give the distribution long tails."""
_SCREEN_SR = 0.75
"""Projected solid angle of the screen, whose light on the panel the lamp has at the middle. [sr]"""
_STEP_MM = 0.02


def lamp_positions(rig: SimulatedRig, n: int = LAMPS) -> FloatArray:
    """Lamps on a cone about the camera's mirrored direction; card frame, shape (n, 3). [mm]

    Their half vectors point in n directions evenly over 180°, by turns to one side and to the other: each lamp shows
    another direction of scratches. A ring about the panel's normal would leave out those across the plane of incidence.
    """
    k = np.arange(n)
    turn = np.pi * (k / n + k % 2)
    half = np.column_stack([HALF_SLOPE * np.cos(turn), HALF_SLOPE * np.sin(turn), np.ones(n)])
    half /= np.linalg.norm(half, axis=1, keepdims=True)
    incidence = np.radians(rig.incidence_deg)
    camera = np.array([-np.sin(incidence), 0.0, np.cos(incidence)])
    lamps: FloatArray = DISTANCE_MM * (2 * (half @ camera)[:, None] * half - camera)
    return lamps


def moved_lamp(scene: Scene) -> Iterator[tuple[str, dict[str, Any], FloatImage]]:
    """One photo for each of `LAMPS` positions.

    Yields
    ------
    tuple of (str, dict, ndarray of float32)
        File, pattern with `exposure_s` and `light_position_mm` of the shot, and linear picture.
    """
    unlit = scene.picture(np.zeros_like(scene.u))
    pieces = _pieces(scene)
    for k, lamp in enumerate(lamp_positions(scene.rig)):
        pattern = {
            "kind": "lamp",
            "diameter_mm": LAMP_MM,
            "exposure_s": EXPOSURE_S,
            "light_position_mm": [round(float(part), 1) for part in lamp],
        }
        image = unlit * _falloff(scene, lamp)
        if len(pieces):
            amount = (pieces[:, 5] * _radiance(scene, pieces, lamp)).astype(np.float32)
            x, y = pieces[:, 0].astype(np.float32), pieces[:, 1].astype(np.float32)
            glints = scene.panel.canvas.spread(x, y, amount)
            image[scene.rows, scene.columns] += scene.mirrored(scene.seen(glints))
        yield f"lamp_{k:02d}.jpg", pattern, image


def _pieces(scene: Scene) -> FloatArray:
    """Every scratch of the panel cut into short pieces.

    Returns
    -------
    ndarray, shape (n_pieces, 6)
        x, y on the panel; x, y on the card [mm]; direction on the card [rad]; scattering area over that of a cell of
        the panel's grid.
    """
    canvas = scene.panel.canvas
    cell = float(canvas.x_mm[1] - canvas.x_mm[0]) ** 2
    found = []
    for mark in scene.panel.marks:
        if isinstance(mark, Scratch):
            arcs = mark.arc[None, :]
        elif isinstance(mark, FineScratches):
            arcs = mark.arcs
        else:
            continue
        for arc in arcs:
            x, y, tangent = arc_points(arc, _STEP_MM)
            share = float(scattered_share(mark.depth_um)) * arc[2] / x.size * mark.width_mm / cell
            found.append(np.column_stack([x, y, x, y, tangent, np.full(x.size, share)]))
    if not found:
        return np.empty((0, 6))
    pieces = np.concatenate(found)
    turn, (right, up) = scene.placement.turn_rad, scene.placement.shift_mm
    x, y = pieces[:, 0] + right, pieces[:, 1] + up
    pieces[:, 2], pieces[:, 3] = np.cos(turn) * x - np.sin(turn) * y, np.sin(turn) * x + np.cos(turn) * y
    pieces[:, 4] += turn
    return pieces


def _radiance(scene: Scene, pieces: FloatArray, lamp: FloatArray) -> FloatArray:
    """Light that a groove filling its pixel sends to the camera, over that of the mirrored white of the screen.

    A surface of small mirrors whose slopes have the density p sends E p/(4 cos θ_camera cos⁴ θ_half) of a light of
    irradiance E across its rays (K. E. Torrance, E. M. Sparrow, J. Opt. Soc. Am. 57 (1967) 1105). A groove has
    slopes across its run and hardly any along it; lamp and pupil widen what the camera sees of either.
    """
    at = np.column_stack([pieces[:, 2:4], np.zeros(len(pieces))])
    to_lamp, to_camera = lamp - at, scene.optics.camera - at
    lamp_mm, camera_mm = (np.linalg.norm(part, axis=1) for part in (to_lamp, to_camera))
    half = to_lamp / lamp_mm[:, None] + to_camera / camera_mm[:, None]
    half /= np.linalg.norm(half, axis=1, keepdims=True)
    tangent = np.column_stack([np.cos(pieces[:, 4]), np.sin(pieces[:, 4])])
    slope = half[:, :2] / half[:, 2:]
    along = (slope * tangent).sum(axis=1)
    across = slope[:, 1] * tangent[:, 0] - slope[:, 0] * tangent[:, 1]
    # A disc of diameter D has the variance (D/4)² along either axis; the half vector turns by half as much.
    seen = np.hypot(LAMP_MM / (8 * lamp_mm), scene.rig.pupil_mm / (8 * camera_mm))
    sigma = np.hypot(ALONG_RAD, seen)
    density = np.exp(-0.5 * (along / sigma) ** 2) / (np.sqrt(2 * np.pi) * sigma)
    density *= ACROSS_RAD / np.pi / (ACROSS_RAD**2 + across**2)
    centre_cosine = lamp[2] / np.linalg.norm(lamp)
    irradiance = _SCREEN_SR / centre_cosine * (np.linalg.norm(lamp) / lamp_mm) ** 2
    sent: FloatArray = irradiance * density / (4 * to_camera[:, 2] / camera_mm * half[:, 2] ** 4)
    return sent


def _falloff(scene: Scene, lamp: FloatArray) -> FloatImage:
    """Irradiance of the card plane over that at its middle, for every pixel; float32, shape of the picture."""
    height, width = scene.optics.image_shape
    # Smooth enough for every eighth pixel.
    small = (max(2, height // 8), max(2, width // 8))
    columns, rows = (
        subpixels(0, n, 1) * np.float32(full / n) for n, full in zip(small[::-1], (width, height), strict=True)
    )
    x, y = scene.optics.on_card(columns, rows)
    squared = (x - lamp[0]) ** 2 + (y - lamp[1]) ** 2 + lamp[2] ** 2
    light = (float(lamp @ lamp) / squared) ** 1.5
    return np.asarray(cv2.resize(light.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR))
