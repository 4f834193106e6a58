"""The capture gate: may these photos be judged? Each check gives a number, a limit, what to do and what it blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import cv2
import numpy as np

from inspections.appearance import Finding, Outcome
from inspections.frame.rectify import MIN_MARKERS, PanelFrame
from inspections.gate.dependencies import BAND_METRICS, GLOSS_METRICS, MARK_METRICS, Blocks
from inspections.photos.photo import CLIPPED_LEVEL, EncodedImage, FloatImage, PanelPhoto, is_clipped
from inspections.photos.response import SRGB_ASSUMED

# Start limits from simulated captures; how good and faulty captures lie about them, and what faults below them do,
# is measured by benchmarks/bench_capture_gate.py. None has been confirmed on real panels.
LEAST_BRIGHT_LEVEL = 110 / 255
MOST_CLIPPED = 0.01
WHITE_STRIPES = (0.60, 0.90)
"""Encoded level of white stripes: above, neighbouring pixels bloom and clip; below, noise moves the edges. [0-1]"""
MOST_MARKER_SHIFT_PX = 0.3
MOST_MARKER_RESIDUAL_PX = 0.3
MOST_AZIMUTH_DEG = 20.0
_BLACK_LINEAR = 2 / 255 / 12.92
"""Two levels of 255 in the linear part of sRGB. [1 = full scale]"""
_CLIPPED_LINEAR = float(SRGB_ASSUMED.linear(np.array([round(CLIPPED_LEVEL * 255)], dtype=np.uint8))[0])


def check_markers(found: int, expected: int, frame: PanelFrame | None, file: str) -> list[Finding]:
    """Markers and how well the panel frame fits them."""
    strange = frame is None and found >= MIN_MARKERS
    outcome: Outcome = "fail" if frame is None else ("pass" if found == expected else "warn")
    findings = [
        Finding(
            check="markers",
            outcome=outcome,
            value=float(found),
            limit=float(expected),
            unit="markers",
            what=f"{found} of {expected} markers of the card found"
            + (", not where the card has them" if strange else ""),
            remedy=""
            if outcome == "pass"
            else "lay the card that capture.json describes, or correct card.markers_mm"
            if strange
            else "uncover the card, light it, keep it flat and wholly in the picture",
            blocks=(*BAND_METRICS, *GLOSS_METRICS, *MARK_METRICS) if frame is None else (),
            files=(file,),
        )
    ]
    if frame is not None:
        findings.append(
            at_most(
                "marker_residual",
                frame.residual_px,
                MOST_MARKER_RESIDUAL_PX,
                "pixel",
                "distance of the marker corners from the fitted panel frame",
                "press the card flat onto the panel; a lens that bends much needs a calibrated station",
                (*BAND_METRICS, *GLOSS_METRICS, *MARK_METRICS),
                (file,),
            )
        )
    return findings


def check_motion(shifts_px: Mapping[str, float]) -> Finding:
    """Movement between frames, from the markers."""
    file = max(shifts_px, key=lambda each: shifts_px[each])
    return at_most(
        "marker_shift",
        shifts_px[file],
        MOST_MARKER_SHIFT_PX,
        "pixel",
        "movement of the markers between frames",
        "use a tripod; nothing may move between the frames",
        (*BAND_METRICS, *GLOSS_METRICS, *MARK_METRICS),
        (file,),
    )


class Levels(NamedTuple):
    """Levels of a panel in one photo: what 1 % of it exceeds, encoded; its share at full scale; and at black. [0-1]"""

    bright: float
    clipped: float
    crushed: float


def check_exposure(levels: Mapping[str, Levels], blocks: Blocks) -> list[Finding]:
    """Exposure level and clipping at both ends inside the panel; `levels` as `levels_of` gives them."""
    dark = min(levels, key=lambda each: levels[each].bright)
    bright = max(levels, key=lambda each: levels[each].clipped)
    crushed = max(levels, key=lambda each: levels[each].crushed)
    level = levels[dark].bright
    return [
        Finding(
            check="exposure_level",
            outcome="fail" if level < LEAST_BRIGHT_LEVEL else "pass",
            value=255 * level,
            limit=255 * LEAST_BRIGHT_LEVEL,
            unit="of 255",
            what=f"brightest percent of the panel is at {255 * level:.0f} of 255",
            remedy="expose longer" if level < LEAST_BRIGHT_LEVEL else "",
            blocks=blocks if level < LEAST_BRIGHT_LEVEL else (),
            files=(dark,),
        ),
        at_most(
            "clipped_share",
            100 * levels[bright].clipped,
            100 * MOST_CLIPPED,
            "%",
            "clipped part of the panel",
            "expose shorter; the brightest fringe must stay below full scale",
            blocks,
            (bright,),
        ),
        at_most(
            "crushed_share",
            100 * levels[crushed].crushed,
            100 * MOST_CLIPPED,
            "%",
            "part of the panel at black level",
            "expose longer, and switch off contrast settings that cut shadows",
            blocks,
            (crushed,),
        ),
    ]


def check_pose(azimuth_deg: float | None, incidence_deg: float) -> Finding:
    """Whether the camera stands along a card axis, as the rig model takes it."""
    if azimuth_deg is None:
        straight = incidence_deg < 15
        return Finding(
            "camera_side",
            "pass" if straight else "fail",
            None,
            MOST_AZIMUTH_DEG,
            "°",
            "the markers show no perspective"
            + ("" if straight else f", but the rig states {incidence_deg:.0f}° incidence"),
            "" if straight else "check incidence_deg in the manifest",
            () if straight else BAND_METRICS,
        )
    off = abs((azimuth_deg + 45) % 90 - 45)
    return at_most(
        "camera_side",
        off,
        MOST_AZIMUTH_DEG,
        "°",
        "angle between the plane of incidence and the nearest card axis",
        "turn the card so that the camera stands straight before one of its sides",
        BAND_METRICS,
    )


def check_bare(photos: Iterable[PanelPhoto]) -> list[Finding]:
    """What a photo without manifest lacks for anything absolute."""
    files = tuple(photo.file_name for photo in photos)
    return [
        Finding(
            "scale", "fail", None, None, "mm/pixel", "no markers, no scale",
            "lay the marker card on the panel and send capture.json", BAND_METRICS, files,
        ),
        Finding(
            "geometry", "fail", None, None, "", "no rig geometry: nobody said where camera and light stand",
            "send capture.json with rig_nominal", BAND_METRICS, files,
        ),
    ]  # fmt: skip


def check_stripe_light(light: Mapping[str, tuple[float, float]]) -> list[Finding]:
    """Clipping inside striped areas, and their whites: both move edges, so they are flagged.

    Parameters
    ----------
    light : mapping of str to (float, float)
        File to the clipped share of the striped area [0-1] and the light of its whites [linear].
    """
    findings = []
    low, high = WHITE_STRIPES
    for file, (share, white) in light.items():
        much, level = share > MOST_CLIPPED, encoded_level(white)
        findings.append(
            Finding(
                check="clipped_stripes",
                outcome="warn" if much else "pass",
                value=100 * share,
                limit=100 * MOST_CLIPPED,
                unit="%",
                what=f"{100 * share:.1f} % of the striped area is clipped",
                remedy="expose shorter: clipped stripes look wider than they are" if much else "",
                files=(file,),
            )
        )
        outside = not low <= level <= high
        findings.append(
            Finding(
                check="stripe_white",
                outcome="warn" if outside else "pass",
                value=100 * level,
                limit=100 * (high if level > high else low),
                unit="%",
                what=f"white stripes at {100 * level:.0f} % of full scale",
                remedy=("expose shorter" if level > high else "expose longer") if outside else "",
                files=(file,),
            )
        )
    return findings


def blocked_by(findings: Iterable[Finding]) -> dict[str, Finding]:
    """Metric to the first failed finding that blocks it."""
    blocked: dict[str, Finding] = {}
    for finding in findings:
        for metric in finding.blocks:
            blocked.setdefault(metric, finding)
    return blocked


def first_failed(findings: Iterable[Finding], *checks: str) -> Finding | None:
    """The first failed finding, of the named checks or of any."""
    failed = (finding for finding in findings if finding.outcome == "fail")
    return next((finding for finding in failed if not checks or finding.check in checks), None)


def nothing_left(findings: Iterable[Finding]) -> bool:
    """Whether the failed checks block all that phase steps can give."""
    blocked = {group for finding in findings for group in finding.blocks}
    return blocked >= {*BAND_METRICS, *GLOSS_METRICS, *MARK_METRICS}


def levels_of(linear_panel: FloatImage) -> Levels:
    """Levels of a panel from linear pixels, every third of every third row."""
    sparse = linear_panel[::3, ::3]
    bright = float(np.percentile(sparse, 99))
    return Levels(
        encoded_level(bright), float(np.mean(sparse >= _CLIPPED_LINEAR)), float(np.mean(sparse <= _BLACK_LINEAR))
    )


def encoded_level(light: float) -> float:
    """Level that sRGB stores for linear light, as a share of full scale (IEC 61966-2-1). [0-1]"""
    return 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055


def clipped_channel_share(encoded: EncodedImage, maps: tuple[FloatImage, FloatImage]) -> float:
    """Share of the panel where a channel is at full scale; every third pixel of every third row is looked at. [0-1]

    Parameters
    ----------
    encoded : ndarray of uint8 or uint16, shape (height, width) or (height, width, 3)
    maps : tuple of ndarray of float32
        Pixel x and y of every grid point. [pixel]
    """
    column, row = (np.asarray((side[::3, ::3] - np.float32(1.0)) / np.float32(3.0)) for side in maps)
    clipped = is_clipped(encoded[1::3, 1::3]).astype(np.float32)
    return float(np.mean(cv2.remap(clipped, column, row, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)))


def at_most(
    check: str,
    value: float,
    limit: float,
    unit: str,
    what: str,
    remedy: str,
    blocks: tuple[str, ...],
    files: tuple[str, ...] = (),
) -> Finding:
    """A check that fails above its limit, and then blocks metrics."""
    failed = not value <= limit
    shown = f"{what}: {value:.3g}" if unit == "1" else f"{what}: {value:.3g} {unit}"
    return Finding(
        check,
        "fail" if failed else "pass",
        value,
        limit,
        unit,
        shown,
        remedy if failed else "",
        blocks if failed else (),
        files,
    )
