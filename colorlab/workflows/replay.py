"""A recorded verdict, reached again from the records alone: the same to the last bit, or what changed, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from math import inf
from typing import Any

from sqlalchemy import Connection

from colorlab.store import records
from colorlab.store.blobs import BlobStore
from colorlab.store.columns import record_prefix
from colorlab.store.harmony_verdicts import find_harmony_verdicts, load_harmony_verdict
from colorlab.store.lab import Lab
from colorlab.store.measurements import load_measurement
from colorlab.store.verdicts import find_verdicts, load_verdict
from colorlab.workflows.differences import Change, differences
from colorlab.workflows.reached import NOT_REACHED, PRODUCED_BY, Recorded, measured_records, reached_now
from colorlab.workflows.reread import RawReadings
from colorlab.workflows.steps import Steps, silent
from colorlab.workflows.text import counted
from colorlab.workflows.version import provenance, software_version
from spectra.errors import ColorlabError, MeasurementError, ToleranceError

_SHOWN = 20  # changes that are printed; the JSON answer holds all
_FAINT = 1e-9  # relative change of a number that only counts in the last digits of a computer


@dataclass(frozen=True, slots=True)
class ReplayOutcome:
    """A verdict reached again.

    Attributes
    ----------
    record : str
    recorded_at : datetime
    recorded_by : str
    decision_then : str
    decision_now : str or None
        None where what is recorded can no longer be judged; `changes` says why.
    changes : tuple of Change
        Of the verdict's document.
    input_faults : tuple of str
        Records and raw files that are not what they were.
    software : tuple of Change
        Of the source, the libraries and the machine: the usual reason why a document changed.
    notes : tuple of str
        What could not be compared.
    """

    record: str
    recorded_at: datetime
    recorded_by: str
    decision_then: str
    decision_now: str | None
    changes: tuple[Change, ...]
    input_faults: tuple[str, ...]
    software: tuple[Change, ...]
    notes: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether the verdict is the same to the last bit, from inputs that are what they were."""
        return not self.changes and not self.input_faults

    @property
    def otherwise(self) -> tuple[Change, ...]:
        """Changes of what the record says, without what is only said now."""
        return tuple(one for one in self.changes if one.kind != "added")

    @property
    def largest_relative_change(self) -> float | None:
        """Of all numbers that changed; None where none did. [1]"""
        return max((one.relative for one in self.changes if one.relative is not None), default=None)

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "record": self.record,
            "same": self.same,
            "recorded_at": self.recorded_at.isoformat(),
            "recorded_by": self.recorded_by,
            "decision_then": self.decision_then,
            "decision_now": self.decision_now,
            "changes": [asdict(one) for one in self.changes],
            "largest_relative_change": self.largest_relative_change,
            "input_faults": list(self.input_faults),
            "software_changes": [asdict(one) for one in self.software],
            "notes": list(self.notes),
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """The answer, what changed, and why."""
        by_other = "other software now: " if self.software and not self.same else ""
        lines = [f"{self.record}: {by_other}{self._answer()}"]
        lines += [f"software: {one.as_text()}" for one in self.software]
        lines += [f"input: {fault}" for fault in self.input_faults]
        telling, faint = self._by_size()
        lines += [one.as_text() for one in telling[:_SHOWN]]
        if len(telling) > _SHOWN:
            lines.append(f"and {len(telling) - _SHOWN} more; --json prints all")
        if faint:
            lines.append(f"{counted(faint, 'number')} changed by less than {_FAINT:g} of its size; --json prints all")
        if added := [one.path for one in self.changes if one.kind == "added"]:
            lines.append(f"said now and not then: {', '.join(added)}")
        if moved := [(one.relative, one.path) for one in self.changes if one.relative is not None]:
            lines.append("largest relative change of a number: {:.1g}, of {}".format(*max(moved)))
        if self.changes and not self.software and not self.input_faults and not self.notes:
            lines.append(
                "software, libraries, machine and records are those of then: this is a fault in colorlab, please report"
            )
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join(lines)

    def _by_size(self) -> tuple[list[Change], int]:
        """What changed, other than faintly: what is no number first, then the farthest; and how many did faintly."""
        sizes = [(one, one.relative) for one in self.otherwise]
        telling = [(one, inf if size is None else size) for one, size in sizes if size is None or size >= _FAINT]
        telling.sort(key=lambda pair: -pair[1])
        return [one for one, _ in telling], len(sizes) - len(telling)

    def _answer(self) -> str:
        reached = f"({self.decision_then}, {self.recorded_at:%Y-%m-%d} by {self.recorded_by})"
        if self.same:
            return f"the same, to the last bit {reached}"
        if not self.changes:
            return f"the same, to the last bit, but not everything it rests on is what it was {reached}"
        if not self.otherwise:
            return f"all that is recorded is the same to the last bit, and more is said now {reached}"
        if self.decision_now == self.decision_then:
            return f"the same decision, but {counted(len(self.otherwise), 'value')} changed {reached}"
        return f"CHANGED to {self.decision_now or 'no decision'} {reached}"


@dataclass(frozen=True, slots=True)
class ReplayAllOutcome:
    """Every verdict of a lab, or those asked for, reached again.

    Attributes
    ----------
    outcomes : tuple of ReplayOutcome
    impossible : dict of str to str
        Verdicts that cannot be reached again, with the reason.
    """

    outcomes: tuple[ReplayOutcome, ...]
    impossible: Mapping[str, str]

    @property
    def changed(self) -> tuple[ReplayOutcome, ...]:
        """Those that are not the same."""
        return tuple(one for one in self.outcomes if not one.same)

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "same_count": len(self.outcomes) - len(self.changed),
            "changed_count": len(self.changed),
            "cannot_count": len(self.impossible),
            "verdicts": [one.as_dict() for one in self.outcomes],
            "cannot": [{"record": record, "reason": reason} for record, reason in self.impossible.items()],
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """The counts, then all that is not the same."""
        total = len(self.outcomes) + len(self.impossible)
        same = len(self.outcomes) - len(self.changed)
        lines = [
            f"{counted(total, 'verdict')}: {same} the same to the last bit, {len(self.changed)} changed, "
            f"{len(self.impossible)} cannot be reached again"
        ]
        lines += [f"\n{one.as_text()}" for one in self.changed]
        lines += [f"\n{record}: cannot be reached again: {reason}" for record, reason in self.impossible.items()]
        return "\n".join(lines)


def replay_verdict(lab: Lab, record: str) -> ReplayOutcome:
    """Reach a recorded verdict, on a sample or on a set of parts, again and compare it with the record, bit for bit.

    Everything comes from the lab: the measurements, the tolerance layers by their versions, the uncertainty, seed
    and number of draws as the verdict states them. The raw files are checked by their hashes and read again; every
    record is held against its link in the audit log.

    Raises
    ------
    RecordNotFoundError
        If there is no such verdict, or a record it rests on is gone.
    DamagedLabError
        If a record cannot be read back.
    LabError
        If the verdict does not say what it was reached from.
    """
    with lab.reading() as connection:
        load = load_harmony_verdict if record_prefix(record) == "H" else load_verdict
        return _replay(connection, load(connection, record), RawReadings(lab.blobs), lab.blobs)


def replay_all(
    lab: Lab, *, colour: str | None = None, supplier: str | None = None, line: str | None = None, steps: Steps = silent
) -> ReplayAllOutcome:
    """Reach every verdict of a lab again, or those of a colour, supplier or production line (see `replay_verdict`)."""
    outcomes, impossible, readings = [], {}, RawReadings(lab.blobs)
    with lab.reading() as connection:
        found: tuple[Recorded, ...] = (
            *find_verdicts(connection, colour=colour, supplier=supplier, line=line),
            *find_harmony_verdicts(connection, colour=colour, supplier=supplier, line=line),
        )
        for done, stored in enumerate(found, start=1):
            try:
                outcomes.append(_replay(connection, stored, readings, lab.blobs))
            except ColorlabError as error:
                impossible[stored.id] = str(error)
            steps("reach verdicts again", done, len(found))
    return ReplayAllOutcome(tuple(outcomes), impossible)


def _replay(connection: Connection, stored: Recorded, readings: RawReadings, blobs: BlobStore) -> ReplayOutcome:
    then = {name: value for name, value in stored.document.items() if name not in NOT_REACHED}
    faults, notes = list(_record_faults(connection, stored)), []
    measurements = []
    for name in measured_records(stored):
        measurement = load_measurement(connection, name).measurement
        fault, note = readings.compared(measurement)
        faults += [f"{name}: {fault}"] if fault else []
        notes += [f"{name}: {note}"] if note else []
        measurements.append(measurement)
    now: dict[str, Any] | None = None
    try:
        now = json.loads(json.dumps(reached_now(connection, stored, measurements, blobs), allow_nan=False))
        changes = tuple(differences(then, now))
    except (MeasurementError, ToleranceError) as error:
        changes = (Change("decision", "changed", stored.decision, f"refused: {error}"),)
    produced = stored.document.get(PRODUCED_BY)
    if produced is None:
        produced = {"software_version": stored.software_version}
        notes.append("the record does not say with which source, libraries and machine it was reached")
    present = {name: value for name, value in provenance().items() if name in produced}
    return ReplayOutcome(
        record=stored.id,
        recorded_at=stored.recorded_at,
        recorded_by=stored.recorded_by,
        decision_then=stored.decision,
        decision_now=None if now is None else now["decision"],
        changes=changes,
        input_faults=tuple(faults),
        software=tuple(differences(produced, present)),
        notes=tuple(notes),
    )


def _record_faults(connection: Connection, stored: Recorded) -> Iterator[str]:
    for record in dict.fromkeys((stored.id, *stored.inputs, *stored.tolerances)):
        if fault := records.fault_of(connection, record):
            yield f"{record}: {fault}"
    if stored.decision != stored.document.get("decision"):
        yield f"{stored.id}: the record says {stored.decision}, its document {stored.document.get('decision')}"
