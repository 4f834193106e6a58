"""The gate's check of the stated rig: where the camera stands, seen from the perspective of the markers alone."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inspections.appearance import Finding
from inspections.capture.capture import RigGeometry
from inspections.frame.rectify import PanelFrame
from inspections.gate.checks import at_most
from inspections.gate.dependencies import BAND_METRICS

MOST_INCIDENCE_OFF_DEG = 2.0
MOST_DISTANCE_OFF = 0.06
_LEAST_PERSPECTIVE_DEG = 10.0
"""Below it the foreshortening is too weak to separate focal length from distance. [°]"""
_SLANTED_DEG = 20.0
"""A rig said to stand so is contradicted even by markers that show no foreshortening to speak of. [°]"""


class SeenPose(NamedTuple):
    """Angle of the camera to the card's normal [°], and its distance from the card's centre [mm]."""

    incidence_deg: float
    distance_mm: float


def seen_pose(frame: PanelFrame) -> SeenPose | None:
    """Where the camera stands, from the homography of the card.

    Parameters
    ----------
    frame : PanelFrame

    Returns
    -------
    SeenPose or None
        None where no focal length fits.

    Notes
    -----
    Square pixels and the optical axis in the middle of the picture leave one unknown, the focal length, and the
    images of two perpendicular unit vectors of the card give two equations for it: Z. Zhang, IEEE Trans. Pattern
    Anal. Mach. Intell. 22 (2000) 1330, doi:10.1109/34.888718. A cropped photo breaks the assumption.
    """
    height, width = frame.image_shape
    centred = np.array([[1.0, 0.0, -(width - 1) / 2], [0.0, 1.0, -(height - 1) / 2], [0.0, 0.0, 1.0]])
    homography = centred @ frame.homography
    a, b, _ = homography.T
    left = np.array([a[2] * b[2], a[2] ** 2 - b[2] ** 2])
    right = -np.array([a[:2] @ b[:2], a[:2] @ a[:2] - b[:2] @ b[:2]])
    if not left @ left > 0 or not left @ right > 0:
        return None
    focal = np.sqrt(left @ right / (left @ left))
    seen = homography / np.array([[focal], [focal], [1.0]])
    first, second, place = (seen / np.sqrt(np.linalg.norm(seen[:, 0]) * np.linalg.norm(seen[:, 1]))).T
    normal = np.cross(first, second)
    distance = float(np.linalg.norm(place))
    cosine = abs(float(normal @ place)) / (distance * float(np.linalg.norm(normal)))
    return SeenPose(float(np.degrees(np.arccos(min(cosine, 1.0)))), distance)


def check_stated_pose(frame: PanelFrame, rig: RigGeometry, file: str) -> list[Finding]:
    """Whether the camera stands where the ruler says; empty where the view is too straight to tell."""
    seen = seen_pose(frame)
    if seen is None or (seen.incidence_deg < _LEAST_PERSPECTIVE_DEG and rig.incidence_deg < _SLANTED_DEG):
        return []
    remedy = "measure rig_nominal again and send the photo uncropped; a calibrated station does without a ruler"
    findings = [
        at_most(
            "stated_incidence",
            abs(seen.incidence_deg - rig.incidence_deg),
            MOST_INCIDENCE_OFF_DEG,
            "°",
            f"markers show {seen.incidence_deg:.1f}° incidence, off the stated {rig.incidence_deg:.1f}°",
            remedy,
            BAND_METRICS,
            (file,),
        )
    ]
    if seen.incidence_deg < _LEAST_PERSPECTIVE_DEG:
        return findings
    findings.append(
        at_most(
            "stated_distance",
            100 * abs(seen.distance_mm / rig.cam_dist_mm - 1.0),
            100 * MOST_DISTANCE_OFF,
            "%",
            f"markers show the camera {seen.distance_mm:.0f} mm away, off the stated {rig.cam_dist_mm:.0f} mm",
            remedy,
            BAND_METRICS,
            (file,),
        )
    )
    return findings
