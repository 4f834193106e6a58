from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from inspections.capture.capture import RigGeometry
from inspections.frame.lens import Pose
from inspections.fringes.slopes import RigPlacement, posed_rig, ruler_placement
from inspections.station.adjustment import SeenMirror, adjust
from inspections.station.calibrate import calibrate_station, gain_mm, slope_uncertainty
from inspections.station.charuco import CharucoBoard, SeenBoard
from inspections.station.print_sheet import marker_card
from inspections.virtual_station.boards import tilted
from spectra.arrays import frozen
from spectra.errors import PhotoError


def test_a_station_is_calibrated_from_a_board_and_a_mirror_within_what_it_states(booth, calibrated) -> None:
    assert calibrated.passed, [check for check in calibrated.checks if not check.passed]
    assert calibrated.lens.matrix[0, 0] == pytest.approx(booth.optics.focal_px, rel=0.004)
    optics = booth.optics
    axes = np.stack([optics.right, optics.down, optics.forward])
    assert calibrated.screen.pose.translation == pytest.approx(axes @ (optics.screen - optics.camera), abs=1.2)
    assert calibrated.screen.pose.rotation[:, 0] == pytest.approx(axes @ optics.screen_u, abs=0.003)
    card = Pose(frozen(axes), frozen(-axes @ optics.camera))
    true = gain_mm(RigPlacement(optics.camera, optics.screen, optics.screen_u, optics.screen_v, 0.0, ""))
    off = np.linalg.norm(gain_mm(posed_rig(card, calibrated.screen.pose, 0.0, "")), axis=0)
    # Of the stated uncertainty rule and pixel pitch make the most; here both are exact.
    assert off == pytest.approx(np.linalg.norm(true, axis=0), rel=2 * calibrated.slope_uncertainty)
    assert 0.001 < calibrated.slope_uncertainty < 0.006
    assert 0.002 <= calibrated.scale_uncertainty < 0.0025


def test_the_printed_line_scales_the_card_and_the_lens_knows_no_scale(booth, calibrated) -> None:
    longer = replace(booth.set_up, ruler_mm=101.0)
    again = calibrate_station(longer, booth.of("board"), booth.of("mirror"), on=date(2026, 3, 1))
    assert again.card.markers_mm[0] == pytest.approx(1.01 * calibrated.card.markers_mm[0])
    assert again.lens.matrix == pytest.approx(calibrated.lens.matrix, rel=2e-3)


def test_too_few_photos_fail_with_what_to_do_again(booth) -> None:
    station = calibrate_station(booth.set_up, booth.of("board")[:5], booth.of("mirror"), on=date(2026, 3, 1))
    failed = {check.name: check.remedy for check in station.checks if not check.passed}
    assert "photograph the board 8 times" in failed["board_photos"]
    assert not station.passed


def test_photos_that_cannot_calibrate_are_refused_with_the_reason(booth) -> None:
    on = date(2026, 3, 1)
    with pytest.raises(PhotoError, match=r"0 of 1 photos show 12 corners of the printed board"):
        calibrate_station(booth.set_up, booth.of("mirror")[:1], booth.of("mirror"), on=on)
    with pytest.raises(PhotoError, match="none of 1 mirror photos"):
        calibrate_station(booth.set_up, booth.of("board"), booth.of("board")[:1], on=on)
    cropped = _cropped(booth.of("board")[0])
    with pytest.raises(PhotoError, match="one camera at one size"):
        calibrate_station(booth.set_up, [*booth.of("board"), cropped], booth.of("mirror"), on=on)


def _cropped(photo):
    import cv2

    from inspections.photos.decode import decode_photo

    return decode_photo(cv2.imencode(".png", np.ascontiguousarray(photo.grey()[:-16]))[1].tobytes(), "cropped.png")


def test_the_stated_uncertainty_covers_corners_that_scatter() -> None:
    """Corners drawn from a known station with 0.1 pixel of scatter: the errors of the gain are what is stated."""
    z = [_z(np.random.default_rng(seed)) for seed in range(4)]
    assert 0.3 < np.sqrt(np.mean(np.square(z))) < 1.7


def _z(rng: np.random.Generator) -> float:
    shape = (900, 1000)
    matrix = np.array([[1900.0, 0, 499.5], [0, 1900.0, 449.5], [0, 0, 1]])
    board, shown = CharucoBoard((8, 6), 14.0, 10.0), CharucoBoard((8, 6), 20.0, 15.0)

    def seen(points, pose):
        at = (points @ pose.rotation.T + pose.translation) @ matrix.T
        return SeenBoard(points, at[:, :2] / at[:, 2:] + 0.1 * rng.standard_normal((len(points), 2)))

    upside = np.diag([1.0, -1.0, -1.0])
    boards = []
    for k in range(8):
        turn = tilted(30 * np.cos(k * np.pi / 4), 30 * np.sin(k * np.pi / 4), 10.0 * rng.standard_normal())
        boards.append(seen(board.corners_mm, Pose(turn, np.append(10 * rng.standard_normal(2), 350.0))))
    card = Pose(upside @ tilted(0, -30, 0), np.array([0.0, 0.0, 350.0]))
    rig = ruler_placement(RigGeometry(30.0, 350.0, 250.0), 0.0)
    on_card = np.column_stack([rig.screen_u, rig.screen_v, np.cross(rig.screen_u, rig.screen_v)])
    screen = Pose(card.rotation @ on_card, card.rotation @ rig.screen + card.translation)
    normal = card.rotation[:, 2]
    flip = np.eye(3) - 2 * np.outer(normal, normal)
    behind = Pose(flip @ screen.rotation, flip @ (screen.translation - card.translation) + card.translation)
    flat = np.concatenate(list(marker_card((100.0, 75.0)).markers_mm.values()))
    mirrors = [SeenMirror(seen(np.column_stack([flat, np.zeros(16)]), card), seen(shown.corners_mm, behind))]
    fit = adjust(boards, mirrors, shape)
    true, found = posed_rig(card, screen, 0.0, ""), posed_rig(fit.cards[0], fit.screen, 0.0, "")
    ratio = np.linalg.norm(gain_mm(found), axis=0) / np.linalg.norm(gain_mm(true), axis=0) - 1
    return float(np.sqrt(np.mean(ratio**2)) / slope_uncertainty(fit))
