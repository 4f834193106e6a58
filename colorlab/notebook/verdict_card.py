"""The card of a verdict: decision and reason in both languages, standard and sample side by side, every condition."""

from __future__ import annotations

from markupsafe import Markup

from colorlab.notebook.parts import Tile, chips, facts, findings, heading, sheet, table
from colorlab.verdict.condition import Condition
from colorlab.verdict.sentence import percent
from colorlab.verdict.verdict import Verdict

HEAD = ("standard, sample", "angle", "viewing", "ΔL*", "ΔC*", "ΔH*", "ΔE", "95 %", "limit", "P(conform)", "words")


def verdict_card(verdict: Verdict) -> str:
    """Why a sample is accepted, rejected or undecided, with what would decide."""
    remedy = () if verdict.remedy is None else (verdict.remedy.sentence, verdict.remedy.sentence_zh)
    tolerance = verdict.tolerance
    tested = "; ".join(f"{one.name} {one.value:.2f} of {one.limit:g}" for one in verdict.checks)
    return sheet(
        heading(f"{verdict.decision.capitalize()}: {verdict.sample}", verdict.sentence, verdict.sentence_zh, *remedy),
        table(HEAD, [_row(condition) for condition in verdict.conditions]),
        findings(verdict.remarks),
        facts(
            [
                ("standard", verdict.standard),
                ("probability of conformity, all together", percent(verdict.conformity_probability)),
                (
                    "tolerance",
                    f"{tolerance.formula}, “{tolerance.name}”, rule {tolerance.rule}",
                ),
                ("geometry, wavelengths", f"{verdict.geometry}; {verdict.wavelengths}"),
                ("uncertainty of the standard", verdict.noise_source[0]),
                ("uncertainty of the sample", verdict.noise_source[1]),
                ("also tested", tested or "nothing"),
                ("Monte Carlo", f"{verdict.draws} draws, seed {verdict.seed}"),
            ]
        ),
    )


def _row(row: Condition) -> tuple[Markup | str, ...]:
    faces = chips((Tile(f"standard, {row.angle}", row.standard_lab), Tile(f"sample, {row.angle}", row.sample_lab)))
    low, high = row.delta_E_interval
    return (
        Markup('<div class="chips">{}</div>').format(faces) if str(row.viewing) == "D65/10°" else "",
        row.angle,
        str(row.viewing),
        *(f"{value:+.2f}" for value in (row.delta_L, row.delta_C, row.delta_H)),
        f"{row.delta_E:.2f}",
        f"{low:.2f}…{high:.2f}",
        f"{row.limit:.2f}",
        f"{row.conformity_probability:.3f}",
        ", ".join(row.words),
    )
