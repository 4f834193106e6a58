"""What the keywords above a CGATS table declare: unit, quantity, wavelengths, illuminant, geometry, conditions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np

from spectra.errors import MalformedFileError
from spectra.formats.base import MAX_WAVELENGTH, MIN_WAVELENGTH, ReadOptions, ReflectanceUnit, placed
from spectra.formats.cgats.fields import Fields, Viewing, condition_of
from spectra.formats.cgats.text import Table
from spectra.formats.declared import illuminant_and_observer, single_geometry
from spectra.formats.text import number, shortened
from spectra.formats.units import REMEDY
from spectra.geometry import UNDECLARED, Geometry, directional, is_directional
from spectra.measurement import MEASUREMENT_CONDITIONS, NOTHING_DECLARED, Declared, MeasurementCondition

# Keywords that say something of their own, so that no condition may be written under them.
RESERVED = (
    *("KEYWORD", "NUMBER_OF_FIELDS", "NUMBER_OF_SETS", "BEGIN_DATA", "END_DATA", "BEGIN_DATA_FORMAT"),
    *("END_DATA_FORMAT", "INSTRUMENTATION", "TARGET_INSTRUMENT", "MEASUREMENT_SOURCE", "WEIGHTING_FUNCTION"),
    *("COMPUTATIONAL_PARAMETER", "ILLUMINATION_NAME", "ILLUMINANT", "ILLUMINANT_NAME", "OBSERVER_ANGLE", "OBSERVER"),
    *("DEVICE_CLASS", "MEAS_TYPE", "SPECTRUM_TYPE", "SPECTRAL_NORM", "SPEC_SCALE", "SPECTRAL_BANDS"),
    *("SPECTRAL_START_NM", "SPECTRAL_END_NM"),
)
_ILLUMINANTS = ("ILLUMINATION_NAME", "ILLUMINANT", "ILLUMINANT_NAME")
_OBSERVERS = ("OBSERVER_ANGLE", "OBSERVER")
_WEIGHTS = ("WEIGHTING_FUNCTION", "COMPUTATIONAL_PARAMETER")  # ISO 28178: "ILLUMINANT, D50"
_BANDS = ("SPECTRAL_BANDS", "SPECTRAL_START_NM", "SPECTRAL_END_NM")
_NORMS = ("SPECTRAL_NORM", "SPEC_SCALE")  # what the perfect diffuser has; the second is DCamProf's
_NOTHING = {"", "unknown", "undefined", "none", "no", "n/a"}
_DEGREES = re.compile(r"(?:.*\D)?(10|2)\s*(?:$|°|º|\\x|deg)", re.IGNORECASE)
_SOURCE = re.compile(r"(Illumination|ObserverAngle|Measurement ?Condition)\s*=\s*([^\s;,]+)", re.IGNORECASE)
# ArgyllCMS: .ti1 and .ti2 describe a target still to be measured.
AIMS = ("CTI1", "CTI2")


@dataclass(frozen=True, slots=True)
class Header:
    """What holds for every row of a table.

    Attributes
    ----------
    quantity : str or None
        Of the spectra where they are no reflectance: "emission", "transmittance", "undeclared".
    unit : {"percent", "fraction"} or None
        As the file or the user declares.
    viewing : tuple
        Illuminant and observer of the stated colours.
    geometry : Geometry
    declared : Declared
    instrument : str or None
    conditions : dict of str to str
    """

    quantity: str | None
    unit: ReflectanceUnit | None
    viewing: Viewing
    geometry: Geometry
    declared: Declared
    instrument: str | None
    conditions: dict[str, str]


def understand_header(table: Table, fields: Fields, options: ReadOptions, file_name: str) -> Header:
    """The declarations of a table.

    Raises
    ------
    MalformedFileError
        If two declarations contradict each other.
    """
    quantity = _quantity(table)
    used = {"INSTRUMENTATION", *(_BANDS if fields.wavelengths else ()), *(_NORMS if fields.spectral else ())}
    viewing = _viewing(table, file_name)
    if viewing != (None, None) and any(one.viewing is None for one in fields.colours):
        used |= {*_ILLUMINANTS, *_OBSERVERS, *_WEIGHTS}
    geometry, condition = _geometry(table, file_name), _condition(table, file_name)
    used |= {"MEASUREMENT_GEOMETRY"} if geometry is not UNDECLARED else set()
    if table.value("MEASUREMENT_CONDITION").upper() in MEASUREMENT_CONDITIONS:
        used |= {"MEASUREMENT_CONDITION"}
    backing = table.value("SAMPLE_BACKING")
    instrument = table.value("INSTRUMENTATION")
    if not instrument and table.identifier not in AIMS:
        instrument = table.value("TARGET_INSTRUMENT")  # ArgyllCMS: what the target was read with
        used |= {"TARGET_INSTRUMENT"}
    bandpass = number(table.value("BANDPASS_NM"))
    corrected = {"yes": True, "no": False}.get(table.value("BANDPASS_CORRECTED").lower())
    used |= {"SAMPLE_BACKING"}
    used |= {"BANDPASS_NM"} if bandpass is not None else set()
    used |= {"BANDPASS_CORRECTED"} if corrected is not None else set()
    with placed(file_name, f"line {table.fields_line}, above the fields"):
        declared = Declared(condition, bandpass, corrected, backing_of(backing))
    if quantity is not None and fields.spectral:
        used = {*_BANDS} if fields.wavelengths else set()  # a spectral distribution keeps the rest as conditions
    return Header(
        quantity=quantity,
        unit=_unit(table, fields, options, file_name) if fields.spectral else None,
        viewing=viewing,
        geometry=geometry,
        declared=NOTHING_DECLARED if declared == NOTHING_DECLARED else declared,
        instrument=instrument or None,
        conditions={
            condition_of(keyword): "; ".join(dict.fromkeys(value for _, value in entries if value))
            for keyword, entries in table.keywords.items()
            if keyword not in used and any(value for _, value in entries)
        },
    )


def wavelengths_of(table: Table, fields: Fields, file_name: str) -> tuple[float, ...]:
    """The wavelengths that names declare: exactly, where SPECTRAL_BANDS and the ends say what the names round.

    Raises
    ------
    MalformedFileError
        If keywords and names do not agree.
    """
    declared = [keyword for keyword in _BANDS if table.value(keyword)]
    if not declared:
        return fields.wavelengths
    values = [number(table.value(keyword)) for keyword in declared]
    for keyword, value in zip(declared, values, strict=True):
        if value is None:
            raise MalformedFileError(
                file_name, shortened(table.value(keyword)), where=table.where(keyword), expected="a number"
            )
    facts = dict(zip(declared, cast("list[float]", values), strict=True))
    names = fields.wavelengths
    found = {"SPECTRAL_BANDS": float(len(names)), "SPECTRAL_START_NM": names[0], "SPECTRAL_END_NM": names[-1]}
    for keyword, value in facts.items():
        # Names may be rounded to whole nanometres.
        if abs(value - found[keyword]) > (0 if keyword == "SPECTRAL_BANDS" else 0.5):
            raise MalformedFileError(
                file_name,
                f"{keyword} {value:g}",
                where=table.where(keyword),
                expected=f"{found[keyword]:g}, as the fields on line {table.fields_line} say",
            )
    if len(facts) < len(_BANDS) or not MIN_WAVELENGTH <= facts["SPECTRAL_START_NM"] < facts["SPECTRAL_END_NM"]:
        return names
    exact = np.linspace(facts["SPECTRAL_START_NM"], facts["SPECTRAL_END_NM"], len(names))
    odd = np.abs(exact - np.array(names)) > 0.5 + 1e-9
    if odd.any() or exact[-1] > MAX_WAVELENGTH:
        place = int(np.argmax(odd))
        raise MalformedFileError(
            file_name,
            f"a field for {names[place]:g} nm",
            where=f"line {table.fields_line}",
            expected=f"{exact[place]:.5g} nm, as SPECTRAL_BANDS and the ends of the spectrum say",
        )
    return tuple(exact.tolist())


def backing_of(text: str) -> str | None:
    """What lay behind the sample: "white" and "black" by their names, else in the file's words."""
    clean = text.strip()
    return clean.lower() if clean.lower() in ("white", "black") else clean or None


def _quantity(table: Table) -> str | None:
    """What the spectra are of, if not reflectance."""
    kind = (table.value("MEAS_TYPE") or table.value("SPECTRUM_TYPE")).upper()
    emitted = table.value("DEVICE_CLASS").upper() in ("DISPLAY", "EMISINPUT")
    if emitted or re.match(r"EMI|AMBIENT", kind) or re.match(r"emission\b", table.value("MEASUREMENT_SOURCE"), re.I):
        return "emission"
    if kind.startswith("TRANSM"):
        return "transmittance"
    # ArgyllCMS: a .sp file holds lamps as well as samples.
    return "undeclared" if table.identifier == "SPECT" and not kind.startswith("REFL") else None


def _unit(table: Table, fields: Fields, options: ReadOptions, file_name: str) -> ReflectanceUnit | None:
    declared: dict[str, ReflectanceUnit] = {}
    if fields.unit:
        declared[f"line {table.fields_line}, names of the fields"] = fields.unit
    for keyword in _NORMS:
        if table.value(keyword):
            unit = {1.0: "fraction", 100.0: "percent"}.get(number(table.value(keyword)) or 0.0)
            if unit is None and _quantity(table) is None:
                raise MalformedFileError(
                    file_name, shortened(table.value(keyword)), where=table.where(keyword), expected="1 or 100"
                )
            if unit is not None:
                declared[table.where(keyword)] = cast("ReflectanceUnit", unit)
    if table.identifier == "CTI3" and fields.stem == "SPEC_":
        declared["a CTI3 file, whose SPEC_ fields are percent"] = "percent"
    if options.reflectance_unit:
        declared["as was said"] = options.reflectance_unit
    if len(set(declared.values())) > 1:
        (first, one), *_, (second, other) = declared.items()
        raise MalformedFileError(file_name, f"{other} ({second})", where=first, expected=one, remedy=REMEDY)
    return next(iter(declared.values()), None)


def _viewing(table: Table, file_name: str) -> Viewing:
    """Illuminant and observer of the colours; refused where two keywords name different ones."""
    found: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for keyword, which, text in _viewing_words(table):
        match = _DEGREES.match(text)
        illuminant = re.sub(r"^CIE\s*(?:STANDARD\s*)?(?:ILLUMINANT\s*)?", "", text, flags=re.IGNORECASE)
        if which == 0:
            word = (illuminant_and_observer(f"{illuminant}/2") or (illuminant,))[0]
        else:
            word = f"{match[1]}°" if match else text
        if text.strip().lower() not in _NOTHING:
            found[which].setdefault(word, keyword)
    for words, what in zip(found, ("illuminants", "observers"), strict=True):
        if len(words) > 1:
            (one, first), (other, second) = list(words.items())[:2]
            raise MalformedFileError(
                file_name,
                f"two {what}: {shortened(one)} and {shortened(other)}",
                where=table.where(second),
                expected=f"{shortened(one)}, as {first} says",
            )
    return next(iter(found[0]), None), next(iter(found[1]), None)


def _viewing_words(table: Table) -> Iterator[tuple[str, int, str]]:
    for keyword in _WEIGHTS:
        for _, value in table.keywords.get(keyword, ()):
            subject, comma, text = value.partition(",")
            if comma and subject.strip().upper() in ("ILLUMINANT", "OBSERVER"):
                yield keyword, int(subject.strip().upper() == "OBSERVER"), text.strip()
    for which, keywords in enumerate((_ILLUMINANTS, _OBSERVERS)):
        for keyword in keywords:
            yield keyword, which, table.value(keyword)
    for name, text in _SOURCE.findall(table.value("MEASUREMENT_SOURCE")):
        if name.lower() in ("illumination", "observerangle"):
            yield "MEASUREMENT_SOURCE", int(name.lower() == "observerangle"), text


def _geometry(table: Table, file_name: str) -> Geometry:
    text = table.value("MEASUREMENT_GEOMETRY")
    if is_directional(text):
        with placed(file_name, table.where("MEASUREMENT_GEOMETRY")):
            return directional([text])
    return single_geometry(text) or UNDECLARED


def _condition(table: Table, file_name: str) -> MeasurementCondition | None:
    words = {table.value("MEASUREMENT_CONDITION").upper()}
    for name, text in _SOURCE.findall(table.value("MEASUREMENT_SOURCE")):
        if name.lower().startswith("measurement"):
            words.add(text.upper())
    known = sorted(words & {*MEASUREMENT_CONDITIONS})
    if len(known) > 1:
        raise MalformedFileError(
            file_name,
            " and ".join(known),
            where=table.where("MEASUREMENT_SOURCE"),
            expected="one measurement condition",
        )
    return cast("MeasurementCondition", known[0]) if known else None
