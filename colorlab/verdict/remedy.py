"""What would decide an undecided verdict: how many more readings, or how much better an instrument."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from colorlab.uncertainty.possible import Case
from colorlab.uncertainty.prepared import Prepared
from colorlab.verdict.decision import Decision

Decide = Callable[[Sequence[int], Sequence[Case]], Sequence[Decision]]
"""Decisions on cases, each of the undecided pair at its place."""
Means = Literal["readings of the sample", "readings of both", "instrument", "none"]

# Times the readings there are, among which the fewest that decide are sought; more nobody takes.
TIMES = (2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 20.0)
FEW = 4  # readings of the sample, below which nobody would read the standard again
# Times the standard uncertainty there is; an instrument ten times better is not for sale.
FACTORS = (0.7, 0.5, 0.35, 0.25, 0.15, 0.1)
# Draws of these what-if verdicts: the answer is "about so many", not a probability that is printed.
DRAWS = 500


@dataclass(frozen=True, slots=True)
class Remedy:
    """What would decide, if the colours stay as they were measured.

    Attributes
    ----------
    means : {"readings of the sample", "readings of both", "instrument", "none"}
    n_sample, n_standard : int or None
        Readings in all, not in addition.
    factor : float or None
        Of all standard uncertainties. [1]
    decision : {"accept", "reject"} or None
        What it would then be.
    """

    means: Means
    n_sample: int | None
    n_standard: int | None
    factor: float | None
    decision: Decision | None

    @property
    def sentence(self) -> str:
        """In English."""
        if self.means == "none":
            return "Neither twenty times the readings nor a tenth of the uncertainty would decide it"
        so = f"would {self.decision} it, if the colours stay as measured"
        if self.means == "instrument":
            return f"More readings will not decide; {self.factor:g} times the uncertainty {so}"
        if self.means == "readings of both":
            return f"About {self.n_sample} readings of the sample and {self.n_standard} of the standard in all {so}"
        return f"About {self.n_sample} readings of the sample in all {so}"

    @property
    def sentence_zh(self) -> str:
        """In Chinese."""
        if self.means == "none":
            return "读数增至二十倍，或不确定度降至十分之一，仍无法判定"
        so = f"若颜色与本次测量一致，即可判为{'接受' if self.decision == 'accept' else '拒收'}"
        if self.means == "instrument":
            return f"增加读数无法判定；不确定度降至 {self.factor:g} 倍，{so}"
        if self.means == "readings of both":
            return f"样品共测量约 {self.n_sample} 次、标样共测量约 {self.n_standard} 次，{so}"
        return f"样品共测量约 {self.n_sample} 次，{so}"

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return asdict(self) | {"sentence": self.sentence, "sentence_zh": self.sentence_zh}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Remedy:
        """The remedy that `as_dict` wrote."""
        return cls(**{name: document[name] for name in ("means", "n_sample", "n_standard", "factor", "decision")})


NOTHING_HELPS = Remedy("none", None, None, None, None)


def remedies(undecided: Sequence[Prepared], decide: Decide) -> list[Remedy]:
    """The least that would decide each of several undecided pairs.

    Readings are cheaper than another instrument, and fewer of them are cheaper; each ladder is searched by
    halving, for more of anything never makes a verdict less sure.

    Parameters
    ----------
    undecided : sequence of Prepared
    decide : callable
        Judges cases by the tolerance in force, each of the undecided pair at its place.
    """
    found: dict[int, Remedy] = {}
    ladders: tuple[tuple[Means, Sequence[float]], ...] = (
        ("readings of the sample", TIMES),
        ("readings of both", TIMES),
        ("instrument", FACTORS),
    )
    for means, ladder in ladders:
        left = [place for place in range(len(undecided)) if place not in found or _many(found[place], means)]
        for place, rung, decision in _lowest(left, undecided, means, ladder, decide):
            other = _remedy(undecided[place], means, rung, decision)
            if place not in found or _readings(other, undecided[place]) < _readings(found[place], undecided[place]):
                found[place] = other
    return [found.get(place, NOTHING_HELPS) for place in range(len(undecided))]


def _many(found: Remedy, means: Means) -> bool:
    """Whether readings of both may be fewer in all than those of the sample alone."""
    return means == "readings of both" and found.n_sample is not None and found.n_sample > FEW


def _readings(remedy: Remedy, prepared: Prepared) -> int:
    standard = prepared.standard.known.n_readings if remedy.n_standard is None else remedy.n_standard
    return standard + (remedy.n_sample or 0)


def _lowest(
    places: Sequence[int],
    undecided: Sequence[Prepared],
    means: Means,
    ladder: Sequence[float],
    decide: Decide,
) -> list[tuple[int, float, Decision]]:
    """The first rung that decides, of those that any rung decides; all places are halved in step."""
    top = len(ladder) - 1
    best: dict[int, tuple[int, Decision]] = {}
    bounds = dict.fromkeys(places, (0, top, top))  # lowest and highest rung still possible, rung to try
    while bounds:
        tried = list(bounds)
        decisions = decide(tried, [_case(undecided[place], means, ladder[bounds[place][2]]) for place in tried])
        for place, decision in zip(tried, decisions, strict=True):
            low, high, rung = bounds.pop(place)
            if decision == "undecided":
                low = rung + 1
            else:
                best[place], high = (rung, decision), rung - 1
            if low <= high:
                bounds[place] = (low, high, (low + high) // 2)
    return [(place, ladder[rung], decision) for place, (rung, decision) in best.items()]


def _case(prepared: Prepared, means: Means, rung: float) -> Case:
    if means == "instrument":
        return prepared.case(factor=rung)
    return prepared.case(more_sample=rung, more_standard=rung if means == "readings of both" else 1.0)


def _remedy(prepared: Prepared, means: Means, rung: float, decision: Decision) -> Remedy:
    if means == "instrument":
        return Remedy(means, None, None, rung, decision)
    n_sample = math.ceil(prepared.sample.known.n_readings * rung)
    n_standard = math.ceil(prepared.standard.known.n_readings * rung) if means == "readings of both" else None
    return Remedy(means, n_sample, n_standard, None, decision)
