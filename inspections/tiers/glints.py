"""Photos of a lamp moved around the panel on the card, turned into glints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from inspections.capture.capture import Capture, Shot
from inspections.capture.sequences import moved_lamps
from inspections.frame.placing import Placing, place
from inspections.frame.rectify import panel_grid, pixel_maps, warp
from inspections.marks.find import PITCH_MM
from inspections.marks.glints import GlintSearch, LampPhoto, NoGlints, find_glints
from inspections.marks.half_vectors import half_vectors
from inspections.photos.photo import PanelPhoto
from inspections.station.geometry import CaptureGeometry

LEAST_POSITIONS = 3
_APART_DEG = 5.0
"""Lamps closer together, as seen from the panel, show the same scratches. [°]"""
_HELP = (
    "eight or more photos of one lamp moved around the panel, out of the mirrored view, each with light_position_mm "
    "(x, y, z from the card's centre) in capture.json"
)


def scan_glints(
    capture: Capture, geometry: CaptureGeometry | None, photos: Mapping[str, PanelPhoto]
) -> GlintSearch | NoGlints:
    """What glints under the lamps of a capture, or why nobody can look.

    Parameters
    ----------
    capture : Capture
    geometry : CaptureGeometry or None
        None without card or rig.
    photos : mapping of str to PanelPhoto
        File name to photo.
    """
    lamps = capture.shots_of("lamp")
    if not lamps:
        return NoGlints("no photo of a lamp in this capture", _HELP)
    shots = moved_lamps(capture)
    if not any(shot.light_position_mm is not None for shot in lamps):
        return NoGlints(f"{lamps[0].file}: light_position_mm is not stated for any of {len(lamps)} lamp photos", _HELP)
    below = [shot.file for shot in shots if _position(shot)[2] <= 0]
    if below:
        return NoGlints(f"{below[0]}: light_position_mm puts the lamp behind the panel", "z runs to the viewer, in mm")
    positions = _distinct(shots)
    if positions < LEAST_POSITIONS:
        return NoGlints(
            f"the lamp stood in {positions} different place{'s' * (positions != 1)}: at every spot of the panel each "
            f"place shows one direction of scratches; {LEAST_POSITIONS} are the least",
            _HELP,
        )
    if geometry is None:
        return NoGlints("no scale or geometry: where a scratch can glint is not known", "card and rig in capture.json")
    placed = {shot.file: place(photos[shot.file], geometry.card, None, geometry.lens)[0] for shot in shots}
    known = [placing for placing in placed.values() if placing is not None]
    if not known:
        return NoGlints("the card's markers are not found in any lamp photo", "let the lamp light the card")
    grid = panel_grid(geometry.card, max(PITCH_MM / 2, min(placing.grid.pitch_mm for placing in known)))

    def lit() -> Iterator[LampPhoto]:
        for shot in shots:
            placing: Placing = placed[shot.file] or known[0]  # the camera does not move within a capture
            placing = replace(placing, grid=grid, maps=pixel_maps(placing.frame, grid))
            _, rig = geometry.model(placing)
            half = half_vectors(grid, rig.camera, np.array(_position(shot)))
            light = warp(photos[shot.file].linear_grey(), placing.maps)
            yield LampPhoto(shot.file, light, half, placing.card_light.white)

    return find_glints(lit(), grid)


def glint_photos(capture: Capture, photos: Mapping[str, PanelPhoto]) -> dict[str, PanelPhoto]:
    """The photos of the moved lamp."""
    return {shot.file: photos[shot.file] for shot in moved_lamps(capture)}


def _position(shot: Shot) -> tuple[float, ...]:
    assert shot.light_position_mm is not None
    return shot.light_position_mm


def _distinct(shots: tuple[Shot, ...]) -> int:
    """How many lamps stand `_APART_DEG` from every other one that was counted."""
    kept: list[np.ndarray[tuple[int], np.dtype[np.float64]]] = []
    for shot in shots:
        towards = np.array(_position(shot), np.float64)
        towards /= np.linalg.norm(towards)
        if all(float(towards @ other) < np.cos(np.radians(_APART_DEG)) for other in kept):
            kept.append(towards)
    return len(kept)
