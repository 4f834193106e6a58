"""One panel as the photo shows it and as a map measures it, with its marks and its worst zone where they lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from colorlab.reports.figures.panels import card_extent, map_scale, shrunk_map
from colorlab.reports.style import ACCENT, INK, MUTED, PAPER, blank, box, house_style
from inspections.appearance import AppearanceMap
from inspections.marks.mark import Mark, MarkKind
from inspections.picture import PanelPicture

ZoneBox = tuple[float, float, float, float]
"""Centre x and y, width and height of a zone, card frame. [mm]"""

WIDTH_PX, _LEFT, _BOTTOM, _TOP, _BAR = 540, 46, 46, 40, 64
_TEXT = 12
MARK_SIGNS: Mapping[MarkKind, tuple[str, str]] = {
    "nib": ("o", "nib"),
    "crater": ("v", "crater"),
    "scratch": ("line", "scratch"),
    "swirl": ("D", "swirl"),
    "hologram": ("s", "hologram"),
    "run": ("^", "run"),
    "burn": ("area", "burn"),
}
"""Marker of each kind in a figure and its word; line marks are drawn along their course, areas around theirs."""


@house_style
def panel_photo(picture: PanelPicture, marks: Sequence[Mark] = (), zone: ZoneBox | None = None) -> Figure:
    """The photo on the panel's axes, with marks and the zone a verdict speaks of.

    Parameters
    ----------
    picture : PanelPicture
    marks : sequence of Mark
        Drawn only where the picture has a scale.
    zone : tuple of float, or None
        Centre x and y, width and height. [mm]
    """
    rows, columns = picture.encoded.shape[:2]
    figure, axes = _framed(rows / columns, picture.mm_per_pixel)
    axes.imshow(
        picture.encoded, extent=card_extent(rows, columns, picture.mm_per_pixel), aspect="equal", origin="upper"
    )
    if picture.mm_per_pixel is not None:
        _overlay(axes, marks, zone)
    return figure


@house_style
def panel_map(field: AppearanceMap, marks: Sequence[Mark] = (), zone: ZoneBox | None = None) -> Figure:
    """One map of the panel with its own scale.

    Parameters
    ----------
    field : AppearanceMap
    marks : sequence of Mark
    zone : tuple of float, or None
        Centre x and y, width and height. [mm]
    """
    values = shrunk_map(field.values)
    norm, colours = map_scale([values])
    rows, columns = field.values.shape
    figure, axes = _framed(rows / columns, field.mm_per_pixel)
    axes.imshow(
        values,
        extent=card_extent(rows, columns, field.mm_per_pixel),
        norm=norm,
        cmap=colours,
        interpolation="none",
        origin="upper",
        aspect="equal",
    )
    scale_axes = box(figure, -_BAR + 12, _BOTTOM, -_BAR + 22, -_TOP)
    bar = figure.colorbar(ScalarMappable(norm, colours), cax=scale_axes)
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0, labelsize=_TEXT)
    bar.ax.set_title(f"[{field.unit}]", loc="left", color=MUTED, pad=8, fontsize=_TEXT)
    bar.ax.set_ylabel(f"[{field.unit}]").set_visible(False)
    if field.mm_per_pixel is not None:
        _overlay(axes, marks, zone)
    return figure


def _framed(ratio: float, scale: float | None) -> tuple[Figure, Axes]:
    """Axes whose box has the shape of the panel; room for a colour bar on the right, so that photo and map agree."""
    width = WIDTH_PX - _LEFT - _BAR
    height = min(width * ratio, 460.0)
    figure = blank(WIDTH_PX, round(height + _BOTTOM + _TOP))
    axes = box(figure, _LEFT, _BOTTOM, _LEFT + width, _BOTTOM + height)
    unit = "mm" if scale else "pixel"
    axes.set_xlabel(f"x [{unit}]", loc="right", fontsize=_TEXT)
    axes.set_ylabel(f"y [{unit}]", loc="top", fontsize=_TEXT)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0, labelsize=_TEXT)
    axes.locator_params(nbins=6)
    return figure, axes


def _overlay(axes: Axes, marks: Sequence[Mark], zone: ZoneBox | None) -> None:
    """Marks and zone; a light rim keeps them apart from dark and light ground alike."""
    limits = axes.get_xlim(), axes.get_ylim()
    for mark in marks:
        sign, _ = MARK_SIGNS[mark.kind]
        if sign in ("line", "area") and len(mark.outline_mm) > 1:
            course = np.array(mark.outline_mm + (mark.outline_mm[:1] if sign == "area" else ()))
            for colour, width in ((PAPER, 4.5), (ACCENT, 2.0)):
                axes.plot(course[:, 0], course[:, 1], color=colour, linewidth=width, linestyle=_line(mark.kind))
        else:
            shape = "o" if sign in ("line", "area") else sign
            for colour, width in ((PAPER, 4.0), (ACCENT, 1.8)):
                axes.plot(mark.x_mm, mark.y_mm, shape, markersize=13, color=colour, markerfacecolor="none", mew=width)
    if zone is not None:
        x, y, width, height = zone
        for colour, line in ((PAPER, 4.5), (INK, 2.0)):
            corner = (x - width / 2, y - height / 2)
            axes.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=colour, linewidth=line))
    axes.set_xlim(limits[0])
    axes.set_ylim(limits[1])
    kinds = sorted({mark.kind for mark in marks})
    if kinds:
        handles = [_handle(kind, sum(mark.kind == kind for mark in marks)) for kind in kinds]
        axes.legend(
            handles=handles, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=len(kinds), frameon=False,
            fontsize=_TEXT, handlelength=1.4, columnspacing=1.2, borderaxespad=0.2,
        )  # fmt: skip


def _line(kind: MarkKind) -> Literal["--", "-"]:
    """Areas are dashed: their outline is where they end, not where they are."""
    return "--" if MARK_SIGNS[kind][0] == "area" else "-"


def _handle(kind: MarkKind, count: int) -> Line2D:
    sign, word = MARK_SIGNS[kind]
    drawn = sign in ("line", "area")
    return Line2D(
        [],
        [],
        color=ACCENT,
        marker="" if drawn else sign,
        linestyle=_line(kind) if drawn else "",
        markerfacecolor="none",
        markeredgewidth=1.8,
        markersize=9,
        label=f"{word} ({count})",
    )
