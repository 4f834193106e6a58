"""The panel frame: marker corners to a mapping from panel millimetres to pixels, and photos warped onto it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np
from scipy.optimize import least_squares

from inspections.capture.capture import MarkerCard
from inspections.frame.lens import Lens, Pose, card_pose
from inspections.frame.markers import detected_corners
from inspections.frame.smooth_fields import nodes_of, spread
from inspections.photos.photo import EncodedImage, FloatImage
from spectra.arrays import FloatArray, frozen
from spectra.errors import PhotoError

MIN_MARKERS = 3
_HOPELESS_SHARE = 0.02
"""Of the picture of the card: markers that far off are others than the card's, or numbered otherwise. [1]"""
ROI_BORDER_MM = 5.0
"""Left out along the opening: the card's shadow and its own reflection. [mm]"""


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
    lens : Lens or None
        The calibrated lens; `radial` is 0 then.
    pose : Pose or None
        The card before the calibrated lens.
    """

    homography: FloatArray
    radial: float
    image_shape: tuple[int, int]
    corners: Mapping[int, FloatArray]
    residual_px: float
    rough: Mapping[int, FloatArray]
    lens: Lens | None = None
    pose: Pose | None = None

    def to_pixels(self, points_mm: FloatArray) -> FloatArray:
        """Card points, shape (..., 2), to pixels (x, y). [mm -> pixel]"""
        flat = points_mm.reshape(-1, 2)
        projected = flat @ self.homography[:, :2].T + self.homography[:, 2]
        return np.stack(self.bent(*(projected[:, :2] / projected[:, 2:]).T), axis=-1).reshape(points_mm.shape)

    def bent(self, column: FloatArray, row: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Undistorted pixels as the lens bends them. [pixel]"""
        if self.lens is not None:
            return self.lens.distorted(column, row)
        centre_x, centre_y, unit = _optical_centre(self.image_shape)
        stretch = 1.0 + self.radial * ((column - centre_x) ** 2 + (row - centre_y) ** 2) / unit**2
        return centre_x + (column - centre_x) * stretch, centre_y + (row - centre_y) * stretch

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


def fit_frame(
    corners: Mapping[int, FloatArray],
    card: MarkerCard,
    image_shape: tuple[int, int],
    rough: Mapping[int, FloatArray] | None = None,
    lens: Lens | None = None,
) -> PanelFrame:
    """Homography and one radial term from marker corners; the pose of the card where the lens is calibrated.

    Parameters
    ----------
    corners : mapping of int to ndarray, shape (4, 2)
        [pixel]
    card : MarkerCard
    image_shape : tuple of int
        Height and width. [pixel]
    rough : mapping of int to ndarray, shape (4, 2), or None
        Corners before refinement.
    lens : Lens or None

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
    if lens is not None:
        return _posed_frame(corners, card, image_shape, rough or corners, lens)
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
    frame = PanelFrame(
        homography=frozen(np.append(fit.x[:8], 1.0).reshape(3, 3)),
        radial=float(fit.x[8]),
        image_shape=image_shape,
        corners={identity: frozen(corners[identity]) for identity in identities},
        residual_px=float(np.sqrt(np.mean(fit.fun**2) * 2)),
        rough={identity: frozen((rough or corners)[identity]) for identity in identities},
    )
    reach = float(np.ptp(in_image, axis=0).max())
    if not frame.residual_px < _HOPELESS_SHARE * reach:
        raise PhotoError(
            f"the markers do not lie as the card says: they are {frame.residual_px:.3g} pixels off what fits best"
        )
    if np.linalg.det(frame.jacobian()) > 0:
        raise PhotoError("the markers lie mirrored to what the card says: its y runs up, that of a picture down")
    return frame


def _posed_frame(
    corners: Mapping[int, FloatArray],
    card: MarkerCard,
    image_shape: tuple[int, int],
    rough: Mapping[int, FloatArray],
    lens: Lens,
) -> PanelFrame:
    pose = card_pose(corners, card, lens)
    homography = lens.matrix @ np.column_stack([pose.rotation[:, :2], pose.translation])
    frame = PanelFrame(
        homography=frozen(homography / homography[2, 2]),
        radial=0.0,
        image_shape=image_shape,
        corners={identity: frozen(square) for identity, square in corners.items()},
        residual_px=0.0,
        rough={identity: frozen(rough[identity]) for identity in corners},
        lens=lens,
        pose=pose,
    )
    off = [frame.to_pixels(card.markers_mm[identity]) - square for identity, square in corners.items()]
    return replace(frame, residual_px=float(np.sqrt(2.0 * np.mean(np.square(np.concatenate(off))))))


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
    nodes = np.stack(np.meshgrid(nodes_of(grid.x_mm), nodes_of(grid.y_mm)), axis=-1)
    to_grid, pixels = spread(grid.shape), frame.to_pixels(nodes)
    return to_grid(pixels[..., 0]), to_grid(pixels[..., 1])


def warp(image: FloatImage, maps: tuple[FloatImage, FloatImage]) -> FloatImage:
    """Photo on the panel grid, cubic; float32, shape of the maps."""
    warped = cv2.remap(image, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, dtype=np.float32)


def warp_encoded(image: EncodedImage, maps: tuple[FloatImage, FloatImage], *, bilinear: bool) -> EncodedImage:
    """Encoded photo on the panel grid, cubic or bilinear; depth of the image, shape of the maps.

    Light is taken from the levels afterwards: over the pixels one grid point is read from, a response runs straight.
    """
    how = cv2.INTER_LINEAR if bilinear else cv2.INTER_CUBIC
    warped = cv2.remap(image, *maps, how, borderMode=cv2.BORDER_REPLICATE)
    return warped.astype(np.uint8, copy=False) if image.dtype == np.uint8 else warped.astype(np.uint16, copy=False)


def marker_shift(grey: EncodedImage, frame: PanelFrame) -> float:
    """Rms movement of the marker corners against the photo of the frame. [pixel]

    Both the corner and where it had been are sought with the same corner detector, whose bias cancels.
    """
    known = np.concatenate(list(frame.rough.values()))
    seen = detected_corners(grey, known)
    return float(np.sqrt(np.median(((seen - known) ** 2).sum(axis=1))))


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
