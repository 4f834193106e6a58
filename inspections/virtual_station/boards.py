"""What the virtual station is calibrated with: a printed board held at will, and a mirror that shows the screen's."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inspections.photos.photo import FloatImage
from inspections.station.charuco import CharucoBoard
from inspections.virtual_station.camera import Camera
from inspections.virtual_station.card import see_card
from inspections.virtual_station.optics import Optics, binned, subpixels
from inspections.virtual_station.rig import SimulatedRig
from spectra.arrays import FloatArray

_OVERSAMPLED = 3
_TEXELS = 60
"""Texture pixels a square."""
_PAPER, _INK, _ROOM, _MIRRORED_WHITE = 0.45, 0.04, 0.12, 0.5


def moved(optics: Optics, rotation: FloatArray, translation: FloatArray) -> Optics:
    """The same rig in the coordinates of a card or board that was moved.

    Parameters
    ----------
    optics : Optics
    rotation : ndarray, shape (3, 3)
    translation : ndarray, shape (3,)
        X_before = rotation X_after + translation. [mm]
    """
    return replace(
        optics,
        camera=(optics.camera - translation) @ rotation,
        screen=(optics.screen - translation) @ rotation,
        **{
            name: getattr(optics, name) @ rotation
            for name in ("right", "down", "forward", "screen_normal", "screen_u", "screen_v")
        },
    )


def tilted(x_deg: float, y_deg: float, z_deg: float) -> FloatArray:
    """Rotation by three angles about x, then y, then z, shape (3, 3)."""
    matrix = np.eye(3)
    for axis, angle in enumerate((x_deg, y_deg, z_deg)):
        vector = np.zeros(3)
        vector[axis] = np.radians(angle)
        matrix = np.asarray(cv2.Rodrigues(vector)[0], np.float64) @ matrix
    return matrix


def photograph_board(optics: Optics, rig: SimulatedRig, board: CharucoBoard, camera: Camera) -> bytes:
    """A printed board in the plane z = 0 of the optics' frame, as the camera writes it."""
    texture = board.drawn(_TEXELS)
    height, width = optics.image_shape
    x, y = optics.on_card(subpixels(0, width, _OVERSAMPLED), subpixels(0, height, _OVERSAMPLED))
    ink = _sampled(texture, board, x, -y, outside=np.nan)
    light = np.where(np.isnan(ink), _ROOM, _INK + (_PAPER - _INK) * ink).astype(np.float32)
    image = binned(light, _OVERSAMPLED)
    return camera.photograph(np.asarray(cv2.GaussianBlur(image, (0, 0), rig.lens_sigma_px), np.float32))


def photograph_mirror(
    optics: Optics, rig: SimulatedRig, board: CharucoBoard, panel_mm: tuple[float, float], camera: Camera
) -> bytes:
    """A flat mirror under the marker card, which shows the board on the screen, blurred by the pupil."""
    card = see_card(optics, panel_mm)
    height, width = optics.image_shape
    x, y = optics.on_card(subpixels(0, width, _OVERSAMPLED), subpixels(0, height, _OVERSAMPLED))
    level = np.zeros_like(x)
    u, v = optics.screen_hit(x, y, level, level)
    texel_mm = board.square_mm / _TEXELS
    radius = 0.5 * rig.disc_mm / texel_mm
    reach = int(np.ceil(radius))
    across = np.arange(-reach, reach + 1)
    disc = np.clip(radius + 0.5 - np.hypot(across[:, None], across[None, :]), 0, 1).astype(np.float32)
    soft = np.asarray(cv2.filter2D(board.drawn(_TEXELS).astype(np.float32), -1, disc / disc.sum()), np.float32)
    seen = binned(_sampled(soft, board, u, v, outside=0.0), _OVERSAMPLED) * card.opening
    image = card.diffuse + np.float32(_MIRRORED_WHITE) * seen
    return camera.photograph(np.asarray(cv2.GaussianBlur(image, (0, 0), rig.lens_sigma_px), np.float32))


def _sampled(
    texture: NDArray[np.uint8] | FloatImage, board: CharucoBoard, right: FloatImage, down: FloatImage, outside: float
) -> FloatImage:
    """The board's whiteness where it is looked at, in its own coordinates [mm]; 0 to 1."""
    texel_mm = np.float32(board.square_mm / _TEXELS)
    half_x, half_y = (np.float32(side / 2) for side in board.size_mm)
    found = cv2.remap(
        texture.astype(np.float32) / np.float32(255),
        (right + half_x) / texel_mm - np.float32(0.5),
        (down + half_y) / texel_mm - np.float32(0.5),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=outside,
    )
    return np.asarray(found, np.float32)


def calibration_photos(
    optics: Optics,
    rig: SimulatedRig,
    board: CharucoBoard,
    screen_board: CharucoBoard,
    panel_mm: tuple[float, float],
    rng: np.random.Generator,
    *,
    n_boards: int = 10,
    n_mirrors: int = 3,
) -> dict[str, bytes]:
    """The photos a person takes to calibrate a station: the board held in all directions, the mirror under the card.

    Parameters
    ----------
    optics : Optics
        The rig as aimed.
    rig : SimulatedRig
    board, screen_board : CharucoBoard
    panel_mm : tuple of float
        Opening of the card. [mm]
    rng : numpy.random.Generator
        Poses and noise.
    n_boards, n_mirrors : int

    Returns
    -------
    dict of str to bytes
        `board_*.jpg` and `mirror_*.jpg`.
    """
    camera = Camera(rig, rng)
    facing = tilted(0.0, -rig.incidence_deg, 0.0)
    reach = np.array([0.18 * panel_mm[0], 0.2 * panel_mm[1], 12.0])
    files = {}
    for k in range(n_boards):
        towards, tilt = 2 * np.pi * k / n_boards + rng.uniform(-0.3, 0.3), rng.uniform(18.0, 35.0)
        rotation = facing @ tilted(tilt * np.cos(towards), tilt * np.sin(towards), rng.uniform(-20.0, 20.0))
        held = moved(optics, rotation, reach * rng.uniform(-1.0, 1.0, 3))
        files[f"board_{k}.jpg"] = photograph_board(held, rig, board, camera)
    for k in range(n_mirrors):
        laid = moved(optics, *laid_by_hand(rng)) if k else optics
        files[f"mirror_{k}.jpg"] = photograph_mirror(laid, rig, screen_board, panel_mm, camera)
    return files


def laid_by_hand(rng: np.random.Generator, tilt_deg: float = 2.0) -> tuple[FloatArray, FloatArray]:
    """A card laid down again: tilted by so many degrees and 2 mm off, as `moved` takes it."""
    tilt_x, tilt_y = tilt_deg * rng.standard_normal(2)
    return tilted(float(tilt_x), float(tilt_y), float(rng.standard_normal())), 2.0 * rng.standard_normal(3)
