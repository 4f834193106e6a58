"""One colorant: its K and S with what is not known of them, its ladder beside what was predicted, its strength."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from colorlab.formulation.prediction.quality import ColorantQuality, LevelQuality
from colorlab.reports.style import ACCENT, FAINT, INK, MUTED, PAPER, blank, box, house_style, label
from spectra.wavelengths import WavelengthGrid

_95 = 1.96
_LABEL_HEIGHT = 13.0  # [px]
# K of a colorant where it hardly absorbs is all uncertainty: the axis does not go down to it.
_DECADES = 4.0


@house_style
def coefficients(quality: ColorantQuality, grid: WavelengthGrid) -> Figure:
    """Absorption and scattering with the band that holds each with 95 %, both on logarithmic axes.

    Parameters
    ----------
    quality : ColorantQuality
    grid : WavelengthGrid
    """
    figure = blank(560, 330)
    colorant = quality.colorant
    upper, lower = box(figure, 58, 178, -16, -28), box(figure, 58, 44, -16, 128)
    for axes, values, sd, name in (
        (upper, colorant.absorption, quality.ln_K_sd, "K"),
        (lower, colorant.scattering, quality.ln_S_sd, "S"),
    ):
        axes.set_yscale("log")
        tone = INK if name == "K" or quality.scattering_identified else MUTED
        for row, spread_ in zip(values, sd, strict=True):
            ends = row * np.exp(-_95 * spread_), row * np.exp(_95 * spread_)
            axes.fill_between(grid.wavelengths, *ends, color=tone, alpha=0.18)
            axes.plot(grid.wavelengths, row, color=tone, linewidth=1.5)
        top = float(values.max()) * 1.6
        axes.set_ylim(max(float(values.min()) / 1.6, top / 10**_DECADES), max(top, float(values.min()) * 4))
        axes.set_xlim(grid.start, grid.stop)
        axes.grid(axis="y")
        low, high = axes.get_ylim()
        axes.set_yticks(_decades(low, high))
        axes.minorticks_off()
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    upper.tick_params(labelbottom=False)
    label(upper, y="K, absorption per mass [scattering of the white]")
    known = "" if quality.scattering_identified else ", assumed"
    label(lower, x="Wavelength [nm]", y=f"S, scattering per mass [that of the white]{known}")
    return figure


@house_style
def ladder(quality: ColorantQuality, grid: WavelengthGrid) -> Figure:
    """Every level as measured and as predicted without it (as fitted where it could not be spared), and the difference.

    Parameters
    ----------
    quality : ColorantQuality
    grid : WavelengthGrid
    """
    figure = blank(560, 330)
    upper, lower = box(figure, 58, 142, -16, -28), box(figure, 58, 44, -16, 96)
    wavelengths = grid.wavelengths
    for level in quality.levels:
        blind = level.held_out is not None
        shown = level.fitted if level.held_out is None else level.held_out
        for measured, predicted in zip(level.measured, shown, strict=True):
            upper.plot(wavelengths, measured, color=FAINT, linewidth=4.5)
            style: dict[str, Any] = {"linewidth": 1.2, "linestyle": "-" if blind else (0, (4, 2))}
            upper.plot(wavelengths, predicted, color=INK, **style)
            lower.plot(wavelengths, predicted - measured, color=INK if level.interior else MUTED, **style)
    lower.axhline(0, color=FAINT, linewidth=1)
    upper.set_ylim(0, max(0.02, 1.06 * max(float(level.measured.max()) for level in quality.levels)))
    for axes in (upper, lower):
        axes.set_xlim(grid.start, grid.stop)
        axes.grid(axis="y")
    upper.locator_params(axis="y", nbins=5)
    lower.locator_params(axis="y", nbins=3)
    upper.tick_params(labelbottom=False)
    _name_levels(upper, quality.levels, grid)
    label(upper, y="Reflectance factor [1 = perfect diffuser]")
    label(lower, x="Wavelength [nm]", y="Predicted − measured [reflectance factor]")
    return figure


@house_style
def level_errors(quality: ColorantQuality) -> Figure:
    """ΔE00 of every level: in the fit, and predicted without it.

    Parameters
    ----------
    quality : ColorantQuality
    """
    rows = quality.levels
    figure = blank(560, 26 * len(rows) + 78)
    axes = box(figure, 150, 44, -46, -26)
    farthest = max(0.5, *(max(row.delta_E_00_fit, row.delta_E_00_held_out or 0.0) for row in rows))
    for place, row in enumerate(rows):
        held = row.delta_E_00_held_out
        if held is not None:
            solid: dict[str, Any] = (
                {"color": INK} if row.interior else {"facecolor": "none", "edgecolor": MUTED, "linewidth": 1.2}
            )
            axes.barh(place, held, height=0.42, **solid)
            axes.annotate(
                f"{held:.2f}", (held, place), (6, 0), textcoords="offset points", va="center", fontsize=11, color=MUTED
            )
        axes.plot([row.delta_E_00_fit] * 2, [place - 0.36, place + 0.36], color=ACCENT, linewidth=2)
    axes.set_yticks(range(len(rows)), [_named(row) for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, 1.08 * farthest)
    axes.locator_params(axis="x", nbins=5)
    axes.grid(axis="x")
    label(axes, x="ΔE00, D65/10° [1]", y="Predicted without the level; red: in the fit")
    return figure


@house_style
def strength(quality: ColorantQuality) -> Figure:
    """How much of its stated dose each level acts like against the rest of its ladder, over the dose.

    Parameters
    ----------
    quality : ColorantQuality
        With at least one level whose strength is known.
    """
    figure = blank(560, 230)
    axes = box(figure, 58, 44, -16, -28)
    known = [row for row in quality.levels if row.strength is not None and row.strength_sd is not None]
    axes.axhline(100, color=FAINT, linewidth=1)
    for base in dict.fromkeys(row.base for row in known):
        rows = [row for row in known if row.base == base]
        doses = [100 * row.dose for row in rows]
        axes.plot(doses, [100 * (row.strength or 1.0) for row in rows], color=MUTED, linewidth=1)
    for row in known:
        dose, value, sd = 100 * row.dose, 100 * (row.strength or 1.0), 100 * (row.strength_sd or 0.0)
        axes.plot([dose, dose], [value - _95 * sd, value + _95 * sd], color=INK, linewidth=1.4)
        face = INK if row.interior else PAPER
        axes.plot([dose], [value], "o", markersize=6, markerfacecolor=face, markeredgecolor=INK)
    axes.set_xscale("log")
    # Nothing closer than this to proportion matters at the balance.
    reach = max(3.0, *(abs(100 * (row.strength or 1.0) - 100) + 2 * 100 * (row.strength_sd or 0.0) for row in known))
    axes.set_ylim(100 - 1.15 * reach, 100 + 1.15 * reach)
    doses = sorted({round(100 * row.dose, 6) for row in known})
    axes.set_xlim(doses[0] / 1.4, doses[-1] * 1.4)
    axes.set_xticks(_apart(doses), [f"{dose:.3g}" for dose in _apart(doses)])
    axes.minorticks_off()
    axes.locator_params(axis="y", nbins=5)
    axes.grid(axis="y")
    label(axes, x="Mass fraction [%]", y="Acts like … of its stated dose [%]")
    return figure


def _decades(low: float, high: float) -> list[float]:
    """Ticks of a logarithmic axis: powers of ten, and 2 and 5 times them where they are fewer than three."""
    exponents = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    for steps in ((1,), (1, 3), (1, 2, 5)):
        ticks = [step * 10.0**exponent for exponent in exponents for step in steps]
        inside = [tick for tick in ticks if low <= tick <= high]
        if len(inside) > 2:
            break
    return inside


def _apart(doses: Sequence[float]) -> list[float]:
    """Doses whose names do not run into each other on a logarithmic axis."""
    shown: list[float] = []
    for dose in doses:
        if not shown or dose > 1.35 * shown[-1]:
            shown.append(dose)
    return shown


def _named(level: LevelQuality) -> str:
    card = ", on card" if level.on_card else ""
    return f"{100 * level.dose:.3g} % in {level.base}{card}" if level.base else f"masstone{card}"


def _name_levels(axes: Axes, levels: Sequence[LevelQuality], grid: WavelengthGrid) -> None:
    """Doses on the lines where the levels lie farthest apart, as many as do not cover each other."""
    spectra = np.array([level.measured[0] for level in levels])
    margin = max(1, grid.count // 12)
    place = margin + int(np.argmax(np.ptp(spectra, axis=0)[margin:-margin]))
    names: dict[str, float] = {}
    for level in levels:
        names.setdefault(f"{100 * level.dose:.3g} %", float(level.measured[0, place]))
    heights = np.array(list(names.values()))
    at = np.full(len(heights), grid.wavelengths[place])
    pixels = axes.transData.transform(np.column_stack([at, heights]))
    texts, last = list(names), -np.inf
    for row in np.argsort(pixels[:, 1]):
        x, y = pixels[row]
        if y - last < _LABEL_HEIGHT:
            continue
        last = y
        axes.text(
            x,
            y,
            texts[row],
            transform=None,
            va="center",
            ha="center",
            fontsize=10,
            color=MUTED,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.0},
        )
