"""Phase-stepped fringes to phase: any number of steps at any spacing, by least squares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from inspections.fringes.phasor import ComplexImage
from inspections.photos.photo import EncodedImage, FloatImage
from inspections.photos.response import Response
from spectra.arrays import FloatArray
from spectra.errors import PhotoError

_BLOCK = 16384
"""Pixels taken at once: their light in all frames stays in the cache."""


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


def decode_steps(
    frames: Iterable[FloatImage | EncodedImage], phases: ArrayLike, response: Response | None = None
) -> SteppedFringes:
    """Phase, amplitude and mean of a phase-stepped sequence.

    Parameters
    ----------
    frames : iterable of ndarray, shape (height, width)
        Linear, float32; or encoded as the camera stored them, which takes a quarter of the memory.
    phases : array_like, shape (n_steps,)
        Step of each frame: intensity 0.5 + 0.5 cos(2π s/period + phase). [rad]
    response : Response, optional
        Linearises encoded frames.

    Returns
    -------
    SteppedFringes

    Raises
    ------
    PhotoError
        If the steps do not determine a phase, or there are not as many frames as steps.

    Notes
    -----
    Every output is a weighted sum of the frames, so all of them are one matrix product, taken block by block.
    """
    steps = np.asarray(phases, dtype=np.float64)
    weights, null = step_weights(steps)
    halved = steps.size >= 6 and _determined(steps[0::2]) and _determined(steps[1::2])
    # One null combination has the noise of one frame; a quadrature of the phasor has the norm of its weights.
    sums = [*weights, *(null[:1] * np.sqrt((weights[1:] ** 2).sum() / 2))]
    for start in (0, 1) if halved else ():
        half = np.zeros((2, steps.size))
        half[:, start::2] = step_weights(steps[start::2])[0][1:]
        sums += [*half]
    combined = np.array(sums, dtype=np.float32)
    taken = list(frames)
    if len(taken) != steps.size:
        raise PhotoError(f"{len(taken)} frames for {steps.size} phase steps")
    shape = taken[0].shape
    flat = [frame.reshape(1, -1) for frame in taken]
    mean = np.empty(flat[0].size, np.float32)
    residual = np.empty(flat[0].size, np.float32) if null.size else None
    phasors = [np.empty(flat[0].size, np.complex64) for _ in range(3 if halved else 1)]
    for start in range(0, mean.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        light = np.concatenate([_linear(frame[:, block], response) for frame in flat])
        found = combined @ light
        mean[block] = found[0]
        if residual is not None:
            residual[block] = found[3]
        for phasor, row in zip(phasors, (1, 4, 6), strict=False):
            phasor.real[block], phasor.imag[block] = found[row], found[row + 1]
    images = [part.reshape(shape) for part in phasors]
    return SteppedFringes(
        images[0],
        mean.reshape(shape),
        None if residual is None else residual.reshape(shape),
        (images[1], images[2]) if halved else None,
    )


def _linear(frame: FloatImage | EncodedImage, response: Response | None) -> FloatImage:
    if frame.dtype == np.float32:
        return np.asarray(frame, dtype=np.float32)
    assert response is not None
    return response.linear(frame.astype(np.uint8, copy=False) if frame.dtype == np.uint8 else frame.astype(np.uint16))


def _determined(steps: FloatArray) -> bool:
    design = np.column_stack([np.ones_like(steps), np.cos(steps), -np.sin(steps)])
    singular = np.linalg.svd(design, compute_uv=False)
    return steps.size >= 3 and bool(singular.min() >= 0.05 * singular.max())
