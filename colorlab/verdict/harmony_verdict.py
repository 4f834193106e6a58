"""The decision on a set of adjacent parts, with the verdict on every pair of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from colorlab.difference.words import in_chinese
from colorlab.tolerance.document import tolerance_from_dict
from colorlab.tolerance.tolerance import Tolerance
from colorlab.verdict.check import Check
from colorlab.verdict.condition import Condition
from colorlab.verdict.decision import Decision
from colorlab.verdict.sentence import percent
from colorlab.verdict.verdict import Verdict
from spectra.stated import Source


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its name in the set, the sample it was measured as, and where from."""

    name: str
    sample: str
    instrument: str | None
    source: Source | None


@dataclass(frozen=True, slots=True, eq=False)
class PartPair:
    """Two parts and the verdict on them; the first is the standard."""

    standard: str
    sample: str
    verdict: Verdict

    @property
    def worst(self) -> Condition | Check:
        """What has the largest share of its limit, of all that is tested."""
        every: tuple[Condition | Check, ...] = (self.verdict.worst, *self.verdict.checks)
        return max(every, key=lambda one: one.share_of_limit)

    @property
    def name(self) -> str:
        """As the trade says it: bumper against body."""
        return f"{self.sample} against {self.standard}"

    def worst_as_dict(self) -> dict[str, Any]:
        """The two and what is worst of them: of condition and check one is None."""
        worst = self.worst
        return {
            "standard": self.standard,
            "sample": self.sample,
            "condition": worst.as_dict() if isinstance(worst, Condition) else None,
            "check": worst.as_dict() if isinstance(worst, Check) else None,
        }


@dataclass(frozen=True, slots=True, eq=False)
class HarmonyVerdict:
    """The decision on a set of parts.

    Attributes
    ----------
    name : str
    decision : {"accept", "reject", "undecided"}
    conformity_probability : float
        That all pairs conform in everything tested, the error of each part drawn once.
    reference : str
        The part that is the standard in all its pairs.
    parts : tuple of Part
        The reference first.
    pairs : tuple of PartPair
        All n(n − 1)/2.
    sentence, sentence_zh : str
    remarks : tuple of str
        On the set; those of a pair stand in its verdict.
    tolerance : Tolerance
        Of the set.
    draws, seed : int
    """

    name: str
    decision: Decision
    conformity_probability: float
    reference: str
    parts: tuple[Part, ...]
    pairs: tuple[PartPair, ...]
    sentence: str
    sentence_zh: str
    remarks: tuple[str, ...]
    tolerance: Tolerance
    draws: int
    seed: int

    @property
    def worst(self) -> PartPair:
        """The pair with the largest share of its limit."""
        return max(self.pairs, key=lambda one: one.worst.share_of_limit)

    @property
    def by_condition(self) -> tuple[tuple[PartPair, Condition], ...]:
        """The worst pair at each angle under each viewing, in the order of the pairs' conditions."""
        found: dict[tuple[str, str], tuple[PartPair, Condition]] = {}
        for one in self.pairs:
            for row in one.verdict.conditions:
                place = row.angle, str(row.viewing)
                if place not in found or row.share_of_limit > found[place][1].share_of_limit:
                    found[place] = one, row
        return tuple(found.values())

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "name": self.name,
            "decision": self.decision,
            "sentence": self.sentence,
            "sentence_zh": self.sentence_zh,
            "conformity_probability": self.conformity_probability,
            "reference": self.reference,
            "parts": [asdict(part) for part in self.parts],
            "worst": self.worst.worst_as_dict(),
            "by_condition": [
                {
                    "angle": row.angle,
                    "viewing": str(row.viewing),
                    "standard": one.standard,
                    "sample": one.sample,
                    "delta_E": row.delta_E,
                    "limit_delta_E": row.limit,
                    "words": list(row.words),
                }
                for one, row in self.by_condition
            ],
            "pairs": [
                {"standard": one.standard, "sample": one.sample, "verdict": one.verdict.as_dict()} for one in self.pairs
            ],
            "remarks": list(self.remarks),
            "tolerance": self.tolerance.as_dict(),
            "monte_carlo_draws": self.draws,
            "seed": self.seed,
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> HarmonyVerdict:
        """The verdict that `as_dict` wrote: a record is shown as it was reached, not reached again."""
        return cls(
            name=document["name"],
            decision=document["decision"],
            conformity_probability=document["conformity_probability"],
            reference=document["reference"],
            parts=tuple(
                Part(**{**row, "source": None if row["source"] is None else Source(**row["source"])})
                for row in document["parts"]
            ),
            pairs=tuple(
                PartPair(row["standard"], row["sample"], Verdict.from_dict(row["verdict"])) for row in document["pairs"]
            ),
            sentence=document["sentence"],
            sentence_zh=document["sentence_zh"],
            remarks=tuple(document["remarks"]),
            tolerance=tolerance_from_dict(document["tolerance"]),
            draws=document["monte_carlo_draws"],
            seed=document["seed"],
        )


def sentences(decision: Decision, probability: float, pairs: Sequence[PartPair], simple: bool) -> tuple[str, str]:
    """Decision and worst pair in one sentence, English and Chinese.

    Parameters
    ----------
    decision : Decision
    probability : float
        That all pairs conform. [1]
    pairs : sequence of PartPair
    simple : bool
        Whether the measured values alone decide.
    """
    pair = max(pairs, key=lambda one: one.worst.share_of_limit)
    worst, n = pair.worst, len(pairs)
    if isinstance(worst, Condition):
        formula, place = pair.verdict.tolerance.formula, (worst.angle, str(worst.viewing))
        words = ", ".join(worst.words) + " " if worst.words else ""
        where = f"{words}at {' under '.join(place)}, {formula} ΔE {worst.delta_E:.2f}"
        where_zh = "、".join((*place, *map(in_chinese, worst.words))) + f"，{formula} ΔE {worst.delta_E:.2f}"
    else:
        unit = "" if worst.unit == "1" else f" {worst.unit}"
        where, where_zh = f"{worst.name}, {worst.value:.2f}{unit}", f"{worst.name_zh}，{worst.value:.2f}{unit}"
    by_rule = simple and decision == "accept"
    lead = {"accept": "Accept", "reject": "Reject", "undecided": "Undecided"}[decision] + " by the rule" * by_rule
    lead_zh = {"accept": "接受", "reject": "拒收", "undecided": "待定"}[decision] + "（按规则）" * by_rule
    chance = percent(probability)
    chance_zh = chance.replace("below", "低于").replace("above", "高于")
    together = f"all {n} pairs conform" if n > 1 else "the pair conforms"
    return (
        f"{lead}: {pair.name} is the worst pair: {where} against {worst.limit:.2f}; "
        f"probability that {together} {chance}.",
        f"{lead_zh}：{pair.sample}对{pair.standard}为最差一对：{where_zh}，限值 {worst.limit:.2f}；"
        f"{n} 对全部合格的概率 {chance_zh}。",
    )
