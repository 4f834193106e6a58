"""Where two JSON documents differ, to the last bit of every number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from colorlab.store.columns import canonical_json

_SHOWN_LETTERS = 120  # of a value in print


@dataclass(frozen=True, slots=True)
class Change:
    """One place where two documents differ.

    Attributes
    ----------
    path : str
        Such as `conditions[3].delta_E`.
    kind : {"changed", "added", "gone"}
    then, now : JSON value
        None where there was, or is, none.
    """

    path: str
    kind: Literal["changed", "added", "gone"]
    then: Any
    now: Any

    def as_text(self) -> str:
        """The place, then and now."""
        then, now = ("nothing" if absent else _short(value) for absent, value in self._sides())
        return f"{self.path}: then {then}, now {now}"

    def _sides(self) -> tuple[tuple[bool, Any], tuple[bool, Any]]:
        return (self.kind == "added", self.then), (self.kind == "gone", self.now)

    @property
    def relative(self) -> float | None:
        """How far a number moved, as a share of the larger of the two; None for anything else."""
        numbers = [value for value in (self.then, self.now) if isinstance(value, int | float)]
        if len(numbers) < 2 or any(isinstance(value, bool) for value in numbers):
            return None
        largest = max(abs(value) for value in numbers)
        return 0.0 if largest == 0 else abs(self.now - self.then) / largest


def differences(then: Any, now: Any, path: str = "") -> Iterator[Change]:
    """Every place where two JSON documents differ, numbers to the last bit: -0.0 is not 0.0, and 1 is not 1.0."""
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        yield from _of_children(dict(then), dict(now), lambda name: f"{path}.{name}" if path else name)
    elif isinstance(then, list) and isinstance(now, list):
        yield from _of_children(dict(enumerate(then)), dict(enumerate(now)), lambda number: f"{path}[{number}]")
    elif canonical_json(then) != canonical_json(now):
        yield Change(path, "changed", then, now)


def _of_children(then: dict[Any, Any], now: dict[Any, Any], name: Callable[[Any], str]) -> Iterator[Change]:
    for key in dict.fromkeys((*now, *then)):  # in the order of a verdict: the decision first
        if key not in now:
            yield Change(name(key), "gone", then[key], None)
        elif key not in then:
            yield Change(name(key), "added", None, now[key])
        else:
            yield from differences(then[key], now[key], name(key))


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else canonical_json(value)
    return text if len(text) <= _SHOWN_LETTERS else f"{text[: _SHOWN_LETTERS - 1]}…"
