"""Errors of several measurements drawn once each, so that all differences between them move together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from colorlab.colorimetry.colours import colours
from colorlab.colorimetry.viewing import Viewing
from colorlab.difference.disparity import scale_of
from colorlab.difference.pairing import Pair
from colorlab.uncertainty.instrument_statement import InstrumentStatement
from colorlab.uncertainty.measurement_uncertainty import MeasurementUncertainty, ScaledCovariance
from colorlab.uncertainty.prepared import Prepared, side_of
from colorlab.uncertainty.propagation import joint_jacobian, symmetric_root
from colorlab.uncertainty.reproducibility import reproducibility_covariance
from spectra.arrays import FloatArray
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid


def with_drawn_readings(
    measurement: Measurement, known: MeasurementUncertainty, draws: int, rng: np.random.Generator
) -> Measurement:
    """A measurement whose readings are draws of what its spectrum might be: its value plus an error of its covariance.

    As readings they go through every conversion that brings the measurement onto common ground with another. Angles are
    independent. How far an estimated variance must be widened depends on the pair; see `widening`.

    Returns
    -------
    Measurement
        With readings of shape (draws, n_angles, n_wavelengths).
    """
    root = symmetric_root(known.covariance)
    unit = rng.standard_normal((draws, *measurement.reflectance_factor.shape))
    errors = np.einsum("aij,daj->dai", root, unit, optimize=True)
    return replace(measurement, readings=measurement.reflectance_factor + errors, covariance=None, stated=())


@dataclass(frozen=True, slots=True, eq=False)
class InstrumentErrors:
    """What instruments are off by, each drawn once: two parts measured with one share its error.

    Instruments in different families read differently by more than either repeats
    (`colorlab.uncertainty.reproducibility`); an instrument's share of that is the same in every pair on one grid. It is
    drawn anew for pairs on another grid.
    """

    draws: int
    rng: np.random.Generator
    statements: tuple[InstrumentStatement, ...]
    _units: dict[tuple[str, str, WavelengthGrid], FloatArray] = field(default_factory=dict)

    def of(self, both: Pair, viewings: Sequence[Viewing]) -> FloatArray | float:
        """Errors of sample minus standard in CIELAB, shape (draws, n_angles, n_viewings, 3); 0 where there is none."""
        found = self._added(both)
        if found is None:
            return 0.0
        sample, tokens = both.sample, both.sample.geometry.tokens
        first, second = (
            np.stack([self._unit(str(scale_of(one)), token, sample.grid) for token in tokens], axis=1)
            for one in (both.standard, sample)
        )
        root = symmetric_root(found.shape)
        apart = ((second - first) / math.sqrt(2))[..., None, :] @ np.swapaxes(root, -1, -2)
        off = found.scale * apart[..., 0, :]
        moved = np.einsum("acw,daw->dac", joint_jacobian(sample, viewings), off, optimize=True)
        errors: FloatArray = moved.reshape(self.draws, len(tokens), len(viewings), 3)
        return errors

    def covariance(self, both: Pair, viewings: Sequence[Viewing]) -> FloatArray | None:
        """Of these errors, shape (n_angles, 3 n_viewings, 3 n_viewings); None where there is none."""
        found = self._added(both)
        return None if found is None else found.through(joint_jacobian(both.sample, viewings))

    def _added(self, both: Pair) -> ScaledCovariance | None:
        if scale_of(both.standard) == scale_of(both.sample):
            return None
        return reproducibility_covariance(both.standard, both.sample, self.statements).covariance

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


def widening(
    both: Pair,
    viewings: Sequence[Viewing],
    known: tuple[MeasurementUncertainty, MeasurementUncertainty],
    between: FloatArray | None,
) -> FloatArray:
    """By what the variance of a difference is widened at each angle because parts of it are estimates, (n_angles,).

    The same as for a pair on its own (`colorlab.uncertainty.prepared.Prepared.case`).
    """
    first, second = (
        side_of(one, viewings, said) for one, said in zip((both.standard, both.sample), known, strict=True)
    )
    added = np.zeros_like(first.systematic) if between is None else between
    bare = added + sum(one.of_one_reading / one.known.n_readings + one.systematic for one in (first, second))
    widened = Prepared(both, first, second, added).case().covariance
    ratio: FloatArray = np.trace(widened, axis1=-2, axis2=-1) / np.trace(bare, axis1=-2, axis2=-1)
    return ratio
