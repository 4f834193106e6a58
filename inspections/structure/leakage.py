"""What a window makes of a spectrum: power of one shell of frequencies that leaks into others, and how to undo it."""

from __future__ import annotations

import cv2
import numpy as np
from scipy.fft import next_fast_len, rfft2

from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray

REACH_PER_MM = 1.3
"""Leakage is undone up to this frequency: beyond it shells are wide against the window's main lobe. [1/mm]"""


def coupling(window: FloatImage, pitch_mm: float, edges: FloatArray) -> FloatArray:
    """Share of each shell's power that a window moves into each other shell.

    Parameters
    ----------
    window : ndarray of float32, shape (height, width)
        What the field is multiplied by, marks masked in it included.
    pitch_mm : float
    edges : ndarray, shape (n_shells + 1,)
        Frequencies between which the shells lie, from 0. [1/mm]

    Returns
    -------
    ndarray, shape (n, n)
        Of the first n shells, those below `REACH_PER_MM`: column j says where the power of shell j is found. What
        leaves for the shells beyond is missing from the column.

    Notes
    -----
    The expected spectrum of a windowed field is the true one convolved with |W|². Shells are rings, so the matrix is
    the ring of one shell correlated with that of another, weighted by the window's autocorrelation in space: the
    mode-coupling matrix of pseudo-spectra [1]_, here on a flat field. Within a shell the spectrum is taken as isotropic
    with equal slope power in every octave.

    References
    ----------
    .. [1] E. Hivon et al., "MASTER of the cosmic microwave background anisotropy power spectrum: a fast method for
       statistical analysis of large and complex data sets", Astrophys. J. 567, 2002, pp. 2-17, doi:10.1086/338126.
    """
    n = int(np.searchsorted(edges[1:], REACH_PER_MM))
    reduced = max(1, int(1 / (2.2 * edges[n] * pitch_mm)))
    size = (window.shape[1] // reduced, window.shape[0] // reduced)
    small = np.asarray(cv2.resize(window, size, interpolation=cv2.INTER_AREA), np.float32)
    pitch_y, pitch_x = (pitch_mm * full / part for full, part in zip(window.shape, small.shape, strict=True))
    # Twice the field, or the autocorrelation would wrap around.
    rows, columns = (next_fast_len(2 * side, real=True) for side in small.shape)
    along_y = np.abs(np.fft.fftfreq(rows, pitch_y)).astype(np.float32)[:, None]
    along_x = np.abs(np.fft.fftfreq(columns, pitch_x)).astype(np.float32)[None, :]
    f_squared = along_y**2 + along_x**2
    ring = shell_of(f_squared, edges)
    padded = np.zeros((rows, columns), np.float32)
    padded[: small.shape[0], : small.shape[1]] = small
    half = rfft2(padded)
    power = np.concatenate([half, np.roll(half[::-1, 1 : (columns + 1) // 2][:, ::-1], 1, axis=0)], axis=1)
    weight = rfft2(power.real**2 + power.imag**2).real
    weight *= np.where((np.arange(weight.shape[1]) == 0) | (2 * np.arange(weight.shape[1]) == columns), 1, 2)
    into = np.stack([rfft2((ring == k).astype(np.float32)).real.ravel() for k in range(n)])
    density = 1 / np.maximum(f_squared, f_squared.ravel()[1])
    out_of = np.stack([rfft2(np.where(ring == k, density, np.float32(0))).real.ravel() for k in range(n)])
    power = np.bincount(ring.ravel(), weights=density.ravel(), minlength=n)[:n]
    moved = ((into * (weight / weight[0, 0]).ravel()) @ out_of.T).astype(np.float64) / ring.size
    return np.where(power > 0, moved / np.maximum(power, 1e-30), np.eye(n))


def shell_of(f_squared: FloatImage, edges: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    """Number of the shell each frequency lies in, a shell's upper edge included; n_shells beyond the last. [1/mm²]"""
    return np.searchsorted(np.square(edges[1:]).astype(np.float32) * np.float32(1 + 1e-6), f_squared, side="left")
