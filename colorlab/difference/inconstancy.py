"""Colour inconstancy: how far one sample's colour moves when the light changes, to an eye that adapts to it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.library import colour_science
from colorlab.colorimetry.spaces import xyz_to_lab
from colorlab.colorimetry.viewing import Viewing
from colorlab.colorimetry.weights import weights, white_point
from colorlab.difference.standard import delta_E
from spectra.arrays import FloatArray
from spectra.wavelengths import WavelengthGrid


def corresponding_lab(reflectance_factor: ArrayLike, grid: WavelengthGrid, test: Viewing) -> FloatArray:
    """CIELAB under D65 of what looks as the sample does under a test illuminant, shape (..., 3).

    CAT02 with complete adaptation (D = 1) from the test illuminant's white to that of D65, same observer.

    Parameters
    ----------
    reflectance_factor : array_like, shape (..., n_wavelengths)
    grid : WavelengthGrid
    test : Viewing
    """
    white = white_point(Viewing("D65", test.observer), grid)
    adapted = colour_science().adaptation.chromatic_adaptation_VonKries(
        _xyz_of_each(reflectance_factor, grid, test), white_point(test, grid), white, transform="CAT02"
    )
    return xyz_to_lab(adapted, white)


def _xyz_of_each(reflectance_factor: ArrayLike, grid: WavelengthGrid, viewing: Viewing) -> FloatArray:
    """Tristimulus values with a product for each spectrum: one product for all rounds by how many there are."""
    spectra = np.asarray(reflectance_factor, dtype=np.float64)
    found: FloatArray = (spectra[..., None, :] @ weights(grid, viewing))[..., 0, :]
    return found


def colour_inconstancy(
    reflectance_factor: ArrayLike, grid: WavelengthGrid, test: Viewing, formula: str = "CMC(1:1)"
) -> FloatArray:
    """Colour difference of a sample from itself, between D65 and a test illuminant.

    The structure of CMCCON02: CAT02, D = 1, CIELAB under D65. The colour under D65 is the standard. Which difference
    formula, and of CMC which l:c, is the user's choice and belongs to the result; 1:1 is for perceptibility. The
    standard's own text was not at hand, so no conformity with ISO 105-J05 is claimed.

    Parameters
    ----------
    reflectance_factor : array_like, shape (..., n_wavelengths)
    grid : WavelengthGrid
    test : Viewing
        The reference is D65 with the same observer.
    formula : str
        A row of `colorlab.difference.standard.FORMULAS`.

    Returns
    -------
    ndarray, shape (...)
        [unit of the formula] 0 for a grey of constant reflectance.

    References
    ----------
    .. [1] M. R. Luo, C. J. Li, R. W. G. Hunt, B. Rigg, K. J. Smith, "CMC 2002 colour inconstancy index: CMCCON02",
       Color. Technol. 119 (2003) 280–285.
    """
    daylight = Viewing("D65", test.observer)
    spectra = np.asarray(reflectance_factor, dtype=np.float64)
    white = white_point(daylight, grid)
    constant = xyz_to_lab(_xyz_of_each(spectra, grid, daylight), white)
    return delta_E(constant, corresponding_lab(spectra, grid, test), formula, white)
