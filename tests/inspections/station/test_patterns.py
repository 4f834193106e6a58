import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.capture.capture import Capture, Pattern
from inspections.capture.manifest import parse_capture
from inspections.capture.sequences import phase_sequences
from inspections.fringes.steps import decode_steps
from inspections.photos.response import SRGB_ASSUMED
from inspections.station.charuco import find_board
from inspections.station.patterns import KINDS, Raster, encoded, fringe_sequence, light_of, single_patterns
from inspections.station.print_sheet import (
    PRINTED_BOARD,
    drawn_board,
    drawn_card,
    marker_card,
    page_raster,
    screen_board,
)
from spectra.errors import PhotoError

SCREEN = Raster((480, 272), 0.6)


def test_photographed_fringes_decode_to_the_phase_of_the_place_on_the_screen(booth) -> None:
    y, x = np.meshgrid(np.linspace(30, -30, 40), np.linspace(-40, 40, 50), indexing="ij")
    level = np.zeros(x.shape, np.float32)
    u, v = booth.optics.screen_hit(x.astype(np.float32), y.astype(np.float32), level, level)
    sequence = [one for one in fringe_sequence([12.0, 96.0], [8, 3]) if one.pattern.period_mm == 12.0]
    for axis, place in (("u", u), ("v", v)):
        steps = [one.pattern for one in sequence if one.pattern.axis == axis][:8]
        frames = []
        for pattern in steps:
            shown = SRGB_ASSUMED.linear(encoded(light_of(pattern, SCREEN), ()))
            column, row = u / SCREEN.pixel_mm + (480 - 1) / 2, v / SCREEN.pixel_mm + (272 - 1) / 2
            frames.append(cv2.remap(shown, column, row, cv2.INTER_LINEAR))
        decoded = decode_steps(frames, [pattern.phase for pattern in steps])
        off = np.angle(decoded.phasor * np.exp(-2j * np.pi * place / 12.0))
        assert np.abs(off).max() < 0.02
        assert decoded.mean == pytest.approx(0.5, abs=0.01)


def test_a_period_has_its_length_in_pixels_and_the_middle_is_bright() -> None:
    light = light_of(Pattern("fringe", "u", 12.0, 0.0), SCREEN)
    assert light.shape == (272, 480)
    spectrum = np.abs(np.fft.rfft(light[0] - 0.5))
    assert spectrum.argmax() == 24  # 480 pixels of 0.6 mm hold 24 periods of 12 mm
    assert light[0, 239:241] == pytest.approx(0.5 + 0.5 * np.cos(2 * np.pi * 0.3 / 12.0))


@given(st.floats(0, 1), st.sampled_from([8, 16]))
def test_the_screen_shows_the_light_that_was_asked(light: float, bits: int) -> None:
    levels = encoded(np.full((1, 1), light, np.float32), (), bits)
    assert SRGB_ASSUMED.linear(levels)[0, 0] == pytest.approx(light, abs=0.005 if bits == 8 else 2e-5)


def test_a_measured_screen_is_driven_by_its_own_curve() -> None:
    curve = tuple((k / 32, (k / 32) ** 1.8) for k in range(33))
    assert encoded(np.full((1, 1), 0.75**1.8, np.float32), curve)[0, 0] == round(0.75 * 255)


def test_every_kind_is_drawn_and_reads_back_as_a_manifest() -> None:
    shown = fringe_sequence([12.0, 96.0], [4, 3]) + [one for kind in KINDS for one in single_patterns(kind, 12.0)]
    for one in shown:
        light = light_of(one.pattern, SCREEN)
        assert light.shape == (272, 480)
        assert 0 <= light.min() < light.max() <= 1
    capture = Capture("panel", tuple(one.shot(".jpg") for one in shown), card=marker_card((100.0, 75.0)))
    read = parse_capture(capture.to_bytes())
    assert [shot.file for shot in read.shots][:2] == ["fringe_u_p12_0of4.jpg", "fringe_u_p12_1of4.jpg"]
    sequences = phase_sequences(read)
    assert sequences is not None
    assert len(sequences["u"].fine) == 4  # the repeated first frame is no step


def test_opposite_edges_make_a_full_screen_and_stripes_are_half_white() -> None:
    edges = {one.name: light_of(one.pattern, SCREEN) for one in single_patterns("edge", 12.0)}
    assert edges["edge_u"] + edges["edge_u_opposite"] == pytest.approx(1.0, abs=1e-5)
    stripes = light_of(Pattern("stripes", "u", 16.0, 0.0), SCREEN)
    assert stripes.mean() == pytest.approx(0.5, abs=0.01)
    assert stripes[0, 240] == 1.0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: light_of(Pattern("fringe", "u", 3.0, 0.0), SCREEN), "5.0 pixels of 0.6 mm; at least 8"),
        (lambda: light_of(Pattern("fringe", "u", 900.0, 0.0), SCREEN), "too long"),
        (lambda: fringe_sequence([6.0], [8, 3]), "expected one for each"),
        (lambda: fringe_sequence([6.0], [2]), "at least 3 steps"),
        (lambda: single_patterns("moire", 6.0), "'moire'; one of fringes, cross"),
        (lambda: screen_board(Raster((481, 272), 0.6)), "expected even numbers"),
        (lambda: page_raster("letter", 300), "one of A5, A4, A3"),
        (lambda: drawn_card(marker_card((250.0, 180.0)), page_raster("A4", 75)), "larger paper"),
    ],
)
def test_what_a_screen_or_page_cannot_show_is_refused(wrong, said) -> None:
    with pytest.raises(PhotoError, match=said):
        wrong()


@given(dpi=st.integers(150, 400))
@settings(max_examples=6, deadline=None)
def test_a_printed_card_is_true_to_scale_at_any_resolution(dpi: int) -> None:
    card, raster = marker_card((100.0, 75.0)), page_raster("A4", dpi)
    page = drawn_card(card, raster)
    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50))
    corners, identities, _ = detector.detectMarkers(page)
    assert sorted(np.ravel(identities)) == [0, 1, 2, 3]
    for identity, square in zip(np.ravel(identities), corners, strict=True):
        at = (np.reshape(square, (4, 2)) - (np.array(raster.resolution) - 1) / 2) * raster.pixel_mm * (1, -1)
        assert np.abs(at - card.markers_mm[int(identity)]).max() < 1.5 * raster.pixel_mm


def test_the_line_of_100_mm_is_100_mm_long() -> None:
    raster = page_raster("A4", 300)
    page = drawn_card(marker_card((100.0, 75.0)), raster)
    below = page[raster.v_mm[:, 0] > 60.0]
    columns = np.flatnonzero((below == 0).any(axis=0))
    assert (columns[-1] - columns[0] + 1) * raster.pixel_mm == pytest.approx(100.0, abs=1.5 * raster.pixel_mm)


def test_the_board_is_found_as_printed_and_as_shown() -> None:
    raster = page_raster("A4", 200)
    seen = find_board(drawn_board(PRINTED_BOARD, raster), PRINTED_BOARD)
    assert len(seen.pixels) == len(PRINTED_BOARD.corners_mm)
    at = (seen.pixels - (np.array(raster.resolution) - 1) / 2) * raster.pixel_mm
    assert np.abs(at - seen.points_mm[:, :2]).max() < 0.1
    screen = Raster((1920, 1080), 0.18)
    board, image = screen_board(screen)
    seen = find_board(image, board)
    assert image.shape == (1080, 1920)
    at = (seen.pixels - (np.array(screen.resolution) - 1) / 2) * screen.pixel_mm
    assert len(seen.pixels) == len(board.corners_mm)
    assert np.abs(at - seen.points_mm[:, :2]).max() < 0.01
