"""When the last slot would be released if the recent rate went on: arithmetic, not a forecast.

It knows nothing of what stands in which stage, of capacity or of learning; it says what the bare count of recent
releases says, and how little that is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

WINDOW_DAYS = 180
CONFIDENCE = 0.80


@dataclass(frozen=True, slots=True)
class RateExtrapolation:
    """The recent release rate and the days on which it would fill the slots.

    Attributes
    ----------
    released_count : int
        Releases within the window.
    window_days : int
        Length of the window, shorter while the programme is young. [d]
    rate_per_30_days : float
    rate_low_per_30_days, rate_high_per_30_days : float
        Exact central 80 % interval of the rate for a Poisson count.
    done_on : date or None
        When the remaining slots would be released at that rate; None beyond the calendar.
    done_earliest, done_latest : date or None
        The same at the upper and lower end of the interval.
    """

    released_count: int
    window_days: int
    rate_per_30_days: float
    rate_low_per_30_days: float
    rate_high_per_30_days: float
    done_on: date | None
    done_earliest: date | None
    done_latest: date | None

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "kind": "rate extrapolation, not a forecast",
            "released_in_window_count": self.released_count,
            "window_days": self.window_days,
            "confidence": CONFIDENCE,
            "rate_per_30_days": self.rate_per_30_days,
            "rate_low_per_30_days": self.rate_low_per_30_days,
            "rate_high_per_30_days": self.rate_high_per_30_days,
            "done_on": _iso(self.done_on),
            "done_earliest": _iso(self.done_earliest),
            "done_latest": _iso(self.done_latest),
        }


def extrapolate_rate(
    released_on: Sequence[date], slots: int, start: date, as_of: date, window_days: int = WINDOW_DAYS
) -> RateExtrapolation | None:
    """Extend the rate of the last days to the last slot.

    Parameters
    ----------
    released_on : sequence of date
        Release day of every colour released by `as_of`.
    slots : int
        Colours promised.
    start : date
        First day of the programme: a window cannot begin before it.
    as_of : date
    window_days : int
        [d]

    Returns
    -------
    RateExtrapolation or None
        None where the window holds no release, or all slots are filled.

    References
    ----------
    .. [1] F. Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28 (1936) 437-442: the exact
       interval of a count n is χ²(α/2; 2n)/2 … χ²(1 − α/2; 2n + 2)/2, quantiles of the gamma distribution.
    """
    window = min(window_days, (as_of - start).days + 1)
    count = sum(as_of - timedelta(days=window) < day <= as_of for day in released_on)
    remaining = slots - len(released_on)
    if window < 1 or count == 0 or remaining <= 0:
        return None
    from scipy.special import gammaincinv

    tail = (1 - CONFIDENCE) / 2
    low = float(gammaincinv(count, tail))
    high = float(gammaincinv(count + 1, 1 - tail))
    done_on, done_earliest, done_latest = (_after(as_of, remaining * window / n) for n in (count, high, low))
    return RateExtrapolation(
        count, window, 30 * count / window, 30 * low / window, 30 * high / window, done_on, done_earliest, done_latest
    )


def _after(day: date, days: float) -> date | None:
    try:
        return day + timedelta(days=round(days))
    except OverflowError:
        return None


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
