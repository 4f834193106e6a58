"""How far a paint model itself errs, of a letdown and of a mixture nobody painted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import FormulationError
from spectra.wavelengths import WavelengthGrid

# Every colorant of a recipe after the first adds this share of the variance of one letdown: its own K and S are a
# model's too, and ladders never saw it beside the others. Simulated mixtures of two to five colorants show 0.1 to 0.3.
MIXING = 0.2


@dataclass(frozen=True, slots=True)
class ModelError:
    """Error of the paint model, in units of lightness so that it is as visible in a dark paint as in a light one.

    Attributes
    ----------
    within : float
        Standard deviation at a letdown between the levels of its ladder. [L*]
    beyond : float
        Added, as a variance, for every factor e by which a dose lies outside its ladder. [L*]
    correlation_nm : float
        Length over which errors of neighbouring wavelengths go together: correlation exp(−distance/length). [nm]
    n_levels : int
        Ladder levels it was measured on.

    Raises
    ------
    FormulationError
        If one of them is not finite, or negative.
    """

    within: float
    beyond: float
    correlation_nm: float
    n_levels: int

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not isfinite(value) or value < 0 or (name == "correlation_nm" and value == 0):
                raise FormulationError(f"model error: {name} is {value!r}; expected a finite number, 0 or more")

    def as_dict(self) -> dict[str, float]:
        """Plain numbers; `from_dict` reads them back to the same values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, document: Mapping[str, object]) -> ModelError:
        """From `as_dict`.

        Raises
        ------
        FormulationError
            If a number is missing, or is none.
        """
        names = ("within", "beyond", "correlation_nm", "n_levels")
        values: dict[str, float] = {}
        for name in names:
            value = document.get(name)
            if not isinstance(value, int | float) or isinstance(value, bool):
                raise FormulationError(f"model error: {name} is {value!r}; expected a number")
            values[name] = value
        return cls(values["within"], values["beyond"], values["correlation_nm"], int(values["n_levels"]))

    def correlation(self, grid: WavelengthGrid) -> FloatArray:
        """Between wavelengths, shape (n_wavelengths, n_wavelengths)."""
        nm = grid.wavelengths
        matrix: FloatArray = np.exp(-np.abs(nm[:, None] - nm) / self.correlation_nm)
        return matrix

    def variance(self, n_colorants: float, beyond: float) -> float:
        """Of one recipe. [L*²]

        Parameters
        ----------
        n_colorants : float
            Colorants beside the base, counted as `effective_number` does.
        beyond : float
            Sum over the colorants of (ln factor outside the ladder)².
        """
        several = 1 + MIXING * max(n_colorants - 1, 0.0)
        return self.within**2 * several + self.beyond**2 * beyond
