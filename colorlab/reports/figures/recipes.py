"""Recipes: what is in one, what one costs in ΔE, money and robustness, and where its batches will lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from colorlab.reports.style import ACCENT, FAINT, INK, MUTED, PAPER, blank, box, house_style, label
from spectra.arrays import FloatArray
from spectra.recipe import Recipe

_ROW = 34  # [px]


@house_style
def recipe_bars(recipe: Recipe, names: Mapping[str, str]) -> Figure:
    """Mass fractions of a recipe, largest first.

    Parameters
    ----------
    recipe : Recipe
    names : mapping of str to str
        What each colorant is called.
    """
    parts = sorted(zip(recipe.colorants, 100 * recipe.mass_fractions, strict=True), key=lambda part: -part[1])
    figure = blank(460, _ROW * len(parts) + 62)
    axes = box(figure, 8, 44, -64, -4)
    for row, (code, share) in enumerate(parts):
        axes.barh(row, share, height=0.26, align="edge", color=INK)
        axes.annotate(
            f"{code}  {names.get(code, '')}", (0, row), (0, 6), textcoords="offset points", color=MUTED, va="bottom"
        )
        axes.annotate(f"{share:.3g} %", (share, row + 0.13), (8, 0), textcoords="offset points", va="center")
    axes.set_xlim(0, max(share for _, share in parts))
    axes.set_ylim(len(parts) - 0.55, -0.65)
    axes.set_yticks([])
    axes.locator_params(axis="x", nbins=5)
    axes.spines["left"].set_visible(False)
    label(axes, x="Mass fraction [%]")
    return figure


@dataclass(frozen=True, slots=True, eq=False)
class Criterion:
    """A quantity recipes are compared by, less is better.

    Attributes
    ----------
    title : str
        Ending in its [unit].
    values : ndarray, shape (n_recipes,)
        NaN where a recipe has none.
    most : float or None
        Above which there is nothing, such as 100 %.
    """

    title: str
    values: FloatArray
    most: float | None = None


@house_style
def pareto_front(
    delta_E: Criterion, others: Sequence[Criterion], on_front: Sequence[bool], chosen: int | None
) -> Figure:
    """Recipes by their ΔE against each further criterion; those that none beats in everything are filled.

    Parameters
    ----------
    delta_E : Criterion
        Upwards in every picture.
    others : sequence of Criterion
        One picture each.
    on_front : sequence of bool, length n_recipes
    chosen : int, optional
        The recipe recommended as the best compromise, ringed.
    """
    figure = blank(640, 300)
    width = (640 - 52 - 40 * (len(others) - 1) - 12) / len(others)
    front = np.asarray(on_front, dtype=bool)
    for place, other in enumerate(others):
        left = 52 + place * (width + 40)
        axes = box(figure, left, 44, left + width, -30)
        known = np.isfinite(other.values) & np.isfinite(delta_E.values)
        x, y = other.values, delta_E.values
        axes.plot(x[known & ~front], y[known & ~front], "o", markersize=6, markerfacecolor=PAPER, color=MUTED)
        axes.plot(x[known & front], y[known & front], "o", markersize=7, color=INK)
        if chosen is not None and known[chosen]:
            axes.plot(
                x[chosen], y[chosen], "o", markersize=14, markerfacecolor="none", color=ACCENT, markeredgewidth=1.6
            )
        _number_points(axes, x, y, known)
        axes.margins(x=0.1, y=0.12)
        # Recipes of one ΔE give no range of their own.
        highest = max((float(one) for one in y[known]), default=1.0)
        axes.set_ylim(min(0.0, axes.get_ylim()[0]), max(axes.get_ylim()[1], 1.12 * highest))
        axes.locator_params(nbins=5)
        if other.most is not None:
            low, high = axes.get_xlim()
            axes.set_xticks([tick for tick in axes.get_xticks() if max(0.0, low) <= tick <= min(other.most, high)])
        axes.grid(axis="y")
        label(axes, x=other.title, y=delta_E.title if place == 0 else "")
        axes.tick_params(labelleft=place == 0)
    return figure


def _number_points(axes: Axes, x: FloatArray, y: FloatArray, known: np.ndarray) -> None:
    """The rank beside each point; of points that lie on each other only the first is numbered."""
    spans = np.array([np.ptp(x[known]) or 1.0, np.ptp(y[known]) or 1.0]) if known.any() else np.ones(2)
    written: list[FloatArray] = []
    for rank in np.flatnonzero(known):
        place = np.array([x[rank], y[rank]]) / spans
        if all(np.abs(place - other).max() > 0.05 for other in written):
            written.append(place)
            axes.annotate(f"{rank + 1}", (x[rank], y[rank]), (7, 5), textcoords="offset points", color=MUTED, size=11)


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """One plane through the target's colour.

    Attributes
    ----------
    axes : tuple of str
        What is drawn to the right and upwards, with [unit].
    batches : ndarray, shape (n, 2)
        Batches − target.
    recipe : ndarray, shape (2,)
        The recipe as stated − target.
    tolerance : ndarray, shape (m, 2), or None
        The closed line on which the tolerance ends in this plane.
    """

    axes: tuple[str, str]
    batches: FloatArray
    recipe: FloatArray
    tolerance: FloatArray | None


@house_style
def robustness_cloud(planes: Sequence[Plane]) -> Figure:
    """Where batches of a recipe will lie about the target, and where the tolerance ends; one scale for all planes."""
    figure = blank(640, 330)
    width = (640 - 52 - 60 * (len(planes) - 1) - 12) / len(planes)
    reach = 1.08 * max(
        float(np.abs(part).max())
        for plane in planes
        for part in (plane.batches, plane.recipe, *(() if plane.tolerance is None else (plane.tolerance,)))
    )
    for place, plane in enumerate(planes):
        left = 52 + place * (width + 60)
        axes = box(figure, left, 44, left + width, 44 + width)
        axes.axhline(0, color=FAINT, linewidth=1)
        axes.axvline(0, color=FAINT, linewidth=1)
        axes.plot(*plane.batches.T, ".", color=MUTED, markersize=3, alpha=0.5, rasterized=False)
        if plane.tolerance is not None:
            axes.plot(*plane.tolerance.T, color=ACCENT, linewidth=1.6)
        axes.plot(*plane.recipe, "o", color=INK, markersize=6)
        axes.plot(0, 0, "+", color=INK, markersize=14, markeredgewidth=1.6)
        axes.set_xlim(-reach, reach)
        axes.set_ylim(-reach, reach)
        axes.set_aspect("equal")
        axes.locator_params(nbins=5)
        label(axes, x=plane.axes[0], y=plane.axes[1])
    return figure
