"""Percent or fraction: the rules by which the unit of reflectance values is taken, and a wrong one caught."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray
from spectra.errors import MalformedFileError
from spectra.excess import FRACTION_CEILING, cannot_be_fraction
from spectra.formats.base import ReadOptions, ReflectanceUnit
from spectra.formats.text import shortened
from spectra.measurement import Measurement
from spectra.stated import ColourSpace
from spectra.wavelengths import WavelengthGrid

# Percent and fraction differ by 100; the mean of 500–620 nm and the luminous reflectance of a paint by less than 10.
CONTRADICTION = 10.0
LUMINOUS_NM = (500.0, 620.0)
DARKEST_L = 3.0  # below, L* is too coarse to judge by
BRIGHTEST_L = 400.0  # flakes reach 200 near the specular direction
_LIGHTNESS: dict[ColourSpace, int] = {"Lab": 0, "LCh": 0, "XYZ": 1, "xyY": 2, "Luv": 0}  # which of three is L* or Y
_LUMINOUS = ("XYZ", "xyY")

REMEDY = "Declare it: --unit percent or --unit fraction"
FRACTION_ALL_THE_SAME = "If they are fractions all the same, say so: --unit fraction"  # of formats without percent


def decide_unit(
    headings: ReflectanceUnit | None, told: ReflectanceUnit | None, symbol_R: bool, largest: float, file_name: str
) -> tuple[ReflectanceUnit, str | None]:
    """The unit of a table, and the note to make where it rests on a convention or looks wrong.

    Declared by the headings (`%R400`, `400 nm [%]`) or by the user: taken, with a note where the percent are such as
    fractions would be (`too_dark_for_percent`). Declared by both in different ways: refused.
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
        return declared, too_dark_for_percent(largest, headings == "percent") if declared == "percent" else None
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


def too_dark_for_percent(largest: float, in_file: bool) -> str | None:
    """The remark on values that are declared percent and look like fractions; None where they do not.

    A surface of paint alone reflects some 4 %, so only a black measured without its gloss stays below 2 % at every
    wavelength and angle; that there are such blacks is why it is a remark and no refusal, as of fractions that look
    like percent (`spectra.screening.screen`).

    Parameters
    ----------
    largest : float
        Greatest magnitude of the table. [%]
    in_file : bool
        Whether the file itself declares percent.
    """
    if largest > FRACTION_CEILING:
        return None
    remedy = "correct the percent signs or the unit in the file" if in_file else "declare --unit fraction"
    return (
        f"CHECK THE UNIT: percent is declared and the largest value of all is {largest:g} %: darker than any paint but "
        f"a black seen without its gloss; if these are fractions, every reflectance is read a hundred times too small: "
        f"{remedy}"
    )


def refuse_percent(
    measurements: Iterable[Measurement], options: ReadOptions, file_name: str, remedy: str = FRACTION_ALL_THE_SAME
) -> None:
    """Refuse values that cannot be the fractions which the format prescribes, unless the user declared a unit.

    What a file itself or the user declares is taken; `spectra.screening.screen` says where it looks wrong. See
    `spectra.excess.cannot_be_fraction` for what a geometry allows.

    Raises
    ------
    MalformedFileError
    """
    if options.reflectance_unit is not None:
        return
    for one in measurements:
        if cannot_be_fraction(one.reflectance_factor, one.geometry):
            raise MalformedFileError(
                file_name,
                f"reflectances up to {one.reflectance_factor.max():g}: looks like percent",
                where=shortened(one.sample),
                expected=f"fractions (1 = perfect diffuser), which away from the mirror angle stay below "
                f"{FRACTION_CEILING:g}",
                remedy=remedy,
            )


def lightness(space: ColourSpace, values: ArrayLike) -> FloatArray:
    """L* of stated colours, from L*, from Y or from the luminance of xyY; the illuminant does not matter.

    Parameters
    ----------
    space : {"Lab", "XYZ", "LCh", "xyY", "Luv"}
    values : array_like, shape (..., 3)
        XYZ and Y with 100 for the perfect diffuser; NaN where none is stated.

    Returns
    -------
    ndarray, shape (...)
    """
    stated: FloatArray = np.asarray(values, dtype=np.float64)[..., _LIGHTNESS[space]]
    if space not in _LUMINOUS:
        return stated
    ratio = np.clip(stated, 0, None) / 100
    return np.where(ratio > (6 / 29) ** 3, 116 * np.cbrt(ratio) - 16, ratio * (29 / 3) ** 3)


def refuse_contradicted_measurements(measurements: Iterable[Measurement], file_name: str) -> None:
    """Refuse every measurement that is a hundred times too bright or too dark for the first colour stated with it.

    Raises
    ------
    MalformedFileError
    """
    alike: dict[tuple[WavelengthGrid, int, ColourSpace], list[Measurement]] = {}
    for one in measurements:
        if one.stated:
            alike.setdefault((one.grid, one.geometry.n_angles, one.stated[0].space), []).append(one)
    for (grid, _, space), members in alike.items():
        spectra = np.array([one.reflectance_factor for one in members])
        L = lightness(space, np.array([one.stated[0].values for one in members]))
        ratios = _brightness(spectra, grid.wavelengths, L)
        for place in np.flatnonzero(~np.isnan(ratios).all(axis=1)):
            ratio = float(np.nanmedian(ratios[place]))
            _refuse_ratio(ratio, space, file_name, shortened(members[place].sample))


def refuse_contradicted_unit(
    reflectance_factor: ArrayLike, wavelengths: ArrayLike, lightness: ArrayLike, file_name: str, where: str
) -> None:
    """Refuse a table of spectra that are a hundred times too bright or too dark for the L* that stand beside them.

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
    ratios = _brightness(
        np.asarray(reflectance_factor, dtype=np.float64),
        np.asarray(wavelengths, dtype=np.float64),
        np.asarray(lightness, dtype=np.float64),
    )
    if not np.isnan(ratios).all():
        _refuse_ratio(float(np.nanmedian(ratios)), "Lab", file_name, where)


def _brightness(spectra: FloatArray, nm: FloatArray, L: FloatArray) -> FloatArray:
    """How many times as bright spectra are as the L* stated with them, shape (...); NaN where that cannot be said."""
    band = (nm >= LUMINOUS_NM[0]) & (nm <= LUMINOUS_NM[1])
    usable = (L > DARKEST_L) & (L < BRIGHTEST_L)
    ratios: FloatArray = np.full(L.shape, np.nan)
    if band.any() and usable.any():
        ratios[usable] = np.abs(spectra[..., band].mean(axis=-1)[usable]) / _luminous_reflectance(L[usable])
    return ratios


def _refuse_ratio(ratio: float, space: ColourSpace, file_name: str, where: str) -> None:
    if 1 / CONTRADICTION < ratio < CONTRADICTION:
        return
    raise MalformedFileError(
        file_name,
        f"the spectra are {ratio:.3g} times as bright as the {'Y' if space in _LUMINOUS else 'L*'} beside them",
        where=where,
        expected="about the same",
        remedy=f"Is the unit right? {REMEDY}",
    )


def _luminous_reflectance(L: FloatArray) -> FloatArray:
    """Y/Yn of a lightness, CIE 15:2018, equation 8.9 inverted."""
    f = (L + 16) / 116
    inverse: FloatArray = np.where(f > 6 / 29, f**3, (f - 4 / 29) * 3 * (6 / 29) ** 2)
    return inverse
