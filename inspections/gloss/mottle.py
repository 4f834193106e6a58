"""Mottle by size class: how much gloss, or the light of the body, varies in blotches of so many millimetres."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.fft import next_fast_len, rfft2
from scipy.signal.windows import tukey

from inspections.appearance import MetricValue, Refusal
from inspections.evidence import Evidence
from inspections.fringes.slopes import without_form
from inspections.gloss.modulation import MAP_PITCH_MM, Modulation, reduced
from inspections.photos.photo import FloatImage
from inspections.structure.bands import FIELD_PERIODS, TAPER, Band
from spectra.arrays import FloatArray

GLOSS_CLASSES: Mapping[str, Band] = {
    band.name: band for band in (Band("2_6", 2.0, 6.0), Band("6_13", 6.0, 13.0), Band("13_29", 13.0, 29.0))
}
"""Size classes of gloss mottle: what a 100 mm panel holds of it."""
BODY_CLASSES: Mapping[str, Band] = {
    band.name: band for band in (Band("5_10", 5.0, 10.0), Band("10_20", 10.0, 20.0), Band("20_40", 20.0, 40.0))
}
"""Size classes of the light of the body: octaves."""
_FORM_ORDER = 2
_READING_UNCERTAINTY = 0.03
"""Relative: smoothing over 2 mm, and what the reference leaves of lens and screen (benchmarks/bench_panel_gloss.py)."""
_GLOSS_HELP = "phase-stepped fringes, and a capture of the black-glass tile in the same rig given as flat reference"
_BODY_HELP = "phase-stepped fringes in two periods on a screen in a dark room"


@dataclass(frozen=True, slots=True)
class MottleFigure:
    """One size class.

    Attributes
    ----------
    percent : float
        Standard deviation over the mean of what both readings hold in common. [%]
    noise_percent : float
        What either reading holds beyond that; already left out. [%]
    sampling : float
        Relative standard uncertainty because the field holds only so many blotches of this size.
    """

    percent: float
    noise_percent: float
    sampling: float


def mottle_figures(
    first: FloatArray, second: FloatArray, pitch_mm: float, classes: Mapping[str, Band]
) -> dict[str, MottleFigure]:
    """Relative standard deviation by size class, from two readings of the same panel.

    Parameters
    ----------
    first, second : ndarray, shape (height, width)
        Logarithms: their standard deviation is a relative one. [1]
    pitch_mm : float
    classes : mapping of str to Band

    Notes
    -----
    Quadratic removed, Tukey window w, F = rfft2(w·x) zero-padded; power of a class Σ wt Re(F₁ conj F₂)/(n Σw²) over
    1/longest < f ≤ 1/shortest. What only one reading holds, noise above all, averages to nothing.
    """
    shape = first.shape
    window = np.outer(tukey(shape[0], TAPER), tukey(shape[1], TAPER))
    padded = (next_fast_len(2 * shape[0], real=True), next_fast_len(2 * shape[1], real=True))
    fy, fx = np.fft.fftfreq(padded[0], pitch_mm)[:, None], np.fft.rfftfreq(padded[1], pitch_mm)[None, :]
    f = np.hypot(fx, fy)
    twice = np.full(f.shape, 2.0)
    twice[:, 0] = 1.0
    if padded[1] % 2 == 0:
        twice[:, -1] = 1.0
    scale = twice / (padded[0] * padded[1] * (window**2).sum())
    one, two = (
        rfft2(window * without_form(field.astype(np.float32), _FORM_ORDER).astype(np.float64), padded)
        for field in (first, second)
    )
    common = (one * two.conj()).real
    total = (np.abs(one) ** 2 + np.abs(two) ** 2) / 2
    oversampled = padded[0] * padded[1] * (window**4).sum() / (window**2).sum() ** 2
    figures = {}
    for name, band in classes.items():
        inside = (f > 1 / band.longest_mm) & (f <= 1 / band.shortest_mm)
        power = max(float((common * scale)[inside].sum()), 0.0)
        whole = float((total * scale)[inside].sum())
        # Fourth moments count the independent waves: a padded, tapered field has fewer than it has frequencies.
        waves = float((total**2 * scale**2 / twice)[inside].sum()) * oversampled
        figures[name] = MottleFigure(
            percent=100 * float(np.sqrt(power)),
            noise_percent=100 * float(np.sqrt(max(whole - power, 0.0))),
            sampling=0.5 * float(np.sqrt(waves)) / whole if whole > 0 else float("nan"),
        )
    return figures


def gloss_mottle_metric(band: Band) -> Callable[[Evidence], MetricValue | Refusal]:
    """Measures the gloss mottle of a size class."""

    def measure(evidence: Evidence) -> MetricValue | Refusal:
        name = f"gloss_mottle_{band.name}"
        if evidence.gloss is None:
            return Refusal(name, evidence.missing or "no stepped fringes on black glass and panel", _GLOSS_HELP)
        return _figure(name, band, gloss_definition(band), *_gloss_readings(evidence.gloss), _flags(evidence.gloss))

    return measure


def body_mottle_metric(band: Band) -> Callable[[Evidence], MetricValue | Refusal]:
    """Measures the mottle of the body's light of a size class."""

    def measure(evidence: Evidence) -> MetricValue | Refusal:
        name = f"body_mottle_{band.name}"
        fields = evidence.fields
        if fields is None or fields.body is None:
            return Refusal(name, evidence.missing or "no stepped fringes in two periods", _BODY_HELP)
        factor = max(1, round(MAP_PITCH_MM / fields.grid.pitch_mm))
        first, second = (reduced(each, factor) for each in fields.body)
        flags = ("at the angle of the mirror reflection: what the room reflects is in it",)
        return _figure(
            name, band, body_definition(band), _log(first), _log(second), factor * fields.grid.pitch_mm, flags
        )

    return measure


def gloss_definition(band: Band) -> str:
    """The gloss mottle of a class in words."""
    return (
        f"standard deviation of ln R, fringe amplitude over the flat reference, radial brick-wall class "
        f"{band.shortest_mm:g}–{band.longest_mm:g} mm, what both directions of fringes have in common"
    )


def body_definition(band: Band) -> str:
    """The mottle of the body's light of a class in words."""
    return (
        f"standard deviation over mean of the light left where coarse fringes are dark, radial brick-wall class "
        f"{band.shortest_mm:g}–{band.longest_mm:g} mm, quadratic removed"
    )


def _gloss_readings(gloss: Modulation) -> tuple[FloatArray, FloatArray, float]:
    first, second = gloss.clear(gloss.fine_mm)
    return _log(first), _log(second), gloss.pitch_mm


def _log(field: FloatImage) -> FloatArray:
    logarithm: FloatArray = np.log(np.maximum(field.astype(np.float64), 1e-6))
    return logarithm


def _flags(gloss: Modulation) -> tuple[str, ...]:
    return ("relative: no flat reference, quadratic removed",) if gloss.relative else ()


def _figure(
    name: str,
    band: Band,
    definition: str,
    first: FloatArray,
    second: FloatArray,
    pitch_mm: float,
    flags: tuple[str, ...],
) -> MetricValue | Refusal:
    short, long = sorted(side * pitch_mm for side in first.shape)
    if short < 0.98 * FIELD_PERIODS[0] * band.longest_mm or long < 0.98 * FIELD_PERIODS[1] * band.longest_mm:
        return Refusal(
            name,
            f"not resolved: a field of {long:.0f} × {short:.0f} mm holds too few blotches of {band.longest_mm:g} mm",
            "a larger panel",
        )
    figure = mottle_figures(first, second, pitch_mm, {band.name: band})[band.name]
    if figure.percent < figure.noise_percent:
        flags = (*flags, f"below the {figure.noise_percent:.2g} % that the directions of fringes differ by")
    floor = figure.noise_percent / 2
    relative = float(np.hypot(figure.sampling, _READING_UNCERTAINTY))
    return MetricValue(
        name=name,
        value=figure.percent,
        unit="%",
        uncertainty=float(np.hypot(relative * figure.percent, floor)),
        uncertainty_note=(
            f"number of blotches in the field {100 * figure.sampling:.0f} %, half of the {figure.noise_percent:.2g} % "
            "that only one direction of fringes shows"
        ),
        definition=definition,
        band_mm=(band.shortest_mm, band.longest_mm),
        flags=flags,
    )
