"""The markers of the card in a photo: found, their corners refined by their sides, and how sharp those sides are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.special import ndtr

from inspections.capture.capture import MarkerCard
from inspections.photos.photo import EncodedImage, FloatImage
from spectra.arrays import FloatArray
from spectra.errors import PhotoError

_DETECTION_SIDE = 1000
_SUBPIX_HALF_WINDOW = 5


def find_markers(grey: EncodedImage, card: MarkerCard, file_name: str) -> dict[int, FloatArray]:
    """Corners of the card's markers in a photo, sub-pixel.

    Detected on a reduced image, refined at full size; looked for again at full size when one is missing.

    Returns
    -------
    dict of int to ndarray, shape (4, 2)
        Only markers of this card; empty when none is seen. [pixel]

    Raises
    ------
    PhotoError
        If the card names a dictionary that does not exist.
    """
    number = getattr(cv2.aruco, card.aruco, None)
    if not card.aruco.startswith("DICT_") or not isinstance(number, int):
        raise PhotoError(
            f"{file_name}: the card names {card.aruco!r}; expected an ArUco dictionary such as DICT_4X4_50"
        )
    image = _eight_bit(grey)
    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(number))
    factor = max(1, round(max(image.shape) / _DETECTION_SIDE))
    found = _detected(detector, image, factor, card)
    if len(found) < len(card.markers_mm) and factor > 1:
        found = _detected(detector, image, 1, card)
    for identity, corners in found.items():
        found[identity] = detected_corners(grey, corners)
    return found


def _detected(
    detector: cv2.aruco.ArucoDetector, image: NDArray[np.uint8], factor: int, card: MarkerCard
) -> dict[int, FloatArray]:
    small = (
        image if factor == 1 else cv2.resize(image, None, fx=1 / factor, fy=1 / factor, interpolation=cv2.INTER_AREA)
    )
    corners, identities, _ = detector.detectMarkers(small)
    # A pixel centre (i + 0.5)/factor - 0.5 of the small image: the area resize keeps outer borders, not centres.
    return {
        int(identity): (np.asarray(square, dtype=np.float64).reshape(4, 2) + 0.5) * factor - 0.5
        for identity, square in zip(
            np.asarray([] if not len(corners) else identities).reshape(-1), corners, strict=True
        )
        if int(identity) in card.markers_mm
    }


def detected_corners(grey: EncodedImage, start: FloatArray) -> FloatArray:
    """Corners near `start`, shape (n, 2), as a corner detector finds them; blur pulls them inwards. [pixel]"""
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 40, 0.005)
    window = (_SUBPIX_HALF_WINDOW, _SUBPIX_HALF_WINDOW)
    begin = start.astype(np.float32).reshape(-1, 1, 2)
    return np.asarray(cv2.cornerSubPix(_eight_bit(grey), begin, window, (-1, -1), criteria), np.float64).reshape(-1, 2)


def refine_corners(
    image: FloatImage, corners: Mapping[int, FloatArray]
) -> tuple[dict[int, FloatArray], tuple[float, float]]:
    """Marker corners as intersections of their fitted sides, and the blur of those sides.

    Parameters
    ----------
    image : ndarray of float32, shape (height, width)
        Linear grey.
    corners : mapping of int to ndarray, shape (4, 2)
        As `find_markers` gives them. [pixel]

    Returns
    -------
    corners : dict of int to ndarray, shape (4, 2)
        A corner keeps its start where one of its sides could not be fitted. [pixel]
    sigma : tuple of float
        Gaussian sigma of the edge spread along pixel x and along pixel y; NaN where no side could be fitted. [pixel]

    Notes
    -----
    A side is fitted over all pixels within a few pixels of it, with position, angle, levels and sigma free: its
    slant against the pixel rows is the oversampling. A corner of a blurred square is rounded and pulls a corner
    detector inwards (0.4 pixel rms on 140-pixel markers); its sides are not.
    """
    across: tuple[list[float], list[float]] = ([], [])
    refined = {}
    for identity, square in corners.items():
        middle = square.mean(axis=0)
        sides = [_fitted_side(image, square[k], square[(k + 1) % 4], middle) for k in range(4)]
        better = square.copy()
        for k in range(4):
            before, after = sides[k - 1], sides[k]
            if before is not None and after is not None:
                normals = np.array([before.normal, after.normal])
                crossing = np.linalg.solve(normals, [before.offset, after.offset])
                if np.linalg.norm(crossing - square[k]) < _SUBPIX_HALF_WINDOW:
                    better[k] = crossing
        refined[identity] = better
        for side in sides:
            if side is not None:
                across[0 if abs(side.normal[0]) > abs(side.normal[1]) else 1].append(side.sigma)
    sigma_x, sigma_y = (float(np.median(sigmas)) if sigmas else float("nan") for sigmas in across)
    return refined, (sigma_x, sigma_y)


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """The straight line normal · point = offset [pixel], and the sigma of the edge across it."""

    normal: FloatArray
    offset: float
    sigma: float


def _fitted_side(image: FloatImage, start: FloatArray, end: FloatArray, middle: FloatArray) -> _Side | None:
    """One marker side, None where the fit is not an edge."""
    length = float(np.linalg.norm(end - start))
    reach = min(6.0, 0.12 * length)  # a cell of the border is a sixth of the side
    if reach < 2.5:
        return None
    along_unit = (end - start) / length
    normal = np.array([-along_unit[1], along_unit[0]])
    if normal @ (0.5 * (start + end) - middle) < 0:
        normal = -normal
    box = np.concatenate([[start, end] - reach * normal, [start, end] + reach * normal])
    low = np.maximum(np.floor(box.min(axis=0)).astype(int), 0)
    high = np.minimum(np.ceil(box.max(axis=0)).astype(int) + 1, image.shape[::-1])
    if (high - low < 3).any():
        return None
    column, row = np.meshgrid(np.arange(low[0], high[0]), np.arange(low[1], high[1]))
    offset = np.stack([column, row], axis=-1) - 0.5 * (start + end)
    distance, along = offset @ normal, offset @ along_unit
    inside = (np.abs(distance) <= reach) & (np.abs(along) <= 0.35 * length)
    d, s, value = distance[inside], along[inside], image[low[1] : high[1], low[0] : high[0]][inside].astype(np.float64)
    if value.size < 60:
        return None
    dark, light = np.percentile(value, [10, 90])
    if light - dark < 0.01:
        return None

    def residuals(p: FloatArray) -> FloatArray:
        edge: FloatArray = p[0] + p[1] * ndtr((d - p[2] - p[3] * s) / max(abs(p[4]), 0.05)) - value
        return edge

    def derivatives(p: FloatArray) -> FloatArray:
        sigma = max(abs(p[4]), 0.05)
        t = (d - p[2] - p[3] * s) / sigma
        steep = -p[1] / (np.sqrt(2.0 * np.pi) * sigma) * np.exp(-0.5 * t**2)
        wider = steep * t * np.sign(p[4]) if abs(p[4]) > 0.05 else np.zeros_like(t)
        return np.column_stack([np.ones_like(t), ndtr(t), steep, steep * s, wider])

    guess = [dark, light - dark, 0.0, 0.0, 0.9]
    fit = least_squares(residuals, guess, jac=derivatives, method="lm", max_nfev=60)
    _, _, shift, slant, sigma = fit.x
    if not fit.success or np.sqrt(np.mean(fit.fun**2)) > 0.1 * (light - dark) or not 0.1 < abs(sigma) < reach:
        return None
    # d = shift + slant s is the line; as normal · point = offset:
    tilted = (normal - slant * along_unit) / np.hypot(1.0, slant)
    return _Side(tilted, float(tilted @ (0.5 * (start + end) + shift * normal)), abs(float(sigma)))


def _eight_bit(grey: EncodedImage) -> NDArray[np.uint8]:
    return (grey if grey.dtype == np.uint8 else grey >> 8).astype(np.uint8, copy=False)
