"""A bridge from our figures to the user's own meter: learned from paired readings, applied only where they reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
from scipy.stats import t as student

from inspections.appearance import Appearance, Refusal
from spectra.arrays import FloatArray
from spectra.errors import PhotoError

LEAST_PANELS = 8
COVERAGE = 0.95
BridgeModel = Literal["saturating", "linear"]
"""saturating: ln(−ln(1 − W/top)) is a straight line in ln S, for scales that end at `top`; linear: W is one in S."""


@dataclass(frozen=True, slots=True)
class PairedReading:
    """One panel read by both: our figure and the meter's.

    Attributes
    ----------
    panel : str
    figure : float
        In the unit of the metric.
    reading : float
        On the meter's scale.
    definition, tier, rig : str
        Of the figure: as `MetricValue.definition` has it, the tier, and the station it was taken at.
    """

    panel: str
    figure: float
    reading: float
    definition: str
    tier: str
    rig: str


@dataclass(frozen=True, slots=True)
class Bridge:
    """What paired readings say of one scale.

    Attributes
    ----------
    scale : str
        The user's name of the meter's scale.
    metric : str
        Our figure, e.g. "S_lw".
    definition, tier, rig : str
        Of every figure it was learned from, and of every one it may be applied to.
    model : {"saturating", "linear"}
    top : float
        End of the scale.
    intercept, slope : float
        Of the straight line.
    scatter : float
        Standard deviation about it, n − 2 degrees of freedom, as the model has the reading.
    centre, spread : float
        Mean of the line's abscissa, and the root of its sum of squares about it.
    n : int
        Panels.
    figure_range, reading_range : tuple of float
        Of the panels.
    left_out_error : float
        Root mean square of reading less estimate, each panel estimated from the others. [the meter's unit]
    learned : date
    """

    scale: str
    metric: str
    definition: str
    tier: str
    rig: str
    model: BridgeModel
    top: float
    intercept: float
    slope: float
    scatter: float
    centre: float
    spread: float
    n: int
    figure_range: tuple[float, float]
    reading_range: tuple[float, float]
    left_out_error: float
    learned: date

    def reading_of(self, figure: float) -> tuple[float, float, float]:
        """Estimated reading, and both ends of its 95 % prediction interval for a further panel."""
        at = _abscissa(np.array([figure]), self.model)[0]
        middle = self.intercept + self.slope * at
        off = (at - self.centre) / self.spread
        half = student.ppf(0.5 + COVERAGE / 2, self.n - 2) * self.scatter * np.sqrt(1.0 + 1.0 / self.n + off**2)
        low, value, high = _reading(np.array([middle - half, middle, middle + half]), self.model, self.top)
        return float(value), float(low), float(high)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A reading that a bridge expects of the user's meter: no measurement of it.

    Attributes
    ----------
    name : str
        The scale with "~est".
    value, low, high : float
        With its 95 % prediction interval. [the meter's unit]
    bridge : Bridge
    """

    name: str
    value: float
    low: float
    high: float
    bridge: Bridge

    @property
    def U95(self) -> float:
        """The longer side of the interval."""
        return max(self.high - self.value, self.value - self.low)

    @property
    def label(self) -> str:
        """What must stand beside the figure wherever it is shown."""
        low, high = self.bridge.reading_range
        return f"calibrated estimate (n = {self.bridge.n}, range {low:.3g} to {high:.3g}, U95 {self.U95:.2g})"


def learn_bridge(
    pairs: Sequence[PairedReading],
    *,
    scale: str,
    metric: str,
    learned: date,
    model: BridgeModel = "saturating",
    top: float = 100.0,
) -> Bridge:
    """Learn a bridge from the user's own panels.

    Parameters
    ----------
    pairs : sequence of PairedReading
        A panel that was read several times counts once, by the means.
    scale, metric : str
    learned : date
        Day of the readings.
    model : {"saturating", "linear"}
    top : float
        End of the meter's scale; only the saturating model asks for it.

    Raises
    ------
    PhotoError
        If there are fewer than eight panels, definitions, tiers or rigs are mixed, a reading is off its scale, or
        the figure tells nothing of the reading.
    """
    panels = sorted({pair.panel for pair in pairs})
    if len(panels) < LEAST_PANELS:
        raise PhotoError(
            f"{scale}: {len(panels)} panels; a bridge needs at least {LEAST_PANELS} of your own, over the range you "
            "sell"
        )
    for what in ("definition", "tier", "rig"):
        found = sorted({getattr(pair, what) for pair in pairs})
        if len(found) > 1 or not found[0]:
            raise PhotoError(f"{scale}: readings of more than one {what}, or none named: {' | '.join(found)}")
    figure, reading = (
        np.array([np.mean([getattr(pair, name) for pair in pairs if pair.panel == panel]) for panel in panels])
        for name in ("figure", "reading")
    )
    if not (np.isfinite(figure).all() and np.isfinite(reading).all()) or (model == "saturating" and figure.min() <= 0):
        raise PhotoError(f"{scale}: a figure is not above 0, or a number is not finite")
    if model == "saturating" and not (reading.min() > 0 and reading.max() < top):
        raise PhotoError(
            f"{scale}: readings from {reading.min():g} to {reading.max():g}; expected within 0 and {top:g}, both left "
            "out, or the linear model"
        )
    if np.ptp(figure) <= 1e-9 * np.abs(figure).max():
        raise PhotoError(f"{scale}: all panels have the same {metric}; take panels over the range you sell")
    at, transformed = _abscissa(figure, model), _ordinate(reading, model, top)
    left_out = []
    for k in range(len(panels)):
        others = np.arange(len(panels)) != k
        slope, intercept = np.polyfit(at[others], transformed[others], 1)
        left_out.append(float(_reading(np.array([intercept + slope * at[k]]), model, top)[0] - reading[k]))
    error = float(np.sqrt(np.mean(np.square(left_out))))
    mean_error = float(np.std(reading)) * len(panels) / (len(panels) - 1)
    if error >= mean_error:
        raise PhotoError(
            f"{scale}: {metric} tells nothing of it: panels left out are missed by {error:.3g}, by the mean of the "
            f"others by {mean_error:.3g}"
        )
    slope, intercept = np.polyfit(at, transformed, 1)
    rest = transformed - intercept - slope * at
    return Bridge(
        scale=scale,
        metric=metric,
        definition=pairs[0].definition,
        tier=pairs[0].tier,
        rig=pairs[0].rig,
        model=model,
        top=top,
        intercept=float(intercept),
        slope=float(slope),
        scatter=float(np.sqrt((rest**2).sum() / (len(panels) - 2))),
        centre=float(at.mean()),
        spread=float(np.sqrt(((at - at.mean()) ** 2).sum())),
        n=len(panels),
        figure_range=(float(figure.min()), float(figure.max())),
        reading_range=(float(reading.min()), float(reading.max())),
        left_out_error=error,
        learned=learned,
    )


def estimate(bridge: Bridge, appearance: Appearance, rig: str | None) -> Estimate | Refusal:
    """What the user's meter would probably read, or why that cannot be said.

    Parameters
    ----------
    bridge : Bridge
    appearance : Appearance
    rig : str or None
        Station of the capture; None where nobody named it.
    """
    name = f"{bridge.scale}~est"
    measured = appearance.metric(bridge.metric)
    if measured is None:
        return Refusal(name, f"{bridge.metric} is not given for this capture", "see why that metric is refused")
    if rig != bridge.rig:
        found = "names no station" if rig is None else f"is of station {rig!r}"
        return Refusal(name, f"the bridge is of station {bridge.rig!r}; the capture {found}", "learn a bridge for it")
    if appearance.tier != bridge.tier or measured.definition != bridge.definition:
        return Refusal(
            name,
            f"the bridge is of {bridge.metric} in tier {bridge.tier}, {bridge.definition!r}; the capture gives tier "
            f"{appearance.tier}, {measured.definition!r}",
            "learn a bridge from captures like this one",
        )
    low, high = bridge.figure_range
    if not low <= measured.value <= high:
        return Refusal(
            name,
            f"{bridge.metric} of {measured.value:.3g} {measured.unit} lies outside the bridge's {low:.3g} to "
            f"{high:.3g}",
            "add panels of this kind to the bridge",
        )
    return Estimate(name, *bridge.reading_of(measured.value), bridge)


def _abscissa(figure: FloatArray, model: BridgeModel) -> FloatArray:
    return np.log(figure) if model == "saturating" else figure


def _ordinate(reading: FloatArray, model: BridgeModel, top: float) -> FloatArray:
    return np.log(-np.log1p(-reading / top)) if model == "saturating" else reading


def _reading(ordinate: FloatArray, model: BridgeModel, top: float) -> FloatArray:
    return -top * np.expm1(-np.exp(ordinate)) if model == "saturating" else ordinate
