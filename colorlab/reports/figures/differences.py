"""Colour differences in the a*b* plane."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from colorlab.colorimetry.swatch import swatch
from colorlab.colorimetry.viewing import Viewing
from colorlab.reports.style import ACCENT, FAINT, INK, MUTED, PAPER, blank, box, house_style, label, paint
from colorlab.verdict.verdict import Verdict
from spectra.arrays import FloatArray

_LETTER, _LINE = 6.2, 14.0  # about the size of a letter of a name in the plane [px]


@house_style
def ab_plane(verdict: Verdict, viewing: Viewing) -> Figure:
    """Where standard and sample lie in the a*b* plane at every angle, the points in the sample's own colours."""
    figure = blank(420, 420)
    axes = box(figure, 52, 48, -20, -32)
    own = [condition for condition in verdict.conditions if condition.viewing == viewing]
    standard = np.array([condition.standard_lab for condition in own])
    sample = np.array([condition.sample_lab for condition in own])
    marked = verdict.worst.angle if verdict.worst.delta_E > verdict.worst.limit else None
    lights = [condition.angle.partition("as")[0] for condition in own]
    for light in dict.fromkeys(lights):
        path = standard[[other == light for other in lights]]
        axes.plot(path[:, 1], path[:, 2], color=FAINT, linewidth=1.2)
    for first, second in zip(standard, sample, strict=True):
        axes.plot([first[1], second[1]], [first[2], second[2]], color=MUTED, linewidth=1)
        axes.plot(first[1], first[2], "o", markersize=11, markerfacecolor=PAPER, markeredgecolor=MUTED, zorder=3)
        face = paint(swatch(second).hex)
        axes.plot(second[1], second[2], "o", markersize=8, markerfacecolor=face, markeredgecolor=INK, zorder=4)
    _square(axes, np.vstack([standard[:, 1:], sample[:, 1:]]), least=6.0)
    _name_points(axes, standard[:, 1:], sample[:, 1:], [condition.angle for condition in own], marked)
    _axes_of_the_plane(axes)
    label(axes, x=f"a* under {viewing} [CIELAB units]", y="b* [CIELAB units]")
    return figure


def _name_points(axes: Axes, points: FloatArray, beside: FloatArray, names: Sequence[str], marked: str | None) -> None:
    """A name beside each point, on the first of four sides where it covers no other name or point."""
    places = axes.transData.transform(points)
    dots = np.vstack([places, axes.transData.transform(beside)])
    taken = [(x - 6, y - 6, x + 6, y + 6) for x, y in dots]
    for (x, y), name in zip(places, names, strict=True):
        width = _LETTER * len(name)
        sides = [(x + 9, y - 13), (x + 9, y + 3), (x - 9 - width, y - 13), (x - 9 - width, y + 3)]
        boxes = [(left, low, left + width, low + _LINE) for left, low in sides]
        free = [box for box in boxes if not any(_overlap(box, other) for other in taken)]
        chosen = (free or boxes)[0]
        taken.append(chosen)
        tone = ACCENT if name == marked else MUTED
        axes.text(chosen[0], chosen[1], name, transform=None, color=tone, fontsize=11, va="bottom")


def _overlap(one: Sequence[float], other: Sequence[float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _square(axes: Axes, points: FloatArray, least: float) -> None:
    """Equal scales on both axes, around all points."""
    low, high = points.min(axis=0), points.max(axis=0)
    centre, half = (low + high) / 2, max(0.58 * float((high - low).max()), least)
    limits: Sequence[tuple[float, float]] = [(float(c) - half, float(c) + half) for c in centre]
    width, height = axes.bbox.width, axes.bbox.height
    stretch = width / height
    (x0, x1), (y0, y1) = limits
    middle = (x0 + x1) / 2
    axes.set_xlim(middle - half * stretch, middle + half * stretch)
    axes.set_ylim(y0, y1)


def _axes_of_the_plane(axes: Axes) -> None:
    axes.axhline(0, color=FAINT, linewidth=1, zorder=0)
    axes.axvline(0, color=FAINT, linewidth=1, zorder=0)
    axes.locator_params(nbins=6)
    axes.grid()
