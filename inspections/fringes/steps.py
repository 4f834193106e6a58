"""Phase-stepped fringes to phase: any number of steps at any spacing, by least squares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from inspections.fringes.phasor import ComplexImage
from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray
from spectra.errors import PhotoError


@dataclass(frozen=True, slots=True, eq=False)
class SteppedFringes:
    """One period in one direction, decoded.

    Attributes
    ----------
    phasor : ndarray of complex64, shape (height, width)
        Fringe amplitude and phase: intensity = mean + |phasor| cos(arg phasor + step). [linear, 1 = full scale]
    mean : ndarray of float32, shape (height, width)
    residual : ndarray of float32, shape (height, width), or None
        What one combination of frames orthogonal to mean and fringe holds, scaled to the standard deviation of
        either quadrature of `phasor`; None for three steps, which leave no such combination.
    halves : tuple of two ndarrays like `phasor`, or None
        The same from every other frame: two independent readings; None below six steps.
    """

    phasor: ComplexImage
    mean: FloatImage
    residual: FloatImage | None
    halves: tuple[ComplexImage, ComplexImage] | None


def step_weights(phases: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Least-squares weights of a phase-stepped sequence, any spacing.

    Parameters
    ----------
    phases : array_like, shape (n_steps,)
        [rad]

    Returns
    -------
    weights : ndarray of float64, shape (3, n_steps)
        Rows give mean, cosine and sine coefficient; phasor = cosine coefficient − i·(sine coefficient of −sin) as
        used by `decode_steps`.
    null : ndarray, shape (n_null, n_steps)
        Orthonormal combinations that cancel mean and fringe; n_null = n_steps − 3.

    Raises
    ------
    PhotoError
        If fewer than three different steps are given.
    """
    steps = np.asarray(phases, dtype=np.float64)
    design = np.column_stack([np.ones_like(steps), np.cos(steps), -np.sin(steps)])
    left, singular, _ = np.linalg.svd(design, full_matrices=True)
    if steps.size < 3 or singular.min() < 0.05 * singular.max():
        degrees = ", ".join(f"{np.degrees(step):.0f}°" for step in steps)
        raise PhotoError(f"phase steps {degrees} do not determine a phase; expected at least three different ones")
    return np.linalg.pinv(design), left[:, 3:].T


def decode_steps(frames: Iterable[FloatImage], phases: ArrayLike) -> SteppedFringes:
    """Phase, amplitude and mean of a phase-stepped sequence.

    Parameters
    ----------
    frames : iterable of ndarray of float32, shape (height, width)
        Linear; taken one by one, so a generator keeps one frame in memory.
    phases : array_like, shape (n_steps,)
        Step of each frame: intensity 0.5 + 0.5 cos(2π s/period + phase). [rad]

    Returns
    -------
    SteppedFringes

    Raises
    ------
    PhotoError
        If the steps do not determine a phase.
    """
    steps = np.asarray(phases, dtype=np.float64)
    weights, null = step_weights(steps)
    halved = steps.size >= 6 and _determined(steps[0::2]) and _determined(steps[1::2])
    half_weights = [step_weights(steps[start::2])[0] for start in (0, 1)] if halved else []
    mean = cosine = sine = residual = None
    halves: list[ComplexImage] = []
    for index, frame in enumerate(frames):
        if mean is None:
            mean, cosine, sine = (np.zeros(frame.shape, np.float32) for _ in range(3))
            residual = np.zeros(frame.shape, np.float32) if null.size else None
            halves = [np.zeros(frame.shape, np.complex64) for _ in half_weights]
        assert cosine is not None
        assert sine is not None
        mean += np.float32(weights[0, index]) * frame
        cosine += np.float32(weights[1, index]) * frame
        sine += np.float32(weights[2, index]) * frame
        if residual is not None:
            residual += np.float32(null[0, index]) * frame
        if halves:
            row = half_weights[index % 2][:, index // 2]
            halves[index % 2] += np.complex64(complex(row[1], row[2])) * frame
    if mean is None or cosine is None or sine is None:
        raise PhotoError("a phase-stepped sequence without frames")
    if residual is not None:
        # One null combination has the noise of one frame; a quadrature of the phasor has the norm of its weights.
        residual *= np.float32(np.sqrt((weights[1:] ** 2).sum() / 2))
    phasor = (cosine + 1j * sine).astype(np.complex64)
    return SteppedFringes(phasor, mean, residual, (halves[0], halves[1]) if halves else None)


def _determined(steps: FloatArray) -> bool:
    design = np.column_stack([np.ones_like(steps), np.cos(steps), -np.sin(steps)])
    singular = np.linalg.svd(design, compute_uv=False)
    return steps.size >= 3 and bool(singular.min() >= 0.05 * singular.max())
