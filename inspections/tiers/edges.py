"""Edges of stripes, screens, tubes and soft boxes mirrored in a panel on the card, turned into line scans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from inspections.appearance import Finding
from inspections.capture.capture import Axis, Capture, Pattern
from inspections.edges.line_scan import EdgeScan, scanned_slope
from inspections.edges.piece_widths import piece_widths
from inspections.edges.straight_edges import straight_edges
from inspections.flat_reference import FlatReference
from inspections.frame.placing import place
from inspections.frame.rectify import warp
from inspections.fringes.reduction import coarser
from inspections.gate import checks as gate
from inspections.gate.dependencies import EDGE_METRICS
from inspections.gate.pose import check_stated_pose
from inspections.gate.sharpness import check_blur
from inspections.photos.photo import PanelPhoto
from inspections.station.geometry import CaptureGeometry

_BORDER_MM = 1.5
"""Left out along the opening: an edge there is the card's. [mm]"""
_COARSER = 16
"""Grid points to one of the ray model, of which edges ask for a few lines only."""


@dataclass(frozen=True, slots=True, eq=False)
class ScannedLights:
    """Line scans of a capture: `patterned` from edges and stripes, `plain` from a soft box or a tube, and findings."""

    patterned: EdgeScan | None
    plain: EdgeScan | None
    findings: tuple[Finding, ...]


def scan_lights(
    capture: Capture,
    geometry: CaptureGeometry,
    photos: Mapping[str, PanelPhoto],
    flat_reference: FlatReference | None = None,
) -> ScannedLights:
    """Trace every declared straight edge of light.

    Parameters
    ----------
    capture : Capture
    geometry : CaptureGeometry
    photos : mapping of str to PanelPhoto
        File name to photo.
    flat_reference : FlatReference or None
        The widths of its edges under the same light are those of lens and pupil.

    Returns
    -------
    ScannedLights
        Findings about markers, view and exposure only of photos that were looked at.
    """
    findings: list[Finding] = []
    scans: dict[str, list[EdgeScan]] = {}
    for shot in capture.shots:
        if shot.pattern is None or not directions(shot.pattern):
            continue
        photo = photos[shot.file].grey_only()
        placing, about_markers = place(photo, geometry.card, None, geometry.lens, _BORDER_MM)
        findings += about_markers
        if placing is None:
            continue
        about_view = [*check_blur(placing.sigma_px, None, shot.file), geometry.check_pose(placing)]
        if geometry.station is None and geometry.rig is not None:
            about_view += check_stated_pose(placing.frame, geometry.rig, shot.file)
        # What these checks block of phase and fringes is not measured here; edges see the same lens and rig.
        findings += [
            replace(one, blocks=EDGE_METRICS if one.outcome == "fail" else (), files=(shot.file,)) for one in about_view
        ]
        grid = placing.grid
        image = warp(photo.linear_grey(), placing.maps)
        findings += gate.check_exposure({shot.file: gate.levels_of(image)}, EDGE_METRICS)
        model, placement = geometry.model(replace(placing, grid=coarser(grid, _COARSER)))
        lines = []
        for axis in directions(shot.pattern):
            upright = axis == "u"
            seen = image if upright else np.asarray(cv2.transpose(image), np.float32)
            for edge in straight_edges(seen, grid.pitch_mm):
                widths = piece_widths(seen, edge, grid.pitch_mm)
                line = scanned_slope(edge, model, grid.pitch_mm, upright=upright, widths_px=widths, coarser=_COARSER)
                lines.append(line)
        if lines:
            height = float(placement.camera[2] / np.linalg.norm(placement.camera))
            scan = EdgeScan(
                light=light_of(shot.pattern),
                lines=tuple(lines),
                screen_path_mm=model.screen_path_mm,
                incidence_deg=float(np.degrees(np.arccos(height))),
                rig_uncertainty=placement.uncertainty,
                rig_source=placement.source,
                files=(shot.file,),
            )
            scans.setdefault("plain" if shot.pattern.kind in ("softbox", "lamp") else "patterned", []).append(scan)
    patterned = _together(scans.get("patterned"))
    if patterned is not None and flat_reference is not None:
        tile = scan_lights(flat_reference.capture, geometry, flat_reference.photos).patterned
        if tile is not None and tile.light == patterned.light:
            patterned = replace(patterned, reference_width_mrad=float(np.median(tile.widths_mrad)))
    return ScannedLights(patterned, _together(scans.get("plain")), tuple(findings))


def _together(scans: list[EdgeScan] | None) -> EdgeScan | None:
    """The scans of the light with the most edge, as one."""
    if not scans:
        return None
    by_light: dict[str, list[EdgeScan]] = {}
    for scan in scans:
        by_light.setdefault(scan.light, []).append(scan)
    most = max(by_light.values(), key=lambda same: sum(scan.length_mm for scan in same))
    return replace(
        most[0],
        lines=tuple(line for scan in most for line in scan.lines),
        files=tuple(file for scan in most for file in scan.files),
    )


def directions(pattern: Pattern) -> tuple[Axis, ...]:
    """Across which directions of the screen a pattern has straight edges; none for a pattern without."""
    if pattern.kind == "softbox":
        return ("u", "v")
    if pattern.kind not in ("edge", "stripes", "lamp"):
        return ()
    if pattern.axis is not None:
        return (pattern.axis,)
    if pattern.kind == "lamp":
        return ()  # a round lamp
    angle = pattern.more.get("angle_deg")
    if not isinstance(angle, int | float):
        return ("u", "v")
    return ("u",) if abs(np.cos(np.radians(angle))) > abs(np.sin(np.radians(angle))) else ("v",)


def light_of(pattern: Pattern) -> str:
    """The light in words, size included."""
    if pattern.kind == "softbox":
        return f"soft box {pattern.more['w_mm']:g} × {pattern.more['h_mm']:g} mm"
    if pattern.kind == "lamp":
        return f"lamp tube {pattern.more.get('diameter_mm', '?')} mm"
    return f"stripes {pattern.period_mm:g} mm" if pattern.kind == "stripes" else "edge"
