"""Reading tables of a TOML document of a station: every key known, of its kind, and complained about by name."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any, NoReturn, TypeVar

import numpy as np

from spectra.arrays import FloatArray, frozen
from spectra.errors import MalformedFileError, PhotoError

MAX_BYTES = 2**20
_Value = TypeVar("_Value")
_MISSING = object()


def parse_tables(content: bytes, file_name: str) -> Table:
    """The whole document as a table.

    Raises
    ------
    MalformedFileError
        If it is larger than 1 MiB or not TOML.
    """
    if len(content) > MAX_BYTES:
        raise MalformedFileError(file_name, f"{len(content)} bytes", expected=f"at most {MAX_BYTES}")
    try:
        return Table(file_name, "", tomllib.loads(content.decode("utf-8-sig")))
    # ValueError holds both decoding errors and integers of more digits than Python reads.
    except (ValueError, RecursionError) as error:
        raise MalformedFileError(file_name, f"not a TOML file ({str(error)[:200]})") from error


class Table:
    """One table; a key is taken once, and `done` refuses what nobody took.

    Parameters
    ----------
    file : str
    where : str
        Name of the table, empty for the document.
    values : mapping
    """

    def __init__(self, file: str, where: str, values: Mapping[str, Any]) -> None:
        self.file, self.where = file, where
        self._values, self._known = dict(values), set[str]()

    def refuse(self, key: str, found: str, expected: str) -> NoReturn:
        """Say what stands under a key, and what was expected there."""
        raise MalformedFileError(self.file, found, where=f"key {self._path(key)!r}", expected=expected)

    def done(self) -> None:
        """Refuse keys that nobody asked for, with the nearest that is known."""
        for key in self._values:
            if key not in self._known:
                near = get_close_matches(key, self._known, 1)
                self.refuse(
                    key, "unknown key", f"{near[0]!r}, perhaps" if near else f"one of {', '.join(sorted(self._known))}"
                )

    def has(self, key: str) -> bool:
        """Whether the key is there; it counts as known either way."""
        self._known.add(key)
        return key in self._values

    def text(self, key: str) -> str:
        """A text that is not blank."""
        return self._taken(key, "a text", lambda value: isinstance(value, str) and bool(value.strip()))  # type: ignore[no-any-return]

    def one_of(self, key: str, choices: tuple[_Value, ...]) -> _Value:
        """One of some texts."""
        return self._taken(key, f"one of {', '.join(map(str, choices))}", lambda value: value in choices)  # type: ignore[no-any-return]

    def day(self, key: str) -> date:
        """A date such as 2026-03-01, not a moment."""
        return self._taken(key, "a date such as 2026-03-01", lambda value: type(value) is date)  # type: ignore[no-any-return]

    def flag(self, key: str) -> bool:
        """True or false."""
        return self._taken(key, "true or false", lambda value: isinstance(value, bool))  # type: ignore[no-any-return]

    def number(self, key: str, least: float = -math.inf, most: float = math.inf) -> float:
        """A finite number within a range, its ends included."""
        expected = "a finite number"
        if least > -math.inf or most < math.inf:
            expected = f"a number from {least:g} to {most:g}" if most < math.inf else f"a number of at least {least:g}"
        return float(self._taken(key, expected, lambda value: _is_number(value) and least <= value <= most))

    def whole(self, key: str, least: int = 1) -> int:
        """A whole number."""
        expected = f"a whole number of at least {least}"
        return self._taken(key, expected, lambda v: isinstance(v, int) and not isinstance(v, bool) and v >= least)  # type: ignore[no-any-return]

    def array(self, key: str, *shape: int) -> FloatArray:
        """Finite numbers of a shape; −1 is any length."""
        sides = " × ".join("n" if side < 0 else str(side) for side in shape)
        value = self._taken(key, f"{sides} finite numbers", lambda value: _has_shape(value, shape))
        return frozen(np.array(value, dtype=np.float64))

    def pair(self, key: str, *, whole: bool = False) -> tuple[float, float]:
        """Two numbers above 0."""
        first, second = self.array(key, 2).tolist()
        if min(first, second) <= 0 or (whole and not (first.is_integer() and second.is_integer())):
            self.refuse(key, f"found {[first, second]}", f"two {'whole ' if whole else ''}numbers above 0")
        return first, second

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        value = self._taken(
            key, "a list of texts", lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value)
        )
        return tuple(value)

    def table(self, key: str) -> Table:
        """A table below."""
        return Table(self.file, self._path(key), self._taken(key, "a table", lambda value: isinstance(value, dict)))

    def tables(self, key: str) -> list[Table]:
        """Rows [[key]], none where the key is missing."""
        if not self.has(key):
            return []
        rows = self._taken(
            key, f"rows [[{key}]]", lambda value: isinstance(value, list) and all(isinstance(r, dict) for r in value)
        )
        return [Table(self.file, f"{self._path(key)}[{number}]", row) for number, row in enumerate(rows, start=1)]

    def items(self) -> list[str]:
        """All keys, which become known: a table whose keys are names."""
        self._known |= set(self._values)
        return list(self._values)

    def made(self, key: str, make: Callable[[], _Value]) -> _Value:
        """What is made of values that may each be right and impossible together."""
        try:
            return make()
        except PhotoError as error:
            self.refuse(key, str(error), "values that go together")

    def _taken(self, key: str, expected: str, right: Callable[[Any], bool]) -> Any:
        self._known.add(key)
        value = self._values.get(key, _MISSING)
        if value is _MISSING:
            near = get_close_matches(key, self._values, 1)
            self.refuse(
                key, f"the key is missing, but there is {near[0]!r}" if near else "the key is missing", expected
            )
        if not right(value):
            shown = repr(value)
            self.refuse(key, f"found {shown if len(shown) <= 60 else shown[:57] + '...'}", expected)
        return value

    def _path(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where and key else self.where or key


def toml_lines(values: Mapping[str, Any]) -> list[str]:
    """Keys with texts, numbers, dates, flags or lists of them, one a line; None is left out."""
    return [f"{_toml_key(key)} = {_toml(value)}" for key, value in values.items() if value is not None]


def _toml_key(key: str) -> str:
    bare = key and all(sign.isascii() and (sign.isalnum() or sign in "_-") for sign in key)
    return key if bare else _toml(key)


def _toml(value: Any) -> str:
    """JSON writes texts, numbers and lists as TOML does; dates it does not know."""
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def _has_shape(value: object, shape: tuple[int, ...]) -> bool:
    if not shape:
        return _is_number(value)
    if not isinstance(value, list) or (shape[0] >= 0 and len(value) != shape[0]) or not value:
        return False
    return all(_has_shape(part, shape[1:]) for part in value)
