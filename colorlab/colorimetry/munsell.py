"""Munsell notation of a spectrum, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.library import colour_science
from colorlab.colorimetry.spaces import xyz_to_xyy
from colorlab.colorimetry.tristimulus import xyz
from colorlab.colorimetry.viewing import Viewing
from colorlab.colorimetry.weights import white_point
from spectra.errors import WavelengthRangeError
from spectra.wavelengths import WavelengthGrid

# The renotation is stated for Illuminant C and the 2° observer.
C_2 = Viewing("C", "2°")


@dataclass(frozen=True, slots=True)
class MunsellNotation:
    """A notation such as `4.2YR 8.1/5.3` or `N7.5`, or the reason why the colour has none."""

    notation: str | None
    reason: str = ""

    def __str__(self) -> str:
        return self.notation or f"no Munsell notation: {self.reason}"


def munsell(reflectance_factor: ArrayLike, grid: WavelengthGrid) -> MunsellNotation:
    """Munsell notation of one spectrum, interpolated in the renotation of 1943.

    Parameters
    ----------
    reflectance_factor : array_like, shape (n_wavelengths,)
    grid : WavelengthGrid

    Raises
    ------
    WavelengthRangeError
        If it is not one spectrum, or see `colorlab.colorimetry.weights.weights`.

    References
    ----------
    .. [1] S. M. Newhall, D. Nickerson, D. B. Judd, "Final report of the O.S.A. subcommittee on the spacing of the
       Munsell colors", J. Opt. Soc. Am. 33 (1943) 385–418.
    .. [2] P. Centore, "An open-source inversion algorithm for the Munsell renotation", Color Res. Appl. 37 (2012)
       455–464.
    """
    spectrum = np.asarray(reflectance_factor, dtype=np.float64)
    if spectrum.ndim != 1:
        raise WavelengthRangeError(f"Munsell notation is found for one spectrum at a time; shape {spectrum.shape}")
    x, y, Y = xyz_to_xyy(xyz(spectrum, grid, C_2), white_point(C_2, grid))
    if not 0 <= Y <= 100:
        return MunsellNotation(None, f"Y = {Y:.1f} is not within 0…100, black to white")
    library = colour_science()
    with library.utilities.suppress_warnings(python_warnings=True, colour_warnings=True):
        try:
            notation = str(library.notation.xyY_to_munsell_colour([x, y, Y / 100]))
        except (ValueError, RuntimeError, AssertionError):
            # The library searches the renotation cell by cell and fails where a cell is not tabulated.
            return MunsellNotation(None, f"x = {x:.4f}, y = {y:.4f}, Y = {Y:.1f} lies outside the renotation's table")
    return MunsellNotation(notation)
