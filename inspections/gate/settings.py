"""The gate's checks of what the camera did by itself: exposure, white balance, zoom, flash, processing, compression."""

from __future__ import annotations

from collections.abc import Mapping

from inspections.appearance import Finding, Tier
from inspections.gate.dependencies import BAND_METRICS, EDGE_METRICS, FINE_METRICS, GLOSS_METRICS, Blocks
from inspections.photos.photo import PanelPhoto

LEAST_JPEG_QUALITY = 60.0
"""Below it the finest waves change: see the table of let-through faults. Stations should write 90 or more. [1-100]"""
GOOD_JPEG_QUALITY = 80.0
MOST_SIZE_CHANGE = 0.02
"""Relative difference of the stored size from that taken which is a resized photo, not a cropped border. [1]"""


def check_settings(photos: Mapping[str, PanelPhoto], tier: Tier) -> list[Finding]:
    """Settings locked and alike in every photo, nothing enlarged, lit or mended by the camera.

    Parameters
    ----------
    photos : mapping of str to PanelPhoto
    tier : {"T1", "T2", "T3", "T4"}
        Phase steps need one exposure; a plain photo has nothing else to go by.
    """
    blocked = (*GLOSS_METRICS, *(BAND_METRICS if tier in ("T1", "T4") else ()))
    findings = [
        _mode(
            "exposure_mode",
            {name: photo.exposure_mode for name, photo in photos.items()},
            "exposure",
            "set the camera to manual exposure",
            blocked,
        ),
        _mode(
            "white_balance",
            {name: photo.white_balance for name, photo in photos.items()},
            "white balance",
            "set a fixed white balance",
            GLOSS_METRICS,
        ),
    ]
    if len(photos) > 1:
        findings.append(_same(photos, blocked))
    findings += _processing(photos, tier)
    findings += _stored(photos)
    return findings


def _mode(check: str, modes: Mapping[str, str | None], what: str, remedy: str, blocks: Blocks) -> Finding:
    automatic = tuple(name for name, mode in modes.items() if mode == "auto")
    unknown = tuple(name for name, mode in modes.items() if mode is None)
    if automatic:
        return Finding(check, "fail", None, None, "", f"automatic {what}", remedy, blocks, automatic)
    if unknown:
        return Finding(
            check, "warn", None, None, "", f"the file does not say whether {what} was locked", remedy, (), unknown
        )
    return Finding(check, "pass", None, None, "", f"{what} locked")


def _same(photos: Mapping[str, PanelPhoto], blocked: Blocks) -> Finding:
    settings = {(photo.exposure_time_s, photo.f_number, photo.iso, photo.focal_length_mm) for photo in photos.values()}
    differ = len(settings) > 1
    return Finding(
        check="same_exposure",
        outcome="fail" if differ else "pass",
        value=float(len(settings)),
        limit=1.0,
        unit="settings",
        what=f"{len(settings)} different camera settings in {len(photos)} photos",
        remedy="lock exposure, aperture, ISO and zoom for the whole capture" if differ else "",
        blocks=blocked if differ else (),
    )


def _processing(photos: Mapping[str, PanelPhoto], tier: Tier) -> list[Finding]:
    """Flash, digital zoom and pictures made of several: only where the files tell."""
    findings = []
    lit = tuple(file for file, photo in photos.items() if photo.flash_fired)
    if lit:
        everything = (*BAND_METRICS, *GLOSS_METRICS, *EDGE_METRICS)
        findings.append(
            Finding("flash", "fail", None, None, "", "the flash fired", "switch the flash off", everything, lit)
        )
    enlarged = {file: photo.digital_zoom for file, photo in photos.items() if (photo.digital_zoom or 0.0) > 1.0}
    if enlarged:
        most = max(zoom for zoom in enlarged.values() if zoom is not None)
        findings.append(
            Finding(
                "digital_zoom", "fail", most, 1.0, "1", f"enlarged {most:.3g} times by the camera",
                "zoom by walking or by the lens; a digital zoom invents pixels", FINE_METRICS, tuple(enlarged),
            )
        )  # fmt: skip
    made = {file: photo.processing for file, photo in photos.items() if photo.processing}
    if made:
        findings.append(
            Finding(
                "processing", "fail", None, None, "", f"the camera made a {next(iter(made.values()))} picture",
                "switch HDR and scene modes off, or store raw",
                (*GLOSS_METRICS, *(BAND_METRICS if tier in ("T1", "T4") else FINE_METRICS)), tuple(made),
            )
        )  # fmt: skip
    return findings


def _stored(photos: Mapping[str, PanelPhoto]) -> list[Finding]:
    """How the file was written: compressed hard, or at another size than taken."""
    findings = []
    qualities = {file: photo.jpeg_quality for file, photo in photos.items() if photo.jpeg_quality is not None}
    if qualities:
        file, quality = min(qualities.items(), key=lambda each: each[1])
        failed = quality < LEAST_JPEG_QUALITY
        findings.append(
            Finding(
                check="jpeg_quality",
                outcome="fail" if failed else ("warn" if quality < GOOD_JPEG_QUALITY else "pass"),
                value=quality,
                limit=LEAST_JPEG_QUALITY if failed else GOOD_JPEG_QUALITY,
                unit="1",
                what=f"JPEG quality {quality:.0f}",
                remedy="store with quality 90 or more, or raw" if quality < GOOD_JPEG_QUALITY else "",
                blocks=FINE_METRICS if failed else (),
                files=(file,),
            )
        )
    changed = {file: _size_change(photo) for file, photo in photos.items()}
    known = {file: change for file, change in changed.items() if change is not None}
    if known:
        file, change = max(known.items(), key=lambda each: abs(each[1] - 1.0))
        failed = abs(change - 1.0) > MOST_SIZE_CHANGE
        findings.append(
            Finding(
                check="stored_size",
                outcome="fail" if failed else "pass",
                value=change,
                limit=1.0,
                unit="1",
                what=f"stored at {change:.3g} times the size taken",
                remedy="send the file as the camera wrote it, not resized" if failed else "",
                blocks=FINE_METRICS if failed else (),
                files=(file,),
            )
        )
    return findings


def _size_change(photo: PanelPhoto) -> float | None:
    """Longer side over that when the photo was taken: holding the camera upright does not matter."""
    if photo.size_taken is None:
        return None
    return max(photo.shape) / max(photo.size_taken)
