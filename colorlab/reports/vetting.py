"""The page of one verdict: decision, reason, swatches, spectra, figures and everything needed to repeat it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.control.explain.words import sentence
from colorlab.difference.pairing import pair
from colorlab.difference.words import CHINESE
from colorlab.reports.figures.bars import delta_E_bars, measure_name
from colorlab.reports.figures.control import history_chart
from colorlab.reports.figures.differences import ab_plane
from colorlab.reports.figures.explained import contributions
from colorlab.reports.figures.section_drawings import Drawing, drawings, small_drawings
from colorlab.reports.figures.sections import CLOUD, Section, cloud_errors, sections_at
from colorlab.reports.figures.spectra import spectra_with_difference
from colorlab.reports.render import Page, render
from colorlab.reports.rule import rule_line
from colorlab.reports.style import svg
from colorlab.reports.uncertainty import DifferenceUncertainty, difference_uncertainty
from colorlab.reports.views import Imprint, VettingView
from colorlab.verdict.condition import Condition
from colorlab.verdict.verdict import Verdict
from spectra.errors import ReportError

MANY_ANGLES = 6  # above which swatches are narrow and the column of bars is taller than the spectra
ROLES = ("standard", "sample")
DECLARED = "declared default"
_HISTORY_WIDTH = 1104  # [px]


@dataclass(frozen=True, slots=True)
class AngleSection:
    """Small drawings of one angle with the figures that belong to them."""

    condition: Condition
    planes: tuple[Drawing, ...]


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
    tokens = both.standard.geometry.tokens
    angles = [
        {
            "token": token,
            "standard": labs[0][row],
            "sample": labs[1][row],
            "rows": [condition for condition in verdict.conditions if condition.angle == token],
        }
        for row, token in enumerate(tokens)
    ]
    worst, tolerance = verdict.worst, verdict.tolerance
    plane_viewing = D65_10 if D65_10 in tolerance.viewings else tolerance.viewings[0]
    known = difference_uncertainty(both, verdict, view.statements)
    beyond = worst.delta_E > worst.limit
    most = max(one.share_of_limit for one in verdict.conditions)
    worst_check = max(verdict.checks, key=lambda one: one.share_of_limit, default=None)
    return render(
        "vetting.html",
        view.file_name,
        imprint,
        f"{verdict.decision.capitalize()}: {view.colour.en}, {verdict.sample}",
        view=view,
        rule={language: rule_line(verdict, language) for language in ("en", "zh")},
        worst_check=worst_check if worst_check and worst_check.share_of_limit > most else None,
        angles=angles,
        many=len(angles) > MANY_ANGLES,
        plane_viewing=plane_viewing,
        measure=measure_name(tolerance),
        in_chinese=_in_chinese,
        assumed=[role for role, kind in zip(ROLES, verdict.noise_kind, strict=True) if kind == DECLARED],
        spectra=svg(
            spectra_with_difference(
                both.standard, both.sample, worst.angle, beyond, None if known is None else known.reflectance_factor
            ),
            "spectra",
            f"Reflectance spectra of standard and sample at {len(angles)} angles, and their difference",
        ),
        has_band=known is not None,
        bars=delta_E_bars(verdict),
        plane=svg(ab_plane(verdict, plane_viewing), "plane", f"a*b* plane under {plane_viewing}")
        if len(angles) > 1
        else "",
        sections=worst_sections(verdict, tokens, known),
        cloud_size=CLOUD,
        wall=wall(verdict, tokens, known) if len(tokens) > 1 else (),
        lights=light_changes(verdict),
        history=_history(view),
        explanation=_explanation(view),
    )  # fmt: skip


def worst_sections(
    verdict: Verdict, tokens: tuple[str, ...], known: DifferenceUncertainty | None
) -> tuple[tuple[Section, Drawing], ...]:
    """The worst condition in three planes, with the cloud of what its measurement allows."""
    worst, covariance = verdict.worst, verdict.worst_covariance
    if covariance is None and known is not None:
        covariance = known.lab[tokens.index(worst.angle), verdict.tolerance.viewings.index(worst.viewing)]
    errors = None if covariance is None else cloud_errors(covariance, verdict.seed)
    found = [one for place in range(3) for one in sections_at(verdict.tolerance, [worst], place, [covariance], errors)]
    return tuple(zip(found, drawings(found, f"at {worst.angle} under {worst.viewing}"), strict=True))


def wall(verdict: Verdict, tokens: tuple[str, ...], known: DifferenceUncertainty | None) -> tuple[AngleSection, ...]:
    """Every angle under the first viewing, in the planes of a* and b* and of chroma and lightness."""
    viewing = verdict.tolerance.viewings[0]
    own = [condition for condition in verdict.conditions if condition.viewing == viewing]
    known_here = [None if known is None else known.lab[tokens.index(condition.angle), 0] for condition in own]
    rows = list(zip(*(sections_at(verdict.tolerance, own, place, known_here) for place in range(2)), strict=True))
    drawn = small_drawings(rows, [f"at {condition.angle} under {viewing}" for condition in own])
    return tuple(AngleSection(condition, planes) for condition, planes in zip(own, drawn, strict=True))


def light_changes(verdict: Verdict) -> dict[str, Any] | None:
    """Metamerism and inconstancy as rows of one table, an angle each; None where neither is recorded."""
    if not verdict.metamerism and not verdict.inconstancy:
        return None
    pairs = tuple(dict.fromkeys((one.reference, one.test) for one in verdict.metamerism))
    tests = tuple(dict.fromkeys(one.test for one in verdict.inconstancy))
    metamerism = {(one.angle, one.reference, one.test): one for one in verdict.metamerism}
    inconstancy = {(one.angle, one.test): one for one in verdict.inconstancy}
    angles = dict.fromkeys([*(angle for angle, *_ in metamerism), *(angle for angle, _ in inconstancy)])
    rows = [
        (
            angle,
            [metamerism.get((angle, *both)) for both in pairs],
            [inconstancy.get((angle, test)) for test in tests],
        )
        for angle in angles
    ]
    return {"pairs": pairs, "tests": tests, "rows": rows}


def _in_chinese(words: Sequence[str]) -> str:
    """Words of a record in Chinese, as far as this release knows them."""
    return "、".join(CHINESE[word] for word in words if word in CHINESE)


def _history(view: VettingView) -> Markup | None:
    """The chart, where there is more than this one submission."""
    if len(view.history) < 2:
        return None
    chart = history_chart(view.history, view.in_history, width=_HISTORY_WIDTH)
    counts = ", ".join(
        f"{n} {decision}"
        for decision in ("accept", "undecided", "reject")
        if (n := sum(one.decision == decision for one in view.history))
    )
    return svg(chart, "history", f"{len(view.history)} submissions as share of their limit: {counts}")


def _explanation(view: VettingView) -> dict[str, Any] | None:
    if view.explanation is None:
        return None
    said = {language: sentence(view.explanation, language) for language in ("en", "zh")}
    figure = svg(contributions(view.explanation), "explained", said["en"]) if view.explanation.found else None
    return said | {"figure": figure, "of": view.explanation}
