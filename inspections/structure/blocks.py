"""Where on the panel a band is strong: its slope rms in blocks, with standard errors, and as a smooth map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from inspections.appearance import AppearanceMap
from inspections.photos.photo import FloatImage
from inspections.structure.bands import Band, SlopeSpectra
from inspections.structure.cosines import slope_cosines
from spectra.arrays import FloatArray, frozen

BLOCKS = (6, 4)
"""Columns and rows of blocks on a panel."""
_POINTS_PER_WAVE = 2.5
_POINTS_PER_BLOCK = 8
_READ_PER_WAVE = 6.0
"""Points of the readings to the shortest wave of a map: what averaging to so few takes is known to 0.1 %."""


@dataclass(frozen=True, slots=True, eq=False)
class BlockFigures:
    """Slope rms of each band in each block of a panel.

    Attributes
    ----------
    slope_mrad : mapping of str to ndarray, shape (n_rows, n_columns)
        Band to √((sx² + sy²)/2), corrected for blur and noise; 0 where noise outweighs it, NaN where marks are masked
        over most of the block. Row 0 is the top. [mrad]
    standard_error_mrad : mapping of str to ndarray, same shape
        Because a block holds only so many waves of the band: how far its figure strays from that of endless paint of
        the same kind. It does not bound the change of the same block from one round to the next. [mrad]
    x_mm, y_mm : ndarray, shape (n_columns,), (n_rows,)
        Centres of the blocks from the centre of the field; y runs up. [mm]
    """

    slope_mrad: Mapping[str, FloatArray]
    standard_error_mrad: Mapping[str, FloatArray]
    x_mm: FloatArray
    y_mm: FloatArray


def block_figures(spectra: SlopeSpectra, bands: Mapping[str, Band], blocks: tuple[int, int] = BLOCKS) -> BlockFigures:
    """Slope rms of bands block by block.

    Parameters
    ----------
    spectra : SlopeSpectra
    bands : mapping of str to Band
        Those that the field resolves, see `resolution_reason`.
    blocks : tuple of int
        Columns and rows.

    Returns
    -------
    BlockFigures

    Notes
    -----
    Radial brick-wall as in `band_figures`, on the field continued by its mirror image instead of tapered: a block at
    the border counts as much as one in the middle.
    """
    cosines = slope_cosines(spectra)
    height, width = (side * spectra.pitch_mm for side in spectra.slopes[0].shape)
    columns, rows = blocks
    slope, error = {}, {}
    for name, band in bands.items():
        shape = tuple(
            count * max(_POINTS_PER_BLOCK, int(np.ceil(_POINTS_PER_WAVE * side / band.shortest_mm / count)))
            for side, count in ((height, rows), (width, columns))
        )
        energy = cosines.energy(band, (shape[0], shape[1])).astype(np.float64)
        split = energy.reshape(rows, shape[0] // rows, columns, shape[1] // columns)
        known = np.isfinite(split)
        share = known.mean(axis=(1, 3))
        mean = np.where(known, split, 0.0).mean(axis=(1, 3)) / np.where(share > 0.5, share, np.nan)
        slope[name] = frozen(np.sqrt(np.maximum(mean, 0.0)))
        # Energy of n waves of unequal phase: variance 2/n of its square; half of its relative deviation for the root.
        error[name] = frozen(slope[name] * 0.5 * np.sqrt(2 * rows * columns / cosines.waves(band)))
    return BlockFigures(
        slope_mrad=slope,
        standard_error_mrad=error,
        x_mm=frozen((np.arange(columns) - (columns - 1) / 2) * width / columns),
        y_mm=frozen(((rows - 1) / 2 - np.arange(rows)) * height / rows),
    )


def band_map(spectra: SlopeSpectra, band: Band, smoothing_mm: float | None = None) -> AppearanceMap:
    """The peel map: local slope rms of a band. [mrad]

    Parameters
    ----------
    spectra : SlopeSpectra
    band : Band
    smoothing_mm : float or None
        Gaussian sigma over the slope energy; None is the band's longest wavelength. [mm]

    Returns
    -------
    AppearanceMap
        `slope_<band>`, corrected for blur and noise; NaN where marks are masked.
    """
    spectra = _averaged(spectra, int(band.shortest_mm / (_READ_PER_WAVE * spectra.pitch_mm)))
    rows, columns = spectra.slopes[0].shape
    pitch = max(spectra.pitch_mm, band.shortest_mm / _POINTS_PER_WAVE)
    shape = (max(8, round(rows * spectra.pitch_mm / pitch)), max(8, round(columns * spectra.pitch_mm / pitch)))
    energy = slope_cosines(spectra).energy(band, shape)
    sigma = (band.longest_mm if smoothing_mm is None else smoothing_mm) * shape[1] / (columns * spectra.pitch_mm)
    known = np.isfinite(energy).astype(np.float32)
    blurred, weight = (
        cv2.GaussianBlur(np.asarray(field, np.float32), (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
        for field in (np.nan_to_num(energy), known)
    )
    local = np.sqrt(np.maximum(blurred, 0) / np.maximum(weight, np.float32(1e-3)))
    local[known == 0] = np.nan
    return AppearanceMap(f"slope_{band.name}", local.astype(np.float32), "mrad", columns * spectra.pitch_mm / shape[1])


def _averaged(spectra: SlopeSpectra, factor: int) -> SlopeSpectra:
    """The same slopes averaged over squares of `factor` points, which counts as blur."""
    if factor <= 1:
        return spectra
    rows, columns = (side // factor for side in spectra.slopes[0].shape)

    def small(field: FloatImage) -> FloatImage:
        whole = field[: rows * factor, : columns * factor]
        return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)

    def both(pair: tuple[FloatImage, FloatImage]) -> tuple[FloatImage, FloatImage]:
        return small(pair[0]), small(pair[1])

    pitch = factor * spectra.pitch_mm
    return replace(
        spectra,
        slopes=both(spectra.slopes),
        pitch_mm=pitch,
        blur_mm2=spectra.blur_mm2 + np.eye(2) * (pitch**2 - spectra.pitch_mm**2) / 12,
        twins=None if spectra.twins is None else (both(spectra.twins[0]), both(spectra.twins[1])),
        noise=None if spectra.noise is None else both(spectra.noise),
        weights=None if spectra.weights is None else small(spectra.weights),
    )
