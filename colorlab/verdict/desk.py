"""Brings pairs of measurements onto common ground, with their colours and all that makes them uncertain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from colorlab.colorimetry.viewing import Viewing
from colorlab.difference.disparity import scale_of
from colorlab.difference.pairing import Pair, pair
from colorlab.uncertainty.instrument_statement import InstrumentStatement, noise_for
from colorlab.uncertainty.measurement_uncertainty import measurement_uncertainty
from colorlab.uncertainty.noise import ReflectanceNoise
from colorlab.uncertainty.prepared import Prepared, Side, side_of
from colorlab.uncertainty.propagation import joint_jacobian
from colorlab.uncertainty.reproducibility import reproducibility_covariance
from spectra.arrays import FloatArray
from spectra.measurement import Measurement
from spectra.screening import screen


class Desk:
    """What belongs to one standard is worked out once."""

    def __init__(
        self, noise: ReflectanceNoise, statements: tuple[InstrumentStatement, ...], viewings: tuple[Viewing, ...]
    ) -> None:
        self.noise = noise
        self.statements = statements
        self.viewings = viewings
        # By the identity of measurements that `kept` keeps alive.
        self.sides: dict[int, Side] = {}
        self.doubts: dict[int, tuple[str, ...]] = {}
        self.kept: list[Measurement] = []

    def prepare(self, standard: Measurement, sample: Measurement) -> Prepared:
        """The pair on common ground, with colours and covariance.

        Raises
        ------
        NotComparableError, MeasurementError, WavelengthRangeError
            See `colorlab.verdict.judge.judge_all`.
        """
        both = pair(standard, sample)
        # A standard that had to be reduced to common ground is another measurement for each sample it was reduced to.
        if id(both.standard) not in self.sides:
            self.sides[id(both.standard)] = self._side(both.standard)
            self.kept.append(both.standard)
        first, second = self.sides[id(both.standard)], self._side(both.sample)
        between, remark = self._between(both)
        if remark:
            # It names the two instruments; what `pair` said of them would say it twice.
            said = [one.words() for one in both.disparities if one.quantity == "instrument"]
            kept = [one for one in both.remarks if between is None or one not in said]
            both = replace(both, remarks=(*kept, remark))
        return Prepared(both, first, second, np.zeros_like(first.systematic) if between is None else between)

    def _between(self, both: Pair) -> tuple[FloatArray | None, str]:
        """What two instruments add to the covariance of the difference, and what is said of it."""
        scale = scale_of(both.sample)
        if scale is not None and scale == scale_of(both.standard):
            return None, ""  # one instrument, or a profile of which `bring_to_reference` has told
        added = reproducibility_covariance(both.standard, both.sample, self.statements)
        if added.covariance is None:
            return None, added.remark
        return added.covariance.through(joint_jacobian(both.sample, self.viewings)), added.remark

    def noise_of(self, measurement: Measurement) -> ReflectanceNoise:
        """What is stated of the instrument that took it, or the default."""
        return noise_for(measurement, self.statements, self.noise)

    def doubts_of(self, measurement: Measurement) -> tuple[str, ...]:
        """What screening finds, over all the measurement covers, the part that was cut off included."""
        if id(measurement) not in self.doubts:
            self.doubts[id(measurement)] = tuple(finding.words for finding in screen(measurement))
            self.kept.append(measurement)
        return self.doubts[id(measurement)]

    def _side(self, measurement: Measurement) -> Side:
        known = measurement_uncertainty(measurement, self.noise_of(measurement))
        return side_of(measurement, self.viewings, known)
