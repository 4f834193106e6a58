"""T3 and T4: no fringes with scale and geometry; stripes where the photo shows some, refusals otherwise."""

from __future__ import annotations

from collections.abc import Mapping

from inspections.answer import answer
from inspections.appearance import Appearance, Tier
from inspections.capture.capture import Capture
from inspections.edges.plain_calibration import PlainCalibration
from inspections.edges.stripes import measure_stripes
from inspections.evidence import Evidence
from inspections.flat_reference import FlatReference
from inspections.gate import checks as gate
from inspections.gate.settings import check_settings
from inspections.gloss.lamp import lamp_halo, lamp_photos
from inspections.photos.photo import PanelPhoto
from inspections.station.geometry import CaptureGeometry
from inspections.tiers.edges import scan_lights
from inspections.tiers.glints import scan_glints


def inspect_relative(
    capture: Capture,
    photos: Mapping[str, PanelPhoto],
    flat_reference: FlatReference | None = None,
    geometry: CaptureGeometry | None = None,
    calibration: PlainCalibration | None = None,
) -> Appearance:
    """Figures of stripes, edges and plain lights in photos without fringes, and haze from a lamp in a bracket.

    Parameters
    ----------
    capture : Capture
        Stripes are sought in shots declared as stripes and in shots of which nothing is declared.
    photos : mapping of str to PanelPhoto
        File name to photo.
    flat_reference : FlatReference or None
        For haze.
    geometry : CaptureGeometry or None
        For haze and line scans; None without card or rig.
    calibration : PlainCalibration or None
        For the orange-peel estimate of a plain photo.

    Returns
    -------
    Appearance
        Tier T3 when a photo shows stripes or a straight edge, T4 otherwise.
    """
    lights = None if geometry is None else scan_lights(capture, geometry, photos, flat_reference)
    edged = lights is not None and lights.patterned is not None
    # With card and geometry the edges are in milliradians already: their wander in percent would say no more.
    declared = set() if edged else {shot.file for shot in capture.shots_of("stripes")}
    unknown = {shot.file for shot in capture.shots if shot.pattern is None}
    used = {shot.file: photos[shot.file] for shot in capture.shots}
    searched = {file: measure_stripes(photo) for file, photo in used.items() if file in declared | unknown}
    striped = {file: search for file, search in searched.items() if search.regions}
    tier: Tier = "T3" if striped or edged else "T4"
    bracket = lamp_photos(capture, photos)
    # A bracket has other exposures on purpose; what else the camera did by itself counts for one of its photos too.
    steady = {file: photo for file, photo in used.items() if file not in bracket} or dict([next(iter(used.items()))])
    findings = check_settings(steady, tier)
    if capture.card is None or capture.rig is None:
        findings += gate.check_bare(used.values())
    findings += gate.check_stripe_light({file: (one.clipped_share, one.white) for file, one in striped.items()})
    if lights is not None:
        findings += lights.findings
    lacking = []
    if capture.card is None and capture.scale_mm_per_px is None:
        lacking.append("no scale")
    if capture.rig is None:
        lacking.append("no geometry")
    lacking.append("no fringes in two directions")
    evidence = Evidence(
        tier=tier,
        stripes=searched,
        missing=f"{', '.join(lacking)}: mrad and µm cannot be had from this photo",
        would_help="phase-stepped fringes on a screen with the marker card, and capture.json",
        edges=lights.patterned if lights else None,
        plain=lights.plain if lights else None,
        calibration=calibration,
        halo=lamp_halo(capture, photos, flat_reference, geometry),
        glints=scan_glints(capture, geometry, photos),
    )
    return answer(capture, used, findings, evidence, flat_reference=flat_reference)
