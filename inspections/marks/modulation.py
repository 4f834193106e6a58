"""Loss of fringe modulation that the slope of the peel does not explain: what scratches and burns take."""

from __future__ import annotations

import cv2
import numpy as np

from inspections.fields import PanelFields
from inspections.frame.smooth_fields import gaussian_blur
from inspections.marks.extremes import robust_scale
from inspections.photos.photo import FloatImage

_SLOW_MM = 2.0
"""Sigma of the Gaussian above which light, gloss and mottle are taken out. [mm]"""
_CLASSES = 24
_TABLE = 1024
_FAINTEST = 1e-4


def modulation_loss(fields: PanelFields) -> FloatImage:
    """Modulation lost at each point, in standard deviations of what the panel does at that slope gradient.

    Parameters
    ----------
    fields : PanelFields
        With amplitude and mean.

    Returns
    -------
    ndarray of float32, shape `fields.grid.shape`
        Positive where modulation is lost; median 0, scatter 1.

    Notes
    -----
    Peel lowers the modulation wherever the slope changes across the blur of the lens. So in each direction ln M is
    compared with its own median and scatter over points of equal slope gradient, not over the panel: a plain drop
    of modulation marks every steep wave as a scratch. Of both directions the smaller loss counts: a scratch takes
    light from both, a steep wave from the fringes it crosses.
    """
    pitch = fields.grid.pitch_mm
    amplitude, mean = fields.amplitude[fine_period(fields)], fields.mean
    assert mean is not None
    losses = []
    for part, slope in zip(amplitude, fields.spectra.slopes, strict=True):
        logarithm = np.log(np.maximum(part, np.float32(_FAINTEST)) / np.maximum(mean, np.float32(_FAINTEST)))
        logarithm -= gaussian_blur(logarithm, _SLOW_MM / pitch)
        # Noise is the larger in the logarithm the fainter the fringes: a burn would seem full of scratches.
        around = gaussian_blur(part, _SLOW_MM / pitch)
        logarithm *= np.minimum(around / np.float32(np.median(around[::4, ::4])), 1)
        losses.append(-_standardised(logarithm, slope_gradient(slope, pitch)))
    both = np.minimum(*losses)
    return np.asarray((both - np.median(both[::2, ::2])) / robust_scale(both), np.float32)


def fine_period(fields: PanelFields) -> float:
    """Period of the fringes that gave the slopes. [mm]"""
    return min(fields.amplitude) if fields.fine_mm is None else fields.fine_mm


def amplitude_beyond_peel(fields: PanelFields) -> FloatImage:
    """ln of the fine amplitude less what slopes of that gradient take, mean of both directions; float32."""
    pitch = fields.grid.pitch_mm
    beyond = np.zeros(fields.grid.shape, np.float32)
    for part, slope in zip(fields.amplitude[fine_period(fields)], fields.spectra.slopes, strict=True):
        logarithm = np.log(np.maximum(part, np.float32(_FAINTEST)))
        taken, _ = _expected(logarithm, slope_gradient(slope, pitch))
        beyond += (logarithm - taken) / 2
    return beyond


def slope_gradient(slope: FloatImage, pitch_mm: float) -> FloatImage:
    """Magnitude of the gradient of a slope map; float32, same shape. [mrad/mm]"""
    scale = 1 / (32 * pitch_mm)  # Scharr's weights add up to 32 steps
    across = cv2.Scharr(slope, cv2.CV_32F, 1, 0, scale=scale)
    down = cv2.Scharr(slope, cv2.CV_32F, 0, 1, scale=scale)
    return np.asarray(np.hypot(across, down), np.float32)


def _standardised(values: FloatImage, condition: FloatImage) -> FloatImage:
    """Deviation from the median over points of like condition, over their robust scatter."""
    expected, scatter = _expected(values, condition)
    return np.asarray((values - expected) / np.maximum(scatter, _FAINTEST), np.float32)


def _expected(values: FloatImage, condition: FloatImage) -> tuple[FloatImage, FloatImage]:
    """Median and robust scatter of the values over points of like condition."""
    edges = np.quantile(condition[::3, ::3], np.linspace(0, 1, _CLASSES + 1)[1:-1])
    # A sample of the panel is enough for medians, and sorting it all would cost more than the filter.
    step = (slice(None, None, 2), slice(None, None, 2))
    sample, where = values[step].ravel(), condition[step].ravel()
    member = np.searchsorted(edges.astype(np.float32), where).astype(np.uint8)
    order = np.argsort(member, kind="stable")  # of bytes: a radix sort
    sample, where = sample[order], where[order]
    bounds = np.searchsorted(member[order], np.arange(_CLASSES + 1))
    centre, median, scatter = [], [], []
    for k in range(_CLASSES):
        inside = sample[bounds[k] : bounds[k + 1]]
        if inside.size < 3:
            continue
        centre.append(float(np.median(where[bounds[k] : bounds[k + 1]])))
        median.append(float(np.median(inside)))
        scatter.append(float(1.4826 * np.median(np.abs(inside - median[-1]))))
    # Read from a table: the condition needs no more steps than that.
    end = max(centre[-1], 1e-9)
    steps = np.linspace(0, end, _TABLE)
    index = np.minimum(condition * np.float32((_TABLE - 1) / end), _TABLE - 1).astype(np.intp)
    return (
        np.interp(steps, centre, median).astype(np.float32)[index],
        np.interp(steps, centre, scatter).astype(np.float32)[index],
    )
