"""A lab's own tolerance: of the programme, of a finish, of a colour; and what they make together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from colorlab.store.lab import Lab
from colorlab.store.programme import load_colour, load_colours
from colorlab.store.tolerances import StoredTolerance, load_tolerance, save_tolerance, tolerance_layers
from colorlab.tolerance.document import parse_document
from colorlab.tolerance.inherit import IN_ITS_UNIT, as_layer, resolve
from colorlab.tolerance.tolerance import DEFAULT, Tolerance
from colorlab.workflows.files import read_bytes
from colorlab.workflows.tolerance_change import ToleranceSet, key_changes
from spectra.errors import RecordNotFoundError, ToleranceError


@dataclass(frozen=True, slots=True, eq=False)
class AppliedTolerance:
    """What a colour is judged by.

    Attributes
    ----------
    tolerance : Tolerance
    records : tuple of str
        Of the layers it is made of, the general one first; empty for the house's own.
    origins : mapping of str to str
        The layer each key is from (`colorlab.tolerance.inherit.Resolved`); empty for the house's own.
    layers : tuple of str
        The layers as `origins` names them, the general one first; empty for the house's own.
    """

    tolerance: Tolerance
    records: tuple[str, ...]
    origins: Mapping[str, str]
    layers: tuple[str, ...] = ()


def tolerance_for(connection: Connection, colour: str | None, known_at: datetime | None = None) -> AppliedTolerance:
    """The tolerance in force for a colour, now or as known at a moment; the house's own where the lab has none.

    Raises
    ------
    ToleranceError
        If the layers make no tolerance together: names layer and key.
    """
    return applied(tolerance_layers(connection, colour, known_at))


def applied(layers: Sequence[StoredTolerance]) -> AppliedTolerance:
    """The tolerance that layers make together, the general one first."""
    if not layers:
        return AppliedTolerance(DEFAULT, (), {})
    names = tuple(map(layer_name, layers))
    made = resolve(list(zip(names, (layer.parsed() for layer in layers), strict=True)))
    return AppliedTolerance(made.tolerance, tuple(layer.id for layer in layers), made.origins, names)


def set_tolerance(
    lab: Lab, path: Path, *, now: datetime, by: str, colour: str | None = None, finish: str | None = None
) -> ToleranceSet:
    """Judge by the tolerance in a file from now on; verdicts reached before keep theirs.

    A file for a finish or a colour holds what it changes of the layers below. Nothing is recorded that would leave a
    colour of the programme without a tolerance that makes sense.

    Parameters
    ----------
    lab : Lab
    path : Path
        TOML, as `colorlab vet --tolerance` takes it; for a finish or a colour it may be incomplete.
    now : datetime
    by : str
    colour, finish : str, optional
        One colour, or every colour of a finish; the whole programme without either.

    Returns
    -------
    ToleranceSet
        What is in force now, and what that changes.

    Raises
    ------
    FileError, ToleranceError
        If the file cannot be read or makes no sense, alone or with the other layers.
    LabError
        If both a colour and a finish are given.
    RecordNotFoundError
        If the lab's programme has no such colour, or none of that finish.
    """
    content = read_bytes(path)
    as_layer(parse_document(content, path.name), path.name)
    with lab.writing() as connection:
        concerned = _concerned(connection, colour, finish)
        before = {code: tolerance_for(connection, code) for code in concerned}
        record = save_tolerance(connection, content.decode("utf-8"), now=now, by=by, colour=colour, finish=finish)
        after = {code: tolerance_for(connection, code) for code in concerned}
        for code in concerned:
            _refuse_resized(before[code], after[code], record, path.name)
        stored = load_tolerance(connection, record)
    # What the programme says alone holds for none of its colours where there are any.
    told = [code for code in concerned if code is not None] or concerned
    return ToleranceSet(
        record=record,
        colour=stored.colour,
        finish=stored.finish,
        unchanged=not any(record in after[code].records and record not in before[code].records for code in concerned),
        since=stored.recorded_at,
        by=stored.recorded_by,
        chains={code: after[code].layers for code in concerned if code is not None},
        changes=key_changes(
            {code: before[code].tolerance for code in told}, {code: after[code].tolerance for code in told}
        ),
    )


def _refuse_resized(before: AppliedTolerance, after: AppliedTolerance, record: str, file: str) -> None:
    """Refuse a formula that would give limits of a layer above another size: they were set for the formula of then."""
    if not before.records or before.tolerance.formula == after.tolerance.formula:
        return
    for above in after.records[after.records.index(record) + 1 :]:
        for key, origin in after.origins.items():
            if origin.endswith(f"({above})") and key.startswith(IN_ITS_UNIT):
                raise ToleranceError(
                    f"{file}: by its {after.tolerance.formula} {key} of {origin} would mean something else, as it was "
                    f"set for the {before.tolerance.formula}; first give that layer all it needs and inherits = false"
                )


def _concerned(connection: Connection, colour: str | None, finish: str | None) -> list[str | None]:
    """The colours a layer is for; None stands for what the programme alone says."""
    if colour is not None:
        return [load_colour(connection, colour).code]
    colours = load_colours(connection)
    if finish is None:
        return [None, *(one.code for one in colours)]
    found: list[str | None] = [one.code for one in colours if one.finish == finish]
    if not found:
        raise RecordNotFoundError("colour of the finish", finish, tuple(sorted({one.finish for one in colours})))
    return found


def layer_name(layer: StoredTolerance) -> str:
    """A layer as messages and origins name it: `colour AME (T-000003)`."""
    return " ".join((layer.scope, *filter(None, (layer.finish, layer.colour)), f"({layer.id})"))
