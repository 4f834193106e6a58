"""Colour from spectra: ASTM E308 weights per grid, illuminant and observer, then one matrix product for any batch.

The only door to colour-science's tables and colorimetric functions outside `colorlab.difference`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray, frozen
from spectra.errors import UnknownConditionError, WavelengthRangeError
from spectra.wavelengths import NODE_TOLERANCE_NM, WavelengthGrid

Observer = Literal["2°", "10°"]

# Trade names of fluorescent lamps; CIE 15 writes FL1…FL12, many instruments F1…F12.
TRADE_NAMES = {"TL84": "FL11", "CWF": "FL2", "DLF": "FL7"}
TABLE_START_NM, TABLE_STOP_NM = 360.0, 780.0  # ASTM E308 tables
TABULATED_STEPS_NM = (10.0, 20.0)  # intervals for which ASTM E2022 derives weights
WEIGHT_STEPS_NM = (1.0, 5.0, 10.0, 20.0)
# Of X, Y and Z under D65, A and FL11, 400–700 nm covers 99.8 %, 400–680 nm 99.4 %, 420–700 nm 96.5 %. With less than
# this the ends stand for so much that the result is no measurement any longer. [1]
LEAST_MEASURED_SHARE = 0.98

# CIE 15:2018, 8.2.1.1: the linear branch of L*, a*, b* below (6/29)³.
_EPSILON = (6 / 29) ** 3
_SLOPE = (29 / 6) ** 2 / 3
_OFFSET = 4 / 29


@dataclass(frozen=True, slots=True)
class Viewing:
    """Under which illuminant and for which standard observer a colour is stated."""

    illuminant: str
    observer: Observer = "10°"

    def __post_init__(self) -> None:
        name = self.illuminant.strip()
        name = TRADE_NAMES.get(name.upper(), name)
        fluorescent = re.fullmatch(r"[Ff](\d{1,2}(?:\.\d{1,2})?)", name)
        object.__setattr__(self, "illuminant", f"FL{fluorescent[1]}" if fluorescent else name)
        if self.observer not in ("2°", "10°"):
            raise UnknownConditionError("observer", str(self.observer), ("2°", "10°"))

    def __str__(self) -> str:
        return f"{self.illuminant}/{self.observer}"


def parse_viewing(text: str) -> Viewing:
    """Read `D65/10`, `A/2°`, `TL84/10`.

    Raises
    ------
    UnknownConditionError
        If it is not illuminant/observer or the illuminant has no table.
    """
    match = re.fullmatch(r"\s*([^/\s]+)\s*/\s*(2|10)\s*°?\s*(?:deg)?\s*", text)
    if match is None:
        raise UnknownConditionError("viewing condition", text, ("illuminant/observer such as D65/10, A/10, TL84/10",))
    viewing = Viewing(match[1], "2°" if match[2] == "2" else "10°")
    if viewing.illuminant not in illuminants():
        raise UnknownConditionError("illuminant", viewing.illuminant, illuminants())
    return viewing


D65_10 = Viewing("D65", "10°")
A_10 = Viewing("A", "10°")
TL84_10 = Viewing("FL11", "10°")
# Daylight, incandescent and a three-band store lamp: the set in which metamerism of car paint shows.
VETTING_VIEWINGS = (D65_10, A_10, TL84_10)


def _colour() -> ModuleType:
    # Importing colour-science switches NumPy's print mode for the whole process; keep that inside.
    with np.printoptions():
        import colour
    module: ModuleType = colour
    return module


def illuminants() -> tuple[str, ...]:
    """Names of the illuminants for which spectral tables are at hand."""
    return tuple(_colour().SDS_ILLUMINANTS)


@lru_cache(maxsize=256)
def weights(grid: WavelengthGrid, viewing: Viewing) -> FloatArray:
    """Tristimulus weights of a measurement grid.

    Parameters
    ----------
    grid : WavelengthGrid
        Step 1, 5, 10 or 20 nm, nodes on multiples of the step. Wavelengths outside 360–780 nm get no weight.
    viewing : Viewing

    Returns
    -------
    ndarray, shape (n_wavelengths, 3)
        X, Y, Z per unit reflectance factor; the Y column sums to 100. Weights of tabulated wavelengths that were not
        measured are added to the first and last measured one.

    Raises
    ------
    WavelengthRangeError
        If the grid has another step, nodes between the table's, or covers too little of the visible range.
    UnknownConditionError
        If the illuminant has no table.

    References
    ----------
    .. [1] ASTM E308-18, Standard Practice for Computing the Colors of Objects by Using the CIE System, 7.3.2.2.
    .. [2] ASTM E2022-16, Standard Practice for Calculation of Weighting Factors for Tristimulus Integration.
    """
    table_grid, table = _full_table(grid.step, viewing)
    position = (grid.wavelengths - table_grid.start) / grid.step
    if np.max(np.abs(position - np.rint(position))) * grid.step > NODE_TOLERANCE_NM:
        raise WavelengthRangeError(f"{grid} does not lie on the nodes of the ASTM tables; resample it first")
    row = np.rint(position).astype(int)
    inside = (row >= 0) & (row < table_grid.count)
    if inside.sum() < 2:
        raise WavelengthRangeError(f"{grid} hardly touches the visible range")
    share = measured_share(grid, viewing)
    if share < LEAST_MEASURED_SHARE:
        raise WavelengthRangeError(
            f"{grid} covers only {100 * share:.0f} % of what colour under {viewing} is made of; "
            f"at least {100 * LEAST_MEASURED_SHARE:.0f} % is needed. Measure about 400–700 nm"
        )
    result = np.zeros((grid.count, 3))
    result[inside] = table[row[inside]]
    first, last = np.flatnonzero(inside)[[0, -1]]
    result[first] += table[: row[first]].sum(axis=0)
    result[last] += table[row[last] + 1 :].sum(axis=0)
    return frozen(result)


@lru_cache(maxsize=64)
def white_point(viewing: Viewing, step: float = 10.0) -> FloatArray:
    """XYZ of the perfect reflecting diffuser, shape (3,), Y = 100: the sum of the weights at a step. [nm]

    Each step has its own, so that the diffuser is white whatever the grid.
    """
    return frozen(_full_table(step, viewing)[1].sum(axis=0))


@lru_cache(maxsize=256)
def measured_share(grid: WavelengthGrid, viewing: Viewing) -> float:
    """Least share of X, Y and Z whose wavelengths a grid covers; the rest counts with its first and last value. [1]"""
    table_grid, table = _full_table(grid.step, viewing)
    nodes = table_grid.wavelengths
    inside = (nodes >= grid.start - NODE_TOLERANCE_NM) & (nodes <= grid.stop + NODE_TOLERANCE_NM)
    share: FloatArray = table[inside].sum(axis=0) / table.sum(axis=0)
    return float(share.min())


@lru_cache(maxsize=128)
def _full_table(step: float, viewing: Viewing) -> tuple[WavelengthGrid, FloatArray]:
    colour = _colour()
    if step not in WEIGHT_STEPS_NM:
        raise WavelengthRangeError(f"steps of {step:g} nm have no ASTM weights; resample to 1, 5, 10 or 20 nm")
    if viewing.illuminant not in colour.SDS_ILLUMINANTS:
        raise UnknownConditionError("illuminant", viewing.illuminant, illuminants())
    fine = colour.SpectralShape(TABLE_START_NM, TABLE_STOP_NM, 1)
    observer = {"2°": "CIE 1931 2 Degree Standard Observer", "10°": "CIE 1964 10 Degree Standard Observer"}
    matching = colour.MSDS_CMFS[observer[viewing.observer]].copy().align(fine)
    source = colour.SDS_ILLUMINANTS[viewing.illuminant].copy().align(fine)
    grid = WavelengthGrid(TABLE_START_NM, TABLE_STOP_NM, step)
    if step in TABULATED_STEPS_NM:
        shape = colour.SpectralShape(TABLE_START_NM, TABLE_STOP_NM, step)
        table = colour.colorimetry.tristimulus_weighting_factors_ASTME2022(matching, source, shape)
    else:
        # At 1 and 5 nm the practice sums the products directly (E308, 7.2).
        products = matching.values * source.values[:, None]
        table = products[:: int(step)]
        table = 100 * table / table[:, 1].sum()
    return grid, frozen(table)


def xyz(reflectance_factor: ArrayLike, grid: WavelengthGrid, viewing: Viewing) -> FloatArray:
    """Tristimulus values (..., 3) of spectra (..., n_wavelengths); Y = 100 for the perfect diffuser."""
    values: FloatArray = np.asarray(reflectance_factor, dtype=np.float64) @ weights(grid, viewing)
    return values


def xyz_to_lab(tristimulus: ArrayLike, white: ArrayLike) -> FloatArray:
    """CIELAB, shape (..., 3), of tristimulus values of shape (..., 3) under a white of shape (3,).

    References
    ----------
    .. [1] CIE 15:2018, Colorimetry, 4th ed., 8.2.1.1.
    """
    ratio = np.asarray(tristimulus, dtype=np.float64) / np.asarray(white, dtype=np.float64)
    f = np.where(ratio > _EPSILON, np.cbrt(ratio), _SLOPE * ratio + _OFFSET)
    fx, fy, fz = f[..., 0], f[..., 1], f[..., 2]
    lab: FloatArray = np.stack([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)], axis=-1)
    return lab


def spectra_to_lab(reflectance_factor: ArrayLike, grid: WavelengthGrid, viewing: Viewing) -> FloatArray:
    """CIELAB, shape (..., 3), of spectra of shape (..., n_wavelengths).

    Raises
    ------
    WavelengthRangeError, UnknownConditionError
        See `weights`.
    """
    return xyz_to_lab(xyz(reflectance_factor, grid, viewing), white_point(viewing, grid.step))


def lab_jacobian(reflectance_factor: ArrayLike, grid: WavelengthGrid, viewing: Viewing) -> FloatArray:
    """How CIELAB moves with each reflectance factor, shape (..., 3, n_wavelengths). [CIELAB units per 1.0]

    The exact derivative of `spectra_to_lab`, for carrying measurement covariance into colour.
    """
    white = white_point(viewing, grid.step)
    ratio = xyz(reflectance_factor, grid, viewing) / white
    # At the knee of the cube root both branches have the same slope, so the derivative is continuous.
    slope = np.where(ratio > _EPSILON, np.cbrt(np.maximum(ratio, _EPSILON)) ** -2 / 3, _SLOPE)
    to_lab = np.array([[0.0, 116.0, 0.0], [500.0, -500.0, 0.0], [0.0, 200.0, -200.0]])
    jacobian: FloatArray = (to_lab * slope[..., None, :]) @ (weights(grid, viewing) / white).T
    return jacobian


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
    colour = _colour()
    white = colour.CCS_ILLUMINANTS["CIE 1931 2 Degree Standard Observer"]["D65"]
    rgb = colour.XYZ_to_sRGB(colour.Lab_to_XYZ(np.asarray(lab, dtype=np.float64), white), white)
    in_gamut = bool(((rgb >= -0.002) & (rgb <= 1.002)).all())
    red, green, blue = np.rint(255 * np.clip(rgb, 0, 1)).astype(int)
    return Swatch(f"#{red:02x}{green:02x}{blue:02x}", in_gamut)
