"""The gate's checks of the marker card's own light: a black that is not black, a white that changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import cv2
import numpy as np

from inspections.appearance import Finding
from inspections.gate.checks import at_most
from inspections.gate.dependencies import BODY_METRICS, EDGE_METRICS
from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray

MOST_BLACK_OVER_WHITE = 0.30
_INSIDE = 1 / 12
"""Middle of the black border of a marker, over its side: the border is one cell of six."""


class CardLight(NamedTuple):
    """Median light of the black of the markers and of the card around them. [linear]"""

    black: float
    white: float


def card_light(image: FloatImage, corners: Mapping[int, FloatArray]) -> CardLight:
    """Black and white of the card, beside the sides of its markers.

    Parameters
    ----------
    image : ndarray of float32, shape (height, width)
        Linear grey.
    corners : mapping of int to ndarray, shape (4, 2)
        [pixel]
    """
    along = np.linspace(0.2, 0.8, 20)[:, None]
    black: list[FloatImage] = []
    white: list[FloatImage] = []
    for square in corners.values():
        middle = square.mean(axis=0)
        for scale, into in ((1 - 2 * _INSIDE, black), (1 + 2 * _INSIDE, white)):
            moved = middle + scale * (square - middle)
            points = np.concatenate([moved[k] + along * (moved[(k + 1) % 4] - moved[k]) for k in range(4)])
            column, row = (points[None, :, axis].astype(np.float32) for axis in (0, 1))
            seen = cv2.remap(image, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            into.append(np.asarray(seen, np.float32))
    return CardLight(float(np.median(black)), float(np.median(white)))


def check_black_level(light: CardLight, file: str) -> Finding:
    """Whether light of the room, or the camera's black level, lies over the picture."""
    return at_most(
        "black_level",
        light.black / max(light.white, 1e-6),
        MOST_BLACK_OVER_WHITE,
        "1",
        "light of the black of the markers over that of the card's white",
        "darken the room, shade the lens, clean it",
        (*BODY_METRICS, *EDGE_METRICS),
        (file,),
    )
