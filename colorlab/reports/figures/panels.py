"""Panels: maps of first and last round on one scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure

from colorlab.reports.style import DIVERGING, INK, MUTED, SEQUENTIAL, blank, box, house_style
from inspections.appearance import AppearanceMap, FloatMap
from spectra.errors import ReportError

_WIDEST = 480  # no map needs more pixels than its place on the page has
_MAP_TEXT = 14  # the widest figure shrinks most on a tablet
_NEAR_ZERO = 0.6  # a map of values between 0.9 and 1.0 says nothing on a scale from 0
_SHARE_SHOWN = 0.99  # the rest is marks and edges, which would wash the texture out


@house_style
def panel_maps(maps: Sequence[tuple[str, AppearanceMap]]) -> Figure:
    """The same quantity over the panel, one picture a round, all on one colour scale.

    Parameters
    ----------
    maps : sequence of (str, AppearanceMap)
        What each shows, `round 0`, and its values.

    Raises
    ------
    ReportError
        If there is no map, or they are of different units.
    """
    units = {field.unit for _, field in maps}
    if len(units) != 1:
        raise ReportError(f"maps on one scale need one unit; found {', '.join(sorted(units)) or 'no map'}")
    shrunk = [shrunk_map(field.values) for _, field in maps]
    norm, colours = map_scale(shrunk)
    count = len(maps)
    width = (1104 - 24 * (count - 1) - 120) / count
    tallest = max(values.shape[0] / values.shape[1] for values in shrunk)
    height = min(width * tallest, 420.0)
    figure = blank(1104, round(height + 92))
    for column, ((title, field), values) in enumerate(zip(maps, shrunk, strict=True)):
        left = 50 + column * (width + 24)
        axes = box(figure, left, 50, left + width, 50 + height)
        scale = field.mm_per_pixel
        rows, columns = field.values.shape
        extent = card_extent(rows, columns, scale)
        axes.imshow(
            values, extent=extent, norm=norm, cmap=colours, interpolation="none", origin="upper", aspect="equal"
        )
        axes.set_title(title, loc="left", color=INK, pad=8, fontsize=_MAP_TEXT)
        axes.set_xlabel("x [mm]" if scale else "x [pixel]", loc="right", fontsize=_MAP_TEXT)
        axes.set_ylabel("y [mm]" if scale else "y [pixel]", loc="top", fontsize=_MAP_TEXT)
        axes.yaxis.label.set_visible(column == 0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.locator_params(nbins=5)
        axes.tick_params(length=0, labelleft=column == 0, labelsize=_MAP_TEXT)
    scale_axes = box(figure, -56, 50, -44, 50 + height)
    bar = figure.colorbar(ScalarMappable(norm, colours), cax=scale_axes)
    bar.outline.set_visible(False)
    name, unit = maps[0][1].name.replace("_", " "), maps[0][1].unit
    bar.ax.set_title(f"{name} [{unit}]", loc="right", color=MUTED, pad=8, fontsize=_MAP_TEXT)
    bar.ax.set_ylabel(f"{name} [{unit}]").set_visible(False)
    bar.ax.tick_params(length=0, labelsize=_MAP_TEXT)
    return figure


def card_extent(rows: int, columns: int, mm_per_pixel: float | None) -> tuple[float, float, float, float]:
    """Left, right, bottom and top in card millimetres from the middle of the panel, or pixels from the lower left."""
    if mm_per_pixel is None:
        return 0.0, float(columns), 0.0, float(rows)
    half_x, half_y = 0.5 * columns * mm_per_pixel, 0.5 * rows * mm_per_pixel
    return -half_x, half_x, -half_y, half_y


def shrunk_map(values: FloatMap) -> FloatMap:
    """Mean over blocks of pixels, so that the picture is no larger than it is shown; unmeasured pixels stay blank."""
    block = -(-values.shape[1] // _WIDEST)
    if block == 1:
        return values
    rows, columns = values.shape[0] // block * block, values.shape[1] // block * block
    blocks = values[:rows, :columns].reshape(rows // block, block, columns // block, block)
    known = np.isfinite(blocks)
    count = known.sum(axis=(1, 3))
    total = np.where(known, blocks, 0).sum(axis=(1, 3), dtype=np.float64)
    shrunk: FloatMap = np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
    return shrunk


def map_scale(maps: Sequence[FloatMap]) -> tuple[Normalize, Colormap | str]:
    """One colour scale for maps of one quantity: signed ones about zero, others from zero or, where they are far from
    it, from their own low end.
    """
    values = np.concatenate([field[np.isfinite(field)] for field in maps])
    if not values.size:
        raise ReportError("a map holds no value to show")
    if values.min() < 0:
        reach = float(np.quantile(np.abs(values), _SHARE_SHOWN)) or 1.0
        return Normalize(-reach, reach), DIVERGING
    low, high = (float(each) for each in np.quantile(values, (1 - _SHARE_SHOWN, _SHARE_SHOWN)))
    return Normalize(low if low > _NEAR_ZERO * high else 0.0, high or 1.0), SEQUENTIAL
