"""What an instrument said about one sample: reflectance factors per angle, and what the file declared, no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray, frozen
from spectra.errors import MeasurementError
from spectra.geometry import Geometry
from spectra.wavelengths import WavelengthGrid, resample

Role = Literal["standard", "sample", "undeclared"]


@dataclass(frozen=True, slots=True)
class Source:
    """The raw file a record was read from."""

    file_name: str
    sha256: str
    format: str


@dataclass(frozen=True, slots=True)
class Texture:
    """A texture scalar of one vendor's instrument: opaque, comparable only with the same device and version."""

    quantity: str
    geometry: str
    value: float
    version: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class StatedColour:
    """Colour coordinates that stand in the file beside the spectrum; the instrument's claim, not ours.

    `illuminant` and `observer` are None where the file does not declare them, as QTX often does not.
    """

    space: Literal["Lab", "XYZ"]
    values: FloatArray
    illuminant: str | None = None
    observer: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """One sample measured in one geometry.

    Attributes
    ----------
    sample : str
        Name of the panel or paint.
    reflectance_factor : ndarray, shape (n_angles, n_wavelengths)
        [1.0 = perfect reflecting diffuser; may exceed 1 near the specular direction]
    grid : WavelengthGrid
    geometry : Geometry
    role : {"standard", "sample", "undeclared"}
        What the file calls it.
    standard : str or None
        The standard the file judges it against.
    readings : ndarray, shape (n_readings, n_angles, n_wavelengths), or None
        The single readings, when the file holds them.
    stated : StatedColour or None
    texture : tuple of Texture
    taken_at : datetime or None
        As declared; without a time zone when the file gives none.
    instrument : str or None
    conditions : mapping of str to str
        Other declarations, verbatim: aperture, UV, averaging, illuminant of the source.
    source : Source or None

    Raises
    ------
    MeasurementError
        If shapes disagree or a value is not finite.
    """

    sample: str
    reflectance_factor: FloatArray
    grid: WavelengthGrid
    geometry: Geometry
    role: Role = "undeclared"
    standard: str | None = None
    readings: FloatArray | None = None
    stated: StatedColour | None = None
    texture: tuple[Texture, ...] = ()
    taken_at: datetime | None = None
    instrument: str | None = None
    conditions: Mapping[str, str] = field(default_factory=dict)
    source: Source | None = None

    def __post_init__(self) -> None:
        spectra = frozen(self.reflectance_factor)
        expected = (self.geometry.n_angles, self.grid.count)
        if spectra.shape != expected:
            raise MeasurementError(
                f"{self.sample}: reflectance factors of shape {spectra.shape}; "
                f"{expected} expected for {self.geometry.name} and {self.grid}"
            )
        if not np.isfinite(spectra).all():
            raise MeasurementError(f"{self.sample}: a reflectance factor is not a finite number")
        object.__setattr__(self, "reflectance_factor", spectra)
        if self.readings is not None:
            readings = frozen(self.readings)
            if readings.ndim != 3 or readings.shape[1:] != expected or not np.isfinite(readings).all():
                raise MeasurementError(f"{self.sample}: readings of shape {readings.shape} do not fit {expected}")
            object.__setattr__(self, "readings", readings)

    def on_grid(self, grid: WavelengthGrid) -> Measurement:
        """The same measurement at other wavelengths (see `resample`)."""
        if grid == self.grid:
            return self
        readings = None if self.readings is None else resample(self.readings, self.grid, grid)
        return replace(
            self, reflectance_factor=resample(self.reflectance_factor, self.grid, grid), readings=readings, grid=grid
        )

    def at_angles(self, tokens: Sequence[str]) -> Measurement:
        """The same measurement reduced to some angle pairs, in the order asked for."""
        rows = [self.geometry.index(token) for token in tokens]
        stated = self.stated and replace(self.stated, values=frozen(self.stated.values[rows]))
        return replace(
            self,
            geometry=self.geometry.select(tokens),
            reflectance_factor=self.reflectance_factor[rows],
            readings=None if self.readings is None else self.readings[:, rows],
            stated=stated,
        )


def average_readings(readings: ArrayLike) -> FloatArray:
    """Mean over the first axis: the reflectance factor that is reported for a set of repeat readings."""
    mean: FloatArray = np.mean(np.asarray(readings, dtype=np.float64), axis=0)
    return mean
