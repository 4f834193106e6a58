"""Strengths of lots by colorant set and lot, each learning a new version: the history of what the pastes did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Connection, RowMapping

from colorlab.formulation.lot_strength import LotStrengths
from colorlab.formulation.lots.strength_document import strengths_document, strengths_from
from colorlab.store import records, schema
from colorlab.store.columns import shaped
from spectra.errors import LabError


@dataclass(frozen=True, slots=True, eq=False)
class StoredStrengths:
    """One version of the strengths of a lot.

    Attributes
    ----------
    id : str
    version : int
        Counts from 1 for each colorant set and lot.
    colorant_set : str
        Record of the colorants they are relative to.
    strengths : LotStrengths
    inputs : tuple of str
        Records of the measurements they were learned from.
    recorded_at : datetime
    recorded_by : str
    """

    id: str
    version: int
    colorant_set: str
    strengths: LotStrengths
    inputs: tuple[str, ...]
    recorded_at: datetime
    recorded_by: str


def save_strengths(
    connection: Connection,
    strengths: LotStrengths,
    colorant_set: str,
    *,
    now: datetime,
    by: str,
    inputs: Sequence[str] = (),
) -> str:
    """Save strengths as a new version of their lot, unless they are the newest version already.

    Parameters
    ----------
    connection : Connection
    strengths : LotStrengths
    colorant_set : str
        Record of the set they were learned against.
    now : datetime
    by : str
    inputs : sequence of str
        Records of the panels' measurements.

    Returns
    -------
    str
        The record's id, `B-000001`.

    Raises
    ------
    RecordNotFoundError
        If the colorant set or an input is not in the lab.
    LabError
        If the colorant set of that record is another one.
    """
    row = records.fetch(connection, schema.colorant_sets, colorant_set)
    if row["name"] != strengths.colorant_set:
        raise LabError(f"strengths of {strengths.colorant_set} do not belong to {colorant_set}, {row['name']}")
    records.require(connection, inputs)
    values = {
        "document": strengths_document(strengths),
        "arrays": np.concatenate([strengths.ln_factor, strengths.covariance.ravel()]),
        "inputs": list(inputs),
    }
    key = {"colorant_set": colorant_set, "lot": strengths.lot}
    return records.append_version(connection, schema.lot_strengths, key, values, now=now, by=by)


def load_strengths(connection: Connection, record: str) -> StoredStrengths:
    """One version by its record id.

    Raises
    ------
    RecordNotFoundError
        If there is no such record.
    DamagedLabError
        If the stored arrays do not fit their stated shapes.
    """
    return _stored(records.fetch(connection, schema.lot_strengths, record))


def strengths_history(
    connection: Connection, colorant_set: str | None = None, *, lot: str | None = None
) -> tuple[StoredStrengths, ...]:
    """All versions of a colorant set's strengths, or of one lot's, oldest first; the last is the one in force."""
    wanted = {"colorant_set": colorant_set, "lot": lot}
    return tuple(_stored(row) for row in records.matching(connection, schema.lot_strengths, wanted))


@records.restored
def _stored(row: RowMapping) -> StoredStrengths:
    n = len(row["document"]["colorants"])
    values = shaped(row["arrays"], (n * (n + 1),), row["id"])
    strengths = strengths_from(row["document"], values[:n], values[n:].reshape(n, n))
    return StoredStrengths(
        row["id"],
        row["version"],
        row["colorant_set"],
        strengths,
        tuple(row["inputs"]),
        row["recorded_at"],
        row["recorded_by"],
    )
