"""Measurements to and from plain NumPy arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from colorlab.interop.columns import array_of, as_factors, geometry_of
from spectra.arrays import FloatArray
from spectra.errors import FrameError
from spectra.formats.base import ReflectanceUnit
from spectra.geometry import UNDECLARED
from spectra.measurement import Measurement
from spectra.wavelengths import grid_of_nodes


def to_array(measurements: Sequence[Measurement]) -> tuple[FloatArray, FloatArray]:
    """Spectra in one array.

    Returns
    -------
    reflectance_factor : ndarray, shape (n_measurements, n_angles, n_wavelengths)
    wavelengths : ndarray, shape (n_wavelengths,)
        [nm]

    Raises
    ------
    FrameError
        If they have different angles or wavelengths, or there are none.
    """
    kinds = {(one.geometry.tokens, one.grid) for one in measurements}
    if len(kinds) != 1:
        raise FrameError(f"one array holds measurements of the same angles and wavelengths; these are of {len(kinds)}")
    ((_, grid),) = kinds
    return np.array([one.reflectance_factor for one in measurements]), grid.wavelengths


def from_array(
    reflectance_factor: ArrayLike,
    wavelengths: ArrayLike,
    samples: Sequence[str],
    tokens: Sequence[str] = (UNDECLARED.name,),
    reflectance_unit: ReflectanceUnit = "fraction",
) -> tuple[Measurement, ...]:
    """Measurements from spectra in one array.

    Parameters
    ----------
    reflectance_factor : array_like, shape (n_measurements, n_angles, n_wavelengths) or (n_measurements, n_wavelengths)
        [1.0 = perfect reflecting diffuser, or 100 if in percent]
    wavelengths : array_like, shape (n_wavelengths,)
        Rising. [nm]
    samples : sequence of str, length n_measurements
    tokens : sequence of str, length n_angles
        Angle pairs such as 45as15, or one geometry such as d/8 SCI; undeclared when left out.
    reflectance_unit : {"fraction", "percent"}

    Raises
    ------
    FrameError
        If shapes disagree, a value is not a finite number, a token names no geometry, or values cannot be of the unit.
    WavelengthRangeError
        If the wavelengths do not rise.
    """
    spectra = array_of(reflectance_factor, "reflectance factors")
    geometry = geometry_of(tuple(tokens))
    if spectra.ndim == 2:
        spectra = spectra[:, None, :]
    nodes = array_of(wavelengths, "wavelengths")
    expected = (len(samples), geometry.n_angles, nodes.size)
    if spectra.shape != expected or nodes.ndim != 1:
        raise FrameError(f"spectra of shape {spectra.shape}; {expected} expected of samples, angles and wavelengths")
    grid = grid_of_nodes(nodes)
    return tuple(
        as_factors(Measurement(name, spectrum, grid, geometry), reflectance_unit)
        for name, spectrum in zip(samples, spectra, strict=True)
    )
