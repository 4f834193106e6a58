"""A correction as it is printed: the sentences for the can, a line for each alternative, everything as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from colorlab.formulation.correction.hits import Hits
from colorlab.formulation.correction.outlook import Outlook
from colorlab.formulation.correction.result import Correction, CorrectionResult
from colorlab.formulation.correction.words import doses, sentences
from colorlab.tolerance.tolerance import Tolerance
from colorlab.workflows.text import table
from colorlab.workflows.version import software_version
from spectra.arrays import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class CorrectionOutcome:
    """A correction, its sentences, and the records it left in a lab: the reading, then the recipe.

    `lot` names the lots whose strengths were known before, `strengths_record` where a lab keeps them; None where only
    the batch told.
    """

    file: str
    result: CorrectionResult
    hits: Hits
    tolerance: Tolerance
    remarks: tuple[str, ...]
    lot: str | None = None
    strengths_record: str | None = None
    records: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        result = self.result
        return {
            "file": self.file,
            "batch": result.batch.name,
            "batch_g": result.batch.mass_g,
            "target": result.target.name,
            "colorants": result.colorant_set.name,
            "tolerance": self.tolerance.name,
            "decision": result.decision,
            "before": self._outlook(result.before, result.batch.reflectance_factor),
            "correction": self._correction(result.correction),
            "smallest_mass": self._correction(result.least),
            "nearest": self._correction(result.nearest),
            "too_much_g": dict(result.too_much_g),
            "as_leftover": self._correction(result.leftover),
            "corrections": {
                "expected": self.hits.expected,
                "shares": list(self.hits.shares),
                "never": self.hits.never,
            },
            "lot": self.lot,
            "strengths_record": self.strengths_record,
            "strengths": None if result.strengths is None else self._strengths(),
            "capacity_g": result.means.capacity_g,
            "coverage": result.coverage,
            "ways_tried": result.ways_tried,
            "sentences": list(sentences(result, self.hits)),
            "findings": list(self.remarks),
            "records": list(self.records),
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """The sentences, a line each for the batch and its alternatives, then what else must be known."""
        result = self.result
        lines = [
            f"{result.batch.name} against {result.target.name}, tolerance {self.tolerance.name}",
            *sentences(result, self.hits),
            self._table(),
        ]
        if result.strengths is not None:
            acting = [
                f"{code} {factor:.2f}"
                for code, factor in result.strengths.factors.items()
                if code in result.batch.recipe.colorants and code != result.colorant_set.base
            ]
            lines.append(f"the lots act like {', '.join(acting)} of those in the ladders" if acting else "")
        shown = result.correction or result.nearest
        lines += [f"finding: {finding}" for finding in shown.findings] if result.decision != "leave" else []
        lines += [f"remark: {remark}" for remark in self.remarks]
        lines += [f"recorded: {', '.join(self.records)}"] if self.records else []
        return "\n".join(line for line in lines if line)

    def _table(self) -> str:
        result = self.result
        rows: list[tuple[str, str, str, Outlook, float | None]] = [("as it is", "–", "–", result.before, None)]
        for name, one in (
            ("correction" if result.inside else "nearest", result.correction),
            ("smallest mass inside", result.least),
            ("best colour", result.nearest if result.inside else None),
            ("as a leftover", result.leftover),
        ):
            if one is not None and one.additions_g:
                rows.append((name, doses(one), f"{one.added_g:.10g}", one.outlook, one.price))
        viewings = [str(viewing) for viewing in result.objective.viewings]
        headers = ("", "add", "g", *(f"ΔE00 {viewing}" for viewing in viewings), "weighted", "expected", "P", "price")
        return table(
            headers,
            [
                (
                    *(name, what, mass),
                    *(f"{value:.2f}" for value in seen.delta_E_00.max(axis=0)),
                    f"{seen.weighted_delta_E_00:.2f}",
                    f"{seen.expected_delta_E_00:.2f}",
                    f"{seen.p_inside:.2f}",
                    "–" if price is None else f"{price:.2f}",
                )
                for name, what, mass, seen, price in rows
            ],
        )

    def _correction(self, one: Correction | None) -> dict[str, Any] | None:
        if one is None:
            return None
        return {
            "additions_g": dict(one.additions_g),
            "added_g": one.added_g,
            "batch_g": one.batch_g,
            "mass_fractions": dict(zip(one.recipe.colorants, one.recipe.mass_fractions.tolist(), strict=True)),
            "price": one.price,
            "predicted": self._outlook(one.outlook, one.reflectance_factor),
            "reflectance_factor": one.reflectance_factor.tolist(),
            "findings": list(one.findings),
        }

    def _outlook(self, outlook: Outlook, reflectance_factor: FloatArray) -> dict[str, Any]:
        result = self.result
        labs, tokens = result.lab(reflectance_factor), result.target.geometry.tokens
        return {
            "weighted_delta_E_00": outlook.weighted_delta_E_00,
            "expected_delta_E_00": outlook.expected_delta_E_00,
            "interval": list(outlook.interval),
            "share_of_limit": outlook.share_of_limit,
            "inside": outlook.inside,
            "p_inside": outlook.p_inside,
            "conditions": [
                {
                    "angle": token,
                    "viewing": str(viewing),
                    "lab": labs[angle, seen].tolist(),
                    "delta_E_00": float(outlook.delta_E_00[angle, seen]),
                }
                for angle, token in enumerate(tokens)
                for seen, viewing in enumerate(result.objective.viewings)
            ],
        }

    def _strengths(self) -> dict[str, Any]:
        strengths = self.result.strengths
        assert strengths is not None
        return {
            code: {"factor": strengths.factors[code], "interval": list(strengths.interval(code, self.result.coverage))}
            for code in self.result.batch.recipe.colorants
        }
