"""Drift of what a supplier delivers: the tests that guard an instrument's check tile, on a series of differences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from colorlab.control.drift import DAYS, FALSE_ALARMS, FEWEST_READINGS, Change
from colorlab.control.drift_tests import chart_tests, slope_of, steady_charts
from colorlab.control.series import Series
from spectra.arrays import FloatArray
from spectra.errors import MeasurementError

N_COMPONENTS = 3  # the tests are of three coordinates


@dataclass(frozen=True, slots=True, eq=False)
class SeriesDrift:
    """Whether a series has changed over its whole length.

    Attributes
    ----------
    series : str
    components : tuple of str
    change : {"none", "step", "slope", "excursion"}
    since : datetime or None
    since_record : str or None
        First submission after the step, first of a steady drift, or first that left the chart's limit.
    p_value : float
        How often submissions without drift look as changed, by whatever test.
    size : tuple of float
        Change of the mean: at the step, over the whole series, or at the height of the excursion.
    slope, slope_uncertainty : tuple of float
        In 30 days, and half the width of its 95 % interval.
    """

    series: str
    components: tuple[str, ...]
    change: Change
    since: datetime | None
    since_record: str | None
    p_value: float
    size: tuple[float, ...]
    slope: tuple[float, ...]
    slope_uncertainty: tuple[float, ...]

    @property
    def words(self) -> str:
        """In one clause."""
        if self.since is None:
            return f"no drift at {self.series} (p {self.p_value:.3f})"
        size = ", ".join(f"{name} {value:+.2f}" for name, value in zip(self.components, self.size, strict=True))
        what = {"step": "step", "slope": "steady drift", "excursion": "passing excursion"}[self.change]
        return f"{what} at {self.series} since {self.since_record} of {self.since:%Y-%m-%d}: {size}"

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "series": self.series,
            "change": self.change,
            "since": None if self.since is None else self.since.isoformat(),
            "since_record": self.since_record,
            "p_value": self.p_value,
            "size": list(self.size),
            "slope_30_days": list(self.slope),
            "slope_uncertainty_95": list(self.slope_uncertainty),
            "words": self.words,
        }


@dataclass(frozen=True, slots=True, eq=False)
class SteadySeries:
    """Simulated series without drift, submitted on the same days."""

    days: FloatArray
    false_alarms: float
    statistics: FloatArray


def more_for_drift(n: int) -> int:
    """How many submissions are wanting until drift can be told from scatter."""
    return max(0, FEWEST_READINGS - n)


def steady_series(days: FloatArray, rng: np.random.Generator, *, false_alarms: float = FALSE_ALARMS) -> SteadySeries:
    """Simulate series without drift on these days; they serve all conditions of the same submissions.

    Raises
    ------
    MeasurementError
        If there are fewer than ten, or all were submitted at one time.
    """
    if more_for_drift(len(days)):
        raise MeasurementError(
            f"{len(days)} submissions do not tell drift from scatter; {more_for_drift(len(days))} more are needed"
        )
    if not np.ptp(days) > 0:
        raise MeasurementError(f"all {len(days)} submissions were made at one time: no drift over time")
    return SteadySeries(days, false_alarms, steady_charts(days, false_alarms, rng))


def drift_of_series(series: Series, steady: SteadySeries) -> SeriesDrift:
    """Whether a series of three components stays what it was: the step, slope and excursion tests of `check_tile`.

    Parameters
    ----------
    series : Series
        Of three components, such as ΔL*, ΔC*, ΔH*.
    steady : SteadySeries
        Of the same days.

    Raises
    ------
    MeasurementError
        If the series has not three components, or its submissions do not scatter.
    """
    values, days = series.values, steady.days
    if values.shape != (len(days), N_COMPONENTS):
        raise MeasurementError(f"{series.name}: drift is of {N_COMPONENTS} components on the days that were simulated")
    centred = values - values.mean(axis=0)
    scatter = np.linalg.eigvalsh(centred.T @ centred)
    if scatter[0] <= 1e-12 * scatter[-1]:
        raise MeasurementError(f"{series.name}: the submissions do not scatter in all components: copies")
    tests = chart_tests(values, days, steady.false_alarms, steady.statistics)
    slope, half = slope_of(values, days)
    change: Change = tests.likeliest if tests.p_value <= steady.false_alarms else "none"
    row, size = 0, slope * float(days[-1])
    if change == "step":
        row = tests.step
        size = values[row:].mean(axis=0) - values[:row].mean(axis=0)
    elif change == "excursion":
        row = int(np.argmax(tests.mewma >= min(tests.mewma_limit, tests.mewma.max())))
        size = values[int(tests.mewma.argmax())] - np.median(values, axis=0)
    changed = change != "none"
    return SeriesDrift(
        series=series.name,
        components=series.components,
        change=change,
        since=series.times[row] if changed else None,
        since_record=series.records[row] if changed else None,
        p_value=tests.p_value,
        size=_plain(size),
        slope=_plain(slope * DAYS),
        slope_uncertainty=_plain(half * DAYS),
    )


def _plain(values: FloatArray) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
