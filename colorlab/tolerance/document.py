"""A tolerance as TOML or as a stored document: every key and kind checked, each complaint with file and key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any, NoReturn

from colorlab.colorimetry.viewing import parse_viewing
from colorlab.difference.effect import Scheme
from colorlab.tolerance import kinds
from colorlab.tolerance.rows import FORM, LEFT_OUT, LIMIT, REQUIREMENTS, TEXTURE, Row, RowKind, limit_of, row_place
from colorlab.tolerance.table_reader import TableReader
from colorlab.tolerance.tolerance import RULES, Tolerance
from spectra.errors import ColorlabError, ToleranceError

MAX_BYTES = 2**20
_TOP = {
    **{"name": kinds.text, "formula": kinds.text, "viewings": kinds.viewings, "rule": kinds.one_of(RULES)},
    **{"confidence": kinds.number, "source": kinds.text},
}
_SCHEME = {"name": kinds.text, "source": kinds.text}


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
    if scheme is None and "formula" not in document:
        raise ToleranceError(f"{file}: the key 'formula' is missing, and there is no [scheme] in its place")
    key, other = ("delta_E", "value") if scheme is None else ("value", "delta_E")
    for number, row in enumerate(document.get("limit", ()), start=1):
        if other in row:
            beside = "a formula" if scheme is None else "a scheme"
            raise ToleranceError(f"{file}, limit {number}: key {other!r} beside {beside}; expected {key!r}")
    made = None if scheme is None else _scheme(scheme, file)
    try:
        return Tolerance(
            name=document["name"],
            formula=document["formula"] if made is None else made.name,
            viewings=tuple(parse_viewing(text) for text in document["viewings"]),
            limits=tuple(limit_of(row) for row in (document["limit"] if made is None else document.get("limit", ()))),
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
        raise ToleranceError(f"{file}: {error}") from error


def _scheme(table: Mapping[str, Any], file: str) -> Scheme:
    if "name" not in table:
        raise ToleranceError(f"{file}, scheme: the key 'name' is missing")
    if "source" not in table:
        raise ToleranceError(
            f"{file}, scheme: the key 'source' is missing; say who states the weights of {table['name']} and where"
        )
    try:
        return Scheme(table["name"], table["source"], tuple(FORM.build(row) for row in table.get("form", ())))
    except ColorlabError as error:
        raise ToleranceError(f"{file}, scheme: {error}") from error


class _Reader(TableReader):
    def __init__(self, file: str, layer: bool) -> None:
        super().__init__(file)
        self.layer = layer

    def refuse(self, where: str, found: str, expected: str) -> NoReturn:
        raise ToleranceError(f"{self.file}{', ' if where else ''}{where}: {found}; expected {expected}")

    def impossible(self, place: str, error: ColorlabError) -> NoReturn:
        raise ToleranceError(f"{self.file}, {place}: {error}") from error

    def document(self, document: Any) -> dict[str, Any]:
        tables = ("limit", "scheme", "requirement", "texture")
        top = {**_TOP, "inherits": kinds.flag} if self.layer else _TOP
        result = self.table(document, top, "", tables)
        if "formula" in document and "scheme" in document:
            self.refuse("", "both a formula and a scheme", "one of them to size the difference")
        for key in document:
            if key == "scheme":
                result[key] = self.table(document[key], _SCHEME, "scheme", ("form",))
                if "form" in document[key]:
                    result[key]["form"] = self.rows(document[key]["form"], "scheme.form")
            elif key in tables:
                result[key] = self.rows(document[key], key)
        return result

    def rows(self, value: Any, name: str) -> list[dict[str, Any]]:
        try:
            rows = kinds.entries(value)
        except kinds.WrongKindError as wrong:
            found = f"{len(value)} rows" if isinstance(value, list) else kinds.found_value(value)
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
        result |= {key: LEFT_OUT[key] for key in kind.place if key in LEFT_OUT and key not in (*result, *kind.needed)}
        for key in kind.needed:
            if key not in result:
                raise ToleranceError(f"{self.file}, {where}: the key {key!r} is missing")
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
            self.refuse(where, kinds.found_value(row), "a table")
        kind = row.get("kind")
        if not isinstance(kind, str) or kind not in REQUIREMENTS:
            self.refuse(f"{where}, key kind", kinds.found_value(kind), f"one of {', '.join(REQUIREMENTS)}")
        return REQUIREMENTS[kind]

    def withdrawal(self, row: Row, kind: RowKind, where: str) -> dict[str, Any]:
        """A row that says only which row of a layer below is to be left out."""
        keys = {key: kind.keys[key] for key in kind.place} | {"withdrawn": kinds.flag}
        result = self.table(row, keys, where)
        if not result["withdrawn"]:
            self.refuse(f"{where}, key withdrawn", "false", "true, or the key left out")
        result |= {key: LEFT_OUT[key] for key in kind.place if key in LEFT_OUT and key not in (*result, *kind.needed)}
        for key in kind.place:
            if key not in result:
                raise ToleranceError(
                    f"{self.file}, {where}: the key {key!r} is missing, so what is withdrawn is not said"
                )
        return result
