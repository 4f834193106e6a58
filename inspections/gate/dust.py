"""The gate's check of cleanliness: small places that mirror much less than what is around them."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np

from inspections.appearance import Finding
from inspections.gate.checks import at_most
from inspections.gate.dependencies import FINE_METRICS, MARK_METRICS
from inspections.photos.photo import FloatImage

MANY_SPECKS_PER_DM2 = 30.0
MOST_SPECKS_PER_DM2 = 100.0
"""A clean simulated panel has none, one with nibs and scratches in a simulation not ours 2. [1/dm²]"""
_DROP = 0.35
"""Share of the fringe amplitude that a speck takes at least."""
_AROUND_MM = 1.5
_SPECK_MM2 = (0.02, 1.0)
_LONGEST = 3.0
"""Longest over widest extent: a scratch is no speck."""


def speck_density(amplitude: FloatImage, pitch_mm: float) -> float:
    """Specks in a map of fringe amplitude. [1/dm²]

    Parameters
    ----------
    amplitude : ndarray of float32, shape (height, width)
        Fringe amplitude on the panel grid.
    pitch_mm : float
        [mm]

    Notes
    -----
    Dust takes the mirrored light where it lies; peel takes little and a scratch is long. A speck and a nib or a crater
    that small look alike here: the number says "wipe the panel", the marks say what is left.
    """
    around = cv2.blur(amplitude, (2 * round(_AROUND_MM / pitch_mm) + 1,) * 2, borderType=cv2.BORDER_REFLECT)
    dark = (amplitude < np.float32(1 - _DROP) * around).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    area = stats[1:count, cv2.CC_STAT_AREA] * pitch_mm**2
    width, height = stats[1:count, cv2.CC_STAT_WIDTH], stats[1:count, cv2.CC_STAT_HEIGHT]
    extent = np.maximum(width, height) * pitch_mm
    round_enough = area > extent**2 * math.pi / 4 / _LONGEST
    specks = int(np.count_nonzero((area >= _SPECK_MM2[0]) & (area <= _SPECK_MM2[1]) & round_enough))
    return specks / (amplitude.size * pitch_mm**2 / 1e4)


def check_dust(amplitude: FloatImage, pitch_mm: float) -> Finding:
    """Whether the panel is clean enough to be judged; `amplitude` as for `speck_density`.

    It fails only where specks are so many that they spoil what lies between them: nibs and craters are there to be
    counted, not to stop the count.
    """
    density = speck_density(amplitude, pitch_mm)
    finding = at_most(
        "dust",
        density,
        MOST_SPECKS_PER_DM2,
        "1/dm²",
        "specks that mirror little",
        "wipe the panel and photograph it again; if they stay they are nibs or craters",
        (*FINE_METRICS, *MARK_METRICS),
    )
    if MANY_SPECKS_PER_DM2 < density <= MOST_SPECKS_PER_DM2:
        return replace(finding, outcome="warn", limit=MANY_SPECKS_PER_DM2, remedy="wipe the panel")
    return finding
