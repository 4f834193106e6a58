"""Metamerism: how far a pair that matches under one illuminant drifts apart under another."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.spaces import xyz_to_lab
from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import Viewing
from colorlab.colorimetry.weights import weights, white_point
from colorlab.difference.standard import delta_E
from spectra.arrays import FloatArray
from spectra.errors import MeasurementError
from spectra.wavelengths import WavelengthGrid

Correction = Literal["additive", "multiplicative"]


def metamerism_index(
    standard_reference: ArrayLike,
    sample_reference: ArrayLike,
    standard_test: ArrayLike,
    sample_test: ArrayLike,
    formula: str = "CIEDE2000",
    correction: Correction = "additive",
    white_test: ArrayLike | None = None,
) -> FloatArray:
    """Special metamerism index, corrected in CIELAB.

    What the pair already differs by under the reference illuminant is taken off the sample before the pair is judged
    under the test illuminant, so that a bad match is not called metameric.

    Parameters
    ----------
    standard_reference, sample_reference : array_like, shape (..., 3)
        CIELAB under the illuminant of the match, usually D65.
    standard_test, sample_test : array_like, shape (..., 3)
        CIELAB under the test illuminant, same observer.
    formula : str
        A row of `colorlab.difference.standard.FORMULAS`.
    correction : {"additive", "multiplicative"}
        The standard recommends the additive one in CIELAB.
    white_test : array_like, shape (3,), optional
        XYZ of the perfect diffuser under the test illuminant, for a formula that needs it.

    Returns
    -------
    ndarray, shape (...)
        [unit of the formula] 0 for a pair that drifts together.

    Raises
    ------
    MeasurementError
        If a coordinate to divide by is 0, or the formula needs a white and has none.

    References
    ----------
    .. [1] ISO 18314-4:2024, Analytical colorimetry — Part 4: Metamerism index for pairs of samples for change of
       illuminant.
    """
    corrected = _corrected(standard_reference, sample_reference, sample_test, correction)
    return delta_E(standard_test, corrected, formula, white_test)


def metamerism_index_xyz(
    standard_reference: ArrayLike,
    sample_reference: ArrayLike,
    standard_test: ArrayLike,
    sample_test: ArrayLike,
    white_test: ArrayLike,
    formula: str = "CIEDE2000",
    correction: Correction = "multiplicative",
) -> FloatArray:
    """Special metamerism index, corrected in tristimulus values.

    Parameters
    ----------
    standard_reference, sample_reference, standard_test, sample_test : array_like, shape (..., 3)
        XYZ, Y = 100 for the perfect diffuser.
    white_test : array_like, shape (3,)
        XYZ of the perfect diffuser under the test illuminant.
    formula : str
        A row of `colorlab.difference.standard.FORMULAS`.
    correction : {"additive", "multiplicative"}
        The standard recommends the multiplicative one in XYZ.

    Returns
    -------
    ndarray, shape (...)
        [unit of the formula]

    Raises
    ------
    MeasurementError
        If a tristimulus value to divide by is 0.

    References
    ----------
    .. [1] ISO 18314-4:2024, as `metamerism_index`.
    """
    corrected = _corrected(standard_reference, sample_reference, sample_test, correction)
    return delta_E(xyz_to_lab(standard_test, white_test), xyz_to_lab(corrected, white_test), formula, white_test)


def spectral_metamerism_index(
    standard: ArrayLike,
    sample: ArrayLike,
    grid: WavelengthGrid,
    reference: Viewing,
    test: Viewing,
    formula: str = "CIEDE2000",
) -> FloatArray:
    """Special metamerism index of two spectra, the sample's corrected to match under the reference illuminant.

    Parameters
    ----------
    standard, sample : array_like, shape (..., n_wavelengths)
        Reflectance factors on `grid`.
    grid : WavelengthGrid
    reference, test : Viewing
        Of the match, and of the judgement.
    formula : str
        A row of `colorlab.difference.standard.FORMULAS`.

    Returns
    -------
    ndarray, shape (...)
        [unit of the formula]

    References
    ----------
    .. [1] ISO 18314-4:2024, as `metamerism_index`, spectral correction.
    """
    corrected = parameric_correction(standard, sample, weights(grid, reference))
    return delta_E(
        spectra_to_lab(standard, grid, test), spectra_to_lab(corrected, grid, test), formula, white_point(test, grid)
    )


def parameric_correction(standard: ArrayLike, sample: ArrayLike, reference_weights: ArrayLike) -> FloatArray:
    """The sample's metameric black on the standard's fundamental: a spectrum that matches the standard exactly.

    Parameters
    ----------
    standard, sample : array_like, shape (..., n_wavelengths)
    reference_weights : array_like, shape (n_wavelengths, 3)
        Tristimulus weights of the viewing under which they shall match.

    Returns
    -------
    ndarray, shape (..., n_wavelengths)

    References
    ----------
    .. [1] J. B. Cohen, W. E. Kappauf, "Metameric color stimuli, fundamental metamers, and Wyszecki's metameric
       blacks", Am. J. Psychol. 95 (1982) 537–564.
    .. [2] H. S. Fairman, "Metameric correction using parameric decomposition", Color Res. Appl. 12 (1987) 261–265.
    """
    first, second = np.asarray(standard, dtype=np.float64), np.asarray(sample, dtype=np.float64)
    basis = np.linalg.qr(np.asarray(reference_weights, dtype=np.float64))[0]
    # R = A (AᵀA)⁻¹Aᵀ is the projection onto what the observer sees; Q Qᵀ is the same without squaring the condition.
    corrected: FloatArray = second + ((first - second) @ basis) @ basis.T
    return corrected


def _corrected(
    standard_reference: ArrayLike, sample_reference: ArrayLike, sample_test: ArrayLike, correction: Correction
) -> FloatArray:
    wanted = np.asarray(standard_reference, dtype=np.float64)
    found = np.asarray(sample_reference, dtype=np.float64)
    sample = np.asarray(sample_test, dtype=np.float64)
    if correction == "additive":
        shifted: FloatArray = sample - (found - wanted)
        return shifted
    if (found == 0).any():
        raise MeasurementError(
            "a coordinate of the sample is 0 under the reference illuminant, which a multiplicative correction divides "
            "by; use the additive one"
        )
    scaled: FloatArray = sample * (wanted / found)
    return scaled
