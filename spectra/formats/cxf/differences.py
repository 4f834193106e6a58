"""ColorDifferenceValues: differences a file states between an object and its standard, as attached documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from spectra.formats.cxf.context import Context, line_of, local_name
from spectra.formats.cxf.objects import CxfObject
from spectra.formats.cxf.specifications import NOTHING_SPECIFIED, Specification
from spectra.formats.cxf.vocabulary import core
from spectra.formats.text import shortened

if TYPE_CHECKING:
    from lxml import etree

KIND = "difference"


def differences_of(
    found: CxfObject, specifications: Mapping[str, Specification], names: Mapping[str, str], context: Context
) -> list[dict[str, Any]]:
    """The documents of an object's differences, and its standard where they name one.

    Raises
    ------
    MalformedFileError
        If a difference is not a number, or its standard is not in the file.
    """
    documents = []
    for element in found.differences:
        reference = element.get("StandardRef")
        if reference is not None and reference not in names:
            context.refuse(
                element, f"StandardRef {shortened(reference)} is no object of the file", "the Id of one that is"
            )
        standard = names[reference] if reference is not None else None
        if found.standard is None:
            found.standard = standard
        elif standard is not None and standard != found.standard:
            context.note("an object is judged against several standards; the first is taken as its own")
        specification = specifications.get(element.get("ColorSpecification") or "", NOTHING_SPECIFIED)
        documents.append(
            {
                "sample": found.name,
                "standard": standard,
                "formula": "CIELAB" if element.tag == core("DeltaCIELab") else line_of(element.get("Name")) or "custom",
                "illuminant": specification.illuminant,
                "observer": specification.observer,
                "angles": [token for token, _ in specification.angles],
                "values": _values(element, context),
            }
        )
    return documents


def _values(element: etree._Element, context: Context) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for child in element:
        name = line_of(child.get("Label")) or local_name(child)
        value = context.number(child.text, child, name)
        ratio = child.get("LRatio")
        if ratio is None:
            values[name] = value
        else:
            values[name] = {"value": value, "l:c ratio": context.number(ratio, child, "LRatio")}
    return values
