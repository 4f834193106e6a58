"""The wavelengths that a file spells out, as a grid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import MalformedFileError
from spectra.formats.base import MAX_WAVELENGTH, MIN_WAVELENGTH
from spectra.wavelengths import WavelengthGrid, grid_of_nodes


def grid_of(wavelengths: Sequence[float] | FloatArray, file_name: str, where: str) -> WavelengthGrid:
    """The grid of rising wavelengths: equally spaced where they are, else the nodes themselves.

    Raises
    ------
    MalformedFileError
        If there are fewer than two, they do not rise, or one is outside of what instruments measure.
    """
    nodes = np.asarray(wavelengths, dtype=np.float64)
    if nodes.size < 2:
        raise MalformedFileError(file_name, f"{nodes.size} wavelengths", where=where, expected="at least two")
    steps = np.diff(nodes)
    if not (steps > 0).all():
        odd = int(np.argmin(steps > 0))
        raise MalformedFileError(
            file_name,
            f"{nodes[odd]:g} nm is followed by {nodes[odd + 1]:g} nm",
            where=where,
            expected="rising wavelengths",
        )
    if nodes[0] < MIN_WAVELENGTH or nodes[-1] > MAX_WAVELENGTH:
        raise MalformedFileError(
            file_name,
            f"wavelengths from {nodes[0]:g} to {nodes[-1]:g} nm",
            where=where,
            expected=f"within {MIN_WAVELENGTH:g}–{MAX_WAVELENGTH:g} nm",
        )
    return grid_of_nodes(nodes)
