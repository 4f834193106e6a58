"""The marker card of the virtual station: how the camera sees it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inspections.photos.photo import FloatImage
from inspections.station.card import ARUCO, BORDER_MM, MARKER_MM, card_size_mm, markers_mm
from inspections.virtual_station.optics import Optics, binned, subpixels

_TEXTURE_MM = 0.25
_CARD_WHITE, _CARD_BLACK, _ROOM = 0.36, 0.05, 0.12
_WHITE, _BLACK, _OPENING = 1, 2, 3
_OVERSAMPLED = 3
_STRIP = 64
"""Rows that are sampled at a time, to hold little in memory. [pixel]"""


@dataclass(frozen=True, slots=True, eq=False)
class SeenCard:
    """The card in the picture.

    Attributes
    ----------
    diffuse : ndarray of float32, shape (height, width)
        Light of card and room. [linear]
    opening : ndarray of float32, shape (height, width)
        Share of each pixel through which the panel is seen. [0-1]
    """

    diffuse: FloatImage
    opening: FloatImage


def see_card(
    optics: Optics, panel_mm: tuple[float, float], covered: tuple[str, ...] = (), lift_mm: float = 0.0
) -> SeenCard:
    """Card, room and how much of each pixel is opening, sampled three by three per pixel.

    Parameters
    ----------
    optics : Optics
    panel_mm : tuple of float
        Width and height of the opening. [mm]
    covered : tuple of str
        Markers that something lies on.
    lift_mm : float
        How far the top right corner stands off the panel. [mm]
    """
    texture = _drawn_flat(panel_mm, covered)
    height, width = optics.image_shape
    columns, rows = subpixels(0, width, _OVERSAMPLED), subpixels(0, height, _OVERSAMPLED)
    half_x, half_y = (side / 2 + BORDER_MM for side in panel_mm)
    strips = []
    for start in range(0, height, _STRIP):
        x, y = optics.on_card(columns, rows[start * _OVERSAMPLED : (start + _STRIP) * _OVERSAMPLED])
        if lift_mm:
            x, y = _under_lifted(x, y, optics, (half_x, half_y), lift_mm)
        code = cv2.remap(
            texture,
            (x + np.float32(half_x)) / np.float32(_TEXTURE_MM) - np.float32(0.5),
            (np.float32(half_y) - y) / np.float32(_TEXTURE_MM) - np.float32(0.5),
            cv2.INTER_NEAREST,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=0,
        )
        strips.append(
            [binned(np.asarray(code == value, np.float32), _OVERSAMPLED) for value in (_WHITE, _BLACK, _OPENING)]
        )
    white, black, opening = (np.concatenate(parts) for parts in zip(*strips, strict=True))
    lit = np.float32(_CARD_WHITE) * white + np.float32(_CARD_BLACK) * black
    diffuse = lit + np.float32(_ROOM) * (1 - white - black - opening)
    return SeenCard(diffuse.astype(np.float32), opening.astype(np.float32))


def _under_lifted(
    x: FloatImage, y: FloatImage, optics: Optics, half_mm: tuple[float, float], lift_mm: float
) -> tuple[FloatImage, FloatImage]:
    """Points of a card bent up at its top right corner that are seen where a flat card would show (x, y). [mm]"""
    rise = np.float32(lift_mm) * np.clip(x / np.float32(half_mm[0]), 0, 1) * np.clip(y / np.float32(half_mm[1]), 0, 1)
    towards = rise / np.float32(optics.camera[2])  # of a point at height z, the ray meets the panel z/h beyond it
    return (
        np.asarray(x + towards * (np.float32(optics.camera[0]) - x), dtype=np.float32),
        np.asarray(y + towards * (np.float32(optics.camera[1]) - y), dtype=np.float32),
    )


def _drawn_flat(panel_mm: tuple[float, float], covered: tuple[str, ...]) -> NDArray[np.uint8]:
    """The card seen from above at `_TEXTURE_MM`, as codes."""
    width, height = panel_mm
    cells = [round(side / _TEXTURE_MM) for side in card_size_mm(panel_mm)]
    texture = np.full((cells[1], cells[0]), _WHITE, np.uint8)
    border, size = round(BORDER_MM / _TEXTURE_MM), round(MARKER_MM / _TEXTURE_MM)
    texture[border:-border, border:-border] = _OPENING
    dictionary = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, ARUCO))
    for identity, corners in markers_mm(panel_mm).items():
        if identity in covered:
            continue
        column = round((corners[0][0] + width / 2 + BORDER_MM) / _TEXTURE_MM)
        row = round((height / 2 + BORDER_MM - corners[0][1]) / _TEXTURE_MM)
        drawn = cv2.aruco.generateImageMarker(dictionary, int(identity), size)
        texture[row : row + size, column : column + size] = np.where(np.asarray(drawn) > 127, _WHITE, _BLACK)
    return texture
