"""T3 and T4: no fringes with scale and geometry; stripes where the photo shows some, refusals otherwise."""

from __future__ import annotations

from collections.abc import Mapping

from inspections.answer import answer
from inspections.appearance import Appearance, Tier
from inspections.capture.capture import Capture
from inspections.edges.stripes import measure_stripes
from inspections.evidence import Evidence
from inspections.gate import checks as gate
from inspections.gate.settings import check_settings
from inspections.photos.photo import PanelPhoto


def inspect_relative(capture: Capture, photos: Mapping[str, PanelPhoto]) -> Appearance:
    """Relative figures of stripes in photos without fringes, scale or geometry.

    Parameters
    ----------
    capture : Capture
        Stripes are sought in shots declared as stripes and in shots of which nothing is declared.
    photos : mapping of str to PanelPhoto
        File name to photo.

    Returns
    -------
    Appearance
        Tier T3 when a photo shows stripes, T4 otherwise.
    """
    declared = {shot.file for shot in capture.shots_of("stripes")}
    unknown = {shot.file for shot in capture.shots if shot.pattern is None}
    used = {shot.file: photos[shot.file] for shot in capture.shots}
    searched = {file: measure_stripes(photo) for file, photo in used.items() if file in declared | unknown}
    striped = {file: search for file, search in searched.items() if search.regions}
    tier: Tier = "T3" if striped else "T4"
    findings = check_settings(used, tier)
    if capture.card is None or capture.rig is None:
        findings += gate.check_bare(used.values())
    findings += gate.check_stripe_clipping({file: search.clipped_share for file, search in striped.items()})
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
    )
    return answer(capture, used, findings, evidence)
