"""What a window makes of a spectrum: power of one shell of frequencies that leaks into others, and how to undo it."""

from __future__ import annotations

import cv2
import numpy as np
from scipy.fft import dctn, next_fast_len, rfft2

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
    # Twice the field, or the autocorrelation would wrap around; even, so that a quarter of the plane is all of it.
    half_rows, half_columns = (next_fast_len(side, real=True) for side in small.shape)
    rows, columns = 2 * half_rows, 2 * half_columns
    along_y = (np.arange(half_rows + 1) / (rows * pitch_y)).astype(np.float32)[:, None]
    along_x = (np.arange(half_columns + 1) / (columns * pitch_x)).astype(np.float32)[None, :]
    f_squared = along_y**2 + along_x**2
    ring = shell_of(f_squared, edges)
    times = np.outer(_times(half_rows), _times(half_columns))
    half = rfft2(small, (rows, columns))
    power = half.real**2 + half.imag**2
    # Rings are even in either direction, and ask for no more of the window than what is.
    even = 0.5 * (power[: half_rows + 1] + power[-np.arange(half_rows + 1)])
    weight = dctn(even, type=1)
    density = 1 / np.maximum(f_squared, f_squared[0, 1])
    one_by_one = ring == np.arange(n)[:, None, None]
    into = dctn(one_by_one.astype(np.float32), type=1, axes=(1, 2), overwrite_x=True)
    out_of = dctn(np.where(one_by_one, density, np.float32(0)), type=1, axes=(1, 2), overwrite_x=True)
    into *= weight / weight[0, 0] * times
    held = np.bincount(ring.ravel(), weights=(density * times).ravel(), minlength=n)[:n]
    moved = (into.reshape(n, -1) @ out_of.reshape(n, -1).T).astype(np.float64) / (rows * columns)
    return np.where(held > 0, moved / np.maximum(held, 1e-30), np.eye(n))


def _times(half: int) -> FloatImage:
    """How often each frequency of a quarter of the plane stands in the whole, along one side."""
    times = np.full(half + 1, 2, np.float32)
    times[[0, -1]] = 1
    return times


def shell_of(f_squared: FloatImage, edges: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    """Number of the shell each frequency lies in, a shell's upper edge included; n_shells beyond the last. [1/mm²]"""
    return np.searchsorted(np.square(edges[1:]).astype(np.float32) * np.float32(1 + 1e-6), f_squared, side="left")
