"""What paint is made of: absorption and scattering of each colorant, and the set they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray, frozen
from spectra.errors import FormulationError, UnknownColorantError
from spectra.film_build import relative_density
from spectra.geometry import Geometry
from spectra.mixing import mixture
from spectra.model_error import ModelError
from spectra.optics.film import film_reflectance
from spectra.optics.interface import Saunderson, internal_reflectance, measured_reflectance, measured_slope
from spectra.optics.link import link_of
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
        In films that do not hide, of what is weighed over the volume that it leaves dry.
    crowds : float
        How much of it takes part in crowding: 1 for a white, 0 for what does not scatter (see `spectra.mixing`). [0–1]

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
    crowds: float = 0.0

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
        if not 0 <= self.crowds <= 1:
            raise FormulationError(f"{self.code}: share that crowds {self.crowds!r}; expected 0…1")
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
    link : str
        Row of `spectra.optics.link.LINKS`: from K/S to the reflectance of a hiding film.
    crowding : float
        Share of its scattering that a white loses when it fills the film (see `spectra.mixing`). [0–1)
    ceiling : ndarray, shape (n_angles,), or None
        Factor on the reflectance factor of each angle; `ceilings` gives ones where None. Above 1 for effect paints,
        whose flakes mirror more than the perfect diffuser near the specular direction. [1]
    base_scattering_per_um : ndarray, shape (n_angles, n_wavelengths), or None
        Scattering of a dry film of the base, which is the unit of the coefficients; only panels that do not hide tell
        it. None where nobody knows it. [1/µm]
    model_error : ModelError or None
        How far the model itself errs, measured on ladder levels it had not seen; None where no level was to spare.
    """

    name: str
    colorants: tuple[Colorant, ...]
    grid: WavelengthGrid
    geometry: Geometry
    surface: Saunderson
    base: str
    link: str = "kubelka-munk"
    crowding: float = 0.0
    ceiling: FloatArray | None = None
    base_scattering_per_um: FloatArray | None = None
    model_error: ModelError | None = None

    def __post_init__(self) -> None:
        link_of(self.link)
        if not 0 <= self.crowding < 1:
            raise FormulationError(f"{self.name}: crowding {self.crowding!r}; expected 0 or more, below 1")
        if self.ceiling is not None:
            ceiling = frozen(self.ceiling)
            if ceiling.shape != (self.geometry.n_angles,) or not (np.isfinite(ceiling).all() and (ceiling > 0).all()):
                raise FormulationError(
                    f"{self.name}: ceilings {ceiling.tolist()}; expected {self.geometry.n_angles} numbers above 0"
                )
            object.__setattr__(self, "ceiling", ceiling)
        if self.base_scattering_per_um is not None:
            per_um, shape = frozen(self.base_scattering_per_um), (self.geometry.n_angles, self.grid.count)
            if per_um.shape != shape or not (np.isfinite(per_um).all() and (per_um > 0).all()):
                raise FormulationError(f"{self.name}: scattering of the base per µm must be {shape} numbers above 0")
            object.__setattr__(self, "base_scattering_per_um", per_um)
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

    @cached_property
    def crowds(self) -> FloatArray:
        """How much of each takes part in crowding, shape (n_colorants,)."""
        return frozen([colorant.crowds for colorant in self.colorants])

    @cached_property
    def ceilings(self) -> FloatArray:
        """Factor on the reflectance factor of each angle, shape (n_angles,)."""
        return frozen(np.ones(self.geometry.n_angles)) if self.ceiling is None else self.ceiling

    @cached_property
    def density_unknown(self) -> tuple[str, ...]:
        """Colorants that `relative_density` takes to be as heavy as the base, as nobody said what they weigh."""
        if self[self.base].density_g_cm3 is None:
            return self.codes
        return tuple(colorant.code for colorant in self.colorants if colorant.density_g_cm3 is None)

    def relative_density(self, fractions: ArrayLike) -> FloatArray:
        """Density of dry films of mixtures over that of the base alone.

        K and S are those of equal masses, a film build is a volume: a film of a mixture acts as one of the base that is
        so many times thicker.

        Parameters
        ----------
        fractions : array_like, shape (n_recipes, n_colorants)
            As `mix` takes them.

        Returns
        -------
        ndarray, shape (n_recipes,)
            [1] 1 for the colorants of `density_unknown`.
        """
        known = [np.nan if one.density_g_cm3 is None else one.density_g_cm3 for one in self.colorants]
        return relative_density(fractions, known, self.index(self.base))

    def mix(self, fractions: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Absorption and scattering of mixtures.

        Parameters
        ----------
        fractions : array_like, shape (n_recipes, n_colorants)
            Mass fractions over all colorants of the set. Colour depends on their ratios only.

        Returns
        -------
        K, S : ndarray, shape (n_recipes, n_angles, n_wavelengths)

        Raises
        ------
        FormulationError
            If the fractions are not over the colorants of the set.
        """
        doses = np.asarray(fractions, dtype=np.float64)
        if doses.ndim != 2 or doses.shape[1] != len(self.colorants):
            raise FormulationError(
                f"mass fractions of shape {doses.shape}; (n_recipes, {len(self.colorants)}) expected"
            )
        return mixture(self.absorption, self.scattering, doses, self.crowds, self.crowding)

    def reflectance_factor(self, fractions: ArrayLike) -> FloatArray:
        """Reflectance factors of hiding films of mixtures, shape (n_recipes, n_angles, n_wavelengths).

        Raises
        ------
        FormulationError
            As `mix`.
        """
        return self.hiding_film(*self.mix(fractions))

    def film(self, K: FloatArray, S: FloatArray, depth: ArrayLike, substrate: ArrayLike) -> FloatArray:
        """Reflectance factor of films that may let their substrate show through.

        Parameters
        ----------
        K, S : ndarray, shape (..., n_angles, n_wavelengths)
            Of the mixtures, as `mix` gives them for amounts whose sum is 1.
        depth : array_like, broadcastable to (..., n_angles, n_wavelengths)
            Scattering power of as much mass of the base alone: its scattering per µm times the dry thickness times the
            `relative_density` of the mixture. [1]
        substrate : array_like, shape (..., n_angles, n_wavelengths)
            Reflectance factor of the bare substrate. The film wets it: it acts with its own surface taken off.

        Returns
        -------
        ndarray, shape (..., n_angles, n_wavelengths)
        """
        ceilings = self.ceilings[:, None]
        bare = np.asarray(substrate, dtype=np.float64) / ceilings
        wetted = np.clip(internal_reflectance(bare, self.surface), 0.0, 1.0)
        inside = film_reflectance(*link_of(self.link).film(K, S), depth, wetted)
        outside: FloatArray = ceilings * measured_reflectance(inside, self.surface)
        return outside

    def hiding_film(self, K: FloatArray, S: FloatArray) -> FloatArray:
        """Reflectance factor of films that hide, shape of K.

        Parameters
        ----------
        K, S : ndarray, shape (..., n_angles, n_wavelengths)
            Of the mixtures, as `mix` gives them.
        """
        inside = link_of(self.link).reflectivity(K, S)
        outside: FloatArray = self.ceilings[:, None] * measured_reflectance(inside, self.surface)
        return outside

    def hiding_film_fall(self, K: FloatArray, S: FloatArray) -> FloatArray:
        """How fast the reflectance factor of films that hide falls, shape of K.

        It changes by fall · (K dS − S dK). The fall divides by neither K nor S: what does not scatter does no harm.

        Parameters
        ----------
        K, S : ndarray, shape (..., n_angles, n_wavelengths)
            Of the mixtures, as `mix` gives them.
        """
        link = link_of(self.link)
        fall: FloatArray = self.ceilings[:, None] * measured_slope(link.reflectivity(K, S), self.surface)
        return fall * link.fall(K, S)

    def scaled(self, factors: Mapping[str, float]) -> ColorantSet:
        """The set with lots that act by other factors: K and S of each colorant named, times its factor.

        The base is the unit: scaling it changes the hiding of the film, not a colour mixed by these constants.

        Raises
        ------
        UnknownColorantError
            If the set does not hold a colorant named.
        FormulationError
            If a factor is not above zero.
        """
        self.indices(tuple(factors))
        for code, factor in factors.items():
            if not (np.isfinite(factor) and factor > 0):
                raise FormulationError(f"{code}: strength {factor!r}; expected a finite number above 0")
        return replace(
            self,
            colorants=tuple(
                replace(
                    one, absorption=factors[one.code] * one.absorption, scattering=factors[one.code] * one.scattering
                )
                if one.code in factors
                else one
                for one in self.colorants
            ),
        )

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
