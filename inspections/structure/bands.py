"""Structure bands in millimetres: their limits, what resolves them, and the slopes that go into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft2, rfft2

from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray

TAPER = 0.25
"""Share of the Tukey window that is tapered, in each direction, where its leakage is not undone."""
BLUR_POWER_FLOOR = 0.03
"""Smallest power transfer that is divided by: below it there is noise, not structure."""
PIXELS_PER_SHORTEST = 2.8
"""Pixels the shortest wavelength of a band must span."""
FIELD_PERIODS = (2.0, 3.0)
"""Longest wavelengths of a band that the short and the long side of the field must hold."""
WORST_TRANSFER = 0.5
"""A band of which blur took more than half of the rms is refused, not repaired."""


@dataclass(frozen=True, slots=True)
class Band:
    """A range of wavelengths, shortest included, longest excluded. [mm]"""

    name: str
    shortest_mm: float
    longest_mm: float


BANDS: Mapping[str, Band] = {
    band.name: band
    for band in (
        Band("a", 0.1, 0.3),
        Band("b", 0.3, 1.0),
        Band("c", 1.0, 3.0),
        Band("d", 3.0, 10.0),
        Band("e", 10.0, 30.0),
        Band("sw", 0.3, 1.2),
        Band("lw", 1.2, 12.0),
    )
}


@dataclass(frozen=True, slots=True)
class BandFigure:
    """One band of one panel.

    Attributes
    ----------
    band : Band
    slope_mrad : float
        √((sx² + sy²)/2), per axis, corrected for blur and noise. [mrad]
    height_um : float
        Rms height of the same band. [µm]
    slope_x_mrad, slope_y_mrad : float
    transfer : float
        Measured rms before the blur correction over the rms after it; 1 = nothing was lost.
    noise_mrad : float or None
        Rms that noise alone had put into the band, blur given back as for the band, already removed; None when it could
        not be estimated.
    sampling, height_sampling, anisotropy_sampling : float
        Relative standard uncertainty of slope, of height and of the ratio of the slopes along x and y because the field
        holds only so many waves of this band.
    """

    band: Band
    slope_mrad: float
    height_um: float
    slope_x_mrad: float
    slope_y_mrad: float
    transfer: float
    noise_mrad: float | None
    sampling: float
    height_sampling: float
    anisotropy_sampling: float


@dataclass(frozen=True, slots=True, eq=False)
class SlopeSpectra:
    """What goes into the bands.

    Attributes
    ----------
    slopes : tuple of ndarray of float32, shape (height, width)
        Slope along x and y, form removed. [mrad]
    pitch_mm : float
    blur_mm2 : ndarray, shape (2, 2)
        Covariance of the camera blur on the panel. [mm²]
    twins : tuple of two pairs like `slopes`, or None
        Two independent readings; their cross-spectrum holds no noise.
    noise : pair like `slopes`, or None
        A realisation of the noise alone; its spectrum is subtracted when there are no twins.
    weights : ndarray of float32, shape (height, width), or None
        1 where the field is used, 0 on marks, feathered between; multiplied into the window.
    """

    slopes: tuple[FloatImage, FloatImage]
    pitch_mm: float
    blur_mm2: FloatArray
    twins: tuple[tuple[FloatImage, FloatImage], tuple[FloatImage, FloatImage]] | None = None
    noise: tuple[FloatImage, FloatImage] | None = None
    weights: FloatImage | None = None


def resolution_reason(band: Band, mm_per_pixel: float, field_mm: tuple[float, float]) -> str | None:
    """Why pixels or field cannot resolve a band, or None when they can."""
    if mm_per_pixel > band.shortest_mm / PIXELS_PER_SHORTEST:
        return (
            f"{mm_per_pixel:.3f} mm a pixel is too coarse for waves of {band.shortest_mm:g} mm; "
            f"at most {band.shortest_mm / PIXELS_PER_SHORTEST:.3f} mm is"
        )
    short, long = sorted(field_mm)
    if not holds_waves(band, field_mm):
        return f"a field of {long:.0f} × {short:.0f} mm holds too few waves of {band.longest_mm:g} mm"
    return None


def holds_waves(band: Band, field_mm: tuple[float, float]) -> bool:
    """Whether a field holds enough of a band's longest waves."""
    short, long = sorted(field_mm)
    return short >= 0.98 * FIELD_PERIODS[0] * band.longest_mm and long >= 0.98 * FIELD_PERIODS[1] * band.longest_mm


def height_map(slopes: tuple[FloatImage, FloatImage], pitch_mm: float, band: Band) -> FloatImage:
    """Height of one band, integrated from both slopes; float32, same shape. [µm]

    The field is mirrored at its borders as a height would be: slopes across a border change sign.

    Parameters
    ----------
    slopes : tuple of ndarray of float32, shape (height, width)
        Along x and along y (up, while rows run down). [mrad]
    pitch_mm : float
    band : Band

    References
    ----------
    .. [1] R. T. Frankot, R. Chellappa, "A method for enforcing integrability in shape from shading algorithms",
       IEEE Trans. Pattern Anal. Mach. Intell. 10, 1988, pp. 439-451.
    """
    rows, columns = slopes[0].shape
    along_x = np.concatenate([slopes[0], -slopes[0][:, ::-1]], axis=1)
    along_x = np.concatenate([along_x, along_x[::-1]], axis=0)
    along_y = np.concatenate([slopes[1], slopes[1][:, ::-1]], axis=1)
    along_y = np.concatenate([along_y, -along_y[::-1]], axis=0)
    fy = -np.fft.fftfreq(2 * rows, pitch_mm)[:, None].astype(np.float32)
    fx = np.fft.rfftfreq(2 * columns, pitch_mm)[None, :].astype(np.float32)
    f_squared = fx**2 + fy**2
    inside = (f_squared > 1 / band.longest_mm**2) & (f_squared <= 1 / band.shortest_mm**2)
    bottom = np.where(inside, np.float32(2 * np.pi) * f_squared, np.float32(np.inf))
    spectrum = (fx * rfft2(along_x) + fy * rfft2(along_y)) * np.complex64(-1j) / bottom
    return np.asarray(irfft2(spectrum, (2 * rows, 2 * columns))[:rows, :columns], dtype=np.float32)
