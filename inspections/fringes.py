"""Fringes to phase: N steps with two periods, and one photo by its carrier."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.fft import dctn, fft2, idctn, ifft2, next_fast_len

from inspections.photo import FloatImage
from spectra.arrays import FloatArray
from spectra.errors import PhotoError

ComplexImage = NDArray[np.complex64]

_CARRIER_SEARCH = 0.55
COARSE_SMOOTHING_MM = 0.25
"""Gaussian sigma over the coarse phasor before it orders the fine fringes. [mm]"""
CARRIER_PASS = 0.85
"""Half-width of the single-photo demodulation across the fringes, as a share of the carrier frequency."""
CROSS_PASS = 1.25
"""The same along the fringes, where only the other direction of a cross photo is near."""


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


def displacement(
    fine: ComplexImage,
    fine_period_mm: float,
    coarse: ComplexImage,
    coarse_period_mm: float,
    carrier_mm: FloatImage,
    pitch_mm: float,
) -> FloatImage:
    """How far the reflection moved on the screen against a flat panel, from two periods.

    Parameters
    ----------
    fine, coarse : ndarray of complex64, shape (height, width)
        Phasors of the two periods.
    fine_period_mm, coarse_period_mm : float
        On the screen. [mm]
    carrier_mm : ndarray of float32, shape (height, width)
        Screen coordinate that a flat panel would reflect. [mm]
    pitch_mm : float
        Of the grid. [mm]

    Returns
    -------
    ndarray of float32, shape (height, width)
        [mm on the screen], up to one constant.
    """
    turn = 2.0 * np.pi
    relative = coarse * _turned(-carrier_mm / coarse_period_mm)
    smooth = _smoothed(relative, COARSE_SMOOTHING_MM / pitch_mm)
    order = unwrap(smooth, pitch_mm) * np.float32(coarse_period_mm / fine_period_mm)
    phase = np.angle(fine * _turned(-carrier_mm / fine_period_mm))
    off = phase - order
    phase = phase - np.float32(turn) * np.round(off / np.float32(turn))
    moved: FloatImage = (phase * np.float32(fine_period_mm / turn)).astype(np.float32)
    return moved


def unwrap(phasor: ComplexImage, pitch_mm: float, cell_mm: float = 0.5) -> FloatImage:
    """Continuous phase of a smooth phasor: Poisson on a coarse grid, then congruent at full size. [rad]

    References
    ----------
    .. [1] D. C. Ghiglia, L. A. Romero, "Robust two-dimensional weighted and unweighted phase unwrapping that uses
       fast transforms and iterative methods", J. Opt. Soc. Am. A 11, 1994, pp. 107-117.
    """
    height, width = phasor.shape
    rows, columns = (max(16, int(side * pitch_mm / cell_mm)) for side in (height, width))
    small = _resized(phasor, (rows, columns))
    coarse = _poisson_phase(small)
    estimate = cv2.resize(coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    wrapped = np.angle(phasor)
    phase = wrapped - np.float32(2 * np.pi) * np.round((wrapped - estimate) / np.float32(2 * np.pi))
    return phase.astype(np.float32)


def _poisson_phase(phasor: ComplexImage) -> FloatArray:
    """Least-squares phase from wrapped differences, weighted equally, made congruent with the wrapped phase."""
    down = np.angle(phasor[1:] * phasor[:-1].conj()).astype(np.float64)
    right = np.angle(phasor[:, 1:] * phasor[:, :-1].conj()).astype(np.float64)
    source = np.zeros(phasor.shape)
    source[:-1] += down
    source[1:] -= down
    source[:, :-1] += right
    source[:, 1:] -= right
    rows, columns = phasor.shape
    eigen = 2 * np.cos(np.pi * np.arange(rows) / rows)[:, None] + 2 * np.cos(np.pi * np.arange(columns) / columns) - 4
    eigen[0, 0] = 1.0
    spectrum = dctn(source, type=2) / eigen
    spectrum[0, 0] = 0.0
    smooth = idctn(spectrum, type=2)
    wrapped = np.angle(phasor)
    # The Poisson solution lacks its constant: take the one that most pixels agree with.
    constant = np.angle(np.mean(np.exp(1j * (wrapped - smooth))))
    smooth += constant
    congruent: FloatArray = smooth + np.angle(np.exp(1j * (wrapped - smooth)))
    return congruent


def demodulate(image: FloatImage, carrier_mm: FloatImage, period_mm: float, pitch_mm: float) -> ComplexImage:
    """Phasor of one direction of fringes from one photo, relative to a flat panel.

    The photo is divided by its local mean, multiplied by the carrier a flat panel would show and low-passed at
    `CARRIER_PASS` of the carrier frequency across and `CROSS_PASS` along the fringes, which keeps out the mean and,
    in a cross photo, the other direction.

    Parameters
    ----------
    image : ndarray of float32, shape (height, width)
        Linear, on the panel grid.
    carrier_mm : ndarray of float32, shape (height, width)
        Screen coordinate that a flat panel would reflect. [mm]
    period_mm, pitch_mm : float
        Fringe period on the screen; grid pitch. [mm]

    Returns
    -------
    ndarray of complex64, shape (height, width)

    References
    ----------
    .. [1] M. Takeda, H. Ina, S. Kobayashi, "Fourier-transform method of fringe-pattern analysis", J. Opt. Soc. Am.
       72, 1982, pp. 156-160.
    """
    frequency = carrier_frequency(carrier_mm, period_mm, pitch_mm)
    local_mean = cv2.GaussianBlur(image, (0, 0), 1.0 / (frequency * pitch_mm))
    relative = image / np.maximum(local_mean, np.float32(1e-4)) - np.float32(1.0)
    shifted = relative * _turned(-carrier_mm / period_mm)
    shifted = shifted * _recentred(shifted, frequency, pitch_mm)
    pad = int(2.0 / (frequency * pitch_mm))
    padded = np.pad(shifted, pad, mode="reflect")
    shape = tuple(next_fast_len(side) for side in padded.shape)
    spectrum = fft2(padded, shape)
    row = np.fft.fftfreq(shape[0], pitch_mm)[:, None].astype(np.float32)
    column = np.fft.fftfreq(shape[1], pitch_mm)[None, :].astype(np.float32)
    along, across = _carrier_direction(carrier_mm)
    low = ifft2(
        spectrum
        * _pass((np.abs(column * along + row * across) / (CARRIER_PASS * frequency)).astype(np.float32))
        * _pass((np.abs(row * along - column * across) / (CROSS_PASS * frequency)).astype(np.float32))
    )
    phasor: ComplexImage = low[pad : pad + image.shape[0], pad : pad + image.shape[1]].astype(np.complex64)
    return phasor


def _recentred(shifted: ComplexImage, frequency: float, pitch_mm: float) -> ComplexImage:
    """Factor that moves the strongest line near zero to zero: a curved panel stretches the fringes evenly.

    What it takes from the phase is a plane, which form removal would take anyway.
    """
    rows, columns = shifted.shape
    window = np.outer(np.hanning(rows), np.hanning(columns)).astype(np.float32)
    shape = tuple(next_fast_len(side) for side in (rows, columns))
    power = np.abs(fft2(shifted * window, shape)) ** 2
    row, column = np.fft.fftfreq(shape[0], pitch_mm), np.fft.fftfreq(shape[1], pitch_mm)
    near = np.hypot(row[:, None], column[None, :]) <= _CARRIER_SEARCH * frequency
    # Peel spreads the line: its centre of mass over a few neighbours, not its highest sample.
    spread = cv2.GaussianBlur(np.fft.fftshift(power * near), (0, 0), 2.0)
    i, j = np.unravel_index(int(np.argmax(spread)), spread.shape)
    at_row, at_column = np.fft.fftshift(row)[i], np.fft.fftshift(column)[j]
    y = (np.arange(rows) * pitch_mm * at_row)[:, None]
    x = (np.arange(columns) * pitch_mm * at_column)[None, :]
    return _turned((-(y + x)).astype(np.float32))


def phase_residues(phasor: ComplexImage, pitch_mm: float, cell_mm: float = 0.5) -> float:
    """Share of cells around which the wrapped phase does not close: where the order of a fringe is not certain."""
    height, width = phasor.shape
    small = _resized(phasor, (int(height * pitch_mm / cell_mm), int(width * pitch_mm / cell_mm)))
    down = np.angle(small[1:] * small[:-1].conj())
    right = np.angle(small[:, 1:] * small[:, :-1].conj())
    around = down[:, :-1] + right[1:] - down[:, 1:] - right[:-1]
    return float(np.mean(np.abs(around) > np.pi))


def carrier_frequency(carrier_mm: FloatImage, period_mm: float, pitch_mm: float) -> float:
    """Fringes per millimetre on the panel, mean over it. [1/mm]"""
    down, right = np.gradient(carrier_mm[::16, ::16].astype(np.float64), 16 * pitch_mm)
    return float(np.hypot(down.mean(), right.mean())) / period_mm


def _carrier_direction(carrier_mm: FloatImage) -> tuple[np.float32, np.float32]:
    """Unit vector of the carrier along columns and along rows."""
    down, right = (part.mean() for part in np.gradient(carrier_mm[::16, ::16].astype(np.float64)))
    length = np.hypot(down, right)
    return np.float32(right / length), np.float32(down / length)


def _pass(share: FloatImage) -> FloatImage:
    """1 inside, 0 outside, cosine flank over the outer fifth."""
    flank = np.clip((share - np.float32(0.8)) / np.float32(0.2), 0.0, 1.0)
    passed: FloatImage = (0.5 + 0.5 * np.cos(np.pi * flank)).astype(np.float32)
    return passed


def _turned(turns: FloatImage) -> ComplexImage:
    angle = np.float32(2 * np.pi) * turns.astype(np.float32)
    phasor: ComplexImage = (np.cos(angle) + 1j * np.sin(angle)).astype(np.complex64)
    return phasor


def _smoothed(phasor: ComplexImage, sigma: float) -> ComplexImage:
    real, imaginary = (
        cv2.GaussianBlur(np.ascontiguousarray(part), (0, 0), max(sigma, 0.3)) for part in (phasor.real, phasor.imag)
    )
    smooth: ComplexImage = (real + 1j * imaginary).astype(np.complex64)
    return smooth


def _resized(phasor: ComplexImage, shape: tuple[int, int]) -> ComplexImage:
    size = (shape[1], shape[0])
    real, imaginary = (
        cv2.resize(np.ascontiguousarray(part), size, interpolation=cv2.INTER_AREA)
        for part in (phasor.real, phasor.imag)
    )
    small: ComplexImage = (real + 1j * imaginary).astype(np.complex64)
    return small
