"""A photo to be looked at: upright on the panel, in millimetres where the card is seen."""

import numpy as np

from inspections.capture.capture import bare_capture
from inspections.capture.manifest import parse_capture
from inspections.photos.decode import decode_photo
from inspections.picture import best_shot, panel_picture


def test_the_surface_is_seen_best_where_lines_bend_over_it(cross_files):
    capture = parse_capture(cross_files["capture.json"])
    assert {shot.pattern.kind for shot in capture.shots} == {"cross", "softbox"}
    assert best_shot(capture).pattern.kind == "cross"


def test_the_picture_is_the_opening_of_the_card_in_millimetres(cross_files):
    capture = parse_capture(cross_files["capture.json"])
    shot = best_shot(capture)
    picture = panel_picture(decode_photo(cross_files[shot.file], shot.file), shot, capture.card)
    height, width = picture.encoded.shape[:2]
    assert picture.mm_per_pixel is not None
    np.testing.assert_allclose(
        np.array([width, height]) * picture.mm_per_pixel, capture.card.panel_mm, atol=2 * picture.mm_per_pixel
    )
    # Six-millimetre fringes on the screen are some 3.5 mm on the panel: the picture must still show them.
    assert picture.encoded[height // 2, :, 0].std() > 10


def test_a_photo_without_a_card_is_shown_whole_and_without_scale(cross_files):
    shot = bare_capture(["single_cross.jpg"]).shots[0]
    photo = decode_photo(cross_files["single_cross.jpg"], "single_cross.jpg")
    picture = panel_picture(photo, shot, None)
    assert picture.mm_per_pixel is None
    assert picture.pattern == ""
    rows, columns = picture.encoded.shape[:2]
    np.testing.assert_allclose(rows / columns, photo.shape[0] / photo.shape[1], rtol=0.01)
