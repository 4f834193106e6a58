"""Our extension of CxF3: what its schema has no place for, in CustomResources under a namespace of its own."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from spectra.arrays import FloatArray
from spectra.formats.cxf.context import Context, line_of, local_name
from spectra.formats.cxf.grouping import NOTHING_ADDED as NO_QUANTITIES
from spectra.formats.cxf.grouping import Quantities
from spectra.formats.cxf.objects import CxfObject
from spectra.formats.cxf.vocabulary import ours
from spectra.formats.text import shortened
from spectra.geometry import directional
from spectra.light import SpectralDistribution
from spectra.measurement import Measurement
from spectra.stated import COLOUR_SPACES, Attachment, ColourReading, StatedColour, Texture
from spectra.wavelengths import NODE_TOLERANCE_NM, WavelengthGrid

if TYPE_CHECKING:
    from lxml import etree

Made = tuple[list[Measurement], list[ColourReading], list[SpectralDistribution]]


@dataclass(slots=True)
class Addition:
    """What the extension adds to one object; `element` is None where it adds nothing."""

    element: etree._Element | None = None

    @property
    def quantities(self) -> Quantities:
        """What must be known before the object's spectrum is understood."""
        if self.element is None:
            return NO_QUANTITIES
        quantity, unit, any_factor = map(self.element.get, ("Quantity", "Unit", "AnyFactor"))
        if quantity is unit is any_factor is None:
            return NO_QUANTITIES
        return Quantities(
            None if quantity is None else line_of(quantity),
            None if unit is None else line_of(unit),
            any_factor == "true",
        )

    def standard(self, known: str | None) -> str | None:
        """The standard it names, else the one that is known."""
        return known if self.element is None else line_of(self.element.get("Standard")) or known

    def applied(
        self,
        own: list[Measurement],
        apart: list[ColourReading],
        other: list[SpectralDistribution],
        found: CxfObject,
        context: Context,
    ) -> Made:
        """What the object made, with what the extension adds to it.

        Raises
        ------
        MalformedFileError
            If the object is not the one thing the extension describes, or an array does not fit it.
        """
        element = self.element
        if element is None:
            return own, apart, other
        if len(own) + len(apart) + len(other) != 1:
            context.refuse(
                element,
                f"an addition to object {shortened(found.identity)}, which makes "
                f"{len(own)} measurements, {len(apart)} colours and {len(other)} other spectra",
                "an object that makes one of them",
                "Did another program change the object after it was written?",
            )
        if len(element) == 0 and element.get("Bandpass") is None:
            return own, apart, other
        with context.placed(element):
            return (
                [_measurement(one, element, context) for one in own],
                [_reading(one, element, context) for one in apart],
                [replace(one, grid=_grid(element, one.grid, context)) for one in other],
            )


NOTHING_ADDED = Addition()


@dataclass(slots=True)
class Additions:
    """The extension of a file.

    Attributes
    ----------
    by_object : dict of str to Addition
    places : dict of str to (int or None)
        Place of the measurement an object made, filled in as objects are read.
    """

    by_object: dict[str, Addition] = field(default_factory=dict)
    places: dict[str, int | None] = field(default_factory=dict)
    attached: list[etree._Element] = field(default_factory=list)

    def of(self, identity: str) -> Addition:
        """What is added to an object."""
        return self.by_object.get(identity, NOTHING_ADDED)

    def attachments(self, context: Context) -> list[Attachment]:
        """The documents of the extension.

        Raises
        ------
        MalformedFileError
            If one is no JSON object, or belongs to an object that is no measurement.
        """
        return [self._attachment(element, context) for element in self.attached]

    def _attachment(self, element: etree._Element, context: Context) -> Attachment:
        identity = element.get("Object")
        subject = None if identity is None else self.places.get(identity)
        if identity is not None and subject is None:
            context.refuse(element, f"an attachment to {shortened(identity)}, which is no measurement", "one that is")
        try:
            document = json.loads(element.text or "", parse_constant=_no_number)
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            context.refuse(element, "an attachment that is no JSON object", "{…}")
        return Attachment(line_of(element.get("Kind")) or "undeclared", subject, document)


def read_extension(elements: Iterable[etree._Element], context: Context) -> Additions:
    """The extension of a file; nothing where it has none.

    Raises
    ------
    MalformedFileError
        If an object is added to twice.
    """
    additions = Additions()
    for child in (child for element in elements for child in element):
        if child.tag == ours("Addition"):
            identity = child.get("Object") or ""
            if identity in additions.by_object:
                context.refuse(child, f"a second addition to object {shortened(identity)}", "one")
            additions.by_object[identity] = Addition(child)
        elif child.tag == ours("Attachment"):
            additions.attached.append(child)
        else:
            context.note(f"element {shortened(local_name(child))} of the extension is not known and left out")
    return additions


def _no_number(name: str) -> Any:
    raise ValueError(name)


def _measurement(one: Measurement, element: etree._Element, context: Context) -> Measurement:
    grid = _grid(element, one.grid, context)
    geometry = _geometry(element, one.geometry, context)
    shape = one.reflectance_factor.shape
    readings = [_rows(reading, shape, context) for reading in element.iterfind(ours("Reading"))]
    covariance = element.find(ours("Covariance"))
    bandpass = element.get("Bandpass")
    declared = one.declared
    if bandpass is not None:
        declared = replace(declared, bandpass_nm=context.number(bandpass, element, "Bandpass"))
    spread = None
    if covariance is not None:
        spread = _rows(covariance, (shape[0], shape[1] ** 2), context).reshape(shape[0], shape[1], shape[1])
    return replace(
        one,
        grid=grid,
        geometry=geometry,
        readings=np.array(readings) if readings else one.readings,
        covariance=spread,
        declared=declared,
        stated=_colours(element, geometry.n_angles, context) or one.stated,
        texture=_textures(element, context),
    )


def _reading(one: ColourReading, element: etree._Element, context: Context) -> ColourReading:
    geometry = _geometry(element, one.geometry, context)
    return replace(
        one,
        geometry=geometry,
        stated=_colours(element, geometry.n_angles, context) or one.stated,
        texture=_textures(element, context),
    )


def _grid(element: etree._Element, known: WavelengthGrid, context: Context) -> WavelengthGrid:
    """The same wavelengths with the very step they were declared with."""
    stated = element.find(ours("Grid"))
    if stated is None:
        return known
    start, stop, step = (context.number(stated.get(key), stated, key) for key in ("Start", "Stop", "Step"))
    apart = max(abs(start - known.start), abs(stop - known.stop))
    if apart > NODE_TOLERANCE_NM or step <= 0 or abs((stop - start) / step + 1 - known.count) > 1e-3:
        context.refuse(stated, f"{start:g}–{stop:g}/{step:g} nm", f"the wavelengths of its spectrum, {known}")
    return WavelengthGrid(start, stop, step)


def _geometry(element: etree._Element, known: Any, context: Context) -> Any:
    stated = element.find(ours("Angles"))
    if stated is None:
        return known
    geometry = directional((stated.text or "").split())
    if known.kind not in ("directional", "unknown"):
        context.refuse(stated, f"angle pairs for a measurement of {known.name}", "a measurement at angle pairs")
    return geometry


def _colours(element: etree._Element, n_angles: int, context: Context) -> tuple[StatedColour, ...]:
    colours = []
    for child in element.iterfind(ours("Colour")):
        space = child.get("Space") or ""
        if space not in COLOUR_SPACES:
            context.refuse(child, f"a colour in {shortened(space)}", f"one of {', '.join(COLOUR_SPACES)}")
        values = _rows(child, (n_angles, 3), context, absent=True)
        illuminant, observer = (line_of(child.get(key)) or None for key in ("Illuminant", "Observer"))
        colours.append(StatedColour(space, values, illuminant, observer))
    return tuple(colours)


def _rows(element: etree._Element, shape: tuple[int, ...], context: Context, absent: bool = False) -> FloatArray:
    """The numbers of each Row, one for each angle.

    Raises
    ------
    MalformedFileError
        If they are not as many as the measurement has, or not finite; where `absent`, a row may be NaN throughout.
    """
    rows = []
    for row in element.iterfind(ours("Row")):
        text = row.text or ""
        missing = absent and text.split() == ["NaN"] * shape[1]
        rows.append([math.nan] * shape[1] if missing else context.numbers(text, row))
        if len(rows[-1]) != shape[1]:
            context.refuse(row, f"{len(rows[-1])} values", f"{shape[1]}")
    if len(rows) != shape[0]:
        context.refuse(element, f"{len(rows)} rows", f"{shape[0]}, one for each angle")
    return np.array(rows, dtype=np.float64)


def _textures(element: etree._Element, context: Context) -> tuple[Texture, ...]:
    textures = []
    for child in element.iterfind(ours("Texture")):
        quantity, geometry, version = (line_of(child.get(key)) for key in ("Quantity", "Geometry", "Version"))
        value = context.number(child.get("Value"), child, "Value")
        textures.append(Texture(quantity, geometry, value, version))
    return tuple(textures)
