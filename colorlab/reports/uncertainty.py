"""How uncertain the difference on a page is, wherever the verdict's record does not hold it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from colorlab.difference.disparity import scale_of
from colorlab.difference.pairing import Pair
from colorlab.uncertainty.instrument_statement import InstrumentStatement, noise_for
from colorlab.uncertainty.measurement_uncertainty import measurement_uncertainty
from colorlab.uncertainty.prepared import Prepared, side_of
from colorlab.uncertainty.propagation import joint_jacobian
from colorlab.uncertainty.reproducibility import reproducibility_covariance
from colorlab.verdict.verdict import Verdict
from spectra.arrays import FloatArray

# The recorded covariance at the worst condition and the one computed again are the same up to this share of its trace.
_SAME = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class DifferenceUncertainty:
    """Of sample minus standard.

    Attributes
    ----------
    reflectance_factor : ndarray, shape (n_angles, n_wavelengths)
        Standard uncertainty. [reflectance factor]
    lab : ndarray, shape (n_angles, n_viewings, 3, 3)
        Covariance in CIELAB under each viewing of the tolerance.
    """

    reflectance_factor: FloatArray
    lab: FloatArray


def difference_uncertainty(
    both: Pair, verdict: Verdict, statements: Sequence[InstrumentStatement] = ()
) -> DifferenceUncertainty | None:
    """The uncertainty a verdict was reached with, at every angle; None where the record shows that it was another.

    A record holds the covariance of its worst condition only. The others are computed again from the measurements and
    what the verdict states, and shown as long as the recorded one comes out.

    Parameters
    ----------
    both : Pair
    verdict : Verdict
    statements : sequence of InstrumentStatement
        Those that counted.
    """
    viewings = verdict.tolerance.viewings
    known = [
        measurement_uncertainty(one, noise_for(one, statements, verdict.noise)) for one in (both.standard, both.sample)
    ]
    sides = [side_of(one, viewings, own) for one, own in zip((both.standard, both.sample), known, strict=True)]
    variance = sum(np.diagonal(own.covariance, axis1=-2, axis2=-1) for own in known)
    between = np.zeros_like(sides[0].systematic)
    if scale_of(both.standard) != scale_of(both.sample):
        added = reproducibility_covariance(both.standard, both.sample, statements).covariance
        if added is not None:
            between = added.through(joint_jacobian(both.sample, viewings))
            variance = variance + np.diagonal(added.matrix, axis1=-2, axis2=-1)
    joint = Prepared(both, sides[0], sides[1], between).case().covariance
    blocks = joint.reshape(len(joint), len(viewings), 3, len(viewings), 3)
    lab = np.stack([blocks[:, place, :, place] for place in range(len(viewings))], axis=1)
    if verdict.worst_covariance is not None:
        row, column = both.standard.geometry.tokens.index(verdict.worst.angle), viewings.index(verdict.worst.viewing)
        recorded, again = float(np.trace(verdict.worst_covariance)), float(np.trace(lab[row, column]))
        if abs(again - recorded) > _SAME * recorded:
            return None
    return DifferenceUncertainty(np.sqrt(np.asarray(variance)), lab)
