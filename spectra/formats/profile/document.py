"""A mapping profile: a TOML file that says what the headings of an instrument's table mean, without any code."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn, cast

from spectra.errors import GeometryError, MalformedFileError, UnsafeFileError
from spectra.formats.base import UNITS, ReflectanceUnit
from spectra.formats.declared import illuminant_and_observer, single_geometry
from spectra.formats.profile.rules import (
    COLOURS,
    LAB,
    LAYOUTS,
    QUANTITIES,
    XYZ,
    ColumnRule,
    Layout,
    Profile,
    Repeats,
)
from spectra.formats.profile.template import Template, TemplateError, plain, template
from spectra.formats.text import ENCODINGS, printable, shortened
from spectra.geometry import canonical
from spectra.stated import Role

MAX_PROFILE_BYTES = 256 * 2**10
MAX_COLUMNS, MAX_HEADINGS, MAX_ANGLES, MAX_REQUIRED = 500, 100, 100, 100
MAX_HEADER_ROW = 50  # instruments print a title, a date and their settings above the table

_KEYS = {
    **{
        "name": str,
        "title": str,
        "source": str,
        "verified": bool,
        "layout": str,
        "required": list,
        "without": list,
        "column": list,
    },
    **{"instrument": str, "geometry": str, "unit": str, "date_format": str, "repeats": str, "block": str},
    **{"table": dict, "angles": dict, "optional_angles": list, "roles": dict},
}
_TABLE_KEYS = {
    **{"delimiter": (str, list), "decimal": (str, list), "encoding": str, "sheet": str},
    **{"header_row": int, "header_rows": int, "skip_rows": int},
}
_COLUMN_KEYS = {
    **{"headings": (str, list), "quantity": str, "angle": str, "texture": str, "version": str},
    **{"illuminant": str, "observer": str},
}
_KINDS = {str: "text", bool: "true or false", int: "a whole number", list: "a list", dict: "a table"}
_COLUMN_LINE = re.compile(r"^[ \t]*\[\[[ \t]*column[ \t]*\]\]", re.MULTILINE)
_ROLES: dict[str, Role] = {"standard": "standard", "sample": "sample", "undeclared": "undeclared"}


def parse_profile(content: bytes, file_name: str) -> Profile:
    """A mapping profile from its TOML.

    Raises
    ------
    MalformedFileError
        Names the key, and for a column its line.
    UnsafeFileError
    """
    if len(content) > MAX_PROFILE_BYTES:
        raise UnsafeFileError(file_name, f"{len(content)} bytes", expected=f"at most {MAX_PROFILE_BYTES} in a profile")
    try:
        text = content.decode("utf-8-sig")
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedFileError(file_name, str(error)[:200], expected="a mapping profile in TOML, UTF-8") from error
    lines = [text.count("\n", 0, match.start()) + 1 for match in _COLUMN_LINE.finditer(text)]
    return _ProfileReader(document, file_name, lines).profile()


class _ProfileReader:
    def __init__(self, document: dict[str, Any], file_name: str, column_lines: Sequence[int]) -> None:
        self.file_name = file_name
        self.document = self.checked(document, _KEYS, "the profile")
        self.column_lines = column_lines

    def refuse(self, where: str, found: str, expected: str) -> NoReturn:
        raise MalformedFileError(self.file_name, found, where=where, expected=expected)

    def checked(self, table: Any, kinds: Mapping[str, Any], where: str) -> dict[str, Any]:
        """A table whose keys are known and of their kinds."""
        if not isinstance(table, dict):
            self.refuse(where, "no table", f"keys {', '.join(kinds)}")
        for key, value in table.items():
            kind = kinds.get(key)
            if kind is None:
                self.refuse(where, f"key {shortened(key)} is not known", f"one of {', '.join(kinds)}")
            if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
                names = " or ".join(_KINDS[one] for one in (kind if isinstance(kind, tuple) else (kind,)))
                self.refuse(f"{where}, key {key}", shortened(repr(value)[:80]), names)
        return table

    def texts(self, table: Mapping[str, Any], key: str, where: str, most: int) -> tuple[str, ...]:
        """A key that is one text or a list of them, in `plain` form."""
        value = table.get(key, ())
        values = (value,) if isinstance(value, str) else tuple(value)
        if len(values) > most or not all(isinstance(one, str) and one.strip() for one in values):
            self.refuse(f"{where}, key {key}", f"{len(values)} entries", f"at most {most} texts, none empty")
        return values

    def choice(self, table: Mapping[str, Any], key: str, where: str, known: Sequence[str], default: str) -> str:
        value = str(table.get(key, default))
        if value not in known:
            self.refuse(f"{where}, key {key}", shortened(value), f"one of {', '.join(known)}")
        return value

    def profile(self) -> Profile:
        top = self.document
        where = "the profile"
        for key in ("name", "title", "source", "verified", "layout", "required", "column"):
            if key not in top or top[key] in ("", []):
                self.refuse(where, f"no {key}", "name, title, source, verified, layout, required and [[column]]")
        layout = cast("Layout", self.choice(top, "layout", where, LAYOUTS, ""))
        angles = self.angles()
        columns = tuple(self.column(place, angles) for place in range(len(top["column"][: MAX_COLUMNS + 1])))
        if len(columns) > MAX_COLUMNS:
            self.refuse(where, f"more than {MAX_COLUMNS} columns", "fewer")
        geometry = single_geometry(top["geometry"]) if "geometry" in top else None
        if "geometry" in top and geometry is None:
            self.refuse("key geometry", shortened(top["geometry"]), "d/8 SCI, d/8 SCE, d/8 or 45:0")
        unit = self.choice(top, "unit", where, UNITS, "fraction") if "unit" in top else None
        block = self.template(top["block"], angles, "key block") if "block" in top else None
        table = self.checked(top.get("table", {}), _TABLE_KEYS, "[table]")
        delimiters, decimals = self.signs(table)
        encoding = table.get("encoding")
        if encoding is not None and encoding not in ENCODINGS:
            self.refuse("[table], key encoding", shortened(encoding), f"one of {', '.join(ENCODINGS)}")
        tokens = set(angles.values())
        optional = frozenset(self.texts(top, "optional_angles", where, MAX_ANGLES))
        if not optional <= tokens:
            self.refuse("key optional_angles", ", ".join(sorted(optional - tokens)), "angle pairs of [angles]")
        profile = Profile(
            name=printable(top["name"]),
            title=printable(top["title"]),
            source=printable(" ".join(top["source"].split())),
            verified=top["verified"],
            layout=layout,
            required=self.required(),
            without=frozenset(plain(one) for one in self.texts(top, "without", where, MAX_REQUIRED)),
            columns=columns,
            instrument=printable(top["instrument"]) if "instrument" in top else None,
            geometry=geometry,
            unit=cast("ReflectanceUnit | None", unit),
            date_format=self.date_format(),
            repeats=cast("Repeats", self.choice(top, "repeats", where, ("readings", "separate"), "readings")),
            block=block,
            angles={plain(text): token for text, token in angles.items()},
            optional_angles=optional,
            roles=self.roles(),
            delimiters=delimiters,
            decimals=decimals,
            encoding=encoding,
            sheet=table.get("sheet"),
            header_row=self.count(table, "header_row", None, MAX_HEADER_ROW),
            header_rows=self.count(table, "header_rows", 1, 2) or 1,
            skip_rows=self.count(table, "skip_rows", 0, 10, least=0) or 0,
        )
        self.refuse_senseless(profile)
        return profile

    def required(self) -> tuple[frozenset[str], ...]:
        """Each entry a heading, or a list of headings of which one is enough."""
        entries = self.document["required"]
        if len(entries) > MAX_REQUIRED:
            self.refuse("key required", f"{len(entries)} entries", f"at most {MAX_REQUIRED}")
        found = []
        for place, entry in enumerate(entries, start=1):
            texts = entry if isinstance(entry, list) and entry else [entry]
            if not all(isinstance(one, str) and one.strip() for one in texts) or len(texts) > MAX_HEADINGS:
                self.refuse(f"key required, entry {place}", shortened(repr(entry)[:80]), "a heading, or a list of some")
            found.append(frozenset(map(plain, texts)))
        return tuple(found)

    def angles(self) -> dict[str, str]:
        angles: dict[str, str] = {}
        for text, token in self.document.get("angles", {}).items():
            where = f"[angles], key {shortened(text)}"
            if not isinstance(token, str) or not text.strip() or len(text) > 40 or len(angles) == MAX_ANGLES:
                self.refuse(where, shortened(repr(token)[:80]), f"at most {MAX_ANGLES} texts with an angle pair each")
            try:
                angles[text] = canonical(token)
            except GeometryError as error:
                raise MalformedFileError(self.file_name, str(error), where=where) from error
        if len({plain(text) for text in angles}) != len(angles):
            self.refuse("[angles]", "two texts that differ in blanks or signs only", "each once")
        return angles

    def column(self, place: int, angles: Mapping[str, str]) -> ColumnRule:
        known_line = len(self.column_lines) == len(self.document["column"])
        key = f"column {place + 1}" + (f" (line {self.column_lines[place]})" if known_line else "")
        table = self.checked(self.document["column"][place], _COLUMN_KEYS, key)
        for needed in ("headings", "quantity"):
            if not table.get(needed):
                self.refuse(key, f"no {needed}", "headings and quantity")
        quantity = self.choice(table, "quantity", key, QUANTITIES, "")
        templates = tuple(self.template(one, angles, key) for one in self.texts(table, "headings", key, MAX_HEADINGS))
        allowed = {
            "reflectance": {"angle", "wavelength"},
            "texture": {"angle"},
        }.get(quantity, {"angle", "illuminant", "observer"} if quantity in COLOURS else set())
        for one in templates:
            if not one.parts <= allowed:
                wrong = ", ".join(f"{{{part}}}" for part in sorted(one.parts - allowed))
                self.refuse(f"{key}, heading {shortened(one.text)}", wrong, f"none of these in a heading of {quantity}")
            if quantity == "reflectance" and "wavelength" not in one.parts:
                self.refuse(
                    f"{key}, heading {shortened(one.text)}", "no {wavelength}", "it in a heading of reflectance"
                )
            if "angle" in one.parts and "angle" in table:
                self.refuse(f"{key}, key angle", shortened(table["angle"]), "no angle where the heading has {angle}")
        if (quantity == "texture") != ("texture" in table):
            self.refuse(
                key, f"quantity {quantity}", "key texture, the value's name, with quantity texture and only there"
            )
        angle = table.get("angle")
        if angle is not None and quantity != "texture":
            try:
                angle = canonical(angles.get(angle, angle))
            except GeometryError as error:
                raise MalformedFileError(self.file_name, str(error), where=f"{key}, key angle") from error
        illuminant, observer = self.viewing(table, quantity, key)
        return ColumnRule(
            headings=templates,
            quantity=quantity,
            angle=angle,
            texture=printable(table.get("texture", "")),
            version=printable(table.get("version", "")),
            illuminant=illuminant,
            observer=observer,
            key=key,
        )

    def viewing(self, table: Mapping[str, Any], quantity: str, key: str) -> tuple[str | None, str | None]:
        if "illuminant" not in table and "observer" not in table:
            return None, None
        stated = f"{table.get('illuminant', '')}/{table.get('observer', '')}"
        viewing = illuminant_and_observer(stated)
        if viewing is None or quantity not in COLOURS:
            self.refuse(f"{key}, illuminant and observer", shortened(stated), "both, such as D65 and 10, of a colour")
        return viewing

    def template(self, text: Any, angles: Mapping[str, str], where: str) -> Template:
        try:
            return template(text, angles)
        except TemplateError as error:
            raise MalformedFileError(self.file_name, str(error), where=f"{where}, {shortened(text)}") from error

    def signs(self, table: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        found = []
        for key, default, known in (
            ("delimiter", [",", ";", "\t"], (",", ";", "\t", "|")),
            ("decimal", ["."], (".", ",")),
        ):
            value = table.get(key) or default
            values = [value] if isinstance(value, str) else value
            if not all(one in tuple(known) for one in values):
                self.refuse(f"[table], key {key}", shortened(repr(values)[:80]), " or ".join(map(repr, known)))
            found.append(tuple(values))
        return found[0], found[1]

    def count(
        self, table: Mapping[str, Any], key: str, default: int | None, most: int, *, least: int = 1
    ) -> int | None:
        value = table.get(key, default)
        if value is not None and not least <= value <= most:
            self.refuse(f"[table], key {key}", str(value)[:20], f"{least} to {most}")
        return cast("int | None", value)

    def date_format(self) -> str | None:
        pattern = self.document.get("date_format")
        if pattern is None:
            return None
        moment = datetime(2026, 3, 1, 8, 30)  # noqa: DTZ001 - only to see whether the pattern can be read back
        try:
            understood = len(pattern) <= 60 and datetime.strptime(moment.strftime(pattern), pattern).date()  # noqa: DTZ007
        except (ValueError, re.error, UnicodeError):
            understood = False
        if understood != moment.date():
            self.refuse("key date_format", shortened(pattern), "day, month and year, such as %d.%m.%Y %H:%M:%S")
        return str(pattern)

    def roles(self) -> dict[str, Role]:
        roles = dict(_ROLES)
        for word, role in self.document.get("roles", {}).items():
            if not isinstance(role, str) or role not in _ROLES:
                self.refuse(f"[roles], key {shortened(word)}", shortened(repr(role)[:80]), ", ".join(_ROLES))
            roles[plain(word).casefold()] = cast("Role", role)
        return roles

    def refuse_senseless(self, profile: Profile) -> None:
        """Refuse what no table can satisfy."""
        values = [rule for rule in profile.columns if rule.quantity in (*COLOURS, "reflectance")]
        quantities = {rule.quantity for rule in profile.columns}
        for axes in (LAB, XYZ):
            if 0 < len(quantities & set(axes)) < 3:
                self.refuse("[[column]]", f"only {', '.join(sorted(quantities & set(axes)))}", ", ".join(axes))
        if not values:
            self.refuse("[[column]]", "no colour and no reflectance", "L, a, b or X, Y, Z or reflectance")
        angled = [rule.angle is not None or all("angle" in one.parts for one in rule.headings) for rule in values]
        none = [rule.angle is None and not any("angle" in one.parts for one in rule.headings) for rule in values]
        if profile.layout == "columns":
            for rule, has, has_not in zip(values, angled, none, strict=True):
                if not (has if any(angled) else has_not):
                    self.refuse(
                        rule.key, "headings with and without an angle", "all with {angle} or a key angle, or none"
                    )
            if "angle" in quantities or profile.block is not None:
                self.refuse("key layout", "columns", "no angle column and no block, or layout rows or blocks")
        else:
            if not all(none):
                rule = next(rule for rule, has_not in zip(values, none, strict=True) if not has_not)
                self.refuse(rule.key, "an angle", f"none: with layout {profile.layout} the rows say it")
            if "sample" not in quantities:
                self.refuse("[[column]]", "no sample", f"a sample column: layout {profile.layout} gathers by it")
            if ("angle" in quantities, profile.block is not None) != (
                profile.layout == "rows",
                profile.layout != "rows",
            ):
                self.refuse("key layout", profile.layout, "rows with an angle column, or blocks with key block")
        if profile.geometry is not None and (profile.layout != "columns" or any(angled)):
            self.refuse("key geometry", profile.geometry.name, "none where headings or rows say the angle")
        if profile.block is not None and "angle" not in profile.block.parts:
            self.refuse("key block", shortened(profile.block.text), "a text with {angle}")
