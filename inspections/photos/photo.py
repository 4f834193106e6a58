"""A photo of a panel: its pixels, upright, what the camera said about the exposure, and the light in them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from inspections.photos.response import SRGB_ASSUMED, Response
from inspections.photos.response import EncodedImage as EncodedImage
from inspections.photos.response import FloatImage as FloatImage

Mode = Literal["auto", "manual"]
Channel = Literal["luma", "red", "green", "blue"]

CHANNELS: tuple[Channel, ...] = ("red", "green", "blue")
CLIPPED_LEVEL = 254 / 255
"""Encoded level from which a channel counts as clipped: full scale, or one step below it after JPEG."""


class StoredPixels(Protocol):
    """Pixels that are still in their file: decoded at each call, upright, and not kept."""

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width, upright. [pixel]"""

    def encoded(self) -> EncodedImage:
        """All channels, as `PanelPhoto.encoded`; raises PhotoError where the file is damaged."""

    def luma(self) -> EncodedImage:
        """Luma alone, which some decoders give sooner than colour; raises PhotoError where the file is damaged."""


@dataclass(frozen=True, slots=True, eq=False)
class PanelPhoto:
    """One photo, as the camera wrote it, upright.

    Attributes
    ----------
    file_name, sha256 : str
    stored : ndarray of uint8 or uint16, shape (height, width) or (height, width, 3), or StoredPixels
        Pixels in memory, red first; or pixels still in their file, which are decoded whenever they are asked for:
        a capture of twenty frames then never holds more than the frame it looks at.
    format : str
        "PNG", "JPEG", "TIFF" or "DNG".
    response : Response
        How levels become light.
    channel : {"luma", "red", "green", "blue"}
        What `grey` takes. A reflection in clear coat is white, so luma serves, with the least noise where the camera
        balanced its channels. Raw pixels are not balanced: red and blue lag behind green, and hold a quarter of the
        mosaic each, so for them it is green.
    exposure_time_s, f_number, iso, focal_length_mm : float or None
        From EXIF; None where it does not say.
    white_balance, exposure_mode : {"auto", "manual"} or None
    make, model, taken_at : str or None
    digital_zoom : float or None
        Enlarged by the camera; 1 is not.
    flash_fired : bool or None
    processing : str or None
        What the camera made of several exposures or of a scene it believed in: "HDR", "night", "portrait" …
    size_taken : tuple of (int, int) or None
        Width and height when the photo was taken, as EXIF says. [pixel]
    jpeg_quality : float or None
        Of the luma, by its quantisation; None where the file is no JPEG. [1-100]
    """

    file_name: str
    sha256: str
    stored: EncodedImage | StoredPixels
    format: str
    response: Response = SRGB_ASSUMED
    channel: Channel = "luma"
    exposure_time_s: float | None = None
    f_number: float | None = None
    iso: float | None = None
    focal_length_mm: float | None = None
    white_balance: Mode | None = None
    exposure_mode: Mode | None = None
    make: str | None = None
    model: str | None = None
    taken_at: str | None = None
    digital_zoom: float | None = None
    flash_fired: bool | None = None
    processing: str | None = None
    size_taken: tuple[int, int] | None = None
    jpeg_quality: float | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width. [pixel]"""
        height, width = self.stored.shape[:2]
        return height, width

    @property
    def in_memory(self) -> bool:
        """Whether its pixels are at hand; else each look at them decodes the file."""
        return isinstance(self.stored, np.ndarray)

    @property
    def encoded(self) -> EncodedImage:
        """Pixels as stored, red first: uint8 or uint16, shape (height, width) or (height, width, 3)."""
        return self.stored if isinstance(self.stored, np.ndarray) else self.stored.encoded()

    @property
    def pixels(self) -> FloatImage:
        """Linear pixels, float32 of the shape of `encoded`, 1 = full scale; computed at each call."""
        return self.response.linear(self.encoded)

    def decoded(self) -> PanelPhoto:
        """The same photo with all its pixels in memory, for who looks at it more than once."""
        return self if isinstance(self.stored, np.ndarray) else replace(self, stored=self.encoded)

    def grey_only(self) -> PanelPhoto:
        """The same photo with nothing but its `grey` in memory: for who needs no colour, but looks more than once."""
        return replace(self, stored=self.grey())

    def grey(self) -> EncodedImage:
        """Encoded light, shape (height, width): `channel`, or what a monochrome camera would have stored, nearly."""
        if not isinstance(self.stored, np.ndarray) and self.channel == "luma":
            return self.stored.luma()
        encoded = self.encoded
        if encoded.ndim == 2:
            return encoded
        if self.channel == "luma":
            return luma_of(encoded)
        return encoded[..., CHANNELS.index(self.channel)].copy()

    def linear_grey(self) -> FloatImage:
        """Linear light, float32, shape (height, width), 1 = full scale.

        The luma is taken before linearising: a reflection in clear coat is white, so the order makes no
        difference that matters, and it costs a third.
        """
        return self.response.linear(self.grey())

    def clipped_share(self) -> float:
        """Share of pixels with a channel at full scale; decodes all channels. [0-1]"""
        return float(np.mean(is_clipped(self.encoded)))

    def with_response(self, response: Response) -> PanelPhoto:
        """The same photo, linearised by a curve that the station measured; raw pixels are linear and stay so."""
        return self if self.format == "DNG" else replace(self, response=response)

    def with_channel(self, channel: Channel) -> PanelPhoto:
        """The same photo, of which `grey` takes another channel."""
        return replace(self, channel=channel)


def luma_of(encoded: EncodedImage) -> EncodedImage:
    """Luma of encoded colour, shape (height, width, 3), red first; same depth."""
    luma = cv2.cvtColor(encoded, cv2.COLOR_RGB2GRAY)
    return luma.astype(np.uint8, copy=False) if encoded.dtype == np.uint8 else luma.astype(np.uint16, copy=False)


def is_clipped(encoded: EncodedImage) -> NDArray[np.bool_]:
    """Where a channel is at full scale, shape (height, width)."""
    level = math.ceil(CLIPPED_LEVEL * int(np.iinfo(encoded.dtype).max))
    if encoded.ndim == 2:
        return np.asarray(encoded >= level)
    red, green, blue = (encoded[..., k] >= level for k in range(3))
    return np.asarray(red | green | blue)
