"""From the edges of a plain light to an orange-peel estimate, by reference panels of the same station."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from scipy.stats import t as student

from inspections.edges.line_scan import EdgeScan
from inspections.structure.bands import BANDS
from spectra.errors import PhotoError

MIN_PANELS = 5
"""Reference panels: with five the scatter left is that of the statistic itself, measured on simulated panels."""
MIN_RANGE = 1.5
"""Least ratio of the roughest to the smoothest reference panel: over less a slope of the fit means nothing."""
MOST_PATH_DIFFERENCE, MOST_ANGLE_DIFFERENCE_DEG = 0.03, 3.0
"""Another distance [relative] or angle than at calibration: an edge moves with twice the distance to the light."""
LEAST_LOG_SD = 0.08
"""Scatter of the statistic itself over many panels (benchmarks/bench_panel_single.py): eight reference panels that
agree better do so by chance, and their factor held for 74 % of the others. [1]"""
MARGIN = 0.05
"""Relative distance by which a statistic may lie outside what was calibrated."""
KIND = "plain photo calibration"


@dataclass(frozen=True, slots=True)
class ReferencePanel:
    """One panel of which both are known.

    Attributes
    ----------
    panel : str
    edge_mrad : float
        Line-scan LW of the plain light's edges. [mrad]
    S_lw_mrad : float
        From phase-stepped fringes. [mrad]
    """

    panel: str
    edge_mrad: float
    S_lw_mrad: float


@dataclass(frozen=True, slots=True)
class PlainEstimate:
    """The index and its 95 % interval, on the scale of S_lw of the reference panels. [mrad]"""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PlainCalibration:
    """ln S_lw = intercept + exponent · ln edge, for one light in one geometry.

    Attributes
    ----------
    intercept, exponent : float
    log_sd : float
        Leave-one-out standard deviation of ln S_lw. [1]
    light : str
        As `EdgeScan.light`.
    screen_path_mm, incidence_deg : float
        Of the reference photos.
    dated : date
    panels : tuple of ReferencePanel
    """

    intercept: float
    exponent: float
    log_sd: float
    light: str
    screen_path_mm: float
    incidence_deg: float
    dated: date
    panels: tuple[ReferencePanel, ...]

    @property
    def factor(self) -> float:
        """What the estimate is to be multiplied and divided by for 95 %. [1]"""
        return math.exp(float(student.ppf(0.975, len(self.panels) - 2)) * max(self.log_sd, LEAST_LOG_SD))

    @property
    def edge_range_mrad(self) -> tuple[float, float]:
        """Statistic of the smoothest and of the roughest reference panel. [mrad]"""
        values = [panel.edge_mrad for panel in self.panels]
        return min(values), max(values)

    def estimate(self, edge_mrad: float) -> PlainEstimate:
        """The index of a statistic; whether it may be used is `objection`'s to say."""
        value = math.exp(self.intercept + self.exponent * math.log(edge_mrad))
        return PlainEstimate(value, value / self.factor, value * self.factor)

    def objection(self, scan: EdgeScan) -> str | None:
        """Why a scan is not what was calibrated, or None."""
        if scan.light != self.light:
            return f"calibrated for {self.light}; this photo shows {scan.light}"
        if abs(scan.screen_path_mm / self.screen_path_mm - 1) > MOST_PATH_DIFFERENCE:
            return (
                f"calibrated with the light {self.screen_path_mm:.0f} mm away; here it is {scan.screen_path_mm:.0f} mm"
            )
        if abs(scan.incidence_deg - self.incidence_deg) > MOST_ANGLE_DIFFERENCE_DEG:
            return f"calibrated at {self.incidence_deg:.0f}° incidence; this is {scan.incidence_deg:.0f}°"
        low, high = self.edge_range_mrad
        value = scan.band(BANDS["lw"]).slope_mrad
        if not low * (1 - MARGIN) <= value <= high * (1 + MARGIN):
            return f"its edges wander by {value:.2g} mrad; the reference panels by {low:.2g} to {high:.2g} mrad"
        return None

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types, units in the names."""
        return {
            "kind": KIND,
            "dated": self.dated.isoformat(),
            "light": self.light,
            "screen_path_mm": self.screen_path_mm,
            "incidence_deg": self.incidence_deg,
            "intercept": self.intercept,
            "exponent": self.exponent,
            "leave_one_out_log_sd": self.log_sd,
            "factor_95": self.factor,
            "panels": [
                {"panel": one.panel, "edge_mrad": one.edge_mrad, "S_lw_mrad": one.S_lw_mrad} for one in self.panels
            ],
        }


def learn_plain(panels: Sequence[ReferencePanel], scan: EdgeScan, dated: date) -> PlainCalibration:
    """Fit the calibration.

    Parameters
    ----------
    panels : sequence of ReferencePanel
        All photographed in the geometry and under the light of `scan`.
    scan : EdgeScan
        Of one of them.
    dated : date

    Returns
    -------
    PlainCalibration

    Raises
    ------
    PhotoError
        If there are fewer than `MIN_PANELS`, one of them twice, one without waviness, or all alike.
    """
    if len(panels) < MIN_PANELS:
        raise PhotoError(f"{len(panels)} reference panels; {MIN_PANELS} are the least for a plain-photo calibration")
    names = [one.panel for one in panels]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise PhotoError(f"reference panel {twice!r} is given twice; every panel counts once")
    for one in panels:
        if not (_positive(one.edge_mrad) and _positive(one.S_lw_mrad)):
            raise PhotoError(
                f"reference panel {one.panel!r}: found edge {one.edge_mrad} and S_lw {one.S_lw_mrad} mrad; expected "
                "two numbers above 0"
            )
    x, y = (np.log([getattr(one, name) for one in panels]) for name in ("edge_mrad", "S_lw_mrad"))
    if math.exp(float(np.ptp(y))) < MIN_RANGE:
        raise PhotoError(
            f"the roughest reference panel has {math.exp(float(np.ptp(y))):.2f} times the S_lw of the smoothest; "
            f"{MIN_RANGE:g} times is the least to fit"
        )
    off = x - x.mean()
    if not float(off @ off) > 0:
        raise PhotoError("the edges of all reference panels wander alike: nothing can be fitted")
    exponent = float(off @ (y - y.mean()) / (off @ off))
    intercept = float(y.mean() - exponent * x.mean())
    # Leave-one-out residual of a straight line: the residual over one less its leverage.
    leverage = 1 / x.size + off**2 / (off @ off)
    left_out = (y - intercept - exponent * x) / (1 - leverage)
    return PlainCalibration(
        intercept=intercept,
        exponent=exponent,
        log_sd=float(np.sqrt(np.mean(left_out**2))),
        light=scan.light,
        screen_path_mm=scan.screen_path_mm,
        incidence_deg=scan.incidence_deg,
        dated=dated,
        panels=tuple(panels),
    )


def plain_calibration_from(record: Mapping[str, Any]) -> PlainCalibration:
    """The calibration that `PlainCalibration.as_dict` wrote, fitted again from its panels.

    Raises
    ------
    PhotoError
        Names the key that is missing or wrong, what was found and what was expected.
    """
    if record.get("kind") != KIND:
        raise PhotoError(
            f"kind: found {record.get('kind')!r}; expected {KIND!r}, as colorlab station learn-plain writes"
        )
    rows = record.get("panels")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise PhotoError(f"panels: found {rows!r}; expected a list of panels with panel, edge_mrad and S_lw_mrad")
    panels = tuple(
        ReferencePanel(
            _text(row, "panel", f"panels[{index}]"),
            _number(row, "edge_mrad", f"panels[{index}]"),
            _number(row, "S_lw_mrad", f"panels[{index}]"),
        )
        for index, row in enumerate(rows)
    )
    try:
        dated = date.fromisoformat(_text(record, "dated"))
    except ValueError:
        raise PhotoError(f"dated: found {record['dated']!r}; expected a date such as 2026-03-31") from None
    scan = EdgeScan(
        light=_text(record, "light"),
        lines=(),
        screen_path_mm=_number(record, "screen_path_mm"),
        incidence_deg=_number(record, "incidence_deg", least=0.0),
        rig_uncertainty=0.0,
        rig_source="",
        files=(),
    )
    return learn_plain(panels, scan, dated)


def _positive(value: float) -> bool:
    return math.isfinite(value) and value > 0


def _text(record: Mapping[str, Any], key: str, parent: str = "") -> str:
    value = record.get(key)
    if not isinstance(value, str) or not value:
        raise PhotoError(f"{parent + '.' if parent else ''}{key}: found {value!r}; expected a text")
    return value


def _number(record: Mapping[str, Any], key: str, parent: str = "", least: float = 1e-9) -> float:
    value = record.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < least:
        raise PhotoError(f"{parent + '.' if parent else ''}{key}: found {value!r}; expected a number above 0")
    return float(value)
