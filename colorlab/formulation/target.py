"""The colour wanted, at the wavelengths and angles for which the colorants are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spectra.arrays import FloatArray, frozen
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError, NotComparableError
from spectra.geometry import Geometry
from spectra.measurement import Measurement
from spectra.optics.kubelka_munk import refuse_without_absorption
from spectra.wavelengths import WavelengthGrid


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A measured colour to be matched.

    Attributes
    ----------
    name : str
    reflectance_factor : ndarray, shape (n_angles, n_wavelengths)
    grid : WavelengthGrid
    geometry : Geometry

    Raises
    ------
    FormulationError
        If the shape does not fit, or a value is not above 0 and below 1: no paint of absorption and scattering alone
        reflects it.
    """

    name: str
    reflectance_factor: FloatArray
    grid: WavelengthGrid
    geometry: Geometry

    def __post_init__(self) -> None:
        spectra = frozen(np.atleast_2d(self.reflectance_factor))
        if spectra.shape != (self.geometry.n_angles, self.grid.count):
            raise FormulationError(
                f"{self.name}: reflectance factors of shape {spectra.shape}; "
                f"{(self.geometry.n_angles, self.grid.count)} expected for {self.geometry.name} and {self.grid}"
            )
        refuse_without_absorption(spectra, self.grid.wavelengths, self.name)
        object.__setattr__(self, "reflectance_factor", spectra)


def target_from_measurement(measurement: Measurement, colorant_set: ColorantSet) -> Target:
    """A target from a measurement, on the grid of the colorants.

    Raises
    ------
    NotComparableError
        If it was not measured in the geometry of the ladders: the model predicts that geometry only.
    WavelengthRangeError
        If it does not reach over the colorants' wavelengths.
    """
    wanted = colorant_set.geometry
    if (measurement.geometry.kind, measurement.geometry.tokens) != (wanted.kind, wanted.tokens):
        raise NotComparableError(
            "geometry",
            f"{colorant_set.name} characterised in {wanted.name}",
            f"{measurement.sample} measured in {measurement.geometry.name}",
            "Measure the target in the geometry of the ladders, or declare its geometry if the file did not",
        )
    moved = measurement.on_grid(colorant_set.grid)
    return Target(measurement.sample, moved.reflectance_factor, colorant_set.grid, wanted)
