"""How a metric went from round to round, against its limit, and the rounds it may still need."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from colorlab.reports.style import ACCENT, FAINT, INK, MUTED, blank, box, house_style, label
from inspections.rounds.ledger import PolishingLedger
from inspections.rounds.limits import MetricLimit
from inspections.rounds.rounds_left import RoundsLeft

_LOG_RATIO = 6.0  # a metric that falls further than this is shown on a logarithmic axis


@house_style
def polishing_curve(
    ledger: PolishingLedger, metric: str, unit: str, limit: MetricLimit | None, left: RoundsLeft | None
) -> Figure:
    """One metric over the rounds with its 95 % interval, its limit and the rounds it may still need.

    Parameters
    ----------
    ledger : PolishingLedger
    metric, unit : str
    limit : MetricLimit or None
    left : RoundsLeft or None
        Its interval is drawn along the limit, from the fewest to the most rounds.
    """
    figure = blank(420, 270)
    axes = box(figure, 44, 44, -20, -34)
    points = ledger.measured(metric)
    last = max((entry.number for entry in ledger.rounds), default=0)
    ahead = left.rounds if left is not None and left.rounds else 0
    furthest = ahead if left is None else max(ahead, left.high or 0)
    values = [value.value for _, value in points]
    halves = [1.96 * (value.uncertainty or 0.0) for _, value in points]
    if points:
        _measured(axes, [number for number, _ in points], values, halves, limit)
    if limit is not None:
        if points and ahead and left is not None:
            _forecast(axes, points[-1][0], values[-1], limit, left)
        axes.axhline(limit.bound, color=INK, linewidth=1.2)
        axes.annotate(
            f"{'at most' if limit.side == 'maximum' else 'at least'} {limit.bound:g}",
            (0.0, limit.bound),
            (6, 4),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            fontsize=11,
            color=INK,
        )
    axes.set_xlim(-0.3, max(last + furthest, 1) + 0.5)
    tops = [value + half for value, half in zip(values, halves, strict=True)]
    bound = [] if limit is None else [limit.bound]
    _round_scale(axes, [*bound, *values], max([*bound, *tops, 0.0]))
    axes.set_xticks(range(max(last + furthest, 1) + 1))
    axes.grid(axis="y")
    axes.spines["left"].set_color(FAINT)
    label(axes, x="Polishing round [1]", y=f"{metric} [{unit}]")
    return figure


def _forecast(axes: Axes, start: int, value: float, limit: MetricLimit, left: RoundsLeft) -> None:
    """A dotted line to the limit, and along it the rounds in which it may be reached."""
    axes.plot([start, start + (left.rounds or 0)], [value, limit.bound], color=MUTED, linestyle=(0.0, (2.0, 3.0)))
    if left.low and left.high:
        reach = [start + left.low - 0.12, start + left.high + 0.12]
        axes.plot(reach, [limit.bound] * 2, color=MUTED, linewidth=7, alpha=0.5, solid_capstyle="butt")


def _measured(
    axes: Axes, numbers: Sequence[int], values: Sequence[float], halves: Sequence[float], limit: MetricLimit | None
) -> None:
    """The rounds with their intervals, those out of the limit in the accent, the last one with its figure."""
    axes.errorbar(numbers, values, yerr=halves, color=INK, linewidth=1.4, elinewidth=1.2, capsize=3, zorder=3)
    for number, value in zip(numbers, values, strict=True):
        beyond = limit is not None and limit.beyond(value)
        axes.plot(number, value, "o", color=ACCENT if beyond else INK, markersize=8, zorder=4)
    last = values[-1]
    above = limit is None or last > limit.bound
    axes.annotate(
        f"{last:.3g}",
        (numbers[-1], last),
        (9, 9) if above else (9, -15),
        textcoords="offset points",
        color=ACCENT if limit is not None and limit.beyond(last) else INK,
        fontsize=13,
    )


def _round_scale(axes: Axes, values: Sequence[float], highest: float) -> None:
    """From zero, or logarithmic where the last rounds would otherwise lie on the floor."""
    lowest = min(values, default=0.0)
    if lowest <= 0 or highest <= _LOG_RATIO * lowest:
        axes.set_ylim(0, 1.18 * highest or 1.0)
        axes.locator_params(axis="y", nbins=5)
        return
    axes.set_yscale("log")
    axes.set_ylim(0.6 * lowest, 1.5 * highest)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.minorticks_off()
