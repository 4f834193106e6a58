"""Characterised colorant sets by name, each characterisation a new version, loaded back bit for bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, RowMapping, select

from colorlab.formulation.document import facts_document, facts_from, model_document, model_from
from colorlab.store import records, schema
from colorlab.store.columns import shaped
from colorlab.store.measurements import geometry_document, geometry_from
from spectra.arrays import FloatArray
from spectra.colorant import Colorant, ColorantSet
from spectra.errors import DamagedLabError, RecordNotFoundError
from spectra.optics.interface import Saunderson
from spectra.wavelengths import WavelengthGrid

_SPECTRA = ("absorption", "scattering", "log_covariance")


@dataclass(frozen=True, slots=True, eq=False)
class StoredColorantSet:
    """One version of a set; `inputs` are the records of the measurements it was characterised from."""

    id: str
    version: int
    colorants: ColorantSet
    inputs: tuple[str, ...]
    recorded_at: datetime
    recorded_by: str


def save_colorant_set(
    connection: Connection, colorants: ColorantSet, *, now: datetime, by: str, inputs: Sequence[str] = ()
) -> str:
    """Save a set as a new version of its name, unless it is the newest version already.

    Returns
    -------
    str
        The record's id, `K-000001`.

    Raises
    ------
    RecordNotFoundError
        If an input is not in the lab.
    """
    records.require(connection, inputs)
    spectra = [array for colorant in colorants.colorants for array in _spectra(colorant).values()]
    values = {
        "document": _set_document(colorants),
        "arrays": np.concatenate([array.ravel() for array in spectra]),
        "inputs": list(inputs),
    }
    return records.append_version(connection, schema.colorant_sets, {"name": colorants.name}, values, now=now, by=by)


def load_colorant_set(connection: Connection, record: str) -> StoredColorantSet:
    """One version by its record id.

    Raises
    ------
    RecordNotFoundError
        If there is no such record.
    DamagedLabError
        If the stored arrays do not fit their stated shapes.
    """
    return _stored(records.fetch(connection, schema.colorant_sets, record))


def newest_colorant_set(connection: Connection, name: str | None = None) -> StoredColorantSet:
    """The newest version of a set, or the set recorded last when no name is given.

    Raises
    ------
    RecordNotFoundError
        If there is none.
    """
    table = schema.colorant_sets
    query = select(table).order_by(table.c.id.desc()).limit(1)
    if name is not None:
        query = query.where(table.c.name == name)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        known = connection.execute(select(table.c.name).distinct().order_by(table.c.name)).scalars()
        remedy = "`colorlab characterise LETDOWNS --lab LAB` records one"
        raise RecordNotFoundError("colorant set", name or "", tuple(known), remedy=remedy)
    return _stored(row)


def _spectra(colorant: Colorant) -> dict[str, FloatArray]:
    arrays = {name: getattr(colorant, name) for name in _SPECTRA}
    return {name: array for name, array in arrays.items() if array is not None}


def _set_document(colorants: ColorantSet) -> dict[str, Any]:
    grid, surface = colorants.grid, colorants.surface
    return {
        "grid_nm": [float(grid.start), float(grid.stop), float(grid.nominal_step)],
        "geometry": geometry_document(colorants.geometry),
        "surface": {
            "k1": float(surface.k1),
            "k2": float(surface.k2),
            "specular_included": bool(surface.specular_included),
        },
        "base": colorants.base,
        **model_document(colorants),
        "colorants": [_colorant_document(colorant) for colorant in colorants.colorants],
    }


def _colorant_document(colorant: Colorant) -> dict[str, Any]:
    return {
        **facts_document(colorant),
        "shapes": {name: list(array.shape) for name, array in _spectra(colorant).items()},
    }


@records.restored
def _stored(row: RowMapping) -> StoredColorantSet:
    document = row["document"]
    rest, colorants = row["arrays"], []
    for entry in document["colorants"]:
        colorant, rest = _colorant(entry, rest, row["id"])
        colorants.append(colorant)
    if rest.size:
        raise DamagedLabError(f"{row['id']}: {rest.size} stored values more than its colorants have")
    colorant_set = ColorantSet(
        row["name"],
        tuple(colorants),
        WavelengthGrid(*document["grid_nm"]),
        geometry_from(document["geometry"]),
        Saunderson(**document["surface"]),
        document["base"],
        **model_from(document),
    )
    return StoredColorantSet(
        row["id"], row["version"], colorant_set, tuple(row["inputs"]), row["recorded_at"], row["recorded_by"]
    )


def _colorant(entry: Mapping[str, Any], values: FloatArray, record: str) -> tuple[Colorant, FloatArray]:
    """A colorant from its entry and the head of the stored values; what is left of them belongs to the next ones."""
    arrays: dict[str, Any] = {}
    for name in _SPECTRA:
        if name in entry["shapes"]:
            shape = tuple(entry["shapes"][name])
            size = int(np.prod(shape))
            arrays[name], values = shaped(values[:size], shape, record), values[size:]
    return Colorant(**facts_from(entry), **arrays), values
