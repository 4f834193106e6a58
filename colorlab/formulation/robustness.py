"""What weighing does to a recipe's colour: the ΔE to expect from the balance and the hand, by the model's Jacobian."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import Viewing
from colorlab.formulation.objective import local_metric
from colorlab.formulation.predict import mass_fractions, reflectance_factors
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.recipe import Recipe

_RELATIVE_STEP = 1e-4


@dataclass(frozen=True, slots=True)
class Dosing:
    """How a recipe is weighed.

    Attributes
    ----------
    batch_g : float
        Mass of the batch. [g]
    balance_resolution_g : float
        Smallest step of the balance; masses are rounded to it. [g]
    relative_error : float
        Standard deviation of each mass relative to itself, beyond the rounding. [1]

    Raises
    ------
    FormulationError
        If the batch is not positive, an error is negative, or one of them is not finite.
    """

    batch_g: float = 1000.0
    balance_resolution_g: float = 0.01
    relative_error: float = 0.0

    def __post_init__(self) -> None:
        if not (self.batch_g > 0 and self.balance_resolution_g >= 0 and self.relative_error >= 0):
            raise FormulationError("a batch must have mass, and weighing errors cannot be negative")
        if not np.isfinite([self.batch_g, self.balance_resolution_g, self.relative_error]).all():
            raise FormulationError("a batch and its weighing errors must be finite")


@dataclass(frozen=True, slots=True)
class Robustness:
    """ΔE00 between the recipe as stated and as weighed, at the worst angle.

    Attributes
    ----------
    expected_delta_E_00 : float
    p95_delta_E_00 : float
        Not exceeded in 95 of 100 batches.
    dosing : Dosing
    viewing : Viewing
    """

    expected_delta_E_00: float
    p95_delta_E_00: float
    dosing: Dosing
    viewing: Viewing


def dosing_robustness(
    colorant_set: ColorantSet, recipes: Sequence[Recipe], dosing: Dosing, viewing: Viewing
) -> list[Robustness]:
    """Expected and 95 % ΔE00 of recipes weighed with error.

    Parameters
    ----------
    colorant_set : ColorantSet
    recipes : sequence of Recipe
    dosing : Dosing
        Rounding to the balance's resolution is taken as uniform, the relative error as normal, all independent.
    viewing : Viewing

    Returns
    -------
    list of Robustness
        One a recipe.

    Notes
    -----
    The covariance of Lab is J Σ Jᵀ with J by central differences of the amounts; ΔE00² is a quadratic form of it, whose
    distribution is matched to a scaled χ² by its first two moments (Satterthwaite). Against 20 000 simulated weighings
    the tests hold the mean to 6 % and the quantile to 7 %.

    References
    ----------
    .. [1] F. E. Satterthwaite, "An approximate distribution of estimates of variance components", Biometrics Bull. 2
       (1946) 110–114.
    """
    if not recipes:
        return []
    fractions = mass_fractions(colorant_set, recipes)
    lab = spectra_to_lab(reflectance_factors(colorant_set, fractions), colorant_set.grid, viewing)
    results = []
    for row, colours in zip(fractions, lab, strict=True):
        used = np.flatnonzero(row)
        half = dosing.balance_resolution_g / dosing.batch_g / 2
        variance = (dosing.relative_error * row[used]) ** 2 + half**2 / 3
        fourth = np.full(used.size, -2 / 15 * half**4)
        step = _RELATIVE_STEP * row[used]
        moved = np.repeat(row[None], 2 * used.size, axis=0)
        first = np.arange(used.size)
        moved[first, used] += step
        moved[first + used.size, used] -= step
        seen = spectra_to_lab(reflectance_factors(colorant_set, moved), colorant_set.grid, viewing)
        J = (seen[: used.size] - seen[used.size :]) / (2 * step[:, None, None])
        moments = [
            _moments(J[:, angle] @ local_metric(colour) @ J[:, angle].T, variance, fourth)
            for angle, colour in enumerate(colours)
        ]
        expected, p95 = max(moments)
        results.append(Robustness(expected, p95, dosing, viewing))
    return results


def _moments(form: FloatArray, variance: FloatArray, fourth: FloatArray) -> tuple[float, float]:
    """Mean and 95 % quantile of √(xᵀ form x) for independent x of these variances and fourth cumulants."""
    from scipy.special import gammaincinv, gammaln

    A = form * variance
    mean = float(np.trace(A))
    # Rounding has lighter tails than a normal error: its negative fourth cumulant narrows the distribution.
    spread = 2 * float(np.trace(A @ A)) + float(np.diag(form) ** 2 @ fourth)
    if mean <= 0 or spread <= 0:
        return 0.0, 0.0
    scale, freedom = spread / (2 * mean), 2 * mean**2 / spread
    expected = np.sqrt(2 * scale) * np.exp(gammaln((freedom + 1) / 2) - gammaln(freedom / 2))
    return float(expected), float(np.sqrt(scale * 2 * gammaincinv(freedom / 2, 0.95)))
