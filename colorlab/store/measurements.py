"""Measurements in the lab: saved and loaded back bit for bit, once per place in a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, RowMapping, select

from colorlab.store import records, schema
from colorlab.store.columns import legible_file_name, shaped
from colorlab.store.raw_files import require_raw_files
from spectra.arrays import FloatArray, frozen
from spectra.geometry import Geometry
from spectra.measurement import NOTHING_DECLARED, Declared, Measurement
from spectra.stated import Source, StatedColour, Texture
from spectra.wavelengths import WavelengthGrid


@dataclass(frozen=True, slots=True, eq=False)
class StoredMeasurement:
    """A measurement with what the lab knows about it."""

    id: str
    measurement: Measurement
    colour: str | None
    supplier: str | None
    line: str | None
    recorded_at: datetime
    recorded_by: str


def save_measurements(
    connection: Connection,
    measurements: Sequence[Measurement],
    *,
    now: datetime,
    by: str,
    colour: str | None = None,
    supplier: str | None = None,
    line: str | None = None,
) -> tuple[str, ...]:
    """Save the measurements of a file, or of several, in the order in which they stand there.

    The raw file of each must be registered first (`raw_files.register_raw_file`). A measurement that is in the lab
    already, from the same place of the same file and for the same colour, supplier and production line, is not saved
    again.

    Returns
    -------
    tuple of str
        A record id for each measurement, new or existing.

    Raises
    ------
    RecordNotFoundError
        If a source file is not registered.
    """
    places: Counter[str | None] = Counter()
    ids = []
    names = require_raw_files(connection, sorted({m.source.sha256 for m in measurements if m.source is not None}))
    for measurement in measurements:
        file = measurement.source.sha256 if measurement.source is not None else None
        belongs = {"colour": colour, "supplier": supplier, "line": line}
        row = {**_row(measurement), "position": places[file], **belongs}
        if file is not None:
            row["file_name"] = names[file]
        places[file] += 1
        ids.append(_save(connection, row, now=now, by=by))
    return tuple(ids)


def save_measurement(
    connection: Connection,
    measurement: Measurement,
    *,
    now: datetime,
    by: str,
    colour: str | None = None,
    supplier: str | None = None,
    line: str | None = None,
) -> str:
    """Save one measurement (see `save_measurements`)."""
    belongs = {"colour": colour, "supplier": supplier, "line": line}
    return save_measurements(connection, [measurement], now=now, by=by, **belongs)[0]


def load_measurement(connection: Connection, record: str) -> StoredMeasurement:
    """The measurement of a record, exactly as it was saved.

    Raises
    ------
    RecordNotFoundError
        If there is no such record.
    DamagedLabError
        If the stored arrays do not fit their stated shape.
    """
    return _stored(records.fetch(connection, schema.measurements, record))


def find_measurements(
    connection: Connection,
    *,
    sample: str | None = None,
    colour: str | None = None,
    supplier: str | None = None,
    line: str | None = None,
    raw_sha256: str | None = None,
) -> tuple[StoredMeasurement, ...]:
    """All measurements that match every name given, oldest record first."""
    wanted = {"sample": sample, "colour": colour, "supplier": supplier, "line": line, "raw_sha256": raw_sha256}
    found = records.matching(connection, schema.measurements, wanted)
    return tuple(_stored(row) for row in found)


def differing_parts(one: Measurement, other: Measurement) -> tuple[str, ...]:
    """Names of what two measurements do not say alike, to the last bit; empty where they are the same.

    Their roles do not count, nor does the name of the file: those are given to a measurement, not read from a panel.
    """
    first, second = (records.stored_form(schema.measurements, _row(side)) for side in (one, other))
    return tuple(name for name in first if name not in _GIVEN and first[name] != second[name])


_GIVEN = ("role", "standard", "file_name")


def _save(connection: Connection, row: Mapping[str, Any], *, now: datetime, by: str) -> str:
    table = schema.measurements
    content = records.content_digest(table, row)
    known = connection.execute(select(table.c.id).where(table.c.content_sha256 == content)).scalar_one_or_none()
    if known is not None:
        return str(known)
    return records.append(connection, table, {**row, "content_sha256": content}, now=now, by=by)


def _row(measurement: Measurement) -> dict[str, Any]:
    source, grid, declared = measurement.source, measurement.grid, measurement.declared
    first, more = measurement.stated[:1], measurement.stated[1:]
    return {
        "raw_sha256": source and source.sha256,
        "file_name": source and legible_file_name(source.file_name),
        "format": source and source.format,
        "sample": measurement.sample,
        "role": measurement.role,
        "standard": measurement.standard,
        "start_nm": float(grid.start),
        "stop_nm": float(grid.stop),
        "step_nm": 0.0 if grid.step is None else float(grid.step),
        "nodes_nm": grid.wavelengths if grid.step is None else None,
        "geometry": geometry_document(measurement.geometry),
        "n_angles": measurement.geometry.n_angles,
        "n_wavelengths": grid.count,
        "reflectance_factor": measurement.reflectance_factor,
        "n_readings": None if measurement.readings is None else len(measurement.readings),
        "readings": measurement.readings,
        "covariance": measurement.covariance,
        "declared": None if declared == NOTHING_DECLARED else asdict(declared),
        "stated": _stated_document(first[0]) if first else None,
        "stated_values": first[0].values if first else None,
        "more_stated": [_stated_document(colour) for colour in more] or None,
        "more_stated_values": np.stack([colour.values for colour in more]) if more else None,
        "texture": [[t.quantity, t.geometry, t.value, t.version] for t in measurement.texture],
        "conditions": dict(measurement.conditions),
        "taken_at": measurement.taken_at and measurement.taken_at.isoformat(),
        "instrument": measurement.instrument,
    }


@records.restored
def _stored(row: RowMapping) -> StoredMeasurement:
    known = {name: row[name] for name in ("id", "colour", "supplier", "line", "recorded_at", "recorded_by")}
    return StoredMeasurement(measurement=_measurement(row), **known)


def _measurement(row: RowMapping) -> Measurement:
    record, shape = row["id"], (row["n_angles"], row["n_wavelengths"])
    readings, covariance = row["readings"], row["covariance"]
    return Measurement(
        sample=row["sample"],
        reflectance_factor=shaped(row["reflectance_factor"], shape, record),
        grid=_grid(row),
        geometry=geometry_from(row["geometry"]),
        role=row["role"],
        standard=row["standard"],
        readings=None if readings is None else shaped(readings, (row["n_readings"], *shape), record),
        covariance=None if covariance is None else shaped(covariance, (*shape, shape[1]), record),
        declared=NOTHING_DECLARED if row["declared"] is None else Declared(**row["declared"]),
        stated=_all_stated(row),
        texture=tuple(Texture(*entry) for entry in row["texture"]),
        taken_at=row["taken_at"] and datetime.fromisoformat(row["taken_at"]),
        instrument=row["instrument"],
        conditions=row["conditions"],
        source=None if row["raw_sha256"] is None else Source(row["file_name"], row["raw_sha256"], row["format"]),
    )


def _grid(row: RowMapping) -> WavelengthGrid:
    if row["nodes_nm"] is None:
        return WavelengthGrid(row["start_nm"], row["stop_nm"], row["step_nm"])
    nodes = shaped(row["nodes_nm"], (row["n_wavelengths"],), row["id"])
    return WavelengthGrid(row["start_nm"], row["stop_nm"], None, tuple(nodes.tolist()))


def _stated_document(stated: StatedColour) -> dict[str, Any]:
    return {
        "space": stated.space,
        "illuminant": stated.illuminant,
        "observer": stated.observer,
        "shape": list(np.shape(stated.values)),
    }


def _all_stated(row: RowMapping) -> tuple[StatedColour, ...]:
    if row["stated"] is None:
        return ()
    record, documents = row["id"], [row["stated"], *(row["more_stated"] or ())]
    blocks = [row["stated_values"]]
    if len(documents) > 1:
        blocks += list(shaped(row["more_stated_values"], (len(documents) - 1, 3 * row["n_angles"]), record))
    return tuple(_stated(document, block, record) for document, block in zip(documents, blocks, strict=True))


def _stated(document: Mapping[str, Any], values: FloatArray, record: str) -> StatedColour:
    array = frozen(shaped(values, tuple(document["shape"]), record))
    return StatedColour(document["space"], array, document["illuminant"], document["observer"])


def geometry_document(geometry: Geometry) -> dict[str, Any]:
    """A geometry as a JSON document; angles a geometry does not have are null."""
    return {
        "kind": geometry.kind,
        "tokens": list(geometry.tokens),
        "illumination_angles_deg": _angles(geometry.illumination_angles),
        "aspecular_angles_deg": _angles(geometry.aspecular_angles),
        "azimuths_deg": _angles(geometry.azimuths),
        "specular": geometry.specular,
    }


def geometry_from(document: Mapping[str, Any]) -> Geometry:
    """The geometry of such a document."""
    illumination, aspecular, azimuths = (
        frozen([np.nan if angle is None else angle for angle in document[name]])
        for name in ("illumination_angles_deg", "aspecular_angles_deg", "azimuths_deg")
    )
    return Geometry(
        document["kind"], tuple(document["tokens"]), illumination, aspecular, azimuths, document["specular"]
    )


def _angles(values: FloatArray) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]
