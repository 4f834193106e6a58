"""A spectrum as a wider bandpass would have measured it: two bandpasses are compared at the wider one."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import NotComparableError
from spectra.measurement import Declared, Measurement

# Variance of a triangle of full width at half maximum w is w²/6; half of it is what the second derivative counts with.
TRIANGLE = 12.0
# Beyond it three weights no longer make a wider bandpass: the middle one becomes smaller than its neighbours.
GREATEST_SHARE = 1 / 3


def effective_bandpass(declared: Declared) -> float | None:
    """Full width at half maximum that the values still carry: 0 if freed of it, None if not declared. [nm]"""
    if declared.bandpass_corrected is None:
        return None
    return 0.0 if declared.bandpass_corrected else declared.bandpass_nm


def broadened(measurement: Measurement, from_nm: float, to_nm: float) -> Measurement:
    """A measurement as a triangular bandpass of another, larger width would have given it.

    R + (to² − from²)/12 · d²R/dλ², the derivative from three wavelengths, far enough apart that all three count
    positively; beyond either end the spectrum is continued by its last value, as in the correction that goes the other
    way [1]. Readings and covariance are carried along.

    Parameters
    ----------
    measurement : Measurement
        On an even grid.
    from_nm, to_nm : float
        Full widths at half maximum. [nm]

    Raises
    ------
    NotComparableError
        If the wavelengths are uneven, or too close for so much wider a bandpass.

    References
    ----------
    .. [1] E. I. Stearns and R. E. Stearns, "An example of a method for correcting radiance data for bandpass error",
       Color Res. Appl. 13 (1988) 257.
    """
    step, count = measurement.grid.step, measurement.grid.count
    gain = (to_nm**2 - from_nm**2) / TRIANGLE
    apart = 0 if step is None else math.ceil(math.sqrt(gain / GREATEST_SHARE) / step - 1e-9)
    if step is None or 2 * apart >= count:
        raise NotComparableError(
            "bandpass",
            f"{from_nm:g} nm on {measurement.grid}",
            f"{to_nm:g} nm",
            "These wavelengths do not allow one to be brought to the other: measure both with one bandpass",
        )
    matrix = np.eye(count) + gain / (apart * step) ** 2 * _second_differences(count, apart)
    covariance = measurement.covariance
    if covariance is not None:
        moved = matrix @ covariance @ matrix.T
        covariance = (moved + moved.swapaxes(-1, -2)) / 2
    return replace(
        measurement,
        reflectance_factor=measurement.reflectance_factor @ matrix.T,
        readings=None if measurement.readings is None else measurement.readings @ matrix.T,
        covariance=covariance,
        declared=replace(measurement.declared, bandpass_nm=to_nm, bandpass_corrected=False),
    )


def _second_differences(count: int, apart: int) -> FloatArray:
    matrix = -2 * np.eye(count)
    rows = np.arange(count)
    for shift in (-apart, apart):
        np.add.at(matrix, (rows, np.clip(rows + shift, 0, count - 1)), 1.0)
    return matrix
