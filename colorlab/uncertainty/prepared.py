"""A pair brought onto common ground, its colours and the parts of their uncertainty: ready to be judged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from colorlab.colorimetry.viewing import Viewing
from colorlab.difference.pairing import Pair
from colorlab.uncertainty.measurement_uncertainty import MeasurementUncertainty, student_inflation
from colorlab.uncertainty.possible import Case
from colorlab.uncertainty.propagation import joint_jacobian, labs_of
from spectra.arrays import FloatArray
from spectra.measurement import Measurement


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One measurement's colours under all viewings, with what readings take away of their uncertainty and what not.

    Attributes
    ----------
    lab : ndarray, shape (n_angles, n_viewings, 3)
    of_one_reading, systematic : ndarray, shape (n_angles, 3 n_viewings, 3 n_viewings)
        Covariance of CIELAB, viewings together.
    known : MeasurementUncertainty
    """

    lab: FloatArray
    of_one_reading: FloatArray
    systematic: FloatArray
    known: MeasurementUncertainty


def side_of(measurement: Measurement, viewings: Sequence[Viewing], known: MeasurementUncertainty) -> Side:
    """Colours of a measurement and their covariance.

    Raises
    ------
    WavelengthRangeError
        If too little of the visible range was measured.
    """
    jacobian = joint_jacobian(measurement, viewings)
    return Side(
        lab=labs_of(measurement, viewings),
        of_one_reading=known.of_one_reading.through(jacobian),
        systematic=known.systematic.through(jacobian),
        known=known,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A pair ready to be judged."""

    both: Pair
    standard: Side
    sample: Side
    between: FloatArray
    """What the difference of two instruments adds, shape (n_angles, 3 n_viewings, 3 n_viewings)."""

    def case(self, more_standard: float = 1.0, more_sample: float = 1.0, factor: float = 1.0) -> Case:
        """The pair as it would be with so many times the readings, or with all standard uncertainties × a factor.

        A variance that is itself an estimate is widened, angle by angle, so that normal draws reach as far as Student's
        t would.
        """
        covariance = self.between
        estimated = np.zeros(len(covariance))
        for side, more in ((self.standard, more_standard), (self.sample, more_sample)):
            known = side.known.with_readings(round(side.known.n_readings * more))
            own = side.of_one_reading / known.n_readings
            covariance = covariance + own + side.systematic
            # Both sides rest on one declaration of the instrument: where it errs it errs for both, and their relative
            # errors add up instead of averaging out as those of independent estimates would.
            estimated = estimated + np.trace(own, axis1=-2, axis2=-1) / math.sqrt(known.freedom)
        exact = np.trace(covariance, axis1=-2, axis2=-1) - estimated
        widened = student_inflation(np.stack([estimated, exact], axis=-1), (1.0, math.inf))
        return Case(self.standard.lab, self.sample.lab, factor**2 * widened[:, None, None] * covariance, widened)
