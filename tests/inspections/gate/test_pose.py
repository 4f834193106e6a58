from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.capture.capture import RigGeometry
from inspections.frame.rectify import PanelFrame
from inspections.gate.pose import check_stated_pose, seen_pose

SHAPE = (1500, 2000)


def frame(incidence_deg: float, distance_mm: float, focal_px: float, roll_deg: float = 0.0) -> PanelFrame:
    """The homography of a card under a camera with the optical axis on its centre."""
    i, r = np.radians([incidence_deg, roll_deg])
    tilt = np.array([[np.cos(i), 0, np.sin(i)], [0, 1, 0], [-np.sin(i), 0, np.cos(i)]])
    roll = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    rotation = np.diag([1.0, -1.0, -1.0]) @ roll @ tilt  # image rows run down, the camera looks along -z
    camera = np.array([[focal_px, 0, (SHAPE[1] - 1) / 2], [0, focal_px, (SHAPE[0] - 1) / 2], [0, 0, 1.0]])
    homography = camera @ np.column_stack([rotation[:, :2], [0.0, 0.0, distance_mm]])
    return PanelFrame(homography / homography[2, 2], 0.0, SHAPE, {}, 0.0, {})


@settings(max_examples=30, deadline=None)
@given(
    incidence=st.floats(12, 65),
    distance=st.floats(150, 900),
    focal=st.floats(1500, 8000),
    roll=st.floats(-180, 180),
)
def test_the_pose_is_recovered_without_knowing_the_lens(
    incidence: float, distance: float, focal: float, roll: float
) -> None:
    pose = seen_pose(frame(incidence, distance, focal, roll))
    assert pose is not None
    assert pose.incidence_deg == pytest.approx(incidence, abs=0.01)
    assert pose.distance_mm == pytest.approx(distance, rel=1e-3)


def test_a_straight_view_does_not_tell_the_distance() -> None:
    rig = RigGeometry(incidence_deg=2.0, cam_dist_mm=350.0, screen_dist_mm=250.0)
    assert check_stated_pose(frame(2.0, 350.0, 4000.0), rig, "a.jpg") == []


def test_a_ruler_that_is_off_is_named_with_what_the_markers_show() -> None:
    seen, rig = frame(30.0, 350.0, 4000.0), RigGeometry(30.0, 350.0, 250.0)
    assert {finding.outcome for finding in check_stated_pose(seen, rig, "a.jpg")} == {"pass"}
    angle, distance = check_stated_pose(seen, replace(rig, incidence_deg=35.0, cam_dist_mm=420.0), "a.jpg")
    assert (angle.outcome, distance.outcome) == ("fail", "fail")
    assert "30.0° incidence, off the stated 35.0°" in angle.what
    assert "350 mm away, off the stated 420 mm" in distance.what


def test_a_slanted_camera_said_to_look_straight_down_is_caught_as_well() -> None:
    for stated in (0.0, 5.0, 9.0):
        rig = RigGeometry(incidence_deg=stated, cam_dist_mm=350.0, screen_dist_mm=250.0)
        angle = check_stated_pose(frame(30.0, 350.0, 4000.0), rig, "a.jpg")[0]
        assert (angle.check, angle.outcome) == ("stated_incidence", "fail")
    straight = check_stated_pose(frame(5.0, 350.0, 4000.0), RigGeometry(30.0, 350.0, 250.0), "a.jpg")
    assert [(one.check, one.outcome) for one in straight] == [("stated_incidence", "fail")]
