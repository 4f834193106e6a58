"""A set of adjacent parts as a TOML file: which panel is which part, and how far they may differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colorlab.tolerance.document import tolerance_from_dict
from colorlab.tolerance.tolerance import Tolerance
from colorlab.workflows.files import parse_toml
from colorlab.workflows.vet import load_tolerance
from spectra.errors import MalformedFileError

_SET, _PART, _PAIR = {"name", "tolerance", "part", "pair"}, {"name", "file", "sample", "colour", "reference"}, {"parts"}
_EXAMPLE = 'such as [[part]] with name = "body" and file = "body.json"'


@dataclass(frozen=True, slots=True)
class PartEntry:
    """One `[[part]]`: a measurement of a file, or the standard in force of a colour of the lab."""

    name: str
    file: Path | None
    sample: str | None
    colour: str | None
    reference: bool


@dataclass(frozen=True, slots=True, eq=False)
class SetDocument:
    """What a set file says.

    Attributes
    ----------
    name : str
    parts : tuple of PartEntry
    tolerance : Tolerance or None
        None where it leaves it to the lab or the house.
    of_pairs : tuple of ((str, str), Tolerance)
    """

    name: str
    parts: tuple[PartEntry, ...]
    tolerance: Tolerance | None
    of_pairs: tuple[tuple[tuple[str, str], Tolerance], ...]

    @property
    def reference(self) -> str | None:
        """Name of the part marked so."""
        return next((part.name for part in self.parts if part.reference), None)


def parse_set(content: bytes, path: Path) -> SetDocument:
    """Read a set file; the files it names lie beside it.

    Keys: `name`; `tolerance`, a file or a table; `[[part]]` with `name`, `file` and `sample` where the file holds
    several, or `colour`, and `reference = true` for the part the others are judged against; `[[pair]]` with `parts`,
    two names, and a `tolerance` of its own.

    Raises
    ------
    MalformedFileError
        Naming the key.
    FileError, ToleranceError
        If a tolerance it names cannot be read.
    """
    document = parse_toml(content, path.name)
    _only(document, _SET, path.name, "")
    parts = tuple(_part(row, path, f"part {n}") for n, row in enumerate(_rows(document, "part", path.name), start=1))
    if not parts:
        raise MalformedFileError(path.name, "no part", where="key part", expected=_EXAMPLE)
    if sum(part.reference for part in parts) > 1:
        names = ", ".join(part.name for part in parts if part.reference)
        raise MalformedFileError(path.name, f"{names} are all marked reference", where="key part", expected="one")
    given = document.get("tolerance")
    pairs = []
    for number, row in enumerate(_rows(document, "pair", path.name), start=1):
        where = f"pair {number}"
        _only(row, _PAIR | {"tolerance"}, path.name, where)
        both = row.get("parts")
        if not (isinstance(both, list) and len(both) == 2 and all(isinstance(one, str) for one in both)):
            raise MalformedFileError(path.name, repr(both)[:80], where=f"{where}, key parts", expected="two names")
        if "tolerance" not in row:
            raise MalformedFileError(path.name, "no tolerance", where=where, expected="a file or a table")
        pairs.append(((both[0], both[1]), _tolerance(row["tolerance"], path, f"{where}, key tolerance")))
    return SetDocument(
        name=_text(document, "name", path.name, "") or path.stem,
        parts=parts,
        tolerance=None if given is None else _tolerance(given, path, "key tolerance"),
        of_pairs=tuple(pairs),
    )


def _part(row: Mapping[str, Any], path: Path, where: str) -> PartEntry:
    _only(row, _PART, path.name, where)
    name, file, sample, colour = (_text(row, key, path.name, where) for key in ("name", "file", "sample", "colour"))
    reference = row.get("reference", False)
    if not isinstance(reference, bool):
        raise MalformedFileError(
            path.name, repr(reference)[:40], where=f"{where}, key reference", expected="true or false"
        )
    if name is None:
        raise MalformedFileError(path.name, "no name", where=where, expected=_EXAMPLE)
    if (file is None) == (colour is None) or (sample is not None and file is None):
        found = "neither file nor colour" if file is None and colour is None else "file and colour"
        if file is None and sample is not None:
            found = "a sample without a file"
        raise MalformedFileError(
            path.name, found, where=where, expected="a file, with sample if it holds several, or a colour of the lab"
        )
    return PartEntry(name, None if file is None else path.parent / file, sample, colour, reference)


def _tolerance(value: Any, path: Path, where: str) -> Tolerance:
    if isinstance(value, str) and value:
        return load_tolerance(path.parent / value)
    if isinstance(value, dict):
        return tolerance_from_dict(value, f"{path.name}, {where}")
    raise MalformedFileError(path.name, repr(value)[:80], where=where, expected="the name of a file, or a table")


def _rows(document: Mapping[str, Any], key: str, file: str) -> list[Mapping[str, Any]]:
    rows = document.get(key, [])
    if not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
        raise MalformedFileError(file, repr(rows)[:80], where=f"key {key}", expected=f"tables, [[{key}]]")
    return rows


def _only(row: Mapping[str, Any], known: set[str], file: str, where: str) -> None:
    stray = sorted(set(row) - known)
    if stray:
        place = f"{where}, key {stray[0]}" if where else f"key {stray[0]}"
        raise MalformedFileError(file, "not known", where=place, expected=", ".join(sorted(known)))


def _text(row: Mapping[str, Any], key: str, file: str, where: str) -> str | None:
    value = row.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        place = f"{where}, key {key}" if where else f"key {key}"
        raise MalformedFileError(file, repr(value)[:80], where=place, expected="a text")
    return value
