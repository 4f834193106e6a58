"""Same as last time? One submission held against those that came before it, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from colorlab.workflows.submitted import Submitted
from colorlab.workflows.supplier_history import sameness_of


def as_before(point: Submitted, history: Sequence[Submitted]) -> str:
    """Whether a submission is as the earlier ones were, or what is missing to say so.

    Parameters
    ----------
    point : Submitted
    history : sequence of Submitted
        Of the same colour by the same supplier; later ones are not looked at.
    """
    earlier = [one for one in history if (one.time, one.record) < (point.time, point.record)]
    if not earlier:
        return f"First submission of {point.colour} by {point.supplier}: nothing to compare it with."
    alike = [one for one in earlier if one.standard == point.standard]
    if not alike:
        return (
            "First submission against this standard: differences from another one are another history "
            f"({_submissions(len(earlier))})."
        )
    sameness, missing = sameness_of((*alike, point))
    return "; ".join(missing).capitalize() + "." if sameness is None else sameness.sentence


def _submissions(n: int) -> str:
    return f"{n} earlier submission{'' if n == 1 else 's'}"
