"""An exposure bracket merged to one linear picture with more range than a photo has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspections.photos.photo import FloatImage
from spectra.errors import PhotoError

USABLE = (0.004, 0.80)
"""Linear levels that are read: below, 8 bits have too few steps; above, JPEG carries clipping over. [1 = full scale]"""


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """The merged bracket.

    Attributes
    ----------
    light : ndarray of float32, shape (height, width)
        Linear level per second of exposure. [1/s]
    clipped : ndarray of bool, same shape
        Too bright in the shortest exposure already.
    """

    light: FloatImage
    clipped: NDArray[np.bool_]


def merge_bracket(frames: Iterable[tuple[FloatImage, float]]) -> Merged:
    """Merge photos of one scene at different exposures.

    Parameters
    ----------
    frames : iterable of (ndarray of float32, float)
        Linear picture [1 = full scale] and its exposure [s]; taken one by one.

    Returns
    -------
    Merged

    Raises
    ------
    PhotoError
        If there is no frame or the frames differ in size.

    Notes
    -----
    Where photons make the noise, level/exposure of the usable frames is best weighed by the exposure: the sum of the
    levels over the sum of the exposures. A pixel that is too dark everywhere is read from the longest exposure, one
    that is too bright everywhere from the shortest, and marked.

    References
    ----------
    .. [1] P. E. Debevec, J. Malik, "Recovering high dynamic range radiance maps from photographs", SIGGRAPH 1997,
       pp. 369-378, doi:10.1145/258734.258884.
    """
    low, high = USABLE
    level = seconds = None
    longest: tuple[float, FloatImage] | None = None
    shortest: tuple[float, FloatImage] | None = None
    for frame, exposure in frames:
        if level is None or seconds is None:
            level, seconds = np.zeros(frame.shape, np.float32), np.zeros(frame.shape, np.float32)
        if frame.shape != level.shape:
            raise PhotoError("the photos of an exposure bracket differ in size")
        usable = (frame > low) & (frame < high)
        level += np.where(usable, frame, np.float32(0))
        seconds += usable * np.float32(exposure)
        longest = max(longest or (exposure, frame), (exposure, frame), key=lambda each: each[0])
        shortest = min(shortest or (exposure, frame), (exposure, frame), key=lambda each: each[0])
    if level is None or seconds is None or longest is None or shortest is None:
        raise PhotoError("an exposure bracket without photos")
    none = seconds == 0
    dark = none & (longest[1] <= low)
    clipped = none & (shortest[1] >= high)
    light = level / np.maximum(seconds, np.float32(1e-12))
    light = np.where(dark, longest[1] / np.float32(longest[0]), light)
    light = np.where(none & ~dark, shortest[1] / np.float32(shortest[0]), light)
    return Merged(light.astype(np.float32), clipped)
