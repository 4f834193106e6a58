"""What an instrument said about one sample: reflectance factors per angle, and what the file declared, no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray, frozen, is_finite
from spectra.errors import MeasurementError
from spectra.geometry import Geometry
from spectra.stated import Role, Source, StatedColour, Texture, check_stated
from spectra.wavelengths import WavelengthGrid, resample

MeasurementCondition = Literal["M0", "M1", "M2", "M3"]
MEASUREMENT_CONDITIONS: tuple[MeasurementCondition, ...] = ("M0", "M1", "M2", "M3")


@dataclass(frozen=True, slots=True)
class Declared:
    """What a file declares of how a reflectance was measured; None where it declares nothing.

    Attributes
    ----------
    condition : {"M0", "M1", "M2", "M3"} or None
        Of the light and its filter, ISO 13655: M1 is D50 with its ultraviolet, M2 without, M3 polarised.
    bandpass_nm : float or None
        Full width at half maximum. [nm]
    bandpass_corrected : bool or None
        Whether the values were freed of the bandpass already (ASTM E308 Table 5) or not (Table 6).
    backing : str or None
        What lay behind the sample: "white", "black", or the file's words.
    """

    condition: MeasurementCondition | None = None
    bandpass_nm: float | None = None
    bandpass_corrected: bool | None = None
    backing: str | None = None

    def __post_init__(self) -> None:
        if self.condition not in (None, *MEASUREMENT_CONDITIONS):
            raise MeasurementError(f"measurement condition {self.condition!r} is none of M0, M1, M2, M3")
        if self.bandpass_nm is not None and not 0 < self.bandpass_nm < 1000:
            raise MeasurementError(f"a bandpass of {self.bandpass_nm:g} nm")


NOTHING_DECLARED = Declared()


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
    covariance : ndarray, shape (n_angles, n_wavelengths, n_wavelengths), or None
        Of the reflectance factors as reported, at each angle, where somebody states it. [1]
    declared : Declared
        How it was measured, as far as the file says.
    stated : tuple of StatedColour
        Colours the file states beside the spectrum, one for each space, illuminant and observer.
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
        If shapes disagree, a value is not finite, or the covariance is not symmetric with variances that are not
        negative.
    """

    sample: str
    reflectance_factor: FloatArray
    grid: WavelengthGrid
    geometry: Geometry
    role: Role = "undeclared"
    standard: str | None = None
    readings: FloatArray | None = None
    covariance: FloatArray | None = None
    declared: Declared = NOTHING_DECLARED
    stated: tuple[StatedColour, ...] = ()
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
        if not is_finite(spectra):
            raise MeasurementError(f"{self.sample}: a reflectance factor is not a finite number")
        object.__setattr__(self, "reflectance_factor", spectra)
        if self.readings is not None:
            readings = frozen(self.readings)
            if readings.ndim != 3 or readings.shape[1:] != expected or not is_finite(readings):
                raise MeasurementError(f"{self.sample}: readings of shape {readings.shape} do not fit {expected}")
            object.__setattr__(self, "readings", readings)
        if self.covariance is not None:
            object.__setattr__(self, "covariance", _checked_covariance(self.sample, self.covariance, expected))
        check_stated(self.sample, self.stated, self.geometry)

    def on_grid(self, grid: WavelengthGrid) -> Measurement:
        """The same measurement at other wavelengths (see `resample`)."""
        if grid == self.grid:
            return self
        readings = None if self.readings is None else resample(self.readings, self.grid, grid)
        covariance = self.covariance
        if covariance is not None:  # both of its axes are wavelengths, and resampling is linear
            half = resample(covariance, self.grid, grid).swapaxes(-1, -2)
            moved = resample(half, self.grid, grid)
            covariance = (moved + moved.swapaxes(-1, -2)) / 2
        return replace(
            self,
            reflectance_factor=resample(self.reflectance_factor, self.grid, grid),
            readings=readings,
            covariance=covariance,
            grid=grid,
        )

    def at_angles(self, tokens: Sequence[str]) -> Measurement:
        """The same measurement reduced to some angle pairs, in the order asked for."""
        rows = [self.geometry.index(token) for token in tokens]
        return replace(
            self,
            geometry=self.geometry.select(tokens),
            reflectance_factor=self.reflectance_factor[rows],
            readings=None if self.readings is None else self.readings[:, rows],
            covariance=None if self.covariance is None else self.covariance[rows],
            stated=tuple(replace(colour, values=colour.values[rows]) for colour in self.stated),
        )


def _checked_covariance(sample: str, covariance: ArrayLike, shape: tuple[int, int]) -> FloatArray:
    matrix = frozen(covariance)
    if matrix.shape != (*shape, shape[1]) or not is_finite(matrix):
        raise MeasurementError(f"{sample}: a covariance of shape {matrix.shape} does not fit {shape}")
    scale = float(np.abs(matrix).max(initial=0.0))
    if np.abs(matrix - matrix.swapaxes(-1, -2)).max(initial=0.0) > 1e-9 * scale:
        raise MeasurementError(f"{sample}: the covariance is not symmetric")
    if (np.diagonal(matrix, axis1=-2, axis2=-1) < 0).any():
        raise MeasurementError(f"{sample}: a variance is negative")
    return matrix


def average_readings(readings: ArrayLike) -> FloatArray:
    """Mean over the first axis: the reflectance factor that is reported for a set of repeat readings."""
    mean: FloatArray = np.mean(np.asarray(readings, dtype=np.float64), axis=0)
    return mean
