"""Colour strength: how much absorption a batch of colorant brings against the standard's, and what difference stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10, Viewing
from colorlab.colorimetry.weights import weights
from colorlab.difference.standard import delta_E
from spectra.arrays import FloatArray, frozen
from spectra.errors import UnknownConditionError
from spectra.optics.interface import Saunderson, internal_reflectance, measured_reflectance
from spectra.optics.kubelka_munk import absorption_over_scattering, reflectivity
from spectra.wavelengths import WavelengthGrid

Basis = Literal["maximum", "sum", "weighted"]
BASES: tuple[Basis, ...] = ("maximum", "sum", "weighted")

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
        Where the standard absorbs most, if the strength was taken there. [nm]
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
        K/S at the standard's maximum of absorption, summed over all wavelengths, or summed with the weights E(x̄ + ȳ +
        z̄) of the viewing.
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
    residual = delta_E(spectra_to_lab(first, grid, viewing), spectra_to_lab(equalised, grid, viewing), formula)
    peak = float(grid.wavelengths[int(share.argmax())]) if basis == "maximum" else None
    return ColourStrength(frozen(100 * ratio), frozen(residual), basis, peak, formula)


def _absorption(reflectance_factor: FloatArray, surface: Saunderson, grid: WavelengthGrid, name: str) -> FloatArray:
    inside = internal_reflectance(reflectance_factor, surface)
    return absorption_over_scattering(inside, grid.wavelengths, name)


def _shares(Q_standard: FloatArray, grid: WavelengthGrid, basis: Basis, viewing: Viewing) -> FloatArray:
    if basis == "maximum":
        return np.asarray(np.arange(grid.count) == Q_standard.argmax(), dtype=np.float64)
    if basis == "sum":
        return np.ones(grid.count)
    total: FloatArray = weights(grid, viewing).sum(axis=1)
    return total
