"""Photo files to photos: told apart by what is in them, judged by their headers, decoded only where they are sound."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from inspections.photos.exif import conditions, exif_of, orientation_of, tiff_tags
from inspections.photos.jpeg import jpeg_quality
from inspections.photos.photo import EncodedImage, PanelPhoto, luma_of
from inspections.photos.raw import decode_raw, raw_shape
from inspections.photos.response import LINEAR_RAW
from spectra.errors import PhotoError

MAX_PIXELS = 64_000_000
"""Largest photo that is decoded; 64 million pixels is the largest single frame the stations send. [pixel]"""
MAX_BYTES = 400_000_000
_FORMATS = ("PNG", "JPEG", "TIFF")
_TIFF = (b"II*\0", b"MM\0*")
_DNG_VERSION, _NEW_SUBFILE_TYPE, _SUB_IFDS = ExifTags.Base.DNGVersion, 254, 330
_DAMAGED = (OSError, ValueError, SyntaxError, TypeError, EOFError, OverflowError, cv2.error, MemoryError)


def decode_photo(content: bytes, file_name: str) -> PanelPhoto:
    """Decode one photo from the bytes of its file; its pixels stay in memory.

    Parameters
    ----------
    content : bytes
        A PNG, JPEG or TIFF file, 8 or 16 bits a channel, or a DNG.
    file_name : str
        For messages and the record.

    Raises
    ------
    PhotoError
        If it is no such file, is damaged or truncated, or is larger than `MAX_PIXELS`.
    """
    return open_photo(content, file_name).decoded()


def open_photo(content: bytes, file_name: str) -> PanelPhoto:
    """One photo from the bytes of its file: header and EXIF are read, its pixels whenever they are asked for.

    What a file is, its first bytes say, not its name. The size is read from the header and checked before a pixel is
    decoded. EXIF orientation is applied. Transparency is dropped: what lies under transparent pixels is what the
    camera saw.

    Parameters
    ----------
    content : bytes
        A PNG, JPEG or TIFF file, 8 or 16 bits a channel, or a DNG.
    file_name : str
        For messages and the record.

    Raises
    ------
    PhotoError
        If it is no such file, its header is damaged, or it is larger than `MAX_PIXELS`. That the pixels are damaged
        or truncated is found, and raised, when they are decoded.
    """
    if not content:
        raise PhotoError(f"{file_name}: the file is empty; expected a PNG, JPEG, TIFF or DNG photo")
    if len(content) > MAX_BYTES:
        raise PhotoError(
            f"{file_name}: {len(content) / 1e6:.0f} MB; photos of at most {MAX_BYTES / 1e6:.0f} MB are read"
        )
    with warnings.catch_warnings():
        # Pillow warns of large sizes and odd EXIF; the size is judged here, odd EXIF is simply not used.
        warnings.simplefilter("ignore")
        if content.startswith(_TIFF):
            tags = tiff_tags(content)
            if _DNG_VERSION in tags:
                return _opened_raw(content, file_name, tags)
            _refuse_preview(tags, file_name)
        return _opened(content, file_name)


def _refuse_preview(tags: Mapping[int, Any], file_name: str) -> None:
    """A maker's own raw file is a TIFF whose first image is a preview: decoding that would be a silent guess."""
    if tags.get(_NEW_SUBFILE_TYPE) == 1 and _SUB_IFDS in tags:
        raise PhotoError(
            f"{file_name}: the first image in this TIFF is only a preview, as in a camera maker's own raw format; "
            "set the camera to DNG or convert it to DNG"
        )


def _opened_raw(content: bytes, file_name: str, tags: Mapping[int, Any]) -> PanelPhoto:
    shape = raw_shape(content, file_name)
    _refuse_large(shape[1], shape[0], file_name)
    orientation = orientation_of(tags)
    return PanelPhoto(
        file_name=file_name,
        sha256=hashlib.sha256(content).hexdigest(),
        stored=_RawFile(content, file_name, _upright_shape(shape, orientation), orientation),
        format="DNG",
        response=LINEAR_RAW,
        channel="green",
        **conditions(tags),
    )


def _opened(content: bytes, file_name: str) -> PanelPhoto:
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            exif, size = exif_of(image), image.size
            kind, mode, wide = str(image.format), image.mode, _is_wide(image, content)
            quality = jpeg_quality(getattr(image, "quantization", {}).get(0))
    except Image.DecompressionBombError:
        raise PhotoError(f"{file_name}: more than {MAX_PIXELS / 1e6:.0f} million pixels; refused unread") from None
    except UnidentifiedImageError:
        raise PhotoError(f"{file_name}: not a PNG, JPEG, TIFF or DNG photo") from None
    except (*_DAMAGED, KeyError, IndexError) as error:
        raise PhotoError(f"{file_name}: not a readable PNG, JPEG, TIFF or DNG photo ({_first_line(error)})") from None
    _refuse_large(*size, file_name)
    orientation = orientation_of(exif)
    shape = _upright_shape((size[1], size[0]), orientation)
    return PanelPhoto(
        file_name=file_name,
        sha256=hashlib.sha256(content).hexdigest(),
        stored=_ImageFile(content, file_name, shape, orientation, kind, mode, wide),
        format=kind,
        jpeg_quality=quality,
        **conditions(exif),
    )


def _refuse_large(width: int, height: int, file_name: str) -> None:
    if width * height > MAX_PIXELS:
        raise PhotoError(
            f"{file_name}: {width} × {height} is {width * height / 1e6:.0f} million pixels; "
            f"at most {MAX_PIXELS / 1e6:.0f} million are decoded. Send the single frame, not a panorama"
        )


@dataclass(frozen=True, slots=True, eq=False)
class _RawFile:
    """A DNG, decoded whenever it is asked for."""

    content: bytes
    file_name: str
    shape: tuple[int, int]
    orientation: int

    def encoded(self) -> EncodedImage:
        return _finished(decode_raw(self.content, self.file_name), self.orientation)

    def luma(self) -> EncodedImage:
        return luma_of(self.encoded())


@dataclass(frozen=True, slots=True, eq=False)
class _ImageFile:
    """A PNG, JPEG or TIFF, decoded whenever it is asked for."""

    content: bytes
    file_name: str
    shape: tuple[int, int]
    orientation: int
    kind: str
    mode: str
    wide: bool

    def encoded(self) -> EncodedImage:
        if self._is_plain_jpeg:
            return self._decoded(
                lambda: _plain_jpeg(self.content, cv2.IMREAD_COLOR_RGB if self.mode == "RGB" else cv2.IMREAD_GRAYSCALE)
            )
        return self._decoded(lambda: _wide_pixels(self.content) if self.wide else _byte_pixels(self.content))

    def luma(self) -> EncodedImage:
        if self._is_plain_jpeg:
            # A JPEG stores luma: without colour its decoding takes two thirds of the time and gives the same.
            return self._decoded(lambda: _plain_jpeg(self.content, cv2.IMREAD_GRAYSCALE))
        encoded = self.encoded()
        return encoded if encoded.ndim == 2 else luma_of(encoded)

    @property
    def _is_plain_jpeg(self) -> bool:
        return self.kind == "JPEG" and self.mode in ("L", "RGB")

    def _decoded(self, decode: Callable[[], NDArray[Any]]) -> EncodedImage:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # damage that Pillow only warns of shows in what it gives
                stored = decode()
        except _DAMAGED as error:
            raise PhotoError(
                f"{self.file_name}: damaged or truncated {self.kind} ({_first_line(error)}); copy it again"
            ) from None
        if stored.dtype not in (np.uint8, np.uint16):
            raise PhotoError(f"{self.file_name}: {stored.dtype} pixels; expected 8 or 16 bits a channel")
        finished = _finished(stored, self.orientation)
        if finished.shape[:2] != self.shape:
            raise PhotoError(
                f"{self.file_name}: its header says {self.shape[1]} × {self.shape[0]} pixels, "
                f"{finished.shape[1]} × {finished.shape[0]} were decoded; copy it again"
            )
        return finished


def _finished(stored: NDArray[Any], orientation: int) -> EncodedImage:
    """Upright, without transparency or a lone last axis, contiguous and read-only."""
    if stored.ndim == 3 and stored.shape[2] in (2, 4):
        stored = stored[..., :-1]
    if stored.ndim == 3 and stored.shape[2] == 1:
        stored = stored[..., 0]
    upright = np.ascontiguousarray(_upright(stored, orientation))
    upright.setflags(write=False)
    return upright


def _is_wide(image: Image.Image, content: bytes) -> bool:
    """Whether a channel has more than 8 bits; Pillow would narrow 16-bit colour without a word."""
    if image.format == "PNG":
        return content[24:25] > b"\x08"
    if image.format == "TIFF":
        bits = image.tag_v2.get(258, (8,))  # type: ignore[attr-defined]
        return bool(max(bits) > 8)
    return False


def _plain_jpeg(content: bytes, colour: int) -> NDArray[Any]:
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), colour | cv2.IMREAD_IGNORE_ORIENTATION)
    if decoded is None:
        raise ValueError("it ends early or does not decode")
    return np.asarray(decoded)


def _wide_pixels(content: bytes) -> NDArray[Any]:
    with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
        image.load()  # raises where the file is truncated, which OpenCV does not
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None:
        raise ValueError("no decoder for it")
    if decoded.ndim == 3 and decoded.shape[2] == 3:
        return np.asarray(decoded[..., ::-1])
    if decoded.ndim == 3 and decoded.shape[2] == 4:
        return np.asarray(decoded[..., [2, 1, 0, 3]])
    return np.asarray(decoded)


def _byte_pixels(content: bytes) -> NDArray[Any]:
    with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
        transparency = "transparency" in image.info
        if image.mode in ("1", "L"):
            return np.asarray(image.convert("L"))
        if image.mode in ("LA", "RGBA"):
            return np.asarray(image)
        if image.mode == "PA" or (image.mode == "P" and transparency):
            return np.asarray(image.convert("RGBA"))
        return np.asarray(image.convert("RGB"))


def _upright_shape(stored: tuple[int, int], orientation: int) -> tuple[int, int]:
    return (stored[1], stored[0]) if orientation in (5, 6, 7, 8) else stored


def _upright(stored: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Undo the EXIF orientation, 1 to 8."""
    if orientation in (5, 6, 7, 8):
        stored = np.swapaxes(stored, 0, 1)
    if orientation in (3, 4, 7, 8):
        stored = stored[::-1]
    if orientation in (2, 3, 6, 7):
        stored = stored[:, ::-1]
    return stored


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:120] if lines else type(error).__name__
