"""All combinations of a palette's components, in lexicographic order, as arrays."""

from __future__ import annotations

from functools import lru_cache
from math import comb

import numpy as np
from numpy.typing import NDArray


@lru_cache(maxsize=32)
def combinations_of(count: int, size: int) -> NDArray[np.int16]:
    """Combinations of `size` out of `count` things, shape (n_combinations, size), read-only."""
    rows = np.zeros((1, 0), dtype=np.int16)
    for length in range(1, size + 1):
        last = rows[:, -1] if length > 1 else np.full(1, -1, dtype=np.int16)
        followers = count - 1 - last.astype(np.intp)
        first = np.cumsum(followers) - followers
        parent = np.repeat(np.arange(len(rows)), followers)
        new = np.arange(len(parent)) - first[parent] + last[parent] + 1
        rows = np.concatenate([rows[parent], new[:, None].astype(np.int16)], axis=1)
    rows.setflags(write=False)
    return rows


@lru_cache(maxsize=32)
def rank_terms(count: int, size: int) -> NDArray[np.intp]:
    """Terms of the rank of a combination in `combinations_of`, shape (size, count).

    The rank of r₀ < r₁ < … is C(count, size) − 1 − Σᵢ terms[i, rᵢ].
    """
    terms = np.array([[comb(count - 1 - member, size - place) for member in range(count)] for place in range(size)])
    terms.setflags(write=False)
    return terms.astype(np.intp)
