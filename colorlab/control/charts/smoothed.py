"""EWMA and MEWMA: a small change that stays, seen by a mean that forgets slowly."""

from __future__ import annotations

import numpy as np

from colorlab.control.charts.chart import Chart, chart
from colorlab.control.charts.learning import Learned
from colorlab.control.charts.run_length import ewma_limit, mewma_limit
from colorlab.control.series import Series
from spectra.arrays import FloatArray

# Of the newest submission. Montgomery advises 0.05 to 0.25, the less the smaller the shift to be seen; 0.2 sees one of
# a standard deviation soonest (Lucas and Saccucci 1990).
WEIGHT = 0.2
SCORES = "standard deviations"


def ewma_chart(series: Series, history: Learned, component: str, run_length: float, *, weight: float = WEIGHT) -> Chart:
    """The exponentially weighted mean of a component's scores.

    Parameters
    ----------
    series : Series
    history : Learned
        Of the same series.
    component : str
    run_length : float
        Submissions between false alarms, on average.
    weight : float
        Of the newest submission. [0-1]

    References
    ----------
    .. [1] D. C. Montgomery, Introduction to Statistical Quality Control, 9.2; J. M. Lucas, M. S. Saccucci,
       Technometrics 32 (1990) 1.
    """
    scores = history.own_scores[:, series.components.index(component)]
    width = ewma_limit(run_length, weight)
    half = width * np.sqrt(weight / (2 - weight))
    smoothed = _smoothed(scores[:, None], weight)[:, 0]
    limits = (np.zeros(1), np.full(1, -half), np.full(1, half))
    return chart("EWMA", component, SCORES, smoothed, limits, run_length, weight=weight, width=width)


def mewma_chart(series: Series, history: Learned, run_length: float, *, weight: float = WEIGHT) -> Chart:
    """The squared length of the exponentially weighted mean of all components' scores.

    Parameters
    ----------
    series, history, run_length, weight
        As for `ewma_chart`.

    References
    ----------
    .. [1] C. A. Lowry, W. H. Woodall, C. W. Champ, S. E. Rigdon, Technometrics 34 (1992) 46.
    .. [2] D. M. Hawkins, E. M. Maboudou-Tchao, Technometrics 49 (2007) 199, for the scores.
    """
    p = len(series.components)
    limit = mewma_limit(run_length, weight, p)
    smoothed = _smoothed(history.scores, weight)
    lengths = (smoothed**2).sum(axis=1) * (2 - weight) / weight
    limits = (np.full(1, float(p)), np.zeros(1), np.full(1, limit))
    together = " ".join(series.components)
    return chart("MEWMA", together, "1", lengths, limits, run_length, weight=weight, limit=limit)


def _smoothed(scores: FloatArray, weight: float) -> FloatArray:
    """Of scores of shape (n, n_components), from zero; NaN until the first one, and kept over one that is missing."""
    running, begun = np.zeros(scores.shape[1]), False
    smoothed: FloatArray = np.full(scores.shape, np.nan)
    for row, score in enumerate(scores):
        if np.isfinite(score).all():
            running, begun = weight * score + (1 - weight) * running, True
        if begun:
            smoothed[row] = running
    return smoothed
