"""Control charts of what a supplier delivers, and the history of one colour, small enough for a page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from colorlab.control.charts.chart import Chart
from colorlab.control.charts.monitor import Monitored
from colorlab.reports.style import ACCENT, FAINT, INK, MUTED, PAPER, blank, box, house_style, label
from spectra.arrays import FloatArray
from spectra.errors import ReportError

_WIDTH = 860  # [px]
_LEFT, _RIGHT = 56, -92  # the names of limits stand at the right
_PANEL, _GAP, _HEAD, _FOOT = 104, 46, 84, 40  # [px]
_NAMED = 4  # out-of-control submissions named in a panel; more would cover each other
# Beyond this a submission is drawn at the edge with its value, or the others would lie on one line. [limits]
_HIGHEST_SHARE = 3.0
_RECORD_WIDTH = 68  # of a record under its point, with a gap [px]
_LINES = ("solid", (0, (5, 2)), (0, (1.5, 1.5)))


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    """A submission in the history of a colour.

    Attributes
    ----------
    record : str
    time : datetime
    share_of_limit : float
        ΔE / limit at the condition that took most of it. [1]
    interval : tuple of two floats, or None
        The same of the 95 % interval of the true ΔE.
    decision : {"accept", "undecided", "reject"}
    standard : str
        What it was judged against; a line is drawn where it changes.
    """

    record: str
    time: datetime
    share_of_limit: float
    interval: tuple[float, float] | None
    decision: Literal["accept", "undecided", "reject"]
    standard: str = ""


@house_style
def history_chart(
    points: Sequence[HistoryPoint], current: str = "", *, width: int = _WIDTH, height: int = 260
) -> Figure:
    """The share of the limit that each submission took, its decision, and which one the page is about.

    Parameters
    ----------
    points : sequence of HistoryPoint
        In the order of time; evenly spaced in the figure, whatever lay between them.
    current : str
        Record of the one to be marked.
    width, height : int
        [px]

    Raises
    ------
    ReportError
        If there is no point.
    """
    if not points:
        raise ReportError("a history without submissions cannot be drawn")
    figure = blank(width, height)
    axes = box(figure, 44, 42, -64, -48)
    top = min(_HIGHEST_SHARE, 1.12 * max(1.1, *(one.share_of_limit for one in points)))
    # Names stand below their points and must not touch the one before; that of this page always has its place.
    apart = math.ceil(_RECORD_WIDTH * len(points) / axes.bbox.width)
    named = [row for row, one in enumerate(points) if one.record == current]
    for row, one in enumerate(points):
        _history_point(axes, row, one, top, marked=one.record == current)
        if one.decision == "reject" and all(abs(row - other) >= apart for other in named):
            low = one.share_of_limit if one.interval is None else one.interval[0]
            _name_below(axes, row, min(low, top), one.record)
            named.append(row)
    axes.axhline(1.0, color=ACCENT, linewidth=1.2)
    axes.annotate(
        "limit", (1.0, 1.0), (6, -4), xycoords=("axes fraction", "data"), textcoords="offset points", color=ACCENT
    )
    for row, (before, after) in enumerate(pairwise(points)):
        if before.standard != after.standard:
            axes.axvline(row + 0.5, color=MUTED, linewidth=1, linestyle=(0, (2, 2)))
            axes.annotate(
                "new standard", (row + 0.5, 1.0), (4, -11), xycoords=("data", "axes fraction"),
                textcoords="offset points", color=MUTED, fontsize=10,
            )  # fmt: skip
    axes.set_ylim(0, top)
    axes.locator_params(axis="y", nbins=5)
    axes.grid(axis="y")
    _submissions_axis(axes, [one.time for one in points])
    label(axes, x="", y="ΔE at the condition that took most of its limit, as share of it [1]")
    _decisions_key(axes, [one.decision for one in points])
    return figure


@house_style
def control_panels(monitored: Monitored, title: str) -> Figure:
    """Individuals of each component, EWMA of all, T² and MEWMA, one below the other on one axis of submissions.

    Grey is what the submissions before predict for the next one; the accent marks what left it, with record and date.
    """
    series = monitored.series
    n_components = len(series.components)
    joint = n_components > 1
    rows = n_components + 1 + joint
    height = _HEAD + rows * (_PANEL + _GAP) - _GAP + _FOOT
    figure = blank(_WIDTH, height)
    top = height - _HEAD
    panels = []
    for _ in range(rows):
        panels.append(box(figure, _LEFT, top - _PANEL, _RIGHT, top))
        top -= _PANEL + _GAP
    _title(figure, title, monitored)
    since = _alarm_since(monitored)
    for axes, component in zip(panels, series.components, strict=False):
        _individuals(axes, monitored, component)
    _ewma(panels[n_components], monitored)
    if joint:
        _joint(panels[-1], monitored)
    for axes in panels:
        if since is not None:
            axes.axvspan(since - 0.5, series.n - 0.5, color=ACCENT, alpha=0.06, linewidth=0)
        _submissions_axis(axes, list(series.times), dated=axes is panels[-1])
    return figure


def _history_point(axes: Axes, row: int, one: HistoryPoint, top: float, *, marked: bool) -> None:
    tone = ACCENT if one.decision == "reject" else INK
    beyond = one.share_of_limit > top
    height = min(one.share_of_limit, top)
    if one.interval is not None and not beyond:
        low, high = one.interval
        axes.plot([row, row], [low, min(high, top)], color=tone, linewidth=1, alpha=0.55)
    face = PAPER if one.decision == "undecided" else tone
    axes.plot(
        row, height, "^" if beyond else "o", markersize=7, markerfacecolor=face, markeredgecolor=tone, zorder=4,
        clip_on=False,
    )  # fmt: skip
    if beyond:
        axes.annotate(
            f"{one.share_of_limit:.1f}", (row, height), (8, -11), textcoords="offset points", color=tone, fontsize=10
        )
    if marked:
        axes.plot(
            row, height, "o", markersize=15, markerfacecolor="none", markeredgecolor=tone, zorder=3, clip_on=False
        )
        end = height if one.interval is None or beyond else one.interval[0]
        under = end > 0.12 * top
        axes.annotate(
            one.record, (row, end if under else height), (0, -20 if end == height else -13) if under else (0, 14),
            textcoords="offset points", ha="center", color=tone, fontsize=10,
        )  # fmt: skip


def _name_below(axes: Axes, row: int, value: float, words: str) -> None:
    axes.annotate(
        words, (row, value), (0, -13), textcoords="offset points", ha="center", color=ACCENT, fontsize=10, zorder=5
    )


def _decisions_key(axes: Axes, decisions: Sequence[str]) -> None:
    """What the signs mean, of those there are, at the right of the title."""
    right = 0.0
    for decision, face, tone in (("reject", ACCENT, ACCENT), ("undecided", PAPER, INK), ("accept", INK, INK)):
        if decision not in decisions:
            continue
        words = f"{decisions.count(decision)} {decision}"
        right -= 6.2 * len(words)
        axes.annotate(
            words, (1, 1), (right, 10), xycoords="axes fraction", textcoords="offset points", color=MUTED, fontsize=11
        )
        right -= 15
        axes.annotate(
            "●" if face == tone else "○", (1, 1), (right, 10), xycoords="axes fraction", textcoords="offset points",
            color=tone, fontsize=11,
        )  # fmt: skip
        right -= 14


def _title(figure: Figure, title: str, monitored: Monitored) -> None:
    width, height = figure.get_size_inches() * 72
    run = monitored.charts[0].run_length
    figure.text(_LEFT / width, 1 - 20 / height, title, fontsize=14, color=INK, va="center")
    told = (
        f"{monitored.series.name}; limits from the submissions before each one; a false alarm of one chart in "
        f"{run:,.0f} submissions"
    )
    figure.text(_LEFT / width, 1 - 38 / height, told, fontsize=11, color=MUTED, va="center")


def _alarm_since(monitored: Monitored) -> int | None:
    """Row from which some chart has been out of control without a break."""
    rows = [monitored.series.records.index(alarm.since_record) for alarm in monitored.alarms]
    return min(rows, default=None)


def _individuals(axes: Axes, monitored: Monitored, component: str) -> None:
    chart = monitored.chart("individuals", component)
    values = monitored.series.column(component)
    low, high = _shown(values, chart)
    rows = np.arange(len(values))
    _band(axes, chart)
    axes.plot(rows, chart.centre, color=MUTED, linewidth=1)
    axes.axhline(0, color=FAINT, linewidth=0.8)
    axes.plot(rows, values, color=INK, linewidth=0.8, alpha=0.5)
    early = ~np.isfinite(chart.lines[0])
    axes.plot(rows[early], values[early], "o", markersize=4.5, markerfacecolor=PAPER, markeredgecolor=MUTED)
    inside = ~early & ~chart.out
    axes.plot(rows[inside], values[inside], "o", markersize=4.5, color=INK)
    _name_out(axes, monitored, rows[chart.out], values[chart.out])
    axes.set_ylim(low, high)
    _at_the_end(axes, [_limit_name(chart.upper), _limit_name(chart.lower)])
    label(axes, y=f"{component}, each submission [{chart.unit}]")


def _shown(values: FloatArray, chart: Chart) -> tuple[float, float]:
    """What an individuals panel shows: the values and the limits of the latest, not the wide ones of the first."""
    at = [float(values.min()), float(values.max())]
    at += [float(end[-1]) for end in (chart.lower, chart.upper) if np.isfinite(end[-1])]
    low, high = min(at), max(at)
    margin = 0.12 * max(high - low, 0.1)
    return low - margin, high + margin


def _ewma(axes: Axes, monitored: Monitored) -> None:
    charts = [monitored.chart("EWMA", name) for name in monitored.series.components]
    _band(axes, charts[0])
    axes.axhline(0, color=FAINT, linewidth=0.8)
    rows = np.arange(monitored.series.n)
    ends = [_limit_name(charts[0].upper), _limit_name(charts[0].lower)]
    for chart, dashes in zip(charts, _LINES, strict=False):
        axes.plot(rows, chart.lines[0], color=INK, linewidth=1.4, linestyle=dashes)
        axes.plot(rows[chart.out], chart.lines[0][chart.out], "o", markersize=4.5, color=ACCENT)
        ends.append((chart.lines[0][-1], chart.quantity))
    out = np.any([chart.out for chart in charts], axis=0)
    if out.any():
        first = int(np.argmax(out))
        worst = max((chart.lines[0][first] for chart in charts), key=abs)
        _name(axes, monitored, first, float(worst))
    _at_the_end(axes, ends)
    label(axes, y=f"EWMA of each, weight {charts[0].parameters['weight']:g} [σ]")


def _joint(axes: Axes, monitored: Monitored) -> None:
    """T² and MEWMA in their limits, so that both have one: on a logarithmic axis, for they are squares."""
    rows = np.arange(monitored.series.n)
    ends = [(1.0, "limit")]
    least, most = 0.02, 2.0
    for kind, sign in (("T²", "●"), ("MEWMA", "—")):
        chart = monitored.chart(kind)  # type: ignore[arg-type]
        share = chart.lines[0] / chart.upper
        if kind == "T²":
            inside = np.isfinite(share) & ~chart.out
            axes.plot(rows[inside], np.maximum(share[inside], least), "o", markersize=4.5, color=INK)
            _name_out(axes, monitored, rows[chart.out], share[chart.out])
            _strangers(axes, monitored, share, least)
        else:
            axes.plot(rows, share, color=INK, linewidth=1.4)
            axes.plot(rows[chart.out], share[chart.out], "o", markersize=4.5, color=ACCENT)
        if np.isfinite(share[-1]):
            ends.append((share[-1], f"{kind} {sign}"))
            most = max(most, float(np.nanmax(share)))
    axes.axhline(1.0, color=ACCENT, linewidth=1.2)
    axes.set_yscale("log")
    axes.set_ylim(0.8 * least, 3 * most)
    axes.set_yticks([0.1, 1.0, *([10.0] if most > 5 else [])], ["0.1", "1", *(["10"] if most > 5 else [])])
    axes.minorticks_off()
    _at_the_end(axes, ends)
    label(axes, y="all components together: T² and MEWMA, as share of their limits [1]")


def _strangers(axes: Axes, monitored: Monitored, share: FloatArray, least: float) -> None:
    """Rings around those that do not belong to the history as a whole (phase I), though nothing was wrong then."""
    for row in monitored.strangers:
        height = max(float(share[row]), least) if np.isfinite(share[row]) else least
        axes.plot(row, height, "o", markersize=12, markerfacecolor="none", markeredgecolor=ACCENT, zorder=5)
        _name(axes, monitored, row, height, " not like the rest")


def _band(axes: Axes, chart: Chart) -> None:
    """What is predicted for each submission, in grey."""
    rows = np.arange(len(chart.upper))
    known = np.isfinite(chart.upper) & np.isfinite(chart.lower)
    axes.fill_between(rows[known], chart.lower[known], chart.upper[known], color=FAINT, alpha=0.4, step="mid")


def _name_out(axes: Axes, monitored: Monitored, rows: FloatArray | np.ndarray[Any, Any], values: FloatArray) -> None:
    axes.plot(rows, values, "o", markersize=6.5, color=ACCENT, zorder=4)
    last = -(10**6)
    named = 0
    for row, value in zip(rows, values, strict=True):
        # Of neighbours the first is named.
        if row - last > 0.14 * monitored.series.n and named < _NAMED:
            _name(axes, monitored, int(row), float(value))
            last, named = int(row), named + 1


def _name(axes: Axes, monitored: Monitored, row: int, value: float, more: str = "") -> None:
    series = monitored.series
    left = row > 0.6 * series.n  # of the point, where it is near the end
    words = f"{series.records[row]}, {series.times[row]:%Y-%m-%d}{more}"
    axes.annotate(
        words, (row, value), (-9 if left else 9, 0), textcoords="offset points", ha="right" if left else "left",
        va="center", color=ACCENT, fontsize=10, zorder=5,
    )  # fmt: skip


def _limit_name(limits: FloatArray) -> tuple[float, str]:
    return float(limits[-1]), f"limit {limits[-1]:+.2f}".replace("-", "−")


def _at_the_end(axes: Axes, ends: Sequence[tuple[float, str]]) -> None:
    """Names at the right of lines, moved apart where they would cover each other."""
    known = sorted((float(value), text) for value, text in ends if np.isfinite(value))
    height = axes.bbox.height
    least = 13.0
    places: list[tuple[float, str]] = []
    for value, text in known:
        y = float(axes.transData.transform((0, value))[1] - axes.bbox.y0)
        y = min(max(y, 0.0), height)
        if places:
            y = max(y, places[-1][0] + least)
        places.append((y, text))
    if places and places[-1][0] > height:
        down = places[-1][0] - height
        places = [(y - down, text) for y, text in places]
    for y, text in places:
        axes.annotate(
            text, (1, y / height), (6, 0), xycoords="axes fraction", textcoords="offset points", va="center",
            color=MUTED, fontsize=10, annotation_clip=False,
        )  # fmt: skip


def _submissions_axis(axes: Axes, times: Sequence[datetime], *, dated: bool = True) -> None:
    """Submissions evenly spaced; the dates of some of them below."""
    n = len(times)
    axes.set_xlim(-0.6, n - 0.4)
    ticks = np.unique(np.linspace(0, n - 1, min(n, 8)).round().astype(int))
    words = [f"{times[tick]:%Y-%m-%d}" for tick in ticks] if dated else []
    axes.set_xticks(ticks, words if dated else [""] * len(ticks))
