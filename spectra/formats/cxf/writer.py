"""Writing CxF3: objects with one ColorSpecification for each angle, and our extension for what CxF3 lacks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from spectra.formats.base import MeasurementFile
from spectra.formats.cxf.extension_writer import ExtensionWriter
from spectra.formats.cxf.information import FIELDS, TAGS
from spectra.formats.cxf.information import KIND as INFORMATION
from spectra.formats.cxf.markup import child, grown, is_clean
from spectra.formats.cxf.object_writer import ObjectWriter
from spectra.formats.cxf.specification_writer import Specifications
from spectra.formats.cxf.vocabulary import CORE, EXTENSION, core, ours
from spectra.stated import Attachment, StatedRecipe

if TYPE_CHECKING:
    from lxml import etree

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)


def write(file: MeasurementFile) -> bytes:
    """A CxF3 file, valid against the schema: the same bytes for the same measurements.

    Each angle pair has a ColorSpecification of its own. Wavelengths and values that the schema does not allow in a
    list are written point by point. What CxF3 has no place for stands in `urn:colorlab:cxf-extension:1`.

    Raises
    ------
    GeometryError
        If a geometry has no word in CxF3.
    MeasurementError
        If a name has control signs or outer blanks, a recipe no colorant, or a document is not of JSON's types.
    """
    from lxml import etree

    root = etree.Element(core("CxF"), nsmap={"cc": CORE})
    attachments = _write_information(root, file.attachments)
    resources = child(root, "Resources")
    collection = child(resources, "ObjectCollection")
    custom = child(root, "CustomResources")
    extension = etree.SubElement(custom, ours("Extension"), nsmap={"x": EXTENSION})
    recipes: dict[str, list[StatedRecipe]] = {}
    for recipe in file.recipes:
        recipes.setdefault(recipe.sample, []).append(recipe)
    specifications, additions = Specifications(), ExtensionWriter(extension)
    objects = ObjectWriter(collection, specifications, additions, recipes)
    identities = [f"m{place}" for place in range(1, len(file.measurements) + 1)]
    for measurement, identity in zip(file.measurements, identities, strict=True):
        objects.measurement(measurement, identity)
    for place, colour in enumerate(file.colours, start=1):
        objects.colour(colour, f"c{place}")
    for place, spectrum in enumerate(file.spectra, start=1):
        objects.spectrum(spectrum, f"s{place}")
    objects.recipes()
    additions.attach(attachments, identities)
    specifications.write(resources)
    for container, parent in ((collection, resources), (resources, root), (extension, custom), (custom, root)):
        if not len(container):
            parent.remove(container)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _write_information(root: etree._Element, attachments: Sequence[Attachment]) -> Sequence[Attachment]:
    """Write the document about the file where CxF3 has its place; the attachments that are left are returned."""
    first = attachments[0] if attachments else None
    if first is None or first.kind != INFORMATION or first.subject is not None or not _fits(first.document):
        return attachments
    element = child(root, "FileInformation")
    for name in FIELDS:
        if name in first.document:
            child(element, name, first.document[name])
    for name, value in first.document.get(TAGS, ()):
        grown(element, core("Tag"), attributes={"Name": name, "Value": value})
    return attachments[1:]


def _fits(document: Any) -> bool:
    """Whether the document comes back from a FileInformation as it is."""
    tags = document.get(TAGS)
    words = [text for pair in tags or () for text in (pair if isinstance(pair, (list, tuple)) else (None,))]
    return (
        bool(document)
        and set(document) <= {*FIELDS, TAGS}
        and all(isinstance(document[name], str) and is_clean(document[name]) for name in FIELDS if name in document)
        and ("CreationDate" not in document or _is_time(document["CreationDate"]))
        and (tags is None or (isinstance(tags, list) and bool(tags)))
        and all(isinstance(pair, list) and len(pair) == 2 for pair in tags or ())
        and all(isinstance(word, str) and (not word or is_clean(word)) for word in words)
    )


def _is_time(text: str) -> bool:
    with suppress(ValueError):
        return _DATE_TIME.fullmatch(text) is not None and datetime.fromisoformat(text) is not None
    return False
