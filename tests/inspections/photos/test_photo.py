import contextlib
import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageOps, TiffImagePlugin

from inspections.photos.decode import MAX_PIXELS, decode_photo, open_photo
from spectra.errors import PhotoError


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


GRADIENT = Image.fromarray(np.arange(48 * 64, dtype=np.uint32).reshape(48, 64).astype(np.uint8))


MODES = {
    "PNG": ("L", "RGB", "RGBA", "P", "1"),
    "JPEG": ("L", "RGB", "1", "CMYK"),
    "TIFF": ("L", "RGB", "RGBA", "P", "1", "CMYK"),
}


@pytest.mark.parametrize(("kind", "mode"), [(kind, mode) for kind, modes in MODES.items() for mode in modes])
def test_every_usual_kind_of_photo_is_read_at_its_size(kind: str, mode: str) -> None:
    photo = decode_photo(encoded(GRADIENT.convert("RGB").convert(mode), kind), "panel")
    assert photo.shape == (48, 64)
    assert photo.pixels.dtype == np.float32
    assert photo.format == kind


def test_sixteen_bits_a_channel_stay_sixteen_bits_in_colour() -> None:
    image = np.random.default_rng(1).integers(0, 65535, (40, 50, 3), dtype=np.uint16)
    for suffix in (".png", ".tiff"):
        content = cv2.imencode(suffix, image)[1].tobytes()
        assert np.array_equal(decode_photo(content, f"wide{suffix}").encoded, image[..., ::-1])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_camera_gives_an_upright_photo(orientation: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    content = encoded(GRADIENT, "PNG", exif=exif)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    assert np.array_equal(decode_photo(content, "turned.png").encoded, np.asarray(upright))


def test_exposure_lock_and_white_balance_come_from_exif() -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {
            ExifTags.Base.ExposureTime: TiffImagePlugin.IFDRational(1, 60),
            ExifTags.Base.FNumber: TiffImagePlugin.IFDRational(8, 1),
            ExifTags.Base.ISOSpeedRatings: 200,
            ExifTags.Base.ExposureMode: 1,
            ExifTags.Base.WhiteBalance: 0,
        }
    )
    photo = decode_photo(encoded(GRADIENT, "JPEG", exif=exif), "panel.jpg")
    assert photo.exposure_time_s == pytest.approx(1 / 60)
    assert (photo.f_number, photo.iso) == (8.0, 200.0)
    assert (photo.exposure_mode, photo.white_balance) == ("manual", "auto")


def test_what_exif_does_not_say_is_not_known() -> None:
    photo = decode_photo(encoded(GRADIENT, "PNG"), "panel.png")
    assert (photo.exposure_mode, photo.white_balance, photo.iso) == (None, None, None)


def test_a_pixel_is_clipped_when_one_channel_is_and_transparency_is_dropped() -> None:
    image = np.zeros((10, 10, 4), np.uint8)
    image[:, :3, 0] = 255
    image[:5, :, 3] = 255
    photo = decode_photo(encoded(Image.fromarray(image), "PNG"), "panel.png")
    assert photo.clipped_share() == 0.3
    assert photo.encoded.shape == (10, 10, 3)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_a_truncated_photo_is_named_and_refused(kind: str, share: float) -> None:
    noise = Image.fromarray(np.random.default_rng(2).integers(0, 255, (200, 200, 3), dtype=np.uint8))
    content = encoded(noise, kind)
    with pytest.raises(PhotoError, match=r"lost\.img"):
        decode_photo(content[: int(share * len(content))], "lost.img")


@given(st.binary(max_size=300))
def test_bytes_that_are_no_photo_are_refused(content: bytes) -> None:
    with pytest.raises(PhotoError, match=r"x\.jpg"):
        decode_photo(content, "x.jpg")


def test_a_pixel_bomb_is_refused_by_its_header() -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    side = int(MAX_PIXELS**0.5) + 100
    for size in (side, 60_000):
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0))
        content = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
        with pytest.raises(PhotoError, match="million"):
            decode_photo(content, "bomb.png")


def colourful(side: int = 96) -> Image.Image:
    """Smooth colours within what a JPEG can hold."""
    rng = np.random.default_rng(5)
    noise = cv2.GaussianBlur(rng.uniform(0, 255, (side, side, 3)).astype(np.float32), (0, 0), 5.0)
    return Image.fromarray(np.clip(128 + 4 * (noise - 128), 20, 235).astype(np.uint8))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_grey_decoded_alone_is_the_luma_of_the_colours(kind: str) -> None:
    photo = open_photo(encoded(colourful(), kind), "panel")
    assert not photo.in_memory
    difference = photo.grey().astype(int) - photo.decoded().grey()
    assert np.abs(difference).max() <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_still_in_its_file_is_as_upright_as_a_decoded_one(orientation: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    photo = open_photo(encoded(colourful().crop((0, 0, 96, 64)), "JPEG", exif=exif), "turned.jpg")
    assert photo.shape == photo.grey().shape == photo.encoded.shape[:2] == photo.decoded().shape


def test_a_photo_holds_no_pixels_until_it_is_asked_and_then_keeps_none() -> None:
    content = encoded(colourful(), "JPEG", quality=95)
    photo = open_photo(content, "panel.jpg")
    assert photo.grey() is not photo.grey()
    assert photo.decoded().encoded is not photo.encoded
    kept = photo.decoded()
    assert kept.encoded is kept.encoded


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_what_is_missing_of_a_file_is_found_when_its_pixels_are_asked_for(kind: str) -> None:
    content = encoded(colourful(), kind)
    try:
        photo = open_photo(content[: int(0.7 * len(content))], "lost.img")
    except PhotoError:
        return  # a TIFF keeps its header at the end
    for look in (photo.grey, photo.decoded):
        with pytest.raises(PhotoError, match=r"lost\.img: damaged or truncated"):
            look()


@given(
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=5),
    st.sampled_from(list(MODES)),
)
def test_a_spoiled_photo_is_read_or_refused(changes: list[tuple[int, int]], kind: str) -> None:
    content = bytearray(encoded(GRADIENT, kind))
    for place, value in changes:
        content[place % len(content)] = value
    with contextlib.suppress(PhotoError):
        assert decode_photo(bytes(content), "spoiled.img").encoded.dtype in (np.uint8, np.uint16)
