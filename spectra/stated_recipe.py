"""From a recipe to what a file states of it, and from what a file states to mass fractions."""

from __future__ import annotations

from collections.abc import Mapping

from spectra.errors import FormulationError, UnknownConditionError
from spectra.recipe import Recipe, recipe_from_masses
from spectra.stated import StatedComponent, StatedRecipe

PERCENT, GRAM = "percent", "g"
# Only the ratio of masses matters, whatever they are counted in.
_MASSES = (
    *(PERCENT, "%", "wt%", "wt.%", "% by mass", "mass percent", "weight percent", "fraction", "mass fraction", "parts"),
    *(GRAM, "mg", "kg", "gram", "grams", "ppm", "lb", "oz"),
)
_VOLUMES = ("ml", "l", "cc", "cm3", "cm³", "liter", "litre", "fl oz", "gal")


def stated_recipe(
    recipe: Recipe,
    *,
    sample: str,
    mass_g: float | None = None,
    base: str | None = None,
    densities: Mapping[str, float] | None = None,
    names: Mapping[str, str] | None = None,
    process: str | None = None,
) -> StatedRecipe:
    """A recipe as a file states it, largest amount first.

    Parameters
    ----------
    recipe : Recipe
    sample : str
        Of the object it belongs to.
    mass_g : float, optional
        Of a batch; amounts are then grams, percent by mass otherwise. [g]
    base : str, optional
        Code of the base, which the file marks as such.
    densities : mapping of str to float, optional
        [g/cm³]
    names : mapping of str to str, optional
        Trade names by code; then a colorant is stated by its name with its code as the part number.
    process : str, optional
    """
    amounts = recipe.masses(100.0 if mass_g is None else mass_g)
    rho, called = densities or {}, names or {}
    components = tuple(
        StatedComponent(
            colorant=called.get(code) or code,
            amount=amount,
            part_number=code if called.get(code) else None,
            density=repr(rho[code]) if code in rho else None,
            is_base=code == base,
        )
        for code, amount in sorted(amounts.items(), key=lambda part: (-part[1], part[0]))
    )
    return StatedRecipe(sample, recipe.name, PERCENT if mass_g is None else GRAM, components, process=process)


def recipe_from_stated(stated: StatedRecipe) -> Recipe:
    """Mass fractions of a recipe that a file states; a colorant goes by its part number where it has one.

    Volumes count with the densities beside them.

    Raises
    ------
    UnknownConditionError
        If the unit is neither one of mass nor of volume, or none is stated: then the amounts mean nothing.
    FormulationError
        If volumes have no density, an amount is negative or all are zero, or a colorant stands twice.
    """
    unit = (stated.unit or "").strip().casefold()
    if unit not in _MASSES and unit not in _VOLUMES:
        raise UnknownConditionError("unit of a recipe", stated.unit or "", (*_MASSES, *_VOLUMES))
    masses: dict[str, float] = {}
    for component in stated.components:
        code = component.part_number or component.colorant
        if code in masses:
            raise FormulationError(f"{stated.name}: colorant {code} stands twice")
        masses[code] = component.amount * (_density(stated.name, component) if unit in _VOLUMES else 1.0)
    return recipe_from_masses(stated.name, masses)


def _density(name: str, component: StatedComponent) -> float:
    try:
        density = float((component.density or "").replace(",", "."))
    except ValueError:
        density = 0.0
    if not 0 < density < float("inf"):
        raise FormulationError(
            f"{name}: {component.colorant} is stated by volume with the density {component.density!r}; "
            "a mass needs a number above 0"
        )
    return density
