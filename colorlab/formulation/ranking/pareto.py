"""Recipes of which none is better in everything, and the one at which giving up more stops paying."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray
from spectra.errors import FormulationError

# Criteria that differ by less than this share of their range count as equal: the last digits of a refinement.
_EQUAL = 1e-9


@dataclass(frozen=True, slots=True)
class ParetoFront:
    """The front of some candidates under criteria that are all better when they are smaller.

    Attributes
    ----------
    criteria : tuple of str
        Those that were compared.
    rows : tuple of int
        Candidates on the front, in their order. Equal candidates are on it together.
    knee : int or None
        The candidate of the front at which the others lie farthest from winning in one criterion without losing more
        in the rest; None where the front is fewer than three candidates, or a straight line.
    unknown : tuple of str
        Criteria left out because no candidate has a value.
    """

    criteria: tuple[str, ...]
    rows: tuple[int, ...]
    knee: int | None
    unknown: tuple[str, ...]


def pareto_front(criteria: Mapping[str, ArrayLike]) -> ParetoFront:
    """The candidates that no other one equals or beats in everything while beating them in something.

    Parameters
    ----------
    criteria : mapping of str to array_like, shape (n_candidates,)
        Smaller is better: ΔE, price, 1 − P(inside). NaN where it is not known: such a candidate counts as the worst of
        all in that criterion, so that nobody is on the front for a price nobody knows, and is there for the rest.

    Raises
    ------
    FormulationError
        If there is no criterion, or their lengths differ.

    Notes
    -----
    The knee [1]_ is the point of the front farthest below the plane through its extremes, each criterion in units of
    its range over the front.

    References
    ----------
    .. [1] I. Das, "On characterizing the 'knee' of the Pareto curve based on normal-boundary intersection",
       Struct. Optim. 18 (1999) 107–115.
    """
    columns = {name: np.asarray(values, dtype=np.float64) for name, values in criteria.items()}
    shapes = {values.shape for values in columns.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1:
        raise FormulationError(f"criteria of shapes {sorted(shapes)}; expected one value a candidate of each")
    unknown = tuple(name for name, values in columns.items() if np.isnan(values).all() and values.size)
    known = [name for name in columns if name not in unknown]
    n = next(iter(columns.values())).size
    if n == 0 or not known:
        return ParetoFront(tuple(known), tuple(range(n)), None, unknown)
    table = np.stack([columns[name] for name in known], axis=1)
    table = np.where(np.isnan(table), np.inf, table)
    rows = _front(table)
    return ParetoFront(tuple(known), tuple(rows), _knee(table, rows), unknown)


def _front(table: FloatArray) -> list[int]:
    finite = np.where(np.isfinite(table), table, np.nan)
    slack = _EQUAL * np.nan_to_num(np.nanmax(finite, axis=0) - np.nanmin(finite, axis=0))
    kept = []
    for row, candidate in enumerate(table):
        no_worse = (table <= candidate + slack).all(axis=1)
        better = (table < candidate - slack).any(axis=1)
        if not (no_worse & better).any():
            kept.append(row)
    return kept


def _knee(table: FloatArray, rows: list[int]) -> int | None:
    front = table[rows]
    inside = np.isfinite(front).all(axis=1)
    if inside.sum() < 3:
        return None
    low, high = front[inside].min(axis=0), front[inside].max(axis=0)
    differs = high > low
    if differs.sum() < 2:
        return None
    scaled = (front[:, differs] - low[differs]) / (high - low)[differs]
    # Whoever is best in one criterion and worst in all others lies on the plane of the sum k − 1.
    below = (differs.sum() - 1) - scaled.sum(axis=1)
    below[~inside] = -np.inf
    best = int(below.argmax())
    return rows[best] if below[best] > _EQUAL else None
