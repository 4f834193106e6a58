"""A recipe: which colorants, and how much of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from spectra.arrays import FloatArray, frozen
from spectra.errors import FormulationError

SUM_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """Mass fractions of the colorants in the wet paint.

    Attributes
    ----------
    name : str
    colorants : tuple of str
        Codes, each once.
    mass_fractions : ndarray, shape (n_colorants,)
        [1, sums to 1]

    Raises
    ------
    FormulationError
        If a fraction is negative or not finite, a colorant stands twice, or the sum is not 1.
    """

    name: str
    colorants: tuple[str, ...]
    mass_fractions: FloatArray

    def __post_init__(self) -> None:
        fractions = frozen(self.mass_fractions)
        if fractions.shape != (len(self.colorants),) or not len(self.colorants):
            raise FormulationError(f"{self.name}: {len(self.colorants)} colorants, {fractions.size} mass fractions")
        if len(set(self.colorants)) != len(self.colorants):
            raise FormulationError(f"{self.name}: a colorant stands twice")
        if not np.isfinite(fractions).all() or (fractions < 0).any():
            raise FormulationError(f"{self.name}: a mass fraction is negative or not a number")
        if abs(fractions.sum() - 1.0) > SUM_TOLERANCE:
            raise FormulationError(f"{self.name}: mass fractions sum to {fractions.sum():.6g}, not 1")
        object.__setattr__(self, "mass_fractions", fractions)

    def masses(self, total_g: float) -> dict[str, float]:
        """Grams of each colorant in a batch of `total_g` grams."""
        return {
            code: float(fraction * total_g) for code, fraction in zip(self.colorants, self.mass_fractions, strict=True)
        }


def recipe_from_masses(name: str, masses_g: Mapping[str, float]) -> Recipe:
    """A recipe from weighed masses; colorants of zero mass are left out.

    Raises
    ------
    FormulationError
        If a mass is negative or not finite, or nothing was weighed.
    """
    values = np.array(list(masses_g.values()), dtype=np.float64)
    if values.size == 0 or not np.isfinite(values).all() or (values < 0).any() or values.sum() <= 0:
        raise FormulationError(f"{name}: masses must be non-negative grams with a positive sum")
    used = {code: mass for code, mass in masses_g.items() if mass > 0}
    fractions = np.array(list(used.values())) / sum(used.values())
    return Recipe(name, tuple(used), frozen(fractions))
