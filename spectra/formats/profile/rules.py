"""What a mapping profile says once it is understood: which headings hold which quantity, angle and illuminant."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from spectra.formats.base import ReflectanceUnit
from spectra.formats.profile.template import Template
from spectra.geometry import Geometry
from spectra.stated import Role

Layout = Literal["columns", "rows", "blocks"]
LAYOUTS: tuple[Layout, ...] = ("columns", "rows", "blocks")
Repeats = Literal["readings", "separate"]

LAB, XYZ = ("L", "a", "b"), ("X", "Y", "Z")
COLOURS = (*LAB, *XYZ)
NAMES = ("sample", "standard", "role", "date", "time", "instrument", "angle", "illuminant", "observer")
QUANTITIES = (*NAMES, *COLOURS, "reflectance", "texture")


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """What columns under one of several headings hold.

    Attributes
    ----------
    headings : tuple of Template
    quantity : str
        One of QUANTITIES.
    angle : str or None
        Angle pair of all these columns, where the heading does not say it; of a texture any words.
    texture, version : str
        Name and algorithm version of a texture value.
    illuminant, observer : str or None
    key : str
        Where it stands in the profile: "column 3 (line 27)".
    """

    headings: tuple[Template, ...]
    quantity: str
    angle: str | None
    texture: str
    version: str
    illuminant: str | None
    observer: str | None
    key: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A validated mapping profile; `docs/formats/profile.md` explains every field.

    Attributes
    ----------
    verified : bool
        Whether somebody compared it with an export of the instrument's own software.
    required : tuple of frozenset of str
        Headings by which the profile recognises a file: of each set, one must stand in the row.
    without : frozenset of str
        Headings of which none may stand there: they tell of another profile's file.
    angles : mapping of str to str
        Angle pair of each text by which the file names it; empty where it writes angle pairs.
    delimiters, decimals : tuple of str
        Those the file may have; which one, the headings and the numbers show without a choice.
    header_row : int or None
        Counted from 1; None to look for the required headings.
    """

    name: str
    title: str
    source: str
    verified: bool
    layout: Layout
    required: tuple[frozenset[str], ...]
    without: frozenset[str]
    columns: tuple[ColumnRule, ...]
    instrument: str | None
    geometry: Geometry | None
    unit: ReflectanceUnit | None
    date_format: str | None
    repeats: Repeats
    block: Template | None
    angles: Mapping[str, str]
    optional_angles: frozenset[str]
    roles: Mapping[str, Role]
    delimiters: tuple[str, ...]
    decimals: tuple[str, ...]
    encoding: str | None
    sheet: str | None
    header_row: int | None
    header_rows: int
    skip_rows: int

    def recognises(self, headings: Collection[str]) -> bool:
        """Whether these headings, in `plain` form, are those of a table it is meant for."""
        there = set(headings)
        return all(one & there for one in self.required) and not self.without & there
