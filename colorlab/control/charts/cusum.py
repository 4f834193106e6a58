"""Tabular CUSUM: what submissions exceed the usual by, added up as long as it does not die away."""

from __future__ import annotations

import numpy as np

from colorlab.control.charts.chart import Chart, chart
from colorlab.control.charts.learning import Learned
from colorlab.control.charts.run_length import cusum_limit
from colorlab.control.charts.smoothed import SCORES
from colorlab.control.series import Series
from spectra.arrays import FloatArray

# Half the shift that is to be seen soonest: one standard deviation. [standard deviations]
ALLOWANCE = 0.5


def cusum_chart(
    series: Series, history: Learned, component: str, run_length: float, *, allowance: float = ALLOWANCE
) -> Chart:
    """The two one-sided cumulative sums of a component's scores, the lower one drawn below zero.

    Parameters
    ----------
    series : Series
    history : Learned
        Of the same series.
    component : str
    run_length : float
        Submissions between false alarms, on average.
    allowance : float
        k. [standard deviations]

    References
    ----------
    .. [1] E. S. Page, Biometrika 41 (1954) 100; D. M. Hawkins, D. H. Olwell, Cumulative Sum Charts and Charting for
       Quality Improvement, Springer 1998, for its self-starting form.
    """
    scores = history.own_scores[:, series.components.index(component)]
    limit = cusum_limit(run_length, allowance)
    up, down = _sums(scores, allowance), -_sums(-scores, allowance)
    limits = (np.zeros(1), np.full(1, -limit), np.full(1, limit))
    lines = np.stack([up, down])
    return chart("CUSUM", component, SCORES, lines, limits, run_length, allowance=allowance, limit=limit)


def _sums(scores: FloatArray, allowance: float) -> FloatArray:
    running, begun = 0.0, False
    sums: FloatArray = np.full(len(scores), np.nan)
    for row, score in enumerate(scores):
        if np.isfinite(score):
            running, begun = max(0.0, running + float(score) - allowance), True
        if begun:
            sums[row] = running
    return sums
