"""Existing tables of absorption and scattering, or of K/S, as a colorant set.

A table (CSV, Excel) has the headings `colorant`, `quantity` and wavelengths in nm, one row a colorant and quantity; the
quantity is K, S or K/S, a column `role` is read where there is one. A JSON document says the same::

    {"wavelengths_nm": [400, 410, …], "colorants": [{"code": "W", "role": "white", "K": […], "S": […]}, …]}

Coefficients are per unit mass fraction in one and the same unit; the scale is taken off so that the white base scatters
1 at every wavelength, which changes no colour of a hiding film. A colorant with K/S alone is single-constant.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np

from spectra.arrays import FloatArray, frozen
from spectra.colorant import Colorant, ColorantSet, Role
from spectra.errors import FormulationError, MalformedFileError
from spectra.formats.grids import grid_of
from spectra.formats.text import decode, number
from spectra.formats.workbook import is_workbook, read_sheets, text_of
from spectra.geometry import Geometry
from spectra.optics.interface import Saunderson

QUANTITIES = ("K", "S", "K/S")
_COLUMNS = ("colorant", "quantity", "role")


@dataclass(frozen=True, slots=True, eq=False)
class KsTable:
    """A set read from a table, the colorants it knows by K/S alone, and what a reader of it must know."""

    colorant_set: ColorantSet
    single_constant: tuple[str, ...]
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """What a table says of one colorant."""

    role: Role | None = None
    spectra: dict[str, FloatArray] = field(default_factory=dict)


def read_ks_table(
    content: bytes,
    file_name: str,
    *,
    name: str,
    geometry: Geometry,
    surface: Saunderson,
    base: str | None = None,
    link: str = "kubelka-munk",
    encoding: str | None = None,
) -> KsTable:
    """A colorant set from a table of K and S, or K/S.

    Parameters
    ----------
    content : bytes
        CSV (comma, semicolon or tab), an Excel workbook, or JSON.
    file_name, name : str
        Of the file, for errors, and of the resulting set.
    geometry : Geometry
        In which the panels behind the table were measured.
    surface : Saunderson
        With which its K/S were computed: other values give other colours from the same table.
    base : str, optional
        The white base; the only colorant of role white when left out.
    link : str
        Theory the table was made with, row of `spectra.optics.link.LINKS`.
    encoding : str, optional
        Of a CSV that is not UTF-8.

    Raises
    ------
    MalformedFileError
        Naming the row, colorant or key that is missing or wrong.
    """
    if content.lstrip()[:1] == b"{":
        wavelengths, entries = _from_json(content, file_name)
    else:
        wavelengths, entries = _from_rows(_rows(content, file_name, encoding), file_name)
    grid = grid_of(wavelengths, file_name, "wavelengths")
    white = _base(entries, base, file_name)
    scale = entries[white].spectra.get("S", np.ones(grid.count))
    if not (scale > 0).all():
        raise MalformedFileError(file_name, "a scattering of 0", where=f"colorant {white}, S", expected="above 0")
    single: list[str] = []
    colorants = []
    for code, entry in entries.items():
        K, S = _coefficients(code, entry, scale, single, file_name)
        role: Role = entry.role or ("white" if code == white else "chromatic")
        try:
            colorants.append(Colorant(code, code, role, K[None], S[None], crowds=1.0 if role == "white" else 0.0))
        except FormulationError as error:
            raise MalformedFileError(file_name, str(error)) from error
    try:
        colorant_set = ColorantSet(name, tuple(colorants), grid, geometry, surface, white, link=link)
    except FormulationError as error:
        raise MalformedFileError(file_name, str(error)) from error
    return KsTable(colorant_set, tuple(single), _findings(single, len(entries), surface, scale, white))


def _coefficients(
    code: str, entry: _Entry, scale: FloatArray, single: list[str], file_name: str
) -> tuple[FloatArray, FloatArray]:
    given = set(entry.spectra)
    if given == {"K", "S"}:
        return entry.spectra["K"] / scale, entry.spectra["S"] / scale
    if given == {"S", "K/S"}:
        return entry.spectra["K/S"] * entry.spectra["S"] / scale, entry.spectra["S"] / scale
    if given == {"K/S"}:
        single.append(code)
        return entry.spectra["K/S"], np.ones_like(scale)
    raise MalformedFileError(
        file_name,
        f"{' and '.join(sorted(given)) or 'nothing'}",
        where=f"colorant {code}",
        expected="K and S, S and K/S, or K/S alone",
    )


def _findings(single: list[str], count: int, surface: Saunderson, scale: FloatArray, white: str) -> tuple[str, ...]:
    found = [
        "read from a table: no covariance, no doses covered, no held-out levels; its predictions carry no interval",
        f"its K and S hold with the surface they were computed with, taken as k1 = {surface.k1:g}, k2 = {surface.k2:g}",
    ]
    if single:
        whose = "every colorant" if len(single) == count else ", ".join(single)
        found.append(
            f"K/S alone stands in the table for {whose}: single-constant, each scatters as the white base does; "
            "holds in much white"
        )
    if np.ptp(scale) or scale[0] != 1:
        found.append(
            f"scattering of {white} was {scale.min():.4g} to {scale.max():.4g} in the table's own unit and is 1 here: "
            "colours of hiding films are the same, hiding itself is no longer known"
        )
    return tuple(found)


def _base(entries: Mapping[str, _Entry], base: str | None, file_name: str) -> str:
    whites = [code for code, entry in entries.items() if entry.role == "white"]
    if base is not None:
        if base not in entries:
            raise MalformedFileError(file_name, f"no colorant {base!r}", expected=f"one of {', '.join(entries)}")
        return base
    if len(whites) != 1:
        raise MalformedFileError(
            file_name,
            f"{len(whites)} colorants of role white",
            expected="one, the white base",
            remedy="Give it a column `role`, or name it with --base",
        )
    return whites[0]


def _rows(content: bytes, file_name: str, encoding: str | None) -> list[tuple[str, list[str]]]:
    """Rows that are not blank, each with where it stands."""
    if is_workbook(content):
        found = [
            [(f"sheet {sheet!r}, row {place}", [text_of(cell) for cell in row]) for place, row in enumerate(rows, 1)]
            for sheet, rows in read_sheets(content, file_name).items()
            if any(text_of(cell).lower() == "quantity" for row in rows for cell in row)
        ]
        if len(found) != 1:
            raise MalformedFileError(file_name, f"{len(found)} sheets with a heading `quantity`", expected="one")
        rows = found[0]
    else:
        text = decode(content, file_name, encoding)
        head = text[: text.find("\n")] if "\n" in text else text
        mark = max((",", ";", "\t"), key=head.count)
        try:
            read = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True))
        except csv.Error as problem:
            raise MalformedFileError(file_name, f"not a CSV table: {problem}") from problem
        # Where the comma does not part the cells it may be the decimal mark.
        rows = [
            (f"row {place}", [cell if mark == "," else cell.replace(",", ".") for cell in row])
            for place, row in enumerate(read, 1)
        ]
    return [(where, row) for where, row in rows if any(cell.strip() for cell in row)]


def _from_rows(rows: list[tuple[str, list[str]]], file_name: str) -> tuple[list[float], dict[str, _Entry]]:
    if not rows:
        raise MalformedFileError(file_name, "no row in it", expected="headings colorant, quantity and wavelengths")
    (where, head), body = rows[0], rows[1:]
    titles = [cell.strip().lower() for cell in head]
    places = {title: titles.index(title) for title in _COLUMNS if title in titles}
    nodes = [
        (place, value) for place, cell in enumerate(head) if (value := number(cell.removesuffix("nm"))) is not None
    ]
    if "colorant" not in places or "quantity" not in places or not nodes:
        raise MalformedFileError(
            file_name,
            f"headings {', '.join(head[:6])}{' …' if len(head) > 6 else ''}",
            where=where,
            expected="colorant, quantity and wavelengths in nm",
        )
    entries: dict[str, _Entry] = {}
    for place, row in body:
        code = row[places["colorant"]].strip() if places["colorant"] < len(row) else ""
        quantity = row[places["quantity"]].strip().upper() if places["quantity"] < len(row) else ""
        role = row[places["role"]].strip().lower() if "role" in places and places["role"] < len(row) else ""
        cells = [row[column] if column < len(row) else "" for column, _ in nodes]
        values = [number(cell) for cell in cells]
        bad = next((at for at, value in enumerate(values) if value is None), None)
        if bad is not None:
            raise MalformedFileError(
                file_name, repr(cells[bad]), where=f"{place}, {nodes[bad][1]:g} nm", expected="a number"
            )
        _enter(entries, code, quantity, role, [value for value in values if value is not None], file_name, place)
    return [value for _, value in nodes], entries


def _from_json(content: bytes, file_name: str) -> tuple[list[float], dict[str, _Entry]]:
    try:
        document = json.loads(content)
        nodes = [float(value) for value in document["wavelengths_nm"]]
        entries: dict[str, _Entry] = {}
        for place, colorant in enumerate(document["colorants"], 1):
            where, code = f"colorant {place}", str(colorant["code"])
            known = {key.upper(): value for key, value in colorant.items() if key.upper() in QUANTITIES}
            if not known:
                raise MalformedFileError(file_name, f"{code} without K, S or K/S", where=where)
            for quantity, values in known.items():
                numbers = [float(value) for value in values]
                if len(numbers) != len(nodes):
                    raise MalformedFileError(
                        file_name, f"{len(numbers)} values", where=f"{code}, {quantity}", expected=f"{len(nodes)}"
                    )
                _enter(entries, code, quantity, str(colorant.get("role") or ""), numbers, file_name, where)
    except KeyError as error:
        raise MalformedFileError(file_name, "missing", where=f"key {error.args[0]}") from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise MalformedFileError(file_name, f"not a table of K and S ({error})") from error
    return nodes, entries


def _enter(
    entries: dict[str, _Entry], code: str, quantity: str, role: str, values: list[float], file_name: str, where: str
) -> None:
    if not code or quantity not in QUANTITIES:
        raise MalformedFileError(
            file_name,
            f"colorant {code!r}, quantity {quantity!r}",
            where=where,
            expected=f"a name, and one of {', '.join(QUANTITIES)}",
        )
    if role and role not in get_args(Role):
        raise MalformedFileError(
            file_name, f"role {role!r}", where=where, expected=f"one of {', '.join(get_args(Role))}"
        )
    spectrum = frozen(values)
    if not np.isfinite(spectrum).all() or (spectrum < 0).any():
        raise MalformedFileError(
            file_name, f"{spectrum.min():g}", where=f"{where}, {quantity} of {code}", expected="0 or more everywhere"
        )
    before = entries.get(code, _Entry())
    if quantity in before.spectra:
        raise MalformedFileError(file_name, f"{quantity} of {code} a second time", where=where, expected="once")
    kind: Any = role or before.role
    entries[code] = _Entry(kind, before.spectra | {quantity: spectrum})
