"""Recipes: what is in one."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from colorlab.reports.style import INK, MUTED, blank, box, house_style, label
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
