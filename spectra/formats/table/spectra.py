"""Where wavelengths stand in the rows: rows of single values, or a column per spectrum, become one row per spectrum."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import MalformedFileError, UnsafeFileError
from spectra.formats.grids import grid_of
from spectra.formats.table.apart import is_identity
from spectra.formats.table.columns import DECLARED, UNIT_SUFFIX, Columns, names_a_quantity
from spectra.formats.table.numbers import Block
from spectra.formats.text import printable
from spectra.geometry import is_directional
from spectra.wavelengths import WavelengthGrid

MAX_VALUES = 3_000_000  # of a table with wavelengths down the rows, which is taken as a whole

# `red 45as15`, `red [45as-15]`, `45as15`: a name and an angle pair
_NAME_AND_ANGLE = re.compile(r"(?P<name>.*?)(?:^|[\s_:/(\[]+)(?P<token>r?\d[\d.]*as[^)\]]*)[)\]]?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class SpectraBlock:
    """Rows that hold a whole spectrum each, on one grid."""

    columns: Columns
    grid: WavelengthGrid | None
    rows: Block


def spectra_of(columns: Columns, block: Block, file_name: str, where: str, notes: list[str]) -> list[SpectraBlock]:
    """One row per spectrum, whatever the layout of the table.

    Raises
    ------
    MalformedFileError
        If wavelengths in the rows do not rise, or some spectra of one sample lack some of them.
    """
    if columns.layout == "down":
        return [_down(columns, block, file_name, where, notes)]
    if columns.layout == "long":
        return _long(columns, block, file_name, where)
    return [SpectraBlock(columns, columns.grid, block)]


def refuse_too_many(columns: Columns, n_rows: int, file_name: str) -> None:
    """Refuse more values in the layout down than a table has.

    Raises
    ------
    UnsafeFileError
    """
    if n_rows * len(columns.numeric) > MAX_VALUES:
        raise UnsafeFileError(
            file_name,
            f"{n_rows} or more rows of {len(columns.numeric)} numbers, one row per wavelength",
            expected=f"at most {MAX_VALUES} numbers",
            remedy="Write one row per reading",
        )


def _down(columns: Columns, block: Block, file_name: str, where: str, notes: list[str]) -> SpectraBlock:
    for place in columns.texts:
        filled = next((line for line, text in zip(block.lines, block.texts[place], strict=True) if text.strip()), None)
        if filled is not None:
            raise MalformedFileError(
                file_name,
                f"column {place + 1} has no heading",
                where=f"{where} {filled}",
                expected="the name of a sample",
            )
    grid = _grid(block.numbers[:, 0], block.lines, file_name, where)
    titles = [columns.titles[place] for place in columns.numeric[1:]]
    names, tokens = [], []
    for title in titles:
        name, token = _name_and_angle(title)
        names.append(name or printable(file_name.rpartition(".")[0] or file_name) or "unnamed")
        tokens.append(token)
        if not name and len(names) == 1:
            notes.append(f"no heading names the sample: it is called by its file, {names[0]!r}")
    laid = replace(
        columns, titles=("sample", "geometry"), layout="across", numeric=(), known={"sample": 0, "geometry": 1}
    )
    rows = Block([place + 1 for place in columns.numeric[1:]], {0: names, 1: tokens}, block.numbers[:, 1:].T, ())
    return SpectraBlock(laid, grid, rows)


def _name_and_angle(title: str) -> tuple[str, str]:
    """Sample and angle pair that the heading of a spectrum names; either may be empty."""
    title = re.sub(r" \(column \d+\)\Z", "", title)  # a repeated heading is another reading
    name = "" if names_a_quantity(title) else UNIT_SUFFIX.sub("", title).strip()
    match = _NAME_AND_ANGLE.fullmatch(name) if len(name) <= 200 else None
    if match is None or not is_directional(match["token"]):
        return printable(name), ""
    return printable(match["name"]), match["token"]


def _long(columns: Columns, block: Block, file_name: str, where: str) -> list[SpectraBlock]:
    keys = [key for key in ("sample", "standard", "role", "geometry", "reading", *DECLARED) if key in columns.known]
    texts = [block.texts[columns.known[key]] for key in keys]
    texts += [block.texts[place] for title, place in columns.others.items() if is_identity(title)]
    groups: dict[tuple[str, ...], list[int]] = {}
    for row, key in enumerate(zip(*texts, strict=True)):
        groups.setdefault(key, []).append(row)
    by_grid: dict[tuple[float, ...], list[list[int]]] = {}
    wavelengths = block.numbers[:, 0]
    for rows in groups.values():
        for spectrum in _readings(wavelengths, rows, block, file_name, where):
            by_grid.setdefault(tuple(wavelengths[spectrum].tolist()), []).append(spectrum)
    found = []
    for nodes, spectra in by_grid.items():
        grid = _grid(np.array(nodes), [block.lines[row] for row in spectra[0]], file_name, where)
        found.append(SpectraBlock(columns, grid, _gathered(block, spectra, file_name, where)))
    return found


def _readings(wavelengths: FloatArray, rows: list[int], block: Block, file_name: str, where: str) -> list[list[int]]:
    """Rows of each spectrum of one sample and angle: the n-th of every wavelength belongs to the n-th reading."""
    if (np.diff(wavelengths[rows]) > 0).all():
        return [rows]
    spectra: list[list[int]] = []
    met: dict[float, int] = {}
    for row in rows:
        n = met.get(nm := float(wavelengths[row]), 0)
        met[nm] = n + 1
        if n == len(spectra):
            spectra.append([])
        spectra[n].append(row)
    short = next((nm for nm, n in met.items() if n != len(spectra)), None)
    if short is not None:
        raise MalformedFileError(
            file_name,
            f"{met[short]} values at {short:g} nm, {len(spectra)} at another wavelength",
            where=f"{where} {block.lines[rows[0]]} and below",
            expected="as many at each wavelength of a sample and angle",
        )
    return spectra


def _gathered(block: Block, spectra: list[list[int]], file_name: str, where: str) -> Block:
    texts: dict[int, Sequence[str]] = {
        place: [_one_text([column[row] for row in rows]) for rows in spectra] for place, column in block.texts.items()
    }
    colours = []
    for colour in block.colours:
        first = colour[[rows[0] for rows in spectra]]
        for rows, stated in zip(spectra, first, strict=True):
            if not np.array_equal(colour[rows], np.broadcast_to(stated, (len(rows), 3)), equal_nan=True):
                raise MalformedFileError(
                    file_name,
                    "the stated colour changes within one spectrum",
                    where=f"{where} {block.lines[rows[0]]} and below",
                    expected="one colour",
                )
        colours.append(first)
    numbers = np.array([block.numbers[rows, 1] for rows in spectra])
    return Block([block.lines[rows[0]] for rows in spectra], texts, numbers, tuple(colours))


def _one_text(texts: list[str]) -> str:
    return texts[0] if texts.count(texts[0]) == len(texts) else "; ".join(dict.fromkeys(text for text in texts if text))


def _grid(wavelengths: FloatArray, lines: Sequence[int], file_name: str, where: str) -> WavelengthGrid:
    falls = np.flatnonzero(np.diff(wavelengths) <= 0)
    return grid_of(wavelengths, file_name, f"{where} {lines[int(falls[0]) + 1] if len(falls) else lines[0]}")
