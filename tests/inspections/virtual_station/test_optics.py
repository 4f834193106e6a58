import numpy as np
import pytest

from inspections.capture.manifest import parse_capture
from inspections.frame.markers import find_markers, refine_corners
from inspections.frame.rectify import fit_frame
from inspections.fringes.slopes import camera_azimuth_deg
from inspections.photos.decode import decode_photo
from inspections.virtual_station.optics import aim, binned, subpixels
from inspections.virtual_station.rig import SimulatedRig


def test_the_card_is_found_where_the_camera_put_it(stepped_files: dict[str, bytes]) -> None:
    capture = parse_capture(stepped_files["capture.json"])
    photo = decode_photo(stepped_files[capture.shots[0].file], "frame 0")
    assert capture.card is not None
    corners, sigma = refine_corners(photo.linear_grey(), find_markers(photo.grey(), capture.card, "frame 0"))
    frame = fit_frame(corners, capture.card, photo.shape)
    assert len(corners) == 4
    assert frame.residual_px < 0.15
    # Lens 0.65 pixel and the pixel itself, 1/sqrt(12) = 0.29: together 0.71.
    assert sigma == pytest.approx((0.71, 0.71), abs=0.06)
    across, in_plane = frame.mm_per_pixel[1], frame.mm_per_pixel[0]
    assert across == pytest.approx(0.09, rel=0.02)
    assert in_plane / across == pytest.approx(1 / np.cos(np.radians(30)), rel=0.02)
    assert abs(abs(camera_azimuth_deg(frame) or 0) - 180) < 3


def test_a_slope_moves_the_reflection_by_twice_its_path() -> None:
    rig = SimulatedRig()
    optics = aim(rig, (100.0, 86.0), np.random.default_rng(3))
    middle, zero, slope = np.zeros((1, 1), np.float32), np.zeros((1, 1), np.float32), np.full((1, 1), 1e-3, np.float32)
    flat_u, flat_v = optics.screen_hit(middle, middle, zero, zero)
    tilted_u, _ = optics.screen_hit(middle, middle, slope, zero)
    _, tilted_v = optics.screen_hit(middle, middle, zero, slope)
    # A ray turns by twice the tilt; across the plane of incidence only its cosine counts.
    assert abs(tilted_u - flat_u) == pytest.approx(2e-3 * rig.screen_dist_mm, rel=0.03)
    across = 2e-3 * rig.screen_dist_mm * np.cos(np.radians(rig.incidence_deg))
    assert abs(tilted_v - flat_v) == pytest.approx(across, rel=0.03)


def test_subpixels_average_to_their_pixel() -> None:
    fine = subpixels(3, 7, 3)
    assert fine.reshape(4, 3).mean(axis=1) == pytest.approx([3, 4, 5, 6])
    assert binned(np.arange(36, dtype=np.float32).reshape(6, 6), 3)[0, 0] == pytest.approx(7)
