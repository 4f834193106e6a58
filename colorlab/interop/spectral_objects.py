"""Measurements and lights to and from the spectral objects of colour-science."""

from __future__ import annotations

from typing import Any

import numpy as np

from colorlab.colorimetry.library import colour_science
from colorlab.interop.columns import array_of, as_factors, geometry_of
from spectra.errors import FrameError
from spectra.formats.base import ReflectanceUnit
from spectra.geometry import UNDECLARED, is_directional
from spectra.light import SpectralDistribution
from spectra.measurement import Measurement
from spectra.wavelengths import grid_of_nodes


def to_colour(measurement: Measurement) -> Any:
    """A `colour.MultiSpectralDistributions` with a column an angle; of a single angle a `colour.SpectralDistribution`.

    Reflectance factors, 1.0 for the perfect diffuser; the name is the sample's.
    """
    colour, nm = colour_science(), measurement.grid.wavelengths
    if measurement.geometry.n_angles == 1:
        return colour.SpectralDistribution(measurement.reflectance_factor[0], nm, name=measurement.sample)
    return colour.MultiSpectralDistributions(
        measurement.reflectance_factor.T, nm, labels=list(measurement.geometry.tokens), name=measurement.sample
    )


def from_colour(
    spectral: Any,
    sample: str | None = None,
    geometry: str | None = None,
    reflectance_unit: ReflectanceUnit = "fraction",
) -> tuple[Measurement, ...]:
    """Measurements of a `colour.SpectralDistribution` or `colour.MultiSpectralDistributions`.

    Columns labelled with angle pairs such as 45as15 are the angles of one sample; others are samples of their own.

    Parameters
    ----------
    spectral : object of colour-science
        Reflectances; of a light see `light_from_colour`.
    sample : str, optional
        The object's own name when left out; columns that are samples keep their labels.
    geometry : str, optional
        One geometry such as d/8 SCI for all columns; undeclared when left out.
    reflectance_unit : {"fraction", "percent"}
        1.0 or 100 for the perfect diffuser.

    Raises
    ------
    FrameError
        If it is neither, a value is not finite, the geometry is not known, or the values cannot be of the unit.
    """
    colour = colour_science()
    if not isinstance(spectral, colour.SpectralDistribution | colour.MultiSpectralDistributions):
        raise FrameError(f"a {type(spectral).__name__} is no spectral object of colour-science")
    name = sample or str(spectral.name)
    grid = grid_of_nodes(array_of(spectral.wavelengths, "wavelengths"))
    values = array_of(spectral.values, name)
    if values.ndim == 1:
        only = Measurement(name, values[None], grid, geometry_of((geometry or UNDECLARED.name,)))
        return (as_factors(only, reflectance_unit),)
    labels = tuple(map(str, spectral.labels))
    if geometry is None and all(is_directional(label) for label in labels):
        return (as_factors(Measurement(name, values.T, grid, geometry_of(labels)), reflectance_unit),)
    single = geometry_of((geometry or UNDECLARED.name,))
    return tuple(
        as_factors(Measurement(label, column[None], grid, single), reflectance_unit)
        for label, column in zip(labels, values.T, strict=True)
    )


def light_to_colour(light: SpectralDistribution) -> Any:
    """A `colour.SpectralDistribution` of a light source or another spectrum that is no reflectance."""
    return colour_science().SpectralDistribution(light.values, light.grid.wavelengths, name=light.name)


def light_from_colour(spectral: Any, quantity: str = "relative", name: str | None = None) -> SpectralDistribution:
    """A light source from a `colour.SpectralDistribution`, such as one of its datasets.

    Raises
    ------
    FrameError
        If it is no spectral distribution or a value is not finite.
    """
    if not isinstance(spectral, colour_science().SpectralDistribution):
        raise FrameError(f"a {type(spectral).__name__} is no SpectralDistribution of colour-science")
    grid = grid_of_nodes(array_of(spectral.wavelengths, "wavelengths"))
    called = name or str(spectral.name)
    return SpectralDistribution(called, quantity, np.asarray(array_of(spectral.values, called)), grid)
