"""Structure bands in millimetres: radial brick-wall rms of slope and height, corrected for blur and noise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft2, next_fast_len, rfft2
from scipy.signal.windows import tukey

from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray

TAPER = 0.25
"""Share of the Tukey window that is tapered, in each direction."""
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
        Rms that noise alone had put into the band, already removed; None when it could not be estimated.
    sampling : float
        Relative standard uncertainty because the field holds only so many waves of this band.
    """

    band: Band
    slope_mrad: float
    height_um: float
    slope_x_mrad: float
    slope_y_mrad: float
    transfer: float
    noise_mrad: float | None
    sampling: float


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
    if short < 0.98 * FIELD_PERIODS[0] * band.longest_mm or long < 0.98 * FIELD_PERIODS[1] * band.longest_mm:
        return f"a field of {long:.0f} × {short:.0f} mm holds too few waves of {band.longest_mm:g} mm"
    return None


def band_figures(spectra: SlopeSpectra, bands: Mapping[str, Band]) -> dict[str, BandFigure]:
    """Slope and height rms of each band.

    Parameters
    ----------
    spectra : SlopeSpectra
    bands : mapping of str to Band

    Returns
    -------
    dict of str to BandFigure

    Notes
    -----
    Window w (Tukey), F = rfft2(w·s) zero-padded; power of a band Σ wt |F|²/MTF² / (n Σw²) over 1/longest < f ≤
    1/shortest, wt counting the half plane twice. With twins Re(F₁ conj F₂) replaces |F|²: independent noise averages
    to nothing. Height from Z = −i (fx Fx + fy Fy)/(2π f²).
    """
    if not bands:
        return {}
    shape = spectra.slopes[0].shape
    window = np.outer(tukey(shape[0], TAPER), tukey(shape[1], TAPER)).astype(np.float32)
    if spectra.weights is not None:
        window *= spectra.weights
    padded = (next_fast_len(shape[0], real=True), next_fast_len(shape[1], real=True))
    fy = -np.fft.fftfreq(padded[0], spectra.pitch_mm)[:, None]  # rows run down, y runs up
    fx = np.fft.rfftfreq(padded[1], spectra.pitch_mm)[None, :]
    f_squared = fx**2 + fy**2
    edges = sorted({1 / band.shortest_mm for band in bands.values()} | {1 / band.longest_mm for band in bands.values()})
    # Shells between neighbouring band edges: each band is a run of whole shells. A margin above keeps rounding out.
    shell = np.searchsorted(np.square(edges) * (1 + 1e-9), f_squared.ravel(), side="left")
    count = len(edges) + 1
    twice = np.full(fx.shape, 2.0)
    twice[:, 0] = 1.0
    if padded[1] % 2 == 0:
        twice[:, -1] = 1.0
    scale = twice / (padded[0] * padded[1] * float((window.astype(np.float64) ** 2).sum()))
    exponent = spectra.blur_mm2[0, 0] * fx**2 + 2 * spectra.blur_mm2[0, 1] * fx * fy + spectra.blur_mm2[1, 1] * fy**2
    transfer = np.maximum(np.exp(-4 * np.pi**2 * exponent), BLUR_POWER_FLOOR)

    def transformed(field: FloatImage) -> NDArray[np.complex64]:
        return np.asarray(rfft2(field * window, padded))

    def shells(power: NDArray[np.floating]) -> FloatArray:
        return np.asarray(np.bincount(shell, weights=(power * scale).ravel(), minlength=count), np.float64)

    def height(along_x: NDArray[np.complex64], along_y: NDArray[np.complex64]) -> NDArray[np.complex128]:
        bottom = np.where(f_squared > 0, f_squared, np.inf)
        return np.asarray((fx * along_x + fy * along_y) / (2 * np.pi * bottom), np.complex128)

    def powers(first: _Pair, second: _Pair) -> list[NDArray[np.floating]]:
        """Power of slope x, slope y and height, cross-spectral."""
        one, two = height(*first), height(*second)
        pairs: list[tuple[NDArray[Any], NDArray[Any]]] = [(first[0], second[0]), (first[1], second[1]), (one, two)]
        return [a.real * b.real + a.imag * b.imag for a, b in pairs]

    whole = (transformed(spectra.slopes[0]), transformed(spectra.slopes[1]))
    measured = powers(whole, whole)
    if spectra.twins is not None:
        first, second = ((transformed(pair[0]), transformed(pair[1])) for pair in spectra.twins)
        clean = powers(first, second)
    elif spectra.noise is not None:
        noise = (transformed(spectra.noise[0]), transformed(spectra.noise[1]))
        clean = [total - part for total, part in zip(measured, powers(noise, noise), strict=True)]
    else:
        clean = measured
    known_noise = spectra.twins is not None or spectra.noise is not None
    raw = shells(measured[0] + measured[1])
    denoised = shells(clean[0] + clean[1])
    corrected = [shells(power / transfer) for power in clean]
    # Fourth moments count the independent waves: a padded, tapered field has fewer than it has frequencies.
    fourth = np.bincount(
        shell, weights=((clean[0] + clean[1]) ** 2 / transfer**2 * scale**2 / twice).ravel(), minlength=count
    )
    w = window.astype(np.float64)
    oversampled = padded[0] * padded[1] * float((w**4).sum()) / float((w**2).sum()) ** 2
    figures = {}
    for name, band in bands.items():
        run = slice(edges.index(1 / band.longest_mm) + 1, edges.index(1 / band.shortest_mm) + 1)
        variance = [max(float(part[run].sum()), 0.0) for part in corrected]
        total, before = variance[0] + variance[1], max(float(denoised[run].sum()), 0.0)
        noise_power = max(float(raw[run].sum()) - before, 0.0)
        waves = float(fourth[run].sum()) * oversampled
        figures[name] = BandFigure(
            band=band,
            slope_mrad=float(np.sqrt(total / 2)),
            height_um=float(np.sqrt(variance[2])),
            slope_x_mrad=float(np.sqrt(variance[0])),
            slope_y_mrad=float(np.sqrt(variance[1])),
            transfer=float(np.sqrt(before / total)) if total > 0 else 1.0,
            noise_mrad=float(np.sqrt(noise_power / 2)) if known_noise else None,
            sampling=float(0.5 * np.sqrt(waves) / total) if total > 0 else float("nan"),
        )
    return figures


_Pair = tuple[NDArray[np.complex64], NDArray[np.complex64]]


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
