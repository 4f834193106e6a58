"""A table of visual judgements (CSV): who judged which pair how, and what was measured of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from colorlab.colorimetry.viewing import parse_viewing
from colorlab.csv_rows import csv_rows
from colorlab.difference.place import ANY, angle_place
from colorlab.tolerance.learning.metric import sample_of
from spectra.errors import ColorlabError, MalformedFileError
from spectra.formats.text import number, shortened

Lab = tuple[float, float, float]

JUDGEMENTS = {"accept": 1.0, "borderline": 0.5, "reject": 0.0}
STANDARD = ("standard_L", "standard_a", "standard_b")
SAMPLE = ("sample_L", "sample_a", "sample_b")
DIFFERENCE = ("dL", "dC", "dH")
_REQUIRED = ("observer", "pair", *STANDARD, "judgement")
COLUMNS = (*_REQUIRED, *SAMPLE, *DIFFERENCE, "angle", "viewing", "remark")
# What stands for one colour was measured again at most this far off; more is another colour. [CIELAB units]
ONE_COLOUR = 5.0
_MOST_ROWS, _MOST_FAULTS = 100_000, 10
_GREATEST = 500.0  # [CIELAB units]


@dataclass(frozen=True, slots=True)
class Judgement:
    """One answer of one observer.

    `accepted` is 1, ½ (borderline) or 0; `viewing` is None where the table has no such column.
    """

    line: int
    observer: str
    pair: str
    standard: Lab
    sample: Lab
    accepted: float
    angle: str
    viewing: str | None

    @property
    def place(self) -> tuple[str, str | None]:
        """Angle and viewing: what is judged separately."""
        return self.angle, self.viewing


def parse_judgements(content: bytes, file_name: str) -> tuple[Judgement, ...]:
    """Read a table of judgements.

    Parameters
    ----------
    content : bytes
        CSV in UTF-8, with or without a byte order mark, the first line naming the columns in any order:

        - `observer`, `pair`: names. Lines of one observer and one pair are repeats.
        - `standard_L`, `standard_a`, `standard_b`: CIELAB.
        - `sample_L`, `sample_a`, `sample_b`: CIELAB; or `dL`, `dC`, `dH`: sample minus standard.
        - `judgement`: accept, reject or borderline.
        - `angle`: such as 45as15, or d/8 SCI (optional); `viewing`: such as D65/10 (optional). Each is judged
          separately.
        - `remark` (optional), which is not looked at.
    file_name : str

    Raises
    ------
    MalformedFileError
        Naming line and column of the first faults; nothing is left out silently.
    """
    lines = csv_rows(content, file_name)
    if len(lines) < 2:
        raise MalformedFileError(file_name, "no judgement in it", expected="a line of column names and one a judgement")
    if len(lines) > _MOST_ROWS:
        raise MalformedFileError(file_name, f"{len(lines)} lines", expected=f"at most {_MOST_ROWS}")
    (_, header), *rows = lines
    header = [cell.strip() for cell in header]
    _check_header(header, file_name)
    faults: list[str] = []
    found = []
    for line, row in rows:
        if len(row) != len(header):
            faults.append(f"line {line}: {len(row)} fields; the first line names {len(header)}")
            continue
        judgement = _judgement(line, {name: cell.strip() for name, cell in zip(header, row, strict=True)}, faults)
        if judgement is not None:
            found.append(judgement)
    _check_pairs(found, faults)
    _check_one_colour(found, faults)
    if faults:
        more = f"; and {len(faults) - _MOST_FAULTS} more" if len(faults) > _MOST_FAULTS else ""
        raise MalformedFileError(file_name, "; ".join(faults[:_MOST_FAULTS]) + more, remedy="Nothing was learned")
    return tuple(found)


def _check_header(header: Sequence[str], file_name: str) -> None:
    if len(header) == 1 and ";" in header[0]:
        raise MalformedFileError(
            file_name, "fields apart by semicolons", where="line 1", expected="commas, and points in decimals"
        )
    faults = [f"column {shortened(name)} is not known" for name in header if name not in COLUMNS]
    faults += [f"column {name} stands twice" for name in dict.fromkeys(header) if header.count(name) > 1]
    faults += [f"column {name} is missing" for name in _REQUIRED if name not in header]
    kinds = [kind for kind in (SAMPLE, DIFFERENCE) if set(kind) & set(header)]
    if len(kinds) != 1:
        both = "are both there" if kinds else "are both missing"
        faults.append(f"{', '.join(SAMPLE)} and {', '.join(DIFFERENCE)} {both}: give one of the two")
    else:
        faults += [f"column {name} is missing" for name in kinds[0] if name not in header]
    if faults:
        raise MalformedFileError(file_name, "; ".join(faults), where="line 1", expected=f"of {', '.join(COLUMNS)}")


def _judgement(line: int, cells: Mapping[str, str], faults: list[str]) -> Judgement | None:
    before = len(faults)
    faults.extend(f"line {line}, {name}: is empty" for name in ("observer", "pair") if not cells[name])
    word = cells["judgement"].casefold()
    if word not in JUDGEMENTS:
        faults.append(
            f"line {line}, judgement: {shortened(cells['judgement'])}; expected one of {', '.join(JUDGEMENTS)}"
        )
    standard = _three(line, cells, STANDARD, faults)
    second = SAMPLE if SAMPLE[0] in cells else DIFFERENCE
    other = _three(line, cells, second, faults)
    angle, viewing = ANY, None
    try:
        if "angle" in cells:
            angle = angle_place(cells["angle"])
        if "viewing" in cells:
            viewing = str(parse_viewing(cells["viewing"]))
    except ColorlabError as problem:
        faults.append(f"line {line}: {problem}")
    if len(faults) > before:
        return None
    if second is DIFFERENCE:
        try:
            other = _lab(sample_of(standard, other, "LCH").tolist())
        except ColorlabError as problem:
            faults.append(f"line {line}: {problem}")
            return None
    return Judgement(line, cells["observer"], cells["pair"], standard, other, JUDGEMENTS[word], angle, viewing)


def _three(line: int, cells: Mapping[str, str], names: Sequence[str], faults: list[str]) -> Lab:
    values = []
    for name in names:
        value = number(cells[name])
        if value is None or abs(value) > _GREATEST:
            faults.append(
                f"line {line}, {name}: {shortened(cells[name])}; expected a number within ±{_GREATEST:g}, decimal point"
            )
        values.append(value or 0.0)
    return _lab(values)


def _lab(values: Sequence[float]) -> Lab:
    L, a, b = values
    return float(L), float(a), float(b)


def _check_pairs(found: Sequence[Judgement], faults: list[str]) -> None:
    """One name is one pair of colours at one place."""
    first: dict[tuple[str, str, str | None], Judgement] = {}
    for one in found:
        known = first.setdefault((one.pair, *one.place), one)
        if known.standard != one.standard or known.sample != one.sample:
            faults.append(
                f"line {one.line}, pair: {shortened(one.pair)} has other colours than on line {known.line}; "
                "a pair measured again is another pair"
            )


def _check_one_colour(found: Sequence[Judgement], faults: list[str]) -> None:
    first: dict[tuple[str, str | None], Judgement] = {}
    for one in found:
        known = first.setdefault(one.place, one)
        apart = float(np.linalg.norm(np.subtract(one.standard, known.standard)))
        if apart > ONE_COLOUR:
            faults.append(
                f"line {one.line}, standard: {apart:.1f} CIELAB units from that of line {known.line}; a tolerance is "
                "of one colour, give each colour a file of its own"
            )
            return
