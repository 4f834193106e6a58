"""ColorRecipe: the recipe of an object, amounts in the file's own unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spectra.formats.cxf.context import Context, line_of
from spectra.formats.cxf.vocabulary import core
from spectra.stated import StatedComponent, StatedRecipe

if TYPE_CHECKING:
    from lxml import etree


def read_recipe(element: etree._Element, sample: str, context: Context) -> StatedRecipe:
    """A recipe as the file states it.

    Raises
    ------
    MalformedFileError
        If an amount is not a number.
    """
    if element.find(core("Tag")) is not None or element.get("Comments"):
        context.note("tags and comments of recipes are left out")
    return StatedRecipe(
        sample=sample,
        name=line_of(element.get("Name")),
        unit=line_of(element.get("Units")) or None,
        components=tuple(_component(one, context) for one in element.iterfind(core("Colorant"))),
        substrate=_text(element, "Substrate"),
        process=_text(element, "Process"),
        source=context.source,
    )


def _component(element: etree._Element, context: Context) -> StatedComponent:
    value = element.find(core("Value"))
    return StatedComponent(
        colorant=line_of(element.get("Name")) or line_of(element.get("ID")) or "unnamed",
        amount=context.number(None if value is None else value.text, element, "the Value of a colorant"),
        part_number=_text(element, "PartNumber"),
        density=_text(element, "Density"),
        is_base=(element.get("isBase") or "").strip() in ("true", "1"),
    )


def _text(element: etree._Element, tag: str) -> str | None:
    child = element.find(core(tag))
    return line_of(child.text) or None if child is not None else None
