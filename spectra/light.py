"""Spectra that are not reflectance: light sources, transmittance, fluorescence; the file's quantity kept by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from spectra.arrays import FloatArray, frozen, is_finite
from spectra.errors import MeasurementError
from spectra.stated import Source
from spectra.wavelengths import WavelengthGrid


@dataclass(frozen=True, slots=True, eq=False)
class SpectralDistribution:
    """One spectrum of a stated quantity.

    Attributes
    ----------
    name : str
    quantity : str
        As the file declares it, in small letters: "relative", "flux", "irradiance", "transmittance", "emissive".
    values : ndarray, shape (n_wavelengths,)
        [as `unit` says]
    grid : WavelengthGrid
    unit : str
        Verbatim; empty where the file does not say.
    conditions : mapping of str to str
        Other declarations, verbatim.

    Raises
    ------
    MeasurementError
        If the values do not fit the wavelengths or one is not finite.
    """

    name: str
    quantity: str
    values: FloatArray
    grid: WavelengthGrid
    unit: str = ""
    conditions: Mapping[str, str] = field(default_factory=dict)
    source: Source | None = None

    def __post_init__(self) -> None:
        values = frozen(self.values)
        if values.shape != (self.grid.count,) or not is_finite(values):
            raise MeasurementError(f"{self.name}: values of shape {values.shape} are not {self.grid.count} numbers")
        object.__setattr__(self, "values", values)
