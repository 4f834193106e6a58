"""Writing ColorSpecifications: each way of measuring and computing once, in the order of first use."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from spectra.errors import GeometryError
from spectra.formats.cxf.markup import child, is_clean, number_text
from spectra.formats.cxf.vocabulary import (
    BANDPASS_CORRECTED,
    CONDITIONS,
    CUSTOM,
    CUSTOM_OBSERVER,
    ILLUMINANTS,
    METHODS,
    OBSERVERS,
    SINGLE_ANGLES,
    SPHERES,
    UNDECLARED_GEOMETRY,
)
from spectra.formats.text import number
from spectra.geometry import Geometry
from spectra.measurement import Declared

if TYPE_CHECKING:
    from lxml import etree

UNITS_OF_LUMINANCE = ("normalized", "fL", "cd/ft2", "cd/m2")
DEVICE_CLASSES = ("DeviceClass_Spot", "DeviceClass_Scanning", "DeviceClass_Other")
FILTERS = ("Filter_None", "Filter_UVExcluded", "Filter_UVD65", "Filter_Partial", "Filter_Custom")
ILLUMINATIONS = ("Flash", "LED", "Ambient", "Custom")
EMISSIVE_MODES = ("EmissiveMode_Diffuser", "EmissiveMode_Reflected", "EmissiveMode_Other")
BOOLEANS = ("true", "false")

_ILLUMINATION_OF = {condition: word for word, condition in CONDITIONS.items()}
_OBSERVER_OF = {observer: word for word, observer in OBSERVERS.items()}
_SPHERE_OF = {geometry.name: word for word, geometry in SPHERES.items()}
_SINGLE_OF = {geometry.name: angles for angles, geometry in SINGLE_ANGLES.items()}


@dataclass(frozen=True, slots=True)
class Tristimulus:
    """How a colour was computed."""

    illuminant: str
    observer: str
    method: str = "unknown"


@dataclass(frozen=True, slots=True)
class Device:
    """What measured, in the schema's order."""

    model: str | None = None
    serial_number: str | None = None
    device_class: str | None = None
    filter: str | None = None
    filter_description: str | None = None
    filter_position: str | None = None
    illumination: str | None = None
    illumination_type: str | None = None
    polarization: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """One ColorSpecification, to be written once.

    `geometry` is the element of GeometryChoice, its text and its parts; `start` and `increment` are in nm.
    """

    measurement_type: str
    geometry: tuple[str, ...]
    tristimulus: Tristimulus | None = None
    start: int | None = None
    increment: int | None = None
    luminance_units: str | None = None
    calibration_standard: str | None = None
    aperture: str | None = None
    backing: str | None = None
    bandpass_corrected: str | None = None
    device: Device = Device()

    def computed(self, tristimulus: Tristimulus | None) -> Wanted:
        """The same measurement, with colours computed in another way."""
        return replace(self, tristimulus=tristimulus)


def wanted(measurement_type: str, declared: Declared, instrument: str | None, conditions: dict[str, str]) -> Wanted:
    """What a sample declares of its measurement, but for the geometry; conditions that find a place are taken out."""
    model, serial = _model_and_serial(instrument)
    device_filter = _taken(conditions, "device filter", FILTERS)
    illumination = _ILLUMINATION_OF.get(declared.condition) if declared.condition else None
    illumination = illumination or _taken(conditions, "device illumination", ILLUMINATIONS)
    position = conditions.get("filter position", "")
    device = Device(
        model=model,
        serial_number=serial,
        device_class=_taken(conditions, "device class", DEVICE_CLASSES),
        filter=device_filter,
        filter_description=_taken(conditions, "filter description") if device_filter else None,
        filter_position=_taken(conditions, "filter position")
        if device_filter and number(position) is not None
        else None,
        illumination=illumination,
        illumination_type=_taken(conditions, "illumination type") if illumination else None,
        polarization=_taken(conditions, "device polarization", BOOLEANS),
    )
    corrected = declared.bandpass_corrected
    return Wanted(
        measurement_type=measurement_type,
        geometry=("UnknownGeometry", UNDECLARED_GEOMETRY),
        luminance_units=_taken(conditions, "luminance units", UNITS_OF_LUMINANCE),
        calibration_standard=_taken(conditions, "calibration standard"),
        aperture=_taken(conditions, "aperture"),
        backing=declared.backing if is_clean(declared.backing) else None,
        bandpass_corrected=None if corrected is None else BOOLEANS[not corrected],
        device=device,
    )


def geometry_choices(geometry: Geometry, conditions: dict[str, str]) -> list[tuple[str, ...]]:
    """The GeometryChoice of each angle.

    Raises
    ------
    GeometryError
        If the geometry has none in CxF3.
    """
    if geometry.kind == "directional":
        rows = zip(
            geometry.tokens, geometry.illumination_angles, geometry.aspecular_angles, geometry.azimuths, strict=True
        )
        return [
            ("MultiAngle", token, *(number_text(angle) for angle in angles if not math.isnan(angle)))
            for token, *angles in rows
        ]
    if geometry.name in _SPHERE_OF:
        return [("SphereGeometry", _SPHERE_OF[geometry.name])]
    if geometry.name in _SINGLE_OF:
        configuration, light, sight = _SINGLE_OF[geometry.name]
        return [("SingleAngle", configuration, number_text(light), number_text(sight))]
    if geometry.kind == "unknown" and geometry.n_angles == 1:
        return [undeclared_geometry(conditions)]
    raise GeometryError(f"CxF3 has no geometry for {geometry.name}")


def undeclared_geometry(conditions: dict[str, str]) -> tuple[str, str]:
    """The GeometryChoice of a sample whose geometry is not declared, or only in words."""
    mode = _taken(conditions, "emissive mode", EMISSIVE_MODES)
    if mode is not None:
        return "EmissiveMode", mode
    words = _taken(conditions, "geometry") if conditions.get("geometry") != UNDECLARED_GEOMETRY else None
    return "UnknownGeometry", words or UNDECLARED_GEOMETRY


def tristimulus_of(illuminant: str | None, observer: str | None, method: str) -> Tristimulus | None:
    """How a colour was computed, where the file can say it: both of them, or neither."""
    if illuminant is None or observer is None or not (is_clean(illuminant) and is_clean(observer)):
        return None
    return Tristimulus(illuminant, observer, method)


def method_of_measurement(declared: Declared, conditions: dict[str, str]) -> str:
    """The method by which a measurement's colours were computed, so that it says of the bandpass what is declared."""
    corrected, named = declared.bandpass_corrected, conditions.get("tristimulus method")
    by_bandpass = next((word for word, value in BANDPASS_CORRECTED.items() if value == corrected), "unknown")
    if named not in METHODS or named in ("unknown", by_bandpass) or (corrected is None and named in BANDPASS_CORRECTED):
        return by_bandpass
    del conditions["tristimulus method"]
    return str(named)


class Specifications:
    """The specifications of a file that is being written."""

    def __init__(self) -> None:
        self._ids: dict[Wanted, str] = {}

    def id_of(self, specification: Wanted) -> str:
        """The Id by which values refer to a specification."""
        return self._ids.setdefault(specification, f"S{len(self._ids) + 1}")

    def write(self, resources: etree._Element) -> None:
        """Append the collection, where there is anything in it."""
        if not self._ids:
            return
        collection = child(resources, "ColorSpecificationCollection")
        for specification, name in self._ids.items():
            _write(child(collection, "ColorSpecification", attributes={"Id": name}), specification)


def _taken(conditions: dict[str, str], key: str, allowed: tuple[str, ...] | None = None) -> str | None:
    """Take a condition out, if the schema has a place for its text."""
    text = conditions.get(key)
    if text is None or not is_clean(text) or (allowed is not None and text not in allowed):
        return None
    return conditions.pop(key)


def _model_and_serial(instrument: str | None) -> tuple[str | None, str | None]:
    if instrument is None or not is_clean(instrument):
        return None, None
    model, found, serial = instrument.rpartition(", serial number ")
    return (model, serial) if found and is_clean(model) and is_clean(serial) else (instrument, None)


def _write(element: etree._Element, specification: Wanted) -> None:
    if specification.tristimulus is not None:
        _write_tristimulus(child(element, "TristimulusSpec"), specification.tristimulus)
    measured = child(element, "MeasurementSpec")
    child(measured, "MeasurementType", specification.measurement_type)
    _write_geometry(child(measured, "GeometryChoice"), specification.geometry)
    if specification.start is not None:
        attributes = {"StartWL": str(specification.start), "Increment": str(specification.increment)}
        child(measured, "WavelengthRange", attributes=attributes)
    for tag, text in (
        ("LuminanceUnitsType", specification.luminance_units),
        ("CalibrationStandard", specification.calibration_standard),
        ("Aperture", specification.aperture),
        ("Backing", specification.backing),
        ("BandpassCorrected", specification.bandpass_corrected),
    ):
        if text is not None:
            child(measured, tag, text)
    if specification.device != Device():
        _write_device(child(measured, "Device"), specification.device)


def _write_tristimulus(element: etree._Element, tristimulus: Tristimulus) -> None:
    if tristimulus.illuminant in ILLUMINANTS:
        child(element, "Illuminant", tristimulus.illuminant)
    else:
        child(element, "Illuminant", CUSTOM, {"Name": tristimulus.illuminant})
    if tristimulus.observer in _OBSERVER_OF:
        child(element, "Observer", _OBSERVER_OF[tristimulus.observer])
    else:
        child(element, "Observer", CUSTOM_OBSERVER, {"Name": tristimulus.observer})
    child(element, "Method", tristimulus.method)


def _write_geometry(element: etree._Element, geometry: tuple[str, ...]) -> None:
    tag, first, *rest = geometry
    if tag == "MultiAngle":
        pair = child(child(element, tag), "BRDFAngle", attributes={"Notation": first})
        for name, angle in zip(("IlluminationAngle", "Aspecular", "Azimuth"), rest, strict=False):
            child(pair, name, angle)
    elif tag == "SingleAngle":
        single = child(element, tag)
        for name, text in zip(
            ("SingleAngleConfiguration", "IlluminationAngle", "MeasurementAngle"), geometry[1:], strict=True
        ):
            child(single, name, text)
    else:
        child(element, tag, first)


def _write_device(element: etree._Element, device: Device) -> None:
    for tag, text, attributes in (
        ("Model", device.model, {}),
        ("SerialNumber", device.serial_number, {}),
        ("DeviceClass", device.device_class, {}),
        (
            "DeviceFilter",
            device.filter,
            {"FilterDescription": device.filter_description, "FilterPosition": device.filter_position},
        ),
        ("DeviceIllumination", device.illumination, {"CustomType": device.illumination_type}),
        ("DevicePolarization", device.polarization, {}),
    ):
        if text is not None:
            child(element, tag, text, attributes)
