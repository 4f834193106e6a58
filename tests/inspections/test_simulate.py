import json

import numpy as np
import pytest

from inspections.manifest import parse_capture
from inspections.photo import decode_photo
from inspections.rectify import find_markers, fit_frame, refine_corners
from inspections.render import render_capture
from inspections.simulate import PITCH_MM, SimulatedPanel, simulate_panel
from inspections.slopes import camera_azimuth_deg, without_form
from spectra.errors import PhotoError


def test_the_same_seed_renders_the_same_bytes(peeled: SimulatedPanel) -> None:
    first, second = (render_capture(peeled, "cross", np.random.default_rng(1)) for _ in range(2))
    assert first == second


def test_the_stated_truth_is_the_slope_of_the_surface(peeled: SimulatedPanel) -> None:
    border = round((6.0 + 5.0) / PITCH_MM)
    x, y = (part[border:-border, border:-border].astype(np.float64) for part in peeled.slopes)
    truth = peeled.truth()["bands"]
    whole = sum(truth[band]["slope_mrad"] ** 2 for band in ("a", "b", "c", "d", "e"))
    # Bands are not exactly uncorrelated inside a finite region.
    assert np.sqrt((np.mean(x**2) + np.mean(y**2)) / 2) == pytest.approx(np.sqrt(whole), rel=0.03)


def test_polishing_scales_each_band_alone(peeled: SimulatedPanel) -> None:
    before, after = peeled.truth()["bands"], peeled.polished({"d": 0.5}).truth()["bands"]
    assert after["d"]["slope_mrad"] == pytest.approx(0.5 * before["d"]["slope_mrad"])
    assert after["c"]["slope_mrad"] == pytest.approx(before["c"]["slope_mrad"])
    assert peeled.flat_reference().truth()["bands"]["lw"]["slope_mrad"] == 0


def test_a_capture_folder_is_exactly_the_format(stepped_files: dict[str, bytes]) -> None:
    capture = parse_capture(stepped_files["capture.json"])
    assert {shot.file for shot in capture.shots} == set(stepped_files) - {"capture.json", "truth.json"}
    assert (capture.panel, capture.round, capture.name) == ("P-11", 0, "panel")
    assert len(capture.shots) == 8 + 6
    assert "bands" in json.loads(stepped_files["truth.json"])


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


def test_form_removal_takes_a_cubic_and_leaves_a_wave() -> None:
    y, x = np.meshgrid(np.linspace(-1, 1, 300), np.linspace(-1, 1, 400), indexing="ij")
    wave = np.sin(40 * x) * np.cos(35 * y)
    form = 3 + x - 2 * y + x * y + x**3 - 4 * x * y**2
    assert without_form((form + wave).astype(np.float32)) == pytest.approx(wave, abs=0.03)


def test_bands_and_faults_that_do_not_exist_are_refused(peeled: SimulatedPanel) -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(PhotoError, match="band 'lw'"):
        simulate_panel(rng, {"lw": 1.0}, size_mm=(20, 20))
    with pytest.raises(PhotoError, match="body 'pink'"):
        simulate_panel(rng, {"c": 1.0}, size_mm=(20, 20), body="pink")  # type: ignore[arg-type]
    with pytest.raises(PhotoError, match="fault 'rain'"):
        render_capture(peeled, "cross", rng, fault="rain")  # type: ignore[arg-type]
