"""Where on the panel a round helped, where it made things worse, and where most is left."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from inspections.appearance import Appearance, MetricValue, Refusal
from inspections.rounds.changes import BandChange, Zone, compare_rounds, roughest_zone, tells
from inspections.rounds.limits import AppearanceLimits
from inspections.structure.bands import BANDS, Band

_FOLLOWED = ("S_lw", "S_lw_screening", "S_d_screening", "S_c", "S_sw", "edge_wander")
"""Metrics that tell the story of a panel, the first that was measured does."""


@dataclass(frozen=True, slots=True, eq=False)
class WhereItChanged:
    """One capture against the one before, block by block.

    Attributes
    ----------
    change : BandChange or None
    reason : str
        Why there is none; empty when there is, or when there is no capture before.
    roughest : Zone or None
    """

    change: BandChange | None
    reason: str
    roughest: Zone | None

    @property
    def worse(self) -> Zone | None:
        """The block that got worse most, for certain."""
        return None if self.change is None else self.change.worse()

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        worse = self.worse
        return {
            "change_map": None if self.change is None else self.change.as_dict(),
            "change_map_refused": self.reason or None,
            "roughest": None if self.roughest is None else self.roughest.as_dict(),
            "worse": None if worse is None else worse.as_dict(),
        }

    def as_lines(self) -> list[str]:
        """The same in words."""
        lines = []
        if self.change is not None:
            low, high = (100 * math.expm1(-gain) for gain in reversed(self.change.interval))
            lines.append(
                f"S_{self.change.band.name} changed by {low:+.1f} to {high:+.1f} % (95 %), patch by patch; of "
                f"{self.change.gains.size} blocks {self.change.improved} improved, {self.change.worsened} got worse"
            )
        if self.reason:
            lines.append(f"not compared with the round before: {self.reason}")
        if self.worse is not None:
            lines.append(f"worse {self.worse}")
        if self.roughest is not None:
            lines.append(f"roughest {self.roughest}")
        return lines


def followed_metric(appearances: list[Appearance], limits: AppearanceLimits | None) -> str | None:
    """The metric to tell a panel's story by: the first limited one measured in the last capture, else a peel figure."""
    names = [limit.metric for limit in limits.limits] if limits else []
    for appearance in reversed(appearances):
        for name in (*names, *_FOLLOWED, *(metric.name for metric in appearance.metrics)):
            if appearance.metric(name) is not None:
                return name
    return names[0] if names else None


def where_it_changed(
    before: Appearance | None, after: Appearance, limits: AppearanceLimits | None = None
) -> WhereItChanged:
    """Compare two captures in the band of the first limited metric whose change maps can tell.

    Parameters
    ----------
    before : Appearance or None
        None for the first capture: only the roughest zone is told.
    after : Appearance
    limits : AppearanceLimits or None
    """
    names = [*(limit.metric for limit in limits.limits), *_FOLLOWED] if limits else _FOLLOWED
    banded = [(value, band) for name in names if (value := after.metric(name)) and (band := _band_of(value))]
    # Of a limited band that maps cannot tell the next one speaks: most often S_lw for S_c.
    told = next((one for one in banded if tells(one[1])), banded[0] if banded else None)
    if told is None:
        return WhereItChanged(None, "" if before is None else "no band of slopes was measured", None)
    metric, band = told
    roughest = roughest_zone(after, band)
    if before is None:
        return WhereItChanged(None, "", roughest)
    relative = 0.0 if metric.repeatability is None or not metric.value else metric.repeatability / metric.value
    change = compare_rounds(before, after, band, relative)
    if isinstance(change, Refusal):
        return WhereItChanged(None, f"{change.reason}; {change.would_help}", roughest)
    return WhereItChanged(change, "", change.roughest())


def _band_of(metric: MetricValue) -> Band | None:
    """The band a slope or height figure belongs to."""
    if metric.band_mm is None:
        return None
    return next((band for band in BANDS.values() if (band.shortest_mm, band.longest_mm) == metric.band_mm), None)
