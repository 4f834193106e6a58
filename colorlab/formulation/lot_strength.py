"""How strongly the lots in use act: a factor per colorant, learned from production panels of known recipe."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from colorlab.uncertainty.noise import DECLARED_FREEDOM
from spectra.arrays import FloatArray, frozen
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError, UnknownColorantError

# Panels that tell as much of the scatters as one degree of freedom.
_PANELS_A_DEGREE = 4


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A panel that no strengths of the lots explain.

    Attributes
    ----------
    panel : str
    residual : float
        What the strengths leave of its spectrum. [L* rms]
    usual : float
        What they leave of the other panels. [L* rms]
    stated, instead : str
        A colorant of its recipe, and the one that in its place brings the panel home; empty where none does.
    then : float
        What is left of the panel once every such label is exchanged; NaN where none does. [L* rms]
    """

    panel: str
    residual: float
    usual: float
    stated: str = ""
    instead: str = ""
    then: float = float("nan")

    def __str__(self) -> str:
        if not self.instead:
            return (
                f"panel {self.panel} contradicts the others: strengths leave {self.residual:.2f} L* rms, elsewhere "
                f"{self.usual:.2f}; check its recipe, or weigh and paint it again"
            )
        return (
            f"panel {self.panel} contradicts the others: all agree better with {self.instead} in place of "
            f"{self.stated} ({self.residual:.2f} -> {self.then:.2f} L* rms of it left); check its label"
        )


@dataclass(frozen=True, slots=True, eq=False)
class LotStrengths:
    """Strength of every colorant's lot against the one its ladder was made of, all relative to the base.

    Attributes
    ----------
    colorant_set : str
        Name of the set.
    lot : str
        What the lots are called by; empty for the ones in use.
    base : str
        Its factor is 1: a stronger base is every other colorant weaker.
    colorants : tuple of str
    ln_factor : ndarray, shape (n_colorants,)
        Logarithm of the factor by which K and S are multiplied. [1]
    covariance : ndarray, shape (n_colorants, n_colorants)
        Of `ln_factor`, what the panels could not tell included.
    told : tuple of bool
        Whether the panels say more of the colorant than was assumed before.
    dosing : float
        Scatter of one amount from panel to panel that the panels show, relative. [1]
    model_scale : float
        By what factor the paint model errs more on production panels than on ladders. [1]
    panels : tuple of str
        What it was learned from.
    contradictions : tuple of Contradiction

    Raises
    ------
    FormulationError
        If the shapes do not fit, or a number is not finite.
    """

    colorant_set: str
    lot: str
    base: str
    colorants: tuple[str, ...]
    ln_factor: FloatArray
    covariance: FloatArray
    told: tuple[bool, ...]
    dosing: float
    model_scale: float
    panels: tuple[str, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.colorants)
        factors, covariance = frozen(self.ln_factor), frozen(self.covariance)
        if factors.shape != (n,) or covariance.shape != (n, n) or len(self.told) != n:
            raise FormulationError(
                f"strengths of {n} colorants: factors {factors.shape} and covariance {covariance.shape} do not fit"
            )
        scatter = np.array([self.dosing, self.model_scale])
        if not (np.isfinite(factors).all() and np.isfinite(covariance).all() and np.isfinite(scatter).all()):
            raise FormulationError("strengths, their covariance and scatter must be finite")
        if (np.diag(covariance) < 0).any() or (scatter < 0).any():
            raise FormulationError("variance and scatter of strengths cannot be negative")
        if self.base not in self.colorants:
            raise UnknownColorantError(self.base, self.colorants)
        object.__setattr__(self, "ln_factor", factors)
        object.__setattr__(self, "covariance", covariance)

    @property
    def freedom(self) -> float:
        """Degrees of freedom behind the scatters that intervals rest on: a few assumed, and a part of each panel's.

        Most of what one panel tells goes into the factors.
        """
        return DECLARED_FREEDOM + len(self.panels) / _PANELS_A_DEGREE

    @property
    def factors(self) -> dict[str, float]:
        """Factor of every colorant, as `ColorantSet.scaled` takes them."""
        return dict(zip(self.colorants, np.exp(self.ln_factor).tolist(), strict=True))

    def interval(self, code: str, coverage: float = 0.9) -> tuple[float, float]:
        """Bounds of one factor.

        Raises
        ------
        UnknownColorantError
            If the strengths do not know the colorant.
        """
        if code not in self.colorants:
            raise UnknownColorantError(code, self.colorants)
        row = self.colorants.index(code)
        reach = NormalDist().inv_cdf(0.5 + coverage / 2) * float(np.sqrt(self.covariance[row, row]))
        middle = float(self.ln_factor[row])
        return float(np.exp(middle - reach)), float(np.exp(middle + reach))

    def over(self, colorant_set: ColorantSet) -> FloatArray:
        """Covariance of ln factor in the order of a set, shape (n_colorants, n_colorants).

        Raises
        ------
        UnknownColorantError
            If the set holds a colorant the strengths do not know.
        """
        unknown = [code for code in colorant_set.codes if code not in self.colorants]
        if unknown:
            raise UnknownColorantError(unknown[0], self.colorants)
        rows = [self.colorants.index(code) for code in colorant_set.codes]
        ordered: FloatArray = self.covariance[np.ix_(rows, rows)]
        return ordered

    def applied(self, colorant_set: ColorantSet) -> ColorantSet:
        """The set as its lots act now.

        Raises
        ------
        UnknownColorantError
            If the strengths name a colorant the set does not hold, or the other way about.
        """
        self.over(colorant_set)
        return colorant_set.scaled({code: factor for code, factor in self.factors.items() if code != self.base})
