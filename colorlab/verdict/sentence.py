"""The one sentence why, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from colorlab.difference.words import in_chinese
from colorlab.verdict.check import Check
from colorlab.verdict.condition import Condition
from colorlab.verdict.decision import Decision

# A change of the flop index that the sentence mentions; solid colours are near 0, bright silvers near 15. [unitless]
NOTABLE_FLOP_CHANGE = 0.5


@dataclass(frozen=True, slots=True)
class Reasons:
    """What a sentence is made of.

    Attributes
    ----------
    decision : Decision
    probability : float
        Of conformity, everything together. [1]
    worst : Condition
    check : Check or None
        The check with the largest share of its limit, where that is larger than the worst condition's.
    formula : str
    simple : bool
        Whether the measured values alone decided.
    n_tested : int
    travel : tuple of str
        How the difference changes over the angles, in words.
    flop_index : tuple of two floats or None
    """

    decision: Decision
    probability: float
    worst: Condition
    check: Check | None
    formula: str
    simple: bool
    n_tested: int
    travel: tuple[str, ...]
    flop_index: tuple[float, float] | None


def in_english(why: Reasons) -> str:
    """Such as “Reject: worst at 45as15 under D65/10°, CIEDE2000 ΔE 1.84 against 1.30 (darker, redder); …”."""
    where, size, words = _place(why), _size(why), _words(why)
    said = f" ({', '.join(words)})" if words else ""
    risk = f"probability of conformity {percent(why.probability)}"
    if why.decision == "accept" and (why.simple or why.probability < 0.5):
        lead = f"Accept by the rule: nearest to its limit {where}, {size}{said}; {risk}"
    elif why.decision == "accept":
        lead = f"Accept: all {why.n_tested} conditions conform, {risk}; nearest to its limit {where}, {size}{said}"
    elif why.decision == "reject":
        lead = f"Reject: worst {where}, {size}{said}; {risk}"
    else:
        lead = (
            f"Undecided: neither is it proven that all {why.n_tested} conditions conform ({risk}) nor that one does "
            f"not; nearest to it {where}, {size}{said}"
        )
    return lead + "".join(f"; {one}" for one in (*why.travel, *_flop(why, "flop index {:.1f} against {:.1f}"))) + "."


def in_chinese_too(why: Reasons) -> str:
    """The same in Chinese."""
    where = why.check.name_zh if why.check else f"{why.worst.angle}、{why.worst.viewing}"
    words = [in_chinese(word) for word in _words(why)]
    said = f"（{'、'.join(words)}）" if words else ""
    size = _size(why, "，限值 ")
    risk = f"合格概率 {_percent_zh(why.probability)}"
    if why.decision == "accept" and (why.simple or why.probability < 0.5):
        lead = f"接受（按规则）：最接近限值处 {where}，{size}{said}；{risk}"
    elif why.decision == "accept":
        lead = f"接受：{why.n_tested} 个条件全部合格，{risk}；最接近限值处 {where}，{size}{said}"
    elif why.decision == "reject":
        lead = f"拒收：最差处 {where}，{size}{said}；{risk}"
    else:
        lead = (
            f"待定：{why.n_tested} 个条件全部合格未能证实（{risk}），不合格亦未能证实；最接近处 {where}，{size}{said}"
        )
    travel = tuple(in_chinese(word) for word in why.travel)
    return lead + "".join(f"；{one}" for one in (*travel, *_flop(why, "随角指数 {:.1f}，标样 {:.1f}"))) + "。"


def percent(probability: float) -> str:
    """A probability for a sentence, no surer than the draws behind it."""
    if probability < 0.01:
        return "below 1 %"
    return "above 99 %" if probability > 0.99 else f"{100 * probability:.0f} %"


def _percent_zh(probability: float) -> str:
    if probability < 0.01:
        return "低于 1 %"
    return "高于 99 %" if probability > 0.99 else f"{100 * probability:.0f} %"


def _place(why: Reasons) -> str:
    return why.check.name if why.check else f"at {why.worst.angle} under {why.worst.viewing}"


def _size(why: Reasons, against: str = " against ") -> str:
    if why.check:
        unit = "" if why.check.unit == "1" else f" {why.check.unit}"
        return f"{why.check.value:.2f}{against}{why.check.limit:.2f}{unit}"
    return f"{why.formula} ΔE {why.worst.delta_E:.2f}{against}{why.worst.limit:.2f}"


def _words(why: Reasons) -> Sequence[str]:
    return () if why.check else why.worst.words


def _flop(why: Reasons, text: str) -> tuple[str, ...]:
    if why.flop_index is None:
        return ()
    standard, sample = why.flop_index
    return (text.format(sample, standard),) if abs(sample - standard) >= NOTABLE_FLOP_CHANGE else ()
