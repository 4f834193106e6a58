"""Colour spaces computed from tristimulus values."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray

# CIE 15:2018, 8.2.1.1: the linear branch of L*, a*, b* below (6/29)³.
EPSILON = (6 / 29) ** 3
SLOPE = (29 / 6) ** 2 / 3
OFFSET = 4 / 29

# L* + 16, a*, b* of f(X/Xn), f(Y/Yn), f(Z/Zn).
_TO_LAB = np.array([[0.0, 500.0, 0.0], [116.0, -500.0, 200.0], [0.0, 0.0, -200.0]])


def xyz_to_lab(tristimulus: ArrayLike, white: ArrayLike) -> FloatArray:
    """CIELAB, shape (..., 3), of tristimulus values of shape (..., 3) under a white of shape (3,) or (..., 3).

    References
    ----------
    .. [1] CIE 15:2018, Colorimetry, 4th ed., 8.2.1.1.
    """
    ratio = np.asarray(tristimulus, dtype=np.float64) / np.asarray(white, dtype=np.float64)
    lab = np.empty_like(ratio)
    lab_of_ratios(ratio.reshape(-1, 3), lab.reshape(-1, 3))
    return lab


def lab_of_ratios(ratio: FloatArray, lab: FloatArray) -> None:
    """CIELAB of X/Xn, Y/Yn, Z/Zn into an array given; overwrites the ratios. Both of shape (n, 3)."""
    low = ratio <= EPSILON
    if low.any():
        linear = SLOPE * ratio[low] + OFFSET
        np.cbrt(ratio, out=ratio)
        ratio[low] = linear
    else:
        np.cbrt(ratio, out=ratio)
    np.matmul(ratio, _TO_LAB, out=lab)
    lab[:, 0] -= 16


def lab_to_lch(lab: ArrayLike) -> FloatArray:
    """L*, C*ab and the hue angle hab of CIELAB (or of CIELUV: C*uv, huv), shape (..., 3). [°, 0–360]

    The hue angle of a colour without chroma is 0.
    """
    values = np.asarray(lab, dtype=np.float64)
    hue = np.degrees(np.arctan2(values[..., 2], values[..., 1])) % 360
    # An angle a hair below 0 is rounded up to 360 itself.
    hue = np.where(hue == 360, 0.0, hue)
    lch: FloatArray = np.stack([values[..., 0], np.hypot(values[..., 1], values[..., 2]), hue], axis=-1)
    return lch


def lch_to_lab(lch: ArrayLike) -> FloatArray:
    """CIELAB of L*, C*ab and hab [°], shape (..., 3)."""
    values = np.asarray(lch, dtype=np.float64)
    hue = np.radians(values[..., 2])
    lab: FloatArray = np.stack([values[..., 0], values[..., 1] * np.cos(hue), values[..., 1] * np.sin(hue)], axis=-1)
    return lab


def lab_to_xyz(lab: ArrayLike, white: ArrayLike) -> FloatArray:
    """Tristimulus values of CIELAB under a white, the inverse of `xyz_to_lab`; shape (..., 3)."""
    values = np.asarray(lab, dtype=np.float64)
    fy = (values[..., 0] + 16) / 116
    f = np.stack([fy + values[..., 1] / 500, fy, fy - values[..., 2] / 200], axis=-1)
    xyz: FloatArray = np.where(f > 6 / 29, f**3, (f - OFFSET) / SLOPE) * np.asarray(white, dtype=np.float64)
    return xyz


def xyz_to_xyy(tristimulus: ArrayLike, white: ArrayLike) -> FloatArray:
    """Chromaticity x, y and Y, shape (..., 3); of a perfect black the chromaticity of the white."""
    values, light = np.broadcast_arrays(np.asarray(tristimulus, np.float64), np.asarray(white, np.float64))
    total = values.sum(axis=-1, keepdims=True)
    shares = np.where(total > 0, values, light) / np.where(total > 0, total, light.sum(axis=-1, keepdims=True))
    xyy: FloatArray = np.concatenate([shares[..., :2], values[..., 1:2]], axis=-1)
    return xyy


def xyz_to_luv(tristimulus: ArrayLike, white: ArrayLike) -> FloatArray:
    """CIELUV, shape (..., 3), of tristimulus values under a white; of a perfect black u* = v* = 0.

    References
    ----------
    .. [1] CIE 15:2018, Colorimetry, 4th ed., 8.2.2.1.
    """
    values, light = np.broadcast_arrays(np.asarray(tristimulus, np.float64), np.asarray(white, np.float64))
    ratio = values[..., 1] / light[..., 1]
    L = 116 * np.where(ratio > EPSILON, np.cbrt(ratio), SLOPE * ratio + OFFSET) - 16
    (u, v), (u_n, v_n) = _uv(values), _uv(light)
    luv: FloatArray = np.stack([L, 13 * L * (u - u_n), 13 * L * (v - v_n)], axis=-1)
    return luv


def _uv(tristimulus: FloatArray) -> tuple[FloatArray, FloatArray]:
    X, Y, Z = np.moveaxis(tristimulus, -1, 0)
    divisor = X + 15 * Y + 3 * Z
    divisor = np.where(divisor == 0, np.inf, divisor)
    return 4 * X / divisor, 9 * Y / divisor
