"""The covariance of a measurement: what more readings would take away, what they would not, and who says so."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from colorlab.uncertainty.noise import ReflectanceNoise
from spectra.arrays import FloatArray
from spectra.errors import MeasurementError
from spectra.measurement import Measurement
from spectra.replicates import different_readings

Kind = Literal["stated", "replicates", "instrument statement", "declared default"]

# Printed digits leave a stated covariance this far from one; what is further off is none. Share of its largest
# eigenvalue. [1]
ROUNDING = 0.01
# Beyond so many degrees of freedom Student's t is normal to five digits.
MOST_FREEDOM = 1e6


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
        """What the uncertainty would be with so many readings of the same scatter: each adds a degree of freedom.

        Raises
        ------
        MeasurementError
            If that is not one reading at least.
        """
        if n_readings < 1:
            raise MeasurementError(f"a mean of {n_readings} readings")
        freedom = max(self.freedom + n_readings - self.n_readings, 1.0)
        return replace(self, n_readings=n_readings, freedom=freedom)


def measurement_uncertainty(measurement: Measurement, noise: ReflectanceNoise) -> MeasurementUncertainty:
    """Covariance of a measurement: the one stated, or what its readings show, or what is declared.

    A stated covariance is that of the value as reported, and nothing is added to it: whoever states it answers for what
    it holds. One that is zero throughout says nothing, and the next best is used.

    A handful of readings cannot give a covariance of 31 wavelengths. The declared noise is the prior, worth its degrees
    of freedom: at each angle it is brought to the size of the readings, and the
    readings' own covariance is then averaged with it, each reading beyond the first being worth one. The mean of n
    readings is uncertain by 1/√n of a single one, plus the systematic part, which no reading takes away. Readings that
    agree to the last digit are copies of one.

    Parameters
    ----------
    measurement : Measurement
    noise : ReflectanceNoise

    Raises
    ------
    MeasurementError
        If the stated covariance is none: it gives some combination of wavelengths a negative variance.
    """
    if measurement.covariance is not None and measurement.covariance.any():
        return _stated(measurement.sample, measurement.covariance)
    readings = measurement.reflectance_factor[None] if measurement.readings is None else measurement.readings
    different = readings if len(readings) == 1 else different_readings(readings)
    kind: Kind
    one_reading = ScaledCovariance(noise.repeatability(measurement), noise.correlation(measurement))
    freedom, kind, source = noise.freedom, noise.kind, noise.source
    if len(different) > 1 and math.isfinite(freedom):
        one_reading, freedom = _moderated(one_reading, freedom, different)
        kind, source = "replicates", f"{len(different)} repeat readings weighed against the {noise.source}"
    if copies := len(readings) - len(different):
        source += f"; {copies} readings that repeat another to the last digit were not counted"
    systematic = ScaledCovariance(noise.drift(measurement), noise.drift_correlation(measurement))
    return MeasurementUncertainty(one_reading, systematic, len(different), kind, source, freedom)


def student_inflation(variances: ArrayLike, freedom: ArrayLike, coverage: float = 0.95) -> FloatArray:
    """By what to multiply a variance so that a normal interval holds what Student's t would.

    Parameters
    ----------
    variances : array_like, shape (..., n_parts)
        Of independent parts, which add up.
    freedom : array_like, shape (n_parts,)
        Degrees of freedom of each; infinite where it is taken as known.

    Returns
    -------
    ndarray, shape (...)
        [1] 1 where the parts with few degrees of freedom do not matter.

    References
    ----------
    .. [1] JCGM 100:2008, G.4 (Welch–Satterthwaite).
    """
    from scipy.special import ndtri, stdtrit

    parts = np.asarray(variances, dtype=np.float64)
    uncertain = (parts**2 / np.asarray(freedom, dtype=np.float64)).sum(axis=-1)
    total = parts.sum(axis=-1) ** 2
    few = uncertain * MOST_FREEDOM > total
    effective = np.maximum(total / np.where(few, uncertain, 1.0), 1.0)
    upper = (1 + coverage) / 2
    factor = (stdtrit(np.where(few, effective, MOST_FREEDOM), upper) / ndtri(upper)) ** 2
    inflation: FloatArray = np.where(few, np.maximum(factor, 1.0), 1.0)
    return inflation


def _moderated(prior: ScaledCovariance, freedom: float, different: FloatArray) -> tuple[ScaledCovariance, float]:
    """Covariance of one reading from the readings and a prior, and its degrees of freedom.

    First the prior is brought to the size of the readings, which they tell best: the deviation of one reading is worth
    as many independent errors as the prior's shape has. Then their own covariance, of which they tell little, is
    averaged with it, so that the variance of any colour coordinate is held to what the readings show of it.
    """
    scale = np.maximum(prior.scale, 1e-12)
    off = (different - different.mean(axis=0)) / scale
    own = np.einsum("naw,nav->awv", off, off)
    beyond, n_wavelengths = len(different) - 1, scale.shape[1]
    errors = n_wavelengths**2 / (prior.shape**2).sum()
    energy = np.trace(own, axis1=1, axis2=2) / n_wavelengths
    size = (freedom + errors * energy) / (freedom + errors * beyond)
    together = freedom + beyond
    shape = (freedom * size[:, None, None] * prior.shape + own) / together
    return ScaledCovariance(scale, shape), together


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
