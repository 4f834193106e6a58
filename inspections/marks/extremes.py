"""How high a panel's own texture reaches by chance: the level above which something is a mark."""

from __future__ import annotations

import numpy as np

from inspections.photos.photo import FloatImage

FALSE_ALARMS = 0.05
"""Places of a clean panel expected above the level, per search: one panel in twenty."""
_HALF, _HIGH = 0.5, 0.9
_LEAST_BLOCKS = 20


def robust_scale(field: FloatImage) -> float:
    """Standard deviation of a Gaussian field with a few marks on it: 1.4826 times the median absolute deviation."""
    sample = field[::2, ::2]
    return float(1.4826 * np.median(np.abs(sample - np.median(sample))))


def block_maxima(field: FloatImage, block_px: int) -> FloatImage:
    """Largest value of each whole square block, shape (rows, columns) of blocks."""
    rows, columns = field.shape[0] // block_px, field.shape[1] // block_px
    cut = field[: rows * block_px, : columns * block_px]
    return np.asarray(cut.reshape(rows, block_px, columns, block_px).max(axis=(1, 3)), np.float32)


def chance_level(field: FloatImage, block_px: int, false_alarms: float = FALSE_ALARMS) -> float:
    """Level that the field itself exceeds in so many places of a whole panel.

    Parameters
    ----------
    field : ndarray of float32, shape (height, width)
    block_px : int
        Side of the blocks; they should be larger than what one texture element or mark covers. [pixel]
    false_alarms : float
        Expected number of blocks of a clean panel above the level.

    Returns
    -------
    float
        In the unit of the field; infinite when the field holds too few blocks to tell.

    Notes
    -----
    Largest values of blocks follow a Gumbel distribution. Its two parameters are taken from the median and the 90 %
    quantile of the blocks, which marks in less than a tenth of them do not move, and it is continued to the level
    wanted. A Gaussian field stays below it, since its maxima approach the Gumbel law from below; a texture with a
    heavier tail raises the level by its own measure.

    References
    ----------
    .. [1] E. J. Gumbel, Statistics of Extremes, Columbia University Press, 1958, chapter 5.
    """
    largest = block_maxima(field, block_px)
    if largest.size < _LEAST_BLOCKS:
        return float("inf")
    half, high = np.quantile(largest, (_HALF, _HIGH))
    reduced_half, reduced_high = (-np.log(-np.log(share)) for share in (_HALF, _HIGH))
    scale = (high - half) / (reduced_high - reduced_half)
    return float(half + scale * (np.log(largest.size / false_alarms) - reduced_half))
