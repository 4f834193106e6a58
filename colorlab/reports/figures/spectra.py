"""Spectra: standard and sample per angle with their difference, target and prediction with its uncertainty."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from colorlab.reports.style import ACCENT, FAINT, INK, MUTED, PAPER, blank, box, house_style, label, paint
from spectra.arrays import FloatArray
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

# Angles of an effect paint differ by decades; beyond this ratio only a logarithmic axis shows them all.
_LOG_RATIO = 8.0
_LABEL_HEIGHT = 14.0  # [px]
_LEADER = 12.0  # from the end of a line to its name [px]
_FEW_ANGLES = 6
_FLOOR = 1e-4  # what a logarithmic axis shows of a reading of nothing [reflectance factor]


@house_style
def spectra_with_difference(
    standard: Measurement, sample: Measurement, worst: str, beyond: bool, uncertainty: FloatArray | None = None
) -> Figure:
    """Standard and sample at every angle, and sample against standard beneath.

    Parameters
    ----------
    standard, sample : Measurement
        On one grid and at the same angles (see `colorlab.difference.pairing.pair`).
    worst : str
        The angle whose difference is drawn with its 95 % band.
    beyond : bool
        Whether it is beyond its limit, and to be pointed out.
    uncertainty : ndarray, shape (n_angles, n_wavelengths), optional
        Standard uncertainty of the difference. [reflectance factor]
    """
    figure = blank(640, 430)
    upper, lower = box(figure, 52, 160, -64, -30), box(figure, 52, 44, -64, 116)
    wavelengths = standard.grid.wavelengths
    first, second = standard.reflectance_factor, sample.reflectance_factor
    band = None if uncertainty is None else 1.96 * uncertainty
    logarithmic = _spans_decades(first)
    if logarithmic:
        upper.set_yscale("log")
        first, second = np.maximum(first, _FLOOR), np.maximum(second, _FLOOR)
        difference, quantity = 100 * (second / first - 1), "Sample relative to standard [%]"
        band = None if band is None else 100 * band / first
    else:
        difference, quantity = second - first, "Sample − standard, reflectance factor [1]"
    tokens = standard.geometry.tokens
    for row, token in enumerate(tokens):
        notable = beyond and token == worst
        upper.plot(wavelengths, first[row], color=FAINT, linewidth=5)
        upper.plot(wavelengths, second[row], color=ACCENT if notable else INK, linewidth=1.3)
        strong = token == worst
        tone = ACCENT if notable else INK if strong else MUTED
        lower.plot(wavelengths, difference[row], color=tone, linewidth=1.8 if strong else 0.9)
        if band is not None and strong:
            ends = difference[row] - band[row], difference[row] + band[row]
            lower.fill_between(wavelengths, *ends, color=tone, alpha=0.2)
    lower.axhline(0, color=FAINT, linewidth=1)
    _frame(upper, standard.grid, logarithmic)
    if len(tokens) > 1:
        _name_lines(upper, wavelengths[-1], first[:, -1], tokens, [beyond and token == worst for token in tokens])
    label(upper, y=f"Reflectance factor{', logarithmic' if logarithmic else ''} [1 = perfect diffuser]")
    label(lower, x="Wavelength [nm]", y=quantity)
    lower.set_xlim(upper.get_xlim())
    lower.locator_params(axis="y", nbins=3)
    lower.grid(axis="y")
    upper.tick_params(labelbottom=False)
    _key(upper, "standard", "sample")
    return figure


@house_style
def target_and_prediction(
    grid: WavelengthGrid,
    tokens: Sequence[str],
    target: ArrayLike,
    prediction: ArrayLike,
    standard_uncertainty: ArrayLike | None,
) -> Figure:
    """Target, the spectrum a recipe is predicted to have, and the band that holds it with 95 %.

    Parameters
    ----------
    grid : WavelengthGrid
    tokens : sequence of str, length n_angles
    target, prediction, standard_uncertainty : array_like, shape (n_angles, n_wavelengths)
        Reflectance factor; the uncertainty may be None.
    """
    figure = blank(640, 430)
    upper, lower = box(figure, 52, 160, -64, -30), box(figure, 52, 44, -64, 116)
    wavelengths = grid.wavelengths
    first, second = np.atleast_2d(np.asarray(target, dtype=float)), np.atleast_2d(np.asarray(prediction, dtype=float))
    half = None if standard_uncertainty is None else 1.96 * np.atleast_2d(np.asarray(standard_uncertainty, dtype=float))
    for row in range(len(first)):
        upper.plot(wavelengths, first[row], color=FAINT, linewidth=5)
        if half is not None:
            upper.fill_between(wavelengths, second[row] - half[row], second[row] + half[row], color=ACCENT, alpha=0.22)
            band = (second[row] - first[row] - half[row], second[row] - first[row] + half[row])
            lower.fill_between(wavelengths, *band, color=ACCENT, alpha=0.22)
        upper.plot(wavelengths, second[row], color=INK, linewidth=1.3)
        lower.plot(wavelengths, second[row] - first[row], color=INK, linewidth=1.2)
    lower.axhline(0, color=FAINT, linewidth=1)
    _frame(upper, grid, logarithmic=False)
    if len(tokens) > 1:
        _name_lines(upper, wavelengths[-1], first[:, -1], tokens, [False] * len(tokens))
    label(upper, y="Reflectance factor [1 = perfect diffuser]")
    label(lower, x="Wavelength [nm]", y="Prediction − target, reflectance factor [1]")
    lower.set_xlim(upper.get_xlim())
    lower.locator_params(axis="y", nbins=3)
    lower.grid(axis="y")
    upper.tick_params(labelbottom=False)
    _key(upper, "target", "prediction" if half is None else "prediction and its 95 % band")
    return figure


@house_style
def spectra_of(
    grid: WavelengthGrid,
    tokens: Sequence[str],
    values: ArrayLike,
    quantity: str,
    colours: Sequence[str] | None = None,
) -> Figure:
    """What was measured at every angle, and nothing beside it.

    Parameters
    ----------
    grid : WavelengthGrid
    tokens : sequence of str, length n_angles
    values : array_like, shape (n_angles, n_wavelengths)
    quantity : str
        With its [unit], above the axis.
    colours : sequence of str, length n_angles, optional
        `#rrggbb` of each line, which is edged so that a light or dark one stands out from any page.
    """
    # Names must fit beside the lines they belong to.
    figure = blank(560, 250 if len(tokens) <= _FEW_ANGLES else 360)
    axes = box(figure, 52, 44, -84 if len(tokens) > 1 else -24, -30)
    spectra = np.atleast_2d(np.asarray(values, dtype=float))
    logarithmic = _spans_decades(spectra)
    if logarithmic:
        axes.set_yscale("log")
        spectra = np.maximum(spectra, _FLOOR)
    # Uneven wavelengths are shown where they are; the eye shall not take the lines between them for readings.
    marker = "o" if grid.step is None else ""
    shown = [INK] * len(spectra) if colours is None or len(spectra) == 1 else [paint(one) for one in colours]
    for spectrum, colour in zip(spectra, shown, strict=True):
        if colour != INK:
            axes.plot(grid.wavelengths, spectrum, color=INK, linewidth=3.2)
        axes.plot(
            grid.wavelengths,
            spectrum,
            color=colour,
            linewidth=1.3 if colour == INK else 2.0,
            marker=marker,
            markersize=2.5,
        )
    _frame(axes, grid, logarithmic)
    if not logarithmic and spectra.min() < 0:
        axes.set_ylim(bottom=float(spectra.min()))
        axes.axhline(0, color=FAINT, linewidth=1)
    if len(tokens) > 1:
        _name_lines(axes, grid.stop, spectra[:, -1], tokens, [False] * len(tokens))
    head, bracket, unit = quantity.partition(" [")
    label(axes, x="Wavelength [nm]", y=f"{head}{', logarithmic' if logarithmic else ''}{bracket}{unit}")
    return figure


def _spans_decades(reflectance_factor: FloatArray) -> bool:
    means = reflectance_factor.mean(axis=1)
    return bool(means.max() > _LOG_RATIO * max(means.min(), _FLOOR))


def _frame(axes: Axes, grid: WavelengthGrid, logarithmic: bool) -> None:
    axes.set_xlim(grid.start, grid.stop)
    axes.grid(axis="y")
    if logarithmic:
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.minorticks_off()
        return
    # A flat spectrum leaves no margin of its own.
    axes.set_ylim(0, max(axes.get_ylim()[1], 1.06 * axes.dataLim.y1))
    axes.locator_params(axis="y", nbins=6)


def _name_lines(axes: Axes, x: float, heights: FloatArray, names: Sequence[str], notable: Sequence[bool]) -> None:
    """Names at the right end of the lines, moved apart where they would cover each other."""
    to_pixels = axes.transData
    pixels = to_pixels.transform(np.column_stack([np.full(len(names), x), heights]))
    order = np.argsort(pixels[:, 1])
    placed = spread(pixels[order, 1], _LABEL_HEIGHT, axes.bbox.y0, axes.bbox.y1)
    edge = axes.bbox.x1
    for row, y in zip(order, placed, strict=True):
        colour = ACCENT if notable[row] else MUTED
        end = min(max(pixels[row, 1], axes.bbox.y0), axes.bbox.y1)
        leader = Line2D([edge + 2, edge + _LEADER], [end, y], transform=None, color=colour, linewidth=0.7)
        axes.figure.add_artist(leader)
        axes.text(edge + _LEADER + 2, y, names[row], transform=None, va="center", fontsize=11, color=colour)


def spread(heights: FloatArray, gap: float, bottom: float = -np.inf, top: float = np.inf) -> FloatArray:
    """Ascending heights moved apart until each is `gap` above the one before, as near to where they were as that lets.

    Then moved between bottom and top, as far as they fit there.
    """
    placed = heights.copy()
    for row in range(1, len(placed)):
        placed[row] = max(placed[row], placed[row - 1] + gap)
    moved: FloatArray = placed - np.mean(placed - heights)
    moved[0] = max(moved[0], bottom)
    for row in range(1, len(moved)):
        moved[row] = max(moved[row], moved[row - 1] + gap)
    moved[-1] = min(moved[-1], top)
    for row in range(len(moved) - 2, -1, -1):
        moved[row] = min(moved[row], moved[row + 1] - gap)
    return moved


def _key(axes: Axes, broad: str, fine: str) -> None:
    """Which line is which, on the title's line at the right."""
    legend = axes.legend(
        handles=[
            axes.plot([], [], color=FAINT, linewidth=5, label=broad)[0],
            axes.plot([], [], color=INK, linewidth=1.3, label=fine)[0],
        ],
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=2,
        frameon=False,
        fontsize=11,
        labelcolor=MUTED,
        handlelength=1.6,
        columnspacing=1.4,
        borderaxespad=0.2,
    )
    legend.get_frame().set_facecolor(PAPER)
