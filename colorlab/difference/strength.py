"""Colour strength: how much absorption a batch of colorant brings against the standard's, and what difference stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10, Viewing
from colorlab.colorimetry.weights import weights, white_point
from colorlab.difference.standard import delta_E
from spectra.arrays import FloatArray, frozen
from spectra.errors import UnknownConditionError, WavelengthRangeError
from spectra.optics.interface import Saunderson, internal_reflectance, measured_reflectance
from spectra.optics.kubelka_munk import absorption_over_scattering, reflectivity
from spectra.wavelengths import NODE_TOLERANCE_NM, WavelengthGrid

Basis = Literal["maximum", "sum", "weighted"]
BASES: tuple[Basis, ...] = ("maximum", "sum", "weighted")

# Where strength is sought and summed. Below, a letdown's K/S is that of the titanium dioxide and not of the colorant.
# [nm]
VISIBLE_NM = (400.0, 700.0)

BARE_SURFACE = Saunderson(0.0, 0.0, specular_included=False)


@dataclass(frozen=True, slots=True, eq=False)
class ColourStrength:
    """Strength of samples relative to a standard.

    Attributes
    ----------
    strength : ndarray, shape (...)
        [%; 100 is as strong as the standard]
    residual_delta_E : ndarray, shape (...)
        Difference that stays when the sample is brought to the standard's strength. [unit of the formula]
    basis : {"maximum", "sum", "weighted"}
    wavelength : float or None
        Where the standard absorbs most in the visible, if the strength was taken there. [nm]
    formula : str
    """

    strength: FloatArray
    residual_delta_E: FloatArray
    basis: Basis
    wavelength: float | None
    formula: str


def colour_strength(
    standard: ArrayLike,
    sample: ArrayLike,
    grid: WavelengthGrid,
    basis: Basis = "weighted",
    surface: Saunderson = BARE_SURFACE,
    viewing: Viewing = D65_10,
    formula: str = "CIEDE2000",
) -> ColourStrength:
    """Colour strength of opaque films, or tinting strength of opaque letdowns at equal dose.

    Parameters
    ----------
    standard : array_like, shape (n_wavelengths,)
        Reflectance factor. [between 0 and 1]
    sample : array_like, shape (..., n_wavelengths)
    grid : WavelengthGrid
    basis : {"maximum", "sum", "weighted"}
        K/S at the standard's maximum of absorption in `VISIBLE_NM`, its integral over `VISIBLE_NM` (so that neither the
        spacing of the wavelengths nor what lies outside counts), or its sum with the weights E(x̄ + ȳ + z̄) of the
        viewing.
    surface : Saunderson
        Taken off before and put on again after; without one K/S is that of the reflectance as measured.
    viewing : Viewing
        Of the weights and the residual difference.
    formula : str
        A row of `colorlab.difference.standard.FORMULAS`.

    Raises
    ------
    FormulationError
        If a reflectance is not between 0 and 1, naming the wavelength.
    UnknownConditionError
        If the basis is not known.
    WavelengthRangeError
        If `VISIBLE_NM` was not measured throughout and the basis is "maximum" or "sum".

    Notes
    -----
    K/S is that of the whole film: in a letdown the white's own absorption is in it.

    References
    ----------
    .. [1] ISO 787-24:1985, Determination of relative tinting strength of coloured pigments; ISO 18314-2:2023.
    """
    if basis not in BASES:
        raise UnknownConditionError("basis of strength", str(basis), BASES)
    first = np.asarray(standard, dtype=np.float64)
    Q_standard = _absorption(first, surface, grid, "standard")
    Q_sample = _absorption(np.asarray(sample, dtype=np.float64), surface, grid, "sample")
    share = _shares(Q_standard, grid, basis, viewing)
    ratio = (Q_sample @ share) / (Q_standard @ share)
    equalised = measured_reflectance(reflectivity(Q_sample / ratio[..., None], 1.0), surface)
    labs = spectra_to_lab(first, grid, viewing), spectra_to_lab(equalised, grid, viewing)
    residual = delta_E(*labs, formula, white_point(viewing, grid))
    peak = float(grid.wavelengths[int(share.argmax())]) if basis == "maximum" else None
    return ColourStrength(frozen(100 * ratio), frozen(residual), basis, peak, formula)


def _absorption(reflectance_factor: FloatArray, surface: Saunderson, grid: WavelengthGrid, name: str) -> FloatArray:
    inside = internal_reflectance(reflectance_factor, surface)
    return absorption_over_scattering(inside, grid.wavelengths, name)


def _shares(Q_standard: FloatArray, grid: WavelengthGrid, basis: Basis, viewing: Viewing) -> FloatArray:
    if basis == "weighted":
        total: FloatArray = weights(grid, viewing).sum(axis=1)
        return total
    nm, (low, high) = grid.wavelengths, VISIBLE_NM
    if grid.start > low + NODE_TOLERANCE_NM or grid.stop < high - NODE_TOLERANCE_NM:
        raise WavelengthRangeError(
            f"strength by the {basis} of K/S needs {low:g}–{high:g} nm; measured {grid}. Use the weighted basis"
        )
    if basis == "maximum":
        seen = (nm >= low - NODE_TOLERANCE_NM) & (nm <= high + NODE_TOLERANCE_NM)
        return np.asarray(np.arange(grid.count) == np.where(seen, Q_standard, -np.inf).argmax(), dtype=np.float64)
    places = np.unique(np.clip(nm, low, high))
    distance = np.diff(places)
    trapezoid = np.zeros(len(places))
    trapezoid[:-1] += distance / 2
    trapezoid[1:] += distance / 2
    between = np.stack([np.interp(places, nm, one) for one in np.eye(grid.count)], axis=1)
    integral: FloatArray = trapezoid @ between
    return integral
