"""Metamerism: how far a pair that matches under one illuminant drifts apart under another."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.spaces import xyz_to_lab
from colorlab.difference.standard import delta_E
from spectra.arrays import FloatArray


def metamerism_index(
    standard_reference: ArrayLike,
    sample_reference: ArrayLike,
    standard_test: ArrayLike,
    sample_test: ArrayLike,
    formula: str = "CIEDE2000",
) -> FloatArray:
    """Special metamerism index with the additive correction in CIELAB.

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

    Returns
    -------
    ndarray, shape (...)
        [unit of the formula] 0 for a pair that drifts together.

    References
    ----------
    .. [1] ISO 18314-4:2024, Analytical colorimetry — Part 4: Metamerism index for pairs of samples for change of
       illuminant.
    """
    drift = np.asarray(sample_reference, dtype=np.float64) - np.asarray(standard_reference, dtype=np.float64)
    return delta_E(standard_test, np.asarray(sample_test, dtype=np.float64) - drift, formula)


def multiplicative_metamerism_index(
    standard_reference: ArrayLike,
    sample_reference: ArrayLike,
    standard_test: ArrayLike,
    sample_test: ArrayLike,
    white_test: ArrayLike,
    formula: str = "CIEDE2000",
) -> FloatArray:
    """Special metamerism index with the multiplicative correction of tristimulus values.

    Parameters
    ----------
    standard_reference, sample_reference, standard_test, sample_test : array_like, shape (..., 3)
        XYZ, Y = 100 for the perfect diffuser.
    white_test : array_like, shape (3,)
        XYZ of the perfect diffuser under the test illuminant.
    formula : str
        A row of `colorlab.difference.standard.FORMULAS`.

    Returns
    -------
    ndarray, shape (...)
        [unit of the formula]

    References
    ----------
    .. [1] ISO 18314-4:2024, as `metamerism_index`.
    """
    ratio = np.asarray(standard_reference, dtype=np.float64) / np.asarray(sample_reference, dtype=np.float64)
    corrected = np.asarray(sample_test, dtype=np.float64) * ratio
    return delta_E(xyz_to_lab(standard_test, white_test), xyz_to_lab(corrected, white_test), formula)
