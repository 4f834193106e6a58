"""What may put a batch off its recipe, and how likely each is before anything was measured."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import isfinite, lgamma, log, log2, pi
from typing import Any, Literal

import numpy as np

from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.recipe import Recipe

Kind = Literal["amount", "dispersion", "film build", "foreign"]


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that may differ from what the recipe says.

    Attributes
    ----------
    kind : {"amount", "dispersion", "film build", "foreign"}
        - amount: absorption and scattering of the colorant change by one factor. A dosing error and a lot whose paste
          holds more or less pigment act alike on one panel: they are one cause, amount × strength.
        - dispersion: the absorption changes by a factor at (nearly) the same scattering. That is what a lot of another
          tinting strength does, and what grinding or flocculation does; `Assumptions.dispersion_scattering` tells how
          far the scattering moves against it.
        - film build: the thickness of a film over a substrate that shows through.
        - foreign: a colorant of the set that the recipe does not hold.
    colorant : str
        Code; empty for film build.
    """

    kind: Kind
    colorant: str = ""

    def __str__(self) -> str:
        return f"{self.kind} of {self.colorant}" if self.colorant else self.kind


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is taken as known before a difference is explained; each may be set by who knows better.

    A cause is a Student t (`tail` degrees of freedom) about no effect: as wide as given here in the usual case, with
    tails that admit a blunder or a paste of a third of its strength.

    Attributes
    ----------
    strength : float
        Usual scatter of a colorant's amount × strength from lot to lot. Share. [1]
    base_strength : float
        The same for white pigments and the base, which vary less. Share. [1]
    dispersion : float
        Usual scatter of the absorption at the same scattering. Share. [1]
    dispersion_scattering : float
        By how much the scattering moves against the absorption: S changes as K to the power of minus this. What
        scattering does as particles grow depends on their size against the wavelength, rising below about half of it
        and falling above, so by default it is taken to stay. [1]
    dispersion_odds : float
        How often a colorant's dispersion is off for each time its amount × strength is: many pastes do not tell the two
        apart, and the plainer word then comes first. [1]
    film_build : float
        Usual scatter of the dry film thickness. Share. [1]
    foreign : float
        Middle of what a contamination may amount to, share of the recipe's mass; a factor of 5 either way is usual. [1]
    weighing : float
        Standard deviation of an ordinary weighing, relative to the mass. This scatter, of both panels, is no cause but
        a background that every explanation must rise above. [1]
    balance_resolution_g, batch_g : float
        Smallest step of the balance and the mass of the batch. [g]
    model_error : float
        Error of the model for a *difference*, share of the difference. [1]
    extrapolation : float
        By how much that error grows where a colorant acts that the recipe holds at twice what its ladder covered, or at
        half; nearer to the ladder less, in proportion to the logarithm. [1]
    blunder : float
        Factor beyond which a colorant's amount or dispersion, or a film, is implausibly far off, more or less: other
        explanations are then looked for, and it is said. Where the usual scatter is wide, three times that. [1]
    prediction_error : float
        Error of the model for a whole spectrum, share of the reflectance factor: counts only where a sample is compared
        with the predicted recipe instead of a measured standard. Real recipes whose amounts are set free show 0.3 % to
        1.2 %, and 2.5 % to 4 % where a paste was characterised at three times its strength. [1]
    detector : float
        Error of each wavelength of one reading by itself: noise of the detector and rounding, which smooth covariances
        leave out. Readings of the Kimera masstones show 0.0002 (median), of its tints 0.0005. [reflectance factor]
    tail : float
        Degrees of freedom of the Student t. [1]
    odds : tuple of float
        Probability that nothing, one, two, three or four causes are at work, before the measurement; shared
        equally among the explanations of that many causes. [1]

    Raises
    ------
    FormulationError
        If one is not a positive finite number, or the odds do not fall within 0…1.
    """

    strength: float = 0.05
    base_strength: float = 0.02
    dispersion: float = 0.05
    dispersion_scattering: float = 0.0
    dispersion_odds: float = 0.5
    film_build: float = 0.10
    foreign: float = 0.003
    weighing: float = 0.003
    balance_resolution_g: float = 0.01
    batch_g: float = 1000.0
    model_error: float = 0.05
    extrapolation: float = 3.0
    blunder: float = 3.0
    prediction_error: float = 0.015
    detector: float = 0.0002
    tail: float = 4.0
    odds: tuple[float, ...] = (0.5, 0.3, 0.15, 0.04, 0.01)

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if name == "odds":
                continue
            zero_allowed = name in ("dispersion_scattering", "balance_resolution_g")
            if not (isfinite(value) and (value > 0 or (zero_allowed and value == 0))):
                raise FormulationError(f"{name} of an explanation is {value!r}; expected a positive finite number")
        if self.blunder <= 1:
            raise FormulationError(f"blunder of an explanation is {self.blunder!r}; expected a factor above 1")
        if len(self.odds) < 3 or not all(0 < one < 1 for one in self.odds) or sum(self.odds) > 1 + 1e-9:
            raise FormulationError(f"odds {self.odds}; expected at least three probabilities that sum to 1 at most")

    def as_dict(self) -> dict[str, Any]:
        """Plain types, so that an explanation can be reached again."""
        return asdict(self) | {"odds": list(self.odds)}

    def scale(self, cause: Cause, colorant_set: ColorantSet) -> float:
        """Usual size of a cause, in its logarithm."""
        if cause.kind == "film build":
            return self.film_build
        if cause.kind == "dispersion":
            return self.dispersion
        white = colorant_set[cause.colorant].role == "white" or cause.colorant == colorant_set.base
        return self.base_strength if white else self.strength

    def growth(self, outside: float) -> float:
        """By how much the model's error grows for a colorant outside its ladder by this factor. [1]"""
        return 1 + (self.extrapolation - 1) * min(1.0, log2(outside))

    def is_plausible(self, cause: Cause, effect: float, colorant_set: ColorantSet) -> bool:
        """Whether a cause may be as large as this, in its logarithm; of a foreign colorant the prior alone tells."""
        return cause.kind == "foreign" or abs(effect) <= max(log(self.blunder), 3 * self.scale(cause, colorant_set))

    def weighing_errors(self, recipe: Recipe) -> FloatArray:
        """Relative standard deviation of each mass of a recipe, shape (n_colorants,); rounding is uniform."""
        masses = np.maximum(recipe.mass_fractions * self.batch_g, 1e-12)
        error: FloatArray = np.hypot(self.weighing, self.balance_resolution_g / np.sqrt(12) / masses)
        return error


DEFAULT = Assumptions()
# A contamination is a share of the recipe, so its logarithm is drawn about a middle, with this standard deviation.
FOREIGN_SPREAD = log(5.0)


def log_student_t(values: FloatArray, scales: FloatArray, tail: float) -> float:
    """Log density of independent Student t about 0, summed."""
    constant = lgamma((tail + 1) / 2) - lgamma(tail / 2) - 0.5 * log(tail * pi)
    density = constant - np.log(scales) - (tail + 1) / 2 * np.log1p((values / scales) ** 2 / tail)
    return float(density.sum())


def recipe_causes(recipe: Recipe, with_film: bool) -> tuple[Cause, ...]:
    """Every cause within the recipe: amount and dispersion of each colorant, and the film where it shows through."""
    causes = [Cause(kind, code) for code in recipe.colorants for kind in ("amount", "dispersion")]
    return (*causes, Cause("film build")) if with_film else tuple(causes)
