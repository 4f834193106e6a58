"""All charts of one series, and the alarms that stand at its newest submission."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from colorlab.control.charts.chart import Chart, Kind
from colorlab.control.charts.cusum import cusum_chart
from colorlab.control.charts.individuals import individuals_chart, moving_range_chart
from colorlab.control.charts.learning import fewest_earlier, learned
from colorlab.control.charts.run_length import checked_run_length
from colorlab.control.charts.smoothed import ewma_chart, mewma_chart
from colorlab.control.charts.t_squared import fewest_for_retrospect, monitoring_chart, retrospective_chart
from colorlab.control.series import Series

_OF_ONE = (individuals_chart, moving_range_chart, ewma_chart, cusum_chart)
_OF_ALL = (monitoring_chart, mewma_chart)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A chart whose newest submission is out of control.

    Attributes
    ----------
    series : str
    kind, quantity, unit : str
        Of the chart.
    record, time
        The newest submission.
    since_record, since : str, datetime
        The first of those that are out of control without a break.
    value, limit : float
        Of the newest submission.
    """

    series: str
    kind: Kind
    quantity: str
    unit: str
    record: str
    time: datetime
    since_record: str
    since: datetime
    value: float
    limit: float

    @property
    def words(self) -> str:
        """In one clause."""
        side = "above" if self.value > self.limit else "below"
        unit = {"standard deviations": " σ"}.get(self.unit, "")
        begun = "" if self.since_record == self.record else f", since {self.since_record} of {self.since:%Y-%m-%d}"
        return (
            f"{self.kind} of {self.quantity} at {self.series}: {self.value:+.2f}{unit} {side} its limit "
            f"{self.limit:+.2f}{unit}{begun}"
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "series": self.series,
            "kind": self.kind,
            "quantity": self.quantity,
            "unit": self.unit,
            "record": self.record,
            "time": self.time.isoformat(),
            "since_record": self.since_record,
            "since": self.since.isoformat(),
            "value": self.value,
            "limit": self.limit,
            "words": self.words,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Monitored:
    """The charts of a series.

    Attributes
    ----------
    series : Series
    charts : tuple of Chart
        Of each component by itself, then of all together where there are several.
    retrospective : Chart or None
        Phase I: each submission among all; None where they are too few.
    alarms : tuple of Alarm
    more_needed : int
        Submissions until the charts would see what is worth seeing (`fewest_earlier`); 0 when there are enough.
    """

    series: Series
    charts: tuple[Chart, ...]
    retrospective: Chart | None
    alarms: tuple[Alarm, ...]
    more_needed: int

    def chart(self, kind: Kind, quantity: str | None = None) -> Chart:
        """The chart of a kind and, where each component has one, of a quantity."""
        return next(one for one in self.charts if one.kind == kind and quantity in (None, one.quantity))

    @property
    def strangers(self) -> tuple[int, ...]:
        """Rows that do not belong to the history as a whole, by the phase I chart."""
        chart = self.retrospective
        return () if chart is None else tuple(int(row) for row in np.flatnonzero(chart.out))

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        own = self.series
        return {
            "name": own.name,
            "components": list(own.components),
            "units": list(own.units),
            "records": list(own.records),
            "times": [time.isoformat() for time in own.times],
            "values": own.values.tolist(),
            "charts": [one.as_dict() for one in self.charts],
            "retrospective": None if self.retrospective is None else self.retrospective.as_dict(),
            "more_needed": self.more_needed,
        }


def chart_count(n_components: int) -> int:
    """How many charts `monitor` makes, which together share the false alarms."""
    return n_components * len(_OF_ONE) + (len(_OF_ALL) if n_components > 1 else 0)


def monitor(series: Series, run_length: float, retrospective_false_alarms: float) -> Monitored:
    """Chart a series in every way.

    Parameters
    ----------
    series : Series
    run_length : float
        Submissions between false alarms of each chart, on average: for all charts of several series together, that
        many times their number.
    retrospective_false_alarms : float
        Share of steady histories in which phase I finds a submission that does not belong.

    Raises
    ------
    MeasurementError
        If the submissions do not scatter, or the run length is none that can be charted.
    """
    p = len(series.components)
    history = learned(series.values, 1 / checked_run_length(run_length))
    charts = [make(series, history, name, run_length) for name in series.components for make in _OF_ONE]
    if p > 1:
        charts += [make(series, history, run_length) for make in _OF_ALL]
    known = int(history.counts[-1]) if series.n else 0
    return Monitored(
        series=series,
        charts=tuple(charts),
        retrospective=retrospective_chart(series, retrospective_false_alarms)
        if series.n >= fewest_for_retrospect(p)
        else None,
        alarms=tuple(_alarm(series, chart) for chart in charts if series.n and chart.out[-1]),
        more_needed=max(0, fewest_earlier(p, 1 / run_length) - known),
    )


def _alarm(series: Series, chart: Chart) -> Alarm:
    inside = np.flatnonzero(~chart.out)
    since = 0 if len(inside) == 0 else int(inside[-1]) + 1
    values = chart.lines[:, -1]
    over, under = values - chart.upper[-1], chart.lower[-1] - values
    above = over.max() >= under.max()
    line = int(np.argmax(over if above else under))
    return Alarm(
        series=series.name,
        kind=chart.kind,
        quantity=chart.quantity,
        unit=chart.unit,
        record=series.records[-1],
        time=series.times[-1],
        since_record=series.records[since],
        since=series.times[since],
        value=float(values[line]),
        limit=float(chart.upper[-1] if above else chart.lower[-1]),
    )
