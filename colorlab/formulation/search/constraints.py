"""What a recipe must keep, as data: which colorants, how much of each and of several together, at what price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from colorlab.formulation.search.components import Component
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError

# Smallest mass fraction worth weighing. [1]
LEAST_DOSE = 1e-4
MOST_COLORANTS = 6


@dataclass(frozen=True, slots=True)
class SumLimit:
    """Bounds of a sum over the recipe: of a group's doses, or of a property that adds up by mass.

    Attributes
    ----------
    name : str
        What an error calls it.
    per_colorant : mapping of str to float
        What a mass fraction of 1 contributes; colorants not named contribute nothing. 1 for each colorant of a group,
        grams of solvent per kilogram for VOC.
    least, greatest : float
        In the unit of the contributions.

    Raises
    ------
    FormulationError
        If it names no colorant, a number is not finite, or least exceeds greatest.
    """

    name: str
    per_colorant: Mapping[str, float]
    least: float = -np.inf
    greatest: float = np.inf

    def __post_init__(self) -> None:
        if not self.per_colorant or not np.isfinite(list(self.per_colorant.values())).all():
            raise FormulationError(f"{self.name}: expected a finite contribution of at least one colorant")
        if not self.least <= self.greatest:
            raise FormulationError(f"{self.name}: from {self.least:g} to {self.greatest:g} leaves nothing")


@dataclass(frozen=True, slots=True)
class Constraints:
    """What every recipe of a search keeps. Fractions are by mass, of the whole recipe.

    Attributes
    ----------
    max_colorants : int
        Greatest number of components chosen, besides the required ones. [1–6]
    required : tuple of str
        In every recipe, such as the white base.
    allowed : tuple of str or None
        May be chosen; all others of the set where None.
    forbidden : tuple of str
        In no recipe; not in a leftover either.
    incompatible : tuple of tuple of str
        Sets of which a recipe holds one at most.
    dose_limits : mapping of str to (float, float)
        Over those of the colorants and leftovers. A colorant is in a recipe with at least its least dose, or not at
        all. [1]
    least_dose : float
        Smallest dose of anything. [1]
    sums : tuple of SumLimit
    greatest_load : float or None
        Of all colorants but the base together. [1]
    greatest_price : float or None
        Per kilogram.
    density : tuple of float or None
        Least and greatest density of the recipe, volumes adding up. [g/cm³]
    leftovers : tuple of Component
        Batches to be used up, each chosen like a colorant and counted as one.
    ratios : tuple of mapping of str to float
        Colorants that come only together, in this ratio by mass; counted as one.

    Raises
    ------
    FormulationError
        If the constraints contradict each other, naming them.
    """

    max_colorants: int = 3
    required: tuple[str, ...] = ()
    allowed: tuple[str, ...] | None = None
    forbidden: tuple[str, ...] = ()
    incompatible: tuple[tuple[str, ...], ...] = ()
    dose_limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    least_dose: float = LEAST_DOSE
    sums: tuple[SumLimit, ...] = ()
    greatest_load: float | None = None
    greatest_price: float | None = None
    density: tuple[float, float] | None = None
    leftovers: tuple[Component, ...] = ()
    ratios: tuple[Mapping[str, float], ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.max_colorants <= MOST_COLORANTS:
            raise FormulationError(
                f"{self.max_colorants} colorants asked for; a recipe is searched with 1 to {MOST_COLORANTS}"
            )
        if not 0 < self.least_dose < 1:
            raise FormulationError(f"a least dose of {self.least_dose:g}; expected above 0 and below 1")
        for code in self.required:
            if code in self.forbidden:
                raise FormulationError(f"{code} is both required and forbidden")
        for code in self.allowed or ():
            if code in self.forbidden:
                raise FormulationError(f"{code} is both allowed and forbidden")
        for group in self.incompatible:
            both = [code for code in self.required if code in group]
            if len(both) > 1:
                raise FormulationError(f"{' and '.join(both)} are both required and incompatible")
        locked = [code for ratio in self.ratios for code in ratio]
        for code in locked:
            if locked.count(code) > 1:
                raise FormulationError(f"{code} stands in two ratio locks")
        for ratio in self.ratios:
            if len(ratio) < 2:
                raise FormulationError(f"a ratio lock of {', '.join(ratio) or 'nothing'}; expected two or more")
            for group in self.incompatible:
                both = [code for code in ratio if code in group]
                if len(both) > 1:
                    raise FormulationError(f"{' and '.join(both)} are both locked in a ratio and incompatible")
        for value, what in ((self.greatest_load, "total load"), (self.greatest_price, "price")):
            if value is not None and not 0 <= value < np.inf:
                raise FormulationError(f"a greatest {what} of {value!r}; expected 0 or more")
        if self.density is not None and not 0 < self.density[0] <= self.density[1]:
            raise FormulationError(f"a density from {self.density[0]:g} to {self.density[1]:g} g/cm³ leaves nothing")


@dataclass(frozen=True, slots=True, eq=False)
class LinearLimits:
    """Inequalities A c ≤ b over the components of a search, each row scaled so that its largest entry is 1.

    Attributes
    ----------
    A : ndarray, shape (n_rows, n_components)
    b : ndarray, shape (n_rows,)
    names : tuple of str
        What each row says.
    """

    A: FloatArray
    b: FloatArray
    names: tuple[str, ...]

    def excess(self, fractions: FloatArray) -> FloatArray:
        """By how much recipes (n, n_components) break each row, (n, n_rows); 0 where they keep it."""
        over: FloatArray = np.maximum(fractions @ self.A.T - self.b, 0.0)
        return over


def linear_limits(
    constraints: Constraints, colorant_set: ColorantSet, parts: FloatArray, price: FloatArray
) -> LinearLimits:
    """All constraints that are sums.

    Parameters
    ----------
    constraints : Constraints
    colorant_set : ColorantSet
    parts : ndarray, shape (n_components, n_colorants)
        See `colorlab.formulation.search.components.composition`.
    price : ndarray, shape (n_components,)

    Raises
    ------
    UnknownColorantError
        If a sum names a colorant the set does not hold.
    FormulationError
        If a price or density that is needed is not known.
    """
    rows: list[tuple[FloatArray, float, str]] = []

    def bounded(values: FloatArray, least: float, greatest: float, name: str, unit: str = "") -> None:
        if np.isfinite(greatest):
            rows.append((values, greatest, f"{name} at most {greatest:g}{unit}"))
        if np.isfinite(least):
            rows.append((-values, -least, f"{name} at least {least:g}{unit}"))

    for one in constraints.sums:
        values = np.zeros(len(colorant_set.codes))
        values[colorant_set.indices(tuple(one.per_colorant))] = list(one.per_colorant.values())
        bounded(parts @ values, one.least, one.greatest, one.name)
    if constraints.greatest_load is not None:
        load = 1.0 - parts[:, colorant_set.index(colorant_set.base)]
        bounded(load, -np.inf, constraints.greatest_load, "total load")
    if constraints.greatest_price is not None:
        refuse_unknown(price, parts, colorant_set, "price")
        bounded(price, -np.inf, constraints.greatest_price, "price per kg")
    if constraints.density is not None:
        density = np.array([one.density_g_cm3 or np.nan for one in colorant_set.colorants])
        volume = np.array([np.dot(row[row > 0], 1 / density[row > 0]) for row in parts])
        refuse_unknown(volume, parts, colorant_set, "density")
        low, high = constraints.density
        rows.append((volume, 1 / low, f"density at least {low:g} g/cm³"))
        if np.isfinite(high):
            rows.append((-volume, -1 / high, f"density at most {high:g} g/cm³"))
    for code in dict.fromkeys(code for one in constraints.leftovers for code in one.parts):
        # A colorant that also comes with a leftover is capped in all.
        greatest = constraints.dose_limits.get(code, colorant_set[code].dose_limits)[1]
        if greatest < 1:
            bounded(parts[:, colorant_set.index(code)], -np.inf, greatest, f"{code} in all")
    scale = np.array([max(float(np.abs(values).max()), 1e-300) for values, _, _ in rows])
    return LinearLimits(
        np.array([values for values, _, _ in rows]).reshape(len(rows), len(parts)) / scale[:, None],
        np.array([bound for _, bound, _ in rows]) / scale,
        tuple(name for _, _, name in rows),
    )


def exclusions(constraints: Constraints, colorant_set: ColorantSet, parts: FloatArray) -> tuple[NDArray[np.bool_], ...]:
    """Which colorants of each incompatible set a component holds, shapes (n_components, n_colorants of the set)."""
    return tuple(parts[:, colorant_set.indices(group)] > 0 for group in constraints.incompatible)


def refuse_unknown(values: FloatArray, parts: FloatArray, colorant_set: ColorantSet, what: str) -> None:
    """Refuse a sum over a property that some components do not state.

    Raises
    ------
    FormulationError
        Naming the colorants.
    """
    unknown = np.flatnonzero(np.isnan(values))
    if unknown.size == 0:
        return
    of = {"price": "price_per_kg", "density": "density_g_cm3"}[what]
    missing = [
        code
        for code, column in zip(colorant_set.codes, parts[unknown].T, strict=True)
        if column.any() and getattr(colorant_set[code], of) is None
    ]
    raise FormulationError(
        f"{what} of {', '.join(missing)} unknown, which the {what} of a recipe needs; state it, or forbid them"
    )


def contradiction(
    limits: LinearLimits, least: FloatArray, greatest: FloatArray, n_required: int, names: tuple[str, ...]
) -> tuple[str, ...]:
    """A smallest set of constraints that no doses keep, whatever colorants are chosen; empty if there is none.

    Parameters
    ----------
    limits : LinearLimits
    least, greatest : ndarray, shape (n_components,)
        Doses. The least of those that may be left out is no constraint here.
    n_required : int
        How many of them, the first, are in every recipe.
    names : tuple of str
        Of the components.

    Notes
    -----
    Feasibility is a linear program. If there is none, constraints are taken away one by one, and put back where
    without them there is one: what stays contradicts itself, and nothing of it is superfluous.
    """
    from scipy.optimize import linprog

    count = len(least)
    rows: list[tuple[FloatArray, float, str]] = list(zip(limits.A, limits.b, limits.names, strict=True))
    for place, name in enumerate(names):
        unit = np.eye(count)[place]
        if greatest[place] < 1:
            rows.append((unit, greatest[place], f"{name} at most {greatest[place]:g}"))
        if place < n_required:
            rows.append((-unit, -least[place], f"{name} at least {least[place]:g}"))

    def possible(some: list[tuple[FloatArray, float, str]]) -> bool:
        A = np.array([values for values, _, _ in some]).reshape(len(some), count)
        b = np.array([bound for _, bound, _ in some])
        return bool(linprog(np.zeros(count), A, b, np.ones((1, count)), [1.0]).status == 0)

    if possible(rows):
        return ()
    kept = rows
    for row in rows:
        without = [other for other in kept if other is not row]
        if not possible(without):
            kept = without
    return tuple(name for _, _, name in kept)
