"""What explains a difference: the causes found, what cannot be told from them, and what no cause explains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from colorlab.colorimetry.viewing import Viewing
from colorlab.control.explain.causes import Assumptions, Cause

# A contribution to each: name, and the attribute of `colorlab.difference.components.Components`.
COMPONENTS = ("delta_L", "delta_C", "delta_H")
Finding = Literal["nothing to explain", "explained", "partly explained", "another colorant", "not explained"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval of 95 %, given that the causes beside it are the right ones."""

    value: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float]:
        """Plain types."""
        return {"value": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True, eq=False)
class FoundCause:
    """One cause of the most probable explanation.

    Attributes
    ----------
    cause : Cause
    change : Estimate
        Relative to what the recipe says, −0.04 for 4 % less; of a foreign colorant its share of the recipe's mass. [1]
    probability : float
        That it is at work, among all explanations tried.
    contribution : mapping of str to Estimate
        By how much ΔL*, ΔC* and ΔH* of the difference are its work, at the angle of the largest ΔE.
    delta_E_without : Estimate
        ΔE that would remain were it alone put right.
    share : float
        Of ΔE that this would take away; negative where it hides another cause. [1]
    plausible : bool
        Whether a dose, a lot or a film may be so far off (`Assumptions.blunder`).
    """

    cause: Cause
    change: Estimate
    probability: float
    contribution: dict[str, Estimate]
    delta_E_without: Estimate
    share: float
    plausible: bool

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "kind": self.cause.kind,
            "colorant": self.cause.colorant or None,
            "change": self.change.as_dict(),
            "probability": self.probability,
            "contribution": {name: one.as_dict() for name, one in self.contribution.items()},
            "delta_E_without": self.delta_E_without.as_dict(),
            "share": self.share,
            "plausible": self.plausible,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Alternative:
    """Another explanation.

    Attributes
    ----------
    causes : tuple of Cause
    changes : tuple of Estimate
        As `FoundCause.change`.
    odds : float
        Of this explanation against the most probable one, before the sizes of both were looked at. [1]
    likelihood_ratio : float
        Of its best fit against that of the most probable one: what the measurement alone says. [1]
    delta_E_without : float
        ΔE that would remain were all its causes put right.
    """

    causes: tuple[Cause, ...]
    changes: tuple[Estimate, ...]
    odds: float
    likelihood_ratio: float
    delta_E_without: float

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "causes": [
                {"kind": cause.kind, "colorant": cause.colorant or None, "change": change.as_dict()}
                for cause, change in zip(self.causes, self.changes, strict=True)
            ],
            "odds": self.odds,
            "likelihood_ratio": self.likelihood_ratio,
            "delta_E_without": self.delta_E_without,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A cause alone, whatever the answer is.

    Attributes
    ----------
    alternative : Alternative
        It as the only cause.
    bayes_factor : float
        Against no cause at all. [1]
    probability : float
        That it is at work, among all explanations tried.
    least_visible : float or None
        Smallest relative effect that this measurement shows; None when even a factor of 2 stays hidden. [1]
    """

    alternative: Alternative
    bayes_factor: float
    probability: float
    least_visible: float | None

    @property
    def cause(self) -> Cause:
        """Which."""
        return self.alternative.causes[0]

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        (cause,) = self.alternative.causes
        return {
            "kind": cause.kind,
            "colorant": cause.colorant or None,
            "change": self.alternative.changes[0].as_dict(),
            "delta_E_without": self.alternative.delta_E_without,
            "bayes_factor": self.bayes_factor,
            "probability": self.probability,
            "least_visible": self.least_visible,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """Why a sample differs from its standard, as far as its recipe tells.

    Attributes
    ----------
    standard, sample, recipe, colorant_set : str
        Names. Of a predicted recipe the standard is "recipe as predicted".
    formula : str
    viewing : Viewing
    angle : str
        Where ΔE is largest; contributions and remaining ΔE are of this angle.
    delta_E : float
    difference : mapping of str to float
        ΔL*, ΔC*, ΔH*.
    finding : {"nothing to explain", "explained", "partly explained", "another colorant", "not explained"}
        Explained is what leaves neither more of the spectrum than chance does nor a relevant part of ΔE; partly, what
        takes half of ΔE away and leaves more than that of it.
    found : tuple of FoundCause
        The most probable explanation, its largest contribution first; empty when nothing is to be explained.
    delta_E_remaining : float
        ΔE were all causes found put right.
    delta_E_by_chance : float
        ΔE that measurement, ordinary weighing and, without a standard, the prediction exceed once in a hundred times.
    alternatives : tuple of Alternative
        Explanations of as many causes that the measurement cannot tell from it, most probable first.
    foreign : tuple of Alternative
        Where the recipe does not explain it, or only implausibly: what does, with a colorant of the set that the recipe
        does not hold.
    candidates : tuple of Candidate
        Each cause within the recipe alone, most probable first.
    together : mapping of str to Estimate
        Relative change of the amount × strength of each colorant when all are set free at once: what a batch tells of
        its lots, with the full width of what one colorant leaves open of another. [1]
    alike : tuple of tuple of Cause
        Causes that no measurement of this paint tells apart, as they move its spectrum alike.
    p_nothing : float
        How often noise and ordinary weighing make a spectral difference as large (χ²). [1]
    p_residual : float
        How often they leave as much beside the explanation (χ²); small when something is missing. [1]
    names : mapping of str to str
        What each colorant is called, by its code.
    assumptions : Assumptions
    noise_source : tuple of str
        What the covariance of each measurement rests on.
    remarks : tuple of str
    """

    standard: str
    sample: str
    recipe: str
    colorant_set: str
    formula: str
    viewing: Viewing
    angle: str
    delta_E: float
    difference: dict[str, float]
    finding: Finding
    found: tuple[FoundCause, ...]
    delta_E_remaining: float
    delta_E_by_chance: float
    alternatives: tuple[Alternative, ...]
    foreign: tuple[Alternative, ...]
    candidates: tuple[Candidate, ...]
    together: dict[str, Estimate]
    alike: tuple[tuple[Cause, ...], ...]
    p_nothing: float
    p_residual: float
    names: dict[str, str]
    assumptions: Assumptions
    noise_source: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def share(self) -> float:
        """Of ΔE that all causes found take away together. [1]"""
        return 1 - self.delta_E_remaining / self.delta_E if self.delta_E > 0 else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        from colorlab.control.explain.words import sentence

        return {
            "standard": self.standard,
            "sample": self.sample,
            "recipe": self.recipe,
            "colorants": self.colorant_set,
            "formula": self.formula,
            "viewing": str(self.viewing),
            "angle": self.angle,
            "delta_E": self.delta_E,
            "difference": dict(self.difference),
            "finding": self.finding,
            "sentence": sentence(self, "en"),
            "sentence_zh": sentence(self, "zh"),
            "causes": [one.as_dict() for one in self.found],
            "delta_E_remaining": self.delta_E_remaining,
            "delta_E_by_chance": self.delta_E_by_chance,
            "share": self.share,
            "alternatives": [one.as_dict() for one in self.alternatives],
            "foreign": [one.as_dict() for one in self.foreign],
            "candidates": [one.as_dict() for one in self.candidates],
            "together": {code: one.as_dict() for code, one in self.together.items()},
            "alike": [[{"kind": one.kind, "colorant": one.colorant or None} for one in group] for group in self.alike],
            "p_nothing": self.p_nothing,
            "p_residual": self.p_residual,
            "assumptions": self.assumptions.as_dict(),
            "noise_source": list(self.noise_source),
            "remarks": list(self.remarks),
        }
