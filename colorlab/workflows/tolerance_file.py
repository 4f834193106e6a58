"""A tolerance as the TOML file that `colorlab vet --tolerance` and `colorlab lab tolerance` read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from colorlab.tolerance.inherit import flat
from colorlab.tolerance.tolerance import Tolerance
from colorlab.workflows.text import one_line


def write_tolerance(tolerance: Tolerance, origins: Mapping[str, str] | None = None) -> bytes:
    """The file.

    Parameters
    ----------
    tolerance : Tolerance
    origins : mapping of str to str, optional
        The layer each key is from, by the names of `colorlab.tolerance.inherit.Resolved`; they become comments.
    """
    document = tolerance.as_dict()
    said = {id(value): origin for key, value in flat(document).items() if (origin := (origins or {}).get(key))}
    lines = list(_pairs({key: value for key, value in document.items() if not _is_table(value)}, origins or {}))
    for row in document.get("limit", []):
        lines += ["", f"[[limit]]{_comment(said.get(id(row)))}", *_pairs(row)]
    scheme = document.get("scheme")
    if scheme is not None:
        own = {key: scheme[key] for key in ("name", "source")}
        named = {key: origin for key in own if (origin := (origins or {}).get(f"scheme.{key}"))}
        lines += ["", "[scheme]", *_pairs(own, named)]
        for row in scheme["form"]:
            lines += ["", f"[[scheme.form]]{_comment(said.get(id(row)))}", *_pairs(row)]
    for name in ("requirement", "texture"):
        for row in document.get(name, []):
            lines += ["", f"[[{name}]]{_comment(said.get(id(row)))}", *_pairs(row)]
    return ("\n".join(lines) + "\n").encode()


def _pairs(values: Mapping[str, Any], origins: Mapping[str, str] | None = None) -> Iterator[str]:
    for key, value in values.items():
        yield f"{key} = {_toml(value)}{_comment((origins or {}).get(key))}"


def _comment(origin: str | None) -> str:
    return "" if origin is None else f"  # {one_line(origin)}"


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict) for one in value))


def _toml(value: Any) -> str:
    """A text, a number or a list of them; JSON writes these as TOML does."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
