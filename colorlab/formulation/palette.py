"""The colorants a search may choose from, and the bounds their doses must keep, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.optics.interface import Saunderson


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """Colorants of one search: the required ones first, then the optional.

    Attributes
    ----------
    codes : tuple of str
    n_required : int
    absorption, scattering : ndarray, shape (n_colorants, n_bands)
        Angles and wavelengths in one row.
    least, greatest : ndarray, shape (n_colorants,)
        Mass fraction a colorant must have when it is in a recipe at all. [1]
    surface : Saunderson
    """

    codes: tuple[str, ...]
    n_required: int
    absorption: FloatArray
    scattering: FloatArray
    least: FloatArray
    greatest: FloatArray
    surface: Saunderson

    @property
    def n_optional(self) -> int:
        """How many colorants a search may take or leave."""
        return len(self.codes) - self.n_required


def palette(
    colorant_set: ColorantSet,
    *,
    required: Sequence[str],
    allowed: Sequence[str] | None,
    least_dose: float,
    dose_limits: Mapping[str, tuple[float, float]],
) -> Palette:
    """The colorants of one search.

    Parameters
    ----------
    colorant_set : ColorantSet
    required : sequence of str
        In every recipe.
    allowed : sequence of str, optional
        May be in a recipe; all others of the set when left out.
    least_dose : float
        Smallest mass fraction worth weighing; a colorant's own least dose counts where it is greater.
    dose_limits : mapping of str to (float, float)
        Overrides the colorants' own.

    Raises
    ------
    UnknownColorantError
        If a code is not in the set.
    FormulationError
        If the bounds leave no recipe.
    """
    optional = [code for code in (colorant_set.codes if allowed is None else allowed) if code not in required]
    codes = (*dict.fromkeys(required), *dict.fromkeys(optional))
    rows = colorant_set.indices(codes)
    colorant_set.indices(tuple(dose_limits))
    limits = np.array([dose_limits.get(code, colorant_set[code].dose_limits) for code in codes]).reshape(-1, 2)
    least = np.maximum(limits[:, 0], least_dose)
    greatest = np.minimum(limits[:, 1], 1.0)
    if not codes:
        raise FormulationError("a search needs at least one colorant, required or allowed")
    for code, low, high in zip(codes, least, greatest, strict=True):
        if not 0 < low <= high:
            raise FormulationError(f"{code}: doses from {low:g} to {high:g} leave nothing to weigh")
    n_required = len(dict.fromkeys(required))
    if least[:n_required].sum() > 1:
        raise FormulationError(f"the least doses of {', '.join(required)} exceed the whole")
    n_bands = colorant_set.geometry.n_angles * colorant_set.grid.count
    return Palette(
        codes,
        n_required,
        colorant_set.absorption[rows].reshape(-1, n_bands),
        colorant_set.scattering[rows].reshape(-1, n_bands),
        least,
        greatest,
        colorant_set.surface,
    )
