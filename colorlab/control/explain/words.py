"""An explanation in one sentence of the trade, in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from colorlab.control.explain.causes import Cause
from colorlab.control.explain.explanation import Alternative, Estimate, Explanation
from spectra.errors import UnknownConditionError

Language = Literal["en", "zh"]
# Alternatives named in the sentence; the rest are counted.
_NAMED = 3
# A colorant of which more than half is missing for certain may have been another one. [1]
_MOSTLY_MISSING = -0.5

_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "amount-": "{size} short of {colorant}",
        "amount+": "{size} too much {colorant}",
        "dispersion-": "{colorant} absorbing {size} too little (tinting strength or dispersion)",
        "dispersion+": "{colorant} absorbing {size} too much (tinting strength or dispersion)",
        "film build-": "a film {size} too thin",
        "film build+": "a film {size} too thick",
        "foreign+": "{size} of {colorant} beyond the recipe",
        "interval": "{low}–{high} %",
        "sized": "{percent} % ({interval})",
        "and": " and ",
        "comma": ", ",
        "or": "; ",
        "nothing": "Nothing to explain: measurement and ordinary weighing make a difference like this ΔE {delta_E} "
        "anyway (p {p}).",
        "explained": "{Causes} {explain} {share} % of ΔE {delta_E}; {remaining} would remain.",
        "explain1": "explains",
        "explain2": "explain",
        "partly": "{Causes} {explain} {share} % of ΔE {delta_E}, not all of it: {remaining} would remain, more than "
        "measurement and ordinary weighing make. Another pigment or contamination?",
        "foreign": "Not explained by the recipe alone: {causes} would explain {share} % of ΔE {delta_E}; {remaining} "
        "would remain.",
        "unexplained": "Not explained by the recipe: another pigment or contamination? What is left of ΔE {delta_E} "
        "comes about by chance with p {p}.",
        "nearest": "Nearest within it: {causes}, with ΔE {remaining} left.",
        "closest": "Nearest with another colorant: {causes}, with ΔE {remaining} left.",
        "rivals": "Cannot be told apart by this measurement: {rivals}{more}.",
        "more": " and {count} more",
        "instead": "It looks as if {new} had been taken for {old}.",
        "kinds": "Whether it is the amount, the tinting strength or the dispersion of {colorants} cannot be told.",
        "implausible": "No ordinary dose, lot or film is that far off: {parts}. Check recipe, labels and weighing.",
        "film": "film build",
        "gap": " ",
    },
    "zh": {
        "amount-": "{colorant} 少 {size}",
        "amount+": "{colorant} 多 {size}",
        "dispersion-": "{colorant} 吸收偏弱 {size}（着色力或分散）",
        "dispersion+": "{colorant} 吸收偏强 {size}（着色力或分散）",
        "film build-": "膜厚偏薄 {size}",
        "film build+": "膜厚偏厚 {size}",
        "foreign+": "混入配方之外的 {colorant} {size}",
        "interval": "{low}–{high} %",
        "sized": "{percent} %（{interval}）",
        "and": "、",
        "comma": "、",
        "or": "；",
        "nothing": "无需解释：ΔE {delta_E} 与测量和正常称量的误差相当（p {p}）。",
        "explained": "{causes}，可解释 ΔE {delta_E} 的 {share} %，改正后剩 {remaining}。",
        "explain1": "",
        "explain2": "",
        "partly": "{causes}，只能解释 ΔE {delta_E} 的 {share} %：改正后剩 {remaining}，超出测量和正常称量的误差。"
        "是否有其他颜料或污染？",
        "foreign": "配方本身不能解释：{causes}，可解释 ΔE {delta_E} 的 {share} %，改正后剩 {remaining}。",
        "unexplained": "配方不能解释：是否有其他颜料或污染？ΔE {delta_E} 的剩余部分偶然出现的概率 p {p}。",
        "nearest": "配方内最接近的是：{causes}，改正后剩 ΔE {remaining}。",
        "closest": "加入其他色浆时最接近的是：{causes}，改正后剩 ΔE {remaining}。",
        "rivals": "本次测量无法区分的其他原因：{rivals}{more}。",
        "more": "等 {count} 个",
        "instead": "看来误用 {new} 代替了 {old}。",
        "kinds": "无法区分的是 {colorants} 的用量、着色力还是分散。",
        "implausible": "{parts} 偏差过大，不像正常的称量、批次或膜厚波动：请核对配方、标签和称量记录。",
        "film": "膜厚",
        "gap": "",
    },
}


def sentence(explanation: Explanation, language: Language = "en") -> str:
    """What is wrong with a batch, by how much and how surely.

    Raises
    ------
    UnknownConditionError
        If the language is neither of the two.
    """
    if language not in _WORDS:
        raise UnknownConditionError("language", str(language), tuple(_WORDS))
    words = _WORDS[language]
    facts = {
        "delta_E": f"{explanation.delta_E:.2f}",
        "remaining": f"{explanation.delta_E_remaining:.2f}",
        "share": f"{100 * explanation.share:.0f}",
    }
    found = [(one.cause, one.change) for one in explanation.found]
    causes = _joined(found, explanation.names, words)
    facts |= {"causes": causes, "Causes": causes[:1].upper() + causes[1:]}
    parts: list[str] = []
    instead: list[str] = []
    if explanation.finding == "nothing to explain":
        return words["nothing"].format(**facts, p=_probability(explanation.p_nothing))
    verb = words["explain1" if len(found) == 1 else "explain2"]
    if explanation.finding == "explained":
        parts.append(words["explained"].format(**facts, explain=verb))
    elif explanation.finding == "partly explained":
        parts.append(words["partly"].format(**facts, explain=verb))
        parts += _closest(explanation, words)
    elif explanation.finding == "another colorant":
        parts.append(words["foreign"].format(**facts))
        instead = _instead(explanation, words)
        parts += instead
    else:
        parts.append(words["unexplained"].format(**facts, p=_probability(explanation.p_residual)))
        if found:
            parts.append(words["nearest"].format(**facts))
        parts += _implausible(explanation, words)
        parts += _closest(explanation, words)
        return words["gap"].join(parts)
    if not instead:
        parts += _implausible(explanation, words)
    parts += _rivals(explanation, words)
    return words["gap"].join(parts)


def cause_words(cause: Cause, change: Estimate, names: Mapping[str, str], language: Language = "en") -> str:
    """One cause with its size and interval: `4.1 % (3.2–5.0 %) short of blue paste (B15)`."""
    return _cause(cause, change, names, _WORDS[language])


def _instead(explanation: Explanation, words: Mapping[str, str]) -> list[str]:
    """A colorant that is largely missing beside one that should not be there."""
    missing = [one for one in explanation.found if one.cause.kind == "amount" and one.change.high < _MOSTLY_MISSING]
    foreign = [one for one in explanation.found if one.cause.kind == "foreign"]
    if len(missing) != 1 or len(foreign) != 1:
        return []
    old, new = (_named(one.cause.colorant, explanation.names) for one in (missing[0], foreign[0]))
    return [words["instead"].format(old=old, new=new)]


def _implausible(explanation: Explanation, words: Mapping[str, str]) -> list[str]:
    """What of the answer is larger than things go wrong."""
    colorants = dict.fromkeys(one.cause.colorant for one in explanation.found if not one.plausible)
    if not colorants:
        return []
    named = [_named(code, explanation.names) if code else words["film"] for code in colorants]
    return [words["implausible"].format(parts=words["and"].join(named))]


def _closest(explanation: Explanation, words: Mapping[str, str]) -> list[str]:
    """What comes closest with a colorant beyond the recipe."""
    if not explanation.foreign:
        return []
    one = explanation.foreign[0]
    causes = _joined(list(zip(one.causes, one.changes, strict=True)), explanation.names, words)
    return [words["closest"].format(causes=causes, remaining=f"{one.delta_E_without:.2f}")]


def _rivals(explanation: Explanation, words: Mapping[str, str]) -> list[str]:
    """What else it may be: the same colorants in another way, said once, and other colorants, each set of them once."""
    found = _colorants(one.cause for one in explanation.found)
    others: dict[frozenset[str], Alternative] = {}
    for one in explanation.alternatives:
        others.setdefault(_colorants(one.causes), one)
    said = []
    if others.pop(found, None) is not None:
        kinds = {
            cause.colorant for one in explanation.alternatives for cause in one.causes if cause.kind == "dispersion"
        }
        kinds |= {one.cause.colorant for one in explanation.found if one.cause.kind == "dispersion"}
        colorants = words["and"].join(_named(code, explanation.names) for code in sorted(found & kinds))
        said.append(words["kinds"].format(colorants=colorants))
    if others:
        shown = [
            _joined(list(zip(one.causes, one.changes, strict=True)), explanation.names, words, interval=False)
            for one in list(others.values())[:_NAMED]
        ]
        more = len(others) - len(shown)
        rivals = words["or"].join(shown)
        said.append(words["rivals"].format(rivals=rivals, more=words["more"].format(count=more) if more else ""))
    return said


def _colorants(causes: Iterable[Cause]) -> frozenset[str]:
    return frozenset(cause.colorant for cause in causes)


def _joined(
    causes: Sequence[tuple[Cause, Estimate]],
    names: Mapping[str, str],
    words: Mapping[str, str],
    interval: bool = True,
) -> str:
    parts = [_cause(cause, change, names, words, interval) for cause, change in causes]
    if len(parts) < 2:
        return "".join(parts)
    return words["and"].join((words["comma"].join(parts[:-1]), parts[-1]))


def _cause(
    cause: Cause, change: Estimate, names: Mapping[str, str], words: Mapping[str, str], interval: bool = True
) -> str:
    sign = "-" if change.value < 0 else "+"
    size = f"{_percent(abs(change.value))} %"
    if interval:
        # Without a sign of their own: an interval that reaches the other side of nothing begins with a minus.
        low, high = sorted((change.low if sign == "+" else -change.high, change.high if sign == "+" else -change.low))
        reach = words["interval"].format(low=_percent(low), high=_percent(high))
        size = words["sized"].format(percent=_percent(abs(change.value)), interval=reach)
    return words[f"{cause.kind}{sign}"].format(size=size, colorant=_named(cause.colorant, names))


def _named(code: str, names: Mapping[str, str]) -> str:
    name = names.get(code, "")
    return f"{name} ({code})" if name and name != code else code


def _percent(value: float) -> str:
    percent = 100 * value
    if abs(percent) >= 10:
        text = f"{percent:.0f}"
    elif abs(percent) >= 1:
        text = f"{percent:.1f}"
    else:
        text = f"{percent:.2g}"
    return text.replace("-", "−")


def _probability(value: float) -> str:
    return "< 0.0001" if value < 1e-4 else f"= {value:.2g}"
