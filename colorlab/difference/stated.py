"""Do the colours we compute from a spectrum agree with the colours the instrument states beside it?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.colours import colours_of
from colorlab.colorimetry.illuminants import is_tabulated
from colorlab.colorimetry.library import colour_science
from colorlab.colorimetry.spaces import lch_to_lab, xyz_to_lab
from colorlab.colorimetry.viewing import Viewing
from colorlab.difference.standard import delta_E
from spectra.arrays import FloatArray, frozen
from spectra.measurement import Measurement
from spectra.stated import StatedColour

FORMULA = "CIEDE2000"


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """One stated colour beside ours.

    Attributes
    ----------
    viewing : Viewing
        The one the file declares.
    stated_Lab, computed_Lab : ndarray, shape (n_angles, 3)
        NaN where the file states none.
    delta_E : ndarray, shape (n_angles,)
        CIEDE2000, ours against the instrument's; NaN where the file states none.
    """

    viewing: Viewing
    stated_Lab: FloatArray
    computed_Lab: FloatArray
    delta_E: FloatArray


def agreement(measurement: Measurement) -> tuple[Agreement, ...]:
    """Ours against each stated colour whose illuminant and observer the file declares and we have tables for.

    Raises
    ------
    WavelengthRangeError
        If the spectrum does not reach far enough for a colour.
    """
    found = []
    for stated in measurement.stated:
        viewing = viewing_of(stated)
        if viewing is None:
            continue
        own = colours_of(measurement, viewing)
        theirs = lab_of_stated(stated, own.white[0])
        computed = own.Lab[:, 0]
        difference = np.full(len(theirs), np.nan)
        given = np.isfinite(theirs).all(axis=1)
        difference[given] = delta_E(theirs[given], computed[given], FORMULA)
        found.append(Agreement(viewing, frozen(theirs), frozen(computed), frozen(difference)))
    return tuple(found)


def viewing_of(stated: StatedColour) -> Viewing | None:
    """The viewing a stated colour declares; None if it does not, or of an illuminant that has no table."""
    if not stated.illuminant or stated.observer not in ("2°", "10°") or not is_tabulated(stated.illuminant):
        return None
    return Viewing(stated.illuminant, "2°" if stated.observer == "2°" else "10°")


def lab_of_stated(stated: StatedColour, white: ArrayLike) -> FloatArray:
    """CIELAB of coordinates in any of the spaces a file may state, shape (n_angles, 3).

    Parameters
    ----------
    stated : StatedColour
    white : array_like, shape (3,)
        XYZ of the perfect diffuser under the viewing the coordinates are of, Y = 100.
    """
    values, reference = stated.values, np.asarray(white, dtype=np.float64)
    if stated.space == "Lab":
        return values
    if stated.space == "LCh":
        return lch_to_lab(values)
    if stated.space == "XYZ":
        return xyz_to_lab(values, reference)
    colour = colour_science()
    if stated.space == "xyY":
        XYZ = 100 * colour.xyY_to_XYZ(values * [1, 1, 0.01])
    else:
        XYZ = 100 * colour.Luv_to_XYZ(values, colour.XYZ_to_xy(reference))
    return xyz_to_lab(XYZ, reference)
