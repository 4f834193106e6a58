"""CustomIlluminant: a light whose spectrum the file brings along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spectra.formats.base import MAX_WAVELENGTH, MIN_WAVELENGTH
from spectra.formats.cxf.context import Context, line_of
from spectra.formats.cxf.objects import MAX_MAGNITUDE, MAX_VALUES
from spectra.formats.cxf.vocabulary import core
from spectra.light import SpectralDistribution
from spectra.wavelengths import grid_of_nodes

if TYPE_CHECKING:
    from lxml import etree

QUANTITY = "illuminant"


def custom_illuminants(root: etree._Element, context: Context) -> list[SpectralDistribution]:
    """The spectra of the lights that specifications describe themselves, each name and spectrum once.

    Raises
    ------
    MalformedFileError
        If a light states no wavelengths, or a value that is not a number.
    """
    path = "/".join(map(core, ("Resources", "ColorSpecificationCollection", "ColorSpecification", "TristimulusSpec")))
    found: dict[object, SpectralDistribution] = {}
    for element in root.iterfind(f"{path}/{core('CustomIlluminant')}"):
        pairs = _list(element, context) + [
            (context.number(point.get("WL"), point, "WL"), context.number(point.text, point, "a value"))
            for point in element.iterfind(core("SpectralPoint"))
        ]
        if len(pairs) < 2:
            context.note("a custom illuminant without a spectrum is left out")
            continue
        nodes, values = (list(column) for column in zip(*sorted(pairs), strict=True))
        absurd = nodes[0] < MIN_WAVELENGTH or nodes[-1] > MAX_WAVELENGTH or max(map(abs, values)) > MAX_MAGNITUDE
        if absurd or len(values) > MAX_VALUES:
            context.refuse(element, "an illuminant of absurd wavelengths or values", "a spectrum of visible light")
        name = line_of(element.get("Name")) or "custom illuminant"
        with context.placed(element):
            light = SpectralDistribution(name, QUANTITY, np.array(values), grid_of_nodes(nodes), source=context.source)
        found.setdefault((name, tuple(nodes), tuple(values)), light)
    return list(found.values())


def _list(element: etree._Element, context: Context) -> list[tuple[float, float]]:
    listed = element.find(core("SPDList"))
    words = (listed.text or "").split() if listed is not None else []
    if not words or listed is None:
        return []
    start = context.number(element.get("WLStart"), element, "WLStart")
    step = context.number(element.get("List_Increment"), element, "List_Increment")
    return [(start + step * k, context.number(word, listed, "a value")) for k, word in enumerate(words)]
