"""What the value of a key must be in a tolerance document; each check gives the value in its one spelling."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from colorlab.colorimetry.viewing import parse_viewing
from colorlab.difference.place import ANY, angle_place
from spectra.formats.text import shortened

# Rows of one table. A finish of 20 angles under 10 viewings has 200 limits; more than this nobody wrote by hand.
MAX_ROWS = 1000

Check = Callable[[Any], Any]


class WrongKindError(Exception):
    """What a key must be."""


def text(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise WrongKindError("a text")
    return value


def number(value: Any) -> float:
    """A finite number, as a float."""
    # A whole number may have more digits than a float holds.
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e300:
        raise WrongKindError("a finite number")
    return float(value)


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise WrongKindError("true or false")
    return value


def one_of(known: Sequence[str]) -> Check:
    """One of some words."""

    def check(value: Any) -> str:
        if value not in known:
            raise WrongKindError(f"one of {', '.join(known)}")
        return str(value)

    return check


def entries(value: Any) -> Sequence[Any]:
    """A list that a person can have written."""
    if not isinstance(value, list | tuple):
        raise WrongKindError("a list")
    if len(value) > MAX_ROWS:
        raise WrongKindError(f"at most {MAX_ROWS} entries")
    return value


def three_of(check: Check, what: str) -> Check:
    """Three of something."""

    def three(value: Any) -> list[Any]:
        if not isinstance(value, list | tuple) or len(value) != 3:
            raise WrongKindError(f"three {what}")
        return [check(one) for one in value]

    return three


def angle(value: Any) -> str:
    """An angle pair, a geometry or `*`, in its one spelling."""
    return angle_place(text(value))


def viewing(value: Any) -> str:
    """A viewing, `D65/10°`."""
    return str(parse_viewing(text(value)))


def viewing_place(value: Any) -> str:
    """A viewing, or `*` for all."""
    return ANY if value == ANY else viewing(value)


def viewings(value: Any) -> list[str]:
    """Viewings, `D65/10°`."""
    return [viewing(one) for one in entries(value)]


three_numbers = three_of(number, "numbers")


def found_value(value: Any) -> str:
    """A value as a message quotes it, however long or deep it is."""
    if isinstance(value, str):
        return f"the text {shortened(value)}"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "nothing"}[value]
    if isinstance(value, int):
        return f"{value}" if abs(value) < 10**20 else f"an integer of {value.bit_length()} bits"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return "a table"
    return f"a list of {len(value)}" if isinstance(value, list | tuple) else f"a {type(value).__name__}"
