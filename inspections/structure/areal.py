"""The second definition: ISO 16610-61 Gaussian bands of height (Sa) and curvature (K), never mixed with S and H."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft2, next_fast_len

from inspections.photos.photo import FloatImage
from inspections.structure.bands import Band, holds_waves
from inspections.structure.figures import height_of, rms
from inspections.structure.shells import TAPER, SlopeShells, Weight
from spectra.arrays import FloatArray

TOTAL = Band("total", 0.1, 30.0)
"""The range over which total curvature K is taken."""
EDGE_MARGIN = 0.5
"""Longest waves left out at each border before |z| is averaged."""
_LEAST_INTERIOR = 0.2
"""Share of each side that is used at least, whatever the margin."""
_REACH = 2.5
"""A Gaussian low-pass is followed to this many times its cut-off frequency, where 1.3 % are left."""


@dataclass(frozen=True, slots=True)
class Filtered:
    """One figure of slope power weighted over frequency.

    Attributes
    ----------
    value : float
        Corrected for blur and noise.
    transfer : float
        Rms before the blur correction over the rms after it.
    noise : float or None
        What noise alone had given, already removed, in the unit of `value`; None when nobody knows.
    sampling : float
        Relative standard uncertainty because the field holds only so many waves.
    """

    value: float
    transfer: float
    noise: float | None
    sampling: float


@dataclass(frozen=True, slots=True)
class ArealFigure:
    """One Gaussian band of one panel.

    Attributes
    ----------
    band : Band
    mean_height : Filtered
        Sa, mean |height|. [µm]
    curvature : Filtered
        K, standard deviation of the mean curvature (∂²z/∂x² + ∂²z/∂y²)/2. [1/m]
    """

    band: Band
    mean_height: Filtered
    curvature: Filtered


def lowpass(cutoff_mm: float) -> Weight:
    """Amplitude transmission of the areal Gaussian filter over frequency: one half at the cut-off.

    References
    ----------
    .. [1] ISO 16610-61:2015: weighting exp(−π r²/(α λc)²)/(α λc)², α = √(ln 2/π) = 0.4697; transmission
       exp(−π (α λc f)²) = 2^−(λc f)².
    """
    return lambda f: np.exp2(-np.square(cutoff_mm * f))


def gaussian_band(band: Band) -> Weight:
    """Amplitude transmission of a band: the shortest wave as low-pass, then less its own low-pass at the longest."""
    short, long = lowpass(band.shortest_mm), lowpass(band.longest_mm)
    return lambda f: short(f) * (1.0 - long(f))


def filtered(shells: SlopeShells, weight: FloatArray) -> Filtered:
    """Root of the weighted slope power, with what blur, noise and the field do to it."""
    value = rms(shells, weight)
    before = float(weight @ (shells.transfer * (shells.along_x + shells.along_y)))
    noise = float(weight @ shells.noise)
    return Filtered(
        value=value,
        transfer=float(np.sqrt(max(before, 0.0))) / value if value > 0 else 1.0,
        noise=float(np.sqrt(noise)) if np.isfinite(noise) else None,
        sampling=shells.sampling(weight),
    )


def areal_figures(shells: SlopeShells, bands: Mapping[str, Band]) -> dict[str, ArealFigure]:
    """Sa and K of each band that the field holds.

    Parameters
    ----------
    shells : SlopeShells
    bands : mapping of str to Band

    Returns
    -------
    dict of str to ArealFigure

    Notes
    -----
    Curvature is π² f² times slope power: it is taken from slopes and never from an integrated map. Sa is the rms of
    the same band, which noise and blur can be taken out of, times mean |z| over rms z of its map: 0.798 for a Gaussian
    surface, 0.900 for one sine. The map is integrated from slopes; the window's border and half a longest wave beyond
    it are left out of that ratio.
    """
    size = (shells.window.shape[0] * shells.pitch_mm, shells.window.shape[1] * shells.pitch_mm)
    figures = {}
    for name, band in bands.items():
        if not holds_waves(band, size):
            continue
        power = _squared(gaussian_band(band))
        height = filtered(shells, shells.averaged(height_of(power)))
        ratio = _mean_over_rms(shells, band)
        figures[name] = ArealFigure(
            band=band,
            mean_height=Filtered(
                ratio * height.value,
                height.transfer,
                None if height.noise is None else ratio * height.noise,
                height.sampling,
            ),
            curvature=filtered(shells, shells.averaged(_curvature_of(power))),
        )
    return figures


def band_height(shells: SlopeShells, band: Band, highest_per_mm: float = np.inf) -> tuple[FloatImage, float]:
    """Height of a Gaussian band, windowed as the shells are, blur and noise left in.

    Parameters
    ----------
    shells : SlopeShells
    band : Band
    highest_per_mm : float
        Frequencies above it are left out. [1/mm]

    Returns
    -------
    height : ndarray of float32, shape (n_rows, n_columns)
        On a grid as coarse as the band allows; row 0 is the top. [µm]
    share : float
        Points per point of the shells' field.
    """
    rows, columns = shells.padded
    reach = min(_REACH / band.shortest_mm, highest_per_mm) * shells.pitch_mm  # cycles a grid point
    shape = tuple(min(side, next_fast_len(int(np.ceil(2 * reach * side)) + 1, real=True)) for side in (rows, columns))
    share = min(shape[0] / rows, shape[1] / columns)
    kept = (min(round(share * rows), rows), min(round(share * columns), columns))
    upper, right = (kept[0] + 1) // 2, kept[1] // 2 + 1
    lower = kept[0] - upper
    part = np.concatenate([shells.mean[:upper, :right], shells.mean[rows - lower :, :right]])
    fy = np.concatenate([np.arange(upper), np.arange(-lower, 0)])[:, None] / (rows * shells.pitch_mm)
    fx = np.arange(right)[None, :] / (columns * shells.pitch_mm)
    f_squared = fy**2 + fx**2
    response = gaussian_band(band)(np.sqrt(f_squared)) / (2 * np.pi * np.where(f_squared > 0, f_squared, np.inf))
    spectrum = part * (-1j * response).astype(np.complex64)
    height = irfft2(spectrum, kept) * np.float32(kept[0] * kept[1] / (rows * columns))
    used = tuple(int(side * kept[axis] / shells.padded[axis]) for axis, side in enumerate(shells.window.shape))
    return np.asarray(height[: used[0], : used[1]], np.float32), share


def _mean_over_rms(shells: SlopeShells, band: Band) -> float:
    """Mean |z| over rms z inside the margin, where the window is whole."""
    height, share = band_height(shells, band)
    weights = np.asarray(read_at(shells.window, height.shape) > 0.99)
    inside = np.zeros(height.shape, np.bool_)
    border = EDGE_MARGIN * band.longest_mm / shells.pitch_mm * share
    cuts = [
        min(int(np.ceil(border + 0.5 * TAPER * side)), int(0.5 * (1 - _LEAST_INTERIOR) * side)) for side in height.shape
    ]
    inside[cuts[0] : height.shape[0] - cuts[0], cuts[1] : height.shape[1] - cuts[1]] = True
    z = height[inside & weights].astype(np.float64) if (inside & weights).any() else height[inside].astype(np.float64)
    square = float(np.mean(z**2))
    return float(np.mean(np.abs(z)) / np.sqrt(square)) if square > 0 else float(np.sqrt(2 / np.pi))


def read_at(field: FloatImage, shape: tuple[int, ...]) -> FloatImage:
    """A field read at the points of a coarser grid."""
    rows, columns = (np.minimum(np.arange(n) * side // n, side - 1) for n, side in zip(shape, field.shape, strict=True))
    return field[np.ix_(rows, columns)]


def _squared(response: Weight) -> Weight:
    return lambda f: np.square(response(f))


def _curvature_of(power: Weight) -> Weight:
    """Power of the mean curvature, (1/m)², per slope power in mrad²: half of ∂sx/∂x + ∂sy/∂y, 2π f each."""
    return lambda f: power(f) * np.square(np.pi * f)
