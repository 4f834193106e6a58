"""The one sentence why, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from colorlab.difference.words import in_chinese
from colorlab.verdict.check import Check
from colorlab.verdict.condition import Condition
from colorlab.verdict.decision import Decision, Grounds

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
        The check that is least likely to conform, where it is less so than the worst condition.
    formula : str
    grounds : {"measured values", "conformity proven", "non-conformity proven", "not proven"}
        On what the decision rests.
    confidence : float
        That the rule asks for. [1]
    n_tested : int
    travel : tuple of str
        How the difference changes over the angles, in words.
    flop_index : tuple of two floats or None
    untested, untested_zh : tuple of str
        What the tolerance asks for and the measurements do not give.
    """

    decision: Decision
    probability: float
    worst: Condition
    check: Check | None
    formula: str
    grounds: Grounds
    confidence: float
    n_tested: int
    travel: tuple[str, ...]
    flop_index: tuple[float, float] | None
    untested: tuple[str, ...]
    untested_zh: tuple[str, ...]


def in_english(why: Reasons) -> str:
    """Such as “Reject: worst at 45as15 under D65/10°, CIEDE2000 ΔE 1.84 against 1.30 (darker, redder); …”."""
    where, size, words = _place(why), _size(why), _words(why)
    said = f" ({', '.join(words)})" if words else ""
    risk = f"probability of conformity {percent(why.probability)}"
    asked, spot = f"{100 * why.confidence:g} %", f"{where}, {size}{said}"
    lead: str
    match why.decision, why.grounds:
        case "accept", "measured values":
            lead = f"Accept by the measured values: all {why.n_tested} within their limits, nearest {spot}; {risk}"
        case "reject", "measured values":
            lead = f"Reject by the measured values: {spot}; {risk}"
        case "accept", "conformity proven":
            lead = f"Accept: {_all(why.n_tested)}, {risk}; least sure {spot}"
        case "accept", _:
            lead = (
                f"Accept by the rule: that any of {why.n_tested} conditions is beyond its limit is not proven ({risk})"
                f"; least sure {spot}"
            )
        case "reject", "non-conformity proven":
            lead = f"Reject: beyond its limit {spot}; {risk}"
        case "reject", _:
            lead = f"Reject by the rule: conformity is not proven, {risk} where {asked} is asked for; least sure {spot}"
        case _:
            lead = (
                f"Undecided: neither is it proven that {_all(why.n_tested)} ({risk} where {asked} is asked for) nor "
                f"that one does not; least sure {spot}"
            )
    more = [*why.travel, *_flop(why, "flop index {:.1f} against {:.1f}")]
    more += [f"not tested: {', '.join(why.untested)}"] if why.untested else []
    return lead + "".join(f"; {one}" for one in more) + "."


def in_chinese_too(why: Reasons) -> str:
    """The same in Chinese."""
    where = why.check.name_zh if why.check else f"{why.worst.angle}、{why.worst.viewing}"
    words = [in_chinese(word) for word in _words(why)]
    said = f"（{'、'.join(words)}）" if words else ""
    risk = f"合格概率{_percent_zh(why.probability)}"
    asked, spot = f"{100 * why.confidence:g} %", f"{where}，{_size(why, '，限值 ')}{said}"
    lead: str
    match why.decision, why.grounds:
        case "accept", "measured values":
            lead = f"按实测值接受：{why.n_tested} 项均在限值内，最接近限值处 {spot}；{risk}"
        case "reject", "measured values":
            lead = f"按实测值拒收：{spot}；{risk}"
        case "accept", "conformity proven":
            lead = f"接受：{why.n_tested} 个条件全部合格，{risk}；最不确定处 {spot}"
        case "accept", _:
            lead = f"按规则接受：{why.n_tested} 个条件中未能证实有超限者（{risk}）；最不确定处 {spot}"
        case "reject", "non-conformity proven":
            lead = f"拒收：超出限值处 {spot}；{risk}"
        case "reject", _:
            lead = f"按规则拒收：合格未能证实，{risk}，要求 {asked}；最不确定处 {spot}"
        case _:
            lead = (
                f"待定：尚不能证实 {why.n_tested} 个条件全部合格（{risk}，要求 {asked}），也不能证实不合格；"
                f"最不确定处 {spot}"
            )
    more = [*(in_chinese(word) for word in why.travel), *_flop(why, "随角异色指数 {:.1f}，标样 {:.1f}")]
    more += [f"未检验：{'、'.join(why.untested_zh)}"] if why.untested else []
    return lead + "".join(f"；{one}" for one in more) + "。"


def _all(n_tested: int) -> str:
    return f"all {n_tested} conditions conform" if n_tested > 1 else "the one condition conforms"


def percent(probability: float) -> str:
    """A probability for a sentence, no surer than the draws behind it."""
    if probability < 0.01:
        return "below 1 %"
    return "above 99 %" if probability > 0.99 else f"{100 * probability:.0f} %"


def _percent_zh(probability: float) -> str:
    if probability < 0.01:
        return "低于 1 %"
    return "高于 99 %" if probability > 0.99 else f" {100 * probability:.0f} %"


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
