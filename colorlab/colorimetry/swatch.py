"""A colour as a screen can show it, marked where the screen cannot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.library import colour_science


@dataclass(frozen=True, slots=True)
class Swatch:
    """A colour a screen can show, and whether the screen really can."""

    hex: str
    in_gamut: bool


def swatch(lab: ArrayLike) -> Swatch:
    """sRGB swatch of a CIELAB colour under D65/10°, clipped into the gamut and marked when it had to be.

    A screen is white under its own D65: the lightness and chroma relations to the white are kept, the small difference
    between the 10° and 2° observers is not corrected.

    Parameters
    ----------
    lab : array_like, shape (3,)
    """
    colour = colour_science()
    white = colour.CCS_ILLUMINANTS["CIE 1931 2 Degree Standard Observer"]["D65"]
    rgb = colour.XYZ_to_sRGB(colour.Lab_to_XYZ(np.asarray(lab, dtype=np.float64), white), white)
    in_gamut = bool(((rgb >= -0.002) & (rgb <= 1.002)).all())
    red, green, blue = np.rint(255 * np.clip(rgb, 0, 1)).astype(int)
    return Swatch(f"#{red:02x}{green:02x}{blue:02x}", in_gamut)
