"""The page of one verdict: decision, reason, swatches, spectra, figures and everything needed to repeat it."""

from __future__ import annotations

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.pairing import pair
from colorlab.reports.figures.bars import delta_E_bars
from colorlab.reports.figures.differences import ab_plane, difference_covariance, tolerance_section, value_at
from colorlab.reports.figures.spectra import spectra_with_difference
from colorlab.reports.render import Page, render
from colorlab.reports.style import svg
from colorlab.reports.views import Imprint, VettingView
from spectra.errors import ReportError

MANY_ANGLES = 6  # above which swatches are narrow and the column of bars is taller than the spectra


def vetting_page(view: VettingView, imprint: Imprint) -> Page:
    """One submission judged against its standard.

    Raises
    ------
    ReportError
        If the verdict is not about the two measurements given with it.
    """
    verdict = view.verdict
    both = pair(view.standard, view.sample)
    hashes = tuple(side.source.sha256 if side.source else "" for side in (view.standard, view.sample))
    if hashes != verdict.inputs:
        raise ReportError(f"the verdict on {verdict.sample} was reached with other files than those of this page")
    labs = [spectra_to_lab(side.reflectance_factor, side.grid, D65_10) for side in (both.standard, both.sample)]
    angles = [
        {
            "token": token,
            "standard": labs[0][row],
            "sample": labs[1][row],
            "rows": [condition for condition in verdict.conditions if condition.angle == token],
        }
        for row, token in enumerate(both.standard.geometry.tokens)
    ]
    worst, tolerance = verdict.worst, verdict.tolerance
    plane_viewing = D65_10 if D65_10 in tolerance.viewings else tolerance.viewings[0]
    lightness_only = np.add(worst.standard_lab, (worst.delta_L, 0.0, 0.0))
    rule = (
        f"all {len(verdict.conditions)} conditions together; {100 * tolerance.confidence:.0f} % accepts"
        if tolerance.rule == "guarded"
        else f"all {len(verdict.conditions)} conditions together; shown only"
    )
    name = f"{view.colour.en}, {verdict.sample}"
    covariance = difference_covariance(view.standard, view.sample, view.verdict.noise, worst)
    return render(
        "vetting.html",
        view.file_name,
        imprint,
        f"{verdict.decision.capitalize()}: {name}",
        view=view,
        rule=rule,
        angles=angles,
        many=len(angles) > MANY_ANGLES,
        plane_viewing=plane_viewing,
        section_at_sample=float(value_at(tolerance, worst)(np.array(worst.standard_lab), lightness_only)) < worst.limit,
        formula_source=tolerance.formula_source,
        spectra=svg(
            spectra_with_difference(both.standard, both.sample, worst.angle if worst.delta_E > worst.limit else ""),
            "spectra",
            f"Reflectance spectra of standard and sample at {len(angles)} angles, and their difference",
        ),
        bars=delta_E_bars(verdict),
        plane=svg(ab_plane(verdict, plane_viewing), "plane", f"a*b* plane under {plane_viewing}"),
        close_up=svg(
            tolerance_section(verdict, worst, covariance),
            "closeup",
            f"Tolerance and uncertainty at {worst.angle} under {worst.viewing}",
        ),
    )
