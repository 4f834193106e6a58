"""Effect panels of known recipe: what a model of a laboratory's flakes and tints is trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from spectra.arrays import FloatArray, frozen
from spectra.colorant import Role
from spectra.errors import CharacterisationError
from spectra.geometry import Geometry
from spectra.recipe import Recipe
from spectra.wavelengths import WavelengthGrid

# Fewer panels than this tell nothing of angles, flakes and tints together.
FEWEST_PANELS = 12


@dataclass(frozen=True, slots=True, eq=False)
class EffectPanels:
    """Panels measured at several angles, with what was weighed.

    Attributes
    ----------
    recipes : tuple of Recipe
    reflectance_factor : ndarray, shape (n_panels, n_angles, n_wavelengths)
    grid : WavelengthGrid
    geometry : Geometry
        Directional, one illumination angle.
    roles : mapping of str to role
        Of every colorant; "effect" for flakes.
    texture : mapping of str to ndarray, shape (n_panels,)
        Measured quantities such as `graininess`; NaN where a panel has none.

    Raises
    ------
    CharacterisationError
        If shapes do not agree, too few panels are given, a value is not finite, or the geometry has fewer than two
        angles.
    """

    recipes: tuple[Recipe, ...]
    reflectance_factor: FloatArray
    grid: WavelengthGrid
    geometry: Geometry
    roles: Mapping[str, Role]
    texture: Mapping[str, FloatArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        spectra = frozen(self.reflectance_factor)
        wanted = (len(self.recipes), self.geometry.n_angles, self.grid.count)
        if spectra.shape != wanted:
            raise CharacterisationError(f"effect panels of shape {spectra.shape}; expected {wanted}")
        if len(self.recipes) < FEWEST_PANELS:
            raise CharacterisationError(
                f"{len(self.recipes)} effect panels; a model needs {FEWEST_PANELS} at the least, and two a flake and "
                "three a tint to be of use"
            )
        if self.geometry.kind != "directional" or self.geometry.n_angles < 2:
            raise CharacterisationError(
                f"effect panels were measured in {self.geometry.name}; expected two aspecular angles or more"
            )
        for recipe, spectrum in zip(self.recipes, spectra, strict=True):
            if not np.isfinite(spectrum).all():
                raise CharacterisationError(f"{recipe.name}: a reflectance factor is not a number")
            unknown = [code for code in recipe.colorants if code not in self.roles]
            if unknown:
                raise CharacterisationError(f"{recipe.name}: nobody said what {', '.join(unknown)} is")
        object.__setattr__(self, "reflectance_factor", spectra)
        object.__setattr__(self, "texture", {name: frozen(values) for name, values in self.texture.items()})
        for name, values in self.texture.items():
            if values.shape != (len(self.recipes),):
                raise CharacterisationError(f"{name}: {values.size} values for {len(self.recipes)} panels")

    @property
    def codes(self) -> tuple[str, ...]:
        """Colorants that stand in a recipe, flakes first, in order of appearance."""
        seen = dict.fromkeys(code for recipe in self.recipes for code in recipe.colorants)
        return (
            *(code for code in seen if self.roles[code] == "effect"),
            *(code for code in seen if self.roles[code] != "effect"),
        )

    @property
    def fractions(self) -> FloatArray:
        """Mass fractions, shape (n_panels, n_colorants), in the order of `codes`."""
        return fractions_of(self.recipes, self.codes)

    def take(self, rows: Sequence[int]) -> EffectPanels:
        """Some of the panels."""
        chosen = list(rows)
        return EffectPanels(
            tuple(self.recipes[row] for row in chosen),
            self.reflectance_factor[chosen],
            self.grid,
            self.geometry,
            self.roles,
            {name: values[chosen] for name, values in self.texture.items()},
        )


def fractions_of(recipes: Sequence[Recipe], codes: Sequence[str]) -> FloatArray:
    """Recipes as rows over `codes`; colorants that are not among them are left out."""
    place = {code: column for column, code in enumerate(codes)}
    rows = np.zeros((len(recipes), len(codes)))
    for row, recipe in zip(rows, recipes, strict=True):
        for code, fraction in zip(recipe.colorants, recipe.mass_fractions, strict=True):
            if code in place:
                row[place[code]] = fraction
    return rows
