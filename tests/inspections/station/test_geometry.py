from dataclasses import replace

import numpy as np
import pytest

from inspections.appearance import Finding
from inspections.frame.lens import Pose
from inspections.inspect import inspect_capture
from inspections.station.geometry import stricter
from inspections.station.station import CalibrationCheck


@pytest.fixture(scope="module")
def by_station(stood):
    return inspect_capture(stood.capture(), stood.photos(), station=stood.station)


def test_a_station_takes_the_ruler_error_out_of_the_slopes(stood, by_station, peeled) -> None:
    truth = peeled.truth()["bands"]["d"]["slope_mrad"]
    by_ruler = inspect_capture(stood.capture(), stood.photos())
    off = {"ruler": by_ruler.metric("S_d").value / truth - 1, "station": by_station.metric("S_d").value / truth - 1}
    assert off["ruler"] - off["station"] == pytest.approx(0.03, abs=0.008)
    assert abs(off["station"]) < 0.04  # few waves on a small panel; benchmarks/bench_station.py has the figure
    assert by_station.metric("S_d").uncertainty < by_ruler.metric("S_d").uncertainty
    assert by_station.metric("S_d").uncertainty_note.startswith("station true 0.3 %")
    assert any("station true: slopes to 0.3 %" in note for note in by_station.notes)


def test_a_station_needs_neither_rig_nor_card_in_the_manifest(stood, by_station) -> None:
    bare = replace(stood.capture(), rig=None, card=None, station="true")
    appearance = inspect_capture(bare, stood.photos(), station=stood.station)
    assert appearance.metric("S_d").value == by_station.metric("S_d").value


@pytest.mark.parametrize(
    ("named", "changed", "said"),
    [
        ("booth 7", {}, "names station 'booth 7', the file is of 'true'"),
        (None, {"focal_length_mm": 50.0}, "taken at 35 mm focal length; the station was calibrated at 50"),
        (
            None,
            {"checks": (CalibrationCheck("card_residual", 0.4, 0.3, "pixel"),)},
            "calibration failed: card_residual",
        ),
    ],
)
def test_another_station_is_refused_with_the_reason(stood, named, changed, said) -> None:
    station = replace(stood.station, **changed)
    appearance = inspect_capture(replace(stood.capture(), station=named), stood.photos(), station=station)
    assert not appearance.measured
    assert said in appearance.failed_checks[0].what
    assert said in next(refused.reason for refused in appearance.refusals if refused.metric == "S_d")


def test_another_image_size_is_refused(stood) -> None:
    lens = replace(stood.station.lens, image_shape=(3000, 4000))
    appearance = inspect_capture(stood.capture(), stood.photos(), station=replace(stood.station, lens=lens))
    assert not appearance.measured
    assert "calibrated at 4000 × 3000" in appearance.failed_checks[0].what


def test_another_card_is_refused(stood) -> None:
    card = stood.capture().card
    wider = replace(card, markers_mm={key: square * (1.05, 1.0) for key, square in card.markers_mm.items()})
    appearance = inspect_capture(replace(stood.capture(), card=wider), stood.photos(), station=stood.station)
    assert "not the card of the station" in appearance.failed_checks[0].what


def test_a_station_may_be_stricter_and_may_release_some_bands_only(stood) -> None:
    strict = replace(stood.station, gate={"marker_residual": 1e-4}, bands=("d",))
    appearance = inspect_capture(stood.capture(), stood.photos(), station=strict)
    assert not [metric for metric in appearance.metrics if metric.name.startswith("S_")]
    lax = replace(stood.station, gate={"marker_residual": 50.0}, bands=("d",))
    names = {metric.name for metric in inspect_capture(stood.capture(), stood.photos(), station=lax).metrics}
    assert "S_d" in names
    assert not {"S_c", "S_lw", "H_c"} & names


def test_a_measured_response_takes_the_place_of_the_assumed_one(stood, by_station) -> None:
    levels = [(k / 16, (k / 16) ** 2.2) for k in range(17)]
    appearance = inspect_capture(
        stood.capture(), stood.photos(), station=replace(stood.station, response=tuple(levels))
    )
    assert appearance.metric("S_d").value == pytest.approx(by_station.metric("S_d").value, rel=0.01)


def test_a_screen_that_was_moved_or_turned_is_noticed(stood, by_station) -> None:
    screen = stood.station.screen
    told = {finding.check: finding for finding in by_station.findings}
    assert told["screen_place"].outcome == "pass"
    shifted = Pose(screen.pose.rotation, screen.pose.translation + 15.0 * screen.pose.rotation[:, 0])
    turned = Pose(screen.pose.rotation @ np.diag([-1.0, -1.0, 1.0]), screen.pose.translation)
    for pose, said in ((shifted, "away from where"), (turned, "do not run as")):
        station = replace(stood.station, screen=replace(screen, pose=pose))
        appearance = inspect_capture(stood.capture(), stood.photos(), station=station)
        (found,) = [finding for finding in appearance.failed_checks if finding.check == "screen_place"]
        assert said in found.what
        assert appearance.metric("S_d") is None


def test_a_stations_limit_counts_only_where_it_is_stricter() -> None:
    blur = Finding("marker_edge_sigma", "pass", 0.7, 1.0, "pixel", "blur")
    light = Finding("exposure_level", "pass", 200.0, 110.0, "of 255", "light")
    assert stricter([blur, light], {"marker_edge_sigma": 5.0, "exposure_level": 20.0}) == [blur, light]
    kept = stricter([blur, light], {"marker_edge_sigma": 0.8, "exposure_level": 150.0})
    assert [(one.outcome, one.limit) for one in kept] == [("pass", 0.8), ("pass", 150.0)]
    failed = stricter([blur, light], {"marker_edge_sigma": 0.5, "exposure_level": 220.0})
    assert [one.outcome for one in failed] == ["fail", "fail"]
    assert failed[0].remedy == "the station allows 0.5 pixel"


def test_a_value_that_is_warned_of_already_does_not_slip_past_a_stricter_limit() -> None:
    specks = Finding("dust", "warn", 40.0, 30.0, "1/dm²", "specks")
    packed = Finding("jpeg_quality", "warn", 70.0, 80.0, "1", "JPEG quality 70")
    assert [one.outcome for one in stricter([specks, packed], {"dust": 20.0, "jpeg_quality": 90.0})] == ["fail"] * 2
    assert stricter([specks, packed], {"dust": 35.0, "jpeg_quality": 60.0}) == [specks, packed]
