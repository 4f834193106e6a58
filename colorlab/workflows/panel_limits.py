"""The file of limits a panel is judged by: a programme's, what a finish changes of them, what a colour changes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from colorlab.workflows.files import parse_toml, read_bytes
from inspections.metrics import METRICS
from inspections.rounds.limits import SIDES, AppearanceLimits, LimitLayer, MetricLimit, resolve_limits
from spectra.errors import MalformedFileError, PhotoError

_KEYS = ("inherits", "max_rounds", "guard_factor", "limit")
_ROW = "[[limit]] with metric, maximum or minimum, and unit; or metric and withdrawn = true"
_ROW_KEYS = {"metric", "maximum", "minimum", "unit", "withdrawn"}


def load_limits(path: Path, *, colour: str | None = None, finish: str | None = None) -> AppearanceLimits:
    """The limits of a colour and its finish.

    The file's own keys are the programme's; `[finish.<name>]` and `[colour.<code>]` hold what these change of it.

    Parameters
    ----------
    path : Path
    colour : str or None
        Code; a colour the file does not name has the limits of its finish.
    finish : str or None
        Needed when the file tells finishes apart.

    Raises
    ------
    FileError
        If the file cannot be read or does not say what it must.
    PhotoError
        If the file tells finishes apart and none is named.
    """
    content = read_bytes(path)
    document = parse_toml(content, path.name)
    file = _LimitsFile(path.name, content.decode("utf-8"))
    name = document.pop("name", path.stem)
    if not isinstance(name, str) or not name.strip():
        raise file.wrong(f"name is {name!r}", "a text")
    finishes, colours = (file.tables(document.pop(kind, {}), kind) for kind in ("finish", "colour"))
    layers = [file.layer("programme", "", document)]
    layers += [file.layer(f"finish {one}", f"finish.{one}.", table) for one, table in finishes.items()]
    layers += [file.layer(f"colour {one}", f"colour.{one}.", table) for one, table in colours.items()]
    if finishes and finish is None:
        raise PhotoError(
            f"{path.name} has limits of their own for the finishes {', '.join(finishes)}, and the panel's finish is "
            "not known; name it with --finish, or the colour of a lab"
        )
    for kind, asked, held in (("finish", finish, finishes), ("colour", colour, colours)):
        near = get_close_matches(asked.casefold(), [one.casefold() for one in held], 1) if asked else []
        if asked and asked not in held and near:
            meant = next(one for one in held if one.casefold() == near[0])
            raise PhotoError(
                f"{path.name} has no {kind} {asked!r}; it has {meant!r}: write the one that is meant alike"
            )
    wanted = ("programme", f"finish {finish}", f"colour {colour}")
    try:
        return resolve_limits(name, [layer for layer in layers if layer.name in wanted])
    except PhotoError as error:
        raise file.wrong(str(error), _ROW) from error


class _LimitsFile:
    """A file being read, for complaints that say where."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.lines = text.splitlines()

    def wrong(self, found: str, expected: str, header: str = "", row: int = 0) -> MalformedFileError:
        line = self._line(header, row) if header else None
        return MalformedFileError(self.name, found if line is None else f"line {line}: {found}", expected=expected)

    def tables(self, found: Any, kind: str) -> Mapping[str, Mapping[str, Any]]:
        if not isinstance(found, dict) or not all(isinstance(table, dict) for table in found.values()):
            raise self.wrong(f"{kind} is no table of tables", f"[{kind}.<name>]")
        return found

    def layer(self, name: str, place: str, table: Mapping[str, Any]) -> LimitLayer:
        """One layer; `place` is what stands before its keys, such as "finish.matte."."""
        header = place.removesuffix(".")
        for key in table:
            if key not in _KEYS:
                known = ", ".join(_KEYS if place else ("name", *_KEYS[1:], "finish", "colour"))
                raise self.wrong(f"unknown key {place}{key}", f"one of {known}", header)
        inherits = table.get("inherits", True)
        if not isinstance(inherits, bool) or (not place and not inherits):
            raise self.wrong(f"{place}inherits is {inherits!r}", "true or false, in a finish or colour", header)
        rules = {key: table[key] for key in ("max_rounds", "guard_factor") if key in table}
        rounds = rules.get("max_rounds", 0)
        if not isinstance(rounds, int) or isinstance(rounds, bool) or rounds < 0:
            raise self.wrong(f"{place}max_rounds is {rounds!r}", "a whole number, 0 or more", header)
        self._number(rules.get("guard_factor", 0), f"{place}guard_factor", header, 0)
        if rules.get("guard_factor", 0) < 0:
            raise self.wrong(f"{place}guard_factor is {rules['guard_factor']!r}", "a number, 0 or more", header)
        rows = table.get("limit", [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.wrong(f"{place}limit is no list of tables", _ROW, header)
        limits: list[MetricLimit] = []
        withdrawn: list[str] = []
        for number, row in enumerate(rows):
            read = self._row(place, number, row)
            if isinstance(read, str):
                withdrawn.append(read)
            elif any((read.metric, read.side) == (one.metric, one.side) for one in limits):
                raise self.wrong(f"{read.metric} has two limits", f"one {read.side}", f"{place}limit", number)
            else:
                limits.append(read)
        return LimitLayer(name, tuple(limits), tuple(withdrawn), rules, inherits)

    def _row(self, place: str, number: int, row: Mapping[str, Any]) -> MetricLimit | str:
        """One [[limit]]: a bound, or the metric that is withdrawn."""
        header = f"{place}limit"
        metric = row.get("metric")
        if not isinstance(metric, str) or metric not in METRICS:
            raise self.wrong(f"metric {metric!r} is not one of {', '.join(METRICS)}", _ROW, header, number)
        if set(row) == {"metric", "withdrawn"} and row["withdrawn"] is True and place:
            return metric
        sides = [side for side in SIDES if side in row]
        if set(row) - _ROW_KEYS or len(sides) != 1 or set(row) != {"metric", "unit", sides[0]}:
            raise self.wrong(f"{header} of {metric} has the keys {', '.join(row)}", _ROW, header, number)
        if row["unit"] != METRICS[metric].unit:
            raise self.wrong(f"{metric} in {row['unit']!r}; it is in {METRICS[metric].unit}", _ROW, header, number)
        self._number(row[sides[0]], f"{sides[0]} of {metric}", header, number)
        return MetricLimit(metric, float(row[sides[0]]), row["unit"], sides[0])

    def _number(self, value: Any, what: str, header: str, row: int) -> None:
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            raise self.wrong(f"{what}: {value!r} is not a finite number", "a number", header, row)

    def _line(self, header: str, row: int) -> int | None:
        """Line of a table's header: the row-th [[header]], or the [header]; None where it is written otherwise."""
        pattern = re.compile(
            r"\s*\[\[?\s*" + r"\s*\.\s*".join(f"[\"']?{re.escape(p)}[\"']?" for p in header.split(".")) + r"\s*\]"
        )
        found = [number for number, line in enumerate(self.lines, 1) if pattern.match(line)]
        return found[row] if row < len(found) else None
