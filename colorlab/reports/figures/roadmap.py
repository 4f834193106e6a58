"""The roadmap: released colours against the plan, and how many stand at each stage."""

from __future__ import annotations

from datetime import date

from matplotlib.figure import Figure

from colorlab.reports.style import ACCENT, FAINT, INK, MUTED, blank, box, house_style, label
from colorlab.roadmap.plan import Stage
from colorlab.roadmap.progress import Progress

_ROW = 30  # [px]


@house_style
def burn_up(progress: Progress) -> Figure:
    """Released colours, those due by their own dates, and the straight line from the first day to the last."""
    figure = blank(640, 360)
    axes = box(figure, 36, 44, -92, -34)
    days = [point.day.toordinal() for point in progress.burn_up]
    today = progress.as_of.toordinal()
    past = [point for point in progress.burn_up if point.released_count is not None]
    axes.plot(days, [point.linear_plan_count for point in progress.burn_up], color=FAINT, linewidth=4)
    due = [point.due_by_own_dates_count for point in progress.burn_up]
    axes.step(days, due, where="post", color=MUTED, linewidth=1.0)
    released = [point.released_count or 0 for point in past]
    axes.step([point.day.toordinal() for point in past], released, where="post", color=INK, linewidth=2.6)
    axes.axvline(today, color=ACCENT, linewidth=1)
    axes.plot(today, progress.released_count, "o", color=INK, markersize=7, zorder=4)
    axes.annotate(
        f"as of {progress.as_of:%Y-%m-%d}", (today, 1.0), (6, -10), xycoords=("data", "axes fraction"),
        textcoords="offset points", color=ACCENT, fontsize=11,
    )  # fmt: skip
    axes.annotate(
        f"{progress.released_count} released", (today, progress.released_count), (9, -14),
        textcoords="offset points", fontsize=13,
    )  # fmt: skip
    end = days[-1]
    axes.annotate("linear plan", (end, progress.programme.slots), (8, -4), textcoords="offset points", color=MUTED)
    if abs(due[-1] - progress.programme.slots) > 0.08 * progress.programme.slots:
        axes.annotate("own due dates", (end, due[-1]), (8, -4), textcoords="offset points", color=MUTED, fontsize=11)
    axes.set_xlim(days[0], end)
    axes.set_ylim(0, 1.03 * max(progress.programme.slots, due[-1]))
    halves = _half_years(progress.programme.start, progress.programme.end)
    axes.set_xticks([day.toordinal() for day in halves], [f"{day:%Y}" if day.month == 1 else "Jul" for day in halves])
    axes.grid(axis="y")
    label(axes, x="Day [date]", y="Colours [count]")
    return figure


def _half_years(start: date, end: date) -> list[date]:
    """Each first of January and of July within a programme; of January alone in a long one."""
    months = (1, 7) if (end - start).days < 5 * 365 else (1,)
    firsts = [date(year, month, 1) for year in range(start.year, end.year + 1) for month in months]
    return [day for day in firsts if start <= day <= end]


@house_style
def stage_funnel(progress: Progress) -> Figure:
    """How many colours stand at each stage, from idea to released."""
    stages = [(stage, count) for stage, count in progress.funnel if stage is not Stage.RETIRED or count]
    figure = blank(424, _ROW * len(stages) + 56)
    axes = box(figure, 156, 44, -40, -6)
    for row, (stage, count) in enumerate(stages):
        axes.barh(row, count, height=0.62, color=INK if stage is Stage.RELEASED else FAINT)
        axes.annotate(str(count), (count, row), (7, 0), textcoords="offset points", va="center", fontsize=13)
    axes.set_yticks(range(len(stages)), [stage.words for stage, _ in stages])
    axes.set_ylim(len(stages) - 0.5, -0.5)
    axes.set_xlim(0, max(1, *(count for _, count in stages)))
    axes.locator_params(axis="x", nbins=5, integer=True)
    axes.spines["left"].set_visible(False)
    label(axes, x="Colours [count]")
    return figure
