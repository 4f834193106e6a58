"""Same as last time? One submission held against those that came before it, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from colorlab.control.same_as_last import FEWEST, same_as_before
from colorlab.workflows.submitted import COMPONENTS, Submitted
from spectra.errors import MeasurementError


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
    viewing = next(iter(point.differences))[1]
    shared = [
        place for place in point.differences if place[1] == viewing and all(place in one.differences for one in alike)
    ]
    if len(alike) < FEWEST:
        return (
            f"{_submissions(len(alike)).capitalize()}: too few to say what is usual; {FEWEST} are the least, "
            f"{FEWEST - len(alike)} more."
        )
    rows = np.array([np.concatenate([one.differences[place] for place in shared]) for one in (*alike, point)])
    try:
        return same_as_before(
            rows[:-1], rows[-1], [f"{component} at {place[0]}" for place in shared for component in COMPONENTS]
        ).sentence
    except MeasurementError as error:
        return f"Cannot be compared with the earlier ones: {error}."


def _submissions(n: int) -> str:
    return f"{n} earlier submission{'' if n == 1 else 's'}"
