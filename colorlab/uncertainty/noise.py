"""How far one reading may be from the truth: the declared model, and the figures that stand where none is known."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from spectra.arrays import FloatArray, frozen
from spectra.errors import MeasurementError
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

NoiseKind = Literal["instrument statement", "declared default"]

# What a repeatability nobody measured is worth beside readings: it is held to be uncertain by 35 % (JCGM 100, G.4: half
# the inverse square of that). Intervals of single readings then hold 93 to 98 % on average over instruments twice as
# good, as good and half as good as declared (benchmarks/bench_uncertainty.py).
DECLARED_FREEDOM = 4.0


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
    white_share : float
        Share of the variance of a reading that is independent between wavelengths. [1]
    systematic_absolute : float
        The zero's part of what readings share. [reflectance factor]
    freedom : float
        Degrees of freedom of the repeatability's variance; infinite where it is taken as known.
    angle_factors : tuple of (str, float)
        Repeatability at some angle pairs as a multiple of the rest: near the specular direction flakes repeat worse.
    wavelength_factors : tuple of (float, float)
        The same at some wavelengths, rising; between them it is interpolated, beyond them the last holds. [nm], [1]
    kind : {"instrument statement", "declared default"}
    """

    relative: float
    absolute: float
    systematic: float
    correlation_length_nm: float
    source: str
    white_share: float = 0.0
    systematic_absolute: float = 0.0
    freedom: float = math.inf
    angle_factors: tuple[tuple[str, float], ...] = ()
    wavelength_factors: tuple[tuple[float, float], ...] = ()
    kind: NoiseKind = "declared default"

    def __post_init__(self) -> None:
        values = (self.relative, self.absolute, self.systematic, self.systematic_absolute, self.correlation_length_nm)
        if not all(np.isfinite(value) and value >= 0 for value in values) or self.correlation_length_nm <= 0:
            raise MeasurementError(f"noise {values} must be non-negative, with a positive correlation length")
        if not 0 <= self.white_share <= 1:
            raise MeasurementError(f"a white share of {self.white_share} is not between 0 and 1")
        if not self.freedom >= 1:
            raise MeasurementError(f"{self.freedom} degrees of freedom; one is the least")
        factors = [factor for _, factor in (*self.angle_factors, *self.wavelength_factors)]
        if not all(np.isfinite(factor) and factor > 0 for factor in factors):
            raise MeasurementError("a factor of the repeatability is not a positive number")
        nodes = [nm for nm, _ in self.wavelength_factors]
        if any(not low < high for low, high in pairwise(nodes)):
            raise MeasurementError("the wavelengths of the repeatability's factors do not rise")

    def repeatability(self, measurement: Measurement) -> FloatArray:
        """Standard deviation of a single reading, shape (n_angles, n_wavelengths). [reflectance factor]"""
        spread: FloatArray = np.hypot(self.relative * np.abs(measurement.reflectance_factor), self.absolute)
        if self.angle_factors:
            table = dict(self.angle_factors)
            spread = spread * np.array([[table.get(token, 1.0)] for token in measurement.geometry.tokens])
        if self.wavelength_factors:
            nodes, factors = np.transpose(self.wavelength_factors)
            spread = spread * np.interp(measurement.grid.wavelengths, nodes, factors)
        return spread

    def correlation(self, measurement: Measurement) -> FloatArray:
        """Of one reading between wavelengths, shape (n_wavelengths, n_wavelengths); angles are taken as independent.

        Measurements on one grid get the same array.
        """
        return smooth_correlation(measurement.grid, self.correlation_length_nm, self.white_share)

    def drift(self, measurement: Measurement) -> FloatArray:
        """Standard deviation of what readings share, shape (n_angles, n_wavelengths). [reflectance factor]"""
        spread: FloatArray = np.hypot(
            self.systematic * np.abs(measurement.reflectance_factor), self.systematic_absolute
        )
        return spread

    def drift_correlation(self, measurement: Measurement) -> FloatArray:
        """Of what readings share, between wavelengths, shape (n_wavelengths, n_wavelengths)."""
        return smooth_correlation(measurement.grid, self.correlation_length_nm)

    def as_dict(self) -> dict[str, Any]:
        """The figures, so that a verdict can be reached again; infinite degrees of freedom are None."""
        document = {one.name: getattr(self, one.name) for one in fields(self)}
        return document | {
            "freedom": self.freedom if math.isfinite(self.freedom) else None,
            "angle_factors": dict(self.angle_factors),
            "wavelength_factors": [list(row) for row in self.wavelength_factors],
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> ReflectanceNoise:
        """The noise that `as_dict` wrote; records made before a figure existed do not have it."""
        given = {one.name: document[one.name] for one in fields(cls) if one.name in document}
        if given.get("freedom") is None:
            given["freedom"] = math.inf
        given["angle_factors"] = tuple(given.get("angle_factors", {}).items())
        given["wavelength_factors"] = tuple((nm, factor) for nm, factor in given.get("wavelength_factors", ()))
        return cls(**given)


# The repeatability gives a mean colour difference from the mean (MCDM, CIEDE2000) of 0.11 on the 13 masstones and 0.09
# on the 12 tints of the Kimera data, where three real readings each show 0.14 and 0.07: of the right size for a careful
# operator. The systematic part is an assumption.
DECLARED_DEFAULT = ReflectanceNoise(
    relative=0.004,
    absolute=0.0002,
    systematic=0.001,
    correlation_length_nm=80.0,
    freedom=DECLARED_FREEDOM,
    source="declared default, not measured: 0.4 % of the reading and 0.0002 a reading, 0.1 % however many, "
    "correlated over 80 nm",
)


@lru_cache(maxsize=64)
def smooth_correlation(grid: WavelengthGrid, length_nm: float, white_share: float = 0.0) -> FloatArray:
    """Between wavelengths, exp(−½(Δλ/ℓ)²) and a share of white noise, shape (n_wavelengths, n_wavelengths)."""
    distance = grid.wavelengths[:, None] - grid.wavelengths
    smooth = np.exp(-0.5 * (distance / length_nm) ** 2)
    return frozen((1 - white_share) * smooth + white_share * np.eye(grid.count))
