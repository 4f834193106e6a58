"""The standard of a colour put in force, and what was in force before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from colorlab.store.lab import Lab
from colorlab.store.measurements import StoredMeasurement, load_measurement
from colorlab.store.standards import choice_in_force
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions
from colorlab.workflows.submission import set_standard
from colorlab.workflows.version import software_version
from spectra.errors import RecordNotFoundError


@dataclass(frozen=True, slots=True, eq=False)
class StandardSet:
    """A standard that is in force now.

    Attributes
    ----------
    colour : str
    measurement : StoredMeasurement
    before : StoredMeasurement or None
        The standard until now; None where the colour had none, or nothing changed.
    unchanged : bool
        Whether it was in force before.
    since : datetime
    by : str
    """

    colour: str
    measurement: StoredMeasurement
    before: StoredMeasurement | None
    unchanged: bool
    since: datetime
    by: str

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "record": self.measurement.id,
            "colour": self.colour,
            "sample": self.measurement.measurement.sample,
            "record_before": None if self.before is None else self.before.id,
            "unchanged": self.unchanged,
            "in_force_since": self.since.isoformat(),
            "in_force_by": self.by,
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """What is the standard since when, and what was."""
        since = f"since {self.since:%Y-%m-%d %H:%M} UTC, by {self.by}"
        if self.unchanged:
            return f"unchanged: {_named(self.measurement)} is the standard of {self.colour} already, {since}"
        before = "; it had none before" if self.before is None else f", in place of {_named(self.before)}"
        return f"the standard of {self.colour} is now {_named(self.measurement)}, {since}{before}"


def put_standard_in_force(
    lab: Lab,
    colour: str,
    path: Path,
    *,
    now: datetime,
    by: str,
    sample: str | None = None,
    options: FileOptions = NOTHING_DECLARED,
) -> StandardSet:
    """Make a measurement of a file the standard of a colour and say what that changes; parameters and errors as
    `colorlab.workflows.submission.set_standard`.
    """
    with lab.reading() as connection:
        earlier = choice_in_force(connection, colour)
    record = set_standard(lab, colour, path, now=now, by=by, sample=sample, options=options)
    with lab.reading() as connection:
        choice = choice_in_force(connection, colour)
        if choice is None:
            raise RecordNotFoundError("standard of colour", colour)
        unchanged = earlier is not None and earlier.id == choice.id
        before = None if earlier is None or unchanged else load_measurement(connection, earlier.measurement)
        return StandardSet(
            colour, load_measurement(connection, record), before, unchanged, choice.recorded_at, choice.recorded_by
        )


def _named(stored: StoredMeasurement) -> str:
    source = stored.measurement.source
    return f"{stored.id} ({stored.measurement.sample}{'' if source is None else f' of {source.file_name}'})"
