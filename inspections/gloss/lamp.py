"""The lamp photos of a capture: is there a bracket that haze can be read from, and what does it give?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from inspections.capture.capture import Capture, Shot
from inspections.capture.sequences import lamp_bracket
from inspections.flat_reference import FlatReference
from inspections.frame.placing import Placing, place
from inspections.frame.rectify import PanelGrid, warp
from inspections.gloss.halo import Halo, halo_of
from inspections.gloss.hdr import merge_bracket
from inspections.photos.photo import PanelPhoto
from inspections.station.geometry import CaptureGeometry

LEAST_BRACKET_EV = 5.0
MOST_STEP_EV = 3.5
"""Between neighbouring exposures; wider ones leave levels that no photo reads well."""
MOST_CLIPPED = 1e-5
"""Share of the panel that may be too bright in the shortest exposure."""
_EXIF_TOLERANCE = 0.10


@dataclass(frozen=True, slots=True, eq=False)
class HaloPair:
    """Halos of panel and tile under the same lamp.

    Attributes
    ----------
    panel, tile : Halo
    bracket_ev : float
        Range of the exposures. [EV]
    """

    panel: Halo
    tile: Halo
    bracket_ev: float


@dataclass(frozen=True, slots=True)
class NoHalo:
    """Why there is no halo, and what would help."""

    reason: str
    would_help: str


_HELP = (
    f"a small lamp of at most 0.2° photographed over at least {LEAST_BRACKET_EV:g} EV with exposure_s in capture.json, "
    "in panel and black-glass tile alike"
)
NO_LAMP = NoHalo("no photo of a lamp in this capture", _HELP)


def lamp_halo(
    capture: Capture,
    photos: Mapping[str, PanelPhoto],
    flat_reference: FlatReference | None,
    geometry: CaptureGeometry | None,
) -> HaloPair | NoHalo:
    """The halos of the lamp in panel and tile, or why there are none.

    Parameters
    ----------
    capture : Capture
    photos : mapping of str to PanelPhoto
        File name to photo.
    flat_reference : FlatReference or None
        Must hold a bracket of the same lamp.
    geometry : CaptureGeometry or None
    """
    if not lamp_bracket(capture):
        return NO_LAMP
    if geometry is None:
        return NoHalo("no scale or geometry: an angle from the highlight cannot be had", "card and rig in capture.json")
    lacking = _bracket_reason(lamp_bracket(capture), photos)
    if lacking:
        return NoHalo(lacking, _HELP)
    if flat_reference is None or not lamp_bracket(flat_reference.capture):
        return NoHalo(
            "no black-glass tile under the same lamp: without it the halo of lens and sensor counts as haze",
            "the same bracket of the lamp in the black-glass tile, given as flat reference",
        )
    lacking = _bracket_reason(lamp_bracket(flat_reference.capture), flat_reference.photos)
    if lacking:
        return NoHalo(f"tile: {lacking}", _HELP)
    panel = _halo(capture, photos, geometry)
    tile = _halo(flat_reference.capture, flat_reference.photos, geometry)
    if isinstance(panel, NoHalo):
        return panel
    if isinstance(tile, NoHalo):
        return NoHalo(f"tile: {tile.reason}", tile.would_help)
    return HaloPair(panel, tile, _range_ev(lamp_bracket(capture)))


def lamp_photos(capture: Capture, photos: Mapping[str, PanelPhoto]) -> dict[str, PanelPhoto]:
    """The photos of the lamp bracket: shots of a lamp whose exposure is stated."""
    return {shot.file: photos[shot.file] for shot in capture.shots_of("lamp") if shot.exposure_s is not None}


def _bracket_reason(shots: tuple[Shot, ...], photos: Mapping[str, PanelPhoto]) -> str:
    """Why the lamp photos are no exposure bracket; empty when they are one."""
    unknown = [shot.file for shot in shots if shot.exposure_s is None]
    if unknown:
        return f"{unknown[0]}: exposure_s is not stated; a single exposure does not hold highlight and halo"
    seconds = np.sort([shot.exposure_s or 0.0 for shot in shots])
    span = _range_ev(shots)
    if span < LEAST_BRACKET_EV - 0.05:
        return f"the {len(shots)} lamp photos span {span:.1f} EV; highlight and halo need {LEAST_BRACKET_EV:g} EV"
    step = float(np.diff(np.log2(seconds)).max())
    if step > MOST_STEP_EV:
        return f"neighbouring exposures of the lamp are {step:.1f} EV apart; at most {MOST_STEP_EV:g} EV can be joined"
    stated = [(shot, photos[shot.file].exposure_time_s) for shot in shots]
    ratios = [exif / (shot.exposure_s or 1.0) for shot, exif in stated if exif]
    if len(ratios) == len(shots) and max(ratios) > (1 + _EXIF_TOLERANCE) * min(ratios):
        return "exposure_s of capture.json and the exposure times the camera wrote contradict each other"
    return ""


def _range_ev(shots: tuple[Shot, ...]) -> float:
    seconds = [shot.exposure_s or 1.0 for shot in shots]
    return float(np.log2(max(seconds) / min(seconds)))


def _halo(capture: Capture, photos: Mapping[str, PanelPhoto], geometry: CaptureGeometry) -> Halo | NoHalo:
    """The bracket merged on the panel grid, by angle about the highlight."""
    shots = lamp_bracket(capture)
    placing = _placing(capture, photos, geometry)
    if placing is None:
        return NoHalo("the card's markers are not found in any photo of the capture", "light the card for one photo")

    merged = merge_bracket(
        (warp(photos[shot.file].linear_grey(), placing.maps), shot.exposure_s or 1.0) for shot in shots
    )
    if float(merged.clipped.mean()) > MOST_CLIPPED:
        return NoHalo("the highlight is clipped in the shortest exposure too", "add a shorter exposure of the lamp")
    model, _ = geometry.model(placing)
    u_deg, v_deg = (
        np.degrees(np.arctan(field / np.float32(model.screen_path_mm))) for field in (model.u_mm, model.v_mm)
    )
    return halo_of(merged.light, u_deg, v_deg)


def _placing(capture: Capture, photos: Mapping[str, PanelPhoto], geometry: CaptureGeometry) -> Placing | None:
    """The frame of the first photo that shows the markers: camera and card do not move within a capture."""
    grid: PanelGrid | None = None
    for shot in sorted(capture.shots, key=lambda each: -(each.exposure_s or 0.0)):
        placing, findings = place(photos[shot.file], geometry.card, grid, geometry.lens)
        if placing is not None and all(finding.outcome != "fail" for finding in findings):
            return placing
    return None
