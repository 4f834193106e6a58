"""One photo of fringes to phase: demodulated by the carrier that a flat panel would show."""

from __future__ import annotations

import cv2
import numpy as np
from scipy.fft import fft2, ifft2, next_fast_len, rfft2

from inspections.frame.smooth_fields import gaussian_blur
from inspections.fringes.phasor import ComplexImage, turned
from inspections.photos.photo import FloatImage
from spectra.errors import PhotoError

CARRIER_PASS = 0.85
"""Half-width of the single-photo demodulation across the fringes, as a share of the carrier frequency."""
CROSS_PASS = 1.25
"""The same along the fringes, where only the other direction of a cross photo is near."""
LEAST_FRINGES = 6.0
"""Fringes over the panel below which one photo tells nothing of a wave that fits on it."""
_CARRIER_SEARCH = 0.55
_STRIDE = 16
"""Points between those a carrier is read at: it is smooth."""
_FLANK = 0.2
"""Outer share of a pass band over which it falls to zero."""
_QUIET = (0.2, 0.3)
"""Where a photo holds noise but, after lens and peel, hardly any structure, and JPEG has not yet cut. [1/pixel]"""
_NOISE_SIDE = 720


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

    Raises
    ------
    PhotoError
        If fewer than `LEAST_FRINGES` cross the panel.

    References
    ----------
    .. [1] M. Takeda, H. Ina, S. Kobayashi, "Fourier-transform method of fringe-pattern analysis", J. Opt. Soc. Am.
       72, 1982, pp. 156-160.
    """
    fringes = float(np.ptp(carrier_mm)) / period_mm
    if fringes < LEAST_FRINGES:
        raise PhotoError(
            f"{fringes:.2g} fringes of {period_mm:g} mm cross the panel; one photo needs at least {LEAST_FRINGES:g}. "
            "Show finer fringes, or correct period_mm in capture.json"
        )
    frequency = carrier_frequency(carrier_mm, period_mm, pitch_mm)
    shifted = _relative(image, frequency * pitch_mm) * turned(-carrier_mm / period_mm)
    recentring = _recentred(shifted, frequency, pitch_mm)
    shifted = shifted * recentring
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
    inner = low[pad : pad + image.shape[0], pad : pad + image.shape[1]]
    phasor: ComplexImage = (inner * recentring.conj()).astype(np.complex64)
    return phasor


def _relative(image: FloatImage, frequency_px: float) -> FloatImage:
    """The photo over its mean over about a fringe, less 1; `frequency_px` in 1/pixel."""
    local_mean = gaussian_blur(image, 1.0 / frequency_px)
    return np.asarray(image / np.maximum(local_mean, np.float32(1e-4)) - np.float32(1.0), dtype=np.float32)


def _recentred(shifted: ComplexImage, frequency: float, pitch_mm: float) -> ComplexImage:
    """Factor that moves the strongest line near zero to zero: a curved panel stretches the fringes evenly."""
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
    return turned((-(y + x)).astype(np.float32))


def noise_contrast(image: FloatImage, frequency_px: float) -> float:
    """Fringe contrast at which the photo's own noise would make the phase of `demodulate` uncertain by 1 rad.

    Parameters
    ----------
    image : ndarray of float32, shape (height, width)
        Linear, as fine as the camera saw it: averaged pixels hide their noise.
    frequency_px : float
        Of the fringes. [1/pixel]

    Returns
    -------
    float
        Divided by the contrast of the fringes it is the standard uncertainty of their phase. [1]

    Notes
    -----
    Noise of density N in the photo divided by its mean passes the demodulation with variance N A / 2 in either
    quadrature, A = ∫ T² df the pass band; fringes of contrast m have a phasor of m/2, so σ = √(2 N A) / m.
    N is the median power between `_QUIET` frequencies over ln 2, as power of noise is exponentially distributed; it
    is read in the middle of the photo. Fine structure there counts as noise, which asks for more contrast; a JPEG so
    coarse that it cuts there hides noise.
    """
    top, left = (max(0, (side - _NOISE_SIDE) // 2) for side in image.shape)
    relative = _relative(image[top : top + _NOISE_SIDE, left : left + _NOISE_SIDE], frequency_px)
    rows, columns = relative.shape
    window = np.outer(np.hanning(rows), np.hanning(columns)).astype(np.float32)
    shape = tuple(next_fast_len(side) for side in (rows, columns))
    power = np.abs(rfft2(relative * window, shape)) ** 2 / float((window.astype(np.float64) ** 2).sum())
    radius = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None, :])
    density = float(np.median(power[(radius >= _QUIET[0]) & (radius <= _QUIET[1])])) / np.log(2.0)
    # A cosine flank squared holds 3/8 of its width.
    passed = 1.0 - _FLANK + 3.0 / 8.0 * _FLANK
    area = (2 * passed * CARRIER_PASS * frequency_px) * (2 * passed * CROSS_PASS * frequency_px)
    return float(np.sqrt(2.0 * density * area))


def carrier_frequency(carrier_mm: FloatImage, period_mm: float, pitch_mm: float) -> float:
    """Fringes per millimetre on the panel, mean over it. [1/mm]

    Raises
    ------
    PhotoError
        If the grid is too coarse to tell.
    """
    if min(carrier_mm.shape) <= _STRIDE:
        raise PhotoError(
            f"the panel is {carrier_mm.shape[1]} × {carrier_mm.shape[0]} points of {pitch_mm:.2g} mm, too few to "
            "follow fringes on. Show finer fringes, take a closer photo, or correct period_mm in capture.json"
        )
    down, right = np.gradient(carrier_mm[::_STRIDE, ::_STRIDE].astype(np.float64), _STRIDE * pitch_mm)
    return float(np.hypot(down.mean(), right.mean())) / period_mm


def _carrier_direction(carrier_mm: FloatImage) -> tuple[np.float32, np.float32]:
    """Unit vector of the carrier along columns and along rows."""
    down, right = (part.mean() for part in np.gradient(carrier_mm[::_STRIDE, ::_STRIDE].astype(np.float64)))
    length = np.hypot(down, right)
    return np.float32(right / length), np.float32(down / length)


def _pass(share: FloatImage) -> FloatImage:
    """1 inside, 0 outside, cosine flank over the outer `_FLANK`."""
    flank = np.clip((share - np.float32(1.0 - _FLANK)) / np.float32(_FLANK), 0.0, 1.0)
    passed: FloatImage = (0.5 + 0.5 * np.cos(np.pi * flank)).astype(np.float32)
    return passed
