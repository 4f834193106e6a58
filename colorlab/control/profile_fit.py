"""The arithmetic of an instrument profile: regularised least squares over samples, and over samples left out."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from spectra.arrays import FloatArray, frozen
from spectra.replicates import reading_scale
from spectra.wavelengths import WavelengthGrid

# By how much instruments of one kind usually differ: offset, scale, nonlinearity, wavelengths, second derivative; the
# prior's standard deviation of the mean over the range. [reflectance factor, 1, 1, nm, nm²]
USUAL = (0.003, 0.02, 0.02, 0.5, 5.0)
DEGREE = 3  # of each term over wavelength; the prior of degree k is 1/(1 + k) of that of the mean
# Weights of the prior against the samples, tried on samples left out. [squared relative error]
STRENGTHS = (1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3)


@lru_cache(maxsize=16)
def derivative_matrices(grid: WavelengthGrid) -> tuple[FloatArray, FloatArray]:
    """First and second derivative of a spectrum by wavelength as matrices, of the cubic spline. [1/nm], [1/nm²]"""
    from scipy.interpolate import CubicSpline

    spline = CubicSpline(grid.wavelengths, np.eye(grid.count))
    return frozen(spline(grid.wavelengths, 1)), frozen(spline(grid.wavelengths, 2))


def fitted(wanted: FloatArray, read: FloatArray, grid: WavelengthGrid) -> FloatArray:
    """The terms of a profile, shape (5, n_wavelengths), from spectra of shape (n_samples, n_wavelengths)."""
    design, normal, right = _equations(wanted, read, grid)
    strength = _chosen(design, normal, right, (wanted - read) / reading_scale(read), read)
    unknown = _solved(normal.sum(axis=0), right.sum(axis=0), strength)
    basis = _basis(grid)
    terms: FloatArray = unknown.reshape(len(USUAL), -1) * _prior() @ basis.T
    return terms


def cross_validated(wanted: FloatArray, read: FloatArray, grid: WavelengthGrid) -> FloatArray:
    """Each spectrum corrected by a fit that saw nothing of its sample, shape (n_samples, n_wavelengths)."""
    design, normal, right = _equations(wanted, read, grid)
    error = (wanted - read) / reading_scale(read)
    corrected = np.empty_like(read)
    for sample in range(len(read)):
        rest = np.arange(len(read)) != sample
        strength = _chosen(design[rest], normal[rest], right[rest], error[rest], read[rest])
        unknown = _solved(normal[rest].sum(axis=0), right[rest].sum(axis=0), strength)
        corrected[sample] = read[sample] + design[sample] @ unknown * reading_scale(read[sample])
    return corrected


def _equations(wanted: FloatArray, read: FloatArray, grid: WavelengthGrid) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Design (n_samples, n_wavelengths, n_unknown) in units of the prior and of the readings' scale; its normals."""
    first, second = derivative_matrices(grid)
    terms = np.stack([np.ones_like(read), read, read * (1 - read), read @ first.T, read @ second.T], axis=-1)
    scale = reading_scale(read)
    design = (terms[:, :, :, None] * _prior() * _basis(grid)[:, None, :] / scale[:, :, None, None]).reshape(
        *read.shape, -1
    )
    normal = design.swapaxes(-1, -2) @ design
    right = np.einsum("swk,sw->sk", design, (wanted - read) / scale)
    return design, normal, right


def _chosen(design: FloatArray, normal: FloatArray, right: FloatArray, error: FloatArray, read: FloatArray) -> float:
    """The strength with which samples left out come nearest to what the reference says of them."""
    normal_rest, right_rest = normal.sum(axis=0) - normal, right.sum(axis=0) - right
    squares = []
    for strength in STRENGTHS:
        unknown = _solved(normal_rest, right_rest, strength * read[0].size)
        squares.append(float(((error - np.einsum("swk,sk->sw", design, unknown)) ** 2).sum()))
    return float(STRENGTHS[int(np.argmin(squares))] * read[0].size)


def _solved(normal: FloatArray, right: FloatArray, strength: float) -> FloatArray:
    unknown = np.linalg.solve(normal + strength * np.eye(normal.shape[-1]), right[..., None])
    return np.asarray(unknown[..., 0], dtype=np.float64)


def _basis(grid: WavelengthGrid) -> FloatArray:
    """Legendre polynomials over the range, shape (n_wavelengths, 1 + DEGREE)."""
    place = 2 * (grid.wavelengths - grid.start) / (grid.stop - grid.start) - 1
    return np.asarray(np.polynomial.legendre.legvander(place, DEGREE), dtype=np.float64)


def _prior() -> FloatArray:
    """Standard deviations, shape (5, 1 + DEGREE)."""
    return np.asarray(np.array(USUAL)[:, None] / np.arange(1, DEGREE + 2), dtype=np.float64)
