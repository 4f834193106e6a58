"""Colour-difference formulas between two CIELAB colours: the registry, one row a formula.

A new formula is one function over arrays and one row of `FORMULAS`; the tests run over the registry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.library import colour_science
from spectra.arrays import FloatArray
from spectra.errors import UnknownConditionError

# Pairs of which the formulas' many intermediate results stay in the processor's cache.
BLOCK = 8192


@dataclass(frozen=True, slots=True)
class Formula:
    """One colour-difference formula.

    Attributes
    ----------
    name : str
        As a report prints it.
    delta_E : callable
        (standard (..., 3), sample (..., 3)) → (...), both CIELAB.
    symmetric : bool
        Whether standard and sample may be exchanged.
    source : str
    """

    name: str
    delta_E: Callable[[FloatArray, FloatArray], FloatArray]
    symmetric: bool
    source: str


def _cie76(standard: FloatArray, sample: FloatArray) -> FloatArray:
    distance: FloatArray = colour_science().difference.delta_E_CIE1976(standard, sample)
    return distance


def _cie94(standard: FloatArray, sample: FloatArray) -> FloatArray:
    distance: FloatArray = colour_science().difference.delta_E_CIE1994(standard, sample)
    return distance


def _cmc(lightness: float, chroma: float) -> Callable[[FloatArray, FloatArray], FloatArray]:
    def delta_E(standard: FloatArray, sample: FloatArray) -> FloatArray:
        distance: FloatArray = colour_science().difference.delta_E_CMC(standard, sample, l=lightness, c=chroma)
        return distance

    return delta_E


def _ciede2000(standard: FloatArray, sample: FloatArray) -> FloatArray:
    distance: FloatArray = colour_science().difference.delta_E_CIE2000(standard, sample)
    return distance


def _din99(standard: FloatArray, sample: FloatArray) -> FloatArray:
    distance: FloatArray = colour_science().difference.delta_E_DIN99(standard, sample)
    return distance


_CMC_PAPER = "Clarke, McDonald and Rigg, J. Soc. Dyers Colour. 100 (1984) 128"

FORMULAS = {
    formula.name: formula
    for formula in (
        Formula("CIEDE2000", _ciede2000, True, "ISO/CIE 11664-6:2014; kL = kC = kH = 1"),
        Formula("CIE76", _cie76, True, "ISO/CIE 11664-4:2019, ΔE*ab"),
        Formula("CIE94", _cie94, False, "CIE 116-1995, graphic arts weights"),
        Formula("CMC(2:1)", _cmc(2, 1), False, f"{_CMC_PAPER}; l:c = 2:1"),
        Formula("CMC(1:1)", _cmc(1, 1), False, f"{_CMC_PAPER}; l:c = 1:1"),
        Formula("DIN99", _din99, True, "DIN 6176, as ASTM D2244-07 prints it"),
    )
}


def formula(name: str) -> Formula:
    """The row of a formula.

    Raises
    ------
    UnknownConditionError
        If no row has that name.
    """
    if name not in FORMULAS:
        raise UnknownConditionError("colour-difference formula", name, tuple(FORMULAS))
    return FORMULAS[name]


def delta_E(standard: ArrayLike, sample: ArrayLike, name: str = "CIEDE2000") -> FloatArray:
    """Colour difference between standard and sample.

    Parameters
    ----------
    standard, sample : array_like, shape (..., 3)
        CIELAB under one illuminant and observer; they broadcast.
    name : str
        A row of `FORMULAS`.

    Returns
    -------
    ndarray, shape (...)
        [unit of the formula]
    """
    first, second = np.broadcast_arrays(np.asarray(standard, dtype=np.float64), np.asarray(sample, dtype=np.float64))
    compare = formula(name).delta_E
    if first.size <= 3 * BLOCK:
        return np.asarray(compare(first, second), dtype=np.float64)
    rows, others = first.reshape(-1, 3), second.reshape(-1, 3)
    distance = np.empty(len(rows))
    for start in range(0, len(rows), BLOCK):
        block = slice(start, start + BLOCK)
        distance[block] = compare(rows[block], others[block])
    return distance.reshape(first.shape[:-1])
