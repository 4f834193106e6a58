"""Raw photos: linear between black and white level, each channel as the sensor saw it."""

import contextlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.photos import decode
from inspections.photos.decode import decode_photo, open_photo
from spectra.errors import PhotoError

Writer = Callable[..., bytes]
BLACK, WHITE = 64, 4095


def mosaic(red: int, green: int, blue: int, shape: tuple[int, int] = (40, 60)) -> np.ndarray:
    levels = np.full(shape, green, np.uint16)
    levels[0::2, 0::2], levels[1::2, 1::2] = red, blue
    return levels


@settings(max_examples=20, deadline=None)
@given(st.tuples(*[st.integers(BLACK, WHITE)] * 3))
def test_raw_pixels_are_light_between_black_and_white_level(dng: Writer, levels: tuple[int, int, int]) -> None:
    pixels = decode_photo(dng(mosaic(*levels)), "flat.dng").pixels
    expected = (np.array(levels) - BLACK) / (WHITE - BLACK)
    # A pixel at the rim of the sensor has neighbours of fewer colours; 16 bits hold the rest.
    assert pixels[5:-5, 5:-5].reshape(-1, 3) == pytest.approx(np.tile(expected, (30 * 50, 1)), abs=3e-5)


def test_a_brighter_scene_does_not_change_what_a_level_means(dng: Writer) -> None:
    dim, lit = mosaic(500, 500, 500), mosaic(500, 500, 500)
    lit[:, 40:] = 4000
    of_dim, of_lit = (decode_photo(dng(one), "scene.dng").pixels[10, 10, 1] for one in (dim, lit))
    assert of_dim == of_lit


def test_below_black_is_black_and_above_white_is_clipped(dng: Writer) -> None:
    photo = decode_photo(dng(mosaic(10, 4095, 4095)), "ends.dng")
    assert photo.pixels[20, 20] == pytest.approx([0.0, 1.0, 1.0], abs=1e-4)
    assert photo.clipped_share() > 0.9


def test_fringes_in_a_raw_photo_are_read_from_green_and_may_be_read_from_another_channel(dng: Writer) -> None:
    photo = open_photo(dng(mosaic(1000, 2000, 3000)), "mosaic.dng")
    assert (photo.format, photo.response.name, photo.channel) == ("DNG", "linear, raw", "green")
    of_channel = [photo.with_channel(channel).linear_grey()[20, 20] for channel in ("red", "green", "blue")]
    assert of_channel == pytest.approx([(level - BLACK) / (WHITE - BLACK) for level in (1000, 2000, 3000)], abs=1e-4)


def test_a_raw_photo_says_how_it_was_exposed(dng: Writer) -> None:
    photo = open_photo(dng(mosaic(500, 500, 500)), "said.dng")
    assert photo.exposure_time_s == pytest.approx(1 / 30)
    assert (photo.f_number, photo.iso, photo.exposure_mode) == (8.0, 100.0, "manual")
    assert (photo.make, photo.model) == ("Test", "Mosaic")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_camera_gives_an_upright_raw_photo(dng: Writer, orientation: int) -> None:
    scene = mosaic(300, 300, 300)
    scene[:10, :16] = 4000
    photo = decode_photo(dng(scene, orientation=orientation), "turned.dng")
    # Where EXIF says the top left corner of the sensor is shown.
    rows, columns = {1: (0, 0), 2: (0, 1), 3: (1, 1), 4: (1, 0), 5: (0, 0), 6: (0, 1), 7: (1, 1), 8: (1, 0)}[
        orientation
    ]
    bright = photo.grey() > 30000
    assert photo.shape == ((40, 60) if orientation < 5 else (60, 40))
    assert bright[-3 if rows else 2, -3 if columns else 2]
    assert bright.sum() == pytest.approx(160, abs=40)


def test_the_size_is_judged_before_a_pixel_is_decoded(dng: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "MAX_PIXELS", 2000)
    with pytest.raises(PhotoError, match=r"large\.dng: 60 × 40 is .* at most"):
        open_photo(dng(mosaic(500, 500, 500)), "large.dng")


def test_a_raw_bomb_is_refused_by_its_header(dng: Writer) -> None:
    claims = dng(mosaic(500, 500, 500), t256=(4, 60_000), t257=(4, 60_000), t278=(4, 60_000))
    with pytest.raises(PhotoError, match=r"bomb\.dng"):
        open_photo(claims, "bomb.dng")


@pytest.mark.parametrize("share", [0.005, 0.1, 0.5, 0.95])
def test_a_truncated_raw_photo_is_named_and_refused(dng: Writer, share: float) -> None:
    content = dng(mosaic(500, 600, 700, (80, 120)))
    with pytest.raises(PhotoError, match=r"lost\.dng"):
        decode_photo(content[: int(share * len(content))], "lost.dng")


def test_a_dng_is_told_from_a_tiff_by_its_version_and_not_by_its_name(dng: Writer) -> None:
    assert open_photo(dng(mosaic(500, 500, 500)), "panel.jpg").format == "DNG"
    with pytest.raises(PhotoError, match=r"panel\.dng"):
        open_photo(dng(mosaic(500, 500, 500), t50706=None, t50707=None), "panel.dng")


def test_the_preview_in_a_makers_own_raw_file_is_not_taken_for_the_photo(dng: Writer) -> None:
    preview = dng(mosaic(5, 5, 5), t50706=None, t50707=None, t254=(4, 1), t330=(4, 8), t262=(3, 1))
    with pytest.raises(PhotoError, match="convert it to DNG"):
        open_photo(preview, "panel.nef")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 255)), min_size=1, max_size=6), st.integers(0, 10))
def test_a_spoiled_raw_photo_is_read_or_refused(dng: Writer, changes: list[tuple[int, int]], cut: int) -> None:
    content = bytearray(dng(mosaic(500, 600, 700)))
    for place, value in changes:
        content[place] = value
    with contextlib.suppress(PhotoError):  # anything else, and a crash above all, is a broken word
        assert decode_photo(bytes(content[: len(content) - 400 * cut]), "spoiled.dng").encoded.dtype in (
            np.uint8,
            np.uint16,
        )
