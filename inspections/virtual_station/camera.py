"""The camera of the virtual station: shaking hand, noise, sRGB, and a JPEG with EXIF."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import ExifTags, Image, TiffImagePlugin

from inspections.photos.photo import FloatImage
from inspections.virtual_station.rig import SimulatedRig

_LEVELS = 4096
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
    handheld : bool
        Every photo is taken from a little elsewhere.
    automatic : bool
        EXIF says that exposure and white balance were automatic.
    """

    def __init__(
        self, rig: SimulatedRig, rng: np.random.Generator, *, handheld: bool = False, automatic: bool = False
    ) -> None:
        self.rig, self.rng, self.handheld, self.automatic = rig, rng, handheld, automatic
        self._drawn: FloatImage | None = None

    def photograph(self, image: FloatImage) -> bytes:
        """Noise, sRGB, JPEG with EXIF.

        Parameters
        ----------
        image : ndarray of float32, shape (height, width)
            Linear, 1 = full scale.
        """
        if self.handheld:
            shift = 0.8 * self.rng.standard_normal(2)
            moved = np.array([[1.0, 0.0, shift[0]], [0.0, 1.0, shift[1]]])
            image = np.asarray(
                cv2.warpAffine(image, moved, image.shape[::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
            )
        well, read = self.rig.full_well, self.rig.read_noise
        noise = self._unit_noise(image)
        noise *= np.sqrt(np.maximum(image, 0) / np.float32(well) + np.float32((read / well) ** 2))
        level = np.clip((image + noise) * np.float32(_LEVELS - 1), 0, _LEVELS - 1).astype(np.uint16)
        file = io.BytesIO()
        Image.fromarray(_SRGB[level]).save(file, "JPEG", quality=self.rig.jpeg_quality, exif=self._exif())
        return file.getvalue()

    def _unit_noise(self, image: FloatImage) -> FloatImage:
        """Unit noise: one drawing per capture, read from another place for each frame."""
        if self._drawn is None:
            self._drawn = self.rng.standard_normal(image.size * 5 // 4, dtype=np.float32)
        start = int(self.rng.integers(self._drawn.size - image.size))
        return self._drawn[start : start + image.size].reshape(image.shape).copy()

    def _exif(self) -> Image.Exif:
        exif = Image.Exif()
        exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "simulated", "virtual station"
        rational = TiffImagePlugin.IFDRational
        exif.get_ifd(ExifTags.IFD.Exif).update(
            {
                ExifTags.Base.ExposureTime: rational(1, 15),
                ExifTags.Base.FNumber: rational(14, 1),
                ExifTags.Base.ISOSpeedRatings: 100,
                ExifTags.Base.FocalLength: rational(35, 1),
                ExifTags.Base.ExposureMode: 0 if self.automatic else 1,
                ExifTags.Base.WhiteBalance: 0 if self.automatic else 1,
            }
        )
        return exif
