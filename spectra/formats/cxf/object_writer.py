"""Writing objects: measurements, samples of which only colours are known, other spectra, and their recipes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import MeasurementError
from spectra.formats.cxf.extension_writer import ExtensionWriter
from spectra.formats.cxf.markup import child, is_clean, name_text, number_text, numbers_text, time_text
from spectra.formats.cxf.objects import kind_of
from spectra.formats.cxf.physical import OUR_COLLECTION
from spectra.formats.cxf.specification_writer import (
    BOOLEANS,
    Specifications,
    Wanted,
    geometry_choices,
    method_of_measurement,
    tristimulus_of,
    undeclared_geometry,
    wanted,
)
from spectra.formats.cxf.vocabulary import (
    COLOUR_SPACES,
    CUSTOM_TYPE,
    EMISSIVE,
    FACTOR_CEILING,
    FACTOR_FLOOR,
    FIRST_START_NM,
    INCREMENTS_NM,
    LAST_START_NM,
    METHODS,
    NEVER,
    OBJECT_TYPES,
    QUANTITIES,
    TRANSMITTANCE,
)
from spectra.formats.text import number
from spectra.light import SpectralDistribution
from spectra.measurement import MEASUREMENT_CONDITIONS, Declared, Measurement
from spectra.stated import ColourReading, Role, StatedColour, StatedRecipe
from spectra.wavelengths import WavelengthGrid

if TYPE_CHECKING:
    from lxml import etree

_LIST_OF = {TRANSMITTANCE: "TransmittanceSpectrum", EMISSIVE: "EmissiveSpectrum"}
_TYPE_OF = {TRANSMITTANCE: "Spectrum_Transmittance", EMISSIVE: "Spectrum_Emissive"}
# Types a reader does not take for granted, so that a condition of that name comes back.
_COLOUR_TYPES = frozenset((*QUANTITIES, CUSTOM_TYPE)) - {"Colorimetric_Reflectance", "Spectrum_Reflectance"}
_SPECTRUM_TYPES = {
    TRANSMITTANCE: ("Spectrum_TotalTransmittance", "Colorimetric_Transmittance"),
    EMISSIVE: ("Colorimetric_Emissive",),
}
# What the schema allows of the three numbers of a colour.
_LOW = {
    "Lab": (0, -np.inf, -np.inf),
    "Luv": (0, -np.inf, -np.inf),
    "LCh": (0, 0, 0),
    "XYZ": (0, 0, 0),
    "xyY": (0, 0, 0),
}
_HIGH = {"LCh": (np.inf, np.inf, 360), "xyY": (1, 1, np.inf)}
_UNBOUNDED = (np.inf, np.inf, np.inf)


class ObjectWriter:
    """Writes objects into a collection, and what they need into the specifications and the extension."""

    def __init__(
        self,
        collection: etree._Element,
        specifications: Specifications,
        extension: ExtensionWriter,
        recipes: Mapping[str, Sequence[StatedRecipe]],
    ) -> None:
        self._collection = collection
        self._specifications = specifications
        self._extension = extension
        self._recipes = dict(recipes)

    def measurement(self, one: Measurement, identity: str) -> None:
        """Write a measurement.

        Raises
        ------
        GeometryError
        MeasurementError
        """
        conditions = dict(one.conditions)
        method = method_of_measurement(one.declared, conditions) if _any_computed(one.stated, "") else "unknown"
        element = self._object(identity, one.sample, one.role, one.taken_at, conditions, one.declared.condition)
        measured = wanted("Spectrum_Reflectance", one.declared, one.instrument, conditions)
        choices = geometry_choices(one.geometry, conditions)
        listed = _is_list(one.grid, one.reflectance_factor, FACTOR_FLOOR, FACTOR_CEILING)
        if listed:
            measured = _on_grid(measured, one.grid)
        first = next(
            (found for colour in one.stated if (found := tristimulus_of(colour.illuminant, colour.observer, method))),
            None,
        )
        values = child(element, "ColorValues")
        for choice, spectrum in zip(choices, one.reflectance_factor, strict=True):
            reference = self._specifications.id_of(_at(measured, choice).computed(first))
            tag = "ReflectanceSpectrum" if listed else "CustomSpectrum"
            _write_spectrum(values, tag, reference, one.grid, spectrum)
        self._colours(values, one.stated, measured, choices, method)
        self._rest(element, one.sample, conditions)
        self._extension.add_measurement(one, identity)

    def colour(self, one: ColourReading, identity: str) -> None:
        """Write a sample of which only colours are known.

        Raises
        ------
        GeometryError
        MeasurementError
            If it states no colour.
        """
        conditions = dict(one.conditions)
        kind = conditions.pop("measurement type") if conditions.get("measurement type") in _COLOUR_TYPES else None
        declared, bandpass = _declared_in_words(conditions)
        named = conditions.get("tristimulus method")
        method = "unknown"
        if named in METHODS and named != "unknown" and _any_computed(one.stated, str(named)):
            method = conditions.pop("tristimulus method")
        element = self._object(identity, one.sample, one.role, one.taken_at, conditions, declared.condition)
        measured = wanted(kind or "Colorimetric_Reflectance", declared, one.instrument, conditions)
        if bandpass is not None:
            measured = _with_bandpass(measured, bandpass)
        values = child(element, "ColorValues")
        self._colours(values, one.stated, measured, geometry_choices(one.geometry, conditions), method)
        if not len(values):
            raise MeasurementError(f"{one.sample}: states no colour that could be written")
        self._rest(element, one.sample, conditions)
        self._extension.add_colour(one, identity)

    def spectrum(self, one: SpectralDistribution, identity: str) -> None:
        """Write a spectrum that is not reflectance.

        Raises
        ------
        MeasurementError
        """
        conditions = dict(one.conditions)
        taken_at = _moment(conditions)
        declared, bandpass = _declared_in_words(conditions)
        instrument = conditions.pop("instrument") if is_clean(conditions.get("instrument")) else None
        kind = _TYPE_OF.get(one.quantity, CUSTOM_TYPE)
        if conditions.get("measurement type") in _SPECTRUM_TYPES.get(one.quantity, ()):
            kind = conditions.pop("measurement type")
        element = self._object(identity, one.name, None, taken_at, conditions, None)
        measured = wanted(kind, declared, instrument, conditions)
        measured = _at(measured, undeclared_geometry(conditions))
        if bandpass is not None:
            measured = _with_bandpass(measured, bandpass)
        floor = 0.0 if one.quantity == EMISSIVE else FACTOR_FLOOR
        ceiling = np.inf if one.quantity == EMISSIVE else FACTOR_CEILING
        listed = one.quantity in _LIST_OF and _is_list(one.grid, one.values, floor, ceiling)
        if listed:
            measured = _on_grid(measured, one.grid)
        tag = _LIST_OF[one.quantity] if listed else "CustomSpectrum"
        _write_spectrum(child(element, "ColorValues"), tag, self._specifications.id_of(measured), one.grid, one.values)
        self._rest(element, one.name, conditions)
        self._extension.add_spectrum(one, identity)

    def recipes(self) -> None:
        """Write the recipes of samples that were not written, each sample as an object of its own.

        Raises
        ------
        MeasurementError
        """
        for place, sample in enumerate(list(self._recipes), start=1):
            element = self._object(f"r{place}", sample, None, None, {}, None)
            self._rest(element, sample, {})

    def _object(
        self,
        identity: str,
        sample: str,
        role: Role | None,
        taken_at: datetime | None,
        conditions: dict[str, str],
        condition: str | None,
    ) -> etree._Element:
        attributes = {
            "ObjectType": _object_type(role, conditions, condition),
            "Name": name_text(sample, "the name"),
            "Id": identity,
            "GUID": conditions.pop("GUID") if is_clean(conditions.get("GUID")) else None,
        }
        element = child(self._collection, "Object", attributes=attributes)
        child(element, "CreationDate", time_text(taken_at))
        if is_clean(conditions.get("comment")):
            child(element, "Comment", conditions.pop("comment"))
        return element

    def _colours(
        self,
        values: etree._Element,
        stated: Sequence[StatedColour],
        measured: Wanted,
        choices: Sequence[tuple[str, ...]],
        method: str,
    ) -> None:
        for colour in stated:
            tristimulus = tristimulus_of(colour.illuminant, colour.observer, method)
            for choice, row in zip(choices, colour.values, strict=True):
                if not np.isnan(row).any():
                    reference = self._specifications.id_of(_at(measured, choice).computed(tristimulus))
                    _write_colour(values, colour, row, reference)

    def _rest(self, element: etree._Element, sample: str, conditions: Mapping[str, str]) -> None:
        """What stands behind the colours: recipes, then everything else as tags."""
        recipes = self._recipes.pop(sample, ())
        if recipes:
            device_values = child(element, "DeviceColorValues")
            for recipe in recipes:
                _write_recipe(device_values, recipe)
        collections: dict[str, list[tuple[str, str]]] = {}
        for key, value in conditions.items():
            collection, found, name = key.partition("/")
            if not (found and is_clean(collection) and is_clean(name)) or collection == OUR_COLLECTION:
                collection, name = OUR_COLLECTION, key
            collections.setdefault(collection, []).append((name, value))
        for collection, tags in collections.items():
            tagged = child(element, "TagCollection", attributes={"Name": collection})
            for name, value in tags:
                child(tagged, "Tag", attributes={"Name": name, "Value": value})


def _object_type(role: Role | None, conditions: dict[str, str], condition: str | None) -> str:
    """The file's own word for what a sample is, if a reader would understand the same by it."""
    word = conditions.get("object type", "")
    meant, described = kind_of(word)
    alike = (role is None or meant == role) and described in (None, condition)
    if is_clean(word) and alike and word != OBJECT_TYPES[meant]:
        return conditions.pop("object type")
    return OBJECT_TYPES[role or "undeclared"]


def _at(measured: Wanted, choice: tuple[str, ...]) -> Wanted:
    return replace(measured, geometry=choice)


def _on_grid(measured: Wanted, grid: WavelengthGrid) -> Wanted:
    return replace(measured, start=round(grid.start), increment=round(grid.step or 0))


def _with_bandpass(measured: Wanted, text: str) -> Wanted:
    return replace(measured, bandpass_corrected=text)


def _any_computed(stated: Sequence[StatedColour], method: str) -> bool:
    return any(tristimulus_of(colour.illuminant, colour.observer, method) is not None for colour in stated)


def _is_list(grid: WavelengthGrid, values: FloatArray, floor: float, ceiling: float) -> bool:
    """Whether the schema allows the values as a plain list: its starts, its increments, its range."""
    return (
        grid.step in INCREMENTS_NM
        and grid.start == round(grid.start)
        and FIRST_START_NM <= grid.start <= LAST_START_NM
        and bool(((values > floor) & (values < ceiling)).all())
    )


def _write_spectrum(parent: etree._Element, tag: str, reference: str, grid: WavelengthGrid, values: FloatArray) -> None:
    if tag == "CustomSpectrum":
        element = child(parent, tag, attributes={"ColorSpecification": reference})
        for wavelength, value in zip(grid.wavelengths.tolist(), values.tolist(), strict=True):
            child(element, "SpectralPoint", number_text(value), {"WL": number_text(wavelength)})
    else:
        attributes = {"StartWL": str(round(grid.start)), "ColorSpecification": reference}
        child(parent, tag, numbers_text(values.tolist()), attributes)


def _write_colour(parent: etree._Element, colour: StatedColour, row: FloatArray, reference: str) -> None:
    tag, parts = COLOUR_SPACES[colour.space]
    inside = (row >= _LOW[colour.space]).all() and (row <= _HIGH.get(colour.space, _UNBOUNDED)).all()
    if inside:
        element = child(parent, tag, attributes={"ColorSpecification": reference})
        for part, value in zip(parts, row.tolist(), strict=True):
            child(element, part, number_text(value))
    else:  # L* below 0, X below 0: real colours of dark samples that the schema has no other place for
        element = child(parent, "CustomColorSpace", attributes={"Name": tag, "ColorSpecification": reference})
        for part, value in zip(parts, row.tolist(), strict=True):
            child(element, "Value", number_text(value), {"Label": part})


def _write_recipe(parent: etree._Element, recipe: StatedRecipe) -> None:
    if not recipe.components:
        raise MeasurementError(f"{recipe.sample}: the recipe {recipe.name!r} has no colorant")
    element = child(parent, "ColorRecipe", attributes={"Units": recipe.unit or "", "Name": recipe.name})
    child(element, "CreationDate", NEVER)
    for tag, text in (("Substrate", recipe.substrate), ("Process", recipe.process)):
        if text is not None and is_clean(text):
            child(element, tag, text)
    for component in recipe.components:
        attributes = {
            "Name": name_text(component.colorant, "the colorant"),
            "isBase": "true" if component.is_base else None,
        }
        colorant = child(element, "Colorant", attributes=attributes)
        if component.part_number is not None and is_clean(component.part_number):
            child(colorant, "PartNumber", component.part_number)
        if component.density is not None and number(component.density) is not None:
            child(colorant, "Density", component.density.strip())
        child(colorant, "Value", number_text(component.amount))


def _declared_in_words(conditions: dict[str, str]) -> tuple[Declared, str | None]:
    """What a sample without a `Declared` says in its conditions; these are taken out."""
    condition = next((one for one in MEASUREMENT_CONDITIONS if one == conditions.get("measurement condition")), None)
    if condition is not None:
        del conditions["measurement condition"]
    backing = conditions.pop("backing") if is_clean(conditions.get("backing")) else None
    bandpass = conditions.pop("bandpass corrected") if conditions.get("bandpass corrected") in BOOLEANS else None
    return Declared(condition=condition, backing=backing), bandpass


def _moment(conditions: dict[str, str]) -> datetime | None:
    text = conditions.get("measured at", "")
    with suppress(ValueError):
        moment = datetime.fromisoformat(text)
        if time_text(moment) == text and moment.year > 1:
            del conditions["measured at"]
            return moment
    return None
