"""A tolerance's decision rule in one line, in English and in Chinese."""

from __future__ import annotations

from typing import Literal

from colorlab.tolerance.tolerance import Rule
from colorlab.verdict.verdict import Verdict

_LINES: dict[Rule, dict[str, str]] = {
    "simple": {
        "en": "Simple acceptance: the measured values decide, the uncertainty is only shown",
        "zh": "简单接受：由实测值判定，不确定度仅供参考",
    },
    "guarded acceptance": {
        "en": "Guarded acceptance: accepted when it is at least {sure} sure that {all}, otherwise rejected",
        "zh": "带保护带的接受：有至少 {sure} 的把握认定{all}时接受，否则拒收",
    },
    "guarded rejection": {
        "en": "Guarded rejection: rejected when it is at least {sure} sure that {one} does not conform, "
        "otherwise accepted",
        "zh": "带保护带的拒收：有至少 {sure} 的把握认定{one}不合格时拒收，否则接受",
    },
    "guarded": {
        "en": "Guarded both ways: accepted when it is at least {sure} sure that {all}, rejected when it is as sure "
        "that {one} does not, undecided between",
        "zh": "双向带保护带：有至少 {sure} 的把握认定{all}时接受，有同样把握认定{one}不合格时拒收，介于两者之间时待定",
    },
}
_ALL = {
    "en": ("the one number tested conforms", "all {n} numbers tested conform together"),
    "zh": ("唯一的一项合格", "全部 {n} 项同时合格"),
}
_ONE = {"en": ("it", "one of {n} numbers tested"), "zh": ("该项", " {n} 项中有一项")}


def rule_line(verdict: Verdict, language: Literal["en", "zh"] = "en") -> str:
    """By what a verdict was decided, without a full stop."""
    n = len(verdict.conditions) + len(verdict.checks) + sum(one.conforms is not None for one in verdict.textures)
    many = n != 1
    return _LINES[verdict.tolerance.rule][language].format(
        sure=f"{100 * verdict.tolerance.confidence:g} %",
        all=_ALL[language][many].format(n=n),
        one=_ONE[language][many].format(n=n),
    )
