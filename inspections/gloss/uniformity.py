"""Gloss uniformity and the worst zone, from the fringe amplitude over that of a flat reference."""

from __future__ import annotations

import numpy as np

from inspections.appearance import AppearanceMap, MetricValue, Refusal
from inspections.evidence import Evidence
from inspections.gloss.modulation import Modulation
from inspections.gloss.zone import ZONE_MM, worst_zone

UNIFORMITY_DEFINITION = (
    "100 (1 − std/mean) of the fringe amplitude over the flat reference, peel inside a pixel removed, 2 mm box"
)
UNIFORMITY_DEFINITION_RELATIVE = (
    "100 (1 − std/mean) of the fringe amplitude over its own quadratic, no flat reference, 2 mm box"
)
_SPREAD_UNCERTAINTY = 0.0002
"""Of the spread over the mean: box, tile and JPEG (benchmarks/bench_panel_gloss.py: 90 % within 0.04 %)."""
_DEPTH_UNCERTAINTY, _LEVEL_UNCERTAINTY = 0.03, 0.002
"""Relative, of how far a zone is below the rest, and of the level itself (benchmarks/bench_panel_gloss.py)."""
ZONE_DEFINITION = f"lowest mean of the gloss map over {ZONE_MM:g} × {ZONE_MM:g} mm, over the median of the map"
RELATIVE = "relative: no flat reference, quadratic removed"
_HELP = "phase-stepped fringes, and a capture of the black-glass tile in the same rig given as flat reference"
_RELATIVE_UNCERTAINTY = 0.5
"""Share of the spread that is uncertain without a reference: the map then follows the true one with r 0.7 only."""


def gloss_uniformity(evidence: Evidence) -> MetricValue | Refusal:
    """100 (1 − std/mean) of the gloss map."""
    gloss = evidence.gloss
    if gloss is None:
        return Refusal("gloss_uniformity", evidence.missing or "no stepped fringes on the panel", _HELP)
    field = gloss.gloss()
    mean = float(field.mean())
    spread, floor = float(field.std()) / mean, float(_floor(gloss).std())
    # The floor adds in quadrature to the spread; how much of it is really there is known to its own size only.
    uncertain = spread - np.sqrt(max(spread**2 - floor**2, 0.0))
    relative = _RELATIVE_UNCERTAINTY * spread if gloss.relative else 0.0
    flags = (RELATIVE,) if gloss.relative else ()
    if spread < 2 * floor:
        flags = (*flags, f"near the {100 * floor:.2g} % that the directions of fringes disagree by")
    return MetricValue(
        name="gloss_uniformity",
        value=100.0 * (1.0 - spread),
        unit="%",
        uncertainty=100.0 * float(np.sqrt(uncertain**2 + relative**2 + _SPREAD_UNCERTAINTY**2)),
        uncertainty_note=f"what the two directions of fringes disagree by: {100 * floor:.2g} % of the mean"
        + ("; without reference half of the spread" if gloss.relative else ""),
        definition=UNIFORMITY_DEFINITION_RELATIVE if gloss.relative else UNIFORMITY_DEFINITION,
        flags=flags,
    )


def gloss_worst_zone(evidence: Evidence) -> MetricValue | Refusal:
    """The lowest 10 mm square of the gloss map over its median."""
    gloss = evidence.gloss
    if gloss is None:
        return Refusal("gloss_worst_zone", evidence.missing or "no stepped fringes on the panel", _HELP)
    field = AppearanceMap("gloss", gloss.gloss(), "1", gloss.pitch_mm)
    if min(field.values.shape) * gloss.pitch_mm < ZONE_MM:
        return Refusal("gloss_worst_zone", f"the panel is smaller than a zone of {ZONE_MM:g} mm", "a larger panel")
    zone = worst_zone(field)
    side = max(1, round(ZONE_MM / gloss.pitch_mm))
    floor = _floor(gloss)
    height, width = (length // side * side for length in floor.shape)
    blocks = floor[:height, :width].reshape(height // side, side, width // side, side).mean(axis=(1, 3))
    depth = (_RELATIVE_UNCERTAINTY if gloss.relative else _DEPTH_UNCERTAINTY) * abs(1 - zone.value)
    scatter = float(np.sqrt(blocks.std() ** 2 + depth**2 + _LEVEL_UNCERTAINTY**2))
    return MetricValue(
        name="gloss_worst_zone",
        value=100.0 * zone.value,
        unit="%",
        uncertainty=100.0 * scatter,
        uncertainty_note=(
            f"what the two directions of fringes disagree by over {ZONE_MM:g} mm; "
            + ("half of the depth without reference" if gloss.relative else "3 % of the depth; level 0.2 %")
        ),
        definition=ZONE_DEFINITION,
        flags=(zone.words(), *((RELATIVE,) if gloss.relative else ())),
    )


def mean_amplitude_ratio(evidence: Evidence) -> MetricValue | Refusal:
    """Mean amplitude ratio: gloss and image clarity at the fringe period together, relative to black glass."""
    gloss = evidence.gloss
    if gloss is None or gloss.relative:
        reason = evidence.missing or "no flat reference: nothing says what a perfect mirror would have given"
        return Refusal("fringe_amplitude_ratio", reason, _HELP)
    u, v = (float(part.mean()) for part in gloss.seen[gloss.fine_mm])
    return MetricValue(
        name="fringe_amplitude_ratio",
        value=float(np.sqrt(u * v)),
        unit="1",
        uncertainty=0.01 * float(np.sqrt(u * v)),
        uncertainty_note="1 % for the light of the screen and the tile's cleanness between the two captures",
        definition=f"mean fringe amplitude over that of the flat reference at {gloss.fine_mm:g} mm on the screen",
    )


def _floor(gloss: Modulation) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """What peel, noise and reference leave in the map: half the disagreement of the two directions, mean 0. [1]

    Roughness takes more from the direction whose reflection moves more, so each is weighed to be alike.
    """
    u, v = (np.log(np.maximum(part, 1e-6)).astype(np.float64) for part in gloss.clear(gloss.fine_mm))
    turned_u, turned_v = gloss.turns2(gloss.fine_mm)
    steeper = float(np.sqrt(turned_u / turned_v))
    half = (u / steeper - v * steeper) / 2
    return np.asarray(half - half.mean())
