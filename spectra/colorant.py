"""What paint is made of: absorption and scattering of each colorant, and the set they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np

from spectra.arrays import FloatArray, frozen
from spectra.errors import FormulationError, UnknownColorantError
from spectra.geometry import Geometry
from spectra.optics.interface import Saunderson
from spectra.wavelengths import WavelengthGrid

Role = Literal["white", "black", "chromatic", "effect", "clear"]

# The strongest blacks absorb some hundred times what white scatters. Squares of a damaged number must not overflow.
_GREATEST = 1e12


@dataclass(frozen=True, slots=True, eq=False)
class Colorant:
    """One colorant, per unit mass fraction.

    Attributes
    ----------
    code, name : str
    role : {"white", "black", "chromatic", "effect", "clear"}
    absorption, scattering : ndarray, shape (n_angles or 1, n_wavelengths)
        Kubelka–Munk K and S relative to the scattering of the set's white base, which is 1 at every wavelength:
        opaque panels identify only the ratio K/S.
    log_covariance : ndarray, shape (n_angles or 1, n_wavelengths, 2, 2), or None
        Covariance of (ln K, ln S) at each wavelength.
    dose_limits : tuple of float
        Least and greatest mass fraction at which the colorant may be used; the least is a true minimum:
        zero or at least that.
    calibrated_dose : tuple of float
        Least and greatest mass fraction its ladder covered.
    price_per_kg : float or None
    density_g_cm3 : float or None

    Raises
    ------
    FormulationError
        Naming the colorant and what of it is missing, of the wrong kind or impossible.
    """

    code: str
    name: str
    role: Role
    absorption: FloatArray
    scattering: FloatArray
    log_covariance: FloatArray | None = None
    dose_limits: tuple[float, float] = (0.0, 1.0)
    calibrated_dose: tuple[float, float] = (0.0, 1.0)
    price_per_kg: float | None = None
    density_g_cm3: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.code, str) or not self.code or not isinstance(self.name, str):
            raise FormulationError(f"colorant {self.code!r}: code and name must be text")
        if self.role not in get_args(Role):
            raise FormulationError(f"{self.code}: role {self.role!r}; expected one of {', '.join(get_args(Role))}")
        absorption, scattering = frozen(self.absorption), frozen(self.scattering)
        if absorption.ndim != 2 or absorption.shape != scattering.shape:
            raise FormulationError(
                f"{self.code}: absorption {absorption.shape} and scattering {scattering.shape} must be alike"
            )
        if not (np.isfinite(absorption).all() and np.isfinite(scattering).all()):
            raise FormulationError(f"{self.code}: absorption and scattering must be finite")
        if (absorption < 0).any() or (scattering < 0).any():
            raise FormulationError(f"{self.code}: absorption and scattering cannot be negative")
        if max(absorption.max(initial=0.0), scattering.max(initial=0.0)) > _GREATEST:
            raise FormulationError(
                f"{self.code}: absorption or scattering beyond {_GREATEST:g} times a white's scattering"
            )
        if self.role != "clear" and not (absorption.any() or scattering.any()):
            raise FormulationError(f"{self.code}: only a clear neither absorbs nor scatters at any wavelength")
        object.__setattr__(self, "absorption", absorption)
        object.__setattr__(self, "scattering", scattering)
        if self.log_covariance is not None:
            covariance = frozen(self.log_covariance)
            if covariance.shape != (*absorption.shape, 2, 2):
                raise FormulationError(f"{self.code}: covariance {covariance.shape} does not fit {absorption.shape}")
            if not np.isfinite(covariance).all():
                raise FormulationError(f"{self.code}: covariance must be finite")
            object.__setattr__(self, "log_covariance", covariance)
        for limits, what in ((self.dose_limits, "dose limits"), (self.calibrated_dose, "calibrated dose")):
            if not 0 <= limits[0] <= limits[1] <= 1:
                raise FormulationError(f"{self.code}: {what} {limits[0]:g}…{limits[1]:g} must rise within 0…1")
        for value, what, low in ((self.price_per_kg, "price", "0 or more"), (self.density_g_cm3, "density", "above 0")):
            if value is None:
                continue
            number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
            if not number or not np.isfinite(value) or value < 0 or (what == "density" and value == 0):
                raise FormulationError(f"{self.code}: {what} {value!r}; expected a number, {low}")


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """What the buyer knows of a colorant."""

    name: str
    price_per_kg: float | None = None


@dataclass(frozen=True, eq=False)
class ColorantSet:
    """Colorants that were characterised together and may be mixed by one model.

    Attributes
    ----------
    name : str
    colorants : tuple of Colorant
    grid : WavelengthGrid
    geometry : Geometry
        Of the ladders; predictions hold for this geometry only.
    surface : Saunderson
    base : str
        Code of the white base whose scattering is the unit.
    """

    name: str
    colorants: tuple[Colorant, ...]
    grid: WavelengthGrid
    geometry: Geometry
    surface: Saunderson
    base: str

    def __post_init__(self) -> None:
        if self.grid.step is None:
            raise FormulationError(f"{self.name}: colorants stand at equally spaced wavelengths, not at {self.grid}")
        codes = [colorant.code for colorant in self.colorants]
        if len(set(codes)) != len(codes):
            raise FormulationError(f"a colorant code stands twice in {self.name}")
        if self.base not in codes:
            raise UnknownColorantError(self.base, codes)
        if not (self[self.base].scattering > 0).all():
            raise FormulationError(f"the white base {self.base} of {self.name} must scatter at every wavelength")
        for colorant in self.colorants:
            angles, count = colorant.absorption.shape
            if angles not in (1, self.geometry.n_angles) or count != self.grid.count:
                raise FormulationError(
                    f"{colorant.code}: coefficients of shape {colorant.absorption.shape} do not fit {self.name}, "
                    f"{self.geometry.name}, {self.grid}"
                )

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Codes in the order of the stacks."""
        return tuple(colorant.code for colorant in self.colorants)

    @cached_property
    def absorption(self) -> FloatArray:
        """Stack, shape (n_colorants, n_angles, n_wavelengths)."""
        return self._stack([colorant.absorption for colorant in self.colorants])

    @cached_property
    def scattering(self) -> FloatArray:
        """Stack, shape (n_colorants, n_angles, n_wavelengths)."""
        return self._stack([colorant.scattering for colorant in self.colorants])

    def _stack(self, spectra: Sequence[FloatArray]) -> FloatArray:
        shape = (self.geometry.n_angles, self.grid.count)
        return frozen([np.broadcast_to(spectrum, shape) for spectrum in spectra])

    def __getitem__(self, code: str) -> Colorant:
        return self.colorants[self.index(code)]

    def index(self, code: str) -> int:
        """Row of a colorant in the stacks.

        Raises
        ------
        UnknownColorantError
            If the set does not hold it.
        """
        if code not in self.codes:
            raise UnknownColorantError(code, self.codes)
        return self.codes.index(code)

    def indices(self, codes: Sequence[str]) -> list[int]:
        """Rows of several colorants."""
        return [self.index(code) for code in codes]
