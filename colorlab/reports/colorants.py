"""The page of a characterisation: which model the ladders speak for, and how well each colorant is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from colorlab.formulation.prediction.quality import ColorantQuality
from colorlab.reports.figures.colorants import coefficients, ladder, level_errors, strength
from colorlab.reports.render import Page, render
from colorlab.reports.style import svg
from colorlab.reports.views import Imprint
from spectra.characterise import Characterisation
from spectra.errors import ReportError
from spectra.model_choice import Tried
from spectra.optics.link import link_of

MOST_CHIPS = 6


@dataclass(frozen=True, slots=True, eq=False)
class ColorantsView:
    """What the page shows.

    Attributes
    ----------
    file_name : str
        Of the page.
    source : str
        File the letdowns came from.
    characterisation : Characterisation
    qualities : tuple of ColorantQuality
        Of every colorant (`colorlab.formulation.prediction.quality.quality_of`).
    remarks : tuple of str
        Said about the file.
    record : str
    """

    file_name: str
    source: str
    characterisation: Characterisation
    qualities: tuple[ColorantQuality, ...]
    remarks: tuple[str, ...] = ()
    record: str = ""


def colorants_page(view: ColorantsView, imprint: Imprint) -> Page:
    """How well every colorant of a set is known.

    Raises
    ------
    ReportError
        If there is no colorant to show.
    """
    if not view.qualities:
        raise ReportError(f"{view.source}: there is no colorant to show")
    characterisation = view.characterisation
    colorant_set, taken = characterisation.colorant_set, characterisation.choice.taken
    inner = [error for quality in view.qualities for error in quality.inner_delta_E_00]
    models = [taken, *sorted(characterisation.choice.rivals, key=lambda one: one.rms)]
    return render(
        "colorants.html",
        view.file_name,
        imprint,
        f"Colorants: {colorant_set.name}",
        view=view,
        colorant_set=colorant_set,
        characterisation=characterisation,
        inner=None if not inner else {"mean": sum(inner) / len(inner), "max": max(inner), "count": len(inner)},
        model=_model_name(taken),
        models=[{"name": _model_name(one), "tried": one, "taken": one is taken} for one in models if one.errors.size],
        rows=[_row(quality, place) for place, quality in enumerate(view.qualities)],
        sections=[_section(quality, place, view) for place, quality in enumerate(view.qualities)],
        findings=(*characterisation.findings, *view.remarks),
    )


def _model_name(tried: Tried) -> str:
    crowding = f", white loses {100 * tried.crowding:.0f} % as it fills the film" if tried.crowding else ""
    return f"{link_of(tried.link).title}{crowding}"


def _row(quality: ColorantQuality, place: int) -> dict[str, Any]:
    inner = quality.inner_delta_E_00
    worst = [level.delta_E_00_held_out for level in quality.levels if level.delta_E_00_held_out is not None]
    return {
        "quality": quality,
        "anchor": f"colorant{place}",
        "chips": _chips(quality),
        "inner": sum(inner) / len(inner) if inner else None,
        "worst": max(worst) if worst else None,
        "fit": max((level.delta_E_00_fit for level in quality.levels), default=None),
        "u_K": 100 * float(np.median(quality.ln_K_sd)),
        "u_S": 100 * float(np.median(quality.ln_S_sd)),
        "findings": len(quality.findings),
    }


def _chips(quality: ColorantQuality) -> list[tuple[float, float, float]]:
    """Colours of some levels of the longest ladder that hides, the palest and the strongest among them."""
    hiding = [level for level in quality.levels if not level.on_card] or list(quality.levels)
    bases = [level.base for level in hiding if level.base]
    longest = max(bases, key=bases.count) if bases else ""
    shown = [level.lab for level in hiding if level.base in (longest, "")]
    if len(shown) <= MOST_CHIPS:
        return shown
    return [shown[round(place * (len(shown) - 1) / (MOST_CHIPS - 1))] for place in range(MOST_CHIPS)]


def _section(quality: ColorantQuality, place: int, view: ColorantsView) -> dict[str, Any]:
    grid, code = view.characterisation.colorant_set.grid, quality.colorant.code
    known = any(level.strength is not None for level in quality.levels)
    drawn = {
        "K and S": svg(
            coefficients(quality, grid), f"ks{place}", f"Absorption and scattering of {code} over the wavelength"
        )
    }
    if quality.levels:
        drawn["Ladder"] = svg(
            ladder(quality, grid), f"ladder{place}", f"Reflectance of the panels of {code}, measured and predicted"
        )
        drawn["ΔE00 per level"] = svg(
            level_errors(quality), f"levels{place}", f"ΔE00 of the panels of {code}, in the fit and predicted without"
        )
    if known:
        drawn["Strength"] = svg(
            strength(quality), f"strength{place}", f"Strength of {code} at each of its doses, against the other doses"
        )
    return {"quality": quality, "anchor": f"colorant{place}", "figures": drawn}
