"""What earlier panels of a colour teach about polishing it: how fast a metric falls, where it ends, how surely."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import norm

from inspections.rounds.ledger import PolishingLedger
from inspections.rounds.polishing_law import GENERIC_MEAN, GENERIC_SD, LawPrior, PanelCurve, fit_curve
from spectra.arrays import FloatArray

CONFIDENCE = 0.90
MIN_PANELS = 3
"""Earlier panels below which a process is not spoken of; their rounds alone then tell."""
MIN_ROUNDS = 3
"""Measured rounds a panel must have to teach anything."""
SCATTER = 0.03
"""Relative scatter of a round about the law while nothing else is known: pads and hands differ."""
_PANEL_SD = np.array([0.5, 0.3])
"""Spread of logit(floor/start) and logit(share left) expected between panels of one process, and how many panels that
expectation counts for."""
_PRIOR_PANELS = 2.0
_RIDGE_PANELS = 5
"""Panels from which on floor and speed may depend on how rough a panel starts."""
_PASSES = 6
_MIN_SCORES = 10
"""Forecasts of panels left out from which their share inside an interval means anything."""

_Series = tuple[list[float], list[float]]


@dataclass(frozen=True, slots=True, eq=False)
class ProcessCurve:
    """How a metric falls over the rounds of one process: a colour, its pads and its people.

    Attributes
    ----------
    metric : str
    panels : int
        Earlier panels it was learned from.
    intercept, slope : ndarray, shape (2,)
        Of logit(floor/start) and logit(share left by a round) over ln start, about `centre`.
    centre : float
        Mean ln start of the panels.
    spread : ndarray, shape (2, 2)
        Covariance of the two between panels.
    scatter : float
        Of a round about the law, relative. [1]
    stretch : float
        Factor on the forecast's half width by which it held the rounds of panels left out.
    held_out_error : float or None
        Median relative error of those forecasts, two and more rounds ahead counted like one. [1]
    held_out_inside : float or None
        Share of them inside the 90 % interval before it was stretched. [1]
    minutes : tuple of float
        Of every polishing round of these panels. [min]
    """

    metric: str
    panels: int
    intercept: FloatArray
    slope: FloatArray
    centre: float
    spread: FloatArray
    scatter: float
    stretch: float = 1.0
    held_out_error: float | None = None
    held_out_inside: float | None = None
    minutes: tuple[float, ...] = ()

    @classmethod
    def generic(cls, metric: str) -> ProcessCurve:
        """What is expected of any panel: next to nothing."""
        return cls(metric, 0, np.array(GENERIC_MEAN), np.zeros(2), 0.0, np.diag(np.square(GENERIC_SD)), SCATTER)

    @classmethod
    def learn(cls, ledgers: Sequence[PolishingLedger], metric: str) -> ProcessCurve:
        """Learn from the ledgers of earlier panels of one colour.

        The law of each panel is fitted under what all of them together suggest, and that is estimated from the fits
        in turn: panels with few rounds lean on the others, and with no panels at all the generic expectation is left.
        Each panel is then left out once and its later rounds forecast from its earlier ones: the interval is widened
        until it holds as many as it says.

        Parameters
        ----------
        ledgers : sequence of PolishingLedger
            Those with fewer than three measured rounds teach nothing of the curve.
        metric : str
        """
        usable = [one for one in (_series(ledger, metric) for ledger in ledgers) if len(one[0]) >= MIN_ROUNDS]
        minutes = tuple(
            entry.minutes for ledger in ledgers for entry in ledger.rounds if entry.number > 0 and entry.minutes
        )
        curve = replace(_learned(usable, metric), minutes=minutes)
        if len(usable) <= MIN_PANELS:
            return curve
        errors: list[float] = []
        scores: dict[int, list[float]] = {}
        for left_out, series in enumerate(usable):
            others = _learned([one for number, one in enumerate(usable) if number != left_out], metric)
            for known in range(2, len(series[0])):
                fitted = others.panel((series[0][:known], series[1][:known]))
                expected, deviation = fitted.log_value(np.array(series[0][known:]))
                off = np.log(series[1][known:]) - expected
                errors += list(np.abs(np.expm1(-off)))
                scores.setdefault(known, []).extend(np.abs(off) / deviation)
        half = float(norm.ppf(0.5 + CONFIDENCE / 2))
        held = np.concatenate([*scores.values()])
        # After how many rounds a forecast is too sure of itself differs: the worst is made good.
        groups = [held, *(np.array(score) for score in scores.values() if len(score) >= _MIN_SCORES)]
        return replace(
            curve,
            stretch=max(1.0, *(float(np.quantile(group, CONFIDENCE)) / half for group in groups)),
            held_out_error=float(np.median(errors)),
            held_out_inside=float(np.mean(held <= half)),
        )

    def panel(self, series: _Series) -> PanelCurve:
        """The law of a panel under this process, from its rounds and values so far."""
        mean = self.intercept + self.slope * (math.log(series[1][0]) - self.centre)
        return fit_curve(*series, self.scatter, LawPrior(mean, self.spread))

    def forecast(self, ledger: PolishingLedger, rounds: Sequence[int]) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Expected value and 90 % interval of a measured one, at later rounds of a panel; each shape (n,).

        In the unit of the metric; the panel must have at least one measured round.
        """
        fitted = self.panel(_series(ledger, self.metric))
        expected, deviation = fitted.log_value(np.asarray(rounds, np.float64))
        half = self.stretch * float(norm.ppf(0.5 + CONFIDENCE / 2)) * deviation
        return np.exp(expected), np.exp(expected - half), np.exp(expected + half)

    def floor(self, ledger: PolishingLedger) -> tuple[float, float, float]:
        """What polishing like this ends at for a panel, with its 90 % interval; in the unit of the metric."""
        fitted = self.panel(_series(ledger, self.metric))
        _, share, _ = fitted.parameters
        slope = np.array([1.0, 1 - 1 / (1 + math.exp(-share)), 0.0])
        half = self.stretch * float(norm.ppf(0.5 + CONFIDENCE / 2)) * math.sqrt(slope @ fitted.covariance @ slope)
        return fitted.floor, fitted.floor * math.exp(-half), fitted.floor * math.exp(half)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        floor, left = (1 / (1 + np.exp(-self.intercept))).tolist()
        return {
            "metric": self.metric,
            "panels": self.panels,
            "floor_over_start": floor,
            "left_by_a_round": left,
            "scatter": self.scatter,
            "stretch": self.stretch,
            "held_out_error": self.held_out_error,
            "held_out_inside": self.held_out_inside,
            "minutes_a_round": float(np.median(self.minutes)) if self.minutes else None,
        }


def _learned(usable: Sequence[_Series], metric: str) -> ProcessCurve:
    """Mean, dependence on the start, spread and scatter of the panels' laws, by turns with the fits."""
    curve = ProcessCurve.generic(metric)
    if not usable:
        return curve
    start = np.log([values[0] for _, values in usable])
    centre = float(start.mean())
    for _ in range(_PASSES):
        fits = [curve.panel(one) for one in usable]
        shapes = np.stack([fit.parameters[1:] for fit in fits])
        within = np.mean([fit.covariance[1:, 1:] for fit in fits], axis=0)
        intercept, slope = _over_start(shapes, start - centre)
        off = shapes - intercept - np.outer(start - centre, slope)
        n = len(usable)
        spread = (_PRIOR_PANELS * np.diag(_PANEL_SD**2) + off.T @ off + n * within) / (_PRIOR_PANELS + n)
        residuals = np.concatenate([fit.residuals for fit in fits])
        # Each panel spends up to three parameters on itself, most of them lent by the others.
        free = max(residuals.size - 2 * n, 1)
        scatter = math.sqrt((SCATTER**2 + float(residuals @ residuals)) / (1 + free))
        curve = ProcessCurve(metric, n, intercept, slope, centre, spread, scatter)
    return curve


def _over_start(shapes: FloatArray, start: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Each shape as a straight line over ln start, its slope shrunk by evidence; level while panels are few."""
    from sklearn.linear_model import BayesianRidge

    if start.size < _RIDGE_PANELS:
        return shapes.mean(axis=0), np.zeros(shapes.shape[1])
    lines = [BayesianRidge().fit(start[:, None], shape) for shape in shapes.T]
    return np.array([line.intercept_ for line in lines]), np.array([float(line.coef_[0]) for line in lines])


def _series(ledger: PolishingLedger, metric: str) -> _Series:
    """Round numbers and values of one definition, above 0: those that share the newest round's."""
    measured = [(number, value) for number, value in ledger.measured(metric) if value.value > 0]
    if not measured:
        return [], []
    newest = measured[-1][1]
    same = [
        (float(number), value.value)
        for number, value in measured
        if (value.unit, value.definition) == (newest.unit, newest.definition)
    ]
    return [number for number, _ in same], [value for _, value in same]
