"""The answer to a batch that is off: what to add, what that gives, or why nothing helps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.formulation.correction.additions import MASS_WEIGHT
from colorlab.formulation.correction.outlook import Outlook
from colorlab.formulation.correction.tank import Batch
from colorlab.formulation.lot_strength import LotStrengths
from colorlab.formulation.robustness.inside import Limits
from colorlab.formulation.search.objective import Objective
from colorlab.formulation.target import Target
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.recipe import Recipe

Decision = Literal["add", "leave", "beyond saving"]


@dataclass(frozen=True, slots=True)
class Means:
    """What may be added, and how.

    Attributes
    ----------
    allowed : tuple of str or None
        Colorants that may be added; those of the recipe when None.
    capacity_g : float or None
        What the tank holds in all; twice the batch when None: to add more is to make another batch. [g]
    least_g : float or None
        Smallest addition that can be dosed; one step of the balance when None. [g]
    balance_resolution_g : float
        [g]
    relative_error : float
        Standard deviation of an addition relative to itself. [1]
    max_colorants : int
        Greatest number of colorants in one addition.
    mass_weight : float
        Price of mass: squared ΔE00 that one mass of the batch more must be worth.

    Raises
    ------
    FormulationError
        If a quantity is negative or not finite.
    """

    allowed: tuple[str, ...] | None = None
    capacity_g: float | None = None
    least_g: float | None = None
    balance_resolution_g: float = 0.1
    relative_error: float = 0.003
    max_colorants: int = 4
    mass_weight: float = MASS_WEIGHT

    def __post_init__(self) -> None:
        for value, what in (
            (self.capacity_g, "capacity"),
            (self.least_g, "smallest dose"),
            (self.balance_resolution_g, "resolution of the balance"),
            (self.relative_error, "weighing error"),
            (self.mass_weight, "price of mass"),
        ):
            if value is not None and not (np.isfinite(value) and value >= 0):
                raise FormulationError(f"{what} {value!r}; expected a finite number, 0 or more")
        if self.max_colorants < 1:
            raise FormulationError(f"{self.max_colorants} colorants in an addition; expected 1 or more")

    def room_g(self, batch_g: float) -> float:
        """Most that may be added to a batch. [g]"""
        return batch_g if self.capacity_g is None else max(self.capacity_g - batch_g, 0.0)

    def smallest_g(self, batch_g: float) -> float:
        """Smallest addition: what can be dosed, in steps of the balance, and no less than a millionth of it. [g]"""
        step = self.balance_resolution_g
        least = max(step if self.least_g is None else self.least_g, 1e-6 * batch_g)
        return float(np.round(np.ceil(least / step - 1e-9) * step, 9)) if step else least


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """Additions, and the batch with them.

    Attributes
    ----------
    additions_g : mapping of str to float
        As the balance can weigh them. [g]
    recipe : Recipe
        Of the batch with the additions.
    batch_g : float
        Its mass with them. [g]
    reflectance_factor : ndarray, shape (n_angles, n_wavelengths)
        As computed.
    covariance : ndarray, shape (n_bands, n_bands)
        Of it.
    outlook : Outlook
    price : float or None
        Of the additions; None when one of them has no price.
    findings : tuple of str
        Doses outside what the ladders covered.
    """

    additions_g: Mapping[str, float]
    recipe: Recipe
    batch_g: float
    reflectance_factor: FloatArray
    covariance: FloatArray
    outlook: Outlook
    price: float | None
    findings: tuple[str, ...]

    @property
    def added_g(self) -> float:
        """Mass of all additions. [g]"""
        return sum(self.additions_g.values())


@dataclass(frozen=True, slots=True, eq=False)
class CorrectionResult:
    """What to do with a batch.

    Attributes
    ----------
    batch : Batch
    target : Target
    objective : Objective
    limits : Limits
    decision : {"add", "leave", "beyond saving"}
    before : Outlook
        The batch as it is.
    correction : Correction or None
        The additions to make; None when nothing is to be added. Beyond saving: the nearest that can be reached.
    least : Correction or None
        The smallest mass that is inside the limits as computed; None when none is.
    nearest : Correction
        The best colour, whatever mass it takes within the capacity.
    too_much_g : mapping of str to float
        What would have to be taken out for the target, by the same model; in grams of each colorant. [g]
    leftover : Correction or None
        The smallest fresh batch that takes this one up: what is to be added without a limit of capacity; None where
        the batch can be saved or that does not help either.
    strengths : LotStrengths or None
        That the lots were found to have; None when the colorants carry no covariance to weigh them by.
    colorant_set : ColorantSet
        The lots as they act.
    strength_covariance : ndarray, shape (n_colorants, n_colorants)
        Of ln of their strengths, over the set.
    means : Means
    coverage : float
        Of the intervals. [1]
    ways_tried : int
        Choices of colorants solved.
    """

    batch: Batch
    target: Target
    objective: Objective
    limits: Limits
    decision: Decision
    before: Outlook
    correction: Correction | None
    least: Correction | None
    nearest: Correction
    too_much_g: Mapping[str, float]
    leftover: Correction | None
    strengths: LotStrengths | None
    colorant_set: ColorantSet
    strength_covariance: FloatArray
    means: Means
    coverage: float
    ways_tried: int

    @property
    def inside(self) -> bool:
        """Whether the batch is, or is brought, inside the limits."""
        return self.decision != "beyond saving"

    def lab(self, reflectance_factor: FloatArray) -> FloatArray:
        """CIELAB of the target, the batch or a correction, shape (n_angles, n_viewings, 3)."""
        seen = self.objective.viewings
        return np.stack([spectra_to_lab(reflectance_factor, self.target.grid, viewing) for viewing in seen], axis=-2)
