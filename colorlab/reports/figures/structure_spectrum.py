"""The structure spectrum of a panel: slope over wavelength in its bands, first round against last, above the noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from colorlab.reports.style import ACCENT, FAINT, INK, MUTED, blank, box, house_style, label
from inspections.structure.bands import BANDS
from inspections.structure.spectrum import StructureSpectrum
from spectra.arrays import FloatArray
from spectra.errors import ReportError

_SHADED = ("a", "c", "e")  # every other of the bands that lie side by side
_NAMED = ("a", "b", "c", "d", "e")
_TICKS_MM = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_COVERAGE = 1.96


@house_style
def structure_spectrum(spectra: Sequence[tuple[str, StructureSpectrum]]) -> Figure:
    """Slope per octave over wavelength, both logarithmic.

    Parameters
    ----------
    spectra : sequence of (str, StructureSpectrum)
        What each is, `round 0`; the last is drawn strongest, with its noise and its 95 % interval.

    Raises
    ------
    ReportError
        If there is none, or none holds a wavelength.
    """
    shown = [(title, one) for title, one in spectra if one.wavelengths_mm.size]
    if not shown:
        raise ReportError("a structure spectrum needs photos that resolve some waves; found none")
    figure = blank(540, 440)
    axes = box(figure, 46, 46, -16, -40)
    tops = [float(one.slope.max()) for _, one in shown]
    _, last = shown[-1]
    lowest = min(_least(one.slope) for _, one in shown)
    if last.noise is not None:
        lowest = min(lowest, max(_least(last.noise), 0.2 * lowest))
    axes.set_xscale("log")
    axes.set_yscale("log")
    left, right = 0.8 * float(last.wavelengths_mm.min()), 1.4 * float(last.wavelengths_mm.max())
    for name in _NAMED:
        band = BANDS[name]
        low, high = max(band.shortest_mm, left), min(band.longest_mm, right)
        if low >= high:
            continue
        if name in _SHADED:
            axes.axvspan(low, high, color=FAINT, alpha=0.22, linewidth=0)
        axes.annotate(
            name.upper(), (float(np.sqrt(low * high)), 1.0), (0, -4), xycoords=("data", "axes fraction"),
            textcoords="offset points", ha="center", va="top", color=MUTED, fontsize=11,
        )  # fmt: skip
    for title, one in shown[:-1]:
        axes.plot(one.wavelengths_mm, _seen(one.slope), color=MUTED, linewidth=1.4)
        axes.annotate(title, (one.wavelengths_mm[0], one.slope[0]), (6, 0), textcoords="offset points", color=MUTED)
    half = _COVERAGE * last.error
    axes.fill_between(
        last.wavelengths_mm, np.maximum(last.slope - half, 0.5 * lowest), last.slope + half, color=INK, alpha=0.15, lw=0
    )
    axes.plot(last.wavelengths_mm, _seen(last.slope), color=INK, linewidth=2.2, label=shown[-1][0])
    if last.noise is not None:
        axes.plot(last.wavelengths_mm, _seen(last.noise), color=ACCENT, linewidth=1.2, linestyle=(0.0, (4.0, 3.0)))
        axes.annotate(
            "noise, removed", (last.wavelengths_mm[-1], max(float(last.noise[-1]), lowest)), (10, 2),
            textcoords="offset points", color=ACCENT, fontsize=11,
        )  # fmt: skip
    if last.shortest_mm > last.wavelengths_mm.min():
        axes.axvline(last.shortest_mm, color=MUTED, linewidth=1.0, linestyle=(0.0, (1.0, 2.0)))
    axes.set_xlim(left, right)
    axes.set_ylim(0.7 * lowest, 1.8 * max(tops))
    axes.set_xticks([edge for edge in _TICKS_MM if left <= edge <= right])
    axes.minorticks_off()
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.grid(axis="y")
    axes.spines["left"].set_color(FAINT)
    label(axes, x="Wavelength [mm]", y="Slope rms per axis [mrad/√octave]")
    return figure


def _least(values: FloatArray) -> float:
    above = values[values > 0]
    return float(above.min()) if above.size else 1e-3


def _seen(values: FloatArray) -> FloatArray:
    """Values that a logarithmic axis can show; the rest is a gap."""
    return np.where(values > 0, values, np.nan)
