"""From two spectra, a recipe and its colorants to what explains the difference between the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import exp, isfinite

import numpy as np

from colorlab.colorimetry.viewing import D65_10, Viewing
from colorlab.control.explain.batch_model import BatchModel, Film
from colorlab.control.explain.causes import DEFAULT, Assumptions, Cause, recipe_causes
from colorlab.control.explain.colour import Colour, change
from colorlab.control.explain.comparison import (
    DECISIVE,
    Comparison,
    alike,
    compare,
    compare_foreign,
    is_residual_chance,
    visible,
)
from colorlab.control.explain.covariance import background_covariance, model_covariance, whitening
from colorlab.control.explain.evidence import Difference, Fit, fit, upper_tail
from colorlab.control.explain.explanation import Alternative, Candidate, Explanation, Finding
from colorlab.difference.pairing import pair
from colorlab.uncertainty.measurement_uncertainty import MeasurementUncertainty, measurement_uncertainty
from colorlab.uncertainty.noise import DECLARED_DEFAULT, ReflectanceNoise
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.errors import NotComparableError
from spectra.measurement import Measurement
from spectra.recipe import Recipe

AS_PREDICTED = "recipe as predicted"
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
    difference, background = _difference(model, standard, sample, uncertain, assumptions)
    causes = recipe_causes(recipe, film is not None)
    least = visible(difference, causes)
    if film is not None and not isfinite(least[Cause("film build")]):
        causes = tuple(cause for cause in causes if cause.kind != "film build")
        remarks += ("the film hides its substrate: its build cannot be seen and was not considered",)
    if film is None:
        remarks += ("the film is taken as hiding: its build was not considered",)
    if model.beyond_ladders:
        outside = ", ".join(f"{code} by a factor of {by:.3g}" for code, by in model.beyond_ladders.items())
        remarks += (f"outside what the ladders covered, so the model is trusted less: {outside}",)
    unseen = [cause for cause in causes if not isfinite(least[cause])]
    if unseen:
        remarks += (f"not visible on this paint, even doubled: {', '.join(map(str, unseen))}",)
    seen = tuple(cause for cause in causes if isfinite(least[cause]))
    within = compare(difference, seen)
    together = fit(difference, [cause for cause in seen if cause.kind == "amount"])
    nothing = next(one for one in within.fits if not one.causes)
    colour = Colour(difference, background, viewing, formula)
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
        delta_E_by_chance=colour.by_chance,
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
) -> tuple[Difference, FloatArray]:
    """What has to be explained, and the covariance of a difference that no cause makes."""
    start = model.as_stated if standard is None else standard.reflectance_factor
    measured = sum((one.covariance for one in uncertain), start=np.zeros(()))
    background = background_covariance(
        model, start, measured, assumptions, n_readings=tuple(one.n_readings for one in uncertain)
    )
    covariance = background + model_covariance(model, start, sample.reflectance_factor, assumptions)
    return Difference(model, start, sample.reflectance_factor, whitening(covariance), assumptions), background


def _answer(
    difference: Difference, within: Comparison, causes: Sequence[Cause], colour: Colour
) -> tuple[Fit, Comparison, Finding, tuple[Alternative, ...]]:
    """The explanation that is given, where it was found, what it amounts to, and those with another colorant."""

    def holds(one: Fit) -> bool:
        return is_residual_chance(difference, one) and (colour.leaves_little(one) or colour.leaves_chance(one))

    if not within.best.causes:
        if holds(within.best):
            return within.best, within, "nothing to explain", ()
        # No cause stands out, yet ΔE is beyond chance: nothing is no answer.
        within = within.with_causes()
    best = within.best
    plausible = colour.is_plausible(best)
    if holds(best) and plausible and colour.leaves_little(best):
        return best, within, "explained", ()
    beyond = compare_foreign(difference, causes, best)
    near = [
        one
        for one, p in zip(beyond.fits, beyond.probabilities, strict=True)
        if p * DECISIVE >= beyond.probabilities[0] and any(cause.kind == "foreign" for cause in one.causes)
    ]
    foreign = tuple(colour.alternative(one, near[0]) for one in near)
    # A sound explanation that leaves what chance does gives way to evidence alone, an implausible one to any.
    better = near and holds(near[0]) and beyond.odds(near[0], best) > (DECISIVE if plausible else 1.0)
    if holds(best) and not better:
        # Beside a cause that is itself implausible another colorant makes nothing more likely.
        sounder = (one for one, fitted in zip(foreign, near, strict=True) if colour.is_plausible(fitted))
        return best, within, "explained", () if plausible else tuple(sounder)
    likely = next((one for one in near if holds(one)), None)
    if likely is not None:
        return likely, beyond, "another colorant", foreign
    if best.causes and colour.without(best) <= _WORTH_NAMING * colour.delta_E:
        partly = is_residual_chance(difference, best) and plausible
        return best, within, "partly explained" if partly else "not explained", foreign
    # Causes that only shape what they do not explain are no answer.
    nothing = fit(difference, ())
    return nothing, Comparison((nothing,), np.ones(1)), "not explained", foreign
