"""What a phase sequence shows of its own soundness, on frames averaged to half a millimetre.

A frame that does not belong to its sequence leaves a part that no mean and fringe can hold. What that part looks
like says what went wrong: a factor on one frame is flicker, something slow is a wandering band, twice the fringe's
phase is a screen that is not linear, and anything else is a frame out of order or a panel that moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike

from inspections.fringes.steps import step_weights
from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray

REDUCED_MM = 0.5
"""Pitch of the frames the checks look at: a seventh of a fringe of 6 mm on the screen as the panel shows it. [mm]"""
_WHOLE_RATIO = 1e-3
"""Distance from a whole number within which the ratio of two periods is one."""
_SLOW_MM = 2.0
"""Standard deviation of the window through which slow light is seen; of such fringes it leaves 0.2 %. [mm]"""


@dataclass(frozen=True, slots=True)
class SequenceSigns:
    """What one phase sequence shows of its own soundness.

    Attributes
    ----------
    exposure_scatter : float
        Standard deviation of the exposure from frame to frame; 0 for three steps, which do not show it. [1]
    flicker : float
        The same times mean over amplitude: the phase error it makes is not larger. [rad]
    slow : float
        Rms of slow light that changes from frame to frame, over the fringe amplitude. [1]
    unexplained : float
        Rms of all that neither sequence, flicker nor harmonic explains, over the fringe amplitude. [1]
    second_harmonic : float
        Amplitude of twice the fringe's phase over the fringe amplitude. [1]
    uneven_mean : float
        Rms of mean light that neither a quadratic nor the gloss explains, over the mean. [1]
    mean : float
        Median of the mean light. [linear]
    """

    exposure_scatter: float
    flicker: float
    slow: float
    unexplained: float
    second_harmonic: float
    uneven_mean: float
    mean: float


def reduced(panel: FloatImage, pitch_mm: float) -> FloatImage:
    """A frame on the panel grid, averaged to `REDUCED_MM`."""
    factor = max(1, round(REDUCED_MM / pitch_mm))
    size = (max(1, panel.shape[1] // factor), max(1, panel.shape[0] // factor))
    return np.asarray(cv2.resize(panel, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def signs_of(frames: Sequence[FloatImage], phases: ArrayLike) -> SequenceSigns:
    """What a phase sequence shows of its own soundness.

    Parameters
    ----------
    frames : sequence of ndarray of float32, shape (height, width)
        From `reduced`, one per step.
    phases : array_like, shape (n_steps,)
        [rad]

    Returns
    -------
    SequenceSigns

    Raises
    ------
    PhotoError
        If the steps do not determine a phase.
    """
    steps = np.asarray(phases, dtype=np.float64)
    stack = np.stack(frames).astype(np.float64).reshape(steps.size, -1)
    weights, null = step_weights(steps)
    mean, cosine, sine = weights @ stack
    amplitude = np.maximum(np.hypot(cosine, sine), 1e-6)
    turn = np.arctan2(sine, cosine)
    typical = float(np.median(amplitude))
    scatter = slow = harmonic = unexplained = 0.0
    if null.size:
        projector = null.T @ null
        fitted = mean + cosine * np.cos(steps)[:, None] - sine * np.sin(steps)[:, None]
        left = stack - fitted
        twice = projector @ (amplitude * np.cos(2 * (turn + steps[:, None])))
        harmonic = _share(left, twice)
        left = left - harmonic * twice
        gains = _gains(left, fitted, projector)
        scatter = float(np.std(gains))
        shape = (steps.size, *frames[0].shape)
        left = left - projector @ (gains[:, None] * fitted)
        slow = float(np.sqrt(np.mean([_slow(one) ** 2 for one in left.reshape(shape)]))) / typical
        unexplained = float(np.sqrt(np.mean(left**2) * steps.size / (steps.size - 3))) / typical
    middle = float(np.median(mean))
    return SequenceSigns(
        exposure_scatter=scatter,
        flicker=scatter * middle / typical,
        slow=slow,
        unexplained=unexplained,
        second_harmonic=abs(harmonic),
        uneven_mean=_uneven(mean.reshape(frames[0].shape), amplitude.reshape(frames[0].shape)),
        mean=middle,
    )


def phase_of(frames: Sequence[FloatImage], phases: ArrayLike) -> FloatArray:
    """Phase of each place of a sequence. [rad]"""
    _, cosine, sine = np.tensordot(step_weights(phases)[0], np.stack(frames).astype(np.float64), axes=1)
    return np.asarray(np.arctan2(sine, cosine))


def period_disagreement(fine: FloatArray, coarse: FloatArray, ratio: float) -> float:
    """Rms distance of the fine phase from the coarse phase times the ratio of the periods. [rad]

    Where the ratio is no whole number the coarse phase is unwrapped first, and a constant between the two is left out:
    which coarse fringe was started from is not known.
    """
    if abs(ratio - round(ratio)) <= _WHOLE_RATIO:
        return float(np.sqrt(np.mean(np.angle(np.exp(1j * (fine - round(ratio) * coarse))) ** 2)))
    turned = np.exp(1j * (fine - ratio * np.unwrap(np.unwrap(coarse, axis=1), axis=0)))
    return float(np.sqrt(np.mean(np.angle(turned * np.conj(turned.mean())) ** 2)))


def _share(left: FloatArray, pattern: FloatArray) -> float:
    """Least-squares share of a pattern in what is left."""
    power = float((pattern**2).sum())
    return float((left * pattern).sum()) / power if power > 0 else 0.0


def _gains(left: FloatArray, fitted: FloatArray, projector: FloatArray) -> FloatArray:
    """Relative exposure of each frame, from what a factor on it would leave; the common factor cannot be seen.

    A factor 1 + g on frame k leaves projector[:, k] g fitted[k]; the normal equations of all frames together have
    the matrix projector ∘ (fitted fittedᵀ), since the projector is its own square.
    """
    matrix = projector * (fitted @ fitted.T)
    gains: FloatArray = np.linalg.pinv(matrix, rcond=1e-6, hermitian=True) @ (left * fitted).sum(axis=1)
    return gains


def _slow(image: FloatArray) -> FloatArray:
    sigma = _SLOW_MM / REDUCED_MM
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REFLECT), dtype=np.float64)


def _uneven(mean: FloatArray, amplitude: FloatArray) -> float:
    """Mean light that neither a quadratic nor the fringe amplitude, which is gloss, explains; over the mean."""
    height, width = mean.shape
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    slow, gloss = _slow(mean), _slow(amplitude)
    design = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y, gloss], axis=-1).reshape(-1, 7)
    fit, *_ = np.linalg.lstsq(design, slow.ravel(), rcond=None)
    return float(np.sqrt(np.mean((slow.ravel() - design @ fit) ** 2)) / max(float(np.median(mean)), 1e-6))
