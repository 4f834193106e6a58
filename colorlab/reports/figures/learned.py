"""A learned tolerance: what was accepted and rejected, and the surface that every second judgement accepts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from colorlab.reports.style import ACCENT, FAINT, INK, MUTED, PAPER, blank, box, house_style, label
from colorlab.tolerance.learning.psychometric import Judgements, Psychometric
from colorlab.tolerance.learning.reach import reach
from spectra.arrays import FloatArray

Section = tuple[str, tuple[str, str, str], Judgements, Psychometric, FloatArray]
"""Where, names of the three coordinates, judgements, fit, and the formula's quadratic form at its limit."""

_WIDTH, _HEIGHT = 780, 430  # of a row [px]
# Seen along the axis that is left out: a pair further from the plane than this is drawn faint. [semi-axes]
_NEAR = 0.5


@house_style
def learned_sections(sections: Sequence[Section], formula: str) -> Figure:
    """Two planes through the standard for each section: the second and third coordinate, the second and first.

    The line is where half of the judgements accept, with its 95 % band; dashed, the formula at the same share of
    rejections. A pair is a dot, the fuller of the accent the more often it was rejected, and faint where it differs
    along the third coordinate by more than half of what is accepted there.
    """
    figure = blank(_WIDTH, _HEIGHT * len(sections))
    for row, (where, names, judgements, fit, form) in enumerate(sections):
        bottom = _HEIGHT * (len(sections) - 1 - row)
        for column, (across, up) in enumerate(((1, 2), (1, 0))):
            left = 52 + column * (_WIDTH // 2)
            axes = box(figure, left, bottom + 48, left + _WIDTH // 2 - 72, bottom + _HEIGHT - 52)
            _plane(axes, (across, up), judgements, fit, form)
            told = f"{where}: line where half accept, grey its 95 %, dashed {formula}, red what was rejected"
            label(axes, x=f"{names[across]} [CIELAB units]", y=f"{names[up]} [CIELAB units]")
            # Above the title, which is the name of the axis.
            if column == 0:
                axes.text(0, 1.11, told, transform=axes.transAxes, color=INK)
    return figure


def _plane(axes: Axes, plane: tuple[int, int], judgements: Judgements, fit: Psychometric, form: FloatArray) -> None:
    turn = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    unit = np.zeros((96, 3))
    unit[:, plane[0]], unit[:, plane[1]] = np.cos(turn), np.sin(turn)
    reaches = [reach(fit, e) for e in unit]
    flat = unit[:, plane]
    middle = np.array([own.length for own in reaches])[:, None] * flat
    inner = np.array([own.interval[0] for own in reaches])[:, None] * flat
    outer = np.array([own.interval[1] for own in reaches])[:, None] * flat
    rival = flat / np.sqrt(np.einsum("ij,jk,ik->i", unit, form, unit))[:, None]
    pairs, first = np.unique(judgements.pairs, return_index=True)
    share = np.array([1 - judgements.accepted[judgements.pairs == pair].mean() for pair in pairs])
    shown = judgements.differences[first]
    (off,) = {0, 1, 2} - set(plane)
    near = np.abs(shown[:, off]) * np.sqrt(fit.matrix[off, off]) <= _NEAR
    half = 1.15 * float(np.quantile(np.abs(shown[:, plane]), 0.98, axis=0).max())
    # An axis that nothing was told of has a band without end: it is cut, not the judgements made small.
    half = max(half, 1.15 * float(np.abs(middle).max()))
    # Ring between the two bounds: out along one, back along the other.
    ring = np.vstack([outer, outer[:1], inner[:1], inner[::-1]])
    axes.add_patch(Polygon(np.clip(ring, -4 * half, 4 * half), closed=True, facecolor=FAINT, alpha=0.45))
    axes.add_patch(Polygon(rival, closed=True, facecolor="none", edgecolor=MUTED, linewidth=1.2, linestyle=(0, (4, 3))))
    axes.add_patch(Polygon(middle, closed=True, facecolor="none", edgecolor=INK, linewidth=1.6))
    for (x, y), rejected, close in zip(shown[:, plane], share, near, strict=True):
        edge = INK if close else FAINT
        axes.plot(x, y, "o", markersize=7, markerfacecolor=PAPER, markeredgecolor=edge, markeredgewidth=0.8)
        alpha = float(rejected) * (1.0 if close else 0.35)
        axes.plot(x, y, "o", markersize=6, markerfacecolor=ACCENT, markeredgewidth=0, alpha=alpha)
    axes.plot(0, 0, "+", color=MUTED, markersize=11)
    axes.axhline(0, color=FAINT, linewidth=1, zorder=0)
    axes.axvline(0, color=FAINT, linewidth=1, zorder=0)
    width, height = axes.bbox.width, axes.bbox.height
    axes.set_xlim(-half * max(1.0, width / height), half * max(1.0, width / height))
    axes.set_ylim(-half * max(1.0, height / width), half * max(1.0, height / width))
    axes.locator_params(nbins=6)
    axes.grid()
