"""Percent or fraction: the rules by which the unit of reflectance values is taken, and a wrong one caught."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray
from spectra.errors import MalformedFileError
from spectra.formats.base import ReflectanceUnit

# R is the CIE's symbol of the reflectance factor, a plain number that is 1 for the perfect diffuser; the trade writes
# percent as %R. Above this value nothing but flakes near the specular direction is a plain number.
FRACTION_CEILING = 2.0

# Percent and fraction differ by 100; the mean of 500–620 nm and the luminous reflectance of a paint by less than 10.
CONTRADICTION = 10.0
LUMINOUS_NM = (500.0, 620.0)
DARKEST_L = 3.0  # below, L* is too coarse to judge by

REMEDY = "Declare it: --unit percent or --unit fraction"


def decide_unit(
    headings: ReflectanceUnit | None, told: ReflectanceUnit | None, symbol_R: bool, largest: float, file_name: str
) -> tuple[ReflectanceUnit, str | None]:
    """The unit of a table, and the note to make where it rests on a convention.

    Declared by the headings (`%R400`, `400 nm [%]`) or by the user: taken. Declared by both in different ways: refused.
    Declared by neither: columns headed by the symbol R (`R400`) are reflectance factors, unless a value above 2 says
    that the writer of the file meant percent; columns headed by bare wavelengths (`400nm`) declare nothing: refused.
    No value is ever taken as evidence *for* a unit. What is left is a table of R columns that holds percent values of
    deep blacks only, all below 2 %: the note says how to declare that, and stated L* catch it.

    Parameters
    ----------
    headings, told : {"percent", "fraction"} or None
    symbol_R : bool
        Whether every wavelength column is headed by R.
    largest : float
        Greatest magnitude in the table, as it stands there.
    file_name : str

    Raises
    ------
    MalformedFileError
        If nothing declares the unit, or two declarations disagree.
    """
    if headings and told and headings != told:
        raise MalformedFileError(file_name, f"the headings declare {headings}", expected=f"{told}, as was said")
    declared = headings or told
    if declared:
        return declared, None
    if not symbol_R:
        raise MalformedFileError(
            file_name, f"no unit is declared; values reach {largest:g}", expected="percent or fraction", remedy=REMEDY
        )
    if largest > FRACTION_CEILING:
        raise MalformedFileError(
            file_name,
            f"columns headed R reach {largest:g} and no unit is declared",
            expected=f"%R for percent, or reflectance factors up to {FRACTION_CEILING:g}",
            remedy=REMEDY,
        )
    return "fraction", (
        f"no unit is declared: columns headed R are taken as reflectance factors (1 = perfect diffuser; values reach "
        f"{largest:g}); if they are percent, declare it: --unit percent"
    )


def refuse_contradicted_unit(
    reflectance_factor: ArrayLike, wavelengths: ArrayLike, lightness: ArrayLike, file_name: str, where: str
) -> None:
    """Refuse spectra that are a hundred times too bright or too dark for the L* that stand beside them.

    Parameters
    ----------
    reflectance_factor : array_like, shape (n, n_wavelengths)
        As the unit taken makes them.
    wavelengths : array_like, shape (n_wavelengths,)
        [nm]
    lightness : array_like, shape (n,)
        L* as the file states it, under any illuminant.

    Raises
    ------
    MalformedFileError
    """
    L = np.asarray(lightness, dtype=np.float64)
    nm = np.asarray(wavelengths, dtype=np.float64)
    band = (nm >= LUMINOUS_NM[0]) & (nm <= LUMINOUS_NM[1])
    usable = (L > DARKEST_L) & (L < 400)  # flakes reach 200 near the specular direction
    if not band.any() or not usable.any():
        return
    spectra = np.asarray(reflectance_factor, dtype=np.float64)[usable][:, band]
    ratio = float(np.median(np.abs(spectra.mean(axis=1)) / _luminous_reflectance(L[usable])))
    if not 1 / CONTRADICTION < ratio < CONTRADICTION:
        raise MalformedFileError(
            file_name,
            f"the spectra are {ratio:.3g} times as bright as the L* beside them",
            where=where,
            expected="about the same",
            remedy=f"Is the unit right? {REMEDY}",
        )


def _luminous_reflectance(L: FloatArray) -> FloatArray:
    """Y/Yn of a lightness, CIE 15:2018, equation 8.9 inverted."""
    f = (L + 16) / 116
    inverse: FloatArray = np.where(f > 6 / 29, f**3, (f - 4 / 29) * 3 * (6 / 29) ** 2)
    return inverse
