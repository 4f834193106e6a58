"""The first page: the lab's headline numbers, and the way to every other page."""

from __future__ import annotations

from collections import Counter

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.reports.render import Page, render
from colorlab.reports.roadmap import wall
from colorlab.reports.submissions import decision_counts, face, in_order
from colorlab.reports.views import Imprint, IndexView

_LATEST = 12


def index_page(view: IndexView, imprint: Imprint) -> Page:
    """The lab at a glance."""
    latest = sorted(view.submissions, key=in_order, reverse=True)[:_LATEST]
    panels = Counter(panel.verdict.verdict for panel in view.panels if panel.verdict is not None)
    recipes = []
    for recipe in view.recipes:
        target, best = recipe.result.target, recipe.result.matches[0]
        recipes.append(
            {
                "view": recipe,
                "target": spectra_to_lab(target.reflectance_factor, target.grid, D65_10)[0],
                "prediction": best.prediction.lab(D65_10)[0],
                "codes": best.recipe.colorants,
                "worst": float(best.delta_E_00.max()),
            }
        )
    return render(
        "index.html",
        view.file_name,
        imprint,
        "Overview",
        view=view,
        counts=decision_counts(view.submissions),
        panel_counts=", ".join(f"{count} {word}" for word, count in sorted(panels.items())),
        latest=[(row, face(row.verdict)) for row in latest],
        recipes=recipes,
        wall=[tile for tile in wall(view.roadmap) if tile["lab"] is not None] if view.roadmap else [],
    )
