"""Why a batch is off: what each cause contributes to the difference, with its interval."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from colorlab.control.explain.explanation import COMPONENTS, Explanation
from colorlab.control.explain.words import cause_words
from colorlab.reports.style import ACCENT, FAINT, INK, MUTED, blank, box, house_style, label

_ROW, _NAME = 30, 208  # [px]
_PANEL, _GAP = 118, 16  # [px]
_TITLES = {"delta_L": "ΔL*", "delta_C": "ΔC*", "delta_H": "ΔH*"}
_LETTERS = 34  # of a cause on one line


@house_style
def contributions(explanation: Explanation) -> Figure:
    """ΔL*, ΔC* and ΔH* as measured, what each cause makes of them with its 95 % interval, and what is left; then ΔE.

    Parameters
    ----------
    explanation : Explanation
    """
    found = explanation.found
    names = ["measured", *(cause_words(one.cause, one.change, explanation.names) for one in found), "not explained"]
    height = _ROW * len(names) + 78
    figure = blank(_NAME + 4 * (_PANEL + _GAP) + 12, height)
    panels = [
        box(figure, _NAME + place * (_PANEL + _GAP), 48, _NAME + place * (_PANEL + _GAP) + _PANEL, -26)
        for place in range(4)
    ]
    reach = 0.05
    for axes, name in zip(panels, COMPONENTS, strict=False):
        whole = explanation.difference[name]
        parts = [one.contribution[name] for one in found]
        left = whole - sum(part.value for part in parts)
        _bar(axes, 0, whole, INK)
        for row, part in enumerate(parts, start=1):
            _bar(axes, row, part.value, ACCENT, (part.low, part.high))
        _bar(axes, len(names) - 1, left, MUTED)
        reach = max(reach, *(abs(v) for part in parts for v in (part.low, part.high)), abs(whole), abs(left))
        label(axes, y=_TITLES[name])
    for axes in panels[:3]:
        # One scale: a contribution to lightness is as long as one of its size to hue.
        axes.set_xlim(-1.12 * reach, 1.12 * reach)
        axes.axvline(0, color=FAINT, linewidth=1, zorder=0)
        axes.locator_params(axis="x", nbins=4)
    label(panels[2], x="Sample − standard [CIELAB units]")
    last = panels[3]
    _bar(last, 0, explanation.delta_E, INK)
    for row, one in enumerate(found, start=1):
        _bar(last, row, one.delta_E_without.value, ACCENT, (one.delta_E_without.low, one.delta_E_without.high))
    _bar(last, len(names) - 1, explanation.delta_E_remaining, MUTED)
    last.set_xlim(left=0)
    last.locator_params(axis="x", nbins=3)
    label(last, x=f"{explanation.formula} [1]", y="ΔE left without it")
    for axes in panels:
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
    for row, name in enumerate(names):
        panels[0].annotate(
            _wrapped(name),
            (0, row),
            (-_NAME + 8, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            color=INK,
            va="center",
            fontsize=10,
        )
    return figure


def _bar(axes: Axes, row: int, value: float, tone: str, interval: tuple[float, float] | None = None) -> None:
    axes.barh(row, value, height=0.4, color=tone)
    if interval is not None:
        axes.plot(interval, (row, row), color=INK, linewidth=1.4)


def _wrapped(name: str) -> str:
    """On two lines at most, broken at a space."""
    if len(name) <= _LETTERS:
        return name
    place = name.rfind(" ", 0, _LETTERS)
    return f"{name[:place]}\n{name[place + 1 :]}" if place > 0 else name
