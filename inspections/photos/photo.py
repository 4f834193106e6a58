"""A photo of a panel: safe decoding, what the camera said about the exposure, and linear pixels."""

from __future__ import annotations

import hashlib
import io
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from spectra.errors import PhotoError

FloatImage = NDArray[np.float32]
EncodedImage = NDArray[np.uint8] | NDArray[np.uint16]
Mode = Literal["auto", "manual"]

MAX_PIXELS = 64_000_000
"""Largest photo that is decoded; 64 million pixels is the largest single frame the stations send. [pixel]"""
MAX_BYTES = 400_000_000
CLIPPED_LEVEL = 254 / 255
"""Encoded level from which a channel counts as clipped: full scale, or one step below it after JPEG."""
BLACK_LEVEL = 2 / 255
_FORMATS = ("PNG", "JPEG", "TIFF")


@dataclass(frozen=True, slots=True, eq=False)
class PanelPhoto:
    """One photo, as the camera wrote it, upright.

    Attributes
    ----------
    file_name, sha256 : str
    encoded : ndarray of uint8 or uint16, shape (height, width) or (height, width, 3)
        Pixels as stored, red first; read-only.
    format : str
        "PNG", "JPEG" or "TIFF".
    response : str
        How `pixels` are made linear. "sRGB, assumed": nothing in the file proves it.
    exposure_time_s, f_number, iso, focal_length_mm : float or None
        From EXIF; None where it does not say.
    white_balance, exposure_mode : {"auto", "manual"} or None
    make, model, taken_at : str or None
    mm_per_pixel : float or None
        Only when somebody or something measured it.
    clipped_share, black_share, transparent_share : float
        Share of pixels with a channel at full scale, with all channels black, with transparency. [0-1]
    """

    file_name: str
    sha256: str
    encoded: EncodedImage
    format: str
    response: str = "sRGB, assumed"
    exposure_time_s: float | None = None
    f_number: float | None = None
    iso: float | None = None
    focal_length_mm: float | None = None
    white_balance: Mode | None = None
    exposure_mode: Mode | None = None
    make: str | None = None
    model: str | None = None
    taken_at: str | None = None
    mm_per_pixel: float | None = None
    clipped_share: float = 0.0
    black_share: float = 0.0
    transparent_share: float = 0.0

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width. [pixel]"""
        height, width = self.encoded.shape[:2]
        return height, width

    @property
    def full_scale(self) -> int:
        """Largest encoded value: 255 or 65535."""
        return int(np.iinfo(self.encoded.dtype).max)

    @property
    def pixels(self) -> FloatImage:
        """Linear pixels, float32 of the shape of `encoded`, 1 = full scale; computed at each call."""
        return linear(self.encoded)

    def grey(self) -> EncodedImage:
        """Encoded luma, shape (height, width): what a monochrome camera would have stored, nearly."""
        if self.encoded.ndim == 2:
            return self.encoded
        luma = cv2.cvtColor(self.encoded, cv2.COLOR_RGB2GRAY)
        return (
            luma.astype(np.uint8, copy=False) if self.encoded.dtype == np.uint8 else luma.astype(np.uint16, copy=False)
        )

    def linear_grey(self) -> FloatImage:
        """Linear luma, float32, shape (height, width), 1 = full scale.

        The luma is taken before linearising: a reflection in clear coat is white, so the order makes no
        difference that matters, and it costs a third.
        """
        return linear(self.grey())

    def with_scale(self, mm_per_pixel: float) -> PanelPhoto:
        """The same photo with a scale that somebody measured."""
        if not mm_per_pixel > 0:
            raise PhotoError(f"{self.file_name}: a scale of {mm_per_pixel} mm per pixel; expected a number above 0")
        return replace(self, mm_per_pixel=mm_per_pixel)


@cache
def _inverse_srgb(levels: int) -> FloatImage:
    """Table from encoded level to linear value (IEC 61966-2-1), 1 = full scale."""
    encoded = np.arange(levels, dtype=np.float64) / (levels - 1)
    table = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4).astype(np.float32)
    table.setflags(write=False)
    return table


def linear(encoded: EncodedImage) -> FloatImage:
    """Linear values of sRGB-encoded levels.

    Parameters
    ----------
    encoded : ndarray of uint8 or uint16

    Returns
    -------
    ndarray of float32, same shape
        1 = full scale.

    References
    ----------
    .. [1] IEC 61966-2-1:1999, Default RGB colour space, sRGB.
    """
    return _inverse_srgb(int(np.iinfo(encoded.dtype).max) + 1)[encoded]


def decode_photo(content: bytes, file_name: str) -> PanelPhoto:
    """Decode one photo from the bytes of its file.

    The size is read from the header and checked before a pixel is decoded. EXIF orientation is applied.
    Transparency is dropped and its share kept: what lies under transparent pixels is what the camera saw.

    Parameters
    ----------
    content : bytes
        A PNG, JPEG or TIFF file, 8 or 16 bits a channel.
    file_name : str
        For messages and the record.

    Raises
    ------
    PhotoError
        If it is no such file, is damaged or truncated, or is larger than `MAX_PIXELS`.
    """
    if not content:
        raise PhotoError(f"{file_name}: the file is empty; expected a PNG, JPEG or TIFF photo")
    if len(content) > MAX_BYTES:
        raise PhotoError(
            f"{file_name}: {len(content) / 1e6:.0f} MB; photos of at most {MAX_BYTES / 1e6:.0f} MB are read"
        )
    with warnings.catch_warnings():
        # Pillow warns of large sizes and odd EXIF; the size is judged here, odd EXIF is simply not used.
        warnings.simplefilter("ignore")
        try:
            image = Image.open(io.BytesIO(content), formats=_FORMATS)
        except Image.DecompressionBombError:
            raise PhotoError(f"{file_name}: more than {MAX_PIXELS / 1e6:.0f} million pixels; refused unread") from None
        except UnidentifiedImageError:
            raise PhotoError(f"{file_name}: not a PNG, JPEG or TIFF photo") from None
        except (OSError, ValueError, SyntaxError, TypeError) as error:
            raise PhotoError(f"{file_name}: not a readable PNG, JPEG or TIFF photo ({_first_line(error)})") from None
        with image:
            return _decoded(image, content, file_name)


def _decoded(image: Image.Image, content: bytes, file_name: str) -> PanelPhoto:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise PhotoError(
            f"{file_name}: {width} × {height} is {width * height / 1e6:.0f} million pixels; "
            f"at most {MAX_PIXELS / 1e6:.0f} million are decoded. Send the single frame, not a panorama"
        )
    image_format = str(image.format)
    exif = _exif(image)
    try:
        stored = _wide_pixels(content) if _is_wide(image, content) else _byte_pixels(image)
    except (OSError, ValueError, SyntaxError, TypeError, EOFError, cv2.error, MemoryError) as error:
        raise PhotoError(
            f"{file_name}: damaged or truncated {image_format} ({_first_line(error)}); copy it again"
        ) from None
    if stored.dtype not in (np.uint8, np.uint16):
        raise PhotoError(f"{file_name}: {stored.dtype} pixels; expected 8 or 16 bits a channel")
    orientation = exif.get(ExifTags.Base.Orientation)
    upright = np.ascontiguousarray(_upright(stored, orientation if isinstance(orientation, int) else 1))
    transparent = 0.0
    if upright.ndim == 3 and upright.shape[2] in (2, 4):
        transparent = float(np.mean(upright[..., -1] < np.iinfo(upright.dtype).max))
        upright = np.ascontiguousarray(upright[..., :-1])
    if upright.ndim == 3 and upright.shape[2] == 1:
        upright = np.ascontiguousarray(upright[..., 0])
    upright.setflags(write=False)
    full_scale = np.iinfo(upright.dtype).max
    brightest = upright if upright.ndim == 2 else upright.max(axis=2)
    return PanelPhoto(
        file_name=file_name,
        sha256=hashlib.sha256(content).hexdigest(),
        encoded=upright,
        format=image_format,
        clipped_share=float(np.mean(brightest >= CLIPPED_LEVEL * full_scale)),
        black_share=float(np.mean(brightest <= BLACK_LEVEL * full_scale)),
        transparent_share=transparent,
        **_conditions(exif),
    )


def _is_wide(image: Image.Image, content: bytes) -> bool:
    """Whether a channel has more than 8 bits; Pillow would narrow 16-bit colour without a word."""
    if image.format == "PNG":
        return content[24:25] > b"\x08"
    if image.format == "TIFF":
        bits = image.tag_v2.get(258, (8,))  # type: ignore[attr-defined]
        return bool(max(bits) > 8)
    return False


def _wide_pixels(content: bytes) -> NDArray[Any]:
    with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
        image.load()  # raises where the file is truncated, which OpenCV does not
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None:
        raise ValueError("no decoder for it")
    if decoded.ndim == 3 and decoded.shape[2] == 3:
        return decoded[..., ::-1]
    if decoded.ndim == 3 and decoded.shape[2] == 4:
        return decoded[..., [2, 1, 0, 3]]
    return decoded


def _byte_pixels(image: Image.Image) -> NDArray[Any]:
    transparency = "transparency" in image.info
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L"))
    if image.mode in ("LA", "RGBA"):
        return np.asarray(image)
    if image.mode == "PA" or (image.mode == "P" and transparency):
        return np.asarray(image.convert("RGBA"))
    return np.asarray(image.convert("RGB"))


def _upright(stored: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Undo the EXIF orientation (1 to 8); an impossible one changes nothing."""
    if orientation in (5, 6, 7, 8):
        stored = np.swapaxes(stored, 0, 1)
    if orientation in (3, 4, 7, 8):
        stored = stored[::-1]
    if orientation in (2, 3, 6, 7):
        stored = stored[:, ::-1]
    return stored


def _exif(image: Image.Image) -> Mapping[int, Any]:
    """Both EXIF directories in one mapping; empty when there is none or it cannot be read."""
    try:
        exif = image.getexif()
        return {**dict(exif), **dict(exif.get_ifd(ExifTags.IFD.Exif))}
    except (OSError, ValueError, SyntaxError, TypeError, KeyError, EOFError):
        return {}


def _conditions(exif: Mapping[int, Any]) -> dict[str, Any]:
    """What EXIF says about the exposure; a field that makes no sense is a field that is not there."""
    tag = ExifTags.Base
    exposure, program = _number(exif.get(tag.ExposureMode)), _number(exif.get(tag.ExposureProgram))
    balance = _number(exif.get(tag.WhiteBalance))
    mode: Mode | None = None
    if exposure == 1 or program == 1:
        mode = "manual"
    elif exposure is not None or program is not None:
        mode = "auto"
    return {
        "exposure_time_s": _number(exif.get(tag.ExposureTime)),
        "f_number": _number(exif.get(tag.FNumber)),
        "iso": _number(exif.get(tag.ISOSpeedRatings)),
        "focal_length_mm": _number(exif.get(tag.FocalLength)),
        "white_balance": None if balance is None else ("manual" if balance == 1 else "auto"),
        "exposure_mode": mode,
        "make": _text(exif.get(tag.Make)),
        "model": _text(exif.get(tag.Model)),
        "taken_at": _text(exif.get(tag.DateTimeOriginal) or exif.get(tag.DateTime)),
    }


def _number(value: Any) -> float | None:
    if isinstance(value, tuple):
        value = value[0] if value else None
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if math.isfinite(number) else None


def _text(value: Any) -> str | None:
    return value.strip("\0 ") or None if isinstance(value, str) else None


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:120] if lines else type(error).__name__
