"""What the page of a match shows: its recipes ranked, the first of them weighed, made many times and sprayed once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from colorlab.formulation.library.batch_sheet import batch_sheet
from colorlab.formulation.prediction.interval import COVERAGE
from colorlab.formulation.ranking.ranking import PLAIN_LIMIT
from colorlab.formulation.robustness.cloud import robustness_clouds
from colorlab.reports.views import ColourName, Imprint, RecipeView
from colorlab.workflows.files import write_bytes
from colorlab.workflows.match_outcome import MatchOutcome
from colorlab.workflows.version import software_version

# Batches drawn for the cloud, and their seed: a page of the same recipe shows the same ones.
_BATCHES, _SEED = 400, 0


def recipe_view(outcome: MatchOutcome, **shown: Any) -> RecipeView:
    """The page of a match.

    Parameters
    ----------
    outcome : MatchOutcome
    **shown
        The other fields of `RecipeView`; the certificate is the outcome's unless it is given.
    """
    result, variation, colorant_set = outcome.result, outcome.ranking.variation, outcome.colorant_set
    best = outcome.ranking.matches[0].match
    clouds = robustness_clouds(
        colorant_set,
        best.recipe,
        variation,
        result.target,
        PLAIN_LIMIT,
        viewing=result.objective.viewings[0],
        seed=_SEED,
        draws=_BATCHES,
    )
    proved = {} if outcome.certificate is None else {"certificate": outcome.certificate.sentence()}
    return RecipeView(
        result=result,
        findings=outcome.findings,
        ranking=outcome.ranking,
        sheet=batch_sheet(colorant_set, best.recipe, variation.dosing),
        colorant_set=colorant_set,
        clouds=clouds,
        intervals=outcome.intervals[0],
        coverage=COVERAGE,
        **(proved | shown),
    )


def write_page(outcome: MatchOutcome, path: Path, as_of: date) -> None:
    """Write the page of a match that is in no laboratory.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    # Drawing loads matplotlib, which nobody who only matches waits for.
    from colorlab.reports.recipe import recipe_page
    from colorlab.reports.render import finish

    name = outcome.result.target.name
    view = recipe_view(outcome, file_name="recipe.html", colour=ColourName(outcome.file, name))
    page = finish([recipe_page(view, Imprint("colorlab", as_of, software_version(), simulated=False))])
    write_bytes(path, page[view.file_name])
