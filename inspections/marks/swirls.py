"""Fine scratches all over: swirls of any direction and buffer trails of one, too faint to be traced one by one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspections.frame.rectify import PanelGrid
from inspections.marks.extremes import block_maxima
from inspections.marks.lines import BLOCK_MM, DIRECTIONS, LineResponse
from inspections.marks.mark import Mark, MarkKind

TILE_MM = 20.0
LEAST_EXCESS = 0.15
"""Excess from which swirls are reported: 37 clean panels gave 0.02 with a standard deviation of 0.02."""
LEAST_COHERENCE = 0.6
LEAST_SHARE = 0.002
"""Share of a tile on faint lines of one direction from which it belongs to a trail; clean tiles hold 0.0006."""
LEAST_TILES = 3
"""Tiles that must agree in direction: a band of coherent scratches is 10 to 80 mm wide and longer than that."""
LEAST_AGREEMENT = 0.85
AROUND_MM = 1.5
"""Kept clear of marks that were found one by one. [mm]"""
FAINT = 4.0
"""Response that counts as a faint line. [standard deviations]"""


@dataclass(frozen=True, slots=True)
class FineLines:
    """Faint lines of one part of the panel.

    Attributes
    ----------
    excess : float
        Typical strength of the strongest line in 2 mm blocks, lost over gained modulation, less 1: 0 without
        scratches, whatever the peel and the noise.
    share : float
        Part of the area on faint lines. [0-1]
    coherence : float
        |mean exp(2iθ)| of their directions: 0 every direction alike, 1 all parallel.
    orientation_deg : float
        Their mean direction, counter-clockwise from x. [°]
    """

    excess: float
    share: float
    coherence: float
    orientation_deg: float


_Tile = tuple[NDArray[np.intp], NDArray[np.intp], FineLines]
"""Rows, columns and what was read there."""


def fine_lines(response: LineResponse, clear: NDArray[np.bool_], pitch_mm: float) -> FineLines:
    """Faint lines of a response, or of a part of it, where `clear` holds; all of one shape."""
    block = max(1, round(BLOCK_MM / pitch_mm))
    lost = float(np.median(block_maxima(response.strength, block)))
    gained = float(np.median(block_maxima(response.gained, block)))
    faint = (response.strength > FAINT) & clear
    turn = np.exp(2j * np.pi / DIRECTIONS * response.direction[faint])
    mean = complex(turn.mean()) if turn.size else 0j
    return FineLines(
        excess=lost / max(gained, 1e-6) - 1,
        share=float(faint.mean()),
        coherence=abs(mean),
        orientation_deg=float(np.degrees(np.angle(mean)) / 2 % 180),
    )


def find_swirls(response: LineResponse, clear: NDArray[np.bool_], grid: PanelGrid) -> tuple[Mark, ...]:
    """Swirls and buffer trails as areas, in whole tiles of about 20 mm.

    Parameters
    ----------
    response : LineResponse
        Over `grid`.
    clear : ndarray of bool, shape `grid.shape`
        Where no mark lies that was found one by one and belongs to no field: nibs, craters, scratches.
    grid : PanelGrid

    Returns
    -------
    tuple of Mark
        At most one swirl field and one hologram; their severity is excess or share over the least reported.

    Notes
    -----
    A scratch takes modulation and never gives any, peel and noise do both alike. So losses along lines are compared
    with gains along lines, and the panel itself is the clean reference.
    """
    rows, columns = (max(1, round(side / TILE_MM)) for side in grid.size_mm[::-1])
    tiles: list[_Tile] = []
    for row in np.array_split(np.arange(grid.shape[0]), rows):
        for column in np.array_split(np.arange(grid.shape[1]), columns):
            part = (slice(row[0], row[-1] + 1), slice(column[0], column[-1] + 1))
            tiles.append((row, column, fine_lines(response.part(part), clear[part], grid.pitch_mm)))
    found = []
    trail = [tile for tile in tiles if tile[2].share >= LEAST_SHARE and tile[2].coherence >= LEAST_COHERENCE]
    agreed = abs(np.mean([np.exp(2j * np.radians(one.orientation_deg)) for *_, one in trail])) if trail else 0.0
    if len(trail) >= LEAST_TILES and agreed >= LEAST_AGREEMENT:
        found.append(_area("hologram", trail, grid, float(np.median([one.share for *_, one in trail])) / LEAST_SHARE))
    excess = fine_lines(response, clear, grid.pitch_mm).excess
    swirled = [tile for tile in tiles if tile[2].excess >= LEAST_EXCESS and tile[2].coherence < LEAST_COHERENCE]
    if excess >= LEAST_EXCESS and swirled:
        found.append(_area("swirl", swirled, grid, excess / LEAST_EXCESS))
    return tuple(found)


def _area(kind: MarkKind, tiles: list[_Tile], grid: PanelGrid, severity: float) -> Mark:
    """The rectangle around tiles."""
    top, bottom = min(rows[0] for rows, _, _ in tiles), max(rows[-1] for rows, _, _ in tiles)
    left, right = min(columns[0] for _, columns, _ in tiles), max(columns[-1] for _, columns, _ in tiles)
    x, y = grid.x_mm[[left, right]], grid.y_mm[[top, bottom]]
    turn = sum(one.share * one.coherence * np.exp(2j * np.radians(one.orientation_deg)) for *_, one in tiles)
    width, height = float(x[1] - x[0]), float(y[0] - y[1])
    return Mark(
        kind=kind,
        x_mm=float(x.mean()),
        y_mm=float(y.mean()),
        length_mm=max(width, height),
        width_mm=min(width, height),
        orientation_deg=float(np.degrees(np.angle(turn)) / 2 % 180) if kind == "hologram" else None,
        severity=severity,
        outline_mm=tuple((float(a), float(b)) for a, b in ((x[0], y[0]), (x[1], y[0]), (x[1], y[1]), (x[0], y[1]))),
    )
