"""The roadmap in the lab: import it, move a colour through its gates, see how far the programme is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from colorlab.roadmap import plan
from colorlab.roadmap.plan import Evidence, Programme, RoadmapColour, Stage, StageEvent, end_of_day
from colorlab.roadmap.progress import FirstPass, Progress, progress
from colorlab.roadmap.table import RoadmapTable, parse_colours_csv, parse_programme_toml
from colorlab.store import panels, records, verdicts
from colorlab.store.columns import legible_file_name
from colorlab.store.lab import Lab
from colorlab.store.programme import (
    append_stage_event,
    count_recorded_after,
    load_colour,
    load_colours,
    load_programme,
    save_colour,
    save_programme,
)
from colorlab.store.raw_files import register_raw_file
from colorlab.store.standards import standard_in_force
from colorlab.workflows.files import read_bytes
from colorlab.workflows.text import counted, table
from spectra.errors import FileError, MalformedFileError, RecordNotFoundError, RoadmapError

LARGEST_FILE_BYTES = 16 * 2**20  # a hundred colours take some 20 kB
_DETAILS = ("names", "family", "finish", "suppliers", "slot", "due")
_PROMISE = ("name", "start", "end", "slots", "utc_offset_minutes", "remark")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between a file and the lab; `code` is empty for the programme itself."""

    code: str
    field: str
    before: str
    after: str

    def as_dict(self) -> dict[str, str]:
        """The same as plain values."""
        return {"code": self.code, "field": self.field, "before": self.before, "after": self.after}


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What an import changed, or would change.

    Attributes
    ----------
    file_name : str
    dry_run : bool
    added : tuple of str
        Codes the lab did not know.
    changes : tuple of Change
        To the programme and to colours it knew.
    unchanged : tuple of str
    not_in_file : tuple of str
        Codes of the lab that the file does not name; they stay as they are.
    """

    file_name: str
    dry_run: bool
    added: tuple[str, ...]
    changes: tuple[Change, ...]
    unchanged: tuple[str, ...]
    not_in_file: tuple[str, ...]

    @property
    def changed(self) -> tuple[str, ...]:
        """Codes of the colours that differ from the lab."""
        return tuple(dict.fromkeys(change.code for change in self.changes if change.code))

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values with stable names."""
        return {
            "file_name": self.file_name,
            "dry_run": self.dry_run,
            "added": list(self.added),
            "changed": list(self.changed),
            "changes": [change.as_dict() for change in self.changes],
            "unchanged": list(self.unchanged),
            "not_in_file": list(self.not_in_file),
        }

    def as_text(self) -> str:
        """What changed, a line a difference."""
        done = "would change nothing yet: dry run" if self.dry_run else "imported"
        lines = [
            f"{self.file_name} {done}; {counted(len(self.added), 'colour')} added, {len(self.changed)} changed, "
            f"{len(self.unchanged)} as they were, {len(self.not_in_file)} of the lab not in the file"
        ]
        lines += [f"added: {', '.join(self.added)}"] if self.added else []
        staged = [change.code for change in self.changes if change.field == "stage"]
        if staged:
            lines.append(
                f"the file states stages of {', '.join(dict.fromkeys(staged))}: entered as stated, gates NOT checked, "
                "with the file as the reason"
            )
        lines += [
            f"{change.code or 'programme'}, {change.field}: {change.before or '–'} → {change.after or '–'}"
            for change in self.changes
        ]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class AdvanceOutcome:
    """A colour entered a stage; `open_points` is what the reason overrode."""

    code: str
    before: Stage
    event: StageEvent
    record: str
    open_points: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values with stable names."""
        return {
            "code": self.code,
            "stage_before": self.before.value,
            "stage": self.event.stage.value,
            "at": self.event.at.isoformat(),
            "by": self.event.by,
            "evidence": list(self.event.evidence),
            "override_reason": self.event.override_reason,
            "open_points": list(self.open_points),
            "record": self.record,
        }

    def as_text(self) -> str:
        """Where the colour stands now, and on what grounds."""
        shown = f"; evidence {', '.join(self.event.evidence)}" if self.event.evidence else ""
        line = f"{self.code}: {self.before.words} → {self.event.stage.words} by {self.event.by}{shown} ({self.record})"
        if not self.open_points:
            return line
        return f"{line}\nallowed because “{self.event.override_reason}”, although {'; '.join(self.open_points)}"


def import_roadmap(lab: Lab, file: Path, now: datetime, by: str, dry_run: bool = False) -> ImportOutcome:
    """Import a programme (TOML) or its colours (CSV); importing the same file again changes nothing.

    Stages the file states are added to a colour's history with the file as the reason; what the lab already knows to
    have happened later is not undone.

    Parameters
    ----------
    lab : Lab
    file : Path
    now : datetime
        With a time zone.
    by : str
        Who imports.
    dry_run : bool
        Only say what would change.

    Raises
    ------
    MalformedFileError
        With every fault of the file; nothing is imported then.
    RoadmapError
        If colours come before any programme.
    """
    content, file_name = read_bytes(file, LARGEST_FILE_BYTES), legible_file_name(file.name)
    if dry_run:
        with lab.reading() as connection:
            return _differences(connection, file_name, content, dry_run=True)[0]
    with lab.writing() as connection:
        outcome, table, events = _differences(connection, file_name, content, dry_run=False)
        if not (outcome.added or outcome.changes):
            return outcome
        register_raw_file(connection, lab.blobs.put(content), file_name, now=now, by=by)
        if table.programme is not None:
            save_programme(connection, table.programme, now=now, by=by)
        for colour in table.colours:
            save_colour(connection, colour, now=now, by=by)
            for event in events[colour.code]:
                append_stage_event(connection, colour.code, event, now=now, by=by)
        return outcome


def advance_colour(
    lab: Lab,
    code: str,
    to: Stage | str,
    now: datetime,
    by: str,
    evidence: Sequence[str] = (),
    reason: str | None = None,
) -> AdvanceOutcome:
    """Move a colour to a stage, with the evidence its gates ask for.

    A gate that asks for an accepted verdict opens on the colour's newest submission only: all its samples accepted,
    and against the standard that is in force.

    Parameters
    ----------
    lab : Lab
    code : str
    to : Stage or str
        `colour approved`, in any spelling.
    now : datetime
        With a time zone.
    by : str
        Who decides.
    evidence : sequence of str
        Record ids. Without any, the verdicts of the colour's newest submission, if it speaks for the colour, and the
        newest panel that passed its last polishing round are taken where a gate asks for them.
    reason : str, optional
        Allows what is not in order; the audit log keeps it.

    Raises
    ------
    RecordNotFoundError
        If the colour or a piece of evidence is not in the lab.
    RoadmapError
        If a gate is open, a stage skipped or the step goes back, and no reason is given.
    """
    stage = to if isinstance(to, Stage) else plan.parse_stage(to)
    with lab.writing() as connection:
        colour = load_colour(connection, code)
        needed = plan.GATES[stage]
        shown = tuple(evidence) or _found_evidence(connection, code, needed)
        records.require(connection, shown)
        unfit = [fault for record in shown if (fault := _unfit(connection, code, record))]
        if Evidence.ACCEPTED_VERDICT in needed:
            unfit += _submission_faults(connection, code)
        obstacles = (*unfit, *plan.open_points(colour.stage, stage, shown))
        if unfit and not (reason or "").strip():
            raise RoadmapError(
                f"{code} cannot enter {stage.words}: {'; '.join(obstacles)}. "
                "A named person may allow it by giving a reason (--reason)"
            )
        event = plan.advance(colour, stage, now, by, shown, reason).history[-1]
        record = append_stage_event(connection, code, event, now=now, by=by)
        return AdvanceOutcome(code, colour.stage, event, record, obstacles)


def roadmap_progress(lab: Lab, as_of: date) -> Progress:
    """The programme at the end of a day of its own calendar, as it was known then.

    What was recorded after that day counts at the dates it states (an imported programme has a past);
    `Progress.recorded_after_count` says how much of the answer that concerns.

    Raises
    ------
    RecordNotFoundError
        If the lab has no programme.
    """
    with lab.reading() as connection:
        end = end_of_day(as_of, load_programme(connection).zone)
        programme = load_programme(connection, known_at=end)
        end = end_of_day(as_of, programme.zone)
        colours = load_colours(connection, known_at=end)
        return progress(programme, colours, as_of, _first_pass(connection, end), count_recorded_after(connection, end))


def progress_as_text(found: Progress) -> str:
    """The figures a manager asks for, the funnel, and the colours that are late."""
    lines = [
        f"{found.programme.name}, as of {found.as_of}"
        + (f" ({found.programme.remark})" if found.programme.remark else ""),
        f"released {found.released_count} of {found.programme.slots}; linear plan {found.linear_plan_count:.1f}, "
        f"due by their own dates {found.due_by_own_dates_count}; late {len(found.late)}",
    ]
    if found.recorded_after_count:
        count = "1 record" if found.recorded_after_count == 1 else f"{found.recorded_after_count} records"
        lines.append(f"as known at the end of that day, but {count} written later: these count at the dates they state")
    if found.rate is not None and found.rate.done_on is not None:
        rate = found.rate
        lines.append(
            f"at the rate of the last {rate.window_days} days ({rate.rate_per_30_days:.1f} per 30 days) all slots are "
            f"released on {rate.done_on} (80 %: {rate.done_earliest or 'later'} … {rate.done_latest or 'later'}); "
            "a rate extrapolation, not a forecast"
        )
    lines.append(table(("stage", "colours"), [(stage.words, str(count)) for stage, count in found.funnel]))
    if found.late:
        rows = [
            (one.code, " ".join(one.names.values()), one.stage.words, str(one.due), str(one.days_late))
            for one in found.late
        ]
        lines.append(table(("late", "name", "stands at", "due", "days late"), rows))
    if found.first_pass:
        passes = [(one.supplier, f"{one.accepted_count} of {one.judged_count}") for one in found.first_pass]
        lines.append(table(("supplier", "accepted at first submission"), passes))
    return "\n".join(lines)


def _differences(
    connection: Connection, file_name: str, content: bytes, *, dry_run: bool
) -> tuple[ImportOutcome, RoadmapTable, Mapping[str, tuple[StageEvent, ...]]]:
    present = _present_programme(connection)
    table = _parse(file_name, content, present)
    known = {colour.code: colour for colour in load_colours(connection)}
    faults = _clashes(table, known)
    changes = [] if table.programme is None else _changes("", present, table.programme, _PROMISE)
    events: dict[str, tuple[StageEvent, ...]] = {}
    for colour in table.colours:
        before = known.get(colour.code)
        events[colour.code], unordered = _new_events(before, colour)
        faults += [f"{table.places[colour.code]}, stage: {fault}" for fault in unordered]
        if before is not None:
            changes += _changes(colour.code, before, colour, _DETAILS)
            changes += [
                Change(colour.code, "stage", before.stage.value, event.stage.value) for event in events[colour.code]
            ]
    if faults:
        raise MalformedFileError(file_name, f"does not fit the lab: {'; '.join(faults)}", remedy="Nothing was imported")
    named = {colour.code for colour in table.colours}
    changed = {change.code for change in changes}
    outcome = ImportOutcome(
        file_name,
        dry_run,
        added=tuple(colour.code for colour in table.colours if colour.code not in known),
        changes=tuple(changes),
        unchanged=tuple(c.code for c in table.colours if c.code in known and c.code not in changed),
        not_in_file=tuple(code for code in known if code not in named),
    )
    return outcome, table, events


def _present_programme(connection: Connection) -> Programme | None:
    try:
        return load_programme(connection)
    except RecordNotFoundError:
        return None


def _parse(file_name: str, content: bytes, present: Programme | None) -> RoadmapTable:
    suffix = Path(file_name).suffix.lower()
    if suffix == ".toml":
        return parse_programme_toml(content, file_name)
    if suffix != ".csv":
        raise FileError(file_name, f"the suffix {suffix!r}", expected=".toml for a programme or .csv for its colours")
    if present is None:
        raise RoadmapError("this lab has no programme yet; import one from a TOML file before its colours")
    return parse_colours_csv(content, file_name, zone=present.zone, slots=present.slots)


def _clashes(table: RoadmapTable, known: Mapping[str, RoadmapColour]) -> list[str]:
    """Slots that a colour of the lab, which the file does not name, holds already."""
    named = {colour.code for colour in table.colours}
    holders = {colour.slot: code for code, colour in known.items() if colour.slot and code not in named}
    faults = [
        f"{table.places[colour.code]}, slot: {colour.slot} belongs to {holders[colour.slot]}"
        for colour in table.colours
        if colour.slot in holders
    ]
    if table.programme is not None:
        beyond = sorted((slot, code) for slot, code in holders.items() if slot and slot > table.programme.slots)
        faults += [f"programme, slots: {code} of the lab holds slot {slot}, beyond the last" for slot, code in beyond]
    return faults


def _new_events(before: RoadmapColour | None, after: RoadmapColour) -> tuple[tuple[StageEvent, ...], list[str]]:
    """What the file adds to a history, and what it would push into the middle of it."""
    if before is None:
        return after.history, []
    known = {(event.stage, event.at) for event in before.history}
    fresh = tuple(event for event in after.history if (event.stage, event.at) not in known)
    last = before.history[-1].at if before.history else None
    unordered = [
        f"{after.code} entered {event.stage.words} at {event.at.isoformat()} by the file, but the lab's history, "
        f"which already reaches {last.isoformat()}, does not know of it"
        for event in fresh
        if last is not None and event.at < last
    ]
    return fresh, unordered


def _changes(code: str, before: Any, after: Any, fields: Sequence[str]) -> list[Change]:
    return [
        Change(code, name, "" if before is None else _shown(getattr(before, name)), _shown(getattr(after, name)))
        for name in fields
        if (_shown(getattr(after, name)) if before is None else getattr(before, name) != getattr(after, name))
    ]


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {value[key]}" for key in sorted(value))
    if isinstance(value, tuple):
        return ", ".join(value)
    return "" if value is None else str(value)


def _found_evidence(connection: Connection, code: str, needed: Sequence[Evidence]) -> tuple[str, ...]:
    found: list[str] = []
    if Evidence.ACCEPTED_VERDICT in needed and not _submission_faults(connection, code):
        found += [record for one in verdicts.submissions(connection, colour=code)[-1:] for record in one.decisions]
    if Evidence.PASSED_PANEL in needed:
        passed = [c for c in panels.last_captures(connection, colour=code) if c.outcome == "pass"]
        found += [capture.id for capture in sorted(passed, key=lambda capture: capture.recorded_at)][-1:]
    return tuple(found)


def _submission_faults(connection: Connection, code: str) -> tuple[str, ...]:
    """Why a colour's newest submission does not speak for it; an acceptance that came before it counts no more."""
    newest = verdicts.submissions(connection, colour=code)[-1:]
    faults = [
        f"in the newest submission verdict {record} is {decision}"
        for one in newest
        for record, decision in one.decisions.items()
        if decision != "accept"
    ]
    in_force = _standard(connection, code)
    faults += [
        f"the newest submission ({', '.join(one.decisions)}) was judged against {standard or 'no recorded standard'}, "
        f"but {in_force or 'no standard'} is in force"
        for one in newest
        for standard in one.standards
        if standard is None or standard != in_force
    ]
    return tuple(faults)


def _standard(connection: Connection, code: str) -> str | None:
    try:
        return standard_in_force(connection, code).id
    except RecordNotFoundError:
        return None


def _unfit(connection: Connection, code: str, record: str) -> str:
    """Why a record does not speak for a colour; empty when it does or when it opens no gate."""
    if record.startswith("V-"):
        return _unfit_verdict(connection, code, record)
    if record.startswith("P-"):
        return _unfit_panel(connection, code, record)
    return ""


def _unfit_verdict(connection: Connection, code: str, record: str) -> str:
    verdict = verdicts.load_verdict(connection, record)
    if verdict.colour != code:
        return f"verdict {record} is about {verdict.colour or 'no colour'}"
    if verdict.decision != "accept":
        return f"verdict {record} is {verdict.decision}"
    in_force = _standard(connection, code)
    if verdict.standard is None or verdict.standard != in_force:
        against = verdict.standard or "no recorded standard"
        return f"verdict {record} was reached against {against}, but {in_force or 'no standard'} is in force"
    return ""


def _unfit_panel(connection: Connection, code: str, record: str) -> str:
    capture = panels.load_capture(connection, record)
    if capture.colour != code:
        return f"panel {capture.panel} ({record}) is painted in {capture.colour or 'no stated colour'}"
    last = panels.panel_ledger(connection, capture.panel)[-1]
    if last.outcome != "pass":
        return f"panel {capture.panel}: its last round, {last.polishing_round} ({last.id}), is {last.outcome}"
    return ""


def _first_pass(connection: Connection, until: datetime) -> tuple[FirstPass, ...]:
    """Per supplier: of how many colours the first submission was accepted, all its samples together."""
    first: dict[str, dict[str, bool]] = {}
    for one in verdicts.submissions(connection, until=until):
        if one.supplier is not None and one.colour is not None:
            first.setdefault(one.supplier, {}).setdefault(one.colour, one.accepted)
    return tuple(FirstPass(name, sum(made.values()), len(made)) for name, made in sorted(first.items()))
