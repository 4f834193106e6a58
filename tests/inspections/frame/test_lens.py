from collections.abc import Callable, Mapping

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspections.frame.lens import Lens, Pose, card_pose
from inspections.frame.rectify import fit_frame, panel_grid, pixel_maps
from inspections.station.print_sheet import marker_card
from spectra.arrays import frozen
from spectra.errors import PhotoError

LENS = Lens(
    frozen([[2000.0, 0, 640.0], [0, 2010.0, 470.0], [0, 0, 1]]), frozen([-0.12, 0.05, 1e-3, -5e-4, 0.01]), (960, 1280)
)
CARD = marker_card((100.0, 75.0))


@given(st.floats(-50, 50), st.floats(-40, 40), st.floats(200, 500))
def test_the_lens_bends_as_opencv_says(x: float, y: float, z: float) -> None:
    theirs, _ = cv2.projectPoints(
        np.array([[x, y, z]]), np.zeros(3), np.zeros(3), np.array(LENS.matrix), np.array(LENS.distortion)
    )
    ideal = LENS.matrix @ np.array([x, y, z]) / z
    assert np.array(LENS.distorted(ideal[0], ideal[1])) == pytest.approx(theirs.ravel(), abs=1e-6)


@given(st.floats(-0.7, 0.7), st.floats(-0.7, 0.7), st.floats(-0.5, 0.5))
def test_a_card_is_posed_from_its_corners_and_the_frame_is_the_pose(a: float, b: float, c: float) -> None:
    upright = Pose.from_vectors(np.array([np.pi, 0, 0]), np.zeros(3)).rotation
    turn = Pose.from_vectors(np.array([a, b, c]), np.zeros(3)).rotation
    true = Pose(frozen(upright @ turn), frozen([3.0, -2.0, 380.0]))
    corners = {}
    for identity, square in CARD.markers_mm.items():
        seen = (np.column_stack([square, np.zeros(4)]) @ true.rotation.T + true.translation) @ LENS.matrix.T
        corners[identity] = np.stack(LENS.distorted(seen[:, 0] / seen[:, 2], seen[:, 1] / seen[:, 2]), axis=-1)
    found = card_pose(corners, CARD, LENS)
    assert found.camera == pytest.approx(true.camera, abs=0.05)
    frame = fit_frame(corners, CARD, LENS.image_shape, lens=LENS)
    assert frame.residual_px < 1e-3
    assert frame.to_pixels(CARD.markers_mm[2]) == pytest.approx(corners[2], abs=1e-3)
    grid = panel_grid(CARD, 1.0)
    column, row = pixel_maps(frame, grid)
    corner = frame.to_pixels(np.array([grid.x_mm[-1], grid.y_mm[0]]))
    assert (column[0, -1], row[0, -1]) == pytest.approx(tuple(corner), abs=0.01)


def test_a_thing_seen_from_another_and_back_is_where_it_was() -> None:
    one = Pose.from_vectors(np.array([0.3, -0.2, 0.1]), np.array([1.0, 2, 3]))
    other = Pose.from_vectors(np.array([-0.5, 0.4, 1.0]), np.array([-4.0, 5, 300]))
    seen = one.seen_from(other)
    point = np.array([7.0, -8.0, 9.0])
    before = one.rotation @ point + one.translation
    assert other.rotation @ (seen.rotation @ point + seen.translation) + other.translation == pytest.approx(before)
    assert Pose.from_vectors(one.rotation_vector, one.translation).rotation == pytest.approx(one.rotation)
    assert one.rotation @ one.camera + one.translation == pytest.approx(np.zeros(3), abs=1e-12)


def swapped(corners: Mapping[int, np.ndarray]) -> dict[int, np.ndarray]:
    first, second, *_ = sorted(corners)
    return {**corners, first: corners[second], second: corners[first]}


def mirrored(corners: Mapping[int, np.ndarray]) -> dict[int, np.ndarray]:
    return {identity: square * (-1.0, 1.0) + (1280.0, 0.0) for identity, square in corners.items()}


@pytest.mark.parametrize(("spoilt", "said"), [(swapped, "do not lie as the card says"), (mirrored, "mirrored")])
def test_markers_that_are_not_the_cards_give_no_frame(
    spoilt: Callable[[Mapping[int, np.ndarray]], dict[int, np.ndarray]], said: str
) -> None:
    middle = np.array([640.0, 480.0])
    corners = {identity: middle + 6.0 * square * (1.0, -1.0) for identity, square in CARD.markers_mm.items()}
    assert fit_frame(corners, CARD, (960, 1280)).residual_px < 0.01
    with pytest.raises(PhotoError, match=said):
        fit_frame(spoilt(corners), CARD, (960, 1280))
