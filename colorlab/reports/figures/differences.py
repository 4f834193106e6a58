"""Colour differences in the a*b* plane."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, MultipleLocator

from colorlab.colorimetry.swatch import swatch
from colorlab.colorimetry.viewing import Viewing
from colorlab.reports.style import ACCENT, FAINT, INK, MUTED, PAPER, blank, box, house_style, label, paint
from colorlab.verdict.verdict import Verdict
from spectra.arrays import FloatArray

_LETTER, _LINE = 6.2, 14.0  # about the size of a letter of a name in the plane [px]
_WIDTH, _LEFT, _RIGHT, _TOP, _BOTTOM = 640, 52, 20, 32, 48  # of the figure and beside its axes [px]
_LOWEST, _HIGHEST = 190.0, 400.0  # what the axis of b* may be high [px]
_ROOM = 34.0  # around all points, for names [px]
_LEAST = 2.0  # the axis of b* shows at least so much, or the points of a grey would lie far apart [CIELAB units]
_DOT = 6.0  # half of a point [px]
# Where a name may stand: so far from its point [px], at so many directions around it.
_DISTANCES, _DIRECTIONS = (10.0, 20.0, 32.0, 46.0, 62.0), 16


@house_style
def ab_plane(verdict: Verdict, viewing: Viewing) -> Figure:
    """Where standard and sample lie in the a*b* plane at every angle, the points in the sample's own colours.

    As high as the points need: both axes have one scale, and the figure is as wide as the spectra.
    """
    own = [condition for condition in verdict.conditions if condition.viewing == viewing]
    standard = np.array([condition.standard_lab for condition in own])
    sample = np.array([condition.sample_lab for condition in own])
    points = np.vstack([standard[:, 1:], sample[:, 1:]])
    scale, height = _scale(np.ptp(points, axis=0))
    figure = blank(_WIDTH, round(height + _TOP + _BOTTOM))
    axes = box(figure, _LEFT, _BOTTOM, -_RIGHT, -_TOP)
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
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    half = np.array([axes.bbox.width, axes.bbox.height]) / 2 / scale
    axes.set_xlim(centre[0] - half[0], centre[0] + half[0])
    axes.set_ylim(centre[1] - half[1], centre[1] + half[1])
    _name_points(axes, standard[:, 1:], sample[:, 1:], [condition.angle for condition in own], marked)
    _axes_of_the_plane(axes)
    label(axes, x=f"a* under {viewing} [CIELAB units]", y="b* [CIELAB units]")
    return figure


def _scale(sizes: FloatArray) -> tuple[float, float]:
    """Pixels for a CIELAB unit, and how high the axis of b* is, for points that spread so far in a* and b*."""
    wide, high = _WIDTH - _LEFT - _RIGHT - 2 * _ROOM, _HIGHEST - 2 * _ROOM
    across, up = max(float(sizes[0]), 1e-9), max(float(sizes[1]), _LEAST)
    scale = min(wide / across, high / up)
    return scale, max(scale * up + 2 * _ROOM, _LOWEST)


def _name_points(axes: Axes, points: FloatArray, beside: FloatArray, names: Sequence[str], marked: str | None) -> None:
    """A name beside each point, as near as it covers no other name or point and stays within the axes.

    One that stands off is tied to its point by a line; one that finds no place is left out. The marked
    one chooses first.
    """
    places = axes.transData.transform(points)
    taken = [(x - _DOT, y - _DOT, x + _DOT, y + _DOT) for x, y in np.vstack([places, axes.transData.transform(beside)])]
    frame = (axes.bbox.x0, axes.bbox.y0, axes.bbox.x1, axes.bbox.y1)
    for row in sorted(range(len(names)), key=lambda row: names[row] != marked):
        tone = ACCENT if names[row] == marked else MUTED
        for distance, place in _candidates(places[row], _LETTER * len(names[row])):
            if not _within(place, frame) or any(_overlap(place, other) for other in taken):
                continue
            taken.append(place)
            axes.text(place[0], place[1], names[row], transform=None, color=tone, fontsize=11, va="bottom")
            if distance > _DISTANCES[0]:
                x, y = np.clip(places[row], place[:2], place[2:])
                axes.figure.add_artist(
                    Line2D(
                        [places[row][0], x], [places[row][1], y], transform=None, color=FAINT, linewidth=0.8, zorder=0
                    )
                )
            break


def _candidates(point: FloatArray, width: float) -> Iterator[tuple[float, tuple[float, float, float, float]]]:
    """Boxes for a name around a point, the nearest first, those at its right before the others."""
    for distance in _DISTANCES:
        for step in range(_DIRECTIONS):
            # 0, 1, -1, 2, -2, …: from the right both ways around.
            turn = 2 * math.pi / _DIRECTIONS * ((step + 1) // 2) * (-1) ** step
            x = point[0] + distance * math.cos(turn) + (math.cos(turn) - 1) / 2 * width
            y = point[1] + distance * math.sin(turn) + (math.sin(turn) - 1) / 2 * _LINE
            yield distance, (x, y, x + width, y + _LINE)


def _within(one: Sequence[float], frame: Sequence[float]) -> bool:
    return one[0] >= frame[0] and one[1] >= frame[1] and one[2] <= frame[2] and one[3] <= frame[3]


def _overlap(one: Sequence[float], other: Sequence[float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _axes_of_the_plane(axes: Axes) -> None:
    axes.axhline(0, color=FAINT, linewidth=1, zorder=0)
    axes.axvline(0, color=FAINT, linewidth=1, zorder=0)
    # One step on both axes, for they have one scale.
    step = MaxNLocator(9, steps=[1, 2, 5, 10]).tick_values(*max((axes.get_xlim(), axes.get_ylim()), key=np.ptp))
    axes.xaxis.set_major_locator(MultipleLocator(float(step[1] - step[0])))
    axes.yaxis.set_major_locator(MultipleLocator(float(step[1] - step[0])))
    axes.grid()
