"""First-pass yield: of how many colours was the first submission accepted, of how many submissions any, how surely?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from spectra.errors import MeasurementError

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class FirstPassYield:
    """Share of colours accepted at first submission; or, of all submissions, the share accepted.

    Attributes
    ----------
    group : str
        Of what: a supplier, colour, line or instrument.
    accepted_count, judged_count : int
    interval : tuple of two floats
        Wilson's, of the share in the long run. [1]
    """

    group: str
    accepted_count: int
    judged_count: int
    interval: tuple[float, float]

    @property
    def share(self) -> float:
        """Accepted of judged. [1]"""
        return self.accepted_count / self.judged_count

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "group": self.group,
            "accepted_count": self.accepted_count,
            "judged_count": self.judged_count,
            "share": self.share,
            "interval_95": list(self.interval),
        }


def first_pass_yield(group: str, accepted_count: int, judged_count: int) -> FirstPassYield:
    """The yield of one group with Wilson's score interval, which holds the truth in 95 % of cases on average.

    Raises
    ------
    MeasurementError
        If nothing was judged, or more was accepted than judged.

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical inference", J. Am. Stat. Assoc. 22
       (1927) 209; recommended for small counts by L. D. Brown, T. T. Cai, A. DasGupta, Stat. Sci. 16 (2001) 101.
    """
    from scipy.stats import binomtest

    if not 0 <= accepted_count <= judged_count or judged_count == 0:
        raise MeasurementError(f"{group}: {accepted_count} accepted of {judged_count} submissions is no yield")
    found = binomtest(accepted_count, judged_count).proportion_ci(CONFIDENCE, method="wilson")
    return FirstPassYield(group, accepted_count, judged_count, (float(found.low), float(found.high)))


def first_pass_yields(firsts: Iterable[tuple[str | None, bool]]) -> tuple[FirstPassYield, ...]:
    """Yields of the groups that submissions (group, accepted) belong to; those of no known group are left out."""
    counts: dict[str, list[bool]] = {}
    for group, accepted in firsts:
        if group is not None:
            counts.setdefault(group, []).append(accepted)
    return tuple(first_pass_yield(group, sum(own), len(own)) for group, own in sorted(counts.items()))


def by_dimension(
    firsts: Iterable[tuple[Mapping[str, str | None], bool]], dimensions: Iterable[str]
) -> dict[str, tuple[FirstPassYield, ...]]:
    """`first_pass_yields` by each dimension, such as supplier and line, of submissions with what is known."""
    every = list(firsts)
    return {name: first_pass_yields((known.get(name), accepted) for known, accepted in every) for name in dimensions}
