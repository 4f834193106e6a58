"""STRESS: how well computed colour differences follow visual ones, and whether one formula follows them better."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray
from spectra.errors import MeasurementError

RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class StressComparison:
    """Two formulas on the same pairs.

    Attributes
    ----------
    first, second : float
        STRESS of each. [0-100]
    n_pairs : int
    ratio : float
        First squared over second squared: below 1 the first is better. [1]
    ratio_interval : tuple of two float
        Interval of that ratio, from the F distribution. [1]
    p_value : float
        Two-sided, of the F test, which takes the residuals of the two formulas as independent. On the same pairs they
        go together, so the test finds too few differences rather than too many.
    difference_interval : tuple of two float
        Interval of first minus second by resampling the pairs, both formulas together. [STRESS units]
    confidence : float
        Of both intervals. [1]
    """

    first: float
    second: float
    n_pairs: int
    ratio: float
    ratio_interval: tuple[float, float]
    p_value: float
    difference_interval: tuple[float, float]
    confidence: float

    @property
    def significant(self) -> bool:
        """Whether the F test tells the two apart."""
        return self.p_value < 1 - self.confidence

    @property
    def differs_on_these_pairs(self) -> bool:
        """Whether resampled pairs tell the two apart; sharper than the F test."""
        low, high = self.difference_interval
        return low > 0 or high < 0


def stress(delta_E: ArrayLike, delta_V: ArrayLike) -> float:
    """Standardised residual sum of squares between computed and visual differences.

    Parameters
    ----------
    delta_E : array_like, shape (n_pairs,)
        Computed. [unit of the formula]
    delta_V : array_like, shape (n_pairs,)
        Visual. [any unit: a common factor of either changes nothing]

    Returns
    -------
    float
        0 for perfect proportion, at most 100; about a per cent of disagreement. Exchanging the two changes nothing.

    Raises
    ------
    MeasurementError
        If there are fewer than two pairs, a value is negative or not finite, or all of one kind are 0.

    References
    ----------
    .. [1] P. A. García, R. Huertas, M. Melgosa, G. Cui, "Measurement of the relationship between perceived and computed
       color differences", J. Opt. Soc. Am. A 24 (2007) 1823, doi:10.1364/JOSAA.24.001823.
    """
    E, V = _sides(delta_E, delta_V)
    return float(_stress_of(E[None], V[None])[0])


def compare_stress(
    first: ArrayLike, second: ArrayLike, delta_V: ArrayLike, *, confidence: float = 0.95, seed: int = 0
) -> StressComparison:
    """Whether one formula follows visual differences better than another.

    Parameters
    ----------
    first, second : array_like, shape (n_pairs,)
        What two formulas compute for the same pairs.
    delta_V : array_like, shape (n_pairs,)
        What was seen.
    confidence : float
        [1]
    seed : int
        Of the resampling.

    Raises
    ------
    MeasurementError
        See `stress`; or if one of the two follows the visual differences without any residual.

    References
    ----------
    .. [1] García et al. (2007), as of `stress`: the F test of two values.
    .. [2] M. Melgosa, R. Huertas, R. S. Berns, J. Opt. Soc. Am. A 25 (2008) 1828, doi:10.1364/JOSAA.25.001828.
    """
    from scipy.stats import f

    if not 0.5 < confidence < 1:
        raise MeasurementError(f"a confidence of {confidence} does not lie between 0.5 and 1")
    E1, V = _sides(first, delta_V)
    E2, _ = _sides(second, delta_V)
    one, other = float(_stress_of(E1[None], V[None])[0]), float(_stress_of(E2[None], V[None])[0])
    # The square root keeps half of the digits, so that a residual of rounding alone shows as up to 1e-6.
    if min(one, other) < 1e-5:
        raise MeasurementError("a formula without any residual cannot be tested: were the visual differences computed?")
    freedom, tail = len(V) - 1, (1 - confidence) / 2
    ratio = (one / other) ** 2
    below = float(f.cdf(ratio, freedom, freedom))
    high = float(f.ppf(1 - tail, freedom, freedom))
    drawn = np.random.default_rng(seed).integers(0, len(V), (RESAMPLES, len(V)))
    apart = _stress_of(E1[drawn], V[drawn]) - _stress_of(E2[drawn], V[drawn])
    low_apart, high_apart = np.quantile(apart, (tail, 1 - tail))
    return StressComparison(
        first=one,
        second=other,
        n_pairs=len(V),
        ratio=ratio,
        ratio_interval=(ratio / high, ratio * high),
        p_value=2 * min(below, 1 - below),
        difference_interval=(float(low_apart), float(high_apart)),
        confidence=confidence,
    )


def _stress_of(E: FloatArray, V: FloatArray) -> FloatArray:
    """Of each row. With F = ΣE²/ΣEV, Σ(E − F V)²/ΣF²V² is 1 − (ΣEV)²/(ΣE² ΣV²)."""
    # Rows of zeros alone, which resampling a few pairs can give, agree with nothing.
    size = np.maximum((E * E).sum(axis=-1) * (V * V).sum(axis=-1), np.finfo(np.float64).tiny)
    agreement = (E * V).sum(axis=-1) ** 2 / size
    result: FloatArray = 100 * np.sqrt(np.clip(1 - agreement, 0.0, 1.0))
    return result


def _sides(delta_E: ArrayLike, delta_V: ArrayLike) -> tuple[FloatArray, FloatArray]:
    E, V = np.asarray(delta_E, dtype=np.float64), np.asarray(delta_V, dtype=np.float64)
    if E.ndim != 1 or E.shape != V.shape or len(E) < 2:
        raise MeasurementError(f"computed {E.shape} and visual {V.shape} differences are not two columns of pairs")
    for name, values in (("computed", E), ("visual", V)):
        if not np.isfinite(values).all() or values.min() < 0:
            raise MeasurementError(f"a {name} difference is negative or no finite number")
        if not values.any():
            raise MeasurementError(f"all {name} differences are 0")
    return E, V
