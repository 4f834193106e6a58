"""JSON from unknown hands: bounded before it is parsed, and every value asked for by its place."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Set
from typing import Any, NoReturn

from spectra.errors import MalformedFileError, UnsafeFileError
from spectra.formats.base import refuse_large
from spectra.formats.text import decode, printable, shortened

# Objects, lists and their members; a reading of twelve angles in five colour systems takes about 1200.
MAX_TOKENS = 1_000_000
MAX_DIGITS = 400
MAX_NOTES = 100
LONGEST_KEY = 80  # characters, as messages name it
_PLACES = re.compile(r"\[\d+\]")


def parse(content: bytes, file_name: str, encoding: str | None = None) -> Any:
    """The document, of plain Python types: no key stands twice in an object, every number is finite.

    Raises
    ------
    UnsafeFileError
        If the file is too large, holds too many members or nests too deeply.
    MalformedFileError
        If it is not JSON (RFC 8259): `NaN` and `Infinity` are not.
    """
    refuse_large(content, file_name)
    tokens = sum(content.count(mark) for mark in (b",", b"[", b"{", b":"))
    if tokens > MAX_TOKENS:
        raise UnsafeFileError(file_name, f"{tokens} members", expected=f"at most {MAX_TOKENS}")
    text = decode(content, file_name, encoding)

    def refuse(found: str) -> NoReturn:
        raise MalformedFileError(file_name, found, expected="JSON with each key once and finite numbers")

    def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            seen: set[str] = set()
            twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
            refuse(f"key {shortened(twice)} stands twice in one object")
        return members

    def real(digits: str) -> float:
        value = float(digits) if len(digits) <= MAX_DIGITS else math.inf
        return value if math.isfinite(value) else refuse(f"number {shortened(digits)}")

    try:
        return json.loads(text, object_pairs_hook=distinct, parse_float=real, parse_int=real, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise MalformedFileError(
            file_name, error.msg, where=f"line {error.lineno}, column {error.colno}", expected="JSON"
        ) from error
    except RecursionError as error:
        raise UnsafeFileError(file_name, "objects and lists nest too deeply") from error


class Notes:
    """Each note once, in order, and not more than a person reads."""

    def __init__(self) -> None:
        self._notes: dict[str, None] = {}
        self._more = False

    def add(self, note: str) -> None:
        """Keep one note."""
        if note not in self._notes:
            if len(self._notes) < MAX_NOTES:
                self._notes[note] = None
            else:
                self._more = True

    def all(self) -> tuple[str, ...]:
        """The notes, and whether there were more."""
        return (*self._notes, *(("more notes of the same kinds",) if self._more else ()))


class JsonObject:
    """One object of the document, and where it stands."""

    __slots__ = ("_key", "_parent", "file_name", "members")

    def __init__(
        self, members: dict[str, Any], file_name: str, parent: JsonObject | None = None, key: str = ""
    ) -> None:
        self.members, self.file_name = members, file_name
        self._parent, self._key = parent, key

    @property
    def path(self) -> str:
        """Where the object stands, `measurementSet.measurements[0]`; empty for the document."""
        return "" if self._parent is None else self._parent.at(self._key)

    def at(self, key: str) -> str:
        """The place of a member, as messages name it."""
        named = key if len(key) <= LONGEST_KEY else f"{key[: LONGEST_KEY - 1]}…"
        return f"{self.path}.{printable(named)}".lstrip(".")

    def refuse(self, key: str, found: str, expected: str) -> NoReturn:
        """Raise the error about one member.

        Raises
        ------
        MalformedFileError
        """
        raise MalformedFileError(self.file_name, found, where=self.at(key), expected=expected)

    def object(self, key: str) -> JsonObject | None:
        """A member that is an object; None where it is absent or null."""
        value = self.members.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.refuse(key, _named(value), "an object")
        return JsonObject(value, self.file_name, self, key)

    def objects(self, key: str) -> Iterator[JsonObject]:
        """The objects of a member that is a list; none where it is absent or null."""
        values = self.members.get(key)
        if values is not None and not isinstance(values, list):
            self.refuse(key, _named(values), "a list of objects")
        for place, value in enumerate(values or ()):
            if not isinstance(value, dict):
                self.refuse(f"{key}[{place}]", _named(value), "an object")
            yield JsonObject(value, self.file_name, self, f"{key}[{place}]")

    def text(self, key: str) -> str:
        """A member as text, empty where it is absent or null; a serial number may stand there as a number."""
        value = self.members.get(key)
        if value is None:
            return ""
        if isinstance(value, float):
            return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)
        if not isinstance(value, str):
            self.refuse(key, _named(value), "text")
        return printable(value)

    def number(self, key: str) -> float | None:
        """A member that is a number; None where it is absent or null."""
        value = self.members.get(key)
        if value is not None and not isinstance(value, float):
            self.refuse(key, _named(value), "a number")
        return value

    def note_others(self, known: Set[str], notes: Notes) -> None:
        """Note the members that are not understood and say something."""
        if self.members.keys() <= known:
            return
        for key, value in self.members.items():
            if key not in known and value not in (None, "", [], {}):
                notes.add(f"{_PLACES.sub('[…]', self.at(key))} is not understood, left out")


def _named(value: object) -> str:
    if isinstance(value, str):
        return shortened(value)
    kind = {bool: "true or false", float: "a number", list: "a list", dict: "an object", type(None): "null"}
    return kind[type(value)]
