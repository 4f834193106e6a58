"""What one step of learning from past batches was worth on batches it was not learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spectra.arrays import FloatArray

STRENGTHS, COLORANTS, COLOURS = "strengths of the lots", "bias of the colorants", "bias of the colours"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that batches may teach, judged by batches it was not learned from.

    Attributes
    ----------
    name : str
        `STRENGTHS`, `COLORANTS` or `COLOURS`.
    kept : bool
        Whether it was learned.
    batches : int
        Held out in turn; 0 where the step was not tried.
    before, after : float
        Their mean weighted ΔE00 with the steps kept before this one, and with this one too; NaN where not tried.
    standard_error : float
        Of `before` less `after`. [ΔE00]
    reason : str
        Why it was not learned; empty where it was.
    """

    name: str
    kept: bool
    batches: int = 0
    before: float = float("nan")
    after: float = float("nan")
    standard_error: float = float("nan")
    reason: str = ""

    def __str__(self) -> str:
        if not self.batches:
            return f"{self.name} not learned: {self.reason}"
        told = f"mean ΔE00 of {self.batches} batches held out {self.before:.2f} -> {self.after:.2f}"
        gain = f"gain {self.before - self.after:.2f}, standard error {self.standard_error:.2f}"
        return f"{self.name} {'learned' if self.kept else 'not learned'}: {told}; {self.reason or gain}"


def judged(name: str, before: FloatArray, after: FloatArray, colours: Sequence[str]) -> Step:
    """Whether errors of held-out batches fell by more than the standard error of that.

    Parameters
    ----------
    name : str
    before, after : ndarray, shape (n_batches,)
        Errors of the same batches. [ΔE00]
    colours : sequence of str
        Of the batches. What is wrong with a colour all its batches share, so that colours are counted in the standard
        error and not batches [1]_; over batches where there is one colour only.

    References
    ----------
    .. [1] K.-Y. Liang, S. L. Zeger, "Longitudinal data analysis using generalized linear models", Biometrika 73 (1986)
       13–22.
    """
    gain = before - after
    error = _standard_error(gain, colours)
    kept = bool(gain.mean() > error)
    reason = "" if kept else f"no gain beyond its standard error, {error:.2f}"
    return Step(name, kept, len(gain), float(before.mean()), float(after.mean()), error, reason)


def _standard_error(values: FloatArray, colours: Sequence[str]) -> float:
    """Of a mean over batches that come in colours."""
    names, groups = np.unique(colours, return_inverse=True)
    if names.size < 2:
        return float(values.std(ddof=1) / np.sqrt(values.size))
    sums = np.bincount(groups, weights=values - values.mean())
    return float(np.sqrt(names.size / (names.size - 1) * np.square(sums).sum()) / values.size)
