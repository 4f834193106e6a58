"""The camera of the virtual station: hand and shake, noise, sRGB, sharpening, and a JPEG with EXIF."""

from __future__ import annotations

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, TiffImagePlugin

from inspections.photos.photo import FloatImage
from inspections.virtual_station.faults import CaptureConditions
from inspections.virtual_station.rig import SimulatedRig

_LEVELS = 4096
EXPOSURE_S = 1 / 15
"""Of every photo that is not part of a bracket. [s]"""
_FOCAL_MM = 35.0
_SHARPENED_PX = 1.0
"""Standard deviation of the unsharp mask. [pixel]"""
_BANDS = 5
"""Bands of a flickering screen over the height of the picture."""
_linear = np.arange(_LEVELS) / (_LEVELS - 1)
_SRGB = np.round(255 * np.where(_linear <= 0.0031308, 12.92 * _linear, 1.055 * _linear ** (1 / 2.4) - 0.055)).astype(
    np.uint8
)


class Camera:
    """Turns linear images into the bytes of photo files; holds the noise of one capture.

    Parameters
    ----------
    rig : SimulatedRig
    rng : numpy.random.Generator
    conditions : CaptureConditions
    """

    def __init__(
        self, rig: SimulatedRig, rng: np.random.Generator, conditions: CaptureConditions | None = None
    ) -> None:
        self.rig, self.rng, self.conditions = rig, rng, conditions or CaptureConditions()
        self._drawn: FloatImage | None = None
        self._line = _line(self.conditions.shake_px, rng) if self.conditions.shake_px else None

    def photograph(self, image: FloatImage, exposure: float = 1.0) -> bytes:
        """Light, movement, noise, sRGB, sharpening, JPEG with EXIF.

        Parameters
        ----------
        image : ndarray of float32, shape (height, width)
            Linear, 1 = full scale.
        exposure : float
            Exposure time over the usual one; EXIF says so.
        """
        seen = self._moved(self._lit(image, exposure))
        well, read = self.rig.full_well, self.rig.read_noise
        noise = self._unit_noise(seen)
        noise *= np.sqrt(np.maximum(seen, 0) / np.float32(well) + np.float32((read / well) ** 2))
        level = np.clip((seen + noise) * np.float32(_LEVELS - 1), 0, _LEVELS - 1).astype(np.uint16)
        stored = self._processed(_SRGB[level])
        file = io.BytesIO()
        exif = self._exif(exposure, image.shape)
        Image.fromarray(stored).save(file, "JPEG", quality=self.rig.jpeg_quality, exif=exif)
        return file.getvalue()

    def _lit(self, image: FloatImage, exposure: float) -> FloatImage:
        """Exposure, its scatter, bands and veil."""
        conditions = self.conditions
        factor = conditions.exposure * exposure
        if conditions.exposure_scatter:
            factor *= 1.0 + conditions.exposure_scatter * float(self.rng.standard_normal())
        if factor != 1.0:
            image = image * np.float32(factor)
        if conditions.banding:
            turn = 2 * np.pi * (_BANDS * np.arange(image.shape[0]) / image.shape[0] + self.rng.random())
            image = image * (1 + conditions.banding * np.cos(turn))[:, None].astype(np.float32)
        return image + np.float32(conditions.veil) if conditions.veil else image

    def _moved(self, image: FloatImage) -> FloatImage:
        """The picture as a whole from a little elsewhere, along a line, and bent by the lens."""
        if self.conditions.hand_mm:
            shift = self.conditions.hand_mm / self.rig.pixel_mm * self.rng.standard_normal(2)
            moved = np.array([[1.0, 0.0, shift[0]], [0.0, 1.0, shift[1]]])
            image = np.asarray(
                cv2.warpAffine(image, moved, image.shape[::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE),
                dtype=np.float32,
            )
        if self._line is not None:
            image = np.asarray(cv2.filter2D(image, -1, self._line), dtype=np.float32)
        if self.conditions.warp_px:
            image = _bent(image, self.conditions.warp_px)
        return image

    def _processed(self, stored: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """What the camera makes of its levels: sharpened, made smaller."""
        if self.conditions.sharpening:
            soft = cv2.GaussianBlur(stored, (0, 0), _SHARPENED_PX)
            share = self.conditions.sharpening
            stored = np.asarray(cv2.addWeighted(stored, 1 + share, soft, -share, 0), dtype=np.uint8)
        if self.conditions.shrink != 1.0:
            share = self.conditions.shrink
            smaller = cv2.resize(stored, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
            stored = np.asarray(smaller, dtype=np.uint8)
        return stored

    def _unit_noise(self, image: FloatImage) -> FloatImage:
        """Unit noise: one drawing per capture, read from another place for each frame."""
        if self._drawn is None:
            self._drawn = self.rng.standard_normal(image.size * 5 // 4, dtype=np.float32)
        start = int(self.rng.integers(self._drawn.size - image.size))
        return self._drawn[start : start + image.size].reshape(image.shape).copy()

    def _exif(self, exposure: float, shape: tuple[int, ...]) -> Image.Exif:
        exif = Image.Exif()
        exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "simulated", "virtual station"
        rational = TiffImagePlugin.IFDRational
        automatic = self.conditions.automatic
        exif.get_ifd(ExifTags.IFD.Exif).update(
            {
                ExifTags.Base.ExposureTime: rational(round(1e6 * EXPOSURE_S * exposure), 1_000_000),
                ExifTags.Base.FNumber: rational(14, 1),
                ExifTags.Base.ISOSpeedRatings: 100,
                ExifTags.Base.FocalLength: rational(round(100 * _FOCAL_MM * self.conditions.zoom), 100),
                ExifTags.Base.ExposureMode: 0 if automatic else 1,
                ExifTags.Base.WhiteBalance: 0 if automatic else 1,
                ExifTags.Base.ExifImageWidth: shape[1],
                ExifTags.Base.ExifImageHeight: shape[0],
            }
        )
        return exif


def _line(length_px: float, rng: np.random.Generator) -> FloatImage:
    """Kernel of a movement along one direction, drawn once: a tripod that swings, swings in one direction."""
    direction = rng.random() * np.pi
    reach = int(np.ceil(length_px / 2)) + 1
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    for along in np.linspace(-length_px / 2, length_px / 2, 8 * reach):
        column, row = reach + along * np.cos(direction), reach + along * np.sin(direction)
        left, top = int(column), int(row)
        right, bottom = column - left, row - top
        kernel[top : top + 2, left : left + 2] += np.outer([1 - bottom, bottom], [1 - right, right]).astype(np.float32)
    return np.asarray(kernel / kernel.sum(), dtype=np.float32)


def _bent(image: FloatImage, corner_px: float) -> FloatImage:
    """Bent outwards and back inwards over the radius, by up to `corner_px`; one radial term does not hold it."""
    height, width = image.shape
    x, y = np.arange(width) - (width - 1) / 2, np.arange(height) - (height - 1) / 2
    radius = np.hypot(x[None, :], y[:, None]) / (np.hypot(width, height) / 2)
    bend = corner_px * np.sin(2 * np.pi * radius) / (np.hypot(width, height) / 2) / np.maximum(radius, 1e-6)
    at_x, at_y = (width - 1) / 2 + x[None, :] * (1 + bend), (height - 1) / 2 + y[:, None] * (1 + bend)
    bent = cv2.remap(
        image, at_x.astype(np.float32), at_y.astype(np.float32), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(bent, dtype=np.float32)
