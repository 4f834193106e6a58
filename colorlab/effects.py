"""Appearance of metallic and pearl paints: how lightness travels with angle."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray
from spectra.errors import MissingAngleError

FLOP_ANGLES = (15.0, 45.0, 110.0)  # aspecular, illumination at 45° [°]


def flop_index(L: ArrayLike, aspecular_angles: Sequence[float]) -> FloatArray:
    """Lightness travel between the near-specular and the flop angle, as Alman defined it.

    Parameters
    ----------
    L : array_like, shape (..., n_angles)
        CIE lightness L* at 45° illumination. [0–100, above 100 near the specular direction]
    aspecular_angles : sequence of float, length n_angles
        [°]

    Returns
    -------
    ndarray, shape (...)
        Flop index: 0 for a solid colour, 15 to 17 for a bright silver. [unitless]

    Raises
    ------
    MissingAngleError
        If 15°, 45° or 110° was not measured.

    References
    ----------
    .. [1] D. H. Alman, "Directional color measurement of metallic flake finishes", Proc. ISCC Williamsburg Conference
       on Appearance, 1987, pp. 53–56. The constants are those in general use; the paper itself was not at hand.
    """
    lightness = np.asarray(L, dtype=np.float64)
    columns = []
    for angle in FLOP_ANGLES:
        if angle not in aspecular_angles:
            raise MissingAngleError(angle, aspecular_angles)
        columns.append(list(aspecular_angles).index(angle))
    near, face, flop = np.moveaxis(lightness[..., columns], -1, 0)
    # A perfectly black face would divide by zero; no paint reaches L* = 0.1.
    index: FloatArray = 2.69 * np.maximum(near - flop, 0.0) ** 1.11 / np.maximum(face, 0.1) ** 0.86
    return index
