"""Individuals and moving range: has this one submission, or its step from the one before, left what is usual?"""

from __future__ import annotations

import numpy as np

from colorlab.control.charts.chart import Chart, chart
from colorlab.control.charts.learning import Learned
from colorlab.control.series import Series
from spectra.arrays import FloatArray


def individuals_chart(series: Series, history: Learned, component: str, run_length: float) -> Chart:
    """Each submission between the limits that those before it set for one more.

    The limits are mean ± t s √(1 + 1/m) of the m submissions before: wide at first, close to the textbook's
    mean ± 3 s later (for a run length of 370). They hold exactly for normally distributed values.

    Parameters
    ----------
    series : Series
    history : Learned
        Of the same series.
    component : str
    run_length : float
        Submissions between false alarms, on average.

    References
    ----------
    .. [1] C. P. Quesenberry, "SPC Q charts for start-up processes and short or long runs", J. Qual. Technol. 23
       (1991) 213.
    .. [2] D. C. Montgomery, Introduction to Statistical Quality Control, 6.4, for the chart with known parameters.
    """
    column = series.components.index(component)
    counts = history.counts.astype(np.float64)
    half = _student(history, 1 / run_length) * history.spread[:, column] * np.sqrt(1 + 1 / np.maximum(counts, 1))
    centre = history.centre[:, column]
    values = np.where(np.isfinite(half), series.column(component), np.nan)
    limits = (centre, centre - half, centre + half)
    return chart("individuals", component, series.units[column], values, limits, run_length)


def moving_range_chart(series: Series, history: Learned, component: str, run_length: float) -> Chart:
    """The step from the submission before, against the scatter of those before both.

    The difference of two submissions scatters √2 times as much as one; the scatter is of the submissions before the
    pair, which makes the limit exact, where the textbook's D₄ takes the mean range for the truth.

    Parameters
    ----------
    series, history, component, run_length
        As for `individuals_chart`.
    """
    column = series.components.index(component)
    values = series.column(component)
    n = series.n
    ranges: FloatArray = np.full(n, np.nan)
    ranges[1:] = np.abs(np.diff(values))
    upper: FloatArray = np.full(n, np.nan)
    centre: FloatArray = np.full(n, np.nan)
    factor = _student(history, 1 / run_length)
    # The history before the pair is that by which its first one was judged.
    upper[1:] = np.sqrt(2) * factor[:-1] * history.spread[:-1, column]
    centre[1:] = 2 / np.sqrt(np.pi) * history.spread[:-1, column]  # d₂ = 2 / √π of two
    ranges[~np.isfinite(upper)] = np.nan
    return chart("moving range", component, series.units[column], ranges, (centre, np.zeros(n), upper), run_length)


def _student(history: Learned, share: float) -> FloatArray:
    """Two-sided limits of Student's t for each submission's history, NaN where there is none."""
    from scipy.stats import t

    freedom = np.where(np.isfinite(history.spread[:, 0]), history.counts - 1, 1)
    limits: FloatArray = np.where(np.isfinite(history.spread[:, 0]), t.isf(share / 2, freedom), np.nan)
    return limits
