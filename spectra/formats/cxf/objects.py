"""Object: one sample of the file with its spectra, colours and recipes, each still pointing to its specification."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from spectra.formats.cxf.context import Context, line_of, local_name, place
from spectra.formats.cxf.physical import add, flattened, physical_attributes, tags
from spectra.formats.cxf.recipes import read_recipe
from spectra.formats.cxf.vocabulary import (
    COLOUR_SPACES,
    CONDITION_OBJECT,
    CORE,
    EMISSIVE,
    NEVER,
    OBJECT_TYPES,
    REFLECTANCE,
    ROLES,
    TRANSMITTANCE,
    core,
)
from spectra.formats.text import shortened
from spectra.measurement import MeasurementCondition
from spectra.stated import ColourSpace, Role, StatedRecipe

if TYPE_CHECKING:
    from lxml import etree

MAX_VALUES = 10_000  # of one spectrum
MAX_MAGNITUDE = 1e12  # of a spectrum in units of its own

_LISTS = {
    core("ReflectanceSpectrum"): REFLECTANCE,
    core("TransmittanceSpectrum"): TRANSMITTANCE,
    core("EmissiveSpectrum"): EMISSIVE,
}
_CUSTOM, _SPACE = core("CustomSpectrum"), core("CustomColorSpace")
_COLOURS = {core(tag): (space, tuple(map(core, parts))) for space, (tag, parts) in COLOUR_SPACES.items()}
_PRIVATE = (core("PrivateSpectrum"), core("PrivateColorValues"))
_DATE, _COMMENT, _VALUES = core("CreationDate"), core("Comment"), core("ColorValues")
_DIFFERENCES, _DEVICE_VALUES = core("ColorDifferenceValues"), core("DeviceColorValues")
_TAGS, _PHYSICAL, _RECIPE = core("TagCollection"), core("PhysicalAttributes"), core("ColorRecipe")


@dataclass(slots=True)
class Spectrum:
    """One spectrum of an object; `quantity` is None where its element does not say, `wavelengths` where equal steps."""

    element: etree._Element
    specification: str
    quantity: str | None
    values: list[float]
    wavelengths: list[float] | None
    start: float | None
    name: str
    measured_at: datetime | None


@dataclass(slots=True)
class Colour:
    """One stated colour of an object."""

    element: etree._Element
    specification: str | None
    space: ColourSpace
    values: list[float]


@dataclass(slots=True)
class CxfObject:
    """One object of the file."""

    element: etree._Element
    identity: str
    object_type: str
    name: str
    role: Role
    condition: MeasurementCondition | None
    created_at: datetime | None = None
    spectra: list[Spectrum] = field(default_factory=list)
    colours: list[Colour] = field(default_factory=list)
    recipes: list[StatedRecipe] = field(default_factory=list)
    differences: list[etree._Element] = field(default_factory=list)
    conditions: dict[str, str] = field(default_factory=dict)
    device_values: dict[str, str] = field(default_factory=dict)
    standard: str | None = None

    @property
    def holds_colour(self) -> bool:
        """Whether it states a spectrum or a colour."""
        return bool(self.spectra or self.colours)


@lru_cache(maxsize=256)
def kind_of(object_type: str) -> tuple[Role, MeasurementCondition | None]:
    """What an object is by its ObjectType, which the schema leaves free, and the condition some programs put there."""
    described = CONDITION_OBJECT.fullmatch(object_type)
    if described:
        condition: Any = described[1].upper()
        return "sample", condition
    return ROLES.get(object_type.lower(), "undeclared"), None


def read_object(element: etree._Element, context: Context) -> CxfObject:
    """Everything an Object states.

    Raises
    ------
    MalformedFileError
        If a value is not a number, or a spectrum points to no specification.
    """
    object_type = line_of(element.get("ObjectType"))
    identity = element.get("Id") or ""
    name = line_of(element.get("Name"))
    if not name:
        name = line_of(identity) or "unnamed"
        context.note("an object without a name is called by its Id")
    role, condition = kind_of(object_type)
    found = CxfObject(element, identity, object_type, name, role, condition)
    if object_type != OBJECT_TYPES[role] and object_type:
        found.conditions["object type"] = object_type
    if element.get("GUID"):
        found.conditions["GUID"] = line_of(element.get("GUID"))
    for child in element:
        tag = child.tag
        if tag == _DATE:
            found.created_at = _time(child.text, found.conditions, context)
        elif tag == _VALUES:
            _read_values(child, found, context)
        elif tag == _COMMENT:
            add(found.conditions, "comment", line_of(child.text))
        elif tag == _DEVICE_VALUES:
            _read_device_values(child, found, context)
        elif tag == _DIFFERENCES:
            found.differences += list(child)
        elif tag == _TAGS:
            for key, value in tags(child).items():
                add(found.conditions, key, value)
        elif tag == _PHYSICAL:
            for key, value in physical_attributes(child, context).items():
                add(found.conditions, key, value)
        else:
            context.note(f"element {shortened(local_name(child))} of an object is not known and left out")
    return found


def _read_values(values: etree._Element, found: CxfObject, context: Context) -> None:
    for child in values:
        tag = child.tag
        quantity = _LISTS.get(tag)
        if quantity is not None:
            found.spectra.append(_list(child, quantity, found.conditions, context))
        elif tag in _COLOURS:
            found.colours.append(_colour(child, *_COLOURS[tag], context))
        elif tag == _SPACE and core(child.get("Name") or "") in _COLOURS:
            found.colours.append(_custom_colour(child, *_COLOURS[core(child.get("Name") or "")], context))
        elif tag == _CUSTOM:
            points = _points(child, found.conditions, context)
            found.spectra += [] if points is None else [points]
        else:
            _read_other(child, found.conditions, context)


def _read_device_values(values: etree._Element, found: CxfObject, context: Context) -> None:
    for child in values:
        if child.tag == _RECIPE:
            found.recipes.append(read_recipe(child, found.name, context))
        else:
            _read_other(child, found.device_values, context)


def _read_other(child: etree._Element, conditions: dict[str, str], context: Context) -> None:
    if child.tag in _PRIVATE:
        context.note("encrypted values are left out")
    elif child.tag.startswith(f"{{{CORE}}}"):
        text = flattened(child)
        if text:
            add(conditions, local_name(child), text)
    else:
        context.note(f"element {shortened(local_name(child))} of another namespace is left out")


def _list(element: etree._Element, quantity: str, conditions: dict[str, str], context: Context) -> Spectrum:
    values = context.numbers(element.text or "", element)
    if len(values) > MAX_VALUES or (quantity != REFLECTANCE and max(map(abs, values), default=0) > MAX_MAGNITUDE):
        _refuse_absurd(values, MAX_MAGNITUDE, element, context)
    start, name, measured_at = element.get("StartWL"), element.get("Name"), element.get("MeasureDate")
    return Spectrum(
        element,
        _reference(element, context),
        quantity,
        values,
        None,
        None if start is None else context.number(start, element, "StartWL"),
        "" if name is None else line_of(name),
        None if measured_at is None else _time(measured_at, conditions, context),
    )


def _points(element: etree._Element, conditions: dict[str, str], context: Context) -> Spectrum | None:
    """Point by point; None, and a note, where the spectrum contradicts itself: the schema lets it, the file is sound.

    Which of the two values was measured nobody can tell; the objects beside it are none the worse.
    """
    pairs = [
        (context.number(point.get("WL"), point, "WL"), context.number(point.text, point, "a value"))
        for point in element.iterfind(core("SpectralPoint"))
    ]
    rising = sorted(pairs)
    for (before, first), (wavelength, second) in pairwise(rising):
        if wavelength == before:
            said = f"{wavelength:g} nm stands twice, with {first:g} and {second:g}"
            context.note(f"{place(element)}: the spectrum is left out: {said}")
            return None
    if rising != pairs:
        context.note("spectral points out of order were sorted by their wavelength")
    values = [value for _, value in rising]
    if len(values) > MAX_VALUES or not all(abs(value) <= MAX_MAGNITUDE for value in values):
        _refuse_absurd(values, MAX_MAGNITUDE, element, context)
    measured_at = element.get("MeasureDate")
    return Spectrum(
        element,
        _reference(element, context),
        None,
        values,
        [wavelength for wavelength, _ in rising],
        None,
        line_of(element.get("Name")),
        None if measured_at is None else _time(measured_at, conditions, context),
    )


def _refuse_absurd(values: list[float], limit: float, element: etree._Element, context: Context) -> None:
    if len(values) > MAX_VALUES:
        context.refuse(element, f"{len(values)} values", f"at most {MAX_VALUES}")
    context.refuse(element, f"a value is {max(values, key=abs):g}", f"magnitudes up to {limit:g}")


def _reference(element: etree._Element, context: Context) -> str:
    reference = element.get("ColorSpecification")
    if reference is None:
        context.refuse(
            element, "a spectrum without ColorSpecification", "the Id of the one that states its wavelengths"
        )
    return reference


def _colour(element: etree._Element, space: ColourSpace, parts: tuple[str, ...], context: Context) -> Colour:
    if element.get("Name") is not None:
        context.note("names of single colours are left out")
    return Colour(
        element,
        element.get("ColorSpecification"),
        space,
        _coordinates(element, [(child.tag, child.text) for child in element], space, parts, context),
    )


def _custom_colour(element: etree._Element, space: ColourSpace, parts: tuple[str, ...], context: Context) -> Colour:
    """A colour beyond the range its own element allows, in the words of our writer: ColorCIELab with L, A and B."""
    labelled = [(core(child.get("Label") or ""), child.text) for child in element]
    values = _coordinates(element, labelled, space, parts, context)
    return Colour(element, element.get("ColorSpecification"), space, values)


def _coordinates(
    element: etree._Element,
    found: list[tuple[str, str | None]],
    space: ColourSpace,
    parts: tuple[str, ...],
    context: Context,
) -> list[float]:
    values = []
    texts = dict(found)
    for part in parts:
        text = texts.get(part) or ""
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not abs(value) <= MAX_MAGNITUDE or not text.isascii() or "_" in text:
            context.refuse(element, f"{part.rpartition('}')[2]} of {space} is {shortened(text)}", "a number")
        values.append(value)
    return values


def _time(text: str | None, conditions: dict[str, str], context: Context) -> datetime | None:
    clean = (text or "").strip()
    if not clean or clean.startswith(NEVER[:4]):
        return None
    try:
        if "T" in clean:
            return datetime.fromisoformat(clean)
    except ValueError:
        pass
    add(conditions, "date", line_of(clean))
    context.note("a date that is no xs:dateTime is kept in words")
    return None
