"""What a colour difference is made of, in numbers and in the words of the trade."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from colorlab.difference.standard import delta_E
from spectra.arrays import FloatArray

# Below this chroma a hue angle says little, and painters speak of a redder or bluer grey instead. [CIELAB units]
NEUTRAL_CHROMA = 6.0
# A component under a quarter of a CIEDE2000 unit is not mentioned: two careful readings of one panel differ by that.
SPEAKING_LIMIT = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """Components of sample minus standard, each of shape (...). [CIELAB units]"""

    delta_L: FloatArray
    delta_a: FloatArray
    delta_b: FloatArray
    delta_C: FloatArray
    delta_H: FloatArray


def components(standard: ArrayLike, sample: ArrayLike) -> Components:
    """ΔL*, Δa*, Δb*, ΔC*ab and ΔH*ab, always sample minus standard.

    Parameters
    ----------
    standard, sample : array_like, shape (..., 3)
        CIELAB.

    Notes
    -----
    ΔH* carries the sign of the change of hue angle, counter-clockwise positive, and ΔE*² = ΔL*² + ΔC*² + ΔH*².

    References
    ----------
    .. [1] CIE 15:2018, 8.2.1.3.
    """
    first = np.asarray(standard, dtype=np.float64)
    second = np.asarray(sample, dtype=np.float64)
    (L1, a1, b1), (L2, a2, b2) = np.moveaxis(first, -1, 0), np.moveaxis(second, -1, 0)
    C1, C2 = np.hypot(a1, b1), np.hypot(a2, b2)
    # The angle between the two hues from its sine and cosine: no cancellation, neither for alike nor for opposite hues.
    turn = np.arctan2(a1 * b2 - a2 * b1, a1 * a2 + b1 * b2)
    delta_H = 2 * np.sqrt(C1 * C2) * np.sin(turn / 2)
    return Components(L2 - L1, a2 - a1, b2 - b1, C2 - C1, np.asarray(delta_H))


def words(standard: ArrayLike, sample: ArrayLike) -> tuple[str, ...]:
    """What differs between two colours, largest first, in words: `darker`, `less chromatic`, `redder`.

    Parameters
    ----------
    standard, sample : array_like, shape (3,)
        CIELAB.
    """
    return words_of_each(np.atleast_2d(standard), np.atleast_2d(sample))[0]


def words_of_each(standard: ArrayLike, sample: ArrayLike) -> list[tuple[str, ...]]:
    """`words` for every pair of a batch.

    The size of each component is what CIEDE2000 gives when only that component changes.

    Parameters
    ----------
    standard, sample : array_like, shape (n, 3)
        CIELAB.

    Returns
    -------
    list of tuple of str, length n
    """
    first, second = np.asarray(standard, dtype=np.float64), np.asarray(sample, dtype=np.float64)
    C1, C2 = np.hypot(first[:, 1], first[:, 2]), np.hypot(second[:, 1], second[:, 2])
    h1, h2 = np.arctan2(first[:, 2], first[:, 1]), np.arctan2(second[:, 2], second[:, 1])
    only_L, only_a, only_b = (_with(first, axis, second[:, axis]) for axis in range(3))
    only_C = np.stack([first[:, 0], C2 * np.cos(h1), C2 * np.sin(h1)], axis=-1)
    only_h = np.stack([first[:, 0], C1 * np.cos(h2), C1 * np.sin(h2)], axis=-1)
    sizes = delta_E(first, np.stack([only_L, only_a, only_b, only_C, only_h]))
    rows = []
    for row, (a, b) in enumerate(zip(first, second, strict=True)):
        said = [(sizes[0, row], "lighter" if b[0] > a[0] else "darker")]
        if max(C1[row], C2[row]) < NEUTRAL_CHROMA:
            said.append((sizes[1, row], "redder" if b[1] > a[1] else "greener"))
            said.append((sizes[2, row], "yellower" if b[2] > a[2] else "bluer"))
        else:
            said.append((sizes[3, row], "more chromatic" if C2[row] > C1[row] else "less chromatic"))
            said.append((sizes[4, row], _hue_word(float(h1[row]), float(h2[row]))))
        said.sort(key=lambda item: -item[0])
        rows.append(tuple(word for size, word in said if size >= SPEAKING_LIMIT))
    return rows


def _with(lab: FloatArray, axis: int, values: FloatArray) -> FloatArray:
    changed = lab.copy()
    changed[:, axis] = values
    return changed


# What a red, a yellow, a green and a blue become when their hue angle grows, and when it falls.
_COUNTER_CLOCKWISE = ("yellower", "greener", "bluer", "redder")
_CLOCKWISE = ("bluer", "redder", "yellower", "greener")


def _hue_word(h1: float, h2: float) -> str:
    """A hue turns along the axis across its own: a red gets yellower or bluer, never redder."""
    turn = (h2 - h1 + np.pi) % (2 * np.pi) - np.pi
    own_axis = round(h1 / (np.pi / 2)) % 4
    return (_COUNTER_CLOCKWISE if turn >= 0 else _CLOCKWISE)[own_axis]
