"""What the page of a match shows: its recipes ranked, the first of them weighed, made many times and sprayed once."""

from __future__ import annotations

from typing import Any

from colorlab.colorimetry.viewing import Viewing
from colorlab.formulation.batch_sheet import batch_sheet
from colorlab.formulation.cloud import robustness_clouds
from colorlab.formulation.interval import COVERAGE, delta_E_interval
from colorlab.formulation.match import Match, MatchResult
from colorlab.formulation.ranking import PLAIN_LIMIT, Ranking, ranked
from colorlab.formulation.variation import Dosing, Variation
from colorlab.reports.views import RecipeView
from colorlab.tolerance.tolerance import Tolerance
from spectra.colorant import ColorantSet

# Batches drawn for the cloud, and their seed: a page of the same recipe shows the same ones.
_BATCHES, _SEED = 400, 0


def recipe_view(
    result: MatchResult,
    colorant_set: ColorantSet,
    dosing: Dosing,
    *,
    tolerance: Tolerance | float = PLAIN_LIMIT,
    ranking: Ranking | None = None,
    **shown: Any,
) -> RecipeView:
    """The page of a match.

    Parameters
    ----------
    result : MatchResult
    colorant_set : ColorantSet
        That it was searched with.
    dosing : Dosing
    tolerance : Tolerance or float
        A number is a ΔE00 limit at every angle.
    ranking : Ranking, optional
        Where the recipes were ranked already.
    **shown
        The other fields of `RecipeView`.
    """
    variation = Variation(dosing)
    order = ranking or ranked(result, colorant_set, variation=variation, tolerance=tolerance)
    best = order.matches[0].match
    clouds = robustness_clouds(
        colorant_set,
        best.recipe,
        order.variation,
        result.target,
        tolerance,
        viewing=_viewing(result, tolerance),
        seed=_SEED,
        draws=_BATCHES,
    )
    return RecipeView(
        result=result,
        ranking=order,
        sheet=batch_sheet(colorant_set, best.recipe, dosing),
        colorant_set=colorant_set,
        clouds=clouds,
        intervals=spray_out_intervals(result, best),
        coverage=COVERAGE,
        **shown,
    )


def spray_out_intervals(result: MatchResult, match: Match) -> tuple[tuple[float, float], ...] | None:
    """ΔE00 that the spray-out of a recipe will have under every viewing of the objective, at the angle it may be worst.

    None where the colorants carry no covariance, or the target no spectrum.
    """
    if match.prediction.covariance is None or result.target.stated_under is not None:
        return None
    found = []
    for viewing in result.objective.viewings:
        per_angle = delta_E_interval(match.prediction, result.target.reflectance_factor, viewing)
        found.append(max((one.interval for one in per_angle), key=lambda interval: interval[1]))
    return tuple(found)


def _viewing(result: MatchResult, tolerance: Tolerance | float) -> Viewing:
    """Of the clouds: the first of the match that the tolerance knows."""
    if isinstance(tolerance, Tolerance):
        return next((one for one in result.objective.viewings if one in tolerance.viewings), tolerance.viewings[0])
    return result.objective.viewings[0]
