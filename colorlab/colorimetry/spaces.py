"""Colour spaces computed from tristimulus values."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray

# CIE 15:2018, 8.2.1.1: the linear branch of L*, a*, b* below (6/29)³.
EPSILON = (6 / 29) ** 3
SLOPE = (29 / 6) ** 2 / 3
OFFSET = 4 / 29


def xyz_to_lab(tristimulus: ArrayLike, white: ArrayLike) -> FloatArray:
    """CIELAB, shape (..., 3), of tristimulus values of shape (..., 3) under a white of shape (3,).

    References
    ----------
    .. [1] CIE 15:2018, Colorimetry, 4th ed., 8.2.1.1.
    """
    ratio = np.asarray(tristimulus, dtype=np.float64) / np.asarray(white, dtype=np.float64)
    f = np.where(ratio > EPSILON, np.cbrt(ratio), SLOPE * ratio + OFFSET)
    fx, fy, fz = f[..., 0], f[..., 1], f[..., 2]
    lab: FloatArray = np.stack([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)], axis=-1)
    return lab
