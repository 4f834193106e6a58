"""How far a reading may be from the truth: as stated, or a declared model rescaled by repeat readings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import MeasurementError
from spectra.measurement import Measurement
from spectra.replicates import different_readings

# How many readings the declared repeatability is worth when a file's own readings are weighed against it.
DECLARED_WEIGHT = 2
# Printed digits leave a stated covariance this far from one; what is further off is none. Share of its largest
# eigenvalue. [1]
ROUNDING = 0.01


@dataclass(frozen=True, slots=True)
class ReflectanceNoise:
    """Standard uncertainty of a single reading.

    Attributes
    ----------
    relative : float
        Repeatability with replacement of the panel, share of the reflectance factor. [1]
    absolute : float
        Repeatability from dark noise, zero and rounding. [reflectance factor]
    systematic : float
        What more readings do not average out: the calibration's drift between standard and sample. Share of the
        reflectance factor. [1]
    correlation_length_nm : float
        Over which wavelengths the errors of one reading move together: errors of placement and calibration are broad.
    source : str
        Where the figures come from; shown with every verdict that used them.
    """

    relative: float
    absolute: float
    systematic: float
    correlation_length_nm: float
    source: str

    def __post_init__(self) -> None:
        values = (self.relative, self.absolute, self.systematic, self.correlation_length_nm)
        if not all(np.isfinite(value) and value >= 0 for value in values) or self.correlation_length_nm <= 0:
            raise MeasurementError(f"noise {values} must be non-negative, with a positive correlation length")

    def repeatability(self, measurement: Measurement) -> FloatArray:
        """Standard deviation of a single reading, shape (n_angles, n_wavelengths). [reflectance factor]"""
        spread: FloatArray = np.hypot(self.relative * np.abs(measurement.reflectance_factor), self.absolute)
        return spread

    def correlation(self, measurement: Measurement) -> FloatArray:
        """Between wavelengths, shape (n_wavelengths, n_wavelengths); angles are taken as independent."""
        distance = measurement.grid.wavelengths[:, None] - measurement.grid.wavelengths
        matrix: FloatArray = np.exp(-0.5 * (distance / self.correlation_length_nm) ** 2)
        return matrix

    def as_dict(self) -> dict[str, float | str]:
        """The figures, so that a verdict can be reached again."""
        return {
            "relative": self.relative,
            "absolute": self.absolute,
            "systematic": self.systematic,
            "correlation_length_nm": self.correlation_length_nm,
            "source": self.source,
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> ReflectanceNoise:
        """The noise that `as_dict` wrote."""
        names = ("relative", "absolute", "systematic", "correlation_length_nm", "source")
        return cls(**{name: document[name] for name in names})


# The repeatability gives a mean colour difference from the mean (MCDM, CIEDE2000) of 0.11 on the 13 masstones and 0.09
# on the 12 tints of the Kimera data, where three real readings each show 0.14 and 0.07: of the right size for a careful
# operator. The systematic part is an assumption.
DECLARED_DEFAULT = ReflectanceNoise(
    relative=0.004,
    absolute=0.0002,
    systematic=0.001,
    correlation_length_nm=80.0,
    source="declared default, not measured: 0.4 % of the reading and 0.0002 a reading, 0.1 % however many, "
    "correlated over 80 nm",
)


@dataclass(frozen=True, slots=True, eq=False)
class MeasurementUncertainty:
    """Covariance of the mean reflectance factor.

    Attributes
    ----------
    covariance : ndarray, shape (n_angles, n_wavelengths, n_wavelengths)
    source : str
    n_readings : int
        Different readings it rests on; 1 when the file holds no single readings, or states the covariance.
    """

    covariance: FloatArray
    source: str
    n_readings: int


def measurement_uncertainty(measurement: Measurement, noise: ReflectanceNoise) -> MeasurementUncertainty:
    """Covariance of a measurement: the one stated, or the declared noise weighed against its own repeat readings.

    A stated covariance is that of the value as reported, and nothing is added to it: whoever states it answers for what
    it holds. One that is zero throughout says nothing, and the next best is used.

    A handful of readings cannot give a covariance of 31 wavelengths; they do give its size. Their mean square deviation
    in units of the declared repeatability is averaged with the declaration, which counts as `DECLARED_WEIGHT` readings;
    the mean of n readings is uncertain by 1/√n of a single one, plus the systematic part, which no reading takes away.
    Readings that agree to the last digit are copies of one.

    Raises
    ------
    MeasurementError
        If the stated covariance is none: it gives some combination of wavelengths a negative variance.
    """
    if measurement.covariance is not None and measurement.covariance.any():
        _check_definite(measurement.sample, measurement.covariance)
        return MeasurementUncertainty(measurement.covariance, "covariance stated with the measurement", 1)
    sigma = noise.repeatability(measurement)
    n_readings, scale, source = 1, 1.0, noise.source
    if measurement.readings is not None and len(measurement.readings) > 1:
        different = different_readings(measurement.readings)
        copies = len(measurement.readings) - len(different)
        n_readings = len(different)
        if n_readings > 1:
            ratio = float(np.mean(different.var(axis=0, ddof=1) / np.maximum(sigma, 1e-12) ** 2))
            freedom = n_readings - 1
            scale = (DECLARED_WEIGHT + freedom * ratio) / (DECLARED_WEIGHT + freedom) / n_readings
            source = f"{n_readings} repeat readings weighed against the {noise.source}"
        if copies:
            source += f"; {copies} readings that repeat another to the last digit were not counted"
    systematic = noise.systematic * np.abs(measurement.reflectance_factor)
    correlation = noise.correlation(measurement)
    covariance = (
        scale * sigma[:, :, None] * sigma[:, None, :] + systematic[:, :, None] * systematic[:, None, :]
    ) * correlation
    return MeasurementUncertainty(covariance, source, n_readings)


def _check_definite(sample: str, covariance: FloatArray) -> None:
    values = np.linalg.eigvalsh(covariance)
    if (values[:, 0] < -ROUNDING * values[:, -1]).any():
        raise MeasurementError(
            f"{sample}: the stated covariance has a negative eigenvalue, {values.min():.3g} beside {values.max():.3g}; "
            "state it as computed, or leave it out"
        )
