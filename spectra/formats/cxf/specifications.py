"""ColorSpecification: how a colour was measured and computed, to which every value of the file refers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spectra.errors import MalformedFileError
from spectra.formats.cxf.context import Context, line_of
from spectra.formats.cxf.physical import physical_attributes
from spectra.formats.cxf.vocabulary import (
    BANDPASS_CORRECTED,
    CONDITIONS,
    CUSTOM,
    CUSTOM_OBSERVER,
    OBSERVERS,
    SINGLE_ANGLES,
    SPHERES,
    UNDECLARED_GEOMETRY,
    core,
)
from spectra.formats.text import number, shortened
from spectra.geometry import UNDECLARED, Geometry, canonical, is_directional
from spectra.measurement import Declared

if TYPE_CHECKING:
    from lxml import etree

Conditions = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Specification:
    """One ColorSpecification.

    Attributes
    ----------
    measurement_type : str or None
    geometry : Geometry
        Undeclared where there are angle pairs.
    angles : tuple of (str, str)
        Token and notation of each angle pair.
    start, step : float or None
        WavelengthRange. [nm]
    declared : Declared
    instrument : str or None
    conditions : tuple of (str, str)
        What else is declared of the measurement.
    illuminant, observer : str or None
    method : str or None
        By which the colours were computed.
    bandpass_element : str or None
        BandpassCorrected, verbatim.
    way, colour_way : int
        The same number for specifications that differ in nothing but their angle; and in how colours were computed.
    """

    measurement_type: str | None
    geometry: Geometry
    angles: tuple[tuple[str, str], ...]
    start: float | None
    step: float | None
    declared: Declared
    instrument: str | None
    conditions: Conditions
    illuminant: str | None
    observer: str | None
    method: str | None
    bandpass_element: str | None
    way: int = -1
    colour_way: int = -1

    def colour_conditions(self) -> dict[str, str]:
        """Everything that is declared, for a sample that is no measurement and has no `Declared`."""
        found = dict(self.conditions)
        said = (
            ("measurement condition", self.declared.condition),
            ("backing", self.declared.backing),
            ("bandpass corrected", self.bandpass_element),
            ("tristimulus method", None if self.method == "unknown" else self.method),
        )
        return found | {key: value for key, value in said if value is not None}


NOTHING_SPECIFIED = Specification(None, UNDECLARED, (), None, None, Declared(), None, (), None, None, None, None)


def read_specification(element: etree._Element, context: Context) -> Specification:
    """What a ColorSpecification declares.

    Raises
    ------
    MalformedFileError
        If an angle or wavelength is not a number, or a notation contradicts the angles beside it.
    """
    tristimulus = element.find(core("TristimulusSpec"))
    measured = element.find(core("MeasurementSpec"))
    conditions: dict[str, str] = {}
    geometry: Geometry = UNDECLARED
    angles: tuple[tuple[str, str], ...] = ()
    start = step = None
    measurement_type = instrument = condition = backing = bandpass = None
    illuminant = observer = method = None
    if tristimulus is not None:
        illuminant, observer = _illuminant(tristimulus, context), _observer(tristimulus, context)
        method = _text(tristimulus, "Method") or None
    if measured is not None:
        measurement_type = _text(measured, "MeasurementType") or None
        geometry, angles = _geometry(measured, conditions, context)
        wavelengths = measured.find(core("WavelengthRange"))
        if wavelengths is not None:
            start = context.number(wavelengths.get("StartWL"), wavelengths, "StartWL")
            step = context.number(wavelengths.get("Increment"), wavelengths, "Increment")
        for tag, key in (
            ("LuminanceUnitsType", "luminance units"),
            ("CalibrationStandard", "calibration standard"),
            ("Aperture", "aperture"),
        ):
            if _text(measured, tag):
                conditions[key] = _text(measured, tag)
        backing = _text(measured, "Backing") or None
        bandpass = _text(measured, "BandpassCorrected").lower() or None
        instrument, condition = _device(measured.find(core("Device")), conditions)
    conditions |= physical_attributes(element.find(core("PhysicalAttributes")), context)
    corrected = _bandpass_corrected(bandpass, method, conditions, context)
    declared = Declared(condition=CONDITIONS.get(condition or ""), bandpass_corrected=corrected, backing=backing)
    said = tuple(sorted(conditions.items()))
    words = tuple(one for one in said if one[0] != "angles")
    spoken = tuple(one for one in words if one[0] != "tristimulus method")
    colour_way = (bool(angles), geometry.name, declared.condition, backing, instrument, spoken)
    return Specification(
        measurement_type=measurement_type,
        geometry=geometry,
        angles=angles,
        start=start,
        step=step,
        declared=declared,
        instrument=instrument,
        conditions=said,
        illuminant=illuminant,
        observer=observer,
        method=method,
        bandpass_element=bandpass,
        way=context.numbered((bool(angles), geometry.name, declared, instrument, words)),
        colour_way=context.numbered(colour_way),
    )


def specification_id(element: etree._Element, context: Context, known: Mapping[str, Specification]) -> str:
    """The Id of a specification.

    Raises
    ------
    MalformedFileError
        If it has none, or one that stands before.
    """
    name = element.get("Id")
    if not name:
        context.refuse(element, "a ColorSpecification without an Id", "Id=…")
    if name in known:
        context.refuse(element, f"the Id {shortened(name)} stands twice", "each Id once")
    return name


def _text(element: etree._Element, tag: str) -> str:
    child = element.find(core(tag))
    return line_of(child.text) if child is not None else ""


def _bandpass_corrected(
    bandpass: str | None, method: str | None, conditions: dict[str, str], context: Context
) -> bool | None:
    from_method = BANDPASS_CORRECTED.get(method or "")
    explicit = {"true": True, "1": True, "false": False, "0": False}.get(bandpass or "")
    if explicit is None and from_method is None and method not in (None, "unknown"):
        conditions["tristimulus method"] = str(method)
    if explicit is None:
        return from_method
    if from_method is not None and from_method != explicit:
        conditions["tristimulus method"] = str(method)
        context.note(
            f"BandpassCorrected says {bandpass}, the method of the colours is {method}: "
            "the spectra are taken as BandpassCorrected says"
        )
    elif from_method is None and method not in (None, "unknown"):
        conditions["tristimulus method"] = str(method)
    return explicit


def _illuminant(tristimulus: etree._Element, context: Context) -> str | None:
    element = tristimulus.find(core("Illuminant"))
    if element is None:
        element = tristimulus.find(core("CustomIlluminant"))
        name = line_of(element.get("Name")) if element is not None else ""
    else:
        name = line_of(element.text)
        if name == CUSTOM:
            name = line_of(element.get("Name"))
    if element is not None and any(element.get(axis) for axis in "XYZ"):
        context.note("the white point stated with an illuminant is left out")
    if element is not None and not name:
        context.note("a custom illuminant without a name; the illuminant stays undeclared")
    return name or None


def _observer(tristimulus: etree._Element, context: Context) -> str | None:
    element = tristimulus.find(core("Observer"))
    if element is None:
        return None
    text = line_of(element.text)
    if text != CUSTOM_OBSERVER:
        return OBSERVERS.get(text, text) or None
    for attribute in ("Angle", "Age"):
        if element.get(attribute):
            context.note(f"a custom observer states its {attribute.lower()}, {shortened(element.get(attribute) or '')}")
    name = line_of(element.get("Name"))
    if not name:
        context.note("a custom observer without a name; the observer stays undeclared")
    return name or None


def _geometry(
    measured: etree._Element, conditions: dict[str, str], context: Context
) -> tuple[Geometry, tuple[tuple[str, str], ...]]:
    choice = measured.find(core("GeometryChoice"))
    if choice is None or not len(choice):
        return UNDECLARED, ()
    element = choice[0]
    text = line_of(element.text)
    if element.tag == core("MultiAngle"):
        angles = tuple(_angle(one, context) for one in element.iterfind(core("BRDFAngle")))
        if len(angles) > 1:
            conditions["angles"] = ", ".join(token for token, _ in angles)
        return UNDECLARED, angles
    if element.tag == core("SphereGeometry") and text in SPHERES:
        return SPHERES[text], ()
    if element.tag == core("SingleAngle"):
        configuration = _text(element, "SingleAngleConfiguration")
        light = number(_text(element, "IlluminationAngle"))
        sight = number(_text(element, "MeasurementAngle"))
        known = SINGLE_ANGLES.get((configuration, light, sight)) if light is not None and sight is not None else None
        if known is not None:
            return known, ()
        angle = (_text(element, "IlluminationAngle"), _text(element, "MeasurementAngle"))
        conditions["geometry"] = " ".join(part for part in (configuration, ":".join(angle)) if part)
        context.note("a single-angle geometry other than 45:0 and 0:45 is kept in words and stays undeclared")
        return UNDECLARED, ()
    if element.tag == core("EmissiveMode"):
        conditions["emissive mode"] = text
    elif text and text != UNDECLARED_GEOMETRY:
        conditions["geometry"] = text
    return UNDECLARED, ()


def _angle(element: etree._Element, context: Context) -> tuple[str, str]:
    parts = []
    for tag, key in (("IlluminationAngle", ""), ("Aspecular", "as"), ("Azimuth", "az")):
        child = element.find(core(tag))
        if child is None and tag == "Azimuth":
            continue
        value = context.number(child.text if child is not None else None, element, tag)
        if tag != "Azimuth" or value != 0:  # an azimuth of 0 lies in the plane, and in-plane pairs name none
            parts.append(f"{key}{value + 0.0:g}")
    notation = line_of(element.get("Notation"))
    with context.placed(element):
        token = canonical("".join(parts))
        if is_directional(notation) and canonical(notation) != token:
            raise MalformedFileError(
                context.file_name,
                f"the notation {shortened(notation)} contradicts the angles beside it, {token}",
                where=f"line {element.sourceline}",
                expected="the same angles",
            )
    return token, notation


def _device(device: etree._Element | None, conditions: dict[str, str]) -> tuple[str | None, str | None]:
    """The instrument in one line, and the illumination where it is one of M0 to M3."""
    if device is None:
        return None, None
    maker_model = " ".join(text for text in (_text(device, "Manufacturer"), _text(device, "Model")) if text)
    serial = _text(device, "SerialNumber")
    illumination = _text(device, "DeviceIllumination")
    for tag, key in (
        ("DeviceClass", "device class"),
        ("DeviceFilter", "device filter"),
        ("DevicePolarization", "device polarization"),
    ):
        if _text(device, tag):
            conditions[key] = _text(device, tag)
    if illumination and illumination not in CONDITIONS:
        conditions["device illumination"] = illumination
    for tag, attribute, key in (
        ("DeviceFilter", "FilterDescription", "filter description"),
        ("DeviceFilter", "FilterPosition", "filter position"),
        ("DeviceIllumination", "CustomType", "illumination type"),
    ):
        element = device.find(core(tag))
        if element is not None and line_of(element.get(attribute)):
            conditions[key] = line_of(element.get(attribute))
    named = ", ".join(text for text in (maker_model, f"serial number {serial}" if serial else "") if text)
    return named or None, illumination or None
