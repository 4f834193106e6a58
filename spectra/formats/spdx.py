"""IES TM-27 (.spdx): one spectrum of a lamp or a sample as XML, with its quantity and how it was measured."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import MalformedFileError, MeasurementError
from spectra.formats.base import (
    MAX_REFLECTANCE_FACTOR,
    MAX_WAVELENGTH,
    MIN_WAVELENGTH,
    NOTHING_DECLARED,
    SCALE,
    MeasurementFile,
    ReadOptions,
    ReflectanceUnit,
    refuse_large,
    source_of,
)
from spectra.formats.cxf.gate import root_of
from spectra.formats.declared import single_geometry
from spectra.formats.text import decimal_numbers, head_text, number, printable, shortened
from spectra.formats.units import REMEDY, refuse_percent
from spectra.geometry import UNDECLARED
from spectra.light import SpectralDistribution
from spectra.measurement import Declared, Measurement
from spectra.stated import Source
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

if TYPE_CHECKING:
    from lxml import etree

NAME = "spdx"
MAX_POINTS = 100_000
_ROOT = re.compile(r"IESTM27\d\d")
_SIGNATURE = re.compile(r"<(?:[A-Za-z][\w.\-]{0,40}:)?IESTM27\d\d[\s/>]")
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


def recognises(content: bytes, file_name: str) -> bool:
    """Whether an element IESTM2714, or of a later year, opens; or it is XML in a file called .spdx, to say why not."""
    text = head_text(content)
    is_named = file_name.lower().endswith(".spdx") and text.lstrip().startswith("<")
    return is_named or _SIGNATURE.search(text) is not None


def read(content: bytes, file_name: str, options: ReadOptions = NOTHING_DECLARED) -> MeasurementFile:
    """The spectrum of an IES TM-27 document: a measurement if it is a reflectance, else a spectral distribution.

    Notes
    -----
    Reflectance is the ratio of two fluxes, so its values are fractions; what can only be percent is refused until the
    user declares it. Every element of the header and of the distribution that is not understood is kept as a condition.

    Raises
    ------
    MalformedFileError
        If the root is another, a required element is missing, or wavelengths do not rise.
    UnsafeFileError

    References
    ----------
    .. [1] ANSI/IES TM-27-14, "IES Standard Format for the Electronic Transfer of Spectral Data", 2014.
    """
    refuse_large(content, file_name)
    root = root_of(content, file_name)
    if _ROOT.fullmatch(_tag(root)) is None:
        raise MalformedFileError(
            file_name,
            f"root element <{printable(_tag(root))[:40]}>",
            where=f"line {root.sourceline}",
            expected="<IESTM2714>, the root of an IES TM-27 document",
        )
    source = source_of(content, file_name, NAME)
    header: dict[str, str] = {}
    for part in root:
        if _tag(part) == "Header":
            header |= _texts(part)
    found = [_spectrum(part, header, source, options) for part in root if _tag(part) == "SpectralDistribution"]
    if not found:
        raise MalformedFileError(
            file_name,
            "no SpectralDistribution",
            where=f"line {root.sourceline}",
            expected="one, with the spectrum",
        )
    notes = []
    if any(isinstance(one, Measurement) and one.geometry is UNDECLARED for one in found):
        notes.append("geometry not declared")
    return MeasurementFile(
        NAME,
        tuple(one for one in found if isinstance(one, Measurement)),
        tuple(notes),
        spectra=tuple(one for one in found if isinstance(one, SpectralDistribution)),
    )


def _tag(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _texts(element: etree._Element) -> dict[str, str]:
    """The text of every child that has one, by its name."""
    texts: dict[str, str] = {}
    for child in element:
        if _tag(child) == "SpectralData":
            continue
        text = printable("".join(map(str, child.itertext())))
        if text:
            name = printable(_tag(child))
            texts[name] = f"{texts[name]}; {text}" if name in texts else text
    return texts


def _spectrum(
    element: etree._Element, header: dict[str, str], source: Source, options: ReadOptions
) -> Measurement | SpectralDistribution:
    file_name, where = source.file_name, f"line {element.sourceline}, SpectralDistribution"
    facts = _texts(element)
    quantity = facts.pop("SpectralQuantity", "").lower()
    if not quantity:
        raise MalformedFileError(
            file_name, "no SpectralQuantity", where=where, expected="what the values are: relative, reflectance, …"
        )
    values, grid = _points(element, file_name, where)
    conditions = {**header, **facts}
    name = next((header[key] for key in ("Description", "CatalogNumber", "UniqueIdentifier") if key in header), NAME)
    try:
        if quantity != "reflectance":
            return SpectralDistribution(name, quantity, values, grid, "", conditions, source)
        unit = _unit(values, options, file_name, where)
        bandwidth, corrected = conditions.pop("BandwidthFWHM", ""), conditions.pop("BandwidthCorrected", "")
        declared = Declared(bandpass_nm=number(bandwidth), bandpass_corrected=_TRUTH.get(corrected.lower()))
        if declared.bandpass_nm is None and bandwidth:
            conditions["BandwidthFWHM"] = bandwidth
        geometry = single_geometry(conditions.get("ReflectionGeometry", "")) or UNDECLARED
        measurement = Measurement(
            name,
            values[np.newaxis] * SCALE[unit],
            grid,
            geometry,
            declared=declared,
            instrument=conditions.pop("MeasurementEquipment", None),
            conditions=conditions,
            source=source,
        )
        refuse_percent([measurement], options, file_name, REMEDY)
        return measurement
    except MeasurementError as error:
        raise MalformedFileError(file_name, str(error)[:200], where=where) from error


def _points(element: etree._Element, file_name: str, where: str) -> tuple[FloatArray, WavelengthGrid]:
    """Values and wavelengths of the SpectralData."""
    points = [child for child in element if _tag(child) == "SpectralData"]
    stated = {
        "no wavelength": [point.get("wavelength", "") for point in points],
        "nothing": [point.text or "" for point in points],
    }
    read = []
    for absent, texts in stated.items():
        numbers = decimal_numbers(texts, sys.float_info.max)
        if isinstance(numbers, int):
            line, found = f"line {points[numbers].sourceline}, SpectralData", shortened(texts[numbers] or absent)
            raise MalformedFileError(file_name, found, where=line, expected="a number")
        read.append(numbers)
    nodes, values = read
    for point, before, wavelength in zip(points, [0.0, *nodes], nodes, strict=False):
        if wavelength <= before:
            raise MalformedFileError(
                file_name,
                f"{wavelength:g} nm" + (f" after {before:g} nm" if before else ""),
                where=f"line {point.sourceline}, SpectralData",
                expected="rising positive wavelengths",
            )
    if not 2 <= len(nodes) <= MAX_POINTS:
        raise MalformedFileError(
            file_name, f"{len(nodes)} SpectralData", where=where, expected=f"2 to {MAX_POINTS}, one for each wavelength"
        )
    if nodes[0] < MIN_WAVELENGTH or nodes[-1] > MAX_WAVELENGTH:
        raise MalformedFileError(
            file_name,
            f"wavelengths from {nodes[0]:g} to {nodes[-1]:g}",
            where=where,
            expected=f"nanometres within {MIN_WAVELENGTH:g}–{MAX_WAVELENGTH:g}",
            remedy="Micrometres × 1000 are nanometres" if nodes[-1] < MIN_WAVELENGTH else "",
        )
    return np.array(values), grid_of_nodes(nodes)


def _unit(values: FloatArray, options: ReadOptions, file_name: str, where: str) -> ReflectanceUnit:
    largest = float(np.abs(values).max())
    if options.reflectance_unit and largest * SCALE[options.reflectance_unit] > MAX_REFLECTANCE_FACTOR:
        raise MalformedFileError(
            file_name, f"reflectances up to {largest:g}", where=where, expected=options.reflectance_unit
        )
    return options.reflectance_unit or "fraction"
