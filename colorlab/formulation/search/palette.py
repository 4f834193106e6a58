"""The components a search may choose from, and what their doses must keep, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colorlab.formulation.search.components import Component, composition, prices, ratio_lock
from colorlab.formulation.search.constraints import Constraints, LinearLimits, exclusions, linear_limits
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.optics.interface import Saunderson, measured_reflectance
from spectra.optics.link import Link, link_of


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """Components of one search: the required ones first, then the optional.

    A component is a colorant, a leftover or a ratio lock; bands are angles and wavelengths in one row.

    Attributes
    ----------
    codes : tuple of str
        Of a component that is no colorant its name.
    n_required : int
    absorption, scattering : ndarray, shape (n_components, n_bands)
    crowded : ndarray, shape (n_components, n_bands)
        Scattering of its colorants, each times its share in crowding.
    crowds : ndarray, shape (n_components,)
        Share in crowding, see `spectra.mixing`. [1]
    crowding : float
    link : Link
    surface : Saunderson
    ceiling : ndarray, shape (n_bands,)
    least, greatest : ndarray, shape (n_components,)
        Mass fraction a component must have when it is in a recipe at all. [1]
    prices : ndarray, shape (n_components,)
        Per kilogram; NaN where unknown.
    parts : ndarray, shape (n_components, n_colorants)
        Mass fractions of the set's colorants.
    colorants : tuple of str
        Codes of the set.
    limits : LinearLimits
    exclusions : tuple of ndarray of bool, shape (n_components, n_colorants of the set)
        Which colorants of every incompatible set a component holds; a recipe holds one at most.
    """

    codes: tuple[str, ...]
    n_required: int
    absorption: FloatArray
    scattering: FloatArray
    crowded: FloatArray
    crowds: FloatArray
    crowding: float
    link: Link
    surface: Saunderson
    ceiling: FloatArray
    least: FloatArray
    greatest: FloatArray
    prices: FloatArray
    parts: FloatArray
    colorants: tuple[str, ...]
    limits: LinearLimits
    exclusions: tuple[NDArray[np.bool_], ...]

    @property
    def n_optional(self) -> int:
        """How many components a search may take or leave."""
        return len(self.codes) - self.n_required

    def allowed(self, optional: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Which combinations of optional components may be a recipe, shape (n,).

        Not those that bring two incompatible colorants, nor those of clears alone, which are no paint.

        Parameters
        ----------
        optional : ndarray of int, shape (n, size)
            Positions among the optional components.
        """
        rows, required = optional + self.n_required, range(self.n_required)
        fine = np.ones(len(rows), dtype=bool)
        for members in self.exclusions:
            held = np.broadcast_to(members[required].any(axis=0), (len(rows), members.shape[1])).copy()
            for column in rows.T:
                held |= members[column]
            fine &= held.sum(axis=1) <= 1
        acts = self.absorption + self.scattering > 0
        if not acts[required].any(axis=0).all():
            acts = acts[:, ~acts.all(axis=0)]
            covered = np.broadcast_to(acts[required].any(axis=0), (len(rows), acts.shape[1])).copy()
            for column in rows.T:
                covered |= acts[column]
            fine &= covered.all(axis=1)
        return fine

    def mixed(self, fractions: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """K, S and ∂S/∂c of one recipe, shapes (n_bands,), (n_bands,) and (n_components, n_bands).

        Parameters
        ----------
        fractions : ndarray, shape (n_components,)
            Mass fractions, sum 1.
        """
        K, S = fractions @ self.absorption, fractions @ self.scattering
        if not self.crowding:
            return K, S, self.scattering
        filled, lost = fractions @ self.crowds, fractions @ self.crowded
        slopes = self.scattering - self.crowding * (filled * self.crowded + (self.crowds - filled)[:, None] * lost)
        return K, S - self.crowding * filled * lost, slopes

    def reflectance_factor(self, inside: FloatArray) -> FloatArray:
        """Measured reflectance factor (..., n_bands) of a reflectance inside the film."""
        outside: FloatArray = self.ceiling * measured_reflectance(inside, self.surface)
        return outside


def palette(colorant_set: ColorantSet, constraints: Constraints) -> Palette:
    """The components of one search.

    Raises
    ------
    UnknownColorantError
        If a code is not in the set.
    FormulationError
        If the constraints leave no recipe, naming them.
    """
    components, n_required = _components(colorant_set, constraints)
    if not components:
        raise FormulationError("a search needs at least one colorant, required or allowed")
    least = np.maximum([one.dose_limits[0] for one in components], constraints.least_dose)
    greatest = np.array([one.dose_limits[1] for one in components], dtype=np.float64)
    names = tuple(one.name for one in components)
    for name, low, high in zip(names, least, greatest, strict=True):
        if not 0 < low <= high:
            raise FormulationError(f"{name}: doses from {low:g} to {high:g} leave nothing to weigh")
    if least[:n_required].sum() > 1 + 1e-12:
        raise FormulationError(f"the least doses of {', '.join(names[:n_required])} exceed the whole")
    parts = composition(components, colorant_set)
    excluded = exclusions(constraints, colorant_set, parts)
    price = prices(components, colorant_set)
    n_bands = colorant_set.geometry.n_angles * colorant_set.grid.count
    scattering = colorant_set.scattering.reshape(-1, n_bands)
    return Palette(
        names,
        n_required,
        parts @ colorant_set.absorption.reshape(-1, n_bands),
        parts @ scattering,
        parts @ (colorant_set.crowds[:, None] * scattering),
        parts @ colorant_set.crowds,
        colorant_set.crowding,
        link_of(colorant_set.link),
        colorant_set.surface,
        np.repeat(colorant_set.ceilings, colorant_set.grid.count),
        least,
        greatest,
        price,
        parts,
        colorant_set.codes,
        linear_limits(constraints, colorant_set, parts, price),
        excluded,
    )


def _components(colorant_set: ColorantSet, constraints: Constraints) -> tuple[list[Component], int]:
    """Required components, then optional ones, and how many are required."""
    leftovers = {one.name: one for one in constraints.leftovers}
    taken = [name for name in leftovers if name in colorant_set.codes]
    if taken or len(leftovers) < len(constraints.leftovers):
        raise FormulationError(f"leftover {(taken or list(leftovers))[0]!r}: the name is taken; give it another")
    for codes in (
        constraints.forbidden,
        *constraints.incompatible,
        [code for code in constraints.dose_limits if code not in leftovers],
        *constraints.ratios,
        *(one.parts for one in leftovers.values()),
    ):
        colorant_set.indices(tuple(codes))

    def limits(code: str) -> tuple[float, float]:
        own = leftovers[code].dose_limits if code in leftovers else colorant_set[code].dose_limits
        return constraints.dose_limits.get(code, own)

    locks = {
        code: ratio_lock(ratio, {one: limits(one) for one in ratio}) for ratio in constraints.ratios for code in ratio
    }

    def component(code: str) -> Component:
        if code in leftovers:
            one = leftovers[code]
            return Component(one.name, one.parts, limits(code), one.price_per_kg)
        if code in locks:
            return locks[code]
        colorant_set.index(code)
        return Component(code, {code: 1.0}, limits(code))

    chosen = (*colorant_set.codes, *leftovers) if constraints.allowed is None else (*constraints.allowed, *leftovers)
    wanted = list(dict.fromkeys(constraints.required))
    optional = [code for code in dict.fromkeys(chosen) if code not in wanted and code not in constraints.forbidden]
    required_components = {one.name: one for one in map(component, wanted)}
    for one in required_components.values():
        for code in one.parts:
            if code in constraints.forbidden:
                raise FormulationError(f"{one.name} is required and holds {code}, which is forbidden")
    others = {one.name: one for one in map(component, optional) if one.name not in required_components}
    allowed_others = [one for one in others.values() if not any(code in constraints.forbidden for code in one.parts)]
    return [*required_components.values(), *allowed_others], len(required_components)
