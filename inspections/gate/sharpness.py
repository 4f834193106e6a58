"""The gate's checks of sharpness, on the sides of the markers: focus on the card, motion, sharpening by the camera."""

from __future__ import annotations

import math
from collections.abc import Mapping

import cv2
import numpy as np

from inspections.appearance import Finding
from inspections.gate.checks import at_most
from inspections.gate.dependencies import BAND_METRICS, FINE_METRICS, MARK_METRICS, MIRROR_METRICS
from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray

MOST_BLUR_PX = 1.0
"""Above it either the lens was out of focus or it was focused on the mirror image. [pixel]"""
GROSS_BLUR_PX = 1.5
"""Up to it the longer waves stand: they are corrected for the blur that the marker edges show. [pixel]"""
MOST_BLUR_OVER_REFERENCE = 1.15
MOST_BLUR_RATIO = 1.25
MOST_OVERSHOOT = 0.03
_REACH_PX = 7.0
_STEP_PX = 0.5


def check_blur(sigma_px: tuple[float, float], reference_px: tuple[float, float] | None, file: str) -> list[Finding]:
    """Focus on the card and motion, from the marker edges."""
    known = [sigma for sigma in sigma_px if math.isfinite(sigma)]
    gross = not known or max(known) > GROSS_BLUR_PX
    blocked = (*(BAND_METRICS if gross else FINE_METRICS), *MIRROR_METRICS, *MARK_METRICS)
    if not known:
        return [
            Finding(
                "marker_edge_sigma", "fail", None, MOST_BLUR_PX, "pixel", "no marker edge could be fitted",
                "focus on the card, not on the mirror image", blocked, (file,),
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
            blocked,
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
                blocked,
                (file,),
            )
        )
    return findings


def check_sharpening(image: FloatImage, corners: Mapping[int, FloatArray], file: str) -> list[Finding]:
    """Whether the camera sharpened: edges that overshoot.

    Parameters
    ----------
    image : ndarray of float32, shape (height, width)
        Linear grey.
    corners : mapping of int to ndarray, shape (4, 2)
        Of the markers, refined. [pixel]
    file : str

    Returns
    -------
    list of Finding
        Empty where the markers are too small to tell.
    """
    overshoot = edge_overshoot(image, corners)
    if overshoot is None:
        return []
    return [
        at_most(
            "edge_overshoot",
            100 * overshoot,
            100 * MOST_OVERSHOOT,
            "%",
            "overshoot of the marker edges",
            "switch sharpening off in the camera, or store raw",
            FINE_METRICS,
            (file,),
        )
    ]


def edge_overshoot(image: FloatImage, corners: Mapping[int, FloatArray]) -> float | None:
    """How far the mean edge profile of the marker sides goes beyond its own plateaus, over their difference.

    A lens cannot do that, an unsharp mask does. None where no side is long enough.
    """
    along = np.linspace(0.2, 0.8, 60)
    profiles = []
    for square in corners.values():
        middle = square.mean(axis=0)
        for k in range(4):
            start, end = square[k], square[(k + 1) % 4]
            length = float(np.linalg.norm(end - start))
            if 0.14 * length < _REACH_PX:  # the border of a marker is a sixth of its side
                continue
            normal = np.array([start[1] - end[1], end[0] - start[0]]) / length
            if normal @ (0.5 * (start + end) - middle) < 0:
                normal = -normal
            across = np.arange(-_REACH_PX, _REACH_PX + _STEP_PX / 2, _STEP_PX)
            points = start + along[:, None, None] * (end - start) + across[None, :, None] * normal
            column, row = (points[..., axis].astype(np.float32) for axis in (0, 1))
            seen = cv2.remap(image, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            profiles.append(np.asarray(seen, np.float64).mean(axis=0))
    if not profiles:
        return None
    far = int(2 / _STEP_PX)
    shapes = []
    for profile in profiles:
        dark, light = profile[:far].mean(), profile[-far:].mean()
        if light - dark > 0.01:
            shapes.append((profile - dark) / (light - dark))
    if not shapes:
        return None
    shape = np.median(shapes, axis=0)
    return float(max(shape.max() - 1.0, -shape.min(), 0.0))
