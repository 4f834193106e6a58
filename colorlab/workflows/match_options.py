"""Rules of a match as a command line states them: a file's, with what the options say put before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from colorlab.workflows.match import Asked, read_rules
from spectra.errors import FormulationError

_RANGE = re.compile(r"\s*(?P<code>[^=]+?)\s*=\s*(?P<low>[0-9.]+)\s*\.\.\s*(?P<high>[0-9.]+)\s*%?\s*")
_PART = re.compile(r"\s*(?P<code>[^=]+?)\s*=\s*(?P<mass>[0-9.]+)\s*g?\s*")


def asked_for(
    rules: Path | None,
    *,
    max_colorants: int | None = None,
    allowed: Sequence[str] = (),
    required: Sequence[str] = (),
    forbidden: Sequence[str] = (),
    incompatible: Sequence[str] = (),
    doses: Sequence[str] = (),
    max_load: float | None = None,
    max_price: float | None = None,
    leftovers: Sequence[str] = (),
    illuminants: str | None = None,
    weights: str | None = None,
    formula: str | None = None,
    film_um: float | None = None,
) -> Asked:
    """The document of all rules.

    Parameters
    ----------
    rules : Path, optional
        A file; what the options say goes before it, and lists and tables are added to its own.
    max_colorants, allowed, required, forbidden, max_load, max_price, illuminants, weights, formula, film_um
        As `colorlab match` takes them.
    incompatible : sequence of str
        `A,B`
    doses : sequence of str
        `CODE=MIN..MAX`, percent by mass.
    leftovers : sequence of str
        `NAME: CODE=MASS, CODE=MASS`

    Raises
    ------
    FileError
        If the file cannot be read.
    FormulationError
        If a text is not of its form.
    """
    read = Asked({}, "options") if rules is None else read_rules(rules)
    document = dict(read.document)
    simple = {
        "max_colorants": max_colorants,
        "allowed": list(allowed) or None,
        "greatest_load_percent": max_load,
        "greatest_price_per_kg": max_price,
    }
    document |= {key: value for key, value in simple.items() if value is not None}
    more: dict[str, list[Any]] = {
        "also_required": list(required),
        "forbidden": list(forbidden),
        "incompatible": [_words(group) for group in incompatible],
        "leftover": [_leftover(text) for text in leftovers],
    }
    for key, values in more.items():
        if values:
            own = document.get(key, [])
            document[key] = [*own, *values] if isinstance(own, list) else own
    ranges = dict(map(_dose, doses))
    if ranges:
        own = document.get("dose_percent", {})
        document["dose_percent"] = {**own, **ranges} if isinstance(own, dict) else own
    goal: dict[str, Any] = {
        "viewings": None if illuminants is None else _words(illuminants),
        "weights": None if weights is None else numbers("--weights", weights),
        "formula": formula,
        "hiding": None if film_um is None else {"film_um": film_um},
    }
    goal = {key: value for key, value in goal.items() if value is not None}
    if goal:
        own = document.get("objective", {})
        document["objective"] = {**own, **goal} if isinstance(own, dict) else own
    return Asked(document, read.file)


def numbers(option: str, text: str) -> list[float]:
    """Numbers from `1,2,3`.

    Raises
    ------
    FormulationError
        If one is none.
    """
    try:
        return [float(word) for word in _words(text)]
    except ValueError as error:
        raise FormulationError(f"{option} {text[:80]!r}; expected numbers such as 0.5,0.25,0.25") from error


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _dose(text: str) -> tuple[str, list[float]]:
    found = _RANGE.fullmatch(text)
    if found is None or found["low"].count(".") > 1 or found["high"].count(".") > 1:
        raise FormulationError(f"--dose {text[:80]!r}; expected CODE=MIN..MAX in percent by mass, such as 07H=0.1..2")
    return found["code"], [float(found["low"]), float(found["high"])]


def _leftover(text: str) -> dict[str, Any]:
    name, colon, parts = text.rpartition(":")
    found = [_PART.fullmatch(part) for part in parts.split(",")]
    masses = {one["code"]: one["mass"] for one in found if one is not None}
    if (
        not colon
        or not name.strip()
        or len(masses) < len(found)
        or any(mass.count(".") > 1 for mass in masses.values())
    ):
        raise FormulationError(
            f"--leftover {text[:80]!r}; expected a name and the masses in it, such as 'batch 12: white=90, 07H=10'"
        )
    return {"name": name.strip(), "masses_g": {code: float(mass) for code, mass in masses.items()}}
