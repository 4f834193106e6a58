"""A recipe as typed on the command line."""

from __future__ import annotations

from spectra.errors import FormulationError
from spectra.recipe import Recipe, recipe_from_masses


def masses_from_text(text: str) -> dict[str, float]:
    """Masses as typed: `W01=50,B15=2.5`. [g]

    Raises
    ------
    FormulationError
        Naming the part that is no colorant and mass.
    """
    masses: dict[str, float] = {}
    for part in text.split(","):
        code, equals, mass = (piece.strip() for piece in part.rpartition("="))
        try:
            amount = float(mass)
        except ValueError:
            amount = float("nan")
        if not (code and equals and amount == amount):
            raise FormulationError(f"recipe {text!r}: {part.strip()!r} is no colorant and mass; write A=10,B=2.5")
        if code in masses:
            raise FormulationError(f"recipe {text!r}: {code} stands twice")
        masses[code] = amount
    return masses


def recipe_from_text(text: str, name: str = "as given") -> Recipe:
    """A recipe as typed: `W01=50,B15=2.5`, in any unit of mass.

    Raises
    ------
    FormulationError
        Naming the part that is no colorant and mass, or where the masses make no recipe.
    """
    return recipe_from_masses(name, masses_from_text(text))
