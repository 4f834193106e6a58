"""Hotelling's T²: whether the mean of several coordinates differs, all together and their correlation kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray
from spectra.errors import MeasurementError

# A covariance whose least eigenvalue is this share of the greatest comes from copies, not from readings. [1]
_SINGULAR = 1e-12


@dataclass(frozen=True, slots=True)
class HotellingTest:
    """One test of means.

    Attributes
    ----------
    t_squared : float
    freedom : tuple of two int
        Of the F distribution that T² follows, scaled.
    p_value : float
        How often sets of readings of one colour lie as far apart.
    """

    t_squared: float
    freedom: tuple[int, int]
    p_value: float

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {"t_squared": self.t_squared, "freedom": list(self.freedom), "p_value": self.p_value}


def between_two(first: ArrayLike, second: ArrayLike) -> HotellingTest:
    """Whether two sets of readings have one mean.

    Parameters
    ----------
    first, second : array_like, shape (n_readings, n_coordinates)
        Together two readings more than coordinates at least: spectra are brought to colour first.

    Raises
    ------
    MeasurementError
        If there are too few readings, or they do not scatter in all coordinates.

    References
    ----------
    .. [1] H. Hotelling, Ann. Math. Stat. 2 (1931) 360; T. W. Anderson, An Introduction to Multivariate Statistical
       Analysis, 3rd ed., 5.3.4. ASTM E2214 uses it for instruments.
    """
    one, other = _rows(first), _rows(second)
    n_one, n_other, p = len(one), len(other), one.shape[1]
    freedom = n_one + n_other - 2
    _check_enough(freedom - p + 1, n_one + n_other, p + 2)
    scatter = _scatter(one) + _scatter(other)
    apart = one.mean(axis=0) - other.mean(axis=0)
    squared = n_one * n_other / (n_one + n_other) * squared_distance(apart, scatter / freedom)
    return _test(squared, p, freedom)


def from_zero(differences: ArrayLike) -> HotellingTest:
    """Whether differences, one row a sample, have a mean of zero.

    Parameters
    ----------
    differences : array_like, shape (n_samples, n_coordinates)
        One sample more than coordinates at least.

    Raises
    ------
    MeasurementError
        See `between_two`.
    """
    rows = _rows(differences)
    n, p = rows.shape
    _check_enough(n - p, n, p + 1)
    return _test(n * squared_distance(rows.mean(axis=0), _scatter(rows) / (n - 1)), p, n - 1)


def full_rank(covariance: FloatArray) -> bool:
    """Whether readings of this covariance scatter in all coordinates, and are no copies of each other."""
    values = np.linalg.eigvalsh(covariance)
    return bool(values[0] > _SINGULAR * values[-1])


def squared_distance(apart: FloatArray, covariance: FloatArray) -> float:
    """Distance in units of a scatter, squared: apart' covariance⁻¹ apart.

    Raises
    ------
    MeasurementError
        If the covariance says that readings do not scatter in all coordinates.
    """
    if not full_rank(covariance):
        raise MeasurementError("the readings do not scatter in all coordinates: copies, or too coarsely rounded")
    return float(apart @ np.linalg.solve(covariance, apart))


def prediction_limit(n: ArrayLike, n_coordinates: int, share: float) -> FloatArray:
    """What T² of one new reading from the mean of `n` others exceeds in a share of cases: the limit of phase II.

    T² here is n / (n + 1) times the squared distance from the mean in the scatter of the n, so that it follows the
    same distribution as that of two means; without the factor the limit is the p (n + 1)(n − 1) / (n (n − p)) F of the
    textbooks.

    Parameters
    ----------
    n : array_like of int, shape (...)
        At least one more than coordinates.
    n_coordinates : int
    share : float

    Returns
    -------
    ndarray, shape (...)

    References
    ----------
    .. [1] N. D. Tracy, J. C. Young, R. L. Mason, "Multivariate control charts for individual observations", J. Qual.
       Technol. 24 (1992) 88.
    """
    from scipy.stats import f

    counts, p = np.asarray(n), n_coordinates
    _check_enough(int(counts.min()) - p, int(counts.min()), p + 1)
    limits: FloatArray = np.asarray(p * (counts - 1) / (counts - p) * f.isf(share, p, counts - p))
    return limits


def own_limit(n: int, n_coordinates: int, share: float) -> float:
    """What the squared distance of one of `n` readings from the mean of all exceeds in a share of cases: phase I.

    A reading that is part of mean and scatter cannot lie farther off than (n − 1)² / n, so the distribution is a beta
    and not an F.

    Parameters
    ----------
    n : int
        At least two more than coordinates.
    n_coordinates : int
    share : float

    References
    ----------
    .. [1] Tracy, Young and Mason as in `prediction_limit`.
    """
    from scipy.stats import beta

    p = n_coordinates
    _check_enough(n - p - 1, n, p + 2)
    return float((n - 1) ** 2 / n * beta.isf(share, p / 2, (n - p - 1) / 2))


def _rows(values: ArrayLike) -> FloatArray:
    rows = np.asarray(values, dtype=np.float64)
    if rows.ndim != 2 or not np.isfinite(rows).all():
        raise MeasurementError(f"readings of shape {rows.shape} are not rows of finite coordinates")
    return rows


def _check_enough(spare: int, n_readings: int, needed: int) -> None:
    if spare < 1:
        raise MeasurementError(f"{n_readings} readings are too few to compare means; {needed} are the least")


def _scatter(rows: FloatArray) -> FloatArray:
    off = rows - rows.mean(axis=0)
    scatter: FloatArray = off.T @ off
    return scatter


def _test(t_squared: float, p: int, freedom: int) -> HotellingTest:
    from scipy.stats import f

    rest = freedom - p + 1
    return HotellingTest(t_squared, (p, rest), float(f.sf(t_squared * rest / (p * freedom), p, rest)))
