"""One colorant over several batches: a factor common to all is the lot's strength, one that scatters is the dosing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np

from colorlab.control.explain.evidence import upper_tail
from colorlab.control.explain.explanation import Estimate, Explanation
from spectra.errors import FormulationError

_NORMAL_95 = 1.959964


@dataclass(frozen=True, slots=True, eq=False)
class LotStrength:
    """What several batches tell of one colorant.

    Attributes
    ----------
    colorant : str
    factor : Estimate
        Strength relative to what the colorant set holds: 0.33 acts at a third. Where the batches disagree, the interval
        is widened by Birge's ratio. [1]
    p_common : float
        How often batches of one and the same factor scatter as much (χ²); small when the dosing differs from batch to
        batch, or the colorant does not act by one factor. [1]
    batches : tuple of (str, Estimate)
        The factor of each batch by itself, with the sample's name.

    References
    ----------
    .. [1] R. T. Birge, "The calculation of errors by the method of least squares", Phys. Rev. 40 (1932) 207–227.
    """

    colorant: str
    factor: Estimate
    p_common: float
    batches: tuple[tuple[str, Estimate], ...]


def lot_strength(explanations: Sequence[Explanation], colorant: str) -> LotStrength:
    """The factor at which a colorant acted over several batches.

    A single batch cannot tell a weak lot from a short dose; batches of one lot can, for only the lot is common to them.
    Each counts with the width it has when all amounts of its recipe are set free (`Explanation.together`), prior
    included: explain the batches with a `strength` as wide as the factors that are thought possible.

    Parameters
    ----------
    explanations : sequence of Explanation
        Those whose recipe holds the colorant, visibly, are used.
    colorant : str

    Raises
    ------
    FormulationError
        If none does.
    """
    used = [(one.sample, one.together[colorant]) for one in explanations if colorant in one.together]
    if not used:
        raise FormulationError(f"no batch shows {colorant}")
    logs = np.array([log(1 + one.value) for _, one in used])
    deviations = np.array([log((1 + one.high) / (1 + one.low)) / (2 * _NORMAL_95) for _, one in used])
    weights = 1 / deviations**2
    mean = float(weights @ logs / weights.sum())
    chi_square = float(weights @ (logs - mean) ** 2)
    freedom = len(used) - 1
    birge = max(1.0, chi_square / freedom) if freedom else 1.0
    reach = _NORMAL_95 * float(np.sqrt(birge / weights.sum()))
    return LotStrength(
        colorant,
        Estimate(exp(mean), exp(mean - reach), exp(mean + reach)),
        upper_tail(chi_square, freedom) if freedom else 1.0,
        tuple((sample, Estimate(1 + one.value, 1 + one.low, 1 + one.high)) for sample, one in used),
    )
