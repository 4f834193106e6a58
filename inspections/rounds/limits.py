"""When a panel is good enough: the largest value allowed for each metric, and the rounds its clear coat can bear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spectra.errors import PhotoError


@dataclass(frozen=True, slots=True)
class MetricLimit:
    """The largest value allowed for one metric."""

    metric: str
    maximum: float
    unit: str


@dataclass(frozen=True, slots=True)
class AppearanceLimits:
    """When a panel is good enough, given by whoever orders the paint.

    Attributes
    ----------
    name : str
        Which rule this is, e.g. "high-gloss solid, exterior".
    limits : tuple of MetricLimit
    max_rounds : int or None
        Rounds of polishing the clear coat can bear; past them a panel that does not pass has failed.
    guard_factor : float
        A value passes when value + guard_factor x standard uncertainty is within the limit. 0 is simple acceptance.
    """

    name: str
    limits: tuple[MetricLimit, ...]
    max_rounds: int | None = None
    guard_factor: float = 0.0

    def __post_init__(self) -> None:
        if not self.limits:
            raise PhotoError(f"limits {self.name!r} hold no metric: nothing could be judged")
        if any(not limit.maximum > 0 for limit in self.limits):
            raise PhotoError(f"limits {self.name!r}: every maximum must be above 0")
        if self.guard_factor < 0:
            raise PhotoError(f"limits {self.name!r}: guard_factor is {self.guard_factor}; expected 0 or more")


def limits_from_mapping(
    name: str, maxima: Mapping[str, float], units: Mapping[str, str], **rule: Any
) -> AppearanceLimits:
    """Limits from plain tables: metric to maximum, metric to unit; `rule` is max_rounds and guard_factor.

    Raises
    ------
    PhotoError
        If a metric has no unit.
    """
    unknown = [metric for metric in maxima if metric not in units]
    if unknown:
        raise PhotoError(f"limits {name!r}: no unit is given for {', '.join(unknown)}")
    return AppearanceLimits(
        name, tuple(MetricLimit(metric, value, units[metric]) for metric, value in maxima.items()), **rule
    )
