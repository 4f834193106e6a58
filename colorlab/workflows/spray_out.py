"""What the panel sprayed by a recipe will have, before anybody sprays it."""

from __future__ import annotations

from colorlab.formulation.prediction.interval import delta_E_interval
from colorlab.formulation.search.match import Match, MatchResult


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
