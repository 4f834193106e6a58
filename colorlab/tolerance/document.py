"""A tolerance as TOML or as a stored document: every key and kind checked, each complaint with file and key."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from colorlab.colorimetry.viewing import parse_viewing
from colorlab.difference.effect import COORDINATES, SHAPES, Form, Scheme
from colorlab.difference.place import ANY, angle_place
from colorlab.tolerance.requirements import (
    QUANTITIES,
    STATISTICS,
    AngleRule,
    FlopLimit,
    InconstancyLimit,
    MetamerismLimit,
    Requirement,
    TravelLimit,
)
from colorlab.tolerance.texture import TextureLimit, texture_place
from colorlab.tolerance.tolerance import RULES, Limit, Tolerance
from spectra.errors import ColorlabError, ToleranceError
from spectra.formats.text import shortened

MAX_BYTES = 2**20
# Rows of one table. A finish of 20 angles under 10 viewings has 200 limits; more than this nobody wrote by hand.
MAX_ROWS = 1000

Check = Callable[[Any], Any]
Row = Mapping[str, Any]


class _WrongKindError(Exception):
    """What a key must be."""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _WrongKindError("a text")
    return value


def _number(value: Any) -> float:
    # A whole number may have more digits than a float holds.
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e300:
        raise _WrongKindError("a finite number")
    return float(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _WrongKindError("true or false")
    return value


def _one_of(known: Sequence[str]) -> Check:
    def check(value: Any) -> str:
        if value not in known:
            raise _WrongKindError(f"one of {', '.join(known)}")
        return str(value)

    return check


def _list(value: Any) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise _WrongKindError("a list")
    if len(value) > MAX_ROWS:
        raise _WrongKindError(f"at most {MAX_ROWS} entries")
    return value


def _three(check: Check, what: str) -> Check:
    def three(value: Any) -> list[Any]:
        if not isinstance(value, list | tuple) or len(value) != 3:
            raise _WrongKindError(f"three {what}")
        return [check(one) for one in value]

    return three


def _angle(value: Any) -> str:
    return angle_place(_text(value))


def _one_viewing(value: Any) -> str:
    return str(parse_viewing(_text(value)))


def _viewing(value: Any) -> str:
    return ANY if value == ANY else _one_viewing(value)


def _viewings(value: Any) -> list[str]:
    return [_one_viewing(one) for one in _list(value)]


_AXES = _three(_number, "numbers")


@dataclass(frozen=True, slots=True)
class RowKind:
    """A kind of row: what its keys must be, which of them say what the row is about, and what it makes.

    Attributes
    ----------
    keys : mapping of str to callable
        Each gives the value in its one spelling.
    place : tuple of str
        Keys by which two rows are about the same thing.
    build : callable
        Of the row as checked.
    needed : tuple of str
        Keys that have no value when they are left out.
    """

    keys: Mapping[str, Check]
    place: tuple[str, ...]
    build: Callable[[Row], Any]
    needed: tuple[str, ...] = ()


# What holds where a row does not say.
_LEFT_OUT = {"angle": ANY, "viewing": ANY}


def _limit(row: Row) -> Limit:
    return Limit(row["delta_E"] if "delta_E" in row else row["value"], row["angle"], row["viewing"])


def _requirement(made: Callable[..., Requirement]) -> Callable[[Row], Requirement]:
    def build(row: Row) -> Requirement:
        values = {
            key: parse_viewing(value) if key in ("viewing", "reference", "test") else value
            for key, value in row.items()
            if key != "kind"
        }
        return made(**values)

    return build


LIMIT = RowKind(
    {"angle": _angle, "viewing": _viewing, "delta_E": _number, "value": _number}, ("angle", "viewing"), _limit
)
FORM = RowKind(
    {
        **{"angle": _angle, "viewing": _viewing, "components": _one_of(COORDINATES), "shape": _one_of(SHAPES)},
        **{"matrix": _three(_AXES, "rows of three numbers"), "semi_axes": _AXES},
    },
    ("angle", "viewing"),
    lambda row: Form(**row),
)
TEXTURE = RowKind(
    {"quantity": _text, "angle": lambda value: texture_place(_text(value)), "limit": _number, "uncertainty": _number},
    ("quantity", "angle"),
    lambda row: TextureLimit(**row),
    ("quantity", "limit"),
)
_REQUIREMENT_KEYS: dict[type[Requirement], dict[str, Check]] = {
    AngleRule: {"statistic": _one_of(STATISTICS), "viewing": _one_viewing},
    FlopLimit: {},
    TravelLimit: {"quantity": _one_of(QUANTITIES), "from_angle": _angle, "to_angle": _angle},
    MetamerismLimit: {"reference": _one_viewing, "test": _one_viewing, "angle": _angle},
    InconstancyLimit: {"test": _one_viewing, "angle": _angle, "formula": _text},
}
REQUIREMENTS = {
    made.kind: RowKind(
        {"kind": _text, **keys, "limit": _number},
        ("kind", *made.keys),
        _requirement(made),
        (*(key for key in made.keys if key != "angle"), "limit"),
    )
    for made, keys in _REQUIREMENT_KEYS.items()
}
_TOP = {
    **{"name": _text, "formula": _text, "viewings": _viewings, "rule": _one_of(RULES)},
    **{"confidence": _number, "source": _text},
}
_SCHEME = {"name": _text, "source": _text}


def tolerance_from_dict(document: Mapping[str, Any], file: str = "tolerance") -> Tolerance:
    """Build a tolerance from a parsed TOML or JSON document.

    Raises
    ------
    ToleranceError
        Naming the file and key that is missing, unknown or of the wrong kind.
    """
    return built(checked(document, file), file)


def parse_tolerance(content: bytes, file: str) -> Tolerance:
    """Read a tolerance file (TOML).

    Raises
    ------
    ToleranceError
        If it is not TOML, or see `tolerance_from_dict`.
    """
    return tolerance_from_dict(parse_document(content, file), file)


def parse_document(content: bytes, file: str) -> dict[str, Any]:
    """The keys of a tolerance file, or of one layer of a tolerance, not yet checked.

    Raises
    ------
    ToleranceError
        If it is larger than 1 MiB or not TOML.
    """
    if len(content) > MAX_BYTES:
        raise ToleranceError(f"{file}: {len(content)} bytes; expected a tolerance of at most {MAX_BYTES}")
    try:
        return tomllib.loads(content.decode("utf-8"))
    # ValueError holds both decoding errors and integers of more digits than Python reads.
    except (ValueError, RecursionError) as error:
        raise ToleranceError(f"{file} is not a TOML file: {str(error)[:200]}") from error


def checked(document: Mapping[str, Any], file: str, *, layer: bool = False) -> dict[str, Any]:
    """The document with every key known and of its kind, every row possible and in its one spelling.

    Parameters
    ----------
    document : mapping
    file : str
    layer : bool
        A layer may be incomplete, may say `inherits = false`, and may have rows with `withdrawn = true`.

    Raises
    ------
    ToleranceError
        As `tolerance_from_dict`.
    """
    return _Reader(file, layer).document(document)


def built(document: Mapping[str, Any], file: str) -> Tolerance:
    """The tolerance of a checked document.

    Raises
    ------
    ToleranceError
        If a key is missing, or two contradict each other.
    """
    scheme = document.get("scheme")
    if scheme is not None and "formula" in document:
        raise ToleranceError(f"{file}: both a formula and a scheme; one of them sizes the difference")
    if scheme is None and "formula" not in document:
        raise ToleranceError(f"{file}: the key 'formula' is missing, and there is no [scheme] in its place")
    key, other = ("delta_E", "value") if scheme is None else ("value", "delta_E")
    for number, row in enumerate(document.get("limit", ()), start=1):
        if other in row:
            beside = "a formula" if scheme is None else "a scheme"
            raise ToleranceError(f"{file}, limit {number}: key {other!r} beside {beside}; expected {key!r}")
    try:
        made = None if scheme is None else _scheme(scheme, file)
        return Tolerance(
            name=document["name"],
            formula=document["formula"] if made is None else made.name,
            viewings=tuple(parse_viewing(text) for text in document["viewings"]),
            limits=tuple(_limit(row) for row in (document["limit"] if made is None else document.get("limit", ()))),
            rule=document.get("rule", "guarded"),
            confidence=document.get("confidence", 0.95),
            source=document.get("source", ""),
            scheme=made,
            requirements=tuple(REQUIREMENTS[row["kind"]].build(row) for row in document.get("requirement", ())),
            textures=tuple(TEXTURE.build(row) for row in document.get("texture", ())),
        )
    except KeyError as error:
        raise ToleranceError(f"{file}: the key {error.args[0]!r} is missing") from error
    except ColorlabError as error:
        raise ToleranceError(f"{file}: {error}" if not str(error).startswith(file) else str(error)) from error


def _scheme(table: Mapping[str, Any], file: str) -> Scheme:
    if "name" not in table:
        raise ToleranceError(f"{file}, scheme: the key 'name' is missing")
    if "source" not in table:
        raise ToleranceError(
            f"{file}, scheme: the key 'source' is missing; say who states the weights of {table['name']} and where"
        )
    return Scheme(table["name"], table["source"], tuple(FORM.build(row) for row in table.get("form", ())))


class _Reader:
    def __init__(self, file: str, layer: bool) -> None:
        self.file = file
        self.layer = layer

    def refuse(self, where: str, found: str, expected: str) -> NoReturn:
        raise ToleranceError(f"{self.file}{where and ', '}{where}: {found}; expected {expected}")

    def document(self, document: Any) -> dict[str, Any]:
        tables = ("limit", "scheme", "requirement", "texture")
        top = {**_TOP, "inherits": _flag} if self.layer else _TOP
        result = self.table(document, top, "", tables)
        for key in document:
            if key == "scheme":
                result[key] = self.table(document[key], _SCHEME, "scheme", ("form",))
                if "form" in document[key]:
                    result[key]["form"] = self.rows(document[key]["form"], "scheme.form")
            elif key in tables:
                result[key] = self.rows(document[key], key)
        return result

    def table(self, value: Any, keys: Mapping[str, Check], where: str, tables: Sequence[str] = ()) -> dict[str, Any]:
        """The plain keys of a table, in one spelling; those in `tables` are known and left out."""
        if not isinstance(value, Mapping):
            self.refuse(where, _found(value), "a table")
        result = {}
        for key, found in value.items():
            if key in tables:
                continue
            place = f"{where}, key {key}" if where else f"key {key}"
            if key not in keys:
                self.refuse(where, f"unknown key {shortened(str(key))}", f"one of {', '.join((*keys, *tables))}")
            try:
                result[key] = keys[key](found)
            except _WrongKindError as wrong:
                self.refuse(place, _found(found), str(wrong))
            except ColorlabError as error:
                raise ToleranceError(f"{self.file}, {place}: {error}") from error
        return result

    def rows(self, value: Any, name: str) -> list[dict[str, Any]]:
        try:
            rows = _list(value)
        except _WrongKindError as wrong:
            found = f"{len(value)} rows" if isinstance(value, list) else _found(value)
            self.refuse(name, found, str(wrong).replace("a list", f"rows [[{name}]]").replace("entries", "rows"))
        result = [self.row(row, name, f"{name} {number}") for number, row in enumerate(rows, start=1)]
        seen: dict[tuple[str, ...], int] = {}
        for number, row in enumerate(result, start=1):
            place = row_place(name, row)
            if place in seen:
                raise ToleranceError(
                    f"{self.file}, {name} {number}: two {name} rows for the same place, {', '.join(place)}, "
                    f"the other is row {seen[place]}"
                )
            seen[place] = number
        return result

    def row(self, row: Any, name: str, where: str) -> dict[str, Any]:
        kind = self.kind(row, name, where)
        if self.layer and isinstance(row, Mapping) and "withdrawn" in row:
            return self.withdrawal(row, kind, where)
        result = self.table(row, kind.keys, where)
        result |= {key: _LEFT_OUT[key] for key in kind.place if key in _LEFT_OUT and key not in result}
        for key in kind.needed:
            if key not in result:
                self.refuse(where, f"the key {key!r} is missing", "it given")
        if kind is LIMIT and ("delta_E" in result) == ("value" in result):
            self.refuse(
                where,
                "both 'delta_E' and 'value'" if "value" in result else "the key 'delta_E' is missing",
                "'delta_E' beside a formula, 'value' beside a scheme",
            )
        try:
            kind.build(result)
        except ColorlabError as error:
            raise ToleranceError(f"{self.file}, {where}: {error}") from error
        return result

    def kind(self, row: Any, name: str, where: str) -> RowKind:
        if name != "requirement":
            return {"limit": LIMIT, "scheme.form": FORM, "texture": TEXTURE}[name]
        if not isinstance(row, Mapping):
            self.refuse(where, _found(row), "a table")
        kind = row.get("kind")
        if not isinstance(kind, str) or kind not in REQUIREMENTS:
            self.refuse(f"{where}, key kind", _found(kind), f"one of {', '.join(REQUIREMENTS)}")
        return REQUIREMENTS[kind]

    def withdrawal(self, row: Row, kind: RowKind, where: str) -> dict[str, Any]:
        """A row that says only which row of a layer below is to be left out."""
        keys = {key: kind.keys[key] for key in kind.place} | {"withdrawn": _flag}
        result = self.table(row, keys, where)
        if not result["withdrawn"]:
            self.refuse(f"{where}, key withdrawn", "false", "true, or the key left out")
        result |= {key: _LEFT_OUT[key] for key in kind.place if key in _LEFT_OUT and key not in result}
        for key in kind.place:
            if key not in result:
                self.refuse(where, f"the key {key!r} is missing", "what is withdrawn to be said")
        return result


def row_place(name: str, row: Row) -> tuple[str, ...]:
    """What a checked row is about: rows of one table with the same place replace each other in layers."""
    if name == "requirement":
        return tuple(str(row[key]) for key in REQUIREMENTS[row["kind"]].place)
    if name == "texture":
        return row["quantity"].strip().casefold(), row["angle"]
    return row["angle"], row["viewing"]


def _found(value: Any) -> str:
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
