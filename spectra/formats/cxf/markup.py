"""Elements and texts as our writer makes them: shortest numbers, no sign that XML or a reader would change."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from spectra.errors import MeasurementError
from spectra.formats.cxf.context import line_of
from spectra.formats.cxf.objects import MAX_MAGNITUDE
from spectra.formats.cxf.vocabulary import NEVER, core

if TYPE_CHECKING:
    from lxml import etree

_WIDEST_OFFSET = timedelta(hours=14)  # of xs:dateTime


def child(
    parent: etree._Element, tag: str, text: str | None = None, attributes: Mapping[str, str | None] | None = None
) -> etree._Element:
    """A new CxF3 element below another; attributes that are None are left out."""
    return grown(parent, core(tag), text, attributes)


def grown(
    parent: etree._Element, name: str, text: str | None = None, attributes: Mapping[str, str | None] | None = None
) -> etree._Element:
    """A new element of any namespace below another; attributes that are None are left out."""
    from lxml import etree

    element = etree.SubElement(parent, name)
    for key, value in (attributes or {}).items():
        if value is not None:
            element.set(key, line_of(value))
    if text is not None:
        element.text = text
    return element


def is_clean(text: str | None) -> bool:
    """Whether a text comes back from the file as it went in, and is one."""
    return bool(text) and line_of(text) == text


def name_text(name: str, what: str) -> str:
    """A name that stands in the file as it is.

    Raises
    ------
    MeasurementError
        If it is empty, or has control signs or outer blanks.
    """
    if not is_clean(name):
        raise MeasurementError(
            f"{what} {name!r} cannot stand in a CxF3 file: no control signs, no outer blanks, not empty"
        )
    return name


def number_text(value: float) -> str:
    """The shortest decimal number that reads back as the same; whole ones without a point.

    Raises
    ------
    MeasurementError
        If it is not finite, or beyond what a reader believes.
    """
    if not abs(value) <= MAX_MAGNITUDE:
        raise MeasurementError(f"{value:g} cannot stand in a CxF3 file")
    return repr(float(value)).removesuffix(".0")


def numbers_text(values: Iterable[float]) -> str:
    """Numbers with blanks between them; NaN throughout where there are none."""
    listed = list(values)
    if listed and all(math.isnan(value) for value in listed):
        return " ".join(["NaN"] * len(listed))
    return " ".join(map(number_text, listed))


def time_text(moment: datetime | None) -> str:
    """An xs:dateTime; the date that was never set where there is none, because the schema demands one."""
    if moment is None:
        return NEVER
    offset = moment.utcoffset()
    if offset is not None and (abs(offset) > _WIDEST_OFFSET or offset % timedelta(minutes=1)):
        moment = moment.astimezone(UTC)
    return moment.isoformat()
