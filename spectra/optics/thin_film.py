"""How much a thin flake reflects at every wavelength and angle: metal mirrors and interference stacks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spectra.arrays import FloatArray

ComplexArray = NDArray[np.complex128]


def stack_reflectance(
    cos_incidence: ArrayLike,
    wavelengths: ArrayLike,
    ambient: float,
    layers: Sequence[tuple[ArrayLike, float]],
    substrate: ArrayLike,
) -> FloatArray:
    """Reflectance of unpolarised light by a stack of plane layers, with all interference between them.

    Parameters
    ----------
    cos_incidence : array_like, shape (...)
        Cosine of the angle of incidence in the ambient medium. [above 0, up to 1]
    wavelengths : array_like, shape (n_wavelengths,)
        In vacuum. [nm]
    ambient : float
        Refractive index of the medium the light comes from. [unitless]
    layers : sequence of (index, thickness)
        From the ambient side: complex refractive index n + ik, a number or one a wavelength, and thickness [nm].
    substrate : array_like
        Complex refractive index behind the last layer, a number or one a wavelength.

    Returns
    -------
    ndarray, shape (..., n_wavelengths)
        [0–1]

    References
    ----------
    .. [1] H. A. Macleod, Thin-Film Optical Filters, 4th ed. (2010), 2.6: the characteristic matrix.
    """
    cosine = np.asarray(cos_incidence, dtype=np.float64)[..., None]
    nm = np.asarray(wavelengths, dtype=np.float64)
    transverse = ambient**2 * (1 - cosine**2)
    seen = [_normal_index(index, transverse, nm) for index, _ in layers]
    behind = _normal_index(substrate, transverse, nm)
    total = np.zeros(np.broadcast_shapes(cosine.shape, nm.shape))
    for parallel in (False, True):  # p: electric field in the plane of incidence
        front = ambient / cosine if parallel else ambient * cosine
        B: ComplexArray = np.ones(total.shape, dtype=np.complex128)
        C = _admittance(substrate, behind, parallel) * B
        for (index, thickness), normal in zip(reversed(layers), reversed(seen), strict=True):
            phase = 2 * np.pi / nm * thickness * normal
            admittance = _admittance(index, normal, parallel)
            # n + ik absorbs where fields run as exp(−iωt): the matrix then carries −i.
            across, along = -1j * np.sin(phase), np.cos(phase)
            B, C = along * B + across / admittance * C, across * admittance * B + along * C
        total = total + np.abs((front * B - C) / (front * B + C)) ** 2
    reflected: FloatArray = np.clip(total / 2, 0.0, 1.0)
    return reflected


def _normal_index(index: ArrayLike, transverse: FloatArray, nm: FloatArray) -> ComplexArray:
    """n cos θ inside a layer, by Snell; the root that decays in an absorbing one."""
    square = np.broadcast_to(np.asarray(index, dtype=np.complex128), nm.shape) ** 2
    root: ComplexArray = np.sqrt(square - transverse)
    return np.where(root.imag < 0, -root, root)


def _admittance(index: ArrayLike, normal: ComplexArray, parallel: bool) -> ComplexArray:
    return np.asarray(index, dtype=np.complex128) ** 2 / normal if parallel else normal


def fresnel_reflectance(cos_incidence: ArrayLike, ratio: float) -> FloatArray:
    """Reflectance of unpolarised light by a smooth interface; 1 beyond the critical angle.

    Parameters
    ----------
    cos_incidence : array_like, shape (...)
    ratio : float
        Refractive index behind the interface over that in front.
    """
    cosine = np.asarray(cos_incidence, dtype=np.float64)
    square = 1 - (1 - cosine**2) / ratio**2
    behind = np.sqrt(np.maximum(square, 0.0))
    s = (cosine - ratio * behind) / (cosine + ratio * behind)
    p = (ratio * cosine - behind) / (ratio * cosine + behind)
    reflected: FloatArray = np.where(square > 0, (s * s + p * p) / 2, 1.0)
    return reflected
