"""A colour as a screen can show it, marked where the screen cannot, with how far it then is from the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.library import colour_science
from colorlab.colorimetry.spaces import lab_to_xyz, xyz_to_lab

ScreenSpace = Literal["sRGB", "Display P3"]

# Half a step of the 256 a screen has: a channel off by less is what the screen shows anyway.
_OUTSIDE = 0.5 / 255


@dataclass(frozen=True, slots=True)
class Swatch:
    """A colour a screen can show.

    Attributes
    ----------
    hex : str
        `#rrggbb` in its space.
    in_gamut : bool
        Whether the screen really can show the colour; if not, it shows another.
    space : {"sRGB", "Display P3"}
    delta_E_00 : float
        CIEDE2000 from the colour to what is shown: rounding to 256 steps, and what the gamut cuts off.
    """

    hex: str
    in_gamut: bool
    space: ScreenSpace = "sRGB"
    delta_E_00: float = 0.0

    @property
    def css(self) -> str:
        """As a style sheet writes it."""
        if self.space == "sRGB":
            return self.hex
        channels = " ".join(f"{int(self.hex[at : at + 2], 16) / 255:.4f}" for at in (1, 3, 5))
        return f"color(display-p3 {channels})"


def swatch(lab: ArrayLike, space: ScreenSpace = "sRGB") -> Swatch:
    """Swatch of a CIELAB colour under D65/10°, each channel clipped into the gamut and marked when one had to be.

    A screen is white under its own D65: the lightness and chroma relations to the white are kept, the small difference
    between the 10° and 2° observers is not corrected.

    Parameters
    ----------
    lab : array_like, shape (3,)
    space : {"sRGB", "Display P3"}

    References
    ----------
    .. [1] IEC 61966-2-1:1999, sRGB; SMPTE EG 432-1:2010 with D65 and the sRGB transfer function, Display P3.
    """
    colour, true = colour_science(), np.asarray(lab, dtype=np.float64)
    screen = colour.RGB_COLOURSPACES[space]
    x, y = screen.whitepoint
    white = 100 * np.array([x / y, 1.0, (1 - x - y) / y])
    linear = screen.matrix_XYZ_to_RGB @ (lab_to_xyz(true, white) / 100)
    with colour.utilities.suppress_warnings(python_warnings=True):
        channels = np.asarray(screen.cctf_encoding(linear), dtype=np.float64)
    in_gamut = bool(((channels >= -_OUTSIDE) & (channels <= 1 + _OUTSIDE)).all())
    steps = np.rint(255 * np.clip(channels, 0, 1)).astype(int)
    shown = xyz_to_lab(100 * screen.matrix_RGB_to_XYZ @ screen.cctf_decoding(steps / 255), white)
    apart = float(colour.difference.delta_E_CIE2000(true, shown))
    red, green, blue = steps
    return Swatch(f"#{red:02x}{green:02x}{blue:02x}", in_gamut, space, apart)
