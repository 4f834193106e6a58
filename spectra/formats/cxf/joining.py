"""Objects of one place: charts state what was aimed at and what was measured as objects that share a location."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from spectra.formats.cxf.context import Context
from spectra.formats.cxf.objects import CxfObject
from spectra.formats.cxf.vocabulary import TARGET

_PLACE = ("Location/Page", "Location/Row", "Location/Column")
_SAMPLE = ("Location/SampleID",)  # some programs write -1 for every patch, so that it is a key only where it differs


@dataclass(frozen=True, slots=True)
class Target:
    """What a measurement needs of the target at its place."""

    name: str
    holds_colour: bool
    device_values: Mapping[str, str]


Key = tuple[str, ...]


class Targets:
    """The targets of a file by their location."""

    def __init__(self) -> None:
        self._targets: dict[Key, Target] = {}
        self._met: Counter[Key] = Counter()

    def add(self, found: CxfObject) -> None:
        """Take note of an object, if it is a target with a location."""
        if not is_target(found):
            return
        target = Target(found.name, found.holds_colour, found.device_values)
        for key in _keys(found.conditions):
            self._met[key] += 1
            self._targets[key] = target

    def join(self, found: CxfObject, context: Context) -> None:
        """Give a measured object the name and the device values of the target at its place, never by their order."""
        if not self._targets or is_target(found):
            return
        keys = _keys(found.conditions)
        key = next((key for key in keys if self._met[key] == 1), None)
        if key is None:
            if any(self._met[key] > 1 for key in keys):
                context.note("objects whose location several targets share are not joined to one")
            return
        target = self._targets[key]
        found.conditions["target"] = target.name
        if target.holds_colour and found.standard is None:
            found.standard = target.name
        for name, value in target.device_values.items():
            found.conditions.setdefault(f"target {name}", value)


def is_target(found: CxfObject) -> bool:
    """Whether an object says what was aimed at."""
    return found.object_type.lower() == TARGET


def _keys(conditions: Mapping[str, str]) -> list[Key]:
    found: list[Key] = []
    for names in (_PLACE, _SAMPLE):
        values: Iterable[str | None] = [conditions.get(name) for name in names]
        if all(value is not None for value in values):
            found.append((names[0], *(str(value) for value in values)))
    return found
