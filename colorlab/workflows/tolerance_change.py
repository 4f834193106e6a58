"""What a new tolerance of a lab changes: which key, from what to what, for which colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from colorlab.difference.place import most_specific
from colorlab.store.columns import canonical_json
from colorlab.tolerance.tolerance import Tolerance
from colorlab.workflows.text import counted
from colorlab.workflows.tolerance_keys import key_words, keys_of, value_words
from colorlab.workflows.version import software_version

_NONE = "–"


@dataclass(frozen=True, slots=True, eq=False)
class KeyChange:
    """One key that is not what it was.

    Attributes
    ----------
    key : str
        Such as `limit[45as-15, *]`.
    before, after : JSON value
        None where there was, or is, none.
    held_before, held_after : float or None
        Of a limit that was, or is, not set for its own place: the wider one that held there, or holds.
    colours : tuple of str
        Codes of the colours it concerns; empty for a programme of no colour.
    """

    key: str
    before: Any
    after: Any
    held_before: float | None
    held_after: float | None
    colours: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {"key": self.key, "before": self.before, "after": self.after, "colours": list(self.colours)}

    def as_text(self, all_colours: Sequence[str]) -> str:
        """`limit 45as-15: 1.6 → 1.2`, and for whom where it is not for all."""
        whom = "" if self.colours == tuple(all_colours) else f", for {', '.join(self.colours)}"
        before, after = _side(self.before, self.held_before), _side(self.after, self.held_after)
        return f"{key_words(self.key)}: {before} → {after}{whom}"


@dataclass(frozen=True, slots=True, eq=False)
class ToleranceSet:
    """A tolerance that is in force now.

    Attributes
    ----------
    record : str
    colour, finish : str or None
        Whose it is; neither for the programme's.
    unchanged : bool
        Whether it was in force before, so that nothing was recorded.
    since : datetime
    by : str
    chains : mapping of str to tuple of str
        What every colour it is for is judged by now: code to layers, the general one first.
    changes : tuple of KeyChange
    """

    record: str
    colour: str | None
    finish: str | None
    unchanged: bool
    since: datetime
    by: str
    chains: Mapping[str, tuple[str, ...]]
    changes: tuple[KeyChange, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "record": self.record,
            "colour": self.colour,
            "finish": self.finish,
            "unchanged": self.unchanged,
            "in_force_since": self.since.isoformat(),
            "in_force_by": self.by,
            "colours": list(self.chains),
            "changes": [one.as_dict() for one in self.changes],
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """What is in force for whom since when, then a line for every key that is not what it was."""
        since = f"since {self.since:%Y-%m-%d %H:%M} UTC, by {self.by}"
        if self.unchanged:
            return f"unchanged: {self.record} is in force already for {self._whom()}, {since}"
        judged = self.record
        if self.colour is not None:
            judged = " on ".join(reversed(self.chains[self.colour]))
        lines = [f"{self._whom()} is now judged by {judged}, {since}"]
        lines += [one.as_text(tuple(self.chains)) for one in self.changes]
        told = {code for one in self.changes for code in one.colours}
        same = [code for code in self.chains if code not in told]
        if not self.changes:
            lines.append("it says nothing that did not hold before")
        elif same and told:
            lines.append(f"nothing changes for {', '.join(same)}: the layers above say otherwise")
        return "\n".join(lines)

    def _whom(self) -> str:
        if self.colour is not None:
            return self.colour
        colours = counted(len(self.chains), "colour")
        return f"the finish {self.finish} ({colours})" if self.finish is not None else f"the programme ({colours})"


def key_changes(before: Mapping[str | None, Tolerance], after: Mapping[str | None, Tolerance]) -> tuple[KeyChange, ...]:
    """Every key that differs, and for which colours; what differs alike for several is one change.

    Parameters
    ----------
    before, after : mapping of str to Tolerance
        By the colour's code, the same codes in both; None stands for what a programme of no colour says.
    """
    found: dict[str, tuple[KeyChange, list[str]]] = {}
    for code, new in after.items():
        old = before[code]
        said, says = keys_of(old), keys_of(new)
        for key in dict.fromkeys((*says, *said)):
            if (key in said, said.get(key)) == (key in says, says.get(key)):
                continue
            one = KeyChange(
                key, said.get(key), says.get(key), _held(old, key, key in said), _held(new, key, key in says), ()
            )
            alike = canonical_json([key, one.before, one.after, one.held_before, one.held_after])
            codes = found.setdefault(alike, (one, []))[1]
            codes += [] if code is None else [code]
    return tuple(
        KeyChange(one.key, one.before, one.after, one.held_before, one.held_after, tuple(codes))
        for one, codes in found.values()
    )


def _held(tolerance: Tolerance, key: str, set_there: bool) -> float | None:
    name, _, place = key.removesuffix("]").partition("[")
    if set_there or name != "limit":
        return None
    angle, _, viewing = place.partition(", ")
    return most_specific({limit.place: limit.value for limit in tolerance.limits}, angle, viewing)


def _side(value: Any, held: float | None) -> str:
    if value is None:
        return _NONE if held is None else f"{held:g} (a wider limit)"
    return value_words(value) or _NONE
