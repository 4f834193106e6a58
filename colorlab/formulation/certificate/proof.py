"""The proof of a match: that no combination its constraints allow gives a better recipe than the best one shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from colorlab.formulation.certificate.certificate import HIDING, Certificate, Spread, certify
from colorlab.formulation.search.match import Match, MatchResult
from colorlab.formulation.search.objective import LocalObjective
from colorlab.formulation.search.palette import palette
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError

# How much better a recipe may be without being found. [ΔE]
TOLERANCE = 0.005


def prove(
    result: MatchResult,
    colorant_set: ColorantSet,
    *,
    tolerance: float = TOLERANCE,
    max_nodes: int | None = None,
    spread: Spread = map,
) -> Certificate:
    """Audit a match over every combination, those it did not refine too.

    Parameters
    ----------
    result : MatchResult
    colorant_set : ColorantSet
        That it was searched with.
    tolerance, max_nodes, spread
        See `colorlab.formulation.certificate.certificate.certify`.

    Raises
    ------
    FormulationError
        As `certify`.

    Notes
    -----
    The claim is made for the recipe shown that is best by the formula's local metric at the target, in which the
    proof holds.
    """
    if result.objective.hiding is not None:
        raise FormulationError(HIDING)
    asked = result.constraints
    colours = palette(colorant_set, asked)
    local = LocalObjective(result.target, result.objective)

    def value(match: Match) -> float:
        spectrum = match.prediction.reflectance_factor.ravel()
        residuals, miss = local.residuals(spectrum), spectrum - local.target
        return float(residuals @ residuals + local.spectral * miss @ miss + (local.price * _price(match)) ** 2)

    best = min(result.matches, key=value)
    support = np.sort([colours.codes.index(code) for code in best.weighed])
    fractions = np.array([best.weighed[colours.codes[row]] for row in support])
    proof = certify(
        colours,
        local,
        [(tuple(support.tolist()), fractions)],
        max_colorants=asked.max_colorants,
        tolerance=tolerance,
        max_nodes=max_nodes,
        spread=spread,
    )
    return replace(proof, formula=result.objective.formula, formula_value=best.objective)


def _price(match: Match) -> float:
    return 0.0 if match.price_per_kg is None else match.price_per_kg
