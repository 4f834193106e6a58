"""The gate's checks of the flat reference: same rig, same settings, same light, and not from another day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from inspections.appearance import Finding
from inspections.capture.capture import Capture
from inspections.flat_reference import FlatReference
from inspections.frame.placing import Placing
from inspections.gate.checks import at_most
from inspections.gate.dependencies import GLOSS_METRICS, LIGHT_METRICS
from inspections.photos.photo import PanelPhoto

MOST_REFERENCE_DAYS = 1.0
MOST_SCALE_CHANGE = 0.02
MOST_CARD_DRIFT = 0.10
"""Of the card, not of the tile: between a panel and its tile in one rig it changed by 6 % in a simulation not ours."""
_EXIF_DATE = re.compile(r"^(\d{4}):(\d{2}):(\d{2})")


def check_reference(
    capture: Capture,
    photos: Mapping[str, PanelPhoto],
    reference: FlatReference,
    placing: Placing,
    reference_placing: Placing | None,
    *,
    most_days: float = MOST_REFERENCE_DAYS,
) -> list[Finding]:
    """Age, camera settings, scale and light of the flat reference against those of the panel.

    Parameters
    ----------
    capture : Capture
    photos : mapping of str to PanelPhoto
        Of the panel, as used.
    reference : FlatReference
    placing, reference_placing : Placing or None
        First photos of both; None where the reference shows no card.
    most_days : float
        [days]

    Returns
    -------
    list of Finding
        Age only where both captures say when they were taken, by `taken_at` of a shot or by EXIF.
    """
    findings = [_kind(photos, reference)]
    findings += _age(_taken(capture, photos), _taken(reference.capture, reference.photos), most_days)
    findings += _settings(photos, reference.photos)
    if reference_placing is not None:
        findings += _card(placing, reference_placing, _first_pattern(capture) == _first_pattern(reference.capture))
    return findings


def _kind(photos: Mapping[str, PanelPhoto], reference: FlatReference) -> Finding:
    """Whether the reference is one: not a capture that calls itself a panel, and not the panel's own photos."""
    same = {photo.sha256 for photo in photos.values()} & {photo.sha256 for photo in reference.photos.values()}
    wrong = "holds photos of the panel itself" if same else "is the capture of a panel, as it says itself"
    failed = bool(same) or reference.capture.name == "panel"
    return Finding(
        check="reference_kind",
        outcome="fail" if failed else "pass",
        value=None,
        limit=None,
        unit="",
        what=f"flat reference {wrong}" if failed else "flat reference is another capture than a panel's",
        remedy='give the capture of the black-glass tile, "capture": "flatref"' if failed else "",
        blocks=GLOSS_METRICS if failed else (),
    )


def _age(ours: datetime | None, theirs: datetime | None, most_days: float) -> list[Finding]:
    if ours is None or theirs is None:
        return []
    if ours.tzinfo is None or theirs.tzinfo is None:
        ours, theirs = ours.replace(tzinfo=None), theirs.replace(tzinfo=None)
    days = abs((ours - theirs).total_seconds()) / 86400
    old = days > most_days
    return [
        Finding(
            check="reference_age",
            outcome="warn" if old else "pass",
            value=days,
            limit=most_days,
            unit="days",
            what=f"flat reference taken {days:.2g} days from the panel",
            remedy="photograph the black-glass tile again" if old else "",
        )
    ]


def _settings(photos: Mapping[str, PanelPhoto], theirs: Mapping[str, PanelPhoto]) -> list[Finding]:
    def known(each: Mapping[str, PanelPhoto]) -> set[tuple[float | None, ...]]:
        all_of = {(one.exposure_time_s, one.f_number, one.iso, one.focal_length_mm) for one in each.values()}
        return {settings for settings in all_of if any(value is not None for value in settings)}

    if not known(photos) or not known(theirs):
        return []
    same = known(photos) <= known(theirs)
    words = "the settings of the panel" if same else "other exposure, aperture, ISO or zoom than the panel"
    return [
        Finding(
            check="reference_settings",
            outcome="pass" if same else "fail",
            value=None,
            limit=None,
            unit="",
            what=f"flat reference taken with {words}",
            remedy="" if same else "photograph the tile with the settings of the panel",
            blocks=() if same else GLOSS_METRICS,
        )
    ]


def _card(placing: Placing, theirs: Placing, same_pattern: bool) -> list[Finding]:
    """Scale, and the card's white where both photos show the same pattern: the screen lights the card."""
    scales = zip(placing.frame.mm_per_pixel, theirs.frame.mm_per_pixel, strict=True)
    findings = [
        at_most(
            "reference_scale",
            max(abs(a / b - 1.0) for a, b in scales),
            MOST_SCALE_CHANGE,
            "1",
            "change of millimetres per pixel between flat reference and panel",
            "zoom and distances must be those of the panel; photograph the tile again",
            GLOSS_METRICS,
        )
    ]
    if same_pattern:
        drift = abs(placing.card_light.white / max(theirs.card_light.white, 1e-6) - 1.0)
        findings.append(
            at_most(
                "reference_drift",
                drift,
                MOST_CARD_DRIFT,
                "1",
                "change of the card's white between flat reference and panel",
                "let the screen warm up and photograph the tile again",
                LIGHT_METRICS,
            )
        )
    return findings


def _first_pattern(capture: Capture) -> dict[str, Any] | None:
    pattern = capture.shots[0].pattern
    return None if pattern is None else pattern.as_dict()


def _taken(capture: Capture, photos: Mapping[str, PanelPhoto]) -> datetime | None:
    """When the first photo with a time was taken: by the manifest, else by EXIF."""
    stated = [shot.taken_at for shot in capture.shots]
    return _first_time([*stated, *(photo.taken_at for photo in photos.values())])


def _first_time(texts: Iterable[str | None]) -> datetime | None:
    for text in texts:
        try:
            if text:
                return datetime.fromisoformat(_EXIF_DATE.sub(r"\1-\2-\3", text))
        except ValueError:
            continue
    return None
