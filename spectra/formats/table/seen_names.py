"""Names met before in a stream, in eight bytes each: a file larger than memory may hold tens of millions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

DIGEST_BYTES = 8  # two of ten million names share one with a probability of 3·10⁻⁶, and are then refused, not mixed up


class SeenNames:
    """A set of names that only grows: sorted runs of digests, each at least twice as long as the next."""

    def __init__(self) -> None:
        self._runs: list[NDArray[np.uint64]] = []

    def add(self, names: Sequence[str]) -> int | None:
        """Remember names; the place of the first that was met before, in earlier calls or in this one, or None."""
        digests = np.array([_digest(name) for name in names], dtype=np.uint64)
        order = np.argsort(digests, kind="stable")
        run = digests[order]
        met = np.zeros(len(names), dtype=bool)
        met[order[1:]] = run[1:] == run[:-1]
        for earlier in self._runs:
            place = np.minimum(np.searchsorted(earlier, digests), earlier.size - 1)
            met |= earlier[place] == digests
        if met.any():
            return int(met.argmax())
        while self._runs and self._runs[-1].size < 2 * run.size:
            run = np.sort(np.concatenate([self._runs.pop(), run]), kind="stable")
        if run.size:
            self._runs.append(run)
        return None


def _digest(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest())
