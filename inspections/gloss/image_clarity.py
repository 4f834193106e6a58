"""Image clarity: how much of a fringe's contrast the reflection keeps, and the micro-slope that takes the rest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from inspections.appearance import MetricValue, Refusal
from inspections.evidence import Evidence
from inspections.gloss.modulation import Modulation
from inspections.photos.photo import FloatImage

ALPHA_DEFINITION = (
    "rms slope per axis from the contrast two fringe periods lose against the flat reference, median; includes "
    "structure below the pixel"
)
MICRO_DEFINITION = (
    "rms slope per axis from the contrast two fringe periods lose against the flat reference, less that of the "
    "measured structure bands inside a pixel, median; what is left is finer than the finest band resolved"
)
_LEAST_PERIOD_RATIO = 1.5
_READING_UNCERTAINTY = 0.004
"""Standard uncertainty of ln(R long / R short): screen, tile, JPEG (benchmarks/bench_panel_gloss.py)."""
_HELP = (
    "phase-stepped fringes in two periods, best 3 mm and 6 mm, on panel and black-glass tile in the same rig; the tile "
    "given as flat reference"
)


@dataclass(frozen=True, slots=True, eq=False)
class MicroSlope:
    """What two periods say of the slopes below the pixel.

    Attributes
    ----------
    variance_mrad2 : ndarray of float32, shape (height, width)
        Per axis; may come out below zero where there is next to nothing. [mrad²]
    structure_mrad2 : float or None
        How much of its median the measured bands put inside a pixel; None without bands. [mrad²]
    periods_mm : tuple of float
        The two that were compared. [mm]
    uncertainty_mrad2 : float
        Standard uncertainty of the median, rig apart. [mrad²]
    """

    variance_mrad2: FloatImage
    structure_mrad2: float | None
    periods_mm: tuple[float, float]
    uncertainty_mrad2: float

    def map_mrad(self) -> FloatImage:
        """Square root of the variance, nothing below zero. [mrad]"""
        return np.asarray(np.sqrt(np.maximum(self.variance_mrad2, 0)), dtype=np.float32)


def micro_slope(gloss: Modulation) -> MicroSlope | None:
    """Two-period micro-slope; None without reference, or without two periods that the panel still reflects.

    Notes
    -----
    ln R(p) = ln F − ½ (2π g α/p)² with g the movement on the screen per slope, F gloss and the share that is not
    scattered far; of two periods F cancels. α² of both directions is averaged.
    """
    if gloss.relative:
        return None
    pair = next(((a, b) for a, b in pairwise(gloss.mirrored) if b / a >= _LEAST_PERIOD_RATIO), None)
    if pair is None:
        return None
    short, long = pair
    variances, uncertain = [], []
    for axis in (0, 1):
        weight = gloss.turns2(short)[axis] - gloss.turns2(long)[axis]
        lost = np.log(np.maximum(gloss.seen[long][axis], 1e-6) / np.maximum(gloss.seen[short][axis], 1e-6))
        variances.append(np.asarray(lost / weight, dtype=np.float32))
        uncertain.append(_READING_UNCERTAINTY / weight)
    structure = None
    if gloss.structure_mrad2 is not None:
        structure = float(np.mean([np.median(part) for part in gloss.structure_mrad2]))
    return MicroSlope(
        variance_mrad2=np.asarray((variances[0] + variances[1]) / 2, dtype=np.float32),
        structure_mrad2=structure,
        periods_mm=(short, long),
        uncertainty_mrad2=float(np.mean(uncertain)),
    )


def alpha_eff(evidence: Evidence) -> MetricValue | Refusal:
    """Median micro-slope, structure below the pixel included."""
    found = _found(evidence, "alpha_eff")
    if isinstance(found, Refusal):
        return found
    return _slope_value(evidence, "alpha_eff", found, float(np.median(found.variance_mrad2)), 0.0, ALPHA_DEFINITION)


def alpha_micro(evidence: Evidence) -> MetricValue | Refusal:
    """Median micro-slope less the structure that the bands put inside a pixel."""
    found = _found(evidence, "alpha_micro")
    if isinstance(found, Refusal):
        return found
    if found.structure_mrad2 is None:
        return Refusal(
            "alpha_micro", "no structure band is resolved that could be taken out", "a closer or sharper camera"
        )
    rest = float(np.median(found.variance_mrad2)) - found.structure_mrad2
    return _slope_value(evidence, "alpha_micro", found, rest, 0.15 * found.structure_mrad2, MICRO_DEFINITION)


def image_clarity(evidence: Evidence) -> MetricValue | Refusal:
    """Contrast that the reflection keeps at the angular frequency of the fine fringes."""
    return _clarity(evidence, "image_clarity", None if evidence.gloss is None else evidence.gloss.fine_mm)


def image_clarity_finest(evidence: Evidence) -> MetricValue | Refusal:
    """The same at the finest fringes that were shown."""
    name = "image_clarity_finest"
    if evidence.gloss is not None:
        finest = min(evidence.gloss.seen)
        if finest == evidence.gloss.fine_mm:
            return Refusal(name, "no fringes finer than those of the slopes were shown", "three steps of 3 mm fringes")
        return _clarity(evidence, name, finest)
    return _clarity(evidence, name, None)


def clarity_definition(period_mm: float | None = None, path_mm: float | None = None) -> str:
    """Image clarity in words; with the angular frequency where period and path are known."""
    where = (
        "the fringes"
        if period_mm is None or path_mm is None
        else f"{period_mm:g} mm fringes, about {path_mm * math.pi / 180 / period_mm:.1f} per degree"
    )
    return (
        f"contrast the reflection keeps at {where}, over that at endlessly coarse ones and over black glass, peel "
        "inside a pixel removed, mean"
    )


def _clarity(evidence: Evidence, name: str, period_mm: float | None) -> MetricValue | Refusal:
    gloss = evidence.gloss
    if gloss is None or gloss.relative or period_mm is None or len(gloss.seen) < 2 or evidence.fields is None:
        return Refusal(name, evidence.missing or "no flat reference with the same two periods", _HELP)
    u, v = gloss.clear(period_mm)
    value = 100.0 * float(np.mean(np.sqrt(np.maximum(u * v, 0)) / gloss.specular()))
    return MetricValue(
        name=name,
        value=value,
        unit="%",
        uncertainty=max(_READING_UNCERTAINTY, 0.005) * value,
        uncertainty_note="0.5 % for screen, tile and JPEG; holds for this rig's angular frequency only",
        definition=clarity_definition(round(period_mm, 3), round(evidence.fields.screen_path_mm, -1)),
    )


def _found(evidence: Evidence, name: str) -> MicroSlope | Refusal:
    if evidence.gloss is None or evidence.gloss.relative:
        return Refusal(name, evidence.missing or "no flat reference: nothing says what the lens alone leaves", _HELP)
    found = micro_slope(evidence.gloss)
    if found is None:
        return Refusal(name, "the panel does not reflect two periods of fringes that differ enough", _HELP)
    return found


def _slope_value(
    evidence: Evidence, name: str, found: MicroSlope, variance: float, further: float, definition: str
) -> MetricValue | Refusal:
    uncertain = math.hypot(found.uncertainty_mrad2, further)
    if variance < 2 * uncertain:
        return Refusal(
            name,
            f"below what {found.periods_mm[0]:g} and {found.periods_mm[1]:g} mm fringes can tell: at most "
            f"{math.sqrt(max(variance, 0.0) + 2 * uncertain):.2g} mrad",
            "three steps of 3 mm fringes on panel and tile",
        )
    value = math.sqrt(variance)
    rig = evidence.fields.rig_uncertainty if evidence.fields is not None else 0.0
    return MetricValue(
        name=name,
        value=value,
        unit="mrad",
        uncertainty=math.hypot(uncertain / (2 * value), rig * value),
        uncertainty_note=(
            f"contrast of {found.periods_mm[0]:g} and {found.periods_mm[1]:g} mm fringes "
            f"{100 * uncertain / (2 * variance):.1f} %, rig {100 * rig:.1f} %"
        ),
        definition=definition,
        flags=(f"from {found.periods_mm[0]:g} and {found.periods_mm[1]:g} mm fringes",),
    )
