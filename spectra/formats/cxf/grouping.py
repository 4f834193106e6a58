"""The spectra of an object by how they were measured: of what quantity, at which wavelengths, at which angles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from spectra.formats.base import MAX_REFLECTANCE_FACTOR, MAX_WAVELENGTH, MIN_WAVELENGTH
from spectra.formats.cxf.context import Context
from spectra.formats.cxf.objects import Colour, CxfObject, Spectrum
from spectra.formats.cxf.physical import merged
from spectra.formats.cxf.specifications import Specification
from spectra.formats.cxf.vocabulary import (
    CUSTOM_TYPE,
    FACTOR_CEILING,
    FACTOR_FLOOR,
    QUANTITIES,
    REFLECTANCE,
    UNITS,
)
from spectra.formats.text import shortened
from spectra.light import SpectralDistribution
from spectra.measurement import Declared
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

if TYPE_CHECKING:
    from lxml import etree

MAX_RESOLVED = 10_000
MAX_ANGLES = 500  # of one object; the goniometers of laboratories measure some hundred
NO_TOKEN = ""  # of spectra that were not measured at an angle pair


@dataclass(slots=True)
class Group:
    """Spectra of one object that were measured alike, by angle pair in the order of the file."""

    specification: Specification
    grid: WavelengthGrid
    rows: dict[str, list[Spectrum]] = field(default_factory=dict)
    colours: list[tuple[str, Colour, Specification]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Quantities:
    """What the extension says of an object's spectrum, because CxF3 has no word for it."""

    quantity: str | None = None
    unit: str | None = None
    any_factor: bool = False


NOTHING_ADDED = Quantities()


@dataclass(frozen=True, slots=True)
class _Measured:
    """What a specification says of a spectrum: of what it is, where it was measured, and how it groups with others."""

    specification: Specification
    quantity: str
    grid: WavelengthGrid
    token: str
    way: tuple[int, WavelengthGrid]


def grouped(
    found: CxfObject, specifications: Mapping[str, Specification], context: Context, added: Quantities
) -> tuple[list[Group], list[SpectralDistribution]]:
    """The reflectance spectra of an object by how they were measured, and its other spectra.

    Raises
    ------
    MalformedFileError
        If a spectrum points to a specification that is not there, has no wavelengths or no one angle, or its start
        wavelengths contradict each other.
    """
    groups: dict[object, Group] = {}
    others = []
    for spectrum in found.spectra:
        if len(spectrum.values) < 2:
            context.note(f"a spectrum of {len(spectrum.values)} wavelengths is left out")
            continue
        measured = _measured(spectrum, specifications, context, added)
        if measured.quantity != REFLECTANCE or added.quantity is not None:
            others.append(_distribution(found, spectrum, measured, context, added))
            continue
        _refuse_no_fraction(spectrum, context, added)
        group = groups.get(measured.way)
        if group is None:
            group = groups[measured.way] = Group(measured.specification, measured.grid)
        group.rows.setdefault(measured.token, []).append(spectrum)
        if max(len(groups), len(group.rows)) > MAX_ANGLES:
            context.refuse(spectrum.element, f"more than {MAX_ANGLES} angles or ways of measuring in one object")
    return list(groups.values()), others


def _measured(
    spectrum: Spectrum, specifications: Mapping[str, Specification], context: Context, added: Quantities
) -> _Measured:
    alike = (spectrum.specification, spectrum.quantity, spectrum.start, len(spectrum.values), spectrum.name, added)
    if spectrum.wavelengths is None and alike in context.resolved:
        known: _Measured = context.resolved[alike]
        return known
    specification = specifications.get(spectrum.specification)
    if specification is None:
        context.refuse(
            spectrum.element,
            f"ColorSpecification {shortened(spectrum.specification)} is not in the file",
            "the Id of one that is",
        )
    quantity = _quantity(spectrum, specification, context, added)
    grid = _grid(spectrum, specification, context)
    token = _token(spectrum, specification, context) if quantity == REFLECTANCE and added.quantity is None else NO_TOKEN
    measured = _Measured(specification, quantity, grid, token, (specification.way, grid))
    if spectrum.wavelengths is None and len(context.resolved) < MAX_RESOLVED:
        context.resolved[alike] = measured
    return measured


def _quantity(spectrum: Spectrum, specification: Specification, context: Context, added: Quantities) -> str:
    if added.quantity is not None:
        return added.quantity
    declared = QUANTITIES.get(specification.measurement_type or "")
    if spectrum.quantity is not None:
        if declared is not None and declared != spectrum.quantity:
            context.refuse(
                spectrum.element,
                f"a {spectrum.quantity} spectrum whose MeasurementType is {specification.measurement_type}",
                f"a type of {spectrum.quantity}",
            )
        return spectrum.quantity
    if declared is not None:
        return declared
    if specification.angles or specification.geometry.kind != "unknown":
        context.note(
            f"a CustomSpectrum of type {CUSTOM_TYPE} measured in a reflection geometry is taken as reflectance factors"
        )
        return REFLECTANCE
    context.note("a CustomSpectrum that does not say of what is kept as a spectrum of undeclared quantity")
    return "undeclared"


def _grid(spectrum: Spectrum, specification: Specification, context: Context) -> WavelengthGrid:
    element = spectrum.element
    if spectrum.wavelengths is not None:
        nodes = spectrum.wavelengths
        if nodes[0] < MIN_WAVELENGTH or nodes[-1] > MAX_WAVELENGTH:
            context.refuse(
                element,
                f"wavelengths from {nodes[0]:g} to {nodes[-1]:g} nm",
                f"within {MIN_WAVELENGTH:g}–{MAX_WAVELENGTH:g} nm",
            )
        with context.placed(element):
            return grid_of_nodes(nodes)
    start, step = specification.start, specification.step
    if step is None:
        context.refuse(
            element,
            "no WavelengthRange in its ColorSpecification says how far apart the values are",
            "StartWL and Increment",
        )
    if start is None:
        start = spectrum.start
    if start is None:
        context.refuse(element, "no StartWL", "the wavelength of the first value")
    if spectrum.start is not None and spectrum.start != start:
        context.refuse(
            element,
            f"StartWL is {spectrum.start:g} here and {start:g} in the WavelengthRange of ColorSpecification "
            f"{shortened(spectrum.specification)}",
            "the same in both places",
        )
    return context.grid(start, step, len(spectrum.values), element)


def _refuse_no_fraction(spectrum: Spectrum, context: Context, added: Quantities) -> None:
    """CxF3 states fractions below 3; a greater value is most likely a percent value, unless somebody says it is not."""
    limit = MAX_REFLECTANCE_FACTOR if added.any_factor or context.options.reflectance_unit else FACTOR_CEILING
    floor = -limit if limit > FACTOR_CEILING else FACTOR_FLOOR
    least, greatest = min(spectrum.values), max(spectrum.values)
    if least < floor or greatest > limit:
        context.refuse(
            spectrum.element,
            f"a reflectance of {greatest if greatest > limit else least:g}",
            f"a fraction (1 = perfect diffuser) between {FACTOR_FLOOR:g} and {FACTOR_CEILING:g}, as CxF3 prescribes",
            "If it is one all the same, say so: --unit fraction",
        )


def _token(spectrum: Spectrum, specification: Specification, context: Context) -> str:
    angles = specification.angles
    if not angles:
        return NO_TOKEN
    if len(angles) == 1:
        return angles[0][0]
    named = [token for token, notation in angles if spectrum.name and spectrum.name in (token, notation)]
    if len(named) != 1:
        context.refuse(
            spectrum.element,
            f"a spectrum whose ColorSpecification {shortened(spectrum.specification)} has {len(angles)} BRDFAngles",
            "one specification for each angle, or the angle's notation as the spectrum's Name",
        )
    return named[0]


def _distribution(
    found: CxfObject, spectrum: Spectrum, measured: _Measured, context: Context, added: Quantities
) -> SpectralDistribution:
    specification = measured.specification
    conditions = merged(found.conditions, specification.colour_conditions())
    kind = specification.measurement_type
    if kind not in (None, CUSTOM_TYPE, "Spectrum_Transmittance", "Spectrum_Emissive"):
        conditions["measurement type"] = str(kind)
    if specification.geometry.kind != "unknown":
        conditions["geometry"] = specification.geometry.name
    elif len(specification.angles) == 1:
        conditions["geometry"] = specification.angles[0][0]
    if specification.instrument:
        conditions["instrument"] = specification.instrument
    measured_at = spectrum.measured_at or found.created_at
    if measured_at is not None:
        conditions["measured at"] = measured_at.isoformat()
    with context.placed(spectrum.element):
        return SpectralDistribution(
            name=found.name,
            quantity=measured.quantity,
            values=np.array(spectrum.values),
            grid=measured.grid,
            unit=UNITS.get(measured.quantity, "") if added.unit is None else added.unit,
            conditions=conditions,
            source=context.source,
        )


def declared_of(found: CxfObject, specification: Specification, element: etree._Element, context: Context) -> Declared:
    """What is declared of a measurement, in its specification or by the word for its object.

    Raises
    ------
    MalformedFileError
        If the two contradict each other.
    """
    own = specification.declared
    if found.condition is None or found.condition == own.condition:
        return own
    if own.condition is not None:
        context.refuse(
            element,
            f"ObjectType says {found.condition}, the DeviceIllumination of its specification {own.condition}",
            "the same in both places",
        )
    return Declared(found.condition, own.bandpass_nm, own.bandpass_corrected, own.backing)
