"""Reading a whole CxF3 file: specifications first, then objects, what joins them, and our extension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spectra.arrays import FloatArray
from spectra.formats.base import NOTHING_DECLARED, MeasurementFile, ReadOptions, refuse_large, refuse_other_unit
from spectra.formats.base import source_of as source_of_bytes
from spectra.formats.cxf.assembly import measurements_of
from spectra.formats.cxf.context import Context, line_of, local_name
from spectra.formats.cxf.differences import KIND as DIFFERENCE
from spectra.formats.cxf.differences import differences_of
from spectra.formats.cxf.extension import Additions, read_extension
from spectra.formats.cxf.gate import root_of
from spectra.formats.cxf.illuminants import custom_illuminants
from spectra.formats.cxf.information import file_information
from spectra.formats.cxf.joining import Targets, is_target
from spectra.formats.cxf.objects import CxfObject, read_object
from spectra.formats.cxf.specifications import Specification, read_specification, specification_id
from spectra.formats.cxf.vocabulary import CORE, EXTENSION, NAME, core, ours
from spectra.formats.text import shortened
from spectra.formats.units import refuse_contradicted_unit
from spectra.light import SpectralDistribution
from spectra.measurement import Measurement
from spectra.stated import Attachment, ColourReading, StatedRecipe

if TYPE_CHECKING:
    from lxml import etree

SECTIONS = ("FileInformation", "Resources", "CustomResources")


def read(content: bytes, file_name: str, options: ReadOptions = NOTHING_DECLARED) -> MeasurementFile:
    """Everything a CxF3 file states.

    Notes
    -----
    Reflectance is a fraction, as the schema prescribes; a value beyond its range (−0.1 to 3) is refused unless
    `options` declare fractions. An illuminant, observer, geometry, condition or bandpass that no ColorSpecification
    declares stays undeclared. Elements of other namespaces are left out and noted. A file may hold no colour at all:
    the schema demands none, and what it does hold is attached or noted.

    Raises
    ------
    MalformedFileError
        If the file is not well-formed, or contradicts itself.
    UnsafeFileError
    """
    refuse_large(content, file_name)
    refuse_other_unit(options, "fraction", file_name)
    root = root_of(content, file_name)
    context = Context(file_name, source_of_bytes(content, file_name, NAME), options)
    if root.tag != core("CxF"):
        context.refuse(root, f"the root element is {shortened(local_name(root))}", f"CxF of {CORE}")
    specifications: dict[str, Specification] = {}
    for element in root.iterfind(f"{core('Resources')}/{core('ColorSpecificationCollection')}/*"):
        if element.tag == core("ColorSpecification"):
            name = specification_id(element, context, specifications)
            specifications[name] = read_specification(element, context)
    additions = read_extension(root.iterfind(f"{core('CustomResources')}/{ours('Extension')}"), context)
    objects = _objects(root, context)
    targets = Targets()
    for found in objects:
        targets.add(found)
    names = {found.identity: found.name for found in objects}

    measurements: list[Measurement] = []
    colours: list[ColourReading] = []
    spectra: list[SpectralDistribution] = []
    recipes: list[StatedRecipe] = []
    attachments = file_information(root.find(core("FileInformation")), context)
    for found in objects:
        documents = differences_of(found, specifications, names, context) if found.differences else ()
        own, apart, other = complete(found, specifications, targets, additions, context)
        subject = len(measurements) if own else None
        additions.places[found.identity] = subject
        attachments += [Attachment(DIFFERENCE, subject, document) for document in documents]
        measurements += own
        colours += apart
        spectra += other
        recipes += found.recipes
        if not (own or apart or other or found.recipes) and not is_target(found):
            context.note("objects without a spectrum, colour or recipe are left out")
        elif not (own or apart or other or found.recipes):
            context.note("targets without a spectrum or colour: their device values stand with what was measured there")
    attachments += additions.attachments(context)
    spectra += custom_illuminants(root, context)
    _note_the_rest(root, context)
    if not (measurements or colours or spectra or recipes):
        context.note("the file states no spectrum, no colour and no recipe")
    _note_undeclared(measurements, colours, context)
    _refuse_contradicted_units(measurements, file_name)
    return MeasurementFile(
        NAME,
        tuple(measurements),
        notes=context.notes,
        colours=tuple(colours),
        spectra=tuple(spectra),
        recipes=tuple(recipes),
        attachments=tuple(attachments),
    )


def complete(
    found: CxfObject,
    specifications: dict[str, Specification],
    targets: Targets,
    additions: Additions,
    context: Context,
) -> tuple[list[Measurement], list[ColourReading], list[SpectralDistribution]]:
    """What an object makes, with the target at its place and what our extension adds to it.

    Raises
    ------
    MalformedFileError
    """
    targets.join(found, context)
    for name, value in found.device_values.items():
        found.conditions.setdefault(name, value)
    addition = additions.of(found.identity)
    found.standard = addition.standard(found.standard)
    own, apart, other = measurements_of(found, specifications, context, addition.quantities)
    return addition.applied(own, apart, other, found, context)


def _objects(root: etree._Element, context: Context) -> list[CxfObject]:
    path = f"{core('Resources')}/{core('ObjectCollection')}/*"
    objects = []
    for element in root.iterfind(path):
        if element.tag == core("Object"):
            objects.append(read_object(element, context))
        else:
            context.note(f"element {shortened(local_name(element))} among the objects is left out")
    seen: set[str] = set()
    for found in objects:
        if found.identity and found.identity in seen:
            context.refuse(found.element, f"the Id {shortened(found.identity)} stands twice", "each Id once")
        seen.add(found.identity)
    return objects


def _note_the_rest(root: etree._Element, context: Context) -> None:
    for section in root:
        if section.tag == core("CustomResources"):
            for element in section:
                namespace = str(element.tag).rpartition("}")[0].removeprefix("{")
                if namespace != EXTENSION:
                    maker = shortened(line_of(namespace), 80)
                    context.note(f"custom resource {shortened(local_name(element))} of {maker} is left out")
        elif section.tag not in map(core, SECTIONS):
            context.note(f"section {shortened(local_name(section))} is left out")
    for element in root.iterfind(f"{core('Resources')}/*"):
        if element.tag not in (core("ObjectCollection"), core("ColorSpecificationCollection")):
            context.note(f"{shortened(local_name(element))} of the resources is left out")


def _note_undeclared(measurements: list[Measurement], colours: list[ColourReading], context: Context) -> None:
    samples: list[Measurement | ColourReading] = [*measurements, *colours]
    for what, count in (
        ("geometry", sum(one.geometry.kind == "unknown" for one in samples)),
        (
            "specular component",
            sum(one.geometry.kind == "sphere" and one.geometry.specular is None for one in measurements),
        ),
        ("measurement condition (M0, M1, M2, M3)", sum(one.declared.condition is None for one in measurements)),
        ("bandpass correction", sum(one.declared.bandpass_corrected is None for one in measurements)),
        (
            "illuminant and observer of stated colours",
            sum(colour.illuminant is None for one in samples for colour in one.stated),
        ),
    ):
        if count:
            context.note(f"{what} not declared: {count}")


def _refuse_contradicted_units(measurements: list[Measurement], file_name: str) -> None:
    """Refuse spectra that are a hundred times too bright or too dark for the L* beside them."""
    import numpy as np

    sheets: dict[object, tuple[Measurement, list[FloatArray], list[FloatArray]]] = {}
    for one in measurements:
        for colour in one.stated:
            if colour.space == "Lab":
                _, spectra, colours = sheets.setdefault(one.grid, (one, [], []))
                spectra.append(one.reflectance_factor)
                colours.append(colour.values)
                break
    for first, spectra, colours in sheets.values():
        refuse_contradicted_unit(
            np.concatenate(spectra),
            first.grid.wavelengths,
            np.concatenate(colours)[:, 0],
            file_name,
            f"object {shortened(first.sample)}",
        )
