"""Tables of gonio-spectrophotometers, read through mapping profiles: those shipped, or the user's own."""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from spectra.errors import MalformedFileError
from spectra.formats.base import NOTHING_DECLARED, MeasurementFile, ReadOptions, refuse_large, source_of
from spectra.formats.profile.cells import Cells
from spectra.formats.profile.document import parse_profile
from spectra.formats.profile.headings import understand
from spectra.formats.profile.rows import RowsReader
from spectra.formats.profile.rules import Profile
from spectra.formats.profile.table import recognises as holds_headings
from spectra.formats.profile.table import table_of
from spectra.formats.text import shortened
from spectra.formats.workbook_percent import cell_reference, percent_cells

NAME = "profile"
SHIPPED = (
    *("byk-mac-i", "byk-mac-i-spectral", "cm-m6", "ma-t12-lab-zh", "ma-t12-spectral", "six-angle-lab", "xrite-ma9x"),
)
MAX_LINES_ABOVE = 5  # that are noted


@lru_cache(maxsize=1)
def shipped_profiles() -> tuple[Profile, ...]:
    """The profiles that come with the program, in the order of their names."""
    found = []
    for name in SHIPPED:
        content = pkgutil.get_data("spectra.formats.profile", f"shipped/{name}.toml")
        assert content is not None
        found.append(parse_profile(content, f"{name}.toml"))
    return tuple(found)


def recognises(content: bytes, file_name: str) -> bool:
    """Whether exactly one shipped profile's required headings stand in the file."""
    return len(_matching(shipped_profiles(), content)) == 1


def read(content: bytes, file_name: str, options: ReadOptions = NOTHING_DECLARED) -> MeasurementFile:
    """The samples of a table, by the one profile that recognises it: of `options.profiles`, else of the shipped ones.

    Notes
    -----
    A sample with reflectance is a measurement, one with colours only a colour reading; both carry texture. Columns
    nobody mapped are kept verbatim as conditions. What profile was used, and whether anybody verified it, is noted.

    Raises
    ------
    MalformedFileError
        If not exactly one profile recognises the file, or it and the file do not agree; if percent is declared and
        cells of a workbook are shown as percent.
    UnsafeFileError
    """
    refuse_large(content, file_name)
    profiles = options.profiles or shipped_profiles()
    matching = _matching(profiles, content) if len(profiles) > 1 else list(profiles)
    if len(matching) != 1:
        names = ", ".join(repr(one.name) for one in matching or profiles)
        raise MalformedFileError(
            file_name,
            f"the headings fit {len(matching)} mapping profiles: {names}"
            if matching
            else "the headings fit no profile",
            expected="exactly one" if matching else f"the required headings of one of {names}",
            remedy="Give the one that is meant, or one of your own, with --profile",
        )
    (profile,) = matching
    table = table_of(profile, content, file_name, options.encoding)
    mapping = understand(profile, table.headings, file_name, f"{table.where} {table.first}")
    cells = Cells(profile, mapping, table, file_name)
    if table.sheet and mapping.spectral and "percent" in (profile.unit, options.reflectance_unit):
        _refuse_percent_twice(cells, content, file_name, table.sheet)
    file = RowsReader(cells, source_of(content, file_name, NAME), options).file()
    notes = (
        _provenance(profile),
        *(f"above the table: {line[:100]}" for line in table.above[:MAX_LINES_ABOVE] if line),
    )
    return MeasurementFile(NAME, file.measurements, (*notes, *file.notes), file.colours)


def _refuse_percent_twice(cells: Cells, content: bytes, file_name: str, sheet: str) -> None:
    """Refuse numbers that are shown as percent, which are fractions, where percent is declared as well."""
    numeric = cells.mapping.numeric
    spectral = {place for places in cells.mapping.spectral for place in places}
    lines = [row.line for row in cells.rows]
    shown = percent_cells(content, file_name, sheet, max(lines, default=0), numeric)
    if shown is None or not lines:
        return
    formats = shown.of_cell[[line - 1 for line in lines]]
    twice = (formats >= 0) & np.isfinite(cells.numbers) & [place in spectral for place in numeric]
    if twice.any():
        row, column = np.argwhere(twice)[0].tolist()
        code = shortened(shown.formats[int(formats[row, column])])
        raise MalformedFileError(
            file_name,
            f"percent by the profile {cells.profile.name!r} or --unit, and a cell shown as percent by its format "
            f"{code}: it holds the fraction {cells.numbers[row, column].item()!r}",
            where=f"sheet {sheet!r}, cell {cell_reference(lines[row] - 1, numeric[column])}",
            expected="one of the two",
            remedy="Give a profile with unit fraction, or the cells the format General and their values in percent",
        )


def _matching(profiles: Sequence[Profile], content: bytes) -> list[Profile]:
    return [one for one in profiles if holds_headings(one, content)]


def _provenance(profile: Profile) -> str:
    words = f"read through mapping profile {profile.name!r} ({profile.title}); its headings: {profile.source}"
    return (
        words if profile.verified else f"{words}. Not verified against an export of the instrument's software: check it"
    )
