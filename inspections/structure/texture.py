"""ISO 25178 parameters of the surface between its shortest and longest resolved wave: Sdq, Sal, Str and Std."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.fft import irfft2, next_fast_len, rfft2

from inspections.photos.photo import FloatImage
from inspections.structure.areal import Filtered, band_height, filtered, gaussian_band, read_at
from inspections.structure.bands import PIXELS_PER_SHORTEST, Band, holds_waves
from inspections.structure.shells import SlopeShells
from spectra.arrays import FloatArray

SHORTEST_MM = (0.1, 0.3, 1.0)
LONGEST_MM = (30.0, 10.0, 3.0)
"""Limits that a surface may be given: those of the bands, so that two panels are seldom cut differently. [mm]"""
DECAYED = 0.2
"""Autocorrelation at which it counts as decayed (ISO 25178-2)."""
HIGHEST_PER_MM = 2.5
"""Shorter waves than one over it have no part in the height that the autocorrelation sees. [1/mm]"""
_DIRECTIONS = 180
_SMOOTH_DEG = 5.0


@dataclass(frozen=True, slots=True)
class SurfaceTexture:
    """How the surface looks as a whole, in words of ISO 25178-2.

    Attributes
    ----------
    surface : Band
        S-filter and L-filter: what was left of the surface, ISO 16610-61 Gaussian.
    gradient : Filtered
        Sdq, rms of the slope's length. [mrad]
    autocorrelation_length_mm : float
        Sal, the shortest way to an autocorrelation of 0.2. [mm]
    aspect_ratio : float or None
        Str, Sal over the longest such way; 1 is alike in all directions. None when some way does not end in the field.
    direction_deg : float
        Std, along the marks: across the direction with most power, from card x counter-clockwise, 0 to 180. [°]
    length_error_mm, ratio_error, direction_error_deg : float or None
        Standard errors by leaving out each quarter of the field in turn.
    """

    surface: Band
    gradient: Filtered
    autocorrelation_length_mm: float
    aspect_ratio: float | None
    direction_deg: float
    length_error_mm: float
    ratio_error: float | None
    direction_error_deg: float


def resolved_surface(mm_per_pixel: float, field_mm: tuple[float, float]) -> Band | None:
    """The widest range of waves that pixels and field resolve, or None when that is hardly any."""
    short = [length for length in SHORTEST_MM if mm_per_pixel <= length / PIXELS_PER_SHORTEST]
    long = [length for length in LONGEST_MM if holds_waves(Band("surface", 0.0, length), field_mm)]
    return Band("surface", short[0], long[0]) if short and long and long[0] > short[0] else None


def surface_texture(shells: SlopeShells, surface: Band) -> SurfaceTexture | None:
    """Sdq, Sal, Str and Std of a surface; None where its height is zero everywhere.

    Parameters
    ----------
    shells : SlopeShells
    surface : Band
        From `resolved_surface`.

    Notes
    -----
    The autocorrelation is that of the height in the window over that of the window itself, so that it does not fall
    off because the field ends. Blur and noise are left in: they are far shorter than the waves that carry the height.
    The power over direction is smoothed over 5°.
    """
    height, _ = band_height(shells, surface, HIGHEST_PER_MM)
    window = np.asarray(read_at(shells.window, height.shape), np.float32)
    pitch = tuple(full * shells.pitch_mm / part for full, part in zip(shells.window.shape, height.shape, strict=True))
    if not height.any():
        return None
    whole = _directional(height, window, pitch)
    parts = []
    for quarter in range(4):
        rows, columns = (
            slice(0, side // 2) if half else slice(side // 2, side)
            for side, half in zip(height.shape, (quarter // 2, quarter % 2), strict=True)
        )
        without = window.copy()
        without[rows, columns] = 0.0
        left = height.copy()
        left[rows, columns] = 0.0
        parts.append(_directional(left, without, pitch))
    ratios = [part[1] for part in parts]
    turned = [(part[2] - whole[2] + 90.0) % 180.0 - 90.0 for part in parts]
    return SurfaceTexture(
        surface=surface,
        gradient=filtered(shells, shells.averaged(lambda f: np.square(gaussian_band(surface)(f)))),
        autocorrelation_length_mm=whole[0],
        aspect_ratio=whole[1],
        direction_deg=whole[2],
        length_error_mm=_jackknife([part[0] for part in parts]),
        ratio_error=None if None in ratios else _jackknife([ratio for ratio in ratios if ratio is not None]),
        direction_error_deg=_jackknife(turned),
    )


def _directional(height: FloatImage, window: FloatImage, pitch: tuple[float, ...]) -> tuple[float, float | None, float]:
    """Sal, Str and Std of a windowed height."""
    shape = tuple(next_fast_len(2 * side, real=True) for side in height.shape)
    padded = (shape[0], shape[1])
    level = float(height.sum()) / float(window.sum())
    spectrum = rfft2(height - level * window, padded)
    power = spectrum.real**2 + spectrum.imag**2
    seen = rfft2(window, padded)
    overlap = irfft2(seen.real**2 + seen.imag**2, padded)
    together = irfft2(power, padded) / np.maximum(overlap, 1e-3 * float(overlap[0, 0]))
    together = np.fft.fftshift(together / together[0, 0]).astype(np.float32)
    angles = np.radians(np.arange(_DIRECTIONS) * 180.0 / _DIRECTIONS)
    step = 0.25 * min(pitch)
    reach = np.arange(0.0, 0.5 * min(side * p for side, p in zip(height.shape, pitch, strict=True)), step)
    columns = padded[1] // 2 + np.outer(np.cos(angles), reach) / pitch[1]
    rows = padded[0] // 2 - np.outer(np.sin(angles), reach) / pitch[0]
    along = cv2.remap(together, columns.astype(np.float32), rows.astype(np.float32), cv2.INTER_LINEAR)
    decayed = np.asarray(along) < DECAYED
    first = np.where(decayed.any(axis=1), reach[np.argmax(decayed, axis=1)], np.inf)
    shortest, longest = float(first.min()), float(first.max())
    ratio = shortest / longest if np.isfinite(longest) else None
    return shortest, ratio, _lay(power, padded, pitch)


def _lay(power: FloatImage, padded: tuple[int, int], pitch: tuple[float, ...]) -> float:
    """Direction along the marks: across the direction with most height power, 0 to 180. [°]"""
    fy = -np.fft.fftfreq(padded[0], pitch[0])[:, None]
    fx = np.fft.rfftfreq(padded[1], pitch[1])[None, :]
    angle = np.degrees(np.arctan2(fy, fx)) % 180.0
    # A frequency and its opposite are one direction: the columns that hold both count each once.
    once = np.full(power.shape, 1.0)
    once[:, 0] = 0.5
    if padded[1] % 2 == 0:
        once[:, -1] = 0.5
    bins = np.bincount(np.minimum(angle.ravel().astype(np.intp), 179), (power * once).ravel(), 180)
    offset = (np.arange(180) + 90) % 180 - 90.0
    kernel = np.exp(-0.5 * np.square(offset / _SMOOTH_DEG))
    smooth = np.fft.irfft(np.fft.rfft(bins) * np.fft.rfft(kernel), 180)
    return float((np.argmax(smooth) + 0.5 + 90.0) % 180.0)


def _jackknife(values: list[float]) -> float:
    """Standard error from as many estimates as parts, each without one part."""
    found: FloatArray = np.array(values)
    return float(np.sqrt((found.size - 1) * np.mean(np.square(found - found.mean()))))
