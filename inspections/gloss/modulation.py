"""Fringe amplitude of the panel over that of black glass: what gloss, roughness and peel leave of a reflection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile

import cv2
import numpy as np

from inspections.fields import Pair, PanelFields
from inspections.photos.photo import FloatImage
from inspections.structure.bands import BANDS, WORST_TRANSFER, BandFigure, resolution_reason
from spectra.arrays import FloatArray

SMOOTHING_MM = 2.0
"""Side of the box over which the amplitude is averaged: below it peel, not gloss, moves the amplitude. [mm]"""
MAP_PITCH_MM = 0.25
LEAST_TRANSFER = 0.03
"""Amplitude over the reference's below which there is no fringe to speak of."""
_STRUCTURE = ("b", "c", "d", "e")
"""Bands that tile the waves which pixels resolve."""
_MOST_TAKEN = 1.0
"""Largest ln of the amplitude that peel inside a pixel is allowed to explain: beyond it stands a mark, not peel."""


@dataclass(frozen=True, slots=True, eq=False)
class Modulation:
    """Amplitude ratios R on a grid of about `MAP_PITCH_MM` over the region of interest, row 0 on top.

    Attributes
    ----------
    seen : mapping of float to pair of ndarray of float32, shape (height, width)
        Period on the screen [mm] to R along u and v as photographed, averaged over `SMOOTHING_MM`. [1]
    fine_mm : float
        The period that also gave the slopes. [mm]
    gain_mm : tuple of float
        Movement along u and v on the screen per slope. [mm/mrad]
    structure_mrad2 : pair of ndarray of float32, or None
        Variance of the slope that moves u and v, of the waves a pixel averages over, from the measured bands; None
        where there are none. [mrad²]
    below_mm : float
        Shortest wave that `structure_mrad2` holds. [mm]
    pitch_mm : float
    relative : bool
        Without flat reference: amplitude over its own quadratic, mean 1.
    """

    seen: Mapping[float, Pair]
    fine_mm: float
    gain_mm: tuple[float, float]
    structure_mrad2: Pair | None
    below_mm: float
    pitch_mm: float
    relative: bool

    @property
    def mirrored(self) -> tuple[float, ...]:
        """The periods of which there is a fringe to speak of, shortest first; below one that is lost all are. [mm]"""
        periods = sorted(self.seen, reverse=True)
        left = takewhile(lambda p: min(float(np.median(part)) for part in self.seen[p]) > LEAST_TRANSFER, periods)
        return tuple(reversed(tuple(left)))

    def turns2(self, period_mm: float) -> tuple[float, float]:
        """What a slope variance takes from ln R along u and v, per variance. [1/mrad²]"""
        u, v = (0.5 * (2 * np.pi * gain / period_mm) ** 2 for gain in self.gain_mm)
        return u, v

    def clear(self, period_mm: float) -> Pair:
        """R along u and v without what peel takes inside a pixel. [1]"""
        if self.structure_mrad2 is None:
            return self.seen[period_mm]
        u, v = (
            np.asarray(ratio * np.exp(np.minimum(np.float32(turns) * variance, np.float32(_MOST_TAKEN))), np.float32)
            for ratio, variance, turns in zip(
                self.seen[period_mm], self.structure_mrad2, self.turns2(period_mm), strict=True
            )
        )
        return u, v

    def gloss(self) -> FloatImage:
        """R of the fine fringes, peel inside a pixel removed, geometric mean of both directions. [1]"""
        return _both(self.clear(self.fine_mm))

    def specular(self) -> FloatImage:
        """R of endlessly coarse fringes: the mirrored light alone, whatever the roughness. [1]

        ln R is a straight line over 1/period² for small roughness; it is drawn through the two coarsest periods that
        the panel mirrors. Where it mirrors one only, that one stands as it is.
        """
        if len(self.mirrored) < 2:
            return _both(self.clear(max(self.seen)))
        first, second = self.mirrored[-2:]
        share = np.float32(first**2 / (second**2 - first**2))
        coarse, finer = _both(self.clear(second)), _both(self.clear(first))
        return np.asarray(coarse * (coarse / finer) ** share, dtype=np.float32)


def modulation(fields: PanelFields, bands: Mapping[str, BandFigure]) -> Modulation | None:
    """Amplitude ratios of every period that panel and flat reference were shown.

    Parameters
    ----------
    fields : PanelFields
    bands : mapping of str to BandFigure
        For the peel inside a pixel.

    Returns
    -------
    Modulation or None
        None without amplitudes; relative without a flat reference.
    """
    if not fields.amplitude or fields.gain is None:
        return None
    pitch = fields.grid.pitch_mm
    factor = max(1, round(MAP_PITCH_MM / pitch))
    coarser = factor * pitch
    relative = not fields.reference
    seen: dict[float, Pair] = {}
    for period, panel in fields.amplitude.items():
        u: FloatImage
        v: FloatImage
        if relative:
            u, v = (_over_quadratic(_amplitude(each, fields, period, factor, coarser)) for each in panel)
        elif period in fields.reference:
            u, v = (
                np.asarray(
                    _amplitude(ours, fields, period, factor, coarser)
                    / np.maximum(_smoothed(reduced(theirs, factor), coarser), np.float32(1e-6)),
                    np.float32,
                )
                for ours, theirs in zip(panel, fields.reference[period], strict=True)
            )
        else:
            continue
        seen[period] = (u, v)
    if fields.fine_mm not in seen:
        return None
    structure, below = _structure(fields, bands, factor, coarser)
    return Modulation(
        seen=seen,
        fine_mm=fields.fine_mm,
        gain_mm=(float(np.linalg.norm(fields.gain[0])), float(np.linalg.norm(fields.gain[1]))),
        structure_mrad2=structure,
        below_mm=below,
        pitch_mm=coarser,
        relative=relative,
    )


def reduced(field: FloatImage, factor: int) -> FloatImage:
    """Mean over squares of `factor` grid points; float32."""
    height, width = (side // factor for side in field.shape)
    cut = np.ascontiguousarray(field[: height * factor, : width * factor])
    return np.asarray(cv2.resize(cut, (width, height), interpolation=cv2.INTER_AREA), dtype=np.float32)


def _smoothed(field: FloatImage, pitch_mm: float) -> FloatImage:
    """Mean over a box of exactly `SMOOTHING_MM`: the grid points at its border count in part."""
    width = SMOOTHING_MM / pitch_mm
    reach = int(np.ceil((width - 1) / 2))
    taps = np.clip(width / 2 + 0.5 - np.abs(np.arange(-reach, reach + 1)), 0, 1)
    kernel = taps / taps.sum()
    return np.asarray(cv2.sepFilter2D(field, -1, kernel, kernel, borderType=cv2.BORDER_REFLECT), dtype=np.float32)


def _both(pair: Pair) -> FloatImage:
    return np.asarray(np.sqrt(np.maximum(pair[0] * pair[1], np.float32(1e-12))), dtype=np.float32)


def _amplitude(seen: FloatImage, fields: PanelFields, period: float, factor: int, pitch_mm: float) -> FloatImage:
    """Mean amplitude over the box less what noise adds: the length of a noisy phasor is too long by σ²/2B."""
    smooth = np.maximum(_smoothed(reduced(seen, factor), pitch_mm), np.float32(1e-6))
    noise = np.float32(fields.amplitude_noise.get(period, 0.0) ** 2)
    return np.asarray(np.maximum(smooth - noise / (2 * smooth), np.float32(0.1) * smooth), dtype=np.float32)


def _over_quadratic(field: FloatImage) -> FloatImage:
    """A field over its least-squares quadratic: light that falls off over the picture is no gloss."""
    y, x = (np.linspace(-1.0, 1.0, side) for side in field.shape)
    columns = [np.outer(y**a, x**b).ravel() for a in range(3) for b in range(3 - a)]
    design = np.stack(columns, axis=1)
    fitted = design @ np.linalg.lstsq(design, field.ravel().astype(np.float64), rcond=None)[0]
    return np.asarray(field / np.maximum(fitted.reshape(field.shape), 1e-6), dtype=np.float32)


def _structure(
    fields: PanelFields, bands: Mapping[str, BandFigure], factor: int, pitch_mm: float
) -> tuple[Pair | None, float]:
    """Slope variance that each pixel averages over, and the shortest wave it holds.

    How much there is, the bands say: what blur took from each is what the pixel averages over. Where it is, the
    curvature says.
    """
    resolved = [
        bands[name]
        for name in _STRUCTURE
        if name in bands
        and bands[name].transfer >= WORST_TRANSFER
        and resolution_reason(BANDS[name], max(fields.mm_per_pixel), (np.inf, np.inf)) is None
    ]
    if not resolved or fields.gain is None:
        return None, 0.0
    lost = [1.0 - figure.transfer**2 for figure in resolved]
    variance = np.array(
        [
            sum(part * figure.slope_x_mrad**2 for part, figure in zip(lost, resolved, strict=True)),
            sum(part * figure.slope_y_mrad**2 for part, figure in zip(lost, resolved, strict=True)),
        ]
    )
    maps = []
    for row in fields.gain:
        share = row**2 / (row**2).sum()
        where = _smoothed(_within_pixel(fields, row, factor), pitch_mm)
        level = float(where.mean())
        spread = np.maximum(where / level, 0) if level > 0 else np.ones_like(where)
        maps.append(np.asarray(np.float32(share @ variance) * spread, dtype=np.float32))
    return (maps[0], maps[1]), min(figure.band.shortest_mm for figure in resolved)


def _within_pixel(fields: PanelFields, row: FloatArray, factor: int) -> FloatImage:
    """Variance of the movement on the screen within the blur of the camera, to first order; noise taken out. [mm²]"""
    spectra = fields.spectra
    first, second = spectra.twins if spectra.twins is not None else (spectra.slopes, spectra.slopes)
    found = _gradient_product(first, second, row, spectra.pitch_mm, spectra.blur_mm2)
    if spectra.twins is None and spectra.noise is not None:
        # Where the fringes are faint there is more of it: it is taken out where it is.
        found -= _gradient_product(spectra.noise, spectra.noise, row, spectra.pitch_mm, spectra.blur_mm2)
    return reduced(found, factor)


def _gradient_product(first: Pair, second: Pair, row: FloatArray, pitch_mm: float, blur_mm2: FloatArray) -> FloatImage:
    def moved(slopes: Pair) -> Pair:
        return _gradient(np.float32(row[0]) * slopes[0] + np.float32(row[1]) * slopes[1], pitch_mm)

    ax, ay = moved(first)
    bx, by = (ax, ay) if second is first else moved(second)
    xx, xy, yy = (np.float32(blur_mm2[i, j]) for i, j in ((0, 0), (0, 1), (1, 1)))
    return np.asarray(xx * ax * bx + xy * (ax * by + ay * bx) + yy * ay * by, dtype=np.float32)


def _gradient(field: FloatImage, pitch_mm: float) -> Pair:
    """Along card x and y (up, while rows run down)."""
    kernel = np.array([[-0.5, 0.0, 0.5]], np.float32) / np.float32(pitch_mm)
    along_x, down = (cv2.filter2D(field, -1, each, borderType=cv2.BORDER_REFLECT) for each in (kernel, kernel.T))
    return np.asarray(along_x, np.float32), -np.asarray(down, np.float32)
