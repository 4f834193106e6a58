"""From probabilities to accept, reject or undecided, by the tolerance's rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from colorlab.tolerance.tolerance import Tolerance

Decision = Literal["accept", "reject", "undecided"]
Grounds = Literal["measured values", "conformity proven", "non-conformity proven", "not proven"]


def decide(
    tolerance: Tolerance, joint: float, each: Sequence[float], within: bool, surely_within: bool = True
) -> Decision:
    """The decision on one sample.

    Parameters
    ----------
    tolerance : Tolerance
        Its rule and confidence.
    joint : float
        Probability that everything tested conforms together.
    each : sequence of float
        Probability of conformity of each tested number.
    within : bool
        Whether every measured value is within its limit.
    surely_within : bool
        False when a value without any stated uncertainty is beyond its limit: that proves nothing, but nothing beside
        it can be accepted.

    References
    ----------
    .. [1] JCGM 106:2012, 8.2 simple acceptance, 8.3 guarded acceptance and guarded rejection.
    .. [2] ISO 14253-1:2017.
    """
    match grounds(tolerance, joint, each, surely_within):
        case "measured values":
            return "accept" if within else "reject"
        case "conformity proven":
            return "accept"
        case "non-conformity proven":
            return "reject"
    doubt: dict[str, Decision] = {"guarded acceptance": "reject", "guarded rejection": "accept"}
    return doubt.get(tolerance.rule, "undecided")


def grounds(tolerance: Tolerance, joint: float, each: Sequence[float], surely_within: bool = True) -> Grounds:
    """On what the decision rests; parameters as of `decide`."""
    if tolerance.rule == "simple":
        return "measured values"
    if joint >= tolerance.confidence and surely_within:
        return "conformity proven"
    # The risk is shared among all that is tested, or many conditions would reject a good batch by their number.
    if any(probability <= (1 - tolerance.confidence) / len(each) for probability in each):
        return "non-conformity proven"
    return "not proven"
