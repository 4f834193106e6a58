"""An instrument statement as a TOML document: written by hand from a certificate, or from a lab's own replicates."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from colorlab.uncertainty.instrument_statement import InstrumentStatement, Reproducibility, Spread
from spectra.errors import ColorlabError, GeometryError, MalformedFileError
from spectra.geometry import SINGLE_GEOMETRIES, canonical, is_directional

KIND = "colorlab instrument statement"
REMEDY = "docs/methods/uncertainty.md shows a whole statement"
# More instruments, angles or wavelengths than anybody states.
MOST_ROWS = 10_000
# An instrument whose readings scatter by more than a tenth measures nothing: the number was meant in percent. [1]
LARGEST_SHARE = 0.1
# Between which a factor of the repeatability is believed. [1]
FACTORS = (0.001, 1000.0)

_KEYS = {
    "kind",
    "instruments",
    "family",
    "source",
    "date",
    "repeatability",
    "systematic",
    "reproducibility",
    "angle",
    "wavelength",
}


def parse_statement(content: bytes, file: str) -> InstrumentStatement:
    """Read a statement (TOML).

    Raises
    ------
    MalformedFileError
        Naming the key that is missing, unknown or wrong, or the share above `LARGEST_SHARE`.
    """
    try:
        document = tomllib.loads(content.decode("utf-8-sig"))
    # ValueError holds both decoding errors and integers of more digits than Python reads.
    except (ValueError, RecursionError) as error:
        raise MalformedFileError(
            file, f"not a TOML file ({error})", expected="an instrument statement", remedy=REMEDY
        ) from error
    return statement_from_dict(document, file, largest_share=LARGEST_SHARE)


def statement_from_dict(
    document: Mapping[str, Any], file: str = "instrument statement", *, largest_share: float = 1.0
) -> InstrumentStatement:
    """Build a statement from a parsed document.

    Parameters
    ----------
    document : mapping
    file : str
    largest_share : float
        Above which a share of the reading is refused; by default one that a lab keeps is read back, whatever was
        taken when it was recorded. [1]

    Raises
    ------
    MalformedFileError
        Naming the key that is missing, unknown or wrong.
    """
    top = _Table(file, "", document)
    if document.get("kind") != KIND:
        raise MalformedFileError(file, "not an instrument statement", expected=f"kind = {KIND!r}", remedy=REMEDY)
    top.only(_KEYS)
    repeats = top.table("repeatability")
    repeats.only({"relative", "absolute", "correlation_length_nm", "white_share", "freedom"})
    systematic = top.table("systematic") if "systematic" in document else None
    if systematic is not None:
        systematic.only({"relative", "absolute"})
    try:
        return InstrumentStatement(
            instruments=top.names("instruments"),
            source=top.text("source"),
            date=top.day("date"),
            family=top.text("family") if "family" in document else None,
            repeatability=repeats.spread(largest_share),
            correlation_length_nm=repeats.number("correlation_length_nm", 0.1, 1e5),
            white_share=repeats.number("white_share", 0, 1, default=0.0),
            freedom=repeats.number("freedom", 1, 1e9) if "freedom" in repeats.content else None,
            systematic=None if systematic is None else systematic.spread(largest_share),
            reproducibility=_reproducibility(top, largest_share),
            angle_factors=_angle_factors(top),
            wavelength_factors=_wavelength_factors(top),
        )
    except MalformedFileError:
        raise
    except ColorlabError as error:
        raise MalformedFileError(file, str(error), remedy=REMEDY) from error


def write_statement(statement: InstrumentStatement) -> bytes:
    """The document; numbers are written so that they read back to the same value."""
    lines = [
        f"kind = {_quoted(KIND)}",
        f"instruments = [{', '.join(_quoted(name) for name in statement.instruments)}]",
    ]
    lines += [] if statement.family is None else [f"family = {_quoted(statement.family)}"]
    lines += [f"source = {_quoted(statement.source)}", f"date = {statement.date.isoformat()}"]
    lines += ["", "[repeatability]", *_spread_lines(statement.repeatability)]
    lines += [
        f"correlation_length_nm = {_real(statement.correlation_length_nm)}",
        f"white_share = {_real(statement.white_share)}",
    ]
    lines += [] if statement.freedom is None else [f"freedom = {_real(statement.freedom)}"]
    if statement.systematic is not None:
        lines += ["", "[systematic]", *_spread_lines(statement.systematic)]
    if statement.reproducibility is not None:
        between = statement.reproducibility
        lines += ["", "[reproducibility]", f"correlation_length_nm = {_real(between.correlation_length_nm)}"]
        for name, spread in (("within_family", between.within_family), ("between_families", between.between_families)):
            lines += [] if spread is None else ["", f"[reproducibility.{name}]", *_spread_lines(spread)]
    for angle, factor in statement.angle_factors:
        lines += ["", "[[angle]]", f"angle = {_quoted(angle)}", f"factor = {_real(factor)}"]
    for nm, factor in statement.wavelength_factors:
        lines += ["", "[[wavelength]]", f"nm = {_real(nm)}", f"factor = {_real(factor)}"]
    return ("\n".join(lines) + "\n").encode()


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of the document, and where it stands."""

    file: str
    place: str
    content: Mapping[str, Any]

    def only(self, known: set[str]) -> None:
        stray = sorted(set(self.content) - known)
        if stray:
            raise self.wrong(stray[0], "unknown key", f"one of {', '.join(sorted(known))}")

    def wrong(self, key: str, found: str, expected: str) -> MalformedFileError:
        where = f"{self.place}, key {key[:60]}" if self.place else f"key {key[:60]}"
        return MalformedFileError(self.file, found[:120], where=where, expected=expected, remedy=REMEDY)

    def value(self, key: str, expected: str) -> Any:
        if key not in self.content:
            raise self.wrong(key, "missing", expected)
        return self.content[key]

    def table(self, key: str) -> _Table:
        found = self.value(key, "a table")
        if not isinstance(found, dict):
            raise self.wrong(key, _shown(found), "a table")
        return _Table(self.file, f"[{self.place.strip('[]')}.{key}]" if self.place else f"[{key}]", found)

    def number(self, key: str, low: float, high: float, default: float | None = None) -> float:
        if default is not None and key not in self.content:
            return default
        expected = f"a number from {low:g} to {high:g}"
        found = self.value(key, expected)
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise self.wrong(key, _shown(found), expected)
        if not low <= found <= high:  # nor does what is no number lie between
            raise self.wrong(key, _shown(found), expected)
        return float(found)

    def text(self, key: str) -> str:
        found = self.value(key, "a text")
        if not isinstance(found, str) or not found.strip():
            raise self.wrong(key, _shown(found), "a text that is not empty")
        return found

    def names(self, key: str) -> tuple[str, ...]:
        expected = "a list of names as measurement files give them"
        found = self.value(key, expected)
        if not isinstance(found, list) or not 0 < len(found) <= MOST_ROWS:
            raise self.wrong(key, _shown(found), expected)
        if not all(isinstance(name, str) and name.strip() for name in found):
            raise self.wrong(key, "a name that is none", expected)
        return tuple(found)

    def day(self, key: str) -> date:
        expected = "a date such as 2026-05-04, without quotes"
        found = self.value(key, expected)
        if isinstance(found, datetime):
            return found.date()
        if not isinstance(found, date):
            raise self.wrong(key, _shown(found), expected)
        return found

    def spread(self, largest_share: float) -> Spread:
        relative = self.number("relative", 0, 1)
        if relative > largest_share:
            raise self.wrong(
                "relative", f"{relative:g}", f"at most {largest_share:g}, as it is a share: 0.003 is 0.3 %"
            )
        return Spread(relative, self.number("absolute", 0, 1, default=0.0))

    def angle(self) -> str:
        found = self.text("angle")
        try:
            if is_directional(found):
                return canonical(found)
        except GeometryError as error:
            raise self.wrong("angle", str(error), "an angle pair") from error
        if found not in SINGLE_GEOMETRIES:
            raise self.wrong("angle", _shown(found), f"an angle pair such as 45as15, or {', '.join(SINGLE_GEOMETRIES)}")
        return found

    def rows(self, key: str) -> list[_Table]:
        found = self.content.get(key, [])
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise self.wrong(key, "no list of tables", f"[[{key}]]")
        if len(found) > MOST_ROWS:
            raise self.wrong(key, f"{len(found)} rows", f"at most {MOST_ROWS}")
        return [_Table(self.file, f"[[{key}]] number {count}", row) for count, row in enumerate(found, start=1)]


def _reproducibility(top: _Table, largest_share: float) -> Reproducibility | None:
    if "reproducibility" not in top.content:
        return None
    table = top.table("reproducibility")
    table.only({"within_family", "between_families", "correlation_length_nm"})
    spreads: dict[str, Spread | None] = {"within_family": None, "between_families": None}
    for name in spreads:
        if name in table.content:
            row = table.table(name)
            row.only({"relative", "absolute"})
            spreads[name] = row.spread(largest_share)
    return Reproducibility(
        within_family=spreads["within_family"],
        between_families=spreads["between_families"],
        correlation_length_nm=table.number("correlation_length_nm", 0.1, 1e5),
    )


def _angle_factors(top: _Table) -> tuple[tuple[str, float], ...]:
    found: dict[str, float] = {}
    for row in top.rows("angle"):
        row.only({"angle", "factor"})
        angle = row.angle()
        if angle in found:
            raise row.wrong("angle", f"{angle} stands twice", "each angle once")
        found[angle] = row.number("factor", *FACTORS)
    return tuple(found.items())


def _wavelength_factors(top: _Table) -> tuple[tuple[float, float], ...]:
    found: dict[float, float] = {}
    for row in top.rows("wavelength"):
        row.only({"nm", "factor"})
        nm = row.number("nm", 1, 1e6)
        if nm in found:
            raise row.wrong("nm", f"{nm:g} stands twice", "each wavelength once")
        found[nm] = row.number("factor", *FACTORS)
    return tuple(sorted(found.items()))


def _spread_lines(spread: Spread) -> list[str]:
    return [f"relative = {_real(spread.relative)}", f"absolute = {_real(spread.absolute)}"]


def _quoted(text: str) -> str:
    """A basic string; JSON escapes all that TOML does but the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _real(value: float) -> str:
    """Digits that read back to the same value."""
    return repr(float(value))


def _shown(value: object) -> str:
    try:
        return repr(value)
    except ValueError:  # of more digits than Python prints
        return "a number of very many digits"
