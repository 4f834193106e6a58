"""The page of a match: the target, the best recipes with what each costs in ΔE and money, and the batch sheet."""

from __future__ import annotations

import math
from typing import Any

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.formulation.match import Match
from colorlab.reports.figures.recipes import recipe_bars
from colorlab.reports.figures.spectra import target_and_prediction
from colorlab.reports.render import Page, render
from colorlab.reports.style import svg
from colorlab.reports.views import Imprint, RecipeView
from spectra.errors import ReportError

MOST_SHOWN = 10


def recipe_page(view: RecipeView, imprint: Imprint) -> Page:
    """The best recipes for one target.

    Raises
    ------
    ReportError
        If there is no recipe to show.
    """
    result, colorants = view.result, view.colorant_set
    if not result.matches:
        raise ReportError(f"there is no recipe for {result.target.name} to show")
    viewings = [str(viewing) for viewing in result.objective.viewings]
    ranked = [_row(match) for match in result.matches[:MOST_SHOWN]]
    best = result.matches[0]
    names = {colorant.code: colorant.name for colorant in colorants.colorants}
    target_labs = spectra_to_lab(result.target.reflectance_factor, result.target.grid, D65_10)
    tokens = result.target.geometry.tokens
    sheet, digits = _batch_sheet(best, names, view.batch_g)
    return render(
        "recipe.html",
        view.file_name,
        imprint,
        f"Recipe: {view.colour.en}",
        view=view,
        result=result,
        ranked=ranked,
        best={
            **ranked[0],
            "worst": max(ranked[0]["delta_E"]),
            "cells": [
                {"text": f"{value:.2f} {name}"} for name, value in zip(viewings, ranked[0]["delta_E"], strict=True)
            ],
        },
        angles=[
            {"token": token, "target": first, "prediction": second}
            for token, first, second in zip(tokens, target_labs, best.prediction.lab(D65_10), strict=True)
        ],
        n_angles=len(tokens),
        viewings=viewings,
        sheet=sheet,
        digits=digits,
        ladders=[
            {
                "quality": quality,
                "name": names.get(quality.code, ""),
                "dose": colorants[quality.code].calibrated_dose,
            }
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
    )


def _row(match: Match) -> dict[str, Any]:
    return {
        "match": match,
        "parts": [(code, 100 * share) for code, share in _parts(match)],
        "lab": match.prediction.lab(D65_10)[0],
        "delta_E": [float(value) for value in match.delta_E_00.max(axis=0)],
        "metamerism": [float(value) for value in match.metamerism.max(axis=0)],
    }


def _parts(match: Match) -> list[tuple[str, float]]:
    recipe = match.recipe
    pairs = zip(recipe.colorants, recipe.mass_fractions.tolist(), strict=True)
    return sorted(pairs, key=lambda part: (-part[1], part[0]))


def _batch_sheet(match: Match, names: dict[str, str], batch_g: float) -> tuple[list[dict[str, Any]], int]:
    """Masses in the order of weighing, the largest first, and how many decimals the balance shows."""
    resolution = match.robustness.dosing.balance_resolution_g
    lines: list[dict[str, Any]] = []
    total = 0.0
    for code, share in _parts(match):
        mass = share * batch_g
        if resolution > 0:
            mass = round(mass / resolution) * resolution
        total += mass
        lines.append({"code": code, "name": names.get(code, ""), "mass": mass, "total": total})
    digits = max(0, -math.floor(math.log10(resolution) + 1e-9)) if resolution > 0 else 3
    return lines, digits
