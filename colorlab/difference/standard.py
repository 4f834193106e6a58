"""Standard colour-difference formulas by name.

A new formula is one function over arrays and one row of `FORMULAS`; the tests run over the registry. Formulas with
factors to choose are also understood with those factors in their name, `CMC(1.5:1)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.library import colour_science
from colorlab.difference.uniform import VIEWING_CONDITIONS, cam02_ucs, cam16_ucs, din99, din99o
from colorlab.difference.weighted import cie94, cie94_graphic_arts, cie94_textile, ciede2000, cmc
from spectra.arrays import FloatArray
from spectra.errors import MeasurementError, UnknownConditionError

# Pairs of which the formulas' many intermediate results stay in the processor's cache.
BLOCK = 8192
# Factors l:c and kL:kC:kH that may be chosen. In use are 1 to 3; a factor beyond these would mute its component.
FACTORS = (0.01, 100.0)


@dataclass(frozen=True, slots=True)
class Formula:
    """One colour-difference formula.

    Attributes
    ----------
    name : str
        As a report prints it.
    delta_E : callable
        (standard (..., 3), sample (..., 3)) → (...), both CIELAB; with `white`, (3,) or (..., 3), if it needs one.
    symmetric : bool
        Whether standard and sample may be exchanged.
    source : str
    needs_white : bool
        Whether it must be told the white of the viewing.
    """

    name: str
    delta_E: Callable[..., FloatArray]
    symmetric: bool
    source: str
    needs_white: bool = False


def _cie76(standard: FloatArray, sample: FloatArray) -> FloatArray:
    distance: FloatArray = colour_science().difference.delta_E_CIE1976(standard, sample)
    return distance


def _hyab(standard: FloatArray, sample: FloatArray) -> FloatArray:
    distance: FloatArray = colour_science().difference.delta_E_HyAB(standard, sample)
    return distance


_CIEDE2000_TEXT = "ISO/CIE 11664-6:2014"
_CIE94_TEXT = "CIE 116-1995"
_CMC_PAPER = "Clarke, McDonald and Rigg, J. Soc. Dyers Colour. 100 (1984) 128"

FORMULAS = {
    formula.name: formula
    for formula in (
        Formula("CIEDE2000", ciede2000, True, f"{_CIEDE2000_TEXT}; kL = kC = kH = 1"),
        Formula("CIE76", _cie76, True, "ISO/CIE 11664-4:2019, ΔE*ab"),
        Formula("CIE94", cie94_graphic_arts, False, f"{_CIE94_TEXT}, graphic arts weights"),
        Formula(
            "CIE94 textile", cie94_textile, False, f"{_CIE94_TEXT}; textile weights kL = 2, K1 = 0.048, K2 = 0.014"
        ),
        Formula("CMC(2:1)", partial(cmc, lightness=2, chroma=1), False, f"{_CMC_PAPER}; l:c = 2:1"),
        Formula("CMC(1:1)", partial(cmc, lightness=1, chroma=1), False, f"{_CMC_PAPER}; l:c = 1:1"),
        Formula("DIN99", din99, True, "DIN 6176, as ASTM D2244-07 prints it"),
        Formula(
            "DIN99o",
            din99o,
            True,
            "DIN 6176:2018, constants as open implementations carry them (factor of L99o 303.67); kE = kCH = 1",
        ),
        Formula(
            "CAM02-UCS",
            cam02_ucs,
            True,
            f"Luo, Cui and Li, Color Res. Appl. 31 (2006) 320; {VIEWING_CONDITIONS}",
            needs_white=True,
        ),
        Formula(
            "CAM16-UCS",
            cam16_ucs,
            True,
            f"Li et al., Color Res. Appl. 42 (2017) 703; {VIEWING_CONDITIONS}",
            needs_white=True,
        ),
        Formula(
            "HyAB",
            _hyab,
            True,
            "Abasi, Amani Tehrani and Fairchild, Color Res. Appl. 45 (2020) 208, for large differences",
        ),
    )
}

# What may be asked for with factors in the name, besides the rows.
WITH_FACTORS = ("CMC(l:c)", "CIEDE2000(kL:kC:kH)", "CIE94(kL:kC:kH)")
_NUMBER = r"\d{1,3}(?:\.\d{1,3})?"
_NAME_WITH_FACTORS = re.compile(rf"(CMC|CIEDE2000|CIE94)\(({_NUMBER}(?::{_NUMBER}){{1,2}})\)", re.ASCII)


@lru_cache(maxsize=256)
def formula(name: str) -> Formula:
    """The row of a formula, or one made for the factors in its name.

    Parameters
    ----------
    name : str
        A row of `FORMULAS`, `CMC(l:c)`, `CIEDE2000(kL:kC:kH)` or `CIE94(kL:kC:kH)`, with factors within `FACTORS`.

    Raises
    ------
    UnknownConditionError
        If no row has that name, or a factor is none that can be meant.
    """
    if name in FORMULAS:
        return FORMULAS[name]
    match = _NAME_WITH_FACTORS.fullmatch(name)
    factors = [float(text) for text in match[2].split(":")] if match else []
    wanted = 2 if match and match[1] == "CMC" else 3
    if match is None or len(factors) != wanted or not all(FACTORS[0] <= factor <= FACTORS[1] for factor in factors):
        known = ", ".join(WITH_FACTORS[:-1]) + f" and {WITH_FACTORS[-1]}"
        raise UnknownConditionError(
            "colour-difference formula",
            name[:60],
            (*FORMULAS, f"{known} with factors from {FACTORS[0]:g} to {FACTORS[1]:g}"),
        )
    return _with_factors(match[1], factors)


def _with_factors(family: str, factors: list[float]) -> Formula:
    ratio = ":".join(f"{factor:g}" for factor in factors)
    if family == "CMC":
        return FORMULAS.get(f"CMC({ratio})") or Formula(
            f"CMC({ratio})",
            partial(cmc, lightness=factors[0], chroma=factors[1]),
            False,
            f"{_CMC_PAPER}; l:c = {ratio}",
        )
    if factors == [1, 1, 1]:
        return FORMULAS[family]
    kL, kC, kH = factors
    function, text = (ciede2000, _CIEDE2000_TEXT) if family == "CIEDE2000" else (cie94, _CIE94_TEXT)
    return Formula(
        f"{family}({ratio})",
        partial(function, kL=kL, kC=kC, kH=kH),
        family == "CIEDE2000",
        f"{text}; kL = {kL:g}, kC = {kC:g}, kH = {kH:g}",
    )


def delta_E(
    standard: ArrayLike, sample: ArrayLike, name: str = "CIEDE2000", white: ArrayLike | None = None
) -> FloatArray:
    """Colour difference between standard and sample.

    Parameters
    ----------
    standard, sample : array_like, shape (..., 3)
        CIELAB under one illuminant and observer; they broadcast.
    name : str
        A row of `FORMULAS`, or one with factors; see `formula`.
    white : array_like, shape (3,) or (..., 3), optional
        XYZ of the perfect diffuser under that illuminant and observer, Y = 100; broadcasts with the colours. Only
        formulas that need it look at it.

    Returns
    -------
    ndarray, shape (...)
        [unit of the formula]

    Raises
    ------
    MeasurementError
        If the formula is not known, or needs a white and has none.
    """
    row = formula(name)
    arrays = [np.asarray(lab, dtype=np.float64) for lab in (standard, sample)]
    single = None
    if row.needs_white:
        light = _checked_white(row.name, white)
        # One white for all need not be worked out again for every pair.
        if light.ndim == 1:
            single = light
        else:
            arrays.append(light)
    arrays = list(np.broadcast_arrays(*arrays))
    if arrays[0].size <= 3 * BLOCK:
        return np.asarray(_compared(row, arrays, single), dtype=np.float64)
    rows = [array.reshape(-1, 3) for array in arrays]
    distance = np.empty(len(rows[0]))
    for start in range(0, len(distance), BLOCK):
        block = slice(start, start + BLOCK)
        distance[block] = _compared(row, [array[block] for array in rows], single)
    return distance.reshape(arrays[0].shape[:-1])


def _compared(row: Formula, arrays: list[FloatArray], white: FloatArray | None) -> FloatArray:
    if not row.needs_white:
        return row.delta_E(*arrays)
    return row.delta_E(arrays[0], arrays[1], white=arrays[2] if white is None else white)


def _checked_white(name: str, white: ArrayLike | None) -> FloatArray:
    if white is None:
        raise MeasurementError(
            f"{name} needs the white of the viewing: give the XYZ of the perfect diffuser, Y = 100, under the "
            "illuminant and observer of the colours"
        )
    light = np.asarray(white, dtype=np.float64)
    # A perfect diffuser of Y = 1 would not fail but give other differences.
    if (
        light.shape[-1:] != (3,)
        or not ((light > 0) & (light < np.inf)).all()
        or (np.abs(light[..., 1] - 100) > 0.5).any()
    ):
        raise MeasurementError(f"{name} needs a white of three positive values X, Y, Z with Y = 100; got {white}"[:300])
    return light
