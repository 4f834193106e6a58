"""What the names of the fields of a CGATS table say: wavelengths, colours, names, and all that is kept verbatim."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import quote, unquote

from spectra.errors import MalformedFileError
from spectra.formats.base import MAX_WAVELENGTH, MIN_WAVELENGTH, ReflectanceUnit
from spectra.formats.cgats.text import Kind
from spectra.formats.text import printable, shortened
from spectra.stated import ColourSpace

# SPECTRAL_NM400  SPECTRAL_NM_400  SPECTRAL_400  SPEC_400  NM_400  nm400  400_NM  R_400  SPECTRAL_PCT400  %R400
_WAVELENGTH = re.compile(
    r"(?P<percent>%)?(?P<name>(?:(?:SPECTRAL|SPECTRUM|SPEC)_?)?(?:(?:NM|PCT|DEC|R)_?)?)%?"
    r"(?P<nm>\d{3,4}(?:\.\d{1,17})?)(?P<behind>_?NM)?",
    re.IGNORECASE,
)
_AXES: dict[ColourSpace, tuple[str, str, str]] = {
    "Lab": ("LAB_L", "LAB_A", "LAB_B"),
    "XYZ": ("XYZ_X", "XYZ_Y", "XYZ_Z"),
    "LCh": ("LAB_L", "LAB_C", "LAB_H"),
    "xyY": ("XYY_X", "XYY_Y", "XYY_CAPY"),
    "Luv": ("LUV_L", "LUV_U", "LUV_V"),
}
_AXIS = re.compile(
    r"(?P<axis>LAB_[LABCH]|XYZ_[XYZ]|XYY_(?:X|Y|CAPY)|LUV_[LUV])(?:_(?P<illuminant>[^_]+)_(?P<observer>[^_]+))?",
    re.IGNORECASE,
)
_UNDECLARED = "none"  # where a name must say that an illuminant or an observer is not declared

# Without underscores, in capitals: other programs write SampleID, Sample_Name.
_KNOWN = {
    "SAMPLENAME": "name",
    "SAMPLEID": "identifier",
    "SAMPLELOC": "location",
    "ROLE": "role",
    "STANDARD": "standard",
    "DATE": "date",
    "INSTRUMENT": "instrument",
    "GEOMETRY": "geometry",
    "MEASUREMENTGEOMETRY": "geometry",
    "READING": "reading",
    "MEASUREMENTCONDITION": "condition",
    "SAMPLEBACKING": "backing",
    "BANDPASSNM": "bandpass",
    "BANDPASSCORRECTED": "bandpass corrected",
}
_KINDS: dict[str, Kind] = {"identifier": "identifier", "location": "identifier", "bandpass": "number"}
# Device values, densities, differences, deviations: the standard's numeric fields that are no colour.
_NUMERIC = re.compile(
    r"(?:i?RGB|CMYK?|\d{1,2}CLR|PC\d{1,2}|GRAY|D|STDEV|LAB_DE|MEAN_DE|CHI_SQD)_\w*|[CMYK]|INDEX", re.IGNORECASE
)
FEWEST_WAVELENGTHS = 3  # fewer are no spectrum: R_255 may be anything
_CONDITION = "CONDITION_"
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")

Viewing = tuple[str | None, str | None]  # illuminant and observer


@dataclass(frozen=True, slots=True)
class ColourFields:
    """Where one colour of a row stands; `viewing` is None where the fields do not declare it."""

    space: ColourSpace
    places: tuple[int, int, int]
    viewing: Viewing | None


@dataclass(frozen=True, slots=True)
class Fields:
    """Positions of the fields of one table.

    Attributes
    ----------
    names : tuple of str
    kinds : tuple of Kind
    spectral : tuple of int
        Of the values, by rising wavelength where the names declare it.
    wavelengths : tuple of float
        As the names say; empty where the rows say it. [nm]
    nm : tuple of int
        Of the wavelengths, where each value follows its wavelength in the row (SPECTRAL_NM SPECTRAL_PCT).
    unit : {"percent", "fraction"} or None
        As the names declare.
    stem : str
        What the wavelengths are headed by, "SPEC_", "R"; empty where it differs.
    colours : tuple of ColourFields
    known : dict of str to int
        name, identifier, location, role, standard, date, instrument, geometry, reading, condition, backing, bandpass.
    """

    names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    spectral: tuple[int, ...]
    wavelengths: tuple[float, ...]
    nm: tuple[int, ...]
    unit: ReflectanceUnit | None
    stem: str
    colours: tuple[ColourFields, ...]
    known: dict[str, int]

    @property
    def others(self) -> list[tuple[str, int]]:
        """Names and places of the fields that are kept verbatim as conditions."""
        taken = {*self.spectral, *self.nm, *self.known.values(), *(p for one in self.colours for p in one.places)}
        return [(condition_of(name), place) for place, name in enumerate(self.names) if place not in taken]


def understand(names: Sequence[str], file_name: str, where: str) -> Fields:
    """The fields that a table names.

    Raises
    ------
    MalformedFileError
        If a field stands twice, or names declare different units.
    """
    spectral: list[tuple[float, int]] = []
    units: set[ReflectanceUnit | None] = set()
    stems: set[str] = set()
    known: dict[str, int] = {}
    axes: dict[tuple[str, Viewing | None], int] = {}
    pairs = _pairs(names, file_name, where)
    seen: set[str] = set()
    for place, name in enumerate(names):
        if place in pairs or place - 1 in pairs:
            continue
        wavelength, axis = _wavelength(name), _AXIS.fullmatch(name)
        key = name.upper() if axis else name
        if key in seen:
            raise MalformedFileError(
                file_name, f"{shortened(name)} stands twice", where=where, expected="each field once"
            )
        seen.add(key)
        if wavelength is not None:
            spectral.append((float(wavelength["nm"]), place))
            units.add(_unit(wavelength))
            stems.add(wavelength["name"].upper())
        elif axis is not None:
            viewing = (_declared(axis["illuminant"]), _declared(axis["observer"])) if axis["illuminant"] else None
            axes[axis["axis"].upper(), viewing] = place
        elif (role := _KNOWN.get(name.replace("_", "").upper())) is not None:
            known.setdefault(role, place)
    if pairs and spectral:
        raise MalformedFileError(
            file_name, "wavelengths in the rows (SPECTRAL_NM) and in names", where=where, expected="one of the two"
        )
    spectral = sorted(spectral) if len(spectral) >= FEWEST_WAVELENGTHS else []
    if pairs:
        units = {_UNITS[names[place + 1].upper()] for place in pairs}
    if len(units) > 1:
        raise MalformedFileError(file_name, "names that declare percent and fraction", where=where, expected="one unit")
    twice = next((one for (one, _), (other, _) in pairwise(spectral) if one == other), None)
    if twice is not None:
        raise MalformedFileError(file_name, f"{twice:g} nm stands twice", where=where, expected="each wavelength once")
    colours = _colours(axes)
    fields = Fields(
        names=tuple(names),
        kinds=(),
        spectral=tuple(place + 1 for place in pairs) if pairs else tuple(place for _, place in spectral),
        wavelengths=tuple(nm for nm, _ in spectral),
        nm=tuple(pairs),
        unit=units.pop() if units else None,
        stem=stems.pop() if len(stems) == 1 else "",
        colours=colours,
        known=known,
    )
    return _with_kinds(fields)


def condition_of(name: str) -> str:
    """The name of a condition from that of its field or keyword."""
    return printable(unquote(name[len(_CONDITION) :])) if name.startswith(_CONDITION) else printable(name)


def name_of_condition(condition: str, reserved: Sequence[str]) -> str:
    """The field or keyword that a condition is written under: its own name where that says nothing else."""
    if condition == "SAMPLE_LOC":
        return condition  # behind SAMPLE_NAME it reads back as what it was
    plain = _PLAIN.fullmatch(condition) and condition not in reserved and not condition.startswith(_CONDITION)
    known = condition.replace("_", "").upper() in _KNOWN or condition.upper() in _UNITS or condition == "SPECTRAL_NM"
    if plain and not known and _wavelength(condition) is None and _AXIS.fullmatch(condition) is None:
        return condition
    return _CONDITION + quote(condition, safe="")


def colour_names(space: ColourSpace, viewing: Viewing | None) -> tuple[str, ...]:
    """The names of the three fields of a colour; with its illuminant and observer where the header cannot say it."""
    if viewing is None:
        return _AXES[space]
    words = [quote(one or _UNDECLARED, safe="").replace("_", "%5F") for one in viewing]
    return tuple("_".join([axis, *words]) for axis in _AXES[space])


_UNITS: dict[str, ReflectanceUnit] = {"SPECTRAL_PCT": "percent", "SPECTRAL_DEC": "fraction"}


def _declared(word: str) -> str | None:
    return None if word == _UNDECLARED else printable(unquote(word))


def _wavelength(name: str) -> re.Match[str] | None:
    match = _WAVELENGTH.fullmatch(name)
    named = match is not None and (match["name"] or match["behind"] or "%" in name)
    return match if match and named and MIN_WAVELENGTH <= float(match["nm"]) <= MAX_WAVELENGTH else None


def _unit(match: re.Match[str]) -> ReflectanceUnit | None:
    if "%" in match.group() or "PCT" in match["name"].upper():
        return "percent"
    return "fraction" if "DEC" in match["name"].upper() else None


def _pairs(names: Sequence[str], file_name: str, where: str) -> list[int]:
    """Places of SPECTRAL_NM where each is followed by its value."""
    places = [place for place, name in enumerate(names) if name.upper() == "SPECTRAL_NM"]
    for place in places:
        after = names[place + 1] if place + 1 < len(names) else "nothing"
        if after.upper() not in _UNITS:
            raise MalformedFileError(
                file_name, f"SPECTRAL_NM is followed by {shortened(after)}", where=where, expected=" or ".join(_UNITS)
            )
    return places


def _colours(axes: dict[tuple[str, Viewing | None], int]) -> tuple[ColourFields, ...]:
    found = []
    for viewing in dict.fromkeys(viewing for _, viewing in axes):
        for space, names in _AXES.items():
            places = [axes[name, viewing] for name in names if (name, viewing) in axes]
            if len(places) == 3:
                found.append(ColourFields(space, (places[0], places[1], places[2]), viewing))
    return tuple(found)


def _with_kinds(fields: Fields) -> Fields:
    numeric = {*fields.spectral, *fields.nm, *(place for one in fields.colours for place in one.places)}
    roles = {place: role for role, place in fields.known.items()}
    kinds: list[Kind] = []
    for place, name in enumerate(fields.names):
        if place in numeric or _NUMERIC.fullmatch(name) or _AXIS.fullmatch(name):
            kinds.append("number")
        elif place in roles:
            kinds.append(_KINDS.get(roles[place], "text"))
        else:
            kinds.append("unknown")
    return Fields(
        fields.names,
        tuple(kinds),
        fields.spectral,
        fields.wavelengths,
        fields.nm,
        fields.unit,
        fields.stem,
        fields.colours,
        fields.known,
    )
