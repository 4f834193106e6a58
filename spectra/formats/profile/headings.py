"""The headings of one table, understood by a mapping profile: which column holds what, and every ambiguity refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from spectra.errors import GeometryError, MalformedFileError
from spectra.formats.declared import illuminant_and_observer
from spectra.formats.grids import grid_of
from spectra.formats.profile.rules import COLOURS, LAB, NAMES, XYZ, ColumnRule, Profile
from spectra.formats.profile.template import plain
from spectra.formats.text import printable, shortened
from spectra.geometry import canonical
from spectra.wavelengths import WavelengthGrid

MAX_COLUMNS = 10_000  # twelve angles of 81 wavelengths take 972
MAX_QUOTED = 5  # headings of one message
Angle = str  # an angle pair; empty where the headings say none


@dataclass(frozen=True, slots=True)
class ColourColumns:
    """The columns of one colour space under one illuminant and observer."""

    space: Literal["Lab", "XYZ"]
    illuminant: str | None
    observer: str | None
    places: tuple[tuple[int, int, int] | None, ...]  # for each angle


@dataclass(frozen=True, slots=True)
class TextureColumn:
    """One texture value; `geometry` empty where the row says it."""

    quantity: str
    geometry: str
    version: str
    place: int


@dataclass(frozen=True, slots=True)
class TableMapping:
    """What the columns of one table hold.

    Attributes
    ----------
    titles : tuple of str
        All headings, printable.
    angles : tuple of str
        Angle pairs, in the order of the columns; one empty text where the headings say none.
    spectral : tuple of tuple of int
        Places of the reflectance, (n_angles, n_wavelengths); empty where there is none.
    grid : WavelengthGrid or None
    known : dict of str to int
        Places of sample, standard, role, date, time, instrument, angle, illuminant, observer.
    """

    titles: tuple[str, ...]
    angles: tuple[Angle, ...]
    spectral: tuple[tuple[int, ...], ...]
    grid: WavelengthGrid | None
    colours: tuple[ColourColumns, ...]
    textures: tuple[TextureColumn, ...]
    known: dict[str, int]

    @property
    def numeric(self) -> tuple[int, ...]:
        """Places of all columns of numbers, each once."""
        spectral = [place for angle in self.spectral for place in angle]
        colour = [place for one in self.colours for angle in one.places if angle is not None for place in angle]
        return tuple(dict.fromkeys([*spectral, *colour, *(one.place for one in self.textures)]))

    @property
    def others(self) -> dict[str, int]:
        """Columns nobody mapped, kept verbatim as conditions; one without a heading of its own by its place."""
        taken = {*self.numeric, *self.known.values()}
        others: dict[str, int] = {}
        for place, title in enumerate(self.titles):
            if place not in taken:
                column = f"column {place + 1}"
                others[(f"{title} ({column})" if title in others else title) if title else column] = place
        return others


@dataclass(frozen=True, slots=True)
class _Meaning:
    place: int
    rule: ColumnRule
    angle: Angle
    wavelength: float | None
    viewing: tuple[str | None, str | None]


def understand(profile: Profile, headings: Sequence[str], file_name: str, where: str) -> TableMapping:
    """The mapping of a table's columns.

    Raises
    ------
    MalformedFileError
        If a heading fits two columns of the profile or names an angle that it does not know, two headings give the
        same thing, an axis, angle or wavelength is missing, or nothing gives a colour or a reflectance; names the
        heading and the place in the profile.
    """
    if len(headings) > MAX_COLUMNS:
        raise MalformedFileError(file_name, f"{len(headings)} columns", where=where, expected=f"at most {MAX_COLUMNS}")
    return _Understanding(profile, headings, file_name, where).mapping()


class _Understanding:
    def __init__(self, profile: Profile, headings: Sequence[str], file_name: str, where: str) -> None:
        self.profile, self.file_name, self.where = profile, file_name, where
        self.titles = tuple(printable(heading) for heading in headings)
        meanings = [self.meaning(place, plain(heading)) for place, heading in enumerate(headings)]
        self.meanings = [meaning for meaning in meanings if meaning is not None]
        self.refuse_other_angles([place for place, meaning in enumerate(meanings) if meaning is None])

    def error(self, found: str, expected: str, rules: Sequence[ColumnRule] = ()) -> MalformedFileError:
        keys = ", ".join(dict.fromkeys(rule.key for rule in rules))
        profile = f"Profile {self.profile.name!r}" + (f", {keys}" if keys else "")
        return MalformedFileError(self.file_name, found, where=self.where, expected=expected, remedy=profile)

    def meaning(self, place: int, heading: str) -> _Meaning | None:
        found = []
        for rule in self.profile.columns if heading else ():
            parts = next((parts for one in rule.headings if (parts := one.match(heading)) is not None), None)
            if parts is not None:
                found.append((rule, parts))
        if len(found) > 1:
            rules = [rule for rule, _ in found]
            raise self.error(f"heading {shortened(heading)} fits {len(found)} columns of the profile", "one", rules)
        return self.named(place, *found[0]) if found else None

    def refuse_other_angles(self, places: Sequence[int]) -> None:
        """Refuse headings that would be mapped if the profile knew their angle: a whole angle would be left out."""
        templates = [(one, rule) for rule in self.profile.columns for one in rule.headings if one.any_angle is not None]
        found: dict[int, tuple[str, ColumnRule]] = {}
        for place in places:
            heading = plain(self.titles[place])
            angles = ((one.other_angle(heading), rule) for one, rule in templates)
            named = next(((angle, rule) for angle, rule in angles if angle is not None), None)
            if named is not None:
                found[place] = named
        if found:
            titles = ", ".join(shortened(self.titles[place]) for place in list(found)[:MAX_QUOTED])
            more = f" and {len(found) - MAX_QUOTED} more" if len(found) > MAX_QUOTED else ""
            unknown = ", ".join(shortened(angle) for angle in dict.fromkeys(angle for angle, _ in found.values()))
            raise self.error(
                f"headings {titles}{more} name the angle {unknown}, which the profile does not know",
                f"one of [angles]: {', '.join(map(repr, self.profile.angles))}",
                [rule for _, rule in found.values()],
            )

    def named(self, place: int, rule: ColumnRule, parts: Mapping[str, str]) -> _Meaning:
        angle, wavelength = rule.angle or "", parts.get("wavelength")
        if "angle" in parts:
            try:
                angle = self.profile.angles.get(parts["angle"]) or canonical(parts["angle"])
            except GeometryError as error:
                raise self.error(str(error), "an angle pair in the heading", [rule]) from error
        illuminant = parts.get("illuminant") or rule.illuminant
        observer = f"{parts['observer']}°" if "observer" in parts else rule.observer
        return _Meaning(
            place=place,
            rule=rule,
            angle=angle,
            wavelength=None if wavelength is None else float(wavelength.replace(",", ".")),
            viewing=illuminant_and_observer(f"{illuminant}/{observer}") or (illuminant, observer),
        )

    def once(self, meanings: Sequence[_Meaning], what: str) -> int | None:
        """The one column of a quantity; None where there is none."""
        if len(meanings) > 1:
            titles = " and ".join(shortened(self.titles[one.place]) for one in meanings)
            raise self.error(f"headings {titles} both give {what}", "one", [one.rule for one in meanings])
        return meanings[0].place if meanings else None

    def mapping(self) -> TableMapping:
        by_quantity: dict[str, list[_Meaning]] = {}
        for meaning in self.meanings:
            by_quantity.setdefault(meaning.rule.quantity, []).append(meaning)
        known = {}
        for name in NAMES:
            place = self.once(by_quantity.get(name, []), name)
            rules = [rule for rule in self.profile.columns if rule.quantity == name]
            if place is not None:
                known[name] = place
            elif rules and name in ("sample", "angle"):
                headings = ", ".join(shortened(one.text) for rule in rules for one in rule.headings[:5])
                raise self.error(f"no heading gives the {name}", headings, rules)
        spectral = by_quantity.get("reflectance", [])
        coloured = [meaning for axis in COLOURS for meaning in by_quantity.get(axis, [])]
        angles = self.angles([*spectral, *coloured])
        places, grid = self.spectral(spectral, angles)
        return TableMapping(
            titles=self.titles,
            angles=angles,
            spectral=places,
            grid=grid,
            colours=self.colours(coloured, angles),
            textures=self.textures(by_quantity.get("texture", [])),
            known=known,
        )

    def angles(self, meanings: Sequence[_Meaning]) -> tuple[Angle, ...]:
        if not meanings:
            rules = [rule for rule in self.profile.columns if rule.quantity in (*COLOURS, "reflectance")]
            headings = ", ".join(shortened(one.text) for rule in rules[:3] for one in rule.headings[:3])
            raise self.error("no heading gives a colour or a reflectance", f"such as {headings}", rules[:3])
        angles = tuple(dict.fromkeys(one.angle for one in sorted(meanings, key=lambda one: one.place)))
        if self.profile.layout == "columns" and angles != ("",):
            needed = set(self.profile.angles.values()) - self.profile.optional_angles
            missing = sorted(needed - set(angles))
            if missing:
                raise self.error(
                    f"no heading gives the angle {', '.join(missing)}",
                    f"{len(needed)} angles, of [angles] without optional_angles",
                    [one.rule for one in meanings],
                )
        return angles

    def spectral(
        self, meanings: Sequence[_Meaning], angles: Sequence[Angle]
    ) -> tuple[tuple[tuple[int, ...], ...], WavelengthGrid | None]:
        if not meanings:
            return (), None
        rules = [one.rule for one in meanings[:1]]
        of_angle: dict[Angle, dict[float, list[_Meaning]]] = {angle: {} for angle in angles}
        for one in meanings:
            of_angle[one.angle].setdefault(one.wavelength or 0.0, []).append(one)
        for angle, columns in of_angle.items():
            for wavelength, same in columns.items():
                self.once(same, f"the reflectance at {wavelength:g} nm{_at(angle)}")
            first = of_angle[angles[0]]
            if columns.keys() != first.keys():
                odd = min(columns.keys() ^ first.keys())
                found = f"no reflectance at {odd:g} nm{_at(angles[0] if odd in columns else angle)}"
                raise self.error(found, "the same wavelengths at every angle", rules)
        wavelengths = sorted(of_angle[angles[0]])
        grid = grid_of(wavelengths, self.file_name, self.where)
        return tuple(tuple(of_angle[angle][nm][0].place for nm in wavelengths) for angle in angles), grid

    def colours(self, meanings: Sequence[_Meaning], angles: Sequence[Angle]) -> tuple[ColourColumns, ...]:
        groups: dict[tuple[str, str | None, str | None], dict[tuple[Angle, str], list[_Meaning]]] = {}
        for one in sorted(meanings, key=lambda one: one.place):
            axis = one.rule.quantity
            space = "Lab" if axis in LAB else "XYZ"
            groups.setdefault((space, *one.viewing), {}).setdefault((one.angle, axis), []).append(one)
        colours = []
        for (space, illuminant, observer), columns in groups.items():
            axes = LAB if space == "Lab" else XYZ
            places: list[tuple[int, int, int] | None] = []
            for angle in angles:
                found = [self.once(columns.get((angle, axis), []), f"{axis}{_at(angle)}") for axis in axes]
                given = [place for place in found if place is not None]
                if 0 < len(given) < 3:
                    missing = ", ".join(axis for axis, place in zip(axes, found, strict=True) if place is None)
                    rules = [same[0].rule for same in columns.values()]
                    raise self.error(f"no heading gives {missing}{_at(angle)}", f"{', '.join(axes)} together", rules)
                places.append((given[0], given[1], given[2]) if given else None)
            colours.append(ColourColumns("Lab" if space == "Lab" else "XYZ", illuminant, observer, tuple(places)))
        return tuple(colours)

    def textures(self, meanings: Sequence[_Meaning]) -> tuple[TextureColumn, ...]:
        columns: dict[tuple[str, str, str], list[_Meaning]] = {}
        for one in meanings:
            columns.setdefault((one.rule.texture, one.angle, one.rule.version), []).append(one)
        for (name, angle, _), same in columns.items():
            self.once(same, f"{name}{_at(angle)}")
        return tuple(TextureColumn(*key, same[0].place) for key, same in columns.items())


def _at(angle: Angle) -> str:
    return f" at {angle}" if angle else ""
