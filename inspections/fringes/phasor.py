"""Phasors: amplitude and phase of a fringe at every pixel as one complex number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspections.photos.photo import FloatImage

ComplexImage = NDArray[np.complex64]


def turned(turns: FloatImage) -> ComplexImage:
    """Unit phasors of so many turns, same shape. [1 = 2π]"""
    angle = np.float32(2 * np.pi) * turns.astype(np.float32)
    phasor: ComplexImage = (np.cos(angle) + 1j * np.sin(angle)).astype(np.complex64)
    return phasor
