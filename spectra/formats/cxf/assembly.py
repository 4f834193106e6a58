"""From an object to what it makes: measurements with their colours, colours alone, other spectra."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spectra.errors import MeasurementError
from spectra.formats.cxf.colours import assign, colour_readings, stated_colours
from spectra.formats.cxf.context import Context
from spectra.formats.cxf.grouping import NOTHING_ADDED, Group, Quantities, declared_of, grouped
from spectra.formats.cxf.objects import CxfObject
from spectra.formats.cxf.physical import merged
from spectra.formats.cxf.specifications import Specification
from spectra.geometry import directional
from spectra.light import SpectralDistribution
from spectra.measurement import Measurement, average_readings
from spectra.stated import ColourReading


def measurements_of(
    found: CxfObject,
    specifications: Mapping[str, Specification],
    context: Context,
    added: Quantities = NOTHING_ADDED,
) -> tuple[list[Measurement], list[ColourReading], list[SpectralDistribution]]:
    """The measurements of an object, the colours that belong to none of them, and its other spectra.

    Raises
    ------
    MalformedFileError
        If a value points to a specification that is not there, a spectrum has no wavelengths or no one angle, start
        wavelengths contradict each other, or an angle has more readings than another.
    """
    groups, others = grouped(found, specifications, context, added)
    apart = assign(found, groups, specifications, context)
    measurements = [_measurement(found, group, context) for group in groups]
    return measurements, colour_readings(found, apart, context), others


def _measurement(found: CxfObject, group: Group, context: Context) -> Measurement:
    rows, specification = list(group.rows.values()), group.specification
    first = rows[0][0]
    repeats = len(rows[0])
    if len(rows) > 1 and any(len(row) != repeats for row in rows):
        context.refuse(
            first.element,
            f"{', '.join(f'{len(row)} spectra at {token}' for token, row in group.rows.items())}"[:400],
            "as many at each angle",
        )
    readings = None
    if repeats > 1:
        readings = np.array([[row[k].values for row in rows] for k in range(repeats)])
        context.note("several spectra of one object measured alike are its readings; their mean is its spectrum")
    spectra = [row[0].values for row in rows] if readings is None else average_readings(readings)
    tokens = list(group.rows)
    conditions = found.conditions
    if specification.conditions:
        conditions = merged(conditions, dict(one for one in specification.conditions if one[0] != "angles"))
    names = [spectrum.name for row in rows for spectrum in row if spectrum.name and spectrum.name != found.name]
    if names and len(specification.angles) < 2:  # the name of an angle has told which one it is
        conditions = conditions | {"spectrum name": "; ".join(dict.fromkeys(names))}
    try:
        return Measurement(
            sample=found.name,
            reflectance_factor=spectra,  # type: ignore[arg-type]
            grid=group.grid,
            geometry=directional(tokens) if tokens[0] else specification.geometry,
            role=found.role,
            standard=found.standard,
            readings=readings,
            declared=declared_of(found, specification, first.element, context),
            stated=stated_colours(group.colours, tokens) if group.colours else (),
            taken_at=first.measured_at or found.created_at,
            instrument=specification.instrument,
            conditions=conditions,
            source=context.source,
        )
    except MeasurementError as error:
        context.refuse(first.element, str(error)[:500])
