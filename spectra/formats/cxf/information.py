"""FileInformation: who made the file, when and why, as a document attached to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectra.formats.cxf.context import Context, line_of, local_name
from spectra.formats.cxf.vocabulary import core
from spectra.formats.text import shortened
from spectra.stated import Attachment

if TYPE_CHECKING:
    from lxml import etree

KIND = "file information"
FIELDS = ("Creator", "CreationDate", "Description", "Comment")  # in the order of the schema
TAGS = "Tags"


def file_information(element: etree._Element | None, context: Context) -> list[Attachment]:
    """The document, or none where the file states nothing of itself."""
    document: dict[str, Any] = {}
    tags = []
    for child in element if element is not None else ():
        name = local_name(child)
        if child.tag == core("Tag"):
            tags.append([line_of(child.get("Name")), line_of(child.get("Value"))])
        elif name in FIELDS:
            if line_of(child.text):
                document[name] = line_of(child.text)
        else:
            context.note(f"{shortened(name)} of the file information is left out")
    if tags:
        document[TAGS] = tags
    return [Attachment(KIND, None, document)] if document else []
