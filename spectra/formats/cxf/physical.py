"""PhysicalAttributes and tags: what a file says of an object beside its colour, as conditions in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from spectra.formats.cxf.context import Context, line_of, local_name
from spectra.formats.cxf.vocabulary import CORE, core

if TYPE_CHECKING:
    from lxml import etree

MAX_JOINED = 2000  # characters of several values of one name
MORE = "; …"
MAX_ATTRIBUTES = 100  # of one element; the schema knows none with more than ten
OUR_COLLECTION = "Conditions"  # the collection of tags our writer puts conditions into; its name is no part of them


def physical_attributes(element: etree._Element | None, context: Context) -> dict[str, str]:
    """Each attribute by its name, with its unit and method: `{"Thickness": "40 µm"}`."""
    found: dict[str, str] = {}
    for child in element if element is not None else ():
        name = local_name(child)
        if name == "Image":
            context.note("images of objects are left out")
            continue
        text = line_of(child.text)
        if text in ("Other", ""):
            text = line_of(child.get("OtherType")) or text
        unit, method, label = (line_of(child.get(key)) for key in ("Units", "Method", "Label"))
        value = " ".join(part for part in (text, unit, f"({method})" if method else "") if part)
        if value:
            add(found, label or name, value)
    return found


def tags(collection: etree._Element) -> dict[str, str]:
    """The tags of a collection: `{"Location/Page": "1"}`; those of our writer without the collection's name."""
    name = line_of(collection.get("Name"))
    prefix = "" if name in ("", OUR_COLLECTION) else f"{name}/"
    found: dict[str, str] = {}
    for tag in collection.iterfind(core("Tag")):
        add(found, prefix + line_of(tag.get("Name")), line_of(tag.get("Value")))
    return found


def flattened(element: etree._Element) -> str:
    """A value nobody computes with, in one line: `R 255, G 128, B 0`."""
    keys = list(map(str, element.keys()))  # lxml looks for the value of each among all: not for ever so many
    parts = [
        f"{line_of(key)} {line_of(element.get(key))}"
        for key in keys[:MAX_ATTRIBUTES]
        if key not in ("ColorSpecification", "ProfileSpecification") and line_of(element.get(key))
    ]
    if len(keys) > MAX_ATTRIBUTES:
        parts.append("…")
    if line_of(element.text):
        parts.append(line_of(element.text))
    for child in element:
        if not isinstance(child.tag, str) or not child.tag.startswith(f"{{{CORE}}}"):
            continue
        label = line_of(child.get("Label")) or local_name(child)
        inner = flattened(child) if len(child) else line_of(child.text)
        parts.append(f"{label} {inner}")
    return ", ".join(parts)


def add(found: dict[str, str], key: str, value: str) -> None:
    """Set a condition; another value of the same name stands behind it, after a semicolon; very many end in `…`."""
    if key and key not in found:
        found[key] = value
    elif not key or not value or value == found[key]:
        return
    elif len(found[key]) > MAX_JOINED:
        found[key] = found[key] if found[key].endswith(MORE) else found[key] + MORE
    elif value not in found[key].split("; "):
        found[key] = f"{found[key]}; {value}"


def merged(*parts: Mapping[str, str]) -> dict[str, str]:
    """Conditions of several places in one."""
    found: dict[str, str] = {}
    for part in parts:
        for key, value in part.items():
            add(found, key, value)
    return found
