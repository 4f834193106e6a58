"""The answer to a match: recipes ranked, what each is worth, and what stands in the way; as text and as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from colorlab.formulation.certificate.certificate import Certificate
from colorlab.formulation.prediction.interval import COVERAGE
from colorlab.formulation.prediction.predict import far_beyond_ladders
from colorlab.formulation.ranking.ranking import Ranking
from colorlab.formulation.refusal.refusal import Refusal
from colorlab.formulation.search.match import Match, MatchResult
from colorlab.formulation.search.objective import Objective
from colorlab.workflows.text import table
from spectra.colorant import ColorantSet


@dataclass(frozen=True, slots=True, eq=False)
class MatchOutcome:
    """Recipes for one target, and how they stand.

    Attributes
    ----------
    file, colorants : str
    colorant_set : ColorantSet
        As the lots act that it was searched with.
    result : MatchResult
        In the order of the ranking.
    ranking : Ranking
        Which recipes are equal, and how surely each stays in tolerance.
    intervals : tuple
        For each recipe and viewing the ΔE00 that its spray-out will have, least and greatest; None where the colorants
        carry no covariance.
    refused : Refusal or None
        Why a target is out of reach.
    remarks : tuple of str
    certificate : Certificate or None
        Where a proof was asked for.
    record : str or None
        Id of the best recipe in a lab, None outside one.
    """

    file: str
    colorants: str
    colorant_set: ColorantSet
    result: MatchResult
    ranking: Ranking
    intervals: tuple[tuple[tuple[float, float], ...] | None, ...]
    refused: Refusal | None
    remarks: tuple[str, ...]
    certificate: Certificate | None = None
    record: str | None = None

    @property
    def findings(self) -> tuple[str, ...]:
        """Of the search, or in its place why the target is out of reach; of the ranking; of the file."""
        own = self.result.findings
        if self.refused is not None:
            own = (*(one for one in own if " is out of gamut: " not in one), *self.refused.sentences)
        return (*own, *self.ranking.findings, *self.remarks)

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        result = self.result
        return {
            "file": self.file,
            "target": result.target.name,
            "colorants": self.colorants,
            "combinations_screened": result.combinations_screened,
            "combinations_refined": result.combinations_refined,
            "in_gamut": result.in_gamut,
            "gamut_limit_delta_E_00": result.gamut_limit,
            "formula": result.objective.formula,
            "recipes": [self._recipe(rank, one) for rank, one in enumerate(result.matches, start=1)],
            "findings": list(self.findings),
            "certificate": None if self.certificate is None else _certificate(self.certificate),
            "record": self.record,
        }

    def as_text(self) -> str:
        """A line a recipe, best first."""
        goal = self.result.objective
        usual = goal.formula == "CIEDE2000"
        hides = self.result.matches[0].hiding_film_um is not None
        standing, rows = self.ranking.matches, []
        for rank, one in enumerate(self.result.matches, start=1):
            rows.append(
                (
                    str(rank),
                    str(standing[rank - 1].place),
                    " + ".join(f"{code} {100 * fraction:.3f} %" for code, fraction in one.weighed.items()),
                    *(f"{value:.2f}" for value in one.delta_E.max(axis=0)),
                    f"{one.metamerism.max():.2f}" if one.metamerism.size else "–",
                    "–" if self.result.target.stated_under else f"{one.spectral_rms:.4f}",
                    f"{one.robustness.expected_delta_E_00:.2f}",
                    _percent(standing[rank - 1].robustness.p_inside),
                    "–" if one.price_per_kg is None else f"{one.price_per_kg:.2f}",
                    *([] if one.hiding_film_um is None else [f"{one.hiding_film_um:.0f}"]),
                )
            )
        dosing = self.result.matches[0].robustness.dosing
        headers = (
            *("#", "place", "mass fractions"),
            *(f"{'ΔE00' if usual else 'ΔE'} {viewing}" for viewing in goal.viewings),
            *(
                "metamerism",
                "spectral rms",
                "dosing ΔE00",
                "in tolerance",
                "price/kg",
                *(["hides at µm"] if hides else []),
            ),
        )
        lines = [
            f"{self.result.target.name}: {self.result.combinations_screened} combinations of {self.colorants} "
            f"screened, {self.result.combinations_refined} refined; " + self._reach(),
            table(headers, rows),
            f"dosing: expected ΔE00 of {dosing.batch_g:g} g weighed on a balance of {dosing.balance_resolution_g:g} g",
        ]
        best, strength = standing[0].robustness, self.ranking.variation.strength
        if best.p_inside is not None:
            lots = f", of lots whose strength varies by {100 * strength:g} %" if isinstance(strength, float) else ""
            lines.append(
                f"in tolerance: share of such batches{lots}, within {best.limit} of the target, "
                "were the prediction exact"
            )
        if self.intervals[0] is not None:
            pairs = zip(goal.viewings, self.intervals[0], strict=True)
            said = ", ".join(f"{low:.2f} to {high:.2f} {viewing}" for viewing, (low, high) in pairs)
            lines.append(f"the spray-out of recipe 1 will have ΔE00 {said} ({100 * COVERAGE:.0f} of 100 cases)")
        lines.append(f"ranked by {_aims(goal)}")
        lines += [
            f"recipe {rank}: {finding}"
            for rank, one in enumerate(self.result.matches, start=1)
            for finding in one.prediction.findings
        ]
        lines += [f"finding: {finding}" for finding in self.findings]
        lines += [f"proof: {self.certificate.sentence()}"] if self.certificate is not None else []
        lines += [f"the best recipe is recorded as {self.record}"] if self.record else []
        return "\n".join(lines)

    def _reach(self) -> str:
        if not self.result.in_gamut:
            return "OUT OF REACH of these colorants"
        best = self.result.matches[0]
        if far_beyond_ladders(self.colorant_set, best.recipe):
            return "within reach BY EXTRAPOLATION ONLY: recipe 1 is far beyond what the ladders covered"
        return "within reach"

    def _recipe(self, rank: int, one: Match) -> dict[str, Any]:
        viewings = [str(viewing) for viewing in self.result.objective.viewings]
        standing, interval = self.ranking.matches[rank - 1], self.intervals[rank - 1]
        return {
            "rank": rank,
            "place": standing.place,
            "p_as_good": standing.p_as_good,
            "mass_fractions": dict(zip(one.recipe.colorants, one.recipe.mass_fractions.tolist(), strict=True)),
            "batch_sheet_g": {code: part * one.robustness.dosing.batch_g for code, part in one.weighed.items()},
            "delta_E_00": dict(zip(viewings, one.delta_E_00.max(axis=0).tolist(), strict=True)),
            "delta_E": dict(zip(viewings, one.delta_E.max(axis=0).tolist(), strict=True)),
            "weighted_delta_E_00": one.weighted_delta_E_00,
            "spectral_rms": None if self.result.target.stated_under else one.spectral_rms,
            "metamerism_delta_E_00": dict(zip(viewings[1:], one.metamerism.max(axis=0).tolist(), strict=True)),
            "flop_index_difference": one.flop,
            "price_per_kg": one.price_per_kg,
            "hiding_film_um": one.hiding_film_um if np.isfinite(one.hiding_film_um or 0.0) else None,
            "dosing": {
                "batch_g": one.robustness.dosing.batch_g,
                "balance_resolution_g": one.robustness.dosing.balance_resolution_g,
                "expected_delta_E_00": one.robustness.expected_delta_E_00,
                "p95_delta_E_00": one.robustness.p95_delta_E_00,
            },
            "p_in_tolerance": standing.robustness.p_inside,
            "tolerance": standing.robustness.limit,
            "on_pareto_front": standing.on_front,
            "spray_out_delta_E_00": None if interval is None else dict(zip(viewings, map(list, interval), strict=True)),
            "findings": list(one.prediction.findings),
        }


def _percent(chance: float | None) -> str:
    return "–" if chance is None else f"{100 * chance:.0f} %"


def _certificate(proof: Certificate) -> dict[str, Any]:
    return {
        "holds": proof.holds,
        "sentence": proof.sentence(),
        "combinations": proof.combinations,
        "certified": proof.certified,
        "nodes": proof.nodes,
        "tolerance_delta_E": proof.tolerance,
        "bound_delta_E": proof.bound,
    }


def _aims(goal: Objective) -> str:
    """What a ranking goes by, in words."""
    aims = ["weighted ΔE00" if goal.formula == "CIEDE2000" else f"weighted ΔE by {goal.formula}"]
    aims += ["the difference of the spectra"] if goal.spectral_weight else []
    aims += ["metamerism"] if goal.metamerism_weight else []
    aims += ["the difference of the flop index"] if goal.flop_weight else []
    aims += ["price"] if goal.price_weight else []
    aims += [f"hiding at {goal.hiding.film_um:g} µm"] if goal.hiding is not None else []
    return " together with ".join([aims[0], *([", ".join(aims[1:])] if len(aims) > 1 else [])])
