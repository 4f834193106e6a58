import numpy as np
import pytest

from inspections.station.charuco import CharucoBoard, find_board
from spectra.errors import PhotoError

BOARD = CharucoBoard((7, 5), 12.0, 9.0)


@pytest.mark.parametrize("mirrored", [False, True])
def test_every_corner_of_a_drawn_board_is_found_where_it_was_drawn(mirrored: bool) -> None:
    image = np.pad(BOARD.drawn(60), 40, constant_values=255)
    seen = find_board(np.ascontiguousarray(image[:, ::-1]) if mirrored else image, BOARD, mirrored=mirrored)
    assert len(seen.pixels) == len(BOARD.corners_mm) == 24
    # The border between pixels 59 and 60 lies at 59.5.
    drawn = seen.points_mm[:, :2] / BOARD.square_mm * 60 + np.array([3.5, 2.5]) * 60 + 39.5
    if mirrored:
        drawn[:, 0] = image.shape[1] - 1 - drawn[:, 0]
    assert np.abs(seen.pixels - drawn).max() < 0.05


def test_a_mirrored_board_is_not_read_as_a_direct_one() -> None:
    image = np.pad(BOARD.drawn(60), 40, constant_values=255)
    assert not len(find_board(np.ascontiguousarray(image[:, ::-1]), BOARD).pixels)


@pytest.mark.parametrize(
    "wrong",
    [((3, 5), 12.0, 9.0), ((7, 5), 9.0, 12.0), ((20, 20), 12.0, 9.0), ((7, 5), 12.0, 9.0, "DICT_NO")],
)
def test_an_impossible_board_is_refused(wrong) -> None:
    with pytest.raises(PhotoError):
        CharucoBoard(*wrong)
