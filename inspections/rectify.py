"""The panel frame: markers of the card to a mapping from panel millimetres to pixels, and photos warped onto it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.special import ndtr

from inspections.capture import MarkerCard
from inspections.photo import EncodedImage, FloatImage
from spectra.arrays import FloatArray, frozen
from spectra.errors import PhotoError

MIN_MARKERS = 3
ROI_BORDER_MM = 5.0
"""Left out along the opening: the card's shadow and its own reflection. [mm]"""
_DETECTION_SIDE = 1000
_SUBPIX_HALF_WINDOW = 5


@dataclass(frozen=True, slots=True, eq=False)
class PanelFrame:
    """How card millimetres map to pixels in one photo.

    Attributes
    ----------
    homography : ndarray, shape (3, 3)
        Card (x right, y up) to undistorted pixel. [mm -> pixel]
    radial : float
        Radial distortion, relative displacement at half the image diagonal.
    image_shape : tuple of int
        Height and width. [pixel]
    corners : mapping of int to ndarray, shape (4, 2)
        Marker corners as found. [pixel]
    residual_px : float
        Rms distance of the corners from the fitted mapping. [pixel]
    rough : mapping of int to ndarray, shape (4, 2)
        Corners as the corner detector found them, for `marker_shift`. [pixel]
    """

    homography: FloatArray
    radial: float
    image_shape: tuple[int, int]
    corners: Mapping[int, FloatArray]
    residual_px: float
    rough: Mapping[int, FloatArray]

    def to_pixels(self, points_mm: FloatArray) -> FloatArray:
        """Card points, shape (..., 2), to pixels (x, y). [mm -> pixel]"""
        flat = points_mm.reshape(-1, 2)
        projected = flat @ self.homography[:, :2].T + self.homography[:, 2]
        return _distort(projected[:, :2] / projected[:, 2:], self.radial, self.image_shape).reshape(points_mm.shape)

    def jacobian(self, x_mm: float = 0.0, y_mm: float = 0.0) -> FloatArray:
        """Pixels per millimetre at a card point, shape (2, 2): rows pixel x, y; columns card x, y. [pixel/mm]"""
        centre = np.array([x_mm, y_mm])
        steps = np.array([[0.5, 0.0], [0.0, 0.5]])
        return np.column_stack([self.to_pixels(centre + step) - self.to_pixels(centre - step) for step in steps])

    @property
    def mm_per_pixel(self) -> tuple[float, float]:
        """Millimetres per pixel along card x and card y at the centre. [mm/pixel]"""
        along_x, along_y = np.linalg.norm(self.jacobian(), axis=0)
        return 1.0 / float(along_x), 1.0 / float(along_y)


@dataclass(frozen=True, slots=True, eq=False)
class PanelGrid:
    """Regular grid on the panel; row 0 is the top.

    Attributes
    ----------
    x_mm, y_mm : ndarray, shape (width,), (height,)
        Card coordinates of the columns and rows. [mm]
    pitch_mm : float
    """

    x_mm: FloatArray
    y_mm: FloatArray
    pitch_mm: float

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width. [grid points]"""
        return self.y_mm.size, self.x_mm.size

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height. [mm]"""
        return self.x_mm.size * self.pitch_mm, self.y_mm.size * self.pitch_mm


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
    image = (grey if grey.dtype == np.uint8 else grey >> 8).astype(np.uint8, copy=False)
    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(number))
    factor = max(1, round(max(image.shape) / _DETECTION_SIDE))
    found = _detected(detector, image, factor, card)
    if len(found) < len(card.markers_mm) and factor > 1:
        found = _detected(detector, image, 1, card)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 40, 0.005)
    window = (_SUBPIX_HALF_WINDOW, _SUBPIX_HALF_WINDOW)
    for identity, corners in found.items():
        start = corners.astype(np.float32).reshape(-1, 1, 2)
        found[identity] = np.asarray(cv2.cornerSubPix(image, start, window, (-1, -1), criteria), np.float64).reshape(
            4, 2
        )
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


def fit_frame(
    corners: Mapping[int, FloatArray],
    card: MarkerCard,
    image_shape: tuple[int, int],
    rough: Mapping[int, FloatArray] | None = None,
) -> PanelFrame:
    """Homography and one radial term from marker corners; `rough` are those before refinement.

    Raises
    ------
    PhotoError
        If fewer than three markers were found, or they do not lie as the card says.
    """
    if len(corners) < MIN_MARKERS:
        raise PhotoError(
            f"{len(corners)} markers of the card were found; {MIN_MARKERS} are the least for a panel frame"
        )
    identities = sorted(corners)
    on_card = np.concatenate([card.markers_mm[identity] for identity in identities])
    in_image = np.concatenate([corners[identity] for identity in identities])
    start, _ = cv2.findHomography(on_card, in_image, 0)
    if start is None or not np.isfinite(start).all() or abs(start[2, 2]) < 1e-12:
        raise PhotoError("the markers do not lie as the card says: no homography fits")
    start = start / start[2, 2]

    def residuals(parameters: FloatArray) -> FloatArray:
        homography = np.append(parameters[:8], 1.0).reshape(3, 3)
        projected = on_card @ homography[:, :2].T + homography[:, 2]
        off: FloatArray = _distort(projected[:, :2] / projected[:, 2:], parameters[8], image_shape) - in_image
        return off.ravel()

    fit = least_squares(residuals, np.append(start.ravel()[:8], 0.0), x_scale="jac", method="lm")
    return PanelFrame(
        homography=frozen(np.append(fit.x[:8], 1.0).reshape(3, 3)),
        radial=float(fit.x[8]),
        image_shape=image_shape,
        corners={identity: frozen(corners[identity]) for identity in identities},
        residual_px=float(np.sqrt(np.mean(fit.fun**2) * 2)),
        rough={identity: frozen((rough or corners)[identity]) for identity in identities},
    )


def panel_grid(card: MarkerCard, pitch_mm: float, border_mm: float = ROI_BORDER_MM) -> PanelGrid:
    """Grid over the opening of the card, `border_mm` inside it.

    Raises
    ------
    PhotoError
        If the opening is too small for it.
    """
    width, height = (side - 2 * border_mm for side in card.panel_mm)
    columns, rows = int(width / pitch_mm), int(height / pitch_mm)
    if columns < 64 or rows < 64:
        raise PhotoError(
            f"the opening of {card.panel_mm[0]:g} × {card.panel_mm[1]:g} mm holds too few pixels to measure"
        )
    x = (np.arange(columns) - (columns - 1) / 2) * pitch_mm
    y = ((rows - 1) / 2 - np.arange(rows)) * pitch_mm
    return PanelGrid(frozen(x), frozen(y), pitch_mm)


def pixel_maps(frame: PanelFrame, grid: PanelGrid) -> tuple[FloatImage, FloatImage]:
    """Pixel x and y of every grid point, float32, shape `grid.shape`: what `warp` needs, made once per photo."""
    x, y = grid.x_mm[None, :], grid.y_mm[:, None]
    h = frame.homography
    depth = h[2, 0] * x + h[2, 1] * y + h[2, 2]
    column = (h[0, 0] * x + h[0, 1] * y + h[0, 2]) / depth
    row = (h[1, 0] * x + h[1, 1] * y + h[1, 2]) / depth
    centre_x, centre_y, unit = _optical_centre(frame.image_shape)
    stretch = 1.0 + frame.radial * ((column - centre_x) ** 2 + (row - centre_y) ** 2) / unit**2
    return (
        (centre_x + (column - centre_x) * stretch).astype(np.float32),
        (centre_y + (row - centre_y) * stretch).astype(np.float32),
    )


def warp(image: FloatImage, maps: tuple[FloatImage, FloatImage]) -> FloatImage:
    """Photo on the panel grid, cubic; float32, shape of the maps."""
    warped = cv2.remap(image, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, dtype=np.float32)


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


def marker_shift(grey: EncodedImage, frame: PanelFrame) -> float:
    """Rms movement of the marker corners against the photo of the frame. [pixel]

    Both the corner and where it had been are sought with the same corner detector, whose bias cancels.
    """
    image = (grey if grey.dtype == np.uint8 else grey >> 8).astype(np.uint8, copy=False)
    known = np.concatenate(list(frame.rough.values()))
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 40, 0.005)
    window = (_SUBPIX_HALF_WINDOW, _SUBPIX_HALF_WINDOW)
    start = known.astype(np.float32).reshape(-1, 1, 2)
    seen = np.asarray(cv2.cornerSubPix(image, start.copy(), window, (-1, -1), criteria), np.float64).reshape(-1, 2)
    return float(np.sqrt(np.median(((seen - known) ** 2).sum(axis=1))))


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

    fit = least_squares(residuals, [dark, light - dark, 0.0, 0.0, 0.9], method="lm", max_nfev=200)
    _, _, shift, slant, sigma = fit.x
    if not fit.success or np.sqrt(np.mean(fit.fun**2)) > 0.1 * (light - dark) or not 0.1 < abs(sigma) < reach:
        return None
    # d = shift + slant s is the line; as normal · point = offset:
    tilted = (normal - slant * along_unit) / np.hypot(1.0, slant)
    return _Side(tilted, float(tilted @ (0.5 * (start + end) + shift * normal)), abs(float(sigma)))


def _optical_centre(image_shape: tuple[int, int]) -> tuple[float, float, float]:
    """Centre of the image and half its diagonal. [pixel]"""
    height, width = image_shape
    return (width - 1) / 2, (height - 1) / 2, float(np.hypot(width, height)) / 2


def _distort(points: FloatArray, radial: float, image_shape: tuple[int, int]) -> FloatArray:
    centre_x, centre_y, unit = _optical_centre(image_shape)
    offset = points - (centre_x, centre_y)
    radius_squared = (offset**2).sum(axis=-1, keepdims=True) / unit**2
    distorted: FloatArray = offset * (1.0 + radial * radius_squared) + (centre_x, centre_y)
    return distorted
