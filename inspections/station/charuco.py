"""The ChArUco board: drawn to the pixel, found in a photo, be it seen directly or in a mirror."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inspections.photos.photo import EncodedImage
from spectra.arrays import FloatArray, frozen
from spectra.errors import PhotoError

_WINDOW_SHARE = 0.22
"""Half-window of the corner search over the side of a square: the markers inside the squares stay outside it."""
_WINDOW_PX = (3, 25)
_SHARPENED_PX = (3.0, 6.0, 12.0)
"""Scales that are tried on a board in a mirror, which is as far behind the focus as the screen. [pixel]"""
_SHARPENING = 3.0


@dataclass(frozen=True, slots=True)
class CharucoBoard:
    """A chessboard with a marker in every white square; the top left square is black.

    Attributes
    ----------
    squares : tuple of int
        Columns and rows.
    square_mm, marker_mm : float
        Sides. [mm]
    dictionary : str
        Of the markers; another than the marker card's, so that both may be in one photo.
    """

    squares: tuple[int, int]
    square_mm: float
    marker_mm: float
    dictionary: str = "DICT_5X5_100"

    def __post_init__(self) -> None:
        columns, rows = self.squares
        if columns < 4 or rows < 4 or not 0 < self.marker_mm < self.square_mm:
            raise PhotoError(
                f"a board of {columns} × {rows} squares of {self.square_mm:g} mm with markers of "
                f"{self.marker_mm:g} mm; expected at least 4 × 4 squares, and markers smaller than the squares"
            )
        number = getattr(cv2.aruco, self.dictionary, None)
        if not self.dictionary.startswith("DICT_") or not isinstance(number, int):
            raise PhotoError(f"board dictionary {self.dictionary!r}; expected one such as DICT_5X5_100")
        held = len(cv2.aruco.getPredefinedDictionary(number).bytesList)
        if columns * rows // 2 > held:
            raise PhotoError(
                f"a board of {columns} × {rows} squares needs more than the {held} markers of its dictionary"
            )

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height. [mm]"""
        return self.squares[0] * self.square_mm, self.squares[1] * self.square_mm

    @property
    def corners_mm(self) -> FloatArray:
        """Inner corners by number, shape (n, 3): x right, y down, origin in the middle, z = 0. [mm]"""
        columns, rows = self.squares
        x = (np.arange(1, columns) - columns / 2) * self.square_mm
        y = (np.arange(1, rows) - rows / 2) * self.square_mm
        along_x, along_y = np.meshgrid(x, y)
        return frozen(np.stack([along_x.ravel(), along_y.ravel(), np.zeros(along_x.size)], axis=-1))

    def drawn(self, square_px: int) -> NDArray[np.uint8]:
        """The board with `square_px` pixels a square, black 0 and white 255."""
        dictionary = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, self.dictionary))
        cells = dictionary.markerSize + 2
        marker_px = max(cells, cells * round(square_px * self.marker_mm / self.square_mm / cells))
        start = (square_px - marker_px) // 2
        columns, rows = self.squares
        image = np.full((rows * square_px, columns * square_px), 255, np.uint8)
        identity = 0
        for row in range(rows):
            for column in range(columns):
                place = image[row * square_px :, column * square_px :]
                if (row + column) % 2 == 0:
                    place[:square_px, :square_px] = 0
                    continue
                marker = cv2.aruco.generateImageMarker(dictionary, identity, marker_px)
                place[start : start + marker_px, start : start + marker_px] = marker
                identity += 1
        return image

    def _opencv(self) -> cv2.aruco.CharucoBoard:
        dictionary = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, self.dictionary))
        return cv2.aruco.CharucoBoard(self.squares, self.square_mm, self.marker_mm, dictionary)


@dataclass(frozen=True, slots=True, eq=False)
class SeenBoard:
    """The corners of a board that a photo shows.

    Attributes
    ----------
    points_mm : ndarray, shape (n, 3)
        In the coordinates of `CharucoBoard.corners_mm`. [mm]
    pixels : ndarray, shape (n, 2)
        [pixel]
    """

    points_mm: FloatArray
    pixels: FloatArray


def find_board(grey: EncodedImage, board: CharucoBoard, *, mirrored: bool = False) -> SeenBoard:
    """The inner corners of a board, sub-pixel; none where it is not seen.

    Parameters
    ----------
    grey : ndarray of uint8 or uint16, shape (height, width)
    board : CharucoBoard
    mirrored : bool
        It is seen in a mirror, where its markers cannot be read before the photo is turned over.

    Notes
    -----
    A corner of two black and two white squares is a saddle whose centre neither blur nor the encoding of the photo
    moves, unlike the corner of a marker.
    """
    image = (grey if grey.dtype == np.uint8 else grey >> 8).astype(np.uint8, copy=False)
    if mirrored:
        image = np.ascontiguousarray(image[:, ::-1])
    detector = cv2.aruco.CharucoDetector(board._opencv())
    pixels, identities = np.empty((0, 2)), np.empty(0, np.int64)
    for sigma in (0.0, *(_SHARPENED_PX if mirrored else ())):
        corners, numbers, _, _ = detector.detectBoard(_sharpened(image, sigma))
        if corners is not None and numbers is not None and len(corners) > len(pixels):
            # OpenCV 4 and 5 differ in the shapes they give.
            pixels = np.asarray(corners, np.float64).reshape(-1, 2)
            identities = np.asarray(numbers, np.int64).reshape(-1)
    if not len(pixels):
        return SeenBoard(np.empty((0, 3)), np.empty((0, 2)))
    points = board.corners_mm[identities]
    half = int(np.clip(_WINDOW_SHARE * _square_px(points, pixels, board), *_WINDOW_PX))
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 60, 0.002)
    begin = pixels.astype(np.float32).reshape(-1, 1, 2)
    refined = cv2.cornerSubPix(image, begin.copy(), (half, half), (-1, -1), criteria)
    pixels = np.asarray(refined, np.float64).reshape(-1, 2)
    if mirrored:
        pixels = np.column_stack([image.shape[1] - 1 - pixels[:, 0], pixels[:, 1]])
    return SeenBoard(points, pixels)


def _sharpened(image: NDArray[np.uint8], sigma: float) -> NDArray[np.uint8]:
    """What a reader of markers needs of a board behind the focus; 0 changes nothing."""
    if not sigma:
        return image
    wide = image.astype(np.float32)
    wide += np.float32(_SHARPENING) * (wide - cv2.GaussianBlur(wide, (0, 0), sigma))
    return np.clip(wide, 0, 255).astype(np.uint8)


def _square_px(points_mm: FloatArray, pixels: FloatArray, board: CharucoBoard) -> float:
    """Shortest side of a square between neighbouring corners that were found. [pixel]"""
    apart_mm = np.linalg.norm(points_mm[:, None] - points_mm[None], axis=-1)
    apart_px = np.linalg.norm(pixels[:, None] - pixels[None], axis=-1)
    neighbours = np.abs(apart_mm - board.square_mm) < 0.01 * board.square_mm
    return float(apart_px[neighbours].min()) if neighbours.any() else 0.0
