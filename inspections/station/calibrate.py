"""From the photos of a calibration to a station: found, adjusted, judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from inspections.capture.capture import MarkerCard
from inspections.frame.lens import plane_pose
from inspections.frame.markers import find_markers, refine_corners
from inspections.fringes.slopes import RigPlacement, posed_rig, reflected, screen_path_mm
from inspections.photos.photo import PanelPhoto
from inspections.station.adjustment import Adjustment, SeenMirror, adjust, pose_of
from inspections.station.charuco import CharucoBoard, SeenBoard, find_board
from inspections.station.station import CalibrationCheck, ReferenceTile, Station, StationScreen
from inspections.station.tile import TileReading
from spectra.arrays import FloatArray, frozen
from spectra.errors import PhotoError

PRINTED_RULER_MM = 100.0
RULER_UNCERTAINTY_MM = 0.2
"""Standard uncertainty with which a hand rule reads the printed line. [mm]"""
PITCH_UNCERTAINTY = 0.001
"""Relative standard uncertainty of the screen's pixel pitch, from size over resolution of its data sheet."""
LEAST_BOARDS = 8
_LEAST_CORNERS = 12
_LEAST_SCREEN_CORNERS = 6
_STEP_MRAD = 1.0
# Limits: the markers' and the lens's as recommended for the capture rig; that of the slopes is the gain over a ruler.
_MOST_RMS_PX = 0.3
_MOST_SCREEN_RMS_PX = 0.6
_MOST_SLOPE_UNCERTAINTY = 0.01
_LEAST_FIELD = 0.4
_LEAST_TILT_DEG = 15.0
_MOST_TILE_SIGMA_PX = 1.0
_LEAST_TILE_CONTRAST = 0.15


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationSetUp:
    """What was printed, shown and laid.

    Attributes
    ----------
    name : str
    board : CharucoBoard
        As printed.
    screen_board : CharucoBoard
        As the screen shows it, its middle in the screen's middle.
    resolution : tuple of int
        Of the screen. [pixel of the screen]
    pixel_mm : float
        Its pitch. [mm]
    card : MarkerCard
    ruler_mm : float
        What the printed line of 100 mm measures; board and card are scaled by it. [mm]
    tile : ReferenceTile or None
    """

    name: str
    board: CharucoBoard
    screen_board: CharucoBoard
    resolution: tuple[int, int]
    pixel_mm: float
    card: MarkerCard
    ruler_mm: float = PRINTED_RULER_MM
    tile: ReferenceTile | None = None

    @property
    def printed_board(self) -> CharucoBoard:
        """The board as it came out of the printer."""
        scale = self.ruler_mm / PRINTED_RULER_MM
        return replace(self.board, square_mm=self.board.square_mm * scale, marker_mm=self.board.marker_mm * scale)

    @property
    def printed_card(self) -> MarkerCard:
        """The card as it came out of the printer."""
        scale = self.ruler_mm / PRINTED_RULER_MM
        markers = {identity: frozen(square * scale) for identity, square in self.card.markers_mm.items()}
        width, height = self.card.panel_mm
        return replace(self.card, markers_mm=markers, panel_mm=(width * scale, height * scale))


def calibrate_station(
    set_up: CalibrationSetUp,
    boards: Sequence[PanelPhoto],
    mirrors: Sequence[PanelPhoto],
    *,
    on: date,
    tile: TileReading | None = None,
    software: str = "",
    hashes: Mapping[str, str] | None = None,
) -> Station:
    """Calibrate a station.

    Parameters
    ----------
    set_up : CalibrationSetUp
    boards : sequence of PanelPhoto
        The printed board in eight poses or more, over the whole picture, tilted 15 to 45 degrees to all sides.
    mirrors : sequence of PanelPhoto
        A flat front-surface mirror or black glass under the card, the screen's board in it; once or more.
    on : date
        Day of the calibration.
    tile : TileReading or None
        What `read_tile` found in the capture of the reference tile.
    software : str
    hashes : mapping of str to str, or None
        File name to SHA-256; None takes those of boards and mirrors.

    Returns
    -------
    Station
        With its checks; one that failed makes it unusable for captures, and says what to do again.

    Raises
    ------
    PhotoError
        If the photos differ in size, or too few show what they must for anything to be fitted.
    """
    shape = _same_shape([*boards, *mirrors])
    seen = {photo.file_name: find_board(photo.grey(), set_up.printed_board) for photo in boards}
    used = [each for each in seen.values() if len(each.pixels) >= _LEAST_CORNERS]
    if len(used) < 4:
        raise PhotoError(
            f"{len(used)} of {len(boards)} photos show {_LEAST_CORNERS} corners of the printed board; expected at "
            f"least {LEAST_BOARDS}. Compare squares and dictionary with what was printed"
        )
    in_mirror = [one for photo in mirrors if (one := _seen_mirror(photo, set_up)) is not None]
    if not in_mirror:
        raise PhotoError(
            f"none of {len(mirrors)} mirror photos shows the card's markers and {_LEAST_SCREEN_CORNERS} corners of the "
            "screen's board in its opening. Show the board over the whole screen; larger squares stand more blur"
        )
    fit = adjust(used, in_mirror, shape)
    checks = _checks(fit, used, boards, in_mirror, shape)
    geometry = slope_uncertainty(fit)
    printed = RULER_UNCERTAINTY_MM / set_up.ruler_mm
    total = float(np.hypot(geometry, scale_leverage(fit) * np.hypot(printed, PITCH_UNCERTAINTY)))
    checks.append(
        CalibrationCheck(
            "slope_uncertainty", 100 * total, 100 * _MOST_SLOPE_UNCERTAINTY, "%",
            remedy="more photos of the board, tilted more; more photos of the mirror",
        )
    )  # fmt: skip
    tiles: tuple[ReferenceTile, ...] = ()
    if tile is not None and set_up.tile is not None:
        tiles = (replace(set_up.tile, captured=on, amplitude=tile.amplitude, sigma_px=tile.sigma_px),)
        checks += _tile_checks(tile)
    focal = {photo.focal_length_mm for photo in (*boards, *mirrors)}
    return Station(
        name=set_up.name,
        calibrated=on,
        lens=fit.lens,
        screen=StationScreen(fit.screen, set_up.resolution, set_up.pixel_mm),
        card=set_up.printed_card,
        slope_uncertainty=total,
        scale_uncertainty=float(np.hypot(printed, _marker_scatter(fit, in_mirror))),
        checks=tuple(checks),
        focal_length_mm=focal.pop() if len(focal) == 1 else None,
        tiles=tiles,
        software=software,
        photos=hashes if hashes is not None else {photo.file_name: photo.sha256 for photo in (*boards, *mirrors)},
    )


def slope_uncertainty(fit: Adjustment) -> float:
    """Relative standard uncertainty of slopes from the scatter of all corners, by the covariance of the fit."""

    def log_gain(parameters: FloatArray) -> FloatArray:
        rig = posed_rig(pose_of(parameters, 1), pose_of(parameters, 0), 0.0, "")
        return np.asarray(np.log(np.linalg.norm(gain_mm(rig), axis=0)), np.float64)

    steps = np.sqrt(np.maximum(np.diag(fit.covariance), 1e-30))
    columns = []
    for number, step in enumerate(steps):
        ahead, behind = fit.parameters.copy(), fit.parameters.copy()
        ahead[number] += step
        behind[number] -= step
        columns.append((log_gain(ahead) - log_gain(behind)) / (2.0 * step))
    sensitivity = np.column_stack(columns)
    variance = np.diag(sensitivity @ fit.covariance @ sensitivity.T)
    return float(np.sqrt(max(float(variance.mean()), 0.0)))


def scale_leverage(fit: Adjustment) -> float:
    """Relative error of slopes per relative error of the printed scale, or of the screen's pitch, to first order.

    The board in the mirror gives the whole path d + t from camera to screen in units of the pitch p, the card its
    first part d in units of the printed scale s: t = p (d + t) − s d. A slope is what moved, in p, over 2 t: off by
    (s − p) d/t.
    """
    rig = posed_rig(fit.cards[0], fit.screen, 0.0, "")
    return float(np.linalg.norm(rig.camera)) / screen_path_mm(rig)


def gain_mm(placement: RigPlacement) -> FloatArray:
    """Movement on the screen per slope in the middle of the card, shape (2, 2). [mm/mrad]"""
    middle, half = np.zeros(3), _STEP_MRAD / 2
    columns = [
        (reflected(placement, middle, half * x, half * y) - reflected(placement, middle, -half * x, -half * y))
        for x, y in ((1.0, 0.0), (0.0, 1.0))
    ]
    return np.column_stack(columns)


def _same_shape(photos: Sequence[PanelPhoto]) -> tuple[int, int]:
    shapes = {photo.shape: photo.file_name for photo in photos}
    if len(shapes) > 1:
        (one, its), (other, others) = list(shapes.items())[:2]
        raise PhotoError(
            f"{its} has {one[1]} × {one[0]} pixels and {others} {other[1]} × {other[0]}; a calibration is of one "
            "camera at one size, focus and zoom"
        )
    if not shapes:
        raise PhotoError("no photos to calibrate from")
    return next(iter(shapes))


def _seen_mirror(photo: PanelPhoto, set_up: CalibrationSetUp) -> SeenMirror | None:
    rough = find_markers(photo.grey(), set_up.printed_card, photo.file_name)
    if len(rough) < min(3, len(set_up.card.markers_mm)):
        return None
    corners, _ = refine_corners(photo.linear_grey(), rough)
    screen = find_board(photo.grey(), set_up.screen_board, mirrored=True)
    if len(screen.pixels) < _LEAST_SCREEN_CORNERS:
        return None
    identities = sorted(corners)
    flat = np.concatenate([set_up.printed_card.markers_mm[identity] for identity in identities])
    card = SeenBoard(
        np.column_stack([flat, np.zeros(len(flat))]), np.concatenate([corners[identity] for identity in identities])
    )
    return SeenMirror(card, screen)


def _checks(
    fit: Adjustment,
    used: Sequence[SeenBoard],
    boards: Sequence[PanelPhoto],
    mirrors: Sequence[SeenMirror],
    shape: tuple[int, int],
) -> list[CalibrationCheck]:
    pixels = np.concatenate([each.pixels for each in used])
    field = float(
        np.prod((np.percentile(pixels, 99, axis=0) - np.percentile(pixels, 1, axis=0)) / (shape[1], shape[0]))
    )
    return [
        CalibrationCheck(
            "board_photos", float(len(used)), float(LEAST_BOARDS), "photos", at_least=True,
            remedy=f"photograph the board {LEAST_BOARDS} times; {len(boards) - len(used)} photos show too little of it",
        ),
        CalibrationCheck(
            "board_field", 100 * field, 100 * _LEAST_FIELD, "%", at_least=True,
            remedy="hold the board into all corners of the picture",
        ),
        CalibrationCheck(
            "board_tilt", _tilt_deg(used, fit), _LEAST_TILT_DEG, "°", at_least=True,
            remedy="tilt the board by 15 to 45 degrees to all sides",
        ),
        CalibrationCheck(
            "board_residual", fit.board_rms_px, _MOST_RMS_PX, "pixel",
            remedy="glue the board onto something flat, lock the focus, and use a tripod or a short exposure",
        ),
        CalibrationCheck(
            "card_residual", fit.card_rms_px, _MOST_RMS_PX, "pixel",
            remedy="press the card flat onto the mirror; check the card's measures",
        ),
        CalibrationCheck(
            "screen_residual", fit.screen_rms_px, _MOST_SCREEN_RMS_PX, "pixel",
            remedy="a flatter, front-surface mirror; check pixel pitch and squares of the screen's board",
        ),
        CalibrationCheck(
            "screen_corners", float(min(len(each.screen.pixels) for each in mirrors)), 12.0, "corners", at_least=True,
            remedy="smaller squares on the screen, or a larger mirror",
        ),
    ]  # fmt: skip


def _tilt_deg(used: Sequence[SeenBoard], fit: Adjustment) -> float:
    """Root mean square angle of the boards' normals about their mean direction. [°]"""
    normals = np.stack([plane_pose(each.points_mm, each.pixels, fit.lens).rotation[:, 2] for each in used])
    mean = normals.mean(axis=0)
    cosine = np.clip(normals @ (mean / np.linalg.norm(mean)), -1.0, 1.0)
    return float(np.degrees(np.sqrt(np.mean(np.arccos(cosine) ** 2))))


def _marker_scatter(fit: Adjustment, mirrors: Sequence[SeenMirror]) -> float:
    """Relative scatter of a length between markers, from their residuals."""
    pixels = mirrors[0].card.pixels
    extent = float(np.linalg.norm(pixels.max(axis=0) - pixels.min(axis=0)))
    return fit.card_rms_px / extent / float(np.sqrt(len(pixels) / 2))


def _tile_checks(tile: TileReading) -> list[CalibrationCheck]:
    return [
        CalibrationCheck(
            "tile_sharpness", max(tile.sigma_px), _MOST_TILE_SIGMA_PX, "pixel",
            remedy="focus on the card, not on the mirror image, and lock the focus",
        ),
        CalibrationCheck(
            "tile_contrast", min(tile.contrast), _LEAST_TILE_CONTRAST, "1", at_least=True,
            remedy="clean the tile; darken the room; show the fringes at full brightness",
        ),
    ]  # fmt: skip
