"""The page of a match: the target, the best recipes with what each costs in ΔE, money and risk, and the batch sheet."""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.formulation.ranking.ranking import RankedMatch
from colorlab.formulation.robustness.cloud import RobustnessCloud
from colorlab.formulation.robustness.variation import Variation
from colorlab.formulation.search.match import Match
from colorlab.reports.figures.recipes import Criterion, Plane, pareto_front, recipe_bars, robustness_cloud
from colorlab.reports.figures.spectra import target_and_prediction
from colorlab.reports.render import Page, render
from colorlab.reports.style import svg
from colorlab.reports.views import Imprint, RecipeView
from spectra.arrays import FloatArray
from spectra.errors import ReportError
from spectra.optics.link import link_of

MOST_SHOWN = 10
# Recipes farther from the nearest one are listed, and not drawn beside it. [ΔE00]
FARTHEST_DRAWN = 1.0


def recipe_page(view: RecipeView, imprint: Imprint) -> Page:
    """The best recipes for one target.

    Raises
    ------
    ReportError
        If there is no recipe to show.
    """
    result, colorants = view.result, view.colorant_set
    if not view.ranking.matches:
        raise ReportError(f"there is no recipe for {result.target.name} to show")
    viewings = [str(viewing) for viewing in result.objective.viewings]
    shown = view.ranking.matches[:MOST_SHOWN]
    ranked = [_row(one) for one in shown]
    best = shown[0].match
    names = {colorant.code: colorant.name for colorant in colorants.colorants}
    target_labs = spectra_to_lab(result.target.reflectance_factor, result.target.grid, D65_10)
    tokens = result.target.geometry.tokens
    return render(
        "recipe.html",
        view.file_name,
        imprint,
        f"Recipe: {view.colour.en}",
        view=view,
        result=result,
        ranking=view.ranking,
        ranked=ranked,
        best=ranked[0] | {"worst": max(ranked[0]["delta_E"]), "cells": _cells(ranked[0], viewings)},
        intervals=_intervals(view, viewings),
        angles=[
            {"token": token, "target": first, "prediction": second}
            for token, first, second in zip(tokens, target_labs, best.prediction.lab(D65_10), strict=True)
        ],
        n_angles=len(tokens),
        viewings=viewings,
        names=names,
        made=_made(view.ranking.variation),
        link=link_of(colorants.link).title,
        sheet=view.sheet,
        digits=view.sheet.decimals,
        priced=any(one.match.price_per_kg is not None for one in shown),
        hiding=any(one.match.hiding_film_um is not None for one in shown),
        ladders=[
            {"quality": quality, "name": names.get(quality.code, ""), "dose": colorants[quality.code].calibrated_dose}
            for quality in view.ladders
        ],
        spectrum=svg(
            target_and_prediction(
                result.target.grid,
                tokens,
                result.target.reflectance_factor,
                best.prediction.reflectance_factor,
                best.prediction.standard_uncertainty,
            ),
            "spectrum",
            "Reflectance spectra of the target and of the best recipe's prediction, and their difference",
        ),
        composition=svg(
            recipe_bars(best.recipe, names),
            "composition",
            "Mass fractions of the best recipe: "
            + ", ".join(f"{code} {100 * share:.3g} %" for code, share in _parts(best)),
        ),
        front=_front(shown) if len(shown) > 1 else None,
        clouds=[_cloud(cloud, place) for place, cloud in enumerate(view.clouds, start=1)],
    )


def _made(variation: Variation) -> str:
    """How the batches of a recipe differ, in words."""
    said = "weighed as below"
    if isinstance(variation.strength, float) and variation.strength:
        said += f", from lots whose strength varies by {100 * variation.strength:g} %"
    return said


def _row(one: RankedMatch) -> dict[str, Any]:
    match = one.match
    return {
        "ranked": one,
        "match": match,
        "parts": [(code, 100 * share) for code, share in _parts(match)],
        "lab": match.prediction.lab(D65_10)[0],
        "delta_E": [float(value) for value in match.delta_E_00.max(axis=0)],
        "metamerism": [float(value) for value in match.metamerism.max(axis=0)],
    }


def _cells(row: dict[str, Any], viewings: list[str]) -> list[dict[str, str]]:
    return [{"text": f"{value:.2f} {name}"} for name, value in zip(viewings, row["delta_E"], strict=True)]


def _intervals(view: RecipeView, viewings: list[str]) -> str:
    """That of the spray-out's ΔE00 under each viewing, in words."""
    if view.intervals is None:
        return ""
    pairs = zip(viewings, view.intervals, strict=True)
    return ", ".join(f"{low:.2f}–{high:.2f} {name}" for name, (low, high) in pairs)


def _parts(match: Match) -> list[tuple[str, float]]:
    recipe = match.recipe
    pairs = zip(recipe.colorants, recipe.mass_fractions.tolist(), strict=True)
    return sorted(pairs, key=lambda part: (-part[1], part[0]))


def _front(shown: tuple[RankedMatch, ...]) -> Markup:
    """ΔE against price where there are prices, and against the risk of a batch out of tolerance."""
    # One far recipe would press all others into a corner.
    near = min(one.match.weighted_delta_E_00 for one in shown) + FARTHEST_DRAWN
    shown = tuple(one for one in shown if one.match.weighted_delta_E_00 <= near)
    prices = np.array([np.nan if one.match.price_per_kg is None else one.match.price_per_kg for one in shown])
    risks = [np.nan if one.robustness.p_inside is None else 100 * (1 - one.robustness.p_inside) for one in shown]
    others = [Criterion("Colorants cost [per kg]", prices)] if np.isfinite(prices).any() else []
    others.append(Criterion("Batches out of tolerance [%]", np.array(risks), 100.0))
    off = Criterion("Weighted ΔE00 of the prediction [1]", np.array([one.match.weighted_delta_E_00 for one in shown]))
    knee = next((row for row, one in enumerate(shown) if one.knee), None)
    figure = pareto_front(off, others, [one.on_front for one in shown], knee)
    return svg(figure, "front", "ΔE00 of the recipes against their price and the risk of a batch out of tolerance")


def _cloud(cloud: RobustnessCloud, place: int) -> dict[str, Any]:
    """Both planes of one angle, measured from the target."""
    figure = robustness_cloud(
        (
            Plane(
                ("Δa* [CIELAB units]", "Δb* [CIELAB units]"),
                cloud.lab[:, 1:] - cloud.target[1:],
                cloud.recipe[1:] - cloud.target[1:],
                cloud.outline_ab - cloud.target[1:],
            ),
            Plane(
                ("ΔC*ab [CIELAB units]", "ΔL* [CIELAB units]"),
                (cloud.LC - _LC(cloud.target))[:, ::-1],
                (_LC(cloud.recipe) - _LC(cloud.target))[::-1],
                (cloud.outline_LC - _LC(cloud.target))[:, ::-1],
            ),
        )
    )
    words = f"Simulated batches about the target at {cloud.token}, and where the tolerance ends"
    return {"cloud": cloud, "figure": svg(figure, f"cloud-{place}", words)}


def _LC(lab: FloatArray) -> FloatArray:
    return np.array([lab[0], np.hypot(lab[1], lab[2])])
