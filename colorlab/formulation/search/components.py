"""What is weighed as one: a colorant, what is left of a batch, colorants locked in a ratio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError


@dataclass(frozen=True, slots=True)
class Component:
    """Something of known composition that enters a recipe as one.

    Attributes
    ----------
    name : str
        Of a colorant its code.
    parts : mapping of str to float
        Mass fractions of the colorants in it; brought to the sum 1.
    dose_limits : tuple of float
        Least and greatest mass fraction in a recipe; the least is zero or at least that. [1]
    price_per_kg : float or None
        None for what its colorants cost. What is left over has been paid for: 0 makes the search use it up.

    Raises
    ------
    FormulationError
        If a part is not above zero, or there is none.
    """

    name: str
    parts: Mapping[str, float]
    dose_limits: tuple[float, float] = (0.0, 1.0)
    price_per_kg: float | None = None

    def __post_init__(self) -> None:
        shares = np.array(list(self.parts.values()), dtype=np.float64)
        if not self.name or not shares.size or not np.isfinite(shares).all() or not (shares > 0).all():
            raise FormulationError(
                f"component {self.name!r}: parts {dict(self.parts)}; expected colorants, each with a mass above 0"
            )
        if not 0 <= self.dose_limits[0] <= self.dose_limits[1] <= 1:
            low, high = self.dose_limits
            raise FormulationError(f"{self.name}: doses from {low:g} to {high:g} leave nothing to weigh within 0…1")
        if self.price_per_kg is not None and not 0 <= self.price_per_kg < np.inf:
            raise FormulationError(f"component {self.name!r}: price {self.price_per_kg!r}; expected 0 or more")
        shares = shares / shares.sum()
        object.__setattr__(self, "parts", dict(zip(self.parts, shares.tolist(), strict=True)))


def ratio_lock(parts: Mapping[str, float], limits: Mapping[str, tuple[float, float]]) -> Component:
    """Colorants that come only together, in one ratio, such as a stock blend.

    Parameters
    ----------
    parts : mapping of str to float
        Masses, in any unit.
    limits : mapping of str to (float, float)
        Dose limits of the colorants themselves, which the lock keeps.

    Raises
    ------
    FormulationError
        If a mass is not above zero, or the limits leave the ratio no dose.
    """
    lock = Component(" : ".join(parts), parts)
    least = max(limits[code][0] / share for code, share in lock.parts.items())
    greatest = min(1.0, *(limits[code][1] / share for code, share in lock.parts.items()))
    if least > greatest:
        raise FormulationError(
            f"ratio lock {lock.name}: the dose limits of its colorants contradict the ratio; it would need at least "
            f"{least:g} and at most {greatest:g} of the recipe"
        )
    return Component(lock.name, lock.parts, (least, greatest))


def composition(components: Sequence[Component], colorant_set: ColorantSet) -> FloatArray:
    """Mass fractions of the set's colorants in each component, shape (n_components, n_colorants).

    Raises
    ------
    UnknownColorantError
        If a component holds a colorant the set does not.
    """
    rows = np.zeros((len(components), len(colorant_set.codes)))
    for row, component in zip(rows, components, strict=True):
        row[colorant_set.indices(tuple(component.parts))] = list(component.parts.values())
    return rows


def prices(components: Sequence[Component], colorant_set: ColorantSet) -> FloatArray:
    """Price per kilogram of each component, shape (n_components,); NaN where a colorant of it has none."""
    of_colorants = np.array(
        [np.nan if one.price_per_kg is None else one.price_per_kg for one in colorant_set.colorants]
    )
    own = []
    for component in components:
        codes = colorant_set.indices(tuple(component.parts))
        mixed = float(np.dot(of_colorants[codes], list(component.parts.values())))
        own.append(mixed if component.price_per_kg is None else component.price_per_kg)
    return np.array(own)
