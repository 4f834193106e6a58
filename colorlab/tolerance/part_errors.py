"""Errors of several measurements drawn once each, so that all differences between them move together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from colorlab.colorimetry.colours import colours
from colorlab.colorimetry.viewing import Viewing
from colorlab.difference.pairing import Pair
from colorlab.tolerance.instrument_statement import InstrumentStatement
from colorlab.tolerance.measurement_uncertainty import MeasurementUncertainty, student_inflation
from colorlab.tolerance.propagation import joint_jacobian, symmetric_root
from colorlab.tolerance.reproducibility import reproducibility_covariance
from spectra.arrays import FloatArray
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid


def with_drawn_readings(
    measurement: Measurement, known: MeasurementUncertainty, draws: int, rng: np.random.Generator
) -> Measurement:
    """A measurement whose readings are draws of what its spectrum might be: its value plus an error of its covariance.

    As readings they go through every conversion that brings the measurement onto common ground with another. A variance
    that is itself an estimate is widened as in `colorlab.tolerance.prepared.Prepared.case`. Angles are independent.

    Returns
    -------
    Measurement
        With readings of shape (draws, n_angles, n_wavelengths).
    """
    parts = [known.of_one_reading.matrix / known.n_readings, known.systematic.matrix]
    variances = np.stack([np.trace(one, axis1=-2, axis2=-1) for one in parts], axis=-1)
    widened = student_inflation(variances, [known.freedom, math.inf])[:, None, None]
    root = symmetric_root(widened * (parts[0] + parts[1]))
    unit = rng.standard_normal((draws, *measurement.reflectance_factor.shape))
    errors = np.einsum("aij,daj->dai", root, unit, optimize=True)
    return replace(measurement, readings=measurement.reflectance_factor + errors, covariance=None, stated=())


@dataclass(frozen=True, slots=True, eq=False)
class InstrumentErrors:
    """What instruments are off by, each drawn once: two parts measured with one share its error.

    Instruments in different families read differently by more than either repeats
    (`colorlab.tolerance.reproducibility`); an instrument's share of that is the same in every pair on one grid. It is
    drawn anew for pairs on another grid.
    """

    draws: int
    rng: np.random.Generator
    statements: tuple[InstrumentStatement, ...]
    _units: dict[tuple[str, str, WavelengthGrid], FloatArray] = field(default_factory=dict)

    def of(self, both: Pair, viewings: Sequence[Viewing]) -> FloatArray | float:
        """Errors of sample minus standard in CIELAB, shape (draws, n_angles, n_viewings, 3); 0 where there is none."""
        standard, sample = both.standard, both.sample
        found = reproducibility_covariance(standard, sample, self.statements).covariance
        if found is None or standard.instrument is None or sample.instrument is None:
            return 0.0
        tokens, grid = standard.geometry.tokens, standard.grid
        first, second = (
            np.stack([self._unit(one, token, grid) for token in tokens], axis=1)
            for one in (standard.instrument, sample.instrument)
        )
        root = symmetric_root(found.shape)
        apart = ((second - first) / math.sqrt(2))[..., None, :] @ np.swapaxes(root, -1, -2)
        off = found.scale * apart[..., 0, :]
        moved = np.einsum("acw,daw->dac", joint_jacobian(sample, viewings), off, optimize=True)
        errors: FloatArray = moved.reshape(self.draws, len(tokens), len(viewings), 3)
        return errors

    def _unit(self, instrument: str, token: str, grid: WavelengthGrid) -> FloatArray:
        key = (instrument, token, grid)
        if key not in self._units:
            self._units[key] = self.rng.standard_normal((self.draws, grid.count))
        return self._units[key]


def drawn_errors(both: Pair, viewings: Sequence[Viewing]) -> FloatArray:
    """Of a pair with drawn readings: errors of sample minus standard in CIELAB, (draws, n_angles, n_viewings, 3)."""
    errors = []
    for one in (both.standard, both.sample):
        if one.readings is None:
            raise AssertionError("its readings were to be drawn first")
        value = colours(one.reflectance_factor, one.grid, viewings).Lab
        errors.append(colours(one.readings, one.grid, viewings).Lab - value)
    difference: FloatArray = errors[1] - errors[0]
    return difference
