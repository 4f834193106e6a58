"""What was learned from judgements, in words and tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from colorlab.tolerance.learning.metric import NAMES
from colorlab.tolerance.learning.reach import Reach
from colorlab.workflows.learn import Learned
from colorlab.workflows.text import table


def block(one: Learned, name: str) -> str:
    """What is kept and why, the reaches, the observers and what to ask next, at one angle under one viewing."""
    names = NAMES[one.coordinates]
    n_pairs, ties = len(np.unique(one.judgements.pairs)), int((one.judgements.accepted == 0.5).sum())
    lines = [
        f"{one.where}: {len(one.delta_E)} judgements of {n_pairs} pairs by {len(one.observers)} observers, "
        f"{ties} borderline; standard L* {one.standard[0]:.1f}, a* {one.standard[1]:.1f}, b* {one.standard[2]:.1f}",
        _decision(one, name),
        *_no_tolerance(one),
        table(
            ("50 % accept at", "CIELAB units", "95 %", ""),
            [
                *(_reach_row(label, own) for label, own in zip(names, one.components, strict=True)),
                *(_reach_row(_direction(own, names), own) for own in one.semi_axes),
            ],
        ),
    ]
    if one.untold:
        lines.append(
            f"The judgements do not tell the reach along {', '.join(one.untold)}: what stands there is the shape of "
            f"{name} in the learned size"
        )
    lines.append(
        table(
            ("observer", "judgements", "rejected", "size", "repeats agree"),
            [
                (
                    own.name,
                    f"{own.n_judgements}",
                    f"{100 * own.reject_rate:.0f} %",
                    f"{own.size:.2f}",
                    "–" if own.repeats_agree is None else f"{100 * own.repeats_agree:.0f} %",
                )
                for own in one.observers
            ],
        )
    )
    if len(one.observers) == 1:
        lines.append("One observer: this is that person's tolerance, and says nothing of how others differ")
    lines += [_more(one), _next(one, names)]
    return "\n".join(lines)


def _decision(one: Learned, name: str) -> str:
    sides = f"{one.limit_known.interval[0]:.2f} to {one.limit_known.interval[1]:.2f}"
    kept = f"{name} is kept at a limit of {one.formula_limit:.2f} (95 %: {sides})"
    if one.comparison is None:
        return f"{kept}: {one.not_compared}"
    seen = one.comparison
    low, high = (100 * side for side in seen.wrong_interval)
    against = (
        f"on pairs left out, at one reject rate, the ellipsoid decides {100 * seen.ellipsoid_wrong:.1f} % of the "
        f"judgements wrongly, {name} {100 * seen.formula_wrong:.1f} % (difference {low:+.1f} to {high:+.1f}); "
        f"log loss {seen.ellipsoid_log_loss:.3f} and {seen.formula_log_loss:.3f} (difference "
        f"{seen.log_loss_interval[0]:+.3f} to {seen.log_loss_interval[1]:+.3f})"
    )
    if seen.better:
        return f"The ellipsoid is taken: {against}"
    needed = "" if seen.pairs_needed is None else f". About {seen.pairs_needed} pairs would show a gain of this size"
    return f"{kept}, for the ellipsoid is not better beyond chance: {against}{needed}"


def _no_tolerance(one: Learned) -> list[str]:
    return [] if one.tells_nothing is None else [f"No tolerance can be made of these judgements: {one.tells_nothing}"]


def _reach_row(label: str, own: Reach) -> tuple[str, ...]:
    low, high = own.interval
    if not own.identified:
        return label, f"{own.length:.2f}", "–", "not told"
    return label, f"{own.length:.2f}", f"{low:.2f} to {high:.2f}", ""


def _direction(own: Reach, names: Sequence[str]) -> str:
    return ", ".join(f"{_signed(part)} {name}" for part, name in zip(own.direction, names, strict=True))


def _signed(value: float) -> str:
    """Two decimals with a sign, and no minus before nought."""
    return f"{round(value, 2) + 0.0:+.2f}"


def _more(one: Learned) -> str:
    if one.more is None:
        return "More judgements like these would not tell the rest: show pairs that differ in the other directions"
    within = f"every semi-axis to within {100 * one.more.precision:.0f} %"
    if one.more.new_observers == 0:
        return f"The judgements give {within}"
    if one.more.same_observers is None:
        return (
            f"For {within}: about {one.more.new_observers} more judgements, by further observers; these alone "
            "cannot give it, because they differ from each other by more"
        )
    return f"For {within}: about {one.more.same_observers} more judgements like these"


def _next(one: Learned, names: Sequence[str]) -> str:
    parts = ", ".join(f"{name} {_signed(part)}" for name, part in zip(names, one.question.difference, strict=True))
    said = f" ({', '.join(one.question_words)})" if one.question_words else ""
    return f"Worth showing next: {parts}{said}"
