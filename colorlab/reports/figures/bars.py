"""ΔE against its limits: plain rectangles and lines, so drawn without matplotlib, which takes fifty times as long."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.ticker import MaxNLocator

from colorlab.tolerance.tolerance import Tolerance
from colorlab.verdict.condition import Condition
from colorlab.verdict.verdict import Verdict

WIDTH = 460  # [px]
_ROW, _GROUP_GAP, _TOP = 19.0, 12.0, 10.0
_LEFT, _RIGHT = 126.0, 446.0  # where ΔE = 0 and the end of the axis lie


@dataclass(frozen=True, slots=True)
class Row:
    """One condition, its places in pixels."""

    condition: Condition
    names_angle: bool
    y: float
    delta_E: float
    corrected: float
    low: float
    high: float
    limit: float


@dataclass(frozen=True, slots=True)
class Bars:
    """Everything the drawing needs: rows, and (place, value) of the ticks."""

    rows: tuple[Row, ...]
    ticks: tuple[tuple[float, float], ...]
    bottom: float
    label: str

    @property
    def height(self) -> float:
        """Of the drawing. [px]"""
        return self.bottom + 42


def measure_name(tolerance: Tolerance) -> str:
    """What is held against the limits, with its unit."""
    if tolerance.scheme is None:
        return f"ΔE {tolerance.formula} [1]"
    return f"{tolerance.formula} [1 on the surface of its form]"


def delta_E_bars(verdict: Verdict) -> Bars:
    """ΔE at every angle and viewing condition with its 95 % interval and its limit, angles grouped."""
    farthest = max(max(row.delta_E_interval[1], row.delta_E, row.limit) for row in verdict.conditions)
    ticks = [float(tick) for tick in MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(0.0, farthest)]
    scale = (_RIGHT - _LEFT) / max(farthest, ticks[-2]) / 1.04

    def place(delta_E: float) -> float:
        return round(_LEFT + scale * delta_E, 2)

    rows: list[Row] = []
    y, angle = _TOP, ""
    for condition in verdict.conditions:
        named = condition.angle != angle
        y += (_GROUP_GAP if rows and named else 0.0) + (_ROW if rows else 0.0)
        angle = condition.angle
        low, high = condition.delta_E_interval
        where = (
            place(condition.delta_E),
            place(condition.delta_E_corrected),
            place(low),
            place(high),
            place(condition.limit),
        )
        rows.append(Row(condition, named, y, *where))
    shown = tuple((place(tick), tick) for tick in ticks if 0 <= tick <= 1.02 * farthest)
    return Bars(tuple(rows), shown, y + 14, measure_name(verdict.tolerance))
