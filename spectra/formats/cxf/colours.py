"""The colours of an object: which belong to a measurement, which stand alone, and how they make rows by angle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from spectra.formats.cxf.context import Context
from spectra.formats.cxf.grouping import NO_TOKEN, Group, declared_of
from spectra.formats.cxf.objects import Colour, CxfObject
from spectra.formats.cxf.physical import merged
from spectra.formats.cxf.specifications import NOTHING_SPECIFIED, Specification
from spectra.formats.text import shortened
from spectra.geometry import UNDECLARED, directional
from spectra.stated import ColourReading, StatedColour


def assign(
    found: CxfObject, groups: list[Group], specifications: Mapping[str, Specification], context: Context
) -> list[tuple[str, Colour, Specification]]:
    """Give each colour to the measurement it was computed from; those of none are returned.

    Raises
    ------
    MalformedFileError
        If a colour points to a specification that is not there.
    """
    apart: list[tuple[str, Colour, Specification]] = []
    chosen: dict[str | None, tuple[str, Specification, list[tuple[str, Colour, Specification]]]] = {}
    for colour in found.colours:
        if colour.specification not in chosen:
            specification = _specification(colour, specifications, context)
            token = specification.angles[0][0] if len(specification.angles) == 1 else NO_TOKEN
            group = next((group for group in groups if _belongs(token, specification, group)), None)
            chosen[colour.specification] = (token, specification, apart if group is None else group.colours)
        token, specification, colours = chosen[colour.specification]
        colours.append((token, colour, specification))
    return apart


def _specification(colour: Colour, specifications: Mapping[str, Specification], context: Context) -> Specification:
    if colour.specification is None:
        context.note("colours without a ColorSpecification: their illuminant and observer are undeclared")
        return NOTHING_SPECIFIED
    if colour.specification not in specifications:
        context.refuse(
            colour.element,
            f"ColorSpecification {shortened(colour.specification)} is not in the file",
            "the Id of one that is",
        )
    return specifications[colour.specification]


def _belongs(token: str, specification: Specification, group: Group) -> bool:
    """Whether a colour may be of these spectra: the same geometry, and nothing declared otherwise."""
    own = group.specification
    if specification is own:
        return token in group.rows
    if token and token not in group.rows:
        return False
    if not token and (specification.angles or len(group.rows) > 1):
        return False
    if specification.geometry is not UNDECLARED and specification.geometry is not own.geometry:
        return False
    here, there = specification.declared, own.declared
    return (
        (here.condition is None or here.condition == there.condition)
        and (here.backing is None or here.backing == there.backing)
        and (specification.instrument is None or specification.instrument == own.instrument)
        and all(
            dict(own.conditions).get(key, value) == value
            for key, value in specification.conditions
            if key != "tristimulus method"
        )
    )


def stated_colours(colours: list[tuple[str, Colour, Specification]], tokens: list[str]) -> tuple[StatedColour, ...]:
    """The colours as rows by angle; what stands twice at one angle becomes a second stated colour."""
    if len(tokens) == 1:
        return tuple(
            StatedColour(colour.space, [colour.values], specification.illuminant, specification.observer)  # type: ignore[arg-type]
            for _, colour, specification in colours
        )
    tables: dict[tuple[object, ...], dict[str, list[float]]] = {}
    repeats: Counter[tuple[object, ...]] = Counter()
    for token, colour, specification in colours:
        way = (colour.space, specification.illuminant, specification.observer)
        tables.setdefault((*way, repeats[token, way]), {})[token] = colour.values
        repeats[token, way] += 1
    absent = [np.nan] * 3
    return tuple(
        StatedColour(key[0], np.array([rows.get(token, absent) for token in tokens]), key[1], key[2])  # type: ignore[arg-type]
        for key, rows in tables.items()
    )


def colour_readings(
    found: CxfObject, colours: list[tuple[str, Colour, Specification]], context: Context
) -> list[ColourReading]:
    """Colours of no spectrum, one reading for each way of measuring."""
    ways: dict[object, list[tuple[str, Colour, Specification]]] = {}
    for one in colours:
        if len(one[2].angles) > 1:
            context.note("a colour stated for several angles: which of them is not said, its geometry stays undeclared")
        ways.setdefault((one[2].colour_way, len(one[2].angles) > 1 and one[2].conditions), []).append(one)
    readings = []
    for group in ways.values():
        tokens = list(dict.fromkeys(token for token, _, _ in group))
        specification = group[0][2]
        computed = {one[1].specification: one[2].colour_conditions() for one in group}
        conditions = merged(found.conditions, *computed.values())
        kind = specification.measurement_type
        if kind not in (None, "Colorimetric_Reflectance", "Spectrum_Reflectance"):
            conditions["measurement type"] = str(kind)
        declared = declared_of(found, specification, group[0][1].element, context)
        if declared.condition:
            conditions["measurement condition"] = declared.condition
        with context.placed(group[0][1].element):
            readings.append(
                ColourReading(
                    sample=found.name,
                    stated=stated_colours(group, tokens),
                    geometry=directional(tokens) if tokens[0] else specification.geometry,
                    role=found.role,
                    standard=found.standard,
                    taken_at=found.created_at,
                    instrument=specification.instrument,
                    conditions=conditions,
                    source=context.source,
                )
            )
    return readings
