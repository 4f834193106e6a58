"""Specular gloss in gloss units, only against a tile whose refractive index is known."""

from __future__ import annotations

import numpy as np

from inspections.appearance import MetricValue, Refusal
from inspections.evidence import Evidence
from inspections.gloss.fresnel import STANDARD_INDEX, specular_gloss

ISO_ANGLES_DEG = (20.0, 60.0, 85.0)
_ANGLE_TOLERANCE_DEG = 0.5
GU_DEFINITION = (
    f"100 × mirrored light over that of the tile × Fresnel reflectance of the tile over that of n = {STANDARD_INDEX}, "
    "at the incidence of the capture; amplitude of endlessly coarse fringes, mean of the panel"
)
_AMPLITUDE_UNCERTAINTY = 0.012
"""Relative: light of the screen, cleanness of the tile and response of the camera between panel and tile."""
_HELP = 'a black-glass tile of known refractive index as flat reference, with "tile": {"index": …} in its capture.json'


def specular_ratio(evidence: Evidence) -> MetricValue | Refusal:
    """Mirrored light over that of the flat reference, whatever the roughness does to fine fringes."""
    gloss = evidence.gloss
    if gloss is None or gloss.relative or len(gloss.seen) < 2:
        return Refusal("specular_ratio", evidence.missing or "no flat reference with the same two periods", _HELP)
    value = float(gloss.specular().mean())
    rough = len(gloss.mirrored) < 2
    return MetricValue(
        name="specular_ratio",
        value=value,
        unit="1",
        uncertainty=_AMPLITUDE_UNCERTAINTY * value,
        uncertainty_note="1.2 % for light of the screen, cleanness of the tile and the camera between both captures",
        definition="mean amplitude of endlessly coarse fringes over that of the flat reference",
        flags=(f"as seen by fringes of {max(gloss.seen):g} mm: roughness took part of it",) if rough else (),
    )


def gloss_gu(evidence: Evidence) -> MetricValue | Refusal:
    """Gloss in GU at the incidence of the capture."""
    ratio = specular_ratio(evidence)
    if isinstance(ratio, Refusal):
        return Refusal("gloss_gu", ratio.reason, ratio.would_help)
    if evidence.tile is None:
        return Refusal("gloss_gu", "the manifest of the flat reference does not state the tile's index", _HELP)
    if evidence.incidence_deg is None:
        return Refusal("gloss_gu", "the incidence of the capture is not known", "rig_nominal in capture.json")
    angle, tile = evidence.incidence_deg, evidence.tile
    scale = float(specular_gloss(tile.index, angle))
    step = max(tile.index_uncertainty, 1e-4)
    by_index = float(specular_gloss(tile.index + step, angle) - specular_gloss(tile.index - step, angle)) / 2
    value = ratio.value * scale
    nearest = min(ISO_ANGLES_DEG, key=lambda standard: abs(standard - angle))
    off = abs(nearest - angle) > _ANGLE_TOLERANCE_DEG
    geometry = (
        f"at {angle:.0f}° incidence: not a geometry of ISO 2813, not a glossmeter's reading"
        if off
        else f"at {angle:.0f}° incidence, but with the aperture of a camera, not that of ISO 2813"
    )
    by_index *= tile.index_uncertainty / step
    return MetricValue(
        name="gloss_gu",
        value=value,
        unit="GU",
        uncertainty=float(np.hypot(_AMPLITUDE_UNCERTAINTY * value, ratio.value * by_index)),
        uncertainty_note=(
            f"light and tile {100 * _AMPLITUDE_UNCERTAINTY:.1f} %, index ±{tile.index_uncertainty:g}; a camera that "
            "stands in for a glossmeter was off by 1.2 GU in the mean and 2.7 GU at most in a published trial"
        ),
        definition=GU_DEFINITION,
        flags=(
            *ratio.flags,
            geometry,
            f"tile index {tile.index:g}" + (f", certified {tile.certified}" if tile.certified else ""),
        ),
    )
