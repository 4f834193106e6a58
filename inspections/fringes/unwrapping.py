"""Continuous phase from wrapped phase: Poisson on a coarse grid, ordered by a coarser period where there is one."""

from __future__ import annotations

import cv2
import numpy as np
from scipy.fft import dctn, idctn

from inspections.fringes.phasor import ComplexImage, turned
from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray

COARSE_SMOOTHING_MM = 0.25
"""Gaussian sigma over the coarse phasor before it orders the fine fringes. [mm]"""


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
    # The coarse period only has to tell which fine fringe it is: a reduced grid holds all it knows.
    height, width = fine.shape
    cell = max(1, round(COARSE_SMOOTHING_MM / pitch_mm))
    small = (max(16, height // cell), max(16, width // cell))
    carrier = np.asarray(cv2.resize(carrier_mm, small[::-1], interpolation=cv2.INTER_AREA), np.float32)
    relative = _resized(coarse, small) * turned(-carrier / coarse_period_mm)
    smooth = _smoothed(relative, COARSE_SMOOTHING_MM / (cell * pitch_mm))
    order = unwrap(smooth, cell * pitch_mm) * np.float32(coarse_period_mm / (2.0 * np.pi))
    moved = np.asarray(cv2.resize(order, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    # In fringes: what the fine phase says, less what is expected, to the nearest whole fringe.
    off = np.arctan2(fine.imag, fine.real)
    off *= np.float32(1.0 / (2.0 * np.pi))
    off -= (carrier_mm + moved) * np.float32(1.0 / fine_period_mm)
    off -= np.rint(off)
    off *= np.float32(fine_period_mm)
    moved += off
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


def phase_residues(phasor: ComplexImage, pitch_mm: float, cell_mm: float = 0.5) -> float:
    """Share of cells around which the wrapped phase does not close: where the order of a fringe is not certain."""
    height, width = phasor.shape
    small = _resized(phasor, (int(height * pitch_mm / cell_mm), int(width * pitch_mm / cell_mm)))
    down = np.angle(small[1:] * small[:-1].conj())
    right = np.angle(small[:, 1:] * small[:, :-1].conj())
    around = down[:, :-1] + right[1:] - down[:, 1:] - right[:-1]
    return float(np.mean(np.abs(around) > np.pi))


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
