"""Radial brick-wall figures of each band: slope and height rms, with what blur, noise and the field do to them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from inspections.structure.bands import Band, BandFigure
from inspections.structure.shells import SlopeShells, Weight
from spectra.arrays import FloatArray


def band_figures(shells: SlopeShells, bands: Mapping[str, Band]) -> dict[str, BandFigure]:
    """Slope and height rms of each band.

    Parameters
    ----------
    shells : SlopeShells
    bands : mapping of str to Band
        Those whose waves the field does not hold get a figure too, of whatever shells reach into them.

    Returns
    -------
    dict of str to BandFigure

    Notes
    -----
    Power of the shells with 1/longest < f ≤ 1/shortest. Heights come from slopes shell by shell, Σ P/(4π² f²): a height
    spectrum falls so steeply that its long waves would leak into every band.
    """
    figures = {}
    for name, band in bands.items():
        inside = shells.averaged(brick_wall(band))
        height = shells.averaged(height_of(brick_wall(band)))
        along_x, along_y = (max(float(inside @ part), 0.0) for part in (shells.along_x, shells.along_y))
        total = along_x + along_y
        before = max(float(inside @ (shells.transfer * (shells.along_x + shells.along_y))), 0.0)
        noise = float(inside @ shells.noise)
        figures[name] = BandFigure(
            band=band,
            slope_mrad=float(np.sqrt(total / 2)),
            height_um=rms(shells, height),
            slope_x_mrad=float(np.sqrt(along_x)),
            slope_y_mrad=float(np.sqrt(along_y)),
            transfer=float(np.sqrt(before / total)) if total > 0 else 1.0,
            noise_mrad=float(np.sqrt(noise / 2)) if np.isfinite(noise) else None,
            sampling=shells.sampling(inside),
            height_sampling=shells.sampling(height),
            anisotropy_sampling=shells.anisotropy_sampling(inside),
        )
    return figures


def brick_wall(band: Band) -> Weight:
    """1 within the band, 0 outside, over frequency. [1/mm]"""
    return lambda f: ((f > 1 / band.longest_mm) & (f <= 1 / band.shortest_mm)).astype(np.float64)


def height_of(response: Weight) -> Weight:
    """What makes height power of slope power, times a response, over frequency. [1/mm]"""
    return lambda f: response(f) / (4 * np.pi**2 * f**2)


def rms(shells: SlopeShells, weight: FloatArray) -> float:
    """Root of the slope power of both axes together, each shell weighted."""
    return float(np.sqrt(max(float(weight @ (shells.along_x + shells.along_y)), 0.0)))
