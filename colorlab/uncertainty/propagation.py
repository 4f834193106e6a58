"""The covariance of spectra carried into colour: of one measurement, and of the difference of two.

There is one propagation; wavelengths keep their correlation, and viewing conditions share one spectrum and its error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from colorlab.colorimetry.colours import colours
from colorlab.colorimetry.tristimulus import joint_lab_jacobian
from colorlab.colorimetry.viewing import Viewing
from spectra.arrays import FloatArray
from spectra.errors import MeasurementError
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid


@dataclass(frozen=True, slots=True)
class Calibration:
    """Standard uncertainty of an instrument's calibration: one error in everything measured under it.

    Attributes
    ----------
    relative : float
        Of the white standard's value. Share of the reflectance factor. [1]
    absolute : float
        Of the zero. [reflectance factor]
    correlation_length_nm : float
        Over which wavelengths it moves together.
    source : str
        The certificate it is taken from.
    """

    relative: float
    absolute: float
    correlation_length_nm: float
    source: str

    def __post_init__(self) -> None:
        values = (self.relative, self.absolute, self.correlation_length_nm)
        if not all(np.isfinite(value) and value >= 0 for value in values) or self.correlation_length_nm <= 0:
            raise MeasurementError(
                f"calibration uncertainty {values} must be non-negative, with a positive correlation length"
            )

    def roots(self, reflectance_factor: FloatArray, grid: WavelengthGrid) -> FloatArray:
        """Independent unit errors to reflectance factors, shape (n_angles, n_wavelengths, 2 n_wavelengths).

        The same unit errors make the error of every sample measured under this calibration.
        """
        distance = grid.wavelengths[:, None] - grid.wavelengths
        root = symmetric_root(np.exp(-0.5 * (distance / self.correlation_length_nm) ** 2))
        scale = self.relative * reflectance_factor[:, :, None] * root
        zero = np.broadcast_to(self.absolute * root, scale.shape)
        both: FloatArray = np.concatenate([scale, zero], axis=-1)
        return both


def labs_of(measurement: Measurement, viewings: Sequence[Viewing]) -> FloatArray:
    """CIELAB, shape (n_angles, n_viewings, 3)."""
    return colours(measurement.reflectance_factor, measurement.grid, viewings).Lab


def joint_jacobian(measurement: Measurement, viewings: Sequence[Viewing]) -> FloatArray:
    """Of CIELAB under all viewing conditions together, shape (n_angles, 3 n_viewings, n_wavelengths)."""
    return joint_lab_jacobian(measurement.reflectance_factor, measurement.grid, tuple(viewings))


def calibration_covariance(
    sides: tuple[Measurement, Measurement],
    jacobians: tuple[FloatArray, FloatArray],
    calibration: Calibration,
    one_calibration: bool,
) -> FloatArray:
    """What a calibration's error adds to the covariance of a difference, shape (n_angles, 3 n_viewings, 3 n_viewings).

    Under one calibration the error is the same in both and most of it leaves the difference; under two it does not.
    """
    first, second = (
        jacobian @ calibration.roots(side.reflectance_factor, side.grid)
        for side, jacobian in zip(sides, jacobians, strict=True)
    )
    return _outer(second - first) if one_calibration else _outer(first) + _outer(second)


def symmetric_root(covariance: FloatArray) -> FloatArray:
    """A matrix whose product with its transpose is the covariance, shape (..., n, n), largest error in column 0.

    The covariance may be singular (few wavelengths, alike illuminants); its root exists all the same.
    """
    values, vectors = np.linalg.eigh(covariance)
    root: FloatArray = (vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :])[..., ::-1]
    return root


def _outer(rows: FloatArray) -> FloatArray:
    product: FloatArray = rows @ np.swapaxes(rows, -1, -2)
    return product
