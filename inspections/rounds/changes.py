"""Where a round of polishing helped and where it did not: the same patches of paint in two captures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from inspections.appearance import Appearance, AppearanceMap, FloatMap, Refusal
from inspections.marks.mark import Mark
from inspections.photos.photo import FloatImage
from inspections.rounds.registration import Registration, register
from inspections.structure.bands import Band, SlopeSpectra
from inspections.structure.blocks import BLOCKS, block_figures
from spectra.arrays import FloatArray, frozen

COVERAGE = 1.96
COMMON: Mapping[str, float] = {"T1": 0.005, "T2": 0.008}
"""Relative standard uncertainty of a gain that all blocks share: the panel put back, the camera aimed again. Of
simulated panels photographed twice (benchmarks/bench_panel_rounds.py)."""
MARK_ZONE_MM = 20.0
"""A pad cannot be put on less. [mm]"""
BLOCK_CONFIDENCE = 0.99
"""Of one block: of 24 blocks that nothing changed, one in four panels shows one that seems to."""
_CELLS = 3
"""Cells along each side of a block, whose agreement says how sure its change is."""
SHORTEST_MM = 1.2
"""Of the waves whose change is told. Maps hold their noise, which nothing takes out patch by patch: on light bodies the
gain of waves of 1 to 3 mm missed by 2 % and left its interval (benchmarks/bench_panel_rounds.py)."""
_POINTS_PER_WAVE = 4.0
_WAVES_PER_BLOCK = 2 / 3
"""Of the longest waves, across a block: a share of a wave has no slope rms of its own."""
_ROWS, _COLUMNS = ("upper", "middle", "lower"), ("left", "centre", "right")


@dataclass(frozen=True, slots=True)
class Zone:
    """A block of the panel, card frame (x right, y up).

    Attributes
    ----------
    where : str
        "upper left", "middle centre", ...
    x_mm, y_mm : float
        Its centre. [mm]
    width_mm, height_mm : float
        [mm]
    slope_mrad : float or None
        Slope rms of the band in it, after the round; None around a mark. [mrad]
    change_percent : float or None
        Of that slope by the round, below 0 is smoother; None where only one round is known. [%]
    """

    where: str
    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float
    slope_mrad: float | None = None
    change_percent: float | None = None

    @classmethod
    def around(cls, mark: Mark) -> Zone:
        """What must be polished to reach a mark."""
        side = max(mark.length_mm, MARK_ZONE_MM)
        return cls(f"around the {mark.kind}", mark.x_mm, mark.y_mm, side, side)

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Zone:
        """The zone that `as_dict` wrote."""
        return cls(**record)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Centre x and y, width and height. [mm]"""
        return self.x_mm, self.y_mm, self.width_mm, self.height_mm

    def __str__(self) -> str:
        return f"{self.where} (x {self.x_mm:+.0f}, y {self.y_mm:+.0f} mm)"

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types, units in the names."""
        return {
            "where": self.where,
            "x_mm": self.x_mm,
            "y_mm": self.y_mm,
            "width_mm": self.width_mm,
            "height_mm": self.height_mm,
            "slope_mrad": self.slope_mrad,
            "change_percent": self.change_percent,
        }


@dataclass(frozen=True, slots=True, eq=False)
class BandChange:
    """What one round did to one band, block by block.

    Attributes
    ----------
    band : Band
    gain : float
        ln(S before / S after) over the paint seen in both captures; above 0 is smoother.
    standard_error : float
        Of the gain: from the blocks, each paired with itself, and what they share (`COMMON`).
    before_mrad, after_mrad : ndarray, shape (n_rows, n_columns)
        Slope rms in the blocks; row 0 is the top. [mrad]
    certain : ndarray of bool, same shape
        Whether the block changed for certain (99 %, and more than re-shooting does).
    x_mm, y_mm : ndarray, shape (n_columns,), (n_rows,)
        Centres of the blocks in the first capture, card frame. [mm]
    registration : Registration
    """

    band: Band
    gain: float
    standard_error: float
    before_mrad: FloatArray
    after_mrad: FloatArray
    certain: NDArray[np.bool_]
    x_mm: FloatArray
    y_mm: FloatArray
    registration: Registration

    @property
    def interval(self) -> tuple[float, float]:
        """95 % confidence interval of the gain."""
        return self.gain - COVERAGE * self.standard_error, self.gain + COVERAGE * self.standard_error

    @property
    def gains(self) -> FloatArray:
        """ln(S before / S after) of each block, shape (n_rows, n_columns)."""
        return np.asarray(np.log(self.before_mrad / self.after_mrad), np.float64)

    @property
    def improved(self) -> int:
        """Blocks that are smoother for certain."""
        return int((self.certain & (self.gains > 0)).sum())

    @property
    def worsened(self) -> int:
        """Blocks that are rougher for certain."""
        return int((self.certain & (self.gains < 0)).sum())

    def roughest(self) -> Zone:
        """The block with the strongest structure after the round."""
        return self._zone(self.after_mrad)

    def worse(self) -> Zone | None:
        """The block that got worse most, for certain; None when none did."""
        if not self.worsened:
            return None
        return self._zone(np.where(self.certain, -self.gains, -np.inf))

    def gain_map(self) -> AppearanceMap:
        """Gain of each block as a map of the panel. [1]"""
        width = float(self.x_mm[1] - self.x_mm[0])
        return AppearanceMap(f"gain_{self.band.name}", self.gains.astype(np.float32), "1", width)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types, units in the names."""
        low, high = self.interval
        worse = self.worse()
        return {
            "band": self.band.name,
            "band_mm": [self.band.shortest_mm, self.band.longest_mm],
            "gain": self.gain,
            "gain_low": low,
            "gain_high": high,
            "blocks_improved": self.improved,
            "blocks_worse": self.worsened,
            "blocks": int(self.gains.size),
            "roughest": self.roughest().as_dict(),
            "worse": None if worse is None else worse.as_dict(),
            "registration": self.registration.as_dict(),
        }

    def _zone(self, score: FloatArray) -> Zone:
        row, column = np.unravel_index(int(np.argmax(score)), score.shape)
        return _zone(
            self.x_mm, self.y_mm, int(row), int(column), self.after_mrad, 100.0 * math.expm1(-self.gains[row, column])
        )


def compare_rounds(
    before: Appearance, after: Appearance, band: Band, repeatability: float = 0.0
) -> BandChange | Refusal:
    """Change of a band between two captures of one panel, over the paint that both show.

    Parameters
    ----------
    before, after : Appearance
        With slope maps.
    band : Band
        Its shortest wave must be `SHORTEST_MM` and span four points of the maps.
    repeatability : float
        Relative scatter of the band when the same panel is put back and photographed again; a block must have
        changed by more than it can produce. [1]

    Returns
    -------
    BandChange or Refusal

    Notes
    -----
    Gain g = ½ ln(Σ e / Σ e') over the slope energies e of 6 x 4 blocks before and e' after; its standard error from
    the blocks' own shares, e/Σe - e'/Σe', which pairs each block with itself: the spread of peel over the panel, which
    is much larger than any gain, drops out.
    """
    registration = register(before, after)
    if isinstance(registration, Refusal):
        return registration
    first, second = _slopes(before), _slopes(after)
    if first is None or second is None:
        return Refusal("change", "one of the captures has no slope maps", "photograph fringes in every round")
    if not tells(band, max(first[1], second[1])):
        return Refusal(
            "change",
            f"maps do not tell waves of {band.shortest_mm:g} mm from their noise, patch by patch",
            "read the change from the figures of the whole panel",
        )
    seen = _seen_in_both(first, second, registration)
    if seen is None:
        return Refusal("change", "the captures share too little of the panel", "put the panel back as it lay before")
    one, two, x_mm, y_mm = seen
    pitch = first[1]
    columns, rows = BLOCKS
    block_mm = pitch * min(x_mm.size / columns, y_mm.size / rows)
    if block_mm < _WAVES_PER_BLOCK * band.longest_mm:
        return Refusal(
            "change", f"blocks of {block_mm:.0f} mm hold no whole wave of {band.longest_mm:g} mm", "a larger panel"
        )
    fine = (columns * _CELLS, rows * _CELLS)
    energies = [
        block_figures(SlopeSpectra(pair, pitch, np.zeros((2, 2))), {band.name: band}, fine).slope_mrad[band.name] ** 2
        for pair in (one, two)
    ]
    cells = [np.asarray(energy).reshape(rows, _CELLS, columns, _CELLS) for energy in energies]
    blocks = [cell.mean(axis=(1, 3)) for cell in cells]
    if min(float(block.min()) for block in blocks) <= 0:
        return Refusal("change", "a part of the panel shows no structure above noise in this band", "a wider band")
    gain, error = _paired(*(block.ravel() for block in blocks))
    gains, errors = np.empty(blocks[0].shape), np.empty(blocks[0].shape)
    for row, column in np.ndindex(gains.shape):
        gains[row, column], errors[row, column] = _paired(*(cell[row, :, column, :].ravel() for cell in cells))
    sure = float(student.ppf(0.5 + BLOCK_CONFIDENCE / 2, _CELLS**2 - 1))
    certain = np.abs(gains) > np.maximum(sure * errors, COVERAGE * math.sqrt(2) * repeatability)
    return BandChange(
        band=band,
        gain=gain,
        standard_error=math.hypot(error, max(COMMON[one.tier] for one in (before, after))),
        before_mrad=frozen(np.sqrt(blocks[0])),
        after_mrad=frozen(np.sqrt(blocks[1])),
        certain=certain,
        x_mm=_centres(x_mm, columns),
        y_mm=_centres(y_mm, rows),
        registration=registration,
    )


def tells(band: Band, pitch_mm: float = 0.0) -> bool:
    """Whether maps of a pitch tell how much a band changed, patch by patch."""
    return band.shortest_mm >= max(SHORTEST_MM, _POINTS_PER_WAVE * pitch_mm)


def roughest_zone(appearance: Appearance, band: Band) -> Zone | None:
    """Where one capture shows the strongest structure of a band; None without slope maps fine enough."""
    slopes = _slopes(appearance)
    if slopes is None or band.shortest_mm < _POINTS_PER_WAVE * slopes[1]:
        return None
    pair, pitch = slopes
    figures = block_figures(SlopeSpectra(pair, pitch, np.zeros((2, 2))), {band.name: band})
    slope = figures.slope_mrad[band.name]
    row, column = np.unravel_index(int(np.nanargmax(slope)), slope.shape)
    return _zone(figures.x_mm, figures.y_mm, int(row), int(column), slope, None)


def place_in_words(x_mm: float, y_mm: float, width_mm: float, height_mm: float) -> str:
    """Which ninth of a field centred on the card a point lies in, such as "upper left"."""
    column = min(2, max(0, int(3 * (x_mm / width_mm + 0.5))))
    row = min(2, max(0, int(3 * (0.5 - y_mm / height_mm))))
    return "centre" if (row, column) == (1, 1) else f"{_ROWS[row]} {_COLUMNS[column]}"


def _paired(before: FloatArray, after: FloatArray) -> tuple[float, float]:
    """Gain and its standard error from energies of the same patches."""
    shares = before / before.sum() - after / after.sum()
    n = shares.size
    gain = 0.5 * math.log(float(before.sum() / after.sum()))
    return gain, 0.5 * math.sqrt(n / (n - 1) * float((shares**2).sum()))


def _slopes(appearance: Appearance) -> tuple[tuple[FloatImage, FloatImage], float] | None:
    along_x, along_y = appearance.map("slope_x"), appearance.map("slope_y")
    if along_x is None or along_y is None or along_x.mm_per_pixel is None:
        return None
    return (np.nan_to_num(along_x.values), np.nan_to_num(along_y.values)), along_x.mm_per_pixel


def _seen_in_both(
    first: tuple[tuple[FloatImage, FloatImage], float],
    second: tuple[tuple[FloatImage, FloatImage], float],
    registration: Registration,
) -> tuple[tuple[FloatMap, FloatMap], tuple[FloatMap, FloatMap], FloatArray, FloatArray] | None:
    """Slopes of both captures on the grid of the first, where both have them, with x and y of columns and rows."""
    (pair, pitch), (moved, moved_pitch) = first, second
    rows, columns = pair[0].shape
    x = (np.arange(columns) - (columns - 1) / 2) * pitch
    y = ((rows - 1) / 2 - np.arange(rows)) * pitch
    turn = math.radians(registration.turn_deg)
    cosine, sine = math.cos(turn), math.sin(turn)
    in_second_x = cosine * x[None, :] - sine * y[:, None] + registration.shift_mm[0]
    in_second_y = sine * x[None, :] + cosine * y[:, None] + registration.shift_mm[1]
    height, width = moved[0].shape
    at = (
        (in_second_x / moved_pitch + (width - 1) / 2).astype(np.float32),
        ((height - 1) / 2 - in_second_y / moved_pitch).astype(np.float32),
    )
    inside = (at[0] >= 0) & (at[0] <= width - 1) & (at[1] >= 0) & (at[1] <= height - 1)
    top, bottom = _run(inside.mean(axis=1) > 0.5)
    left, right = _run(inside.mean(axis=0) > 0.5)
    # Corners that a turn cuts off are trimmed until the rectangle is whole.
    while not inside[top:bottom, left:right].all():
        top, bottom, left, right = top + 1, bottom - 1, left + 1, right - 1
        if bottom - top < rows // 2 or right - left < columns // 2:
            return None
    # Cubic interpolation would lift waves of a few points by a per cent or two, which polishing is to be told from.
    along_x, along_y = (cv2.remap(field, *at, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT) for field in moved)
    turned = (cosine * along_x + sine * along_y, cosine * along_y - sine * along_x)
    window = (slice(top, bottom), slice(left, right))
    one = (np.ascontiguousarray(pair[0][window]), np.ascontiguousarray(pair[1][window]))
    two = (
        np.ascontiguousarray(turned[0][window], dtype=np.float32),
        np.ascontiguousarray(turned[1][window], dtype=np.float32),
    )
    return one, two, x[left:right], y[top:bottom]


def _run(inside: NDArray[np.bool_]) -> tuple[int, int]:
    """First and past-the-last of the rows or columns that are inside."""
    found = np.flatnonzero(inside)
    return (int(found[0]), int(found[-1]) + 1) if found.size else (0, 0)


def _centres(along: FloatArray, count: int) -> FloatArray:
    edges = np.linspace(0, along.size, count + 1)
    pitch = along[1] - along[0]
    return frozen(along[0] + pitch * ((edges[:-1] + edges[1:]) / 2 - 0.5))


def _zone(x_mm: FloatArray, y_mm: FloatArray, row: int, column: int, slope: FloatArray, change: float | None) -> Zone:
    width, height = float(x_mm[1] - x_mm[0]), float(y_mm[0] - y_mm[1])
    x, y = float(x_mm[column]), float(y_mm[row])
    field = width * x_mm.size, height * y_mm.size
    return Zone(place_in_words(x, y, *field), x, y, width, height, float(slope[row, column]), change)
