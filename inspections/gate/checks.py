"""The capture gate: may these photos be judged? Each check gives a number, a limit, what to do and what it blocks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np

from inspections.appearance import Finding, Outcome, Tier
from inspections.frame.rectify import PanelFrame
from inspections.photos.photo import CLIPPED_LEVEL, FloatImage, PanelPhoto
from inspections.photos.response import SRGB_ASSUMED
from inspections.structure.bands import BANDS

FINE_METRICS = tuple(f"{letter}_{band}" for letter in ("S", "H") for band in ("a", "b", "sw", "c"))
BAND_METRICS = (
    *(f"{letter}_{band}" for letter in ("S", "H") for band in BANDS),
    "S_d_screening",
    "S_lw_screening",
)
MIRROR_METRICS = (
    "gloss_uniformity",
    "gloss_worst_zone",
    "alpha_eff",
    "alpha_micro",
    "image_clarity",
    "image_clarity_finest",
    "gloss_mottle_2_6",
    "gloss_mottle_6_13",
    "gloss_mottle_13_29",
)
"""What a matte surface, which mirrors no fine fringes, does not have."""
LIGHT_METRICS = (
    "fringe_amplitude_ratio",
    "specular_ratio",
    "gloss_gu",
    "body_mottle_5_10",
    "body_mottle_10_20",
    "body_mottle_20_40",
)
"""What is left of a matte surface: the light itself."""
GLOSS_METRICS = MIRROR_METRICS + LIGHT_METRICS
EDGE_METRICS = ("edge_wander",)

# Start limits, from simulated captures only: level, clipping, blur ratio, shift and residual as recommended for the
# capture rig; edge blur set here. None has been confirmed on real panels.
LEAST_BRIGHT_LEVEL = 110 / 255
MOST_CLIPPED = 0.01
MOST_BLUR_PX = 1.0
"""Above it either the lens was out of focus or it was focused on the mirror image. [pixel]"""
MOST_BLUR_OVER_REFERENCE = 1.15
MOST_BLUR_RATIO = 1.25
MOST_MARKER_SHIFT_PX = 0.3
MOST_MARKER_RESIDUAL_PX = 0.3
MOST_AZIMUTH_DEG = 20.0
_CLIPPED_LINEAR = float(SRGB_ASSUMED.linear(np.array([round(CLIPPED_LEVEL * 255)], dtype=np.uint8))[0])


def check_conditions(photos: Mapping[str, PanelPhoto], tier: Tier) -> list[Finding]:
    """Exposure and white balance: locked, and the same in every frame."""
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
    settings = {(photo.exposure_time_s, photo.f_number, photo.iso, photo.focal_length_mm) for photo in photos.values()}
    if len(photos) > 1:
        differ = len(settings) > 1
        findings.append(
            Finding(
                check="same_exposure",
                outcome="fail" if differ else "pass",
                value=float(len(settings)),
                limit=1.0,
                unit="settings",
                what=f"{len(settings)} different camera settings in {len(photos)} photos",
                remedy="lock exposure, aperture, ISO and zoom for the whole capture" if differ else "",
                blocks=blocked if differ else (),
            )
        )
    return findings


def check_markers(found: int, expected: int, frame: PanelFrame | None, file: str) -> list[Finding]:
    """Markers and how well the panel frame fits them."""
    outcome: Outcome = "fail" if frame is None else ("pass" if found == expected else "warn")
    findings = [
        Finding(
            check="markers",
            outcome=outcome,
            value=float(found),
            limit=float(expected),
            unit="markers",
            what=f"{found} of {expected} markers of the card found",
            remedy="" if outcome == "pass" else "uncover the card, light it, keep it flat and wholly in the picture",
            blocks=(*BAND_METRICS, *GLOSS_METRICS) if frame is None else (),
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
                "press the card flat onto the panel",
                (*BAND_METRICS, *GLOSS_METRICS),
                (file,),
            )
        )
    return findings


def check_blur(sigma_px: tuple[float, float], reference_px: tuple[float, float] | None, file: str) -> list[Finding]:
    """Focus on the card and motion, from the marker edges."""
    known = [sigma for sigma in sigma_px if math.isfinite(sigma)]
    if not known:
        return [
            Finding(
                "marker_edge_sigma", "fail", None, MOST_BLUR_PX, "pixel", "no marker edge could be fitted",
                "focus on the card, not on the mirror image", BAND_METRICS, (file,),
            )
        ]  # fmt: skip
    limit = MOST_BLUR_PX
    if reference_px is not None and all(math.isfinite(sigma) for sigma in reference_px):
        limit = min(limit, MOST_BLUR_OVER_REFERENCE * max(reference_px))
    findings = [
        at_most(
            "marker_edge_sigma",
            max(known),
            limit,
            "pixel",
            "blur of the marker edges",
            "focus on the card and lock the focus; autofocus takes the mirror image",
            BAND_METRICS,
            (file,),
        )
    ]
    if len(known) == 2:
        findings.append(
            at_most(
                "marker_sigma_ratio",
                max(known) / min(known),
                MOST_BLUR_RATIO,
                "1",
                "blur of one direction over the other",
                "use a tripod and a release timer; the camera moved during the exposure",
                BAND_METRICS,
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
        (*BAND_METRICS, *GLOSS_METRICS),
        (file,),
    )


def check_exposure(levels: Mapping[str, tuple[float, float]], blocks: tuple[str, ...]) -> list[Finding]:
    """Exposure level and clipping inside the panel.

    Parameters
    ----------
    levels : mapping of str to (float, float)
        File to encoded level that 1 % of the panel exceeds [0-1], and clipped share [0-1].
    blocks : tuple of str
    """
    dark = min(levels, key=lambda each: levels[each][0])
    bright = max(levels, key=lambda each: levels[each][1])
    level = levels[dark][0]
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
            100 * levels[bright][1],
            100 * MOST_CLIPPED,
            "%",
            "clipped part of the panel",
            "expose shorter; the brightest fringe must stay below full scale",
            blocks,
            (bright,),
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


def check_stripe_clipping(shares: Mapping[str, float]) -> list[Finding]:
    """Clipping inside striped areas: it moves edges, so it is flagged; the figure stays relative anyway."""
    findings = []
    for file, share in shares.items():
        much = share > MOST_CLIPPED
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


def levels_of(linear_panel: FloatImage) -> tuple[float, float]:
    """Encoded level that 1 % of the panel exceeds, and clipped share, from linear pixels. [0-1]"""
    sparse = linear_panel[::3, ::3]
    bright = float(np.percentile(sparse, 99))
    encoded = 12.92 * bright if bright <= 0.0031308 else 1.055 * bright ** (1 / 2.4) - 0.055
    return encoded, float(np.mean(sparse >= _CLIPPED_LINEAR))


def _mode(check: str, modes: Mapping[str, str | None], what: str, remedy: str, blocks: tuple[str, ...]) -> Finding:
    automatic = tuple(name for name, mode in modes.items() if mode == "auto")
    unknown = tuple(name for name, mode in modes.items() if mode is None)
    if automatic:
        return Finding(check, "fail", None, None, "", f"automatic {what}", remedy, blocks, automatic)
    if unknown:
        return Finding(
            check, "warn", None, None, "", f"the file does not say whether {what} was locked", remedy, (), unknown
        )
    return Finding(check, "pass", None, None, "", f"{what} locked")


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
