"""The edges of upright stripes: mid-level crossings to a fraction of a pixel, followed from row to row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray

FORM_ORDER = 2
"""Polynomial removed from each edge: the panel's curvature bends stripes smoothly."""
MIN_EDGE_PERIODS = 1.5
"""Shortest edge that is measured: in a shorter one wander and form are the same thing. [periods]"""
_REACH = 0.125
"""Farthest a crossing may lie from its edge's recent course; beyond, the reflection has jumped elsewhere. [periods]"""
_GAP = 0.15
"""Rows without a crossing after which an edge has ended. [periods]"""


@dataclass(frozen=True, slots=True, eq=False)
class StripeEdge:
    """One edge: its rows, its column in each [pixel], and whether light follows dark."""

    rows: FloatArray
    columns: FloatArray
    rising: bool

    def course(self, rows: FloatArray) -> FloatArray:
        """Smooth course at some rows. [pixel]"""
        fitted: FloatArray = np.polynomial.Polynomial.fit(self.rows, self.columns, FORM_ORDER)(rows)
        return fitted

    def wander(self) -> float:
        """Rms distance from the smooth course, scaled for the degrees of freedom it took. [pixel]"""
        squared = (self.columns - self.course(self.rows)) ** 2
        return float(np.sqrt(squared.sum() / (self.rows.size - FORM_ORDER - 1)))


def trace_edges(level: FloatImage, usable: NDArray[np.bool_], period: float) -> list[StripeEdge]:
    """Edges of stripes that stand upright, followed down the rows.

    Parameters
    ----------
    level : ndarray of float32, shape (height, width)
        Light relative to the local mid level, the stripes' normal along the rows.
    usable : ndarray of bool, same shape
        Where the stripes have contrast.
    period : float
        Of the stripes. [pixel]

    Returns
    -------
    list of StripeEdge
        Of at least `MIN_EDGE_PERIODS`.
    """
    shortest = max(MIN_EDGE_PERIODS * period, 3 * FORM_ORDER + 6)
    return [
        edge
        for rising in (True, False)
        for edge in _followed(level, usable, period, rising=rising)
        if edge.rows.size >= shortest
    ]


def _followed(level: FloatImage, usable: NDArray[np.bool_], period: float, *, rising: bool) -> list[StripeEdge]:
    """Crossings of one kind, linked from row to row, older edges first."""
    before, after = level[:, :-1], level[:, 1:]
    crosses = ((before < 0) & (after >= 0)) if rising else ((before >= 0) & (after < 0))
    crosses &= usable[:, :-1] & usable[:, 1:]
    all_rows, all_starts = np.nonzero(crosses)
    all_columns = all_starts - before[crosses] / (after[crosses] - before[crosses])
    first = np.searchsorted(all_rows, np.arange(level.shape[0] + 1))
    tolerance, gap = _REACH * period, max(2, int(_GAP * period))
    name = np.full(all_rows.size, -1)
    open_names = np.zeros(0, dtype=int)
    expected, last_row = np.zeros(0), np.zeros(0, dtype=int)
    count = 0
    for row in range(level.shape[0]):
        here = slice(first[row], first[row + 1])
        columns = all_columns[here]
        if columns.size == 0:
            continue
        fresh = row - last_row <= gap
        open_names, expected, last_row = open_names[fresh], expected[fresh], last_row[fresh]
        names = np.full(columns.size, -1)
        if open_names.size:
            apart = np.abs(columns[:, None] - expected[None, :])
            to_column = apart.argmin(axis=0)
            near = np.flatnonzero(apart[to_column, np.arange(open_names.size)] <= tolerance)
            # Where two edges want one crossing the older has it: a passing speck must not cut an edge in two.
            column, oldest = np.unique(to_column[near], return_index=True)
            edge = near[oldest]
            names[column] = open_names[edge]
            expected[edge] += 0.5 * (columns[column] - expected[edge])
            last_row[edge] = row
        new = names < 0
        names[new] = np.arange(count, count + new.sum())
        count += int(new.sum())
        open_names = np.concatenate([open_names, names[new]])
        expected = np.concatenate([expected, columns[new]])
        last_row = np.concatenate([last_row, np.full(int(new.sum()), row)])
        name[here] = names
    order = np.argsort(name, kind="stable")
    bounds = np.flatnonzero(np.diff(name[order])) + 1
    return [
        StripeEdge(all_rows[run].astype(np.float64), all_columns[run].astype(np.float64), rising)
        for run in np.split(order, bounds)
    ]


def edge_spacings(edges: list[StripeEdge], period: float) -> FloatArray:
    """Distances between neighbouring edges of one kind at shared rows; nearer ones are one edge in two. [pixel]"""
    distances = []
    for rising in (True, False):
        kind = [edge for edge in edges if edge.rising == rising]
        for edge in kind:
            middle = np.array([edge.rows.mean()])
            at = [float(other.course(middle)[0]) for other in kind if other.rows[0] <= middle[0] <= other.rows[-1]]
            ahead = [column - float(edge.course(middle)[0]) for column in at]
            nearest = [distance for distance in ahead if distance > 0.4 * period]
            if nearest:
                distances.append(min(nearest))
    return np.array(distances)
