"""Haze: light beside the mirror image of a small lamp, over the mirrored light of black glass."""

from __future__ import annotations

import math

from inspections.appearance import MetricValue, Refusal
from inspections.evidence import Evidence
from inspections.gloss.halo import BODY_DEG, CORE_DEG, LEAST_BODY_DEG2, LEAST_COVERED, RING_DEG
from inspections.gloss.lamp import HaloPair, NoHalo

HAZE_DEFINITION = (
    f"100 × flux {RING_DEG[0]:g}–{RING_DEG[1]:g}° from the highlight of a small lamp over that within {CORE_DEG:g}° "
    f"in the black-glass tile; less the tile's own ring and the light beyond {BODY_DEG:g}°; a camera's haze, not that "
    "of ISO 13803 or ASTM E430"
)
LOG_DEFINITION = "log10 of haze_cam in %"
_SIGMAS = 4.0
_GLARE_UNCERTAINTY = 0.05
"""Relative, of the tile's ring that is taken out: panel and tile do not light the lens quite alike."""
_BODY_UNCERTAINTY = 0.005
"""Relative, of the body's light that is taken out: the lens veils the middle of a bright panel more than its edge."""
_SCALE_UNCERTAINTY = 0.04
"""Relative: response of the camera over the bracket, edges of the ring by ruler (benchmarks/bench_panel_gloss.py)."""


def haze_cam(evidence: Evidence) -> MetricValue | Refusal:
    """Haze in percent of the tile's mirrored light."""
    found = _haze(evidence, "haze_cam")
    if isinstance(found, Refusal):
        return found
    haze, uncertainty, flags = found
    return MetricValue(
        name="haze_cam",
        value=haze,
        unit="%",
        uncertainty=uncertainty,
        uncertainty_note=(
            f"scale of bracket and ring {100 * _SCALE_UNCERTAINTY:.0f} %, glare taken out "
            f"{100 * _GLARE_UNCERTAINTY:.0f} % of itself, the body's light {100 * _BODY_UNCERTAINTY:.1f} % of itself "
            "and its scatter; panel taken as flat"
        ),
        definition=HAZE_DEFINITION,
        flags=flags,
    )


def haze_log(evidence: Evidence) -> MetricValue | Refusal:
    """The same as a logarithm: equal steps look alike."""
    found = _haze(evidence, "haze_log")
    if isinstance(found, Refusal):
        return found
    haze, uncertainty, flags = found
    if haze < 2 * uncertainty:
        return Refusal("haze_log", f"haze_cam of {haze:.2g} ± {uncertainty:.1g} % has no logarithm to speak of", "none")
    return MetricValue(
        name="haze_log",
        value=math.log10(haze),
        unit="1",
        uncertainty=uncertainty / haze / math.log(10),
        uncertainty_note="that of haze_cam",
        definition=LOG_DEFINITION,
        flags=flags,
    )


def _haze(evidence: Evidence, name: str) -> tuple[float, float, tuple[str, ...]] | Refusal:
    halo = evidence.halo
    if isinstance(halo, NoHalo):
        return Refusal(name, halo.reason, halo.would_help)
    reason = _geometry_reason(halo)
    if reason:
        return Refusal(name, reason, "aim so that the highlight is in the middle of the panel; a larger panel")
    panel, tile = halo.panel, halo.tile
    # Lamp and pupil are discs, which end at twice their standard deviation; peel and roughness have tails.
    smear = math.sqrt(max(panel.spread_deg**2 - tile.spread_deg**2, 0.0))
    reach = 2 * tile.spread_deg + _SIGMAS * smear
    if reach > RING_DEG[0]:
        return Refusal(
            name,
            f"peel and roughness smear the highlight by {smear:.2f}°: with {_SIGMAS:g} times that it reaches to "
            f"{reach:.1f}°, past the start of the ring at {RING_DEG[0]:g}°",
            "none for this surface: polish it first, or read its slopes and micro-slope",
        )
    glare = tile.ring * panel.core / tile.core
    haze = 100.0 * (panel.ring - glare) / tile.core
    ring_deg2 = math.pi * (RING_DEG[1] ** 2 - RING_DEG[0] ** 2)
    shaded = _BODY_UNCERTAINTY * panel.body
    body = 100.0 * ring_deg2 * math.hypot(panel.body_scatter, tile.body_scatter, shaded) / tile.core
    uncertainty = math.sqrt(
        (_SCALE_UNCERTAINTY * haze) ** 2 + (_GLARE_UNCERTAINTY * 100.0 * glare / tile.core) ** 2 + body**2
    )
    under = panel.body * ring_deg2
    flags = [
        f"glare of {100 * glare / tile.core:.2g} % and body of {100 * under / tile.core:.2g} % taken out",
        "panel taken as flat",
    ]
    if haze < 2 * uncertainty:
        flags.append("not told from zero")
    return haze, uncertainty, tuple(flags)


def _geometry_reason(halo: HaloPair) -> str:
    for who, one in (("panel", halo.panel), ("tile", halo.tile)):
        if one.core <= 0:
            return f"{who}: no highlight of the lamp is found"
        if one.covered < LEAST_COVERED:
            return f"{who}: {100 * (1 - one.covered):.0f} % of the ring about the highlight lies outside the picture"
        if one.body_deg2 < LEAST_BODY_DEG2:
            return (
                f"{who}: too little of the panel lies {BODY_DEG:g}° or more from the highlight to read the body's light"
            )
    return ""
