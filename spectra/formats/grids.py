"""The wavelength grid that the column headings of a file spell out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spectra.errors import MalformedFileError
from spectra.formats.base import MAX_WAVELENGTH, MIN_WAVELENGTH
from spectra.wavelengths import NODE_TOLERANCE_NM, WavelengthGrid


def grid_of(wavelengths: Sequence[float], file_name: str, where: str) -> WavelengthGrid:
    """The equally spaced grid of rising wavelengths.

    Raises
    ------
    MalformedFileError
        If there are fewer than two, or they do not rise in equal steps.
    """
    nodes = np.asarray(wavelengths, dtype=np.float64)
    if nodes.size < 2:
        raise MalformedFileError(file_name, f"{nodes.size} wavelengths", where=where, expected="at least two")
    steps = np.diff(nodes)
    if not (steps > 0).all() or np.ptp(steps) > NODE_TOLERANCE_NM:
        odd = int(np.argmax(np.abs(steps - np.median(steps))))
        raise MalformedFileError(
            file_name,
            f"{nodes[odd]:g} nm is followed by {nodes[odd + 1]:g} nm",
            where=where,
            expected=f"rising wavelengths in equal steps, here of {np.median(steps):g} nm",
        )
    if nodes[0] < MIN_WAVELENGTH or nodes[-1] > MAX_WAVELENGTH:
        raise MalformedFileError(
            file_name,
            f"wavelengths from {nodes[0]:g} to {nodes[-1]:g} nm",
            where=where,
            expected=f"within {MIN_WAVELENGTH:g}–{MAX_WAVELENGTH:g} nm",
        )
    return WavelengthGrid(float(nodes[0]), float(nodes[-1]), float(nodes[-1] - nodes[0]) / (nodes.size - 1))
