"""Two versions of a recipe: which doses changed, and what that does to the colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10, Viewing
from colorlab.difference.components import words
from colorlab.difference.standard import delta_E
from colorlab.formulation.prediction.predict import mass_fractions
from spectra.arrays import FloatArray, frozen
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.recipe import Recipe

Change = Literal["unchanged", "changed", "added", "removed"]

# Doses that differ by no more than this are the same dose, written in other digits. [1]
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class DoseChange:
    """One colorant of two recipes.

    Attributes
    ----------
    code : str
    before_g, after_g : float
        In a kilogram. [g]
    change : {"unchanged", "changed", "added", "removed"}
    """

    code: str
    before_g: float
    after_g: float
    change: Change

    @property
    def change_g(self) -> float:
        """After minus before, in a kilogram. [g]"""
        return self.after_g - self.before_g

    @property
    def relative(self) -> float | None:
        """Change relative to the dose before; None for a colorant that was not in it. [1]"""
        return self.change_g / self.before_g if self.before_g > 0 else None


@dataclass(frozen=True, slots=True, eq=False)
class RecipeDiff:
    """What two versions of a recipe differ in.

    Attributes
    ----------
    before, after : Recipe
    doses : tuple of DoseChange
        Greatest change first.
    viewings : tuple of Viewing
    delta_E_00 : ndarray, shape (n_angles, n_viewings), or None
        Predicted between the two; None without a colorant set that holds all colorants.
    words : tuple of str
        What the new one looks like beside the old one under the first viewing at the angle where they differ most.
    """

    before: Recipe
    after: Recipe
    doses: tuple[DoseChange, ...]
    viewings: tuple[Viewing, ...]
    delta_E_00: FloatArray | None
    words: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether every dose is the same."""
        return all(one.change == "unchanged" for one in self.doses)


def recipe_diff(
    before: Recipe, after: Recipe, colorant_set: ColorantSet | None = None, viewings: Sequence[Viewing] = (D65_10,)
) -> RecipeDiff:
    """Compare two recipes.

    Parameters
    ----------
    before, after : Recipe
    colorant_set : ColorantSet, optional
        For the predicted difference; the recipes' doses are compared without it too.
    viewings : sequence of Viewing

    Raises
    ------
    UnknownColorantError
        If the set does not hold a colorant of the two.
    FormulationError
        If no viewing is given.
    """
    if not viewings:
        raise FormulationError("a difference of two recipes needs a viewing to be seen under")
    old, new = (one.masses(1000.0) for one in (before, after))
    doses = [_change(code, old.get(code, 0.0), new.get(code, 0.0)) for code in dict.fromkeys((*old, *new))]
    doses.sort(key=lambda one: (-abs(one.change_g), one.code))
    if colorant_set is None:
        return RecipeDiff(before, after, tuple(doses), tuple(viewings), None, ())
    spectra = colorant_set.reflectance_factor(mass_fractions(colorant_set, [before, after]))
    labs = np.stack([spectra_to_lab(spectra, colorant_set.grid, viewing) for viewing in viewings], axis=2)
    difference = delta_E(labs[0], labs[1])
    worst = int(difference[:, 0].argmax())
    return RecipeDiff(
        before, after, tuple(doses), tuple(viewings), frozen(difference), words(labs[0, worst, 0], labs[1, worst, 0])
    )


def _change(code: str, before_g: float, after_g: float) -> DoseChange:
    kind: Change = "changed"
    if abs(after_g - before_g) <= 1000 * _SAME:
        kind = "unchanged"
    elif before_g == 0:
        kind = "added"
    elif after_g == 0:
        kind = "removed"
    return DoseChange(code, before_g, after_g, kind)
