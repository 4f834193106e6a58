"""Hotelling's T²: is one submission off in all components together, by those before it or among its own?"""

from __future__ import annotations

import numpy as np

from colorlab.control.charts.chart import Chart, chart
from colorlab.control.charts.learning import Learned
from colorlab.control.hotelling import own_limit, squared_distance
from colorlab.control.series import Series


def monitoring_chart(series: Series, history: Learned, run_length: float) -> Chart:
    """Phase II: each submission's T² from those before it, its limit narrowing as they become more.

    Parameters
    ----------
    series : Series
    history : Learned
        Of the same series.
    run_length : float
        Submissions between false alarms, on average; `history` was learned with the share 1 / run_length.
    """
    p = len(series.components)
    limits = (np.full(1, float(p)), np.zeros(1), history.limit)
    return chart("T²", " ".join(series.components), "1", history.t_squared, limits, run_length, phase=2)


def retrospective_chart(series: Series, false_alarms: float) -> Chart:
    """Phase I: every submission's T² among all, for which of a whole history do not belong to it.

    The limit is such that at most a share `false_alarms` of histories without any change have a submission beyond it
    (Bonferroni). The one farthest beyond is left out and the rest are judged again, until none is. Several that are off
    alike hide each other: those are a change, which `change_points` finds.

    Parameters
    ----------
    series : Series
    false_alarms : float

    Raises
    ------
    MeasurementError
        If there are fewer submissions than two more than components, or they do not scatter in all components.
    """
    values, n, p = series.values, series.n, len(series.components)
    kept = np.ones(n, dtype=np.bool_)
    while True:
        m = int(kept.sum())
        limit = own_limit(m, p, false_alarms / m)
        centre = values[kept].mean(axis=0)
        off = values - centre
        scatter = off[kept].T @ off[kept] / (m - 1)
        t_squared = np.array([squared_distance(row, scatter) for row in off])
        worst = int(np.argmax(np.where(kept, t_squared, -np.inf)))
        if t_squared[worst] <= limit or m - 1 < p + 2:
            break
        kept[worst] = False
    limits = (np.full(1, float(p)), np.zeros(1), np.full(1, limit))
    return chart("T²", " ".join(series.components), "1", t_squared, limits, n / false_alarms, phase=1)


def fewest_for_retrospect(n_components: int) -> int:
    """How many submissions `retrospective_chart` needs at least."""
    return n_components + 2
