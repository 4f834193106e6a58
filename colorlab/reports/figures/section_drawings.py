"""Sections through a tolerance in pixels: plain paths, without matplotlib, for a page shows some thirty of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import MaxNLocator

from colorlab.reports.figures.sections import Section
from spectra.arrays import FloatArray

SIZE, LEFT, BOTTOM, TOP, RIGHT = 344, 40, 40, 26, 8  # of a large section [px]
SMALL = 140  # of a small one [px]
_LETTERING = 16  # room for the names of the axes of a small one [px]
# A difference beyond so many times what the outlines need is marked at the edge, or the outlines would shrink to dots.
_ROOM = 1.5
_WHOLE = 1.8  # times the scale of a close-up, up to which an outline is drawn whole


@dataclass(frozen=True, slots=True)
class Drawing:
    """A section in pixels; `outline`, `ellipse`, `cloud` and `beyond` are SVG paths, empty where there is none.

    `arrow` is where and in which direction [°] the sample lies outside the drawing, else None.
    """

    x: str
    y: str
    half: float
    outline: str
    dashed: bool
    ellipse: str
    cloud: str
    beyond: str
    standard: tuple[float, float]
    sample: tuple[float, float]
    arrow: tuple[float, float, float] | None
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    words: str
    width: float = SIZE
    height: float = SIZE


def drawings(sections: Sequence[Section], where: str) -> tuple[Drawing, ...]:
    """Large drawings on one scale, close enough to see standard, sample, cloud and the nearest part of the outline."""
    centres = [(one.measured.min(axis=0) + one.measured.max(axis=0)) / 2 for one in sections]
    box = (LEFT, TOP, SIZE - LEFT - RIGHT, SIZE - TOP - BOTTOM)
    upright = np.array([1.0, box[2] / box[3]])  # the height shows less than the width
    halves, whole = [0.25], [0.0]
    for one, centre in zip(sections, centres, strict=True):
        halves.append(0.6 * float((upright * np.ptp(one.measured, axis=0)).max()))
        off = np.abs(upright * (one.outline - centre)).max(axis=1)
        halves.append(1.25 * float(off.min()))
        whole.append(1.1 * float(off.max()))
    half = max(halves)
    # Where little is missing the outline is shown whole.
    half = max(half, *whole) if max(whole) < _WHOLE * half else half
    return tuple(_drawn(one, centre, half, box, where) for one, centre in zip(sections, centres, strict=True))


def small_drawings(rows: Sequence[Sequence[Section]], where: Sequence[str]) -> tuple[tuple[Drawing, ...], ...]:
    """Small drawings on one scale, each around the standard; one row of sections for each name in `where`.

    Those of one plane are as high as the highest needs.
    """
    every = [one for row in rows for one in row]
    least = max(float(np.abs(one.outline).max()) for one in every)
    most = max(least, *(float(np.abs(one.measured).max()) for one in every))
    half = 1.12 * min(most, _ROOM * least)
    reach = [0.0] * len(rows[0])
    for row in rows:
        for place, one in enumerate(row):
            points = np.vstack([one.measured, one.outline])
            reach[place] = max(reach[place], float(np.abs(points[:, 1]).max()))
    heights = [min(SMALL, round(SMALL * one / half) + 2 * _LETTERING) for one in reach]
    return tuple(
        tuple(
            _drawn(one, np.zeros(2), half, (0, 0, SMALL, height), name)
            for one, height in zip(row, heights, strict=True)
        )
        for row, name in zip(rows, where, strict=True)
    )


def _drawn(
    one: Section, centre: FloatArray, half: float, box: tuple[float, float, float, float], where: str
) -> Drawing:
    """A section within left, top, width and height in pixels; the width reaches `half` to either side of the centre."""
    left, top, width, height = box
    scale = width / 2 / half

    def place(points: FloatArray) -> FloatArray:
        moved: FloatArray = np.array([left + width / 2, top + height / 2]) + (points - centre) * [scale, -scale]
        return moved

    sample = place(one.sample)
    edges = np.array([left, top]), np.array([left + width, top + height])
    arrow = None
    if ((sample < edges[0]) | (sample > edges[1])).any():
        way = one.sample - centre
        x, y = np.clip(sample, edges[0] + 7, edges[1] - 7)
        arrow = (round(float(x), 1), round(float(y), 1), round(math.degrees(math.atan2(-way[1], way[0]))))
    sizes = np.array([width, height]) / 2 / scale
    spread = [(float(middle - size), float(middle + size)) for middle, size in zip(centre, sizes, strict=True)]
    plane = one.plane
    ticks = [[float(tick) for tick in MaxNLocator(8, steps=[1, 2, 5, 10]).tick_values(*ends)] for ends in spread]
    kept = [[tick for tick in own if ends[0] <= tick <= ends[1]] for own, ends in zip(ticks, spread, strict=True)]
    return Drawing(
        x=plane.x,
        y=plane.y,
        half=half,
        outline=_closed(place(one.outline)),
        dashed=one.at_standard,
        ellipse="" if one.ellipse is None else _closed(place(one.ellipse)),
        cloud=_dots(place(one.cloud)),
        beyond=_dots(place(one.beyond)),
        standard=_pair(place(np.zeros(2))),
        sample=_pair(sample),
        arrow=arrow,
        x_ticks=tuple((_pair(place(np.array([tick, 0.0])))[0], _named(tick)) for tick in kept[0]),
        y_ticks=tuple((_pair(place(np.array([0.0, tick])))[1], _named(tick)) for tick in kept[1]),
        words=(
            f"Tolerance {where} in the plane of {plane.x} and {plane.y}: sample at {plane.x} {one.sample[0]:+.2f}, "
            f"{plane.y} {one.sample[1]:+.2f}, {plane.across} {one.across:+.2f} CIELAB units from the standard"
        ),
        width=left + width,
        height=top + height,
    )


def _closed(points: FloatArray) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z"


def _dots(points: FloatArray) -> str:
    """Lines of no length, which round caps make dots: the shortest way to write many."""
    return "".join(f"M{x:.1f} {y:.1f}h0" for x, y in points)


def _pair(point: FloatArray) -> tuple[float, float]:
    return round(float(point[0]), 2), round(float(point[1]), 2)


def _named(tick: float) -> str:
    return f"{tick + 0.0:g}".replace("-", "−")
