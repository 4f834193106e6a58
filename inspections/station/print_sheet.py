"""What is printed true to scale: the marker card and the ChArUco board, each with a line of 100 mm to check."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inspections.capture.capture import MarkerCard
from inspections.station.card import ARUCO, card_size_mm, markers_mm
from inspections.station.charuco import CharucoBoard
from inspections.station.patterns import Raster
from spectra.arrays import frozen
from spectra.errors import PhotoError

PAPER_MM = {"A5": (210.0, 148.0), "A4": (297.0, 210.0), "A3": (420.0, 297.0)}
"""Landscape, width and height. [mm]"""
SCREEN_SQUARE_MM, MARKER_SHARE, BOARD_DICTIONARY = 20.0, 0.75, "DICT_5X5_100"
PRINTED_BOARD = CharucoBoard((9, 7), 12.0, 9.0, BOARD_DICTIONARY)
_TEXELS = 112
"""Texture pixels a square: three quarters of it are 84, twelve for each cell of a 5 × 5 marker."""
LEAST_OPENING_MM = 20.0
"""Side of an opening that leaves a panel to be measured, 5 mm inside its edges. [mm]"""
_RULER_MM, _TICK_MM, _BELOW_MM = 100.0, 4.0, 9.0


def marker_card(panel_mm: tuple[float, float]) -> MarkerCard:
    """The card for an opening: four markers around it.

    Raises
    ------
    PhotoError
        If a side of the opening is shorter than `LEAST_OPENING_MM`.
    """
    if min(panel_mm) < LEAST_OPENING_MM:
        raise PhotoError(
            f"an opening of {panel_mm[0]:g} × {panel_mm[1]:g} mm; expected sides of at least {LEAST_OPENING_MM:g} mm"
        )
    markers = {int(identity): frozen(square) for identity, square in markers_mm(panel_mm).items()}
    return MarkerCard(ARUCO, markers, panel_mm)


def page_raster(paper: str, dpi: float) -> Raster:
    """The pixels of a landscape page.

    Raises
    ------
    PhotoError
        If the paper is not known.
    """
    if paper not in PAPER_MM:
        raise PhotoError(f"paper {paper!r}; one of {', '.join(PAPER_MM)}")
    pixel = 25.4 / dpi
    width, height = (round(side / pixel) for side in PAPER_MM[paper])
    return Raster((width, height), pixel)


def drawn_card(card: MarkerCard, raster: Raster) -> NDArray[np.uint8]:
    """The card in the middle of a page: markers, outline, the opening to cut out, and the line of 100 mm.

    Raises
    ------
    PhotoError
        If the page is too small.
    """
    page = _page(raster, card_size_mm(card.panel_mm))
    dictionary = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, card.aruco))
    cells = dictionary.markerSize + 2
    for identity, square in card.markers_mm.items():
        low, high = square.min(axis=0), square.max(axis=0)
        code = cv2.aruco.generateImageMarker(dictionary, identity, cells)
        # Each pixel takes the cell under its middle: true to scale at any resolution, no cell rounded on its own.
        column = np.floor((raster.u_mm[0] - low[0]) / (high[0] - low[0]) * cells).astype(int)
        row = np.floor((high[1] + raster.v_mm[:, 0]) / (high[1] - low[1]) * cells).astype(int)
        across, down = (np.flatnonzero((part >= 0) & (part < cells)) for part in (column, row))
        page[np.ix_(down, across)] = code[np.ix_(row[down], column[across])]
    for size in (card.panel_mm, card_size_mm(card.panel_mm)):
        _rectangle(page, raster, size)
    _ruler(page, raster, card_size_mm(card.panel_mm)[1] / 2)
    return page


def drawn_board(board: CharucoBoard, raster: Raster) -> NDArray[np.uint8]:
    """The board in the middle of a page, and the line of 100 mm below it.

    Raises
    ------
    PhotoError
        If the page is too small.
    """
    page = _page(raster, board.size_mm)
    columns, rows = board.squares
    fine = board.drawn(_TEXELS)
    column = np.floor((raster.u_mm[0] / board.square_mm + columns / 2) * _TEXELS).astype(int)
    row = np.floor((raster.v_mm[:, 0] / board.square_mm + rows / 2) * _TEXELS).astype(int)
    across = np.flatnonzero((column >= 0) & (column < fine.shape[1]))
    down = np.flatnonzero((row >= 0) & (row < fine.shape[0]))
    page[np.ix_(down, across)] = fine[np.ix_(row[down], column[across])]
    _ruler(page, raster, board.size_mm[1] / 2)
    return page


def screen_board(raster: Raster, square_mm: float = SCREEN_SQUARE_MM) -> tuple[CharucoBoard, NDArray[np.uint8]]:
    """The largest board of about this square that a screen shows in whole pixels, its middle in the screen's.

    Raises
    ------
    PhotoError
        If the screen is too small.
    """
    width, height = raster.resolution
    pixels = 2 * max(4, round(square_mm / raster.pixel_mm / 2))
    columns, rows = width // pixels, height // pixels
    while columns * rows // 2 > 100:
        pixels += 2
        columns, rows = width // pixels, height // pixels
    if (width - columns * pixels) % 2 or (height - rows * pixels) % 2:
        raise PhotoError(f"a screen of {width} × {height} pixels has no middle pixel border; expected even numbers")
    side = pixels * raster.pixel_mm
    board = CharucoBoard((columns, rows), side, MARKER_SHARE * side, BOARD_DICTIONARY)
    image = np.full((height, width), 255, np.uint8)
    left, top = (width - columns * pixels) // 2, (height - rows * pixels) // 2
    image[top : top + rows * pixels, left : left + columns * pixels] = board.drawn(pixels)
    return board, image


def _page(raster: Raster, size_mm: tuple[float, float]) -> NDArray[np.uint8]:
    width, height = raster.resolution
    room = (width * raster.pixel_mm, height * raster.pixel_mm)
    if room[0] < max(size_mm[0], _RULER_MM) or room[1] < size_mm[1] + 2 * _BELOW_MM:
        raise PhotoError(
            f"{size_mm[0]:g} × {size_mm[1]:g} mm and the line of {_RULER_MM:g} mm do not fit a page of "
            f"{room[0]:.0f} × {room[1]:.0f} mm; take larger paper"
        )
    return np.full((height, width), 255, np.uint8)


def _rectangle(page: NDArray[np.uint8], raster: Raster, size_mm: tuple[float, float]) -> None:
    """A thin outline, drawn inside the border."""
    inside_u = np.flatnonzero(np.abs(raster.u_mm[0]) <= size_mm[0] / 2)
    inside_v = np.flatnonzero(np.abs(raster.v_mm[:, 0]) <= size_mm[1] / 2)
    for row in (inside_v[0], inside_v[-1]):
        page[row, inside_u] = 0
    for column in (inside_u[0], inside_u[-1]):
        page[inside_v, column] = 0


def _ruler(page: NDArray[np.uint8], raster: Raster, below_mm: float) -> None:
    """A line of 100 mm with a tick every 10 mm; measured from the outer side of the first tick to that of the last."""
    u, v = raster.u_mm[0], raster.v_mm[:, 0]
    line = max(1, round(0.2 / raster.pixel_mm))
    top = int(np.searchsorted(v, below_mm + _BELOW_MM / 4))
    inside = np.flatnonzero(np.abs(u) <= _RULER_MM / 2)
    page[top : top + line, inside] = 0
    tall = round(_TICK_MM / raster.pixel_mm)
    for tick in np.arange(0.0, _RULER_MM + 1.0, 10.0):
        place = int(np.clip(np.searchsorted(u, tick - _RULER_MM / 2), inside[0], inside[-1] + 1 - line))
        page[top : top + (tall if tick % 50 == 0 else tall // 2), place : place + line] = 0
