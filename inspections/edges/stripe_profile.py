"""How light changes across upright stripes: its level between local dark and light, and whether it is a sine."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, minimum_filter1d

from inspections.edges.stripe_areas import MIN_CONTRAST
from inspections.photos.photo import FloatImage

MIN_HARMONIC_PERIOD_PX = 16.0
"""Shorter stripes show no third harmonic, sharp or not: pixel and lens take half of it at this period. [pixel]"""
SINE_HARMONIC = 0.14
"""Third harmonic below which light varies like a sine. A square wave has 1/3, a sine 0. Measured: fringes in a flat
mirror 0.01, rendered fringes in orange peel 0.07 to 0.11, a stripe lamp in car paint 0.18, rendered stripes 0.28."""
_SAMPLES = 12
_LOBE_PERIODS = (0.3, 0.8)
"""Shortest and longest stretch between two crossings that is taken for half a stripe. [periods]"""


def stripe_level(upright: FloatImage, inside: NDArray[np.bool_], period: float) -> tuple[FloatImage, NDArray[np.bool_]]:
    """Light relative to the local mid level, 1 from dark to light, and where that is known.

    Parameters
    ----------
    upright : ndarray of float32, shape (height, width)
        Linear, the stripes' normal along the rows.
    inside : ndarray of bool, same shape
        Where to look.
    period : float
        Of the stripes. [pixel]

    Returns
    -------
    level : ndarray of float32, shape (height, width)
        Edges are where it crosses 0.
    usable : ndarray of bool, shape (height, width)
        Where the stripes have contrast.
    """
    reach = round(0.55 * period) * 2 + 1
    along = max(3, round(period) | 1)
    steady = cv2.GaussianBlur(upright, (0, 0), sigmaX=0.7, sigmaY=along / 2)
    high = cv2.GaussianBlur(maximum_filter1d(steady, reach, axis=1), (0, 0), sigmaX=period / 2, sigmaY=along / 2)
    low = cv2.GaussianBlur(minimum_filter1d(steady, reach, axis=1), (0, 0), sigmaX=period / 2, sigmaY=along / 2)
    sharp = cv2.GaussianBlur(upright, (0, 0), 0.7)
    level = (sharp - (high + low) / 2) / np.maximum(high - low, 1e-6)
    usable = inside & (high - low > 2 * MIN_CONTRAST) & (high - low > 0.35 * np.percentile((high - low)[inside], 90))
    return level, usable


def third_harmonic(level: FloatImage, usable: NDArray[np.bool_], period: float) -> float | None:
    """Third harmonic of the light over its first, median over half stripes; 0 for a sine, 1/3 for sharp stripes.

    Parameters
    ----------
    level : ndarray of float32, shape (height, width)
    usable : ndarray of bool, same shape
        Both from `stripe_level`.
    period : float
        [pixel]

    Returns
    -------
    float or None
        None where the stripes are too fine to tell.

    Notes
    -----
    Each half stripe is stretched to unit length between its own crossings, so that orange peel, which stretches
    fringes unevenly, does not pass for harmonics.
    """
    if period < MIN_HARMONIC_PERIOD_PX:
        return None
    light = level >= 0
    row, column = np.nonzero((light[:, 1:] != light[:, :-1]) & usable[:, 1:] & usable[:, :-1])
    before, after = level[row, column], level[row, column + 1]
    crossing = column - before / (after - before)
    length = np.diff(crossing)
    shortest, longest = (share * period for share in _LOBE_PERIODS)
    whole = (row[1:] == row[:-1]) & (length > shortest) & (length < longest)
    if not whole.any():
        return None
    share = (np.arange(_SAMPLES) + 0.5) / _SAMPLES
    at = crossing[:-1][whole, None] + length[whole, None] * share
    left = np.clip(at.astype(int), 0, level.shape[1] - 2)
    part, lobe_row = at - left, row[:-1][whole, None]
    lobe = level[lobe_row, left] * (1 - part) + level[lobe_row, left + 1] * part
    return float(np.median((lobe @ np.sin(3 * np.pi * share)) / (lobe @ np.sin(np.pi * share))))
