"""Slopes of a panel as cosine series: a band of them back on any grid, blur given back, noise left out."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.fft import dctn, idctn

from inspections.photos.photo import FloatImage
from inspections.structure.bands import BLUR_POWER_FLOOR, Band, SlopeSpectra

_Pair = tuple[FloatImage, FloatImage]


@dataclass(frozen=True, slots=True, eq=False)
class SlopeCosines:
    """Orthonormal cosine coefficients of both slopes; a field continued by its mirror image has no jump at its border.

    Attributes
    ----------
    readings : tuple of pairs of ndarray of float32, shape (height, width)
        Two independent readings, or one twice; their product is the slope energy without noise. [mrad]
    noise : pair like a reading, or None
        A realisation of the noise alone, whose energy is subtracted.
    fy, fx : ndarray of float32, shape (height, 1), (1, width)
        [1/mm]
    gain : ndarray of float32, shape (height, width)
        What gives the camera blur back, its floor that of `band_figures`.
    weights : ndarray of float32, shape (height, width), or None
        As in `SlopeSpectra`; the readings are already multiplied by them.
    """

    readings: tuple[_Pair, _Pair]
    noise: _Pair | None
    fy: FloatImage
    fx: FloatImage
    gain: FloatImage
    weights: FloatImage | None

    def energy(self, band: Band, shape: tuple[int, int]) -> FloatImage:
        """Slope energy of a band, (sx² + sy²)/2, resampled onto `shape`; float32, noise makes it negative. [mrad²]

        Points of which the weights leave less than a quarter are NaN.
        """
        inside = self._inside(band)
        first = [self._back(part, inside, shape) for part in self.readings[0]]
        same = self.readings[0] is self.readings[1]
        second = first if same else [self._back(part, inside, shape) for part in self.readings[1]]
        energy = 0.5 * (first[0] * second[0] + first[1] * second[1])
        if self.noise is not None:
            energy -= sum(0.5 * self._back(part, inside, shape) ** 2 for part in self.noise)
        if self.weights is None:
            return np.asarray(energy, np.float32)
        left = _area_mean(self.weights**2, shape)
        return np.where(left > 0.25, energy / np.maximum(left, np.float32(0.25)), np.float32(np.nan))

    def waves(self, band: Band) -> float:
        """How many independent waves of the band the whole field holds, as uneven as they are."""
        inside = self._inside(band)
        power = sum(
            (a * b)[inside].astype(np.float64) * self.gain[inside] ** 2 for a, b in zip(*self.readings, strict=True)
        )
        # The square of a Gaussian coefficient has three times its mean squared as mean square.
        return float(3 * np.sum(power) ** 2 / np.sum(power**2))

    def _inside(self, band: Band) -> NDArray[np.bool_]:
        """The block of coefficients that reaches the band's shortest wave, True within the band."""
        rows, columns = (int(np.searchsorted(f.ravel(), 1 / band.shortest_mm, "right")) for f in (self.fy, self.fx))
        f_squared = self.fy[:rows] ** 2 + self.fx[:, :columns] ** 2
        inside = np.zeros(self.gain.shape, np.bool_)
        inside[:rows, :columns] = (f_squared > 1 / band.longest_mm**2) & (f_squared <= 1 / band.shortest_mm**2)
        return inside

    def _back(self, part: FloatImage, inside: NDArray[np.bool_], shape: tuple[int, int]) -> FloatImage:
        held = np.zeros(shape, np.float32)
        rows, columns = (min(a, b) for a, b in zip(shape, part.shape, strict=True))
        block = np.s_[:rows, :columns]
        held[block] = part[block] * self.gain[block] * inside[block]
        held *= np.float32(np.sqrt(shape[0] * shape[1] / (part.shape[0] * part.shape[1])))
        return np.asarray(idctn(held, norm="ortho", overwrite_x=True), np.float32)


def slope_cosines(spectra: SlopeSpectra) -> SlopeCosines:
    """The cosine series of a panel's slopes.

    Notes
    -----
    A cosine stands for four waves mirrored at the axes, so a blur that lies askew is given back by its mean over them.
    """
    rows, columns = spectra.slopes[0].shape
    fy = (np.arange(rows, dtype=np.float32) / np.float32(2 * rows * spectra.pitch_mm))[:, None]
    fx = (np.arange(columns, dtype=np.float32) / np.float32(2 * columns * spectra.pitch_mm))[None, :]
    turn = np.float32(-4 * np.pi**2)
    blur = spectra.blur_mm2.astype(np.float32)
    transfer = np.exp(turn * blur[1, 1] * fy**2) * np.exp(turn * blur[0, 0] * fx**2)
    if abs(blur[0, 1]) > 1e-3 * np.sqrt(blur[0, 0] * blur[1, 1]):
        transfer *= np.cosh(2 * turn * blur[0, 1] * fx * fy)

    def series(pair: _Pair) -> _Pair:
        along_x, along_y = (part if spectra.weights is None else part * spectra.weights for part in pair)
        return dctn(along_x, norm="ortho"), dctn(along_y, norm="ortho")

    if spectra.twins is not None:
        readings = series(spectra.twins[0]), series(spectra.twins[1])
    else:
        whole = series(spectra.slopes)
        readings = whole, whole
    return SlopeCosines(
        readings=readings,
        noise=series(spectra.noise) if spectra.noise is not None and spectra.twins is None else None,
        fy=fy,
        fx=fx,
        gain=1 / np.sqrt(np.maximum(transfer, np.float32(BLUR_POWER_FLOOR))),
        weights=spectra.weights,
    )


def _area_mean(field: FloatImage, shape: tuple[int, int]) -> FloatImage:
    return np.asarray(cv2.resize(field, shape[::-1], interpolation=cv2.INTER_AREA), np.float32)
