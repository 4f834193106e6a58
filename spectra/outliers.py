"""Outlier readings: which of some repeat readings is not of the panel the others are of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

# Repeat readings of one panel, moved between them, stay within this: no reading is named for less. [rms over the
# spectrum, reflectance factor]
READING_APART = 0.01
# Greatest over majority distance from the median that 5 % of sets of 3, 4, 5 … readings exceed when all errors move
# together, the worst case; a million simulated sets each. More than 11 readings exceed the last less often.
_APART_RATIO = (32.9, 7.24, 11.7, 6.53, 8.69, 6.15, 7.52, 5.94, 6.92)


@dataclass(frozen=True, slots=True)
class ReadingApart:
    """A reading that is not of the panel the others are of.

    Attributes
    ----------
    reading : int
        Counted from 1.
    distance : float
        From the median of all readings. [rms over the spectrum, reflectance factor]
    limit : float
        What it was compared with.
    majority : float
        Within which more than half of the readings agree.
    """

    reading: int
    distance: float
    limit: float
    majority: float


def readings_apart(readings: ArrayLike) -> tuple[ReadingApart, ...]:
    """Readings that are not of the panel the others are of.

    Distance is from the median of all readings, in units of the distance within which more than half of them lie: two
    bad readings of five do not hide each other. Named is what lies further off than 0.01 and than a multiple which of
    sets of normally scattered readings at most 5 % exceed, whatever their scatter and however it is correlated; with a
    usual scatter below 0.002 practically none is named, because 0.01 is not reached.

    Parameters
    ----------
    readings : array_like, shape (n_readings, n_angles, n_wavelengths)
        Fewer than three name none.
    """
    values = np.asarray(readings, dtype=np.float64)
    n_readings = len(values)
    if n_readings < 3:
        return ()
    off = np.sqrt(np.mean((values - np.median(values, axis=0)) ** 2, axis=tuple(range(1, values.ndim))))
    majority = float(np.sort(off)[n_readings // 2])
    limit = max(READING_APART, _APART_RATIO[min(n_readings - 3, len(_APART_RATIO) - 1)] * majority)
    return tuple(
        ReadingApart(place + 1, float(distance), limit, majority)
        for place, distance in enumerate(off)
        if distance > limit
    )
