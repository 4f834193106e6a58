"""Capability against a one-sided limit: how far the worst of many submissions stays below it, by their quantiles.

ΔE is bounded below and skewed, so nothing here is a normal distribution's; where there are too few submissions for a
quantile, what they do prove is said instead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from spectra.errors import MeasurementError

# The upper reference limit of ISO 22514-2: what a normal distribution exceeds beyond three standard deviations.
REFERENCE_SHARE = 0.99865
CONFIDENCE = 0.95
# With ten, the bound of the greatest one says something of the common ones only; with fewer, of nothing.
FEWEST = 10


@dataclass(frozen=True, slots=True)
class Capability:
    """What submissions prove of the share of the limit they take.

    Attributes
    ----------
    n : int
        Submissions.
    median : float
        Of the share of the limit. [1 = the limit]
    quantile : float or None
        That `REFERENCE_SHARE` of submissions stay below; None with fewer than `n_for_quantile`.
    quantile_interval : tuple of (float or None)
        Distribution-free 95 % bounds of it by order statistics, below and above, each one-sided; None where too few.
    index : float or None
        (1 − median) / (quantile − median): ISO 22514-2's P_pkU; above 1 is capable, 1.33 usually asked for.
    n_for_quantile, n_for_bound : int
        From how many on a submission is expected beyond the quantile, and its upper bound exists.
    proven_share : float
        Share of submissions that stays below the greatest one seen, proven with 95 %. [1]
    greatest : float
    within_limit : float
        Share of submissions within the limit, proven with 95 % (Clopper and Pearson). [1]
    beyond_count : int
        How many of them were beyond it.
    """

    n: int
    median: float
    quantile: float | None
    quantile_interval: tuple[float | None, float | None]
    index: float | None
    n_for_quantile: int
    n_for_bound: int
    proven_share: float
    greatest: float
    within_limit: float
    beyond_count: int

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "submissions_count": self.n,
            "median": self.median,
            "reference_share": REFERENCE_SHARE,
            "quantile": self.quantile,
            "quantile_bounds_95": list(self.quantile_interval),
            "index": self.index,
            "count_for_quantile": self.n_for_quantile,
            "count_for_bound": self.n_for_bound,
            "greatest": self.greatest,
            "share_below_greatest_95": self.proven_share,
            "share_within_limit_95": self.within_limit,
            "beyond_limit_count": self.beyond_count,
        }

    def as_text(self) -> str:
        """In one line."""
        proven = (
            f"{self.beyond_count} of {self.n} beyond the limit: with 95 % confidence at least "
            f"{100 * self.within_limit:.1f} % of submissions are within it"
        )
        if self.quantile is None:
            return (
                f"capability: {proven}; median {self.median:.2f} of the limit, greatest {self.greatest:.2f}; an index "
                f"by the {100 * REFERENCE_SHARE:g} % quantile needs {self.n_for_quantile} submissions, its bound "
                f"{self.n_for_bound}"
            )
        low, high = ("–" if one is None else f"{one:.2f}" for one in self.quantile_interval)
        index = "" if self.index is None else f", index {self.index:.2f}"
        return (
            f"capability: {100 * REFERENCE_SHARE:g} % of submissions stay below {self.quantile:.2f} of the limit "
            f"(95 % bounds {low} and {high}){index}; {proven}"
        )


def capability(shares_of_limit: ArrayLike) -> Capability:
    """Capability of submissions by the greatest share of the limit each took.

    Parameters
    ----------
    shares_of_limit : array_like, shape (n,)
        ΔE / limit at the worst condition of each submission. [1 = the limit]

    Raises
    ------
    MeasurementError
        If there are fewer than `FEWEST`, or one is not a finite number of 0 or more.

    References
    ----------
    .. [1] ISO 22514-2:2017, the geometric method, with quantiles of the data themselves.
    .. [2] H. A. David, H. N. Nagaraja, Order Statistics, 3rd ed., 7.1, for the distribution-free bounds; S. S. Wilks,
       Ann. Math. Stat. 12 (1941) 91, for the share below the greatest.
    .. [3] C. J. Clopper, E. S. Pearson, Biometrika 26 (1934) 404.
    """
    from scipy.stats import binomtest, quantile_test

    shares = np.asarray(shares_of_limit, dtype=np.float64)
    if shares.ndim != 1 or not (np.isfinite(shares) & (shares >= 0)).all():
        raise MeasurementError("shares of a limit are finite numbers of 0 or more, one a submission")
    n = len(shares)
    if n < FEWEST:
        raise MeasurementError(f"{n} submissions state no capability; {FEWEST} are the least: {FEWEST - n} more")
    median, greatest = float(np.median(shares)), float(shares.max())
    n_for_quantile, n_for_bound = (math.ceil(one) for one in (1 / (1 - REFERENCE_SHARE), _wilks(REFERENCE_SHARE)))
    quantile, index = None, None
    bounds: tuple[float | None, float | None] = (None, None)
    if n >= n_for_quantile:
        quantile = float(np.quantile(shares, REFERENCE_SHARE))
        index = None if quantile <= median else (1 - median) / (quantile - median)
        # One-sided bounds: each is a separate statement with 95 %.
        greater, less = (
            quantile_test(shares, q=median, p=REFERENCE_SHARE, alternative=side).confidence_interval(CONFIDENCE)
            for side in ("greater", "less")
        )
        bounds = (_finite(greater.low), _finite(less.high))
    beyond = int((shares > 1).sum())
    within = binomtest(n - beyond, n, alternative="greater").proportion_ci(CONFIDENCE, method="exact").low
    return Capability(
        n=n,
        median=median,
        quantile=quantile,
        quantile_interval=bounds,
        index=index,
        n_for_quantile=n_for_quantile,
        n_for_bound=n_for_bound,
        proven_share=float((1 - CONFIDENCE) ** (1 / n)),
        greatest=greatest,
        within_limit=float(within),
        beyond_count=beyond,
    )


def _wilks(share: float) -> float:
    """How many are needed until their greatest is above a quantile with `CONFIDENCE`."""
    return math.log(1 - CONFIDENCE) / math.log(share)


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
