"""Verdicts as plain text: the decision and the one sentence why, then the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from colorlab.difference.words import in_chinese
from colorlab.verdict.check import leading_check
from colorlab.verdict.condition import Condition
from colorlab.verdict.decision import Decision
from colorlab.verdict.sentence import percent
from colorlab.verdict.stated_difference import StatedCondition, StatedDifference
from colorlab.verdict.verdict import Verdict
from colorlab.workflows.text import table

COMPONENTS = ("ΔL*", "Δa*", "Δb*", "ΔC*", "ΔH*")
# Of a submission of many samples the table says all; these many are then laid out, those not accepted first.
LAID_OUT = 3
Answer = Verdict | StatedDifference
Layout = Literal["usual", "all", "brief"]
_WORDS: dict[Decision, str] = {"accept": "accepted", "reject": "rejected", "undecided": "undecided"}
_WORDS_ZH: dict[Decision, str] = {"accept": "接受", "undecided": "待定", "reject": "拒收"}


def decision_of(verdicts: Sequence[Answer]) -> Decision:
    """Of a whole submission: accepted if all samples are, rejected if one is."""
    decisions = {verdict.decision for verdict in verdicts}
    if decisions <= {"accept"}:
        return "accept"
    return "reject" if "reject" in decisions else "undecided"


def headline(verdicts: Sequence[Answer]) -> str:
    """The decision on a submission and why, in one sentence."""
    if len(verdicts) == 1:
        return verdicts[0].sentence
    decision, counts = decision_of(verdicts), Counter(verdict.decision for verdict in verdicts)
    told = ", ".join(f"{counts[one]} {_WORDS[one]}" for one in ("accept", "undecided", "reject") if counts[one])
    worst = max(verdicts, key=lambda one: one.worst.share_of_limit)
    where = f"{worst.sample} at {worst.worst.angle} under {worst.worst.viewing}"
    size = f"{worst.tolerance.formula} ΔE {worst.worst.delta_E:.2f} against {worst.worst.limit:.2f}"
    words = f" ({', '.join(worst.worst.words)})" if worst.worst.words else ""
    return f"{decision.capitalize()}: {told} of {len(verdicts)} samples; worst {where}, {size}{words}."


def headline_zh(verdicts: Sequence[Answer]) -> str:
    """The same in Chinese."""
    if len(verdicts) == 1:
        return verdicts[0].sentence_zh
    counts = Counter(verdict.decision for verdict in verdicts)
    told = "、".join(f"{_WORDS_ZH[one]} {counts[one]}" for one in _WORDS_ZH if counts[one])
    worst = max(verdicts, key=lambda one: one.worst.share_of_limit)
    size = f"{worst.tolerance.formula} ΔE {worst.worst.delta_E:.2f}，限值 {worst.worst.limit:.2f}"
    words = f"（{'、'.join(map(in_chinese, worst.worst.words))}）" if worst.worst.words else ""
    where = f"{worst.sample}，{worst.worst.angle}、{worst.worst.viewing}"
    return f"{_WORDS_ZH[decision_of(verdicts)]}：{len(verdicts)} 个样品中 {told}；最差 {where}，{size}{words}。"


def verdicts_text(
    verdicts: Sequence[Verdict], stated: Sequence[StatedDifference] = (), layout: Layout = "usual"
) -> str:
    """Of one sample its sentence and tables; of several the sentence, a line each, and the tables of a few.

    Parameters
    ----------
    verdicts : sequence of Verdict
    stated : sequence of StatedDifference
        Samples without a spectrum.
    layout : {"usual", "all", "brief"}
        Lay out a few samples, those not accepted first; all of them; or none.
    """
    answers: list[Answer] = [*verdicts, *stated]
    if layout == "brief":
        return "\n".join([headline(answers), headline_zh(answers), *_remedies(verdicts), _overview(answers)])
    if len(answers) == 1:
        return _block(answers[0])
    blocks = [f"{headline(answers)}\n{_overview(answers)}"]
    ordered = sorted(answers, key=lambda one: one.decision == "accept")
    shown = answers if layout == "all" or len(answers) <= LAID_OUT else ordered[:LAID_OUT]
    blocks += [_block(answer) for answer in shown]
    if len(shown) < len(answers):
        blocks.append(f"{len(answers) - len(shown)} more samples are laid out with --details")
    return "\n\n".join(blocks)


def _remedies(verdicts: Sequence[Verdict]) -> list[str]:
    """What would decide the only sample; of several the table of each says it."""
    remedies = [one.remedy for one in verdicts if one.remedy is not None]
    return [f"{remedies[0].sentence}.", f"{remedies[0].sentence_zh}。"] if len(verdicts) == 1 and remedies else []


def _overview(answers: Sequence[Answer]) -> str:
    headers = ("sample", "decision", "P(conform)", "least sure", "value", "limit", "words")
    return table(headers, [_line(one) for one in answers])


def _line(answer: Answer) -> tuple[str, ...]:
    probability = f"{answer.conformity_probability:.3f}" if isinstance(answer, Verdict) else "–"
    check = leading_check(answer.checks, answer.worst) if isinstance(answer, Verdict) else None
    worst = answer.worst
    where = f"{worst.angle} {worst.viewing}" if check is None else check.name
    value, limit = (worst.delta_E, worst.limit) if check is None else (check.value, check.limit)
    words = (*worst.words, *(answer.travel if isinstance(answer, Verdict) else ())) if check is None else ()
    return answer.sample, answer.decision, probability, where, f"{value:.2f}", f"{limit:.2f}", ", ".join(words)


def _block(answer: Answer) -> str:
    return _spectral(answer) if isinstance(answer, Verdict) else _stated(answer)


def _stated(answer: StatedDifference) -> str:
    headers = ("angle", "viewing", *COMPONENTS, "ΔE", "limit", "words")
    rows = [
        (
            row.angle,
            str(row.viewing),
            *_signed(row),
            f"{row.delta_E:.2f}",
            f"{row.limit:.2f}",
            ", ".join(row.words),
        )
        for row in answer.conditions
    ]
    lines = [f"{answer.sample} against {answer.standard}", answer.sentence, table(headers, rows), _rule(answer)]
    return "\n".join([*lines, *(f"remark: {remark}" for remark in answer.remarks)])


def _rule(answer: Answer) -> str:
    tolerance = answer.tolerance
    rule = f"rule {tolerance.rule}, {100 * tolerance.confidence:g} %; " if isinstance(answer, Verdict) else ""
    source = f" ({tolerance.source})" if tolerance.source else ""
    return f"{tolerance.formula}, tolerance “{tolerance.name}”{source}; {rule}{answer.geometry}"


def _signed(row: Condition | StatedCondition) -> tuple[str, ...]:
    parts = (row.delta_L, row.delta_a, row.delta_b, row.delta_C, row.delta_H)
    return tuple(f"{value:+.2f}" for value in parts)


def _spectral(verdict: Verdict) -> str:
    lines = [f"{verdict.sample} against {verdict.standard}", verdict.sentence, verdict.sentence_zh]
    if verdict.remedy is not None:
        lines += [f"{verdict.remedy.sentence}.", f"{verdict.remedy.sentence_zh}。"]
    lines.append(_conditions(verdict.conditions))
    if verdict.checks:
        lines.append(_checks(verdict))
    lines += [
        f"{one.quantity} at {one.angle}: {one.sample:g} against {one.standard:g}, difference {one.difference:+g}, "
        f"limit {one.limit:g}"
        for one in verdict.textures
        if one.difference is not None and one.sample is not None and one.standard is not None
    ]
    lines += _light_changes(verdict)
    if verdict.flop_index is not None:
        standard, sample = verdict.flop_index
        lines.append(f"flop index (Alman): standard {standard:.2f}, sample {sample:.2f}")
    lines.append(f"{_rule(verdict)}; {verdict.wavelengths}")
    for role, readings, source in zip(("standard", "sample"), verdict.n_readings, verdict.noise_source, strict=True):
        lines.append(f"uncertainty of the {role}, {readings} reading{'s' if readings > 1 else ''}: {source}")
    lines.append(f"{verdict.draws} draws, seed {verdict.seed}")
    lines += [f"remark: {remark}" for remark in verdict.remarks]
    return "\n".join(lines)


def _conditions(conditions: Sequence[Condition]) -> str:
    headers = ("angle", "viewing", *COMPONENTS, "ΔE", "corrected", "95 % interval", "limit", "P(conform)", "words")
    return table(
        headers,
        [
            (
                row.angle,
                str(row.viewing),
                *_signed(row),
                f"{row.delta_E:.2f}",
                f"{row.delta_E_corrected:.2f}",
                f"{row.delta_E_interval[0]:.2f}…{row.delta_E_interval[1]:.2f}",
                f"{row.limit:.2f}",
                f"{row.conformity_probability:.3f}",
                ", ".join(row.words),
            )
            for row in conditions
        ],
    )


def _checks(verdict: Verdict) -> str:
    headers = ("also tested", "value", "corrected", "95 % interval", "limit", "unit", "P(conform)")
    return table(
        headers,
        [
            (
                one.name,
                f"{one.value:.2f}",
                f"{one.corrected:.2f}",
                f"{one.interval[0]:.2f}…{one.interval[1]:.2f}",
                f"{one.limit:.2f}",
                one.unit,
                "–" if one.conformity_probability is None else f"{one.conformity_probability:.3f}",
            )
            for one in verdict.checks
        ],
    )


def _light_changes(verdict: Verdict) -> list[str]:
    """The worst angle of each change of light."""
    lines = []
    for test in dict.fromkeys(one.test for one in verdict.metamerism):
        worst = max((one for one in verdict.metamerism if one.test == test), key=lambda one: one.index)
        lines.append(
            f"metamerism {worst.reference} to {test}, largest at {worst.angle}: {worst.index:.2f}, "
            f"without noise {worst.index_corrected:.2f}"
        )
    for test in dict.fromkeys(one.test for one in verdict.inconstancy):
        worst_move = max((one for one in verdict.inconstancy if one.test == test), key=lambda one: one.sample)
        lines.append(
            f"inconstancy to {test}, largest at {worst_move.angle}: sample {worst_move.sample:.2f}, "
            f"standard {worst_move.standard:.2f} (CMCCON02 structure, CMC(1:1))"
        )
    if verdict.conformity_probability < 1 and len(verdict.conditions) > 1:
        lines.append(f"all together: probability of conformity {percent(verdict.conformity_probability)}")
    return lines
