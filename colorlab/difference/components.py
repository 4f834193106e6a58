"""What a colour difference is made of, in numbers and in the words of the trade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from colorlab.difference.standard import delta_E
from spectra.arrays import FloatArray

# Below this chroma a hue angle says little, and painters speak of a redder or bluer grey instead. [CIELAB units]
NEUTRAL_CHROMA = 6.0
# A component under a quarter of a CIEDE2000 unit is not mentioned: two careful readings of one panel differ by that.
SPEAKING_LIMIT = 0.25


# What may be said of one component, and of lightness and chroma together.
WORDS = (
    "lighter",
    "darker",
    "redder",
    "yellower",
    "greener",
    "bluer",
    "more chromatic",
    "less chromatic",
    "stronger",
    "weaker",
)
(
    _LIGHTER,
    _DARKER,
    _REDDER,
    _YELLOWER,
    _GREENER,
    _BLUER,
    _MORE_CHROMATIC,
    _LESS_CHROMATIC,
    _STRONGER,
    _WEAKER,
) = range(len(WORDS))
_SILENT = -1

# What a red, a yellow, a green and a blue become when their hue angle grows, and when it falls.
_COUNTER_CLOCKWISE = np.array([_YELLOWER, _GREENER, _BLUER, _REDDER])
_CLOCKWISE = np.array([_BLUER, _REDDER, _YELLOWER, _GREENER])

Codes = np.ndarray[Any, np.dtype[np.intp]]
BooleanArray = np.ndarray[Any, np.dtype[np.bool_]]


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
    """`words` for every pair of a batch; in Chinese by `colorlab.difference.words.in_chinese`.

    The size of each component is what CIEDE2000 gives when only that component changes.

    Parameters
    ----------
    standard, sample : array_like, shape (n, 3)
        CIELAB.

    Returns
    -------
    list of tuple of str, length n

    Notes
    -----
    A sample both lighter and less chromatic that comes near the straight line from the standard to white is `weaker`,
    one both darker and more chromatic that goes back along it `stronger`, as if with less or more colorant; neither is
    said beside its two parts. Depth is the distance from white, as Berns defines it. Near means that lightness and
    chroma each change by at least half of what the change along that line brings. A dark paint that more colorant makes
    darker and duller is called just that: its CIELAB alone does not tell colorant from dirt.

    References
    ----------
    .. [1] R. S. Berns, "Extending CIELAB: vividness, V*ab, depth, D*ab, and clarity, T*ab", Color Res. Appl. 39 (2014)
       322–330.
    """
    first, second = np.asarray(standard, dtype=np.float64), np.asarray(sample, dtype=np.float64)
    said, sizes = spoken_components(first, second)
    _say_depth(first, second, said, sizes)
    order = np.argsort(-sizes, axis=0, kind="stable")
    ranked = np.take_along_axis(np.where(sizes >= SPEAKING_LIMIT, said, _SILENT), order, axis=0)
    # Of so few different answers each is put into words once: three places, each silent or one of the words.
    base = len(WORDS) + 1
    answer_of = np.array([base * base, base, 1]) @ (ranked + 1)
    answers = {
        int(key): tuple(WORDS[code - 1] for code in np.unravel_index(key, (base, base, base)) if code)
        for key in np.unique(answer_of)
    }
    return [answers[key] for key in answer_of.tolist()]


def spoken_components(
    standard: FloatArray, sample: FloatArray, grey: BooleanArray | None = None
) -> tuple[Codes, FloatArray]:
    """Of lightness, then chroma and hue or, for greys, redness and yellowness: what is said of each, and its size.

    Parameters
    ----------
    standard, sample : ndarray, shape (n, 3)
        CIELAB.
    grey : ndarray of bool, shape (n,), optional
        Which pairs are spoken of as greys; without it those under `NEUTRAL_CHROMA`.

    Returns
    -------
    said : ndarray of int, shape (3, n)
        Places in `WORDS`.
    sizes : ndarray, shape (3, n)
        CIEDE2000 of that component alone.
    """
    (L1, a1, b1), (L2, a2, b2) = standard.T, sample.T
    C1, C2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.arctan2(b1, a1), np.arctan2(b2, a2)
    if grey is None:
        grey = np.maximum(C1, C2) < NEUTRAL_CHROMA
    alone = np.broadcast_to(standard, (3, *standard.shape)).copy()
    alone[0, :, 0] = L2
    alone[1, :, 1], alone[1, :, 2] = np.where(grey, [a2, b1], [C2 * np.cos(h1), C2 * np.sin(h1)])
    alone[2, :, 1], alone[2, :, 2] = np.where(grey, [a1, b2], [C1 * np.cos(h2), C1 * np.sin(h2)])
    turn = (h2 - h1 + np.pi) % (2 * np.pi) - np.pi
    # A hue turns along the axis across its own: a red gets yellower or bluer, never redder.
    own_axis = np.nan_to_num(np.round(h1 / (np.pi / 2))).astype(np.intp) % 4
    hue = np.where(turn >= 0, _COUNTER_CLOCKWISE[own_axis], _CLOCKWISE[own_axis])
    said = np.stack(
        [
            np.where(L2 > L1, _LIGHTER, _DARKER),
            np.where(grey, np.where(a2 > a1, _REDDER, _GREENER), np.where(C2 > C1, _MORE_CHROMATIC, _LESS_CHROMATIC)),
            np.where(grey, np.where(b2 > b1, _YELLOWER, _BLUER), hue),
        ]
    )
    return said, delta_E(standard, alone)


def _say_depth(standard: FloatArray, sample: FloatArray, said: Codes, sizes: FloatArray) -> None:
    """Put one word of depth in the place of lightness, and silence in that of chroma, where depth is what changed."""
    weaker = (said[0] == _LIGHTER) & (said[1] == _LESS_CHROMATIC)
    stronger = (said[0] == _DARKER) & (said[1] == _MORE_CHROMATIC)
    # Far below what is spoken of, and far above rounding, of which no ratio can be taken.
    changed = (sizes[:2] > SPEAKING_LIMIT / 1000).all(axis=0)
    (rows,) = np.nonzero((weaker | stronger) & changed & (standard[:, 0] < 100))
    delta_L = np.abs(sample[rows, 0] - standard[rows, 0])
    C1, C2 = (np.hypot(lab[rows, 1], lab[rows, 2]) for lab in (standard, sample))
    change = sizes[:2, rows]
    # The line to white in the same CIEDE2000 units as the change, and the share of the line that the change runs along.
    line = np.stack([100 - standard[rows, 0], C1]) * change / np.stack([delta_L, np.abs(C2 - C1)])
    share = (change * line).sum(axis=0) / (line**2).sum(axis=0)
    near = (change >= share * line / 2).all(axis=0)
    depth = rows[near]
    said[0, depth] = np.where(weaker[depth], _WEAKER, _STRONGER)
    sizes[0, depth] = np.hypot(sizes[0, depth], sizes[1, depth])
    sizes[1, depth] = 0
