"""The covariance of a measurement: what more readings would take away, what they would not, and who says so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from colorlab.tolerance.noise import ReflectanceNoise
from spectra.arrays import FloatArray
from spectra.errors import MeasurementError
from spectra.measurement import Measurement
from spectra.replicates import different_readings

Kind = Literal["stated", "replicates", "instrument statement", "declared default"]

# How many readings the declared repeatability is worth when a file's own readings are weighed against it.
DECLARED_WEIGHT = 2
# Printed digits leave a stated covariance this far from one; what is further off is none. Share of its largest
# eigenvalue. [1]
ROUNDING = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class ScaledCovariance:
    """A covariance as scale × shape × scale: many measurements share one shape, which is stored and multiplied once.

    Attributes
    ----------
    scale : ndarray, shape (n_angles, n_wavelengths)
        [reflectance factor]
    shape : ndarray, shape (n_wavelengths, n_wavelengths) or (n_angles, n_wavelengths, n_wavelengths)
        Positive semi-definite. The same array object in all measurements that have it in common.
    """

    scale: FloatArray
    shape: FloatArray

    @property
    def matrix(self) -> FloatArray:
        """Shape (n_angles, n_wavelengths, n_wavelengths)."""
        product: FloatArray = self.scale[:, :, None] * self.shape * self.scale[:, None, :]
        return product

    def through(self, jacobian: FloatArray) -> FloatArray:
        """J Σ Jᵀ, shape (n_angles, n, n), for a Jacobian of shape (n_angles, n, n_wavelengths)."""
        scaled = jacobian * self.scale[:, None, :]
        moved: FloatArray = scaled @ self.shape @ np.swapaxes(scaled, -1, -2)
        return moved

    def times(self, factor: float) -> ScaledCovariance:
        """The covariance multiplied by a factor that is not negative."""
        return ScaledCovariance(math.sqrt(factor) * self.scale, self.shape)


@dataclass(frozen=True, slots=True, eq=False)
class MeasurementUncertainty:
    """Covariance of the mean reflectance factor, in two parts.

    Attributes
    ----------
    of_one_reading : ScaledCovariance
        What differs from reading to reading; the mean of n readings has an n-th of it.
    systematic : ScaledCovariance
        What more readings do not take away. A stated covariance is all of this kind: nobody says how it averages.
    n_readings : int
        Different readings the mean rests on; 1 when the file holds no single readings, or states the covariance.
    kind : {"stated", "replicates", "instrument statement", "declared default"}
        Who says so.
    source : str
        The same in words.
    freedom : float
        Degrees of freedom of the variance of one reading, for Student's t; infinite where it is taken as known.
    """

    of_one_reading: ScaledCovariance
    systematic: ScaledCovariance
    n_readings: int
    kind: Kind
    source: str
    freedom: float

    @property
    def covariance(self) -> FloatArray:
        """Of the mean, shape (n_angles, n_wavelengths, n_wavelengths)."""
        return self.of_one_reading.matrix / self.n_readings + self.systematic.matrix

    def through(self, jacobian: FloatArray) -> FloatArray:
        """J Σ Jᵀ, shape (n_angles, n, n), for a Jacobian of shape (n_angles, n, n_wavelengths)."""
        return self.of_one_reading.through(jacobian) / self.n_readings + self.systematic.through(jacobian)

    def with_readings(self, n_readings: int) -> MeasurementUncertainty:
        """What the uncertainty would be with so many readings of the same scatter.

        Raises
        ------
        MeasurementError
            If that is not one reading at least.
        """
        if n_readings < 1:
            raise MeasurementError(f"a mean of {n_readings} readings")
        return replace(self, n_readings=n_readings)


def measurement_uncertainties(
    measurements: Sequence[Measurement], noise: ReflectanceNoise
) -> tuple[MeasurementUncertainty, ...]:
    """Covariance of each of many measurements (see `measurement_uncertainty`)."""
    return tuple(measurement_uncertainty(one, noise) for one in measurements)


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
        return _stated(measurement.sample, measurement.covariance)
    sigma, correlation = noise.repeatability(measurement), noise.correlation(measurement)
    one_reading = ScaledCovariance(sigma, correlation)
    n_readings, freedom, source = 1, math.inf, noise.source
    kind: Kind = "declared default"
    if measurement.readings is not None and len(measurement.readings) > 1:
        different = different_readings(measurement.readings)
        copies = len(measurement.readings) - len(different)
        n_readings = len(different)
        if n_readings > 1:
            ratio = float(np.mean(different.var(axis=0, ddof=1) / np.maximum(sigma, 1e-12) ** 2))
            freedom = float(DECLARED_WEIGHT + n_readings - 1)
            one_reading = one_reading.times((DECLARED_WEIGHT + (n_readings - 1) * ratio) / freedom)
            kind = "replicates"
            source = f"{n_readings} repeat readings weighed against the {noise.source}"
        if copies:
            source += f"; {copies} readings that repeat another to the last digit were not counted"
    systematic = ScaledCovariance(noise.drift(measurement), correlation)
    return MeasurementUncertainty(one_reading, systematic, n_readings, kind, source, freedom)


def _stated(sample: str, covariance: FloatArray) -> MeasurementUncertainty:
    values = np.linalg.eigvalsh(covariance)
    if (values[:, 0] < -ROUNDING * values[:, -1]).any():
        raise MeasurementError(
            f"{sample}: the stated covariance has a negative eigenvalue, {values.min():.3g} beside {values.max():.3g}; "
            "state it as computed, or leave it out"
        )
    one = np.ones(covariance.shape[:2])
    return MeasurementUncertainty(
        of_one_reading=ScaledCovariance(0 * one, covariance),
        systematic=ScaledCovariance(one, covariance),
        n_readings=1,
        kind="stated",
        source="covariance stated with the measurement",
        freedom=math.inf,
    )
