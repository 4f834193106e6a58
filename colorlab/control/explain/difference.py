"""From two spectra, a recipe and its colorants to what explains the difference between the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, isfinite

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10, Viewing
from colorlab.colorimetry.weights import white_point
from colorlab.control.explain.batch_model import BatchModel, Film
from colorlab.control.explain.causes import DEFAULT, Assumptions, Cause, recipe_causes
from colorlab.control.explain.comparison import (
    DECISIVE,
    Comparison,
    alike,
    compare,
    compare_foreign,
    is_residual_chance,
    visible,
)
from colorlab.control.explain.covariance import difference_covariance, whitening
from colorlab.control.explain.evidence import Difference, Fit, fit, upper_tail
from colorlab.control.explain.explanation import (
    COMPONENTS,
    Alternative,
    Candidate,
    Estimate,
    Explanation,
    Finding,
    FoundCause,
)
from colorlab.difference.components import components
from colorlab.difference.pairing import pair
from colorlab.difference.standard import delta_E
from colorlab.uncertainty.measurement_uncertainty import MeasurementUncertainty, measurement_uncertainty
from colorlab.uncertainty.noise import DECLARED_DEFAULT, ReflectanceNoise
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.errors import NotComparableError
from spectra.measurement import Measurement
from spectra.recipe import Recipe

AS_PREDICTED = "recipe as predicted"
_NORMAL_95 = 1.959964
# Of what is not explained, causes are named only if they take half of it away. [share of ΔE]
_WORTH_NAMING = 0.5


def explain_difference(
    standard: Measurement | None,
    sample: Measurement,
    recipe: Recipe,
    colorant_set: ColorantSet,
    *,
    film: Film | None = None,
    formula: str = "CIEDE2000",
    viewing: Viewing = D65_10,
    noise: ReflectanceNoise = DECLARED_DEFAULT,
    assumptions: Assumptions = DEFAULT,
) -> Explanation:
    """Which causes explain a difference, by how much and how surely.

    Parameters
    ----------
    standard : Measurement or None
        A panel of the recipe as it should be. None compares with the recipe as predicted, which is far less sharp: the
        model then errs about the whole spectrum, not only about its change.
    sample : Measurement
        The batch.
    recipe : Recipe
        What both are meant to be made of.
    colorant_set : ColorantSet
    film : Film, optional
        Film build and substrate, where the film does not hide; without it the film is taken as hiding.
    formula : str
        A row of `colorlab.difference.standard.FORMULAS`; with `viewing` what ΔE is stated in. The causes themselves are
        found in the spectrum.
    viewing : Viewing
    noise : ReflectanceNoise
    assumptions : Assumptions

    Raises
    ------
    NotComparableError
        If standard, sample and colorants were not measured alike.
    UnknownColorantError
        If the recipe names a colorant the set does not hold.
    FormulationError
        If the substrate does not fit.

    Notes
    -----
    The spectrum of the sample is that of the standard, moved as the model moves, plus errors whose covariance is that
    of both measurements, the ordinary scatter of weighing and the model's own error. Each cause is a logarithm with a
    Student t prior; nothing, every cause, every pair and longer chains are fitted and compared by Laplace's evidence.
    """
    standard, sample, remarks = _placed(standard, sample, colorant_set)
    model = BatchModel(colorant_set, recipe, film, assumptions.dispersion_scattering)
    uncertain = [measurement_uncertainty(one, noise) for one in (standard, sample) if one is not None]
    difference = _difference(model, standard, sample, uncertain, assumptions)
    causes = recipe_causes(recipe, film is not None)
    least = visible(difference, causes)
    if film is not None and not isfinite(least[Cause("film build")]):
        causes = tuple(cause for cause in causes if cause.kind != "film build")
        remarks += ("the film hides its substrate: its build cannot be seen and was not considered",)
    if film is None:
        remarks += ("the film is taken as hiding: its build was not considered",)
    if model.beyond_ladders:
        outside = ", ".join(model.beyond_ladders)
        remarks += (f"outside what the ladders covered, so the model is trusted less: {outside}",)
    unseen = [cause for cause in causes if not isfinite(least[cause])]
    if unseen:
        remarks += (f"not visible on this paint, even doubled: {', '.join(map(str, unseen))}",)
    seen = tuple(cause for cause in causes if isfinite(least[cause]))
    within = compare(difference, seen)
    together = fit(difference, [cause for cause in seen if cause.kind == "amount"])
    nothing = next(one for one in within.fits if not one.causes)
    colour = _Colour(difference, viewing, formula)
    best, ranked, finding, foreign = _answer(difference, within, seen, colour)
    found = sorted(
        (colour.found(best, index, ranked) for index in range(len(best.causes))),
        key=lambda one: -sum(part.value**2 for part in one.contribution.values()),
    )
    return Explanation(
        standard=standard.sample if standard is not None else AS_PREDICTED,
        sample=sample.sample,
        recipe=recipe.name,
        colorant_set=colorant_set.name,
        formula=formula,
        viewing=viewing,
        angle=colorant_set.geometry.tokens[colour.angle],
        delta_E=colour.delta_E,
        difference=colour.components(difference.start, difference.sample),
        finding=finding,
        found=tuple(found),
        delta_E_remaining=colour.without(best),
        alternatives=tuple(colour.alternative(one, best) for one in ranked.rivals()) if best.causes else (),
        foreign=foreign,
        candidates=tuple(
            Candidate(
                colour.alternative(one, best),
                exp(min(one.log_evidence - nothing.log_evidence, 700.0)),
                within.probability_of(one.causes[0]),
                least[one.causes[0]],
            )
            for one in within.singles
        ),
        together={cause.colorant: change(together, index) for index, cause in enumerate(together.causes)},
        alike=alike(difference, seen),
        p_nothing=upper_tail(nothing.chi_square, difference.freedom),
        p_residual=upper_tail(best.chi_square, difference.freedom),
        names={colorant.code: colorant.name for colorant in colorant_set.colorants},
        assumptions=assumptions,
        noise_source=tuple(one.source for one in uncertain),
        remarks=remarks,
    )


def _placed(
    standard: Measurement | None, sample: Measurement, colorant_set: ColorantSet
) -> tuple[Measurement | None, Measurement, tuple[str, ...]]:
    """Both at the angles and wavelengths of the colorants."""
    remarks: tuple[str, ...] = ()
    if standard is not None:
        both = pair(standard, sample)
        first, told = _as_colorants(both.standard, colorant_set)
        second, told_too = _as_colorants(both.sample, colorant_set)
        return first, second, (*both.remarks, *told, *told_too)
    alone, remarks = _as_colorants(sample, colorant_set)
    return None, alone, remarks


def _as_colorants(side: Measurement, colorant_set: ColorantSet) -> tuple[Measurement, tuple[str, ...]]:
    """A measurement in the geometry and at the wavelengths of the colorants, and what was taken on trust for it."""
    geometry, own = colorant_set.geometry, side.geometry
    remarks: tuple[str, ...] = ()
    undeclared = own.kind == "unknown" or (own.kind == geometry.kind == "sphere" and own.specular is None)
    if geometry.kind == own.kind == "directional" and set(geometry.tokens) <= set(own.tokens):
        side = side.at_angles(geometry.tokens)
    elif undeclared and own.n_angles == geometry.n_angles:
        side = replace(side, geometry=geometry)
        remarks = (f"{side.sample}: geometry undeclared, taken as that of the colorants, {geometry.name}",)
    if side.geometry.tokens != geometry.tokens:
        raise NotComparableError("geometry", f"{geometry.name} of the colorants", f"{own.name} of {side.sample}")
    return side.on_grid(colorant_set.grid), remarks


def _difference(
    model: BatchModel,
    standard: Measurement | None,
    sample: Measurement,
    uncertain: Sequence[MeasurementUncertainty],
    assumptions: Assumptions,
) -> Difference:
    start = model.as_stated if standard is None else standard.reflectance_factor
    measured = sum((one.covariance for one in uncertain), start=np.zeros(()))
    covariance = difference_covariance(
        model,
        start,
        sample.reflectance_factor,
        measured,
        assumptions,
        n_readings=tuple(one.n_readings for one in uncertain),
    )
    return Difference(model, start, sample.reflectance_factor, whitening(covariance), assumptions)


def _answer(
    difference: Difference, within: Comparison, causes: Sequence[Cause], colour: _Colour
) -> tuple[Fit, Comparison, Finding, tuple[Alternative, ...]]:
    """The explanation that is given, where it was found, what it amounts to, and those with another colorant."""
    best = within.best
    if is_residual_chance(difference, best):
        return best, within, "explained" if best.causes else "nothing to explain", ()
    beyond = compare_foreign(difference, causes, best)
    likely = beyond.best
    foreign = tuple(
        colour.alternative(one, likely)
        for one, p in zip(beyond.fits, beyond.probabilities, strict=True)
        if any(cause.kind == "foreign" for cause in one.causes) and p * DECISIVE >= beyond.probabilities[0]
    )
    if likely is not best and is_residual_chance(difference, likely):
        return likely, beyond, "another colorant", foreign
    if colour.without(best) > _WORTH_NAMING * colour.delta_E:
        # Causes that only shape what they do not explain are no answer.
        best = next(one for one in within.fits if not one.causes)
        within = Comparison((best,), np.ones(1))
    return best, within, "not explained", foreign


@dataclass(frozen=True, slots=True, eq=False)
class _Colour:
    """What spectra mean in colour, at the angle where standard and sample differ most."""

    difference: Difference
    viewing: Viewing
    formula: str

    @property
    def angle(self) -> int:
        return int(np.argmax(self._delta_E(self.difference.start, self.difference.sample)))

    @property
    def delta_E(self) -> float:
        return float(self._delta_E(self.difference.start, self.difference.sample)[self.angle])

    def _lab(self, spectra: FloatArray) -> FloatArray:
        return spectra_to_lab(spectra, self.difference.model.colorant_set.grid, self.viewing)

    def _delta_E(self, first: FloatArray, second: FloatArray) -> FloatArray:
        white = white_point(self.viewing, self.difference.model.colorant_set.grid)
        return delta_E(self._lab(first), self._lab(second), self.formula, white)

    def components(self, first: FloatArray, second: FloatArray) -> dict[str, float]:
        parts = components(self._lab(first)[self.angle], self._lab(second)[self.angle])
        return {name: float(getattr(parts, name)) for name in COMPONENTS}

    def put_right(self, one: Fit, effects: FloatArray, chosen: Sequence[int]) -> FloatArray:
        """The sample as it would be had the chosen causes not been at work."""
        acting = dict(zip(one.causes, effects.tolist(), strict=True))
        rest = {cause: effect for index, (cause, effect) in enumerate(acting.items()) if index not in chosen}
        return self.difference.model.moved(self.difference.sample, acting, rest)

    def without(self, one: Fit) -> float:
        """ΔE that remains when all causes of an explanation are put right."""
        right = self.put_right(one, one.effects, range(len(one.causes)))
        return float(self._delta_E(self.difference.start, right)[self.angle])

    def found(self, one: Fit, index: int, ranked: Comparison) -> FoundCause:
        reach = _NORMAL_95 * one.deviation(index)
        rows, remaining = [], []
        for shift in (0.0, -reach, reach):
            effects = one.effects.copy()
            effects[index] += shift
            right = self.put_right(one, effects, (index,))
            rows.append(self.components(right, self.difference.sample))
            remaining.append(float(self._delta_E(self.difference.start, right)[self.angle]))
        cause = one.causes[index]
        return FoundCause(
            cause,
            change(one, index),
            ranked.probability_of(cause),
            {name: _estimate([row[name] for row in rows]) for name in COMPONENTS},
            _estimate(remaining),
            1 - remaining[0] / self.delta_E if self.delta_E > 0 else 0.0,
        )

    def alternative(self, one: Fit, best: Fit) -> Alternative:
        return Alternative(
            one.causes,
            tuple(change(one, index) for index in range(len(one.causes))),
            exp(min(one.log_evidence - best.log_evidence, 700.0)),
            exp(min((best.chi_square - one.chi_square) / 2, 700.0)),
            self.without(one),
        )


def change(one: Fit, index: int) -> Estimate:
    """An effect as a relative change, or as the share of a foreign colorant, with its interval."""
    reach = _NORMAL_95 * one.deviation(index)
    off = 0.0 if one.causes[index].kind == "foreign" else 1.0
    value, low, high = (exp(one.effects[index] + shift) - off for shift in (0.0, -reach, reach))
    return Estimate(value, low, high)


def _estimate(values: Sequence[float]) -> Estimate:
    return Estimate(values[0], min(values), max(values))
