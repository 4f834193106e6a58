"""What an explanation means in colour: contributions, what would remain, and what would remain by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp

import numpy as np
from numpy.polynomial.hermite_e import hermegauss

from colorlab.colorimetry.tristimulus import lab_jacobian, spectra_to_lab
from colorlab.colorimetry.viewing import Viewing
from colorlab.colorimetry.weights import white_point
from colorlab.control.explain.comparison import UNEXPLAINED, Comparison
from colorlab.control.explain.evidence import Difference, Fit
from colorlab.control.explain.explanation import COMPONENTS, Alternative, Estimate, FoundCause
from colorlab.difference.components import components
from colorlab.difference.standard import delta_E
from colorlab.uncertainty.propagation import symmetric_root
from spectra.arrays import FloatArray

_NORMAL_95 = 1.959964
# Of ΔE, what the right causes may leave. In simulated batches of one wrong dose and a ΔE above 1 they leave 2 %
# (median), 8 % (95 %); red oxide taken for too much yellow leaves 18 % to 52 %. [1]
MAY_REMAIN = 0.2
# Of a Gauss–Hermite rule for each of L*, a*, b*.
_NODES = 7


@dataclass(frozen=True, eq=False)
class Colour:
    """What spectra mean in colour, at the angle where standard and sample differ most.

    Attributes
    ----------
    difference : Difference
    background : ndarray, shape (n_values, n_values)
        Covariance of a difference that no cause makes.
    viewing : Viewing
    formula : str
    """

    difference: Difference
    background: FloatArray
    viewing: Viewing
    formula: str

    @cached_property
    def angle(self) -> int:
        """Row of the angle."""
        return int(np.argmax(self._delta_E(self.difference.start, self.difference.sample)))

    @cached_property
    def delta_E(self) -> float:
        """As measured."""
        return float(self._delta_E(self.difference.start, self.difference.sample)[self.angle])

    @cached_property
    def by_chance(self) -> float:
        """ΔE that a batch without a cause exceeds once in a hundred times.

        The quantile of ΔE² is that of the χ² with its mean and variance, taken over the errors of CIELAB.

        References
        ----------
        .. [1] F. E. Satterthwaite, "An approximate distribution of estimates of variance components", Biometrics
           Bulletin 2 (1946) 110–114.
        """
        from scipy.special import gammaincinv

        grid, count = self.difference.model.colorant_set.grid, self.difference.start.shape[1]
        rows = slice(self.angle * count, (self.angle + 1) * count)
        start = self.difference.start[self.angle]
        jacobian = lab_jacobian(start, grid, self.viewing)
        root = symmetric_root(jacobian @ self.background[rows, rows] @ jacobian.T)
        at, weights = hermegauss(_NODES)
        errors = np.stack(np.meshgrid(at, at, at, indexing="ij"), axis=-1).reshape(-1, 3) @ root.T
        shares = (weights[:, None, None] * weights[:, None] * weights).ravel() / weights.sum() ** 3
        lab = self._lab(start)
        squared = delta_E(lab, lab + errors, self.formula, white_point(self.viewing, grid)) ** 2
        mean = float(shares @ squared)
        variance = float(shares @ (squared - mean) ** 2)
        return float(np.sqrt(variance / mean * gammaincinv(mean**2 / variance, 1 - UNEXPLAINED)))

    def leaves_little(self, one: Fit) -> bool:
        """Whether an explanation leaves no more of ΔE than the right causes do."""
        return self.without(one) <= MAY_REMAIN * self.delta_E

    def leaves_chance(self, one: Fit) -> bool:
        """Whether an explanation leaves no more of ΔE than a batch without a cause shows."""
        return self.without(one) <= self.by_chance

    def is_plausible(self, one: Fit) -> bool:
        """Whether no cause of an explanation is larger than a dose, a lot or a film goes wrong."""
        assumptions, colorant_set = self.difference.assumptions, self.difference.model.colorant_set
        effects = zip(one.causes, one.effects.tolist(), strict=True)
        return all(assumptions.is_plausible(cause, effect, colorant_set) for cause, effect in effects)

    def _lab(self, spectra: FloatArray) -> FloatArray:
        return spectra_to_lab(spectra, self.difference.model.colorant_set.grid, self.viewing)

    def _delta_E(self, first: FloatArray, second: FloatArray) -> FloatArray:
        white = white_point(self.viewing, self.difference.model.colorant_set.grid)
        return delta_E(self._lab(first), self._lab(second), self.formula, white)

    def components(self, first: FloatArray, second: FloatArray) -> dict[str, float]:
        """ΔL*, ΔC* and ΔH*."""
        parts = components(self._lab(first)[self.angle], self._lab(second)[self.angle])
        return {name: float(getattr(parts, name)) for name in COMPONENTS}

    def put_right(self, one: Fit, effects: FloatArray, chosen: Sequence[int]) -> FloatArray:
        """The sample as it would be had the chosen causes not been at work."""
        acting = dict(zip(one.causes, effects.tolist(), strict=True))
        rest = {cause: effect for index, (cause, effect) in enumerate(acting.items()) if index not in chosen}
        return self.difference.model.moved(self.difference.sample, acting, rest)

    def without(self, one: Fit) -> float:
        """ΔE that remains when all causes of an explanation are put right."""
        right = self.put_right(one, one.effects, range(len(one.causes)))
        return float(self._delta_E(self.difference.start, right)[self.angle])

    def found(self, one: Fit, index: int, ranked: Comparison) -> FoundCause:
        """A cause of an explanation, with its part of the difference."""
        reach = _NORMAL_95 * one.deviation(index)
        rows, remaining = [], []
        for shift in (0.0, -reach, reach):
            effects = one.effects.copy()
            effects[index] += shift
            right = self.put_right(one, effects, (index,))
            rows.append(self.components(right, self.difference.sample))
            remaining.append(float(self._delta_E(self.difference.start, right)[self.angle]))
        cause = one.causes[index]
        return FoundCause(
            cause,
            change(one, index),
            ranked.probability_of(cause),
            {name: _estimate([row[name] for row in rows]) for name in COMPONENTS},
            _estimate(remaining),
            1 - remaining[0] / self.delta_E if self.delta_E > 0 else 0.0,
            self.difference.assumptions.is_plausible(
                cause, float(one.effects[index]), self.difference.model.colorant_set
            ),
        )

    def alternative(self, one: Fit, best: Fit) -> Alternative:
        """An explanation beside the one that is given."""
        return Alternative(
            one.causes,
            tuple(change(one, index) for index in range(len(one.causes))),
            exp(min(one.log_evidence - best.log_evidence, 700.0)),
            exp(min((best.chi_square - one.chi_square) / 2, 700.0)),
            self.without(one),
        )


def change(one: Fit, index: int) -> Estimate:
    """An effect as a relative change, or as the share of a foreign colorant, with its interval."""
    reach = _NORMAL_95 * one.deviation(index)
    off = 0.0 if one.causes[index].kind == "foreign" else 1.0
    value, low, high = (exp(one.effects[index] + shift) - off for shift in (0.0, -reach, reach))
    return Estimate(value, low, high)


def _estimate(values: Sequence[float]) -> Estimate:
    return Estimate(values[0], min(values), max(values))
