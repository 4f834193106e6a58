"""Gloss uniformity from the fringe amplitude relative to a flat reference in the same rig and exposure."""

from __future__ import annotations

import cv2
import numpy as np

from inspections.appearance import FloatMap, MetricValue, Refusal
from inspections.evidence import Evidence

SMOOTHING_MM = 2.0
"""Side of the box over which the amplitude is averaged: below it peel, not gloss, moves the amplitude. [mm]"""
_HELP = "a capture of the black-glass tile in the same rig and exposure, given as flat reference"


def amplitude_ratio(panel: FloatMap, reference: FloatMap, pitch_mm: float) -> FloatMap:
    """Fringe amplitude of the panel over that of the flat reference, smoothed; float32, same shape.

    Parameters
    ----------
    panel, reference : ndarray of float32, shape (height, width)
        Amplitudes on the same panel grid.
    pitch_mm : float
    """
    side = max(1, round(SMOOTHING_MM / pitch_mm))
    smooth_panel, smooth_reference = (cv2.blur(field, (side, side)) for field in (panel, reference))
    return np.asarray(smooth_panel / np.maximum(smooth_reference, 1e-6), dtype=np.float32)


def gloss_uniformity(evidence: Evidence) -> MetricValue | Refusal:
    """100 (1 − std/mean) of the amplitude ratio."""
    ratio = evidence.amplitude_ratio
    if ratio is None:
        return Refusal("gloss_uniformity", evidence.missing or "no flat reference", _HELP)
    return MetricValue(
        name="gloss_uniformity",
        value=100.0 * (1.0 - float(ratio.std()) / float(ratio.mean())),
        unit="%",
        uncertainty=None,
        uncertainty_note="peel below the pixel moves the amplitude too; no reference panels yet to say by how much",
        definition="100 (1 − std/mean) of the fringe amplitude over the flat reference, 2 mm box",
    )


def mean_amplitude_ratio(evidence: Evidence) -> MetricValue | Refusal:
    """Mean amplitude ratio: image clarity at the fringe period, relative to black glass."""
    ratio = evidence.amplitude_ratio
    if ratio is None:
        return Refusal("fringe_amplitude_ratio", evidence.missing or "no flat reference", _HELP)
    return MetricValue(
        name="fringe_amplitude_ratio",
        value=float(ratio.mean()),
        unit="1",
        uncertainty=None,
        uncertainty_note="valid for this fringe period and rig only",
        definition="mean fringe amplitude over that of the flat reference, 2 mm box",
    )
