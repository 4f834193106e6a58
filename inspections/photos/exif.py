"""What the camera wrote about the exposure: EXIF, where a field that makes no sense is a field that is not there."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from typing import Any

from PIL import ExifTags, Image

from inspections.photos.photo import Mode

_RENDERED: Mapping[float | None, str] = {2: "HDR", 3: "HDR", 4: "HDR", 6: "panorama", 7: "portrait", 8: "portrait"}
"""Values of CustomRendered beyond the standard's 0 and 1, as phones write them."""
_SCENES: Mapping[float | None, str] = {1: "landscape", 2: "portrait", 3: "night"}
"""SceneCaptureType, CIPA DC-008 (Exif 2.32), table 22."""
_UNREADABLE = (OSError, ValueError, SyntaxError, TypeError, KeyError, EOFError, IndexError, struct.error)


def exif_of(image: Image.Image) -> Mapping[int, Any]:
    """Both EXIF directories of an opened image in one mapping; empty when there is none or it cannot be read."""
    try:
        return _both(image.getexif())
    except _UNREADABLE:
        return {}


def tiff_tags(content: bytes) -> Mapping[int, Any]:
    """Tags of the first directory of a TIFF file and of its EXIF directory; empty where they cannot be read."""
    exif = Image.Exif()
    try:
        exif.load(b"Exif\0\0" + content)
        return _both(exif)
    except _UNREADABLE:
        return {}


def _both(exif: Image.Exif) -> Mapping[int, Any]:
    return {**dict(exif), **dict(exif.get_ifd(ExifTags.IFD.Exif))}


def orientation_of(exif: Mapping[int, Any]) -> int:
    """How the camera was held, 1 to 8; 1, upright, where it does not say."""
    value = exif.get(ExifTags.Base.Orientation)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def conditions(exif: Mapping[int, Any]) -> dict[str, Any]:
    """What EXIF says about the exposure, by the names of the fields of `PanelPhoto`."""
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
        "digital_zoom": _number(exif.get(tag.DigitalZoomRatio)),
        "flash_fired": _fired(exif.get(tag.Flash)),
        "processing": _processing(exif),
        "size_taken": _size(exif.get(tag.ExifImageWidth), exif.get(tag.ExifImageHeight)),
    }


def _fired(flash: Any) -> bool | None:
    number = _number(flash)
    return None if number is None else bool(int(number) & 1)


def _processing(exif: Mapping[int, Any]) -> str | None:
    made = _RENDERED.get(_number(exif.get(ExifTags.Base.CustomRendered)))
    return made or _SCENES.get(_number(exif.get(ExifTags.Base.SceneCaptureType)))


def _size(width: Any, height: Any) -> tuple[int, int] | None:
    numbers = _number(width), _number(height)
    return (int(numbers[0]), int(numbers[1])) if numbers[0] and numbers[1] else None


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
