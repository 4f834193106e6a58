"""A colour programme: its colours, the stages they pass through, and the gates between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum

from spectra.errors import RoadmapError


class Stage(StrEnum):
    """Where a colour stands, in the order in which colours pass through."""

    IDEA = "idea"
    BRIEF = "brief"
    LAB_SAMPLE = "lab_sample"
    SUPPLIER_SUBMISSION = "supplier_submission"
    COLOUR_APPROVED = "colour_approved"
    LINE_TRIAL = "line_trial"
    APPEARANCE_APPROVED = "appearance_approved"
    RELEASED = "released"
    RETIRED = "retired"

    @property
    def words(self) -> str:
        """What people say: `colour approved`."""
        return self.value.replace("_", " ")


STAGES = tuple(Stage)


class Evidence(StrEnum):
    """What opens a gate: a kind of record in the lab."""

    ACCEPTED_VERDICT = "accepted_verdict"
    PASSED_PANEL = "passed_panel"


SIMULATED = "simulated data"
"""The remark of a programme that is simulated; reports of its lab say so on every page."""

MOST_SLOTS = 10_000
"""A programme of more colours than this is a slip of the pen."""

EVIDENCE_PREFIX = {Evidence.ACCEPTED_VERDICT: "V", Evidence.PASSED_PANEL: "P"}
"""The letter in front of the ids of such records."""

GATES: Mapping[Stage, tuple[Evidence, ...]] = {
    Stage.IDEA: (),
    Stage.BRIEF: (),
    Stage.LAB_SAMPLE: (),
    Stage.SUPPLIER_SUBMISSION: (),
    Stage.COLOUR_APPROVED: (Evidence.ACCEPTED_VERDICT,),
    Stage.LINE_TRIAL: (),
    Stage.APPEARANCE_APPROVED: (Evidence.PASSED_PANEL,),
    Stage.RELEASED: (Evidence.ACCEPTED_VERDICT, Evidence.PASSED_PANEL),
    Stage.RETIRED: (),
}
"""What must be shown before a colour enters a stage."""


@dataclass(frozen=True, slots=True)
class StageEvent:
    """A colour entered a stage.

    Attributes
    ----------
    stage : Stage
    at : datetime
        With a time zone.
    by : str
        Who decided.
    evidence : tuple of str
        Ids of the lab's records that were shown.
    override_reason : str or None
        Why it was allowed although a gate was open, a stage was skipped, or the colour went back.

    Raises
    ------
    RoadmapError
        If the time has no zone or nobody is named.
    """

    stage: Stage
    at: datetime
    by: str
    evidence: tuple[str, ...] = ()
    override_reason: str | None = None

    def __post_init__(self) -> None:
        if self.at.utcoffset() is None:
            raise RoadmapError(f"stage {self.stage.words}: the time {self.at.isoformat()} has no time zone")
        if not self.by.strip():
            raise RoadmapError(f"stage {self.stage.words}: the name of who decided is missing")


@dataclass(frozen=True, slots=True)
class RoadmapColour:
    """One colour of the programme.

    Attributes
    ----------
    code : str
    names : mapping of str to str
        By language tag: en, zh.
    family, finish : str
        Hue family; solid, metallic, pearl, matte …
    suppliers : tuple of str
    slot : int or None
        Its place among the programme's slots, from 1.
    due : date
        When it is to be released.
    history : tuple of StageEvent
        In the order of time. A colour without history is an idea.

    Raises
    ------
    RoadmapError
        If the code or all names are missing, or the history runs backwards in time.
    """

    code: str
    names: Mapping[str, str]
    family: str
    finish: str
    suppliers: tuple[str, ...]
    slot: int | None
    due: date
    history: tuple[StageEvent, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.code.strip():
            raise RoadmapError("a colour needs a code")
        if not any(name.strip() for name in self.names.values()):
            raise RoadmapError(f"colour {self.code} needs a name in at least one language")
        if any(later.at < earlier.at for earlier, later in zip(self.history, self.history[1:], strict=False)):
            raise RoadmapError(f"colour {self.code}: the stages are not in the order of time")

    @property
    def stage(self) -> Stage:
        """Where it stands after all that is recorded."""
        return self.history[-1].stage if self.history else Stage.IDEA


@dataclass(frozen=True, slots=True)
class Programme:
    """What was promised.

    Attributes
    ----------
    name : str
    start, end : date
        First and last day.
    slots : int
        Number of colours promised.
    utc_offset_minutes : int
        Clock of the place whose calendar counts. [min, east of Greenwich]
    remark : str
        Shown wherever the programme is: "simulated data", for one.

    Raises
    ------
    RoadmapError
        If it ends before it starts, promises nothing or more than `MOST_SLOTS`, or the offset is not one.
    """

    name: str
    start: date
    end: date
    slots: int
    utc_offset_minutes: int = 0
    remark: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise RoadmapError("a programme needs a name")
        if self.end <= self.start:
            raise RoadmapError(f"programme {self.name} ends on {self.end}, not after its start on {self.start}")
        if not 1 <= self.slots <= MOST_SLOTS:
            raise RoadmapError(f"programme {self.name} has {self.slots} slots; 1…{MOST_SLOTS} expected")
        if abs(self.utc_offset_minutes) > 14 * 60:
            raise RoadmapError(f"programme {self.name}: a clock {self.utc_offset_minutes} min off UTC exists nowhere")

    @property
    def zone(self) -> timezone:
        """The clock of the programme's calendar."""
        return timezone(timedelta(minutes=self.utc_offset_minutes))


def advance(
    colour: RoadmapColour,
    to: Stage,
    at: datetime,
    by: str,
    evidence: Sequence[str] = (),
    override_reason: str | None = None,
) -> RoadmapColour:
    """Move a colour to another stage.

    Parameters
    ----------
    colour : RoadmapColour
    to : Stage
        Normally the next one.
    at : datetime
        With a time zone, not before the colour's last change.
    by : str
        Who decides.
    evidence : sequence of str
        Ids of the lab's records shown at the gate. Whether they say what they must is the caller's to check
        (`colorlab.workflows.roadmap`); here only their kind is.
    override_reason : str, optional
        Allows a shut gate, a skipped stage or a step back; it is kept with the event.

    Returns
    -------
    RoadmapColour
        The colour with one more event.

    Raises
    ------
    RoadmapError
        If the step is not the next one or its gate is shut and no reason is given; if the time is before the last
        change, or the colour stands there already.
    """
    reason = (override_reason or "").strip() or None
    event = StageEvent(to, at, by, tuple(evidence), reason)
    if colour.history and at < colour.history[-1].at:
        raise RoadmapError(
            f"{colour.code} entered {colour.stage.words} at {colour.history[-1].at.isoformat()}; "
            f"it cannot enter {to.words} before that, at {at.isoformat()}"
        )
    if to is colour.stage and (colour.history or to is not Stage.IDEA):
        raise RoadmapError(f"{colour.code} stands at {to.words} already")
    obstacles = open_points(colour.stage, to, evidence)
    if obstacles and reason is None:
        raise RoadmapError(
            f"{colour.code} cannot go from {colour.stage.words} to {to.words}: {'; '.join(obstacles)}. "
            "A named person may allow it by giving a reason (--reason)"
        )
    return replace(colour, history=(*colour.history, event))


def open_points(stage: Stage, to: Stage, evidence: Sequence[str] = ()) -> tuple[str, ...]:
    """What stands between two stages, in words; empty when the step needs no override."""
    if STAGES.index(to) < STAGES.index(stage):
        return ("it would go back",)
    passed = STAGES[STAGES.index(stage) + 1 : STAGES.index(to) + 1]
    shown = {record.partition("-")[0] for record in evidence}
    closed = [
        f"no {needed.value.replace('_', ' ')} is shown at the gate of {gate.words}"
        for gate in passed
        for needed in GATES[gate]
        if EVIDENCE_PREFIX[needed] not in shown
    ]
    return (*(f"the stage {skipped.words} is skipped" for skipped in passed[:-1]), *closed)


def parse_stage(text: str) -> Stage:
    """A stage from what people type: `colour approved`, `Colour-Approved`, `colour_approved`.

    Raises
    ------
    RoadmapError
        If it is none.
    """
    token = "_".join(text.strip().lower().replace("-", " ").replace("_", " ").split())
    if token not in set(STAGES):
        raise RoadmapError(f"{text!r} is not a stage; one of {', '.join(stage.words for stage in STAGES)}")
    return Stage(token)


def end_of_day(day: date, zone: tzinfo = UTC) -> datetime:
    """The last moment of a day: what happened on that day counts.

    On the last day of the calendar west of Greenwich it is the last moment of the calendar in UTC, past which there
    is nothing to count.
    """
    end = datetime.combine(day, time.max, zone)
    try:
        end.astimezone(UTC)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
    return end


def history_as_of(colour: RoadmapColour, day: date, zone: tzinfo = UTC) -> tuple[StageEvent, ...]:
    """The colour's events up to the end of a day."""
    return tuple(event for event in colour.history if event.at <= end_of_day(day, zone))


def stage_as_of(colour: RoadmapColour, day: date, zone: tzinfo = UTC) -> Stage:
    """Where the colour stood at the end of a day."""
    history = history_as_of(colour, day, zone)
    return history[-1].stage if history else Stage.IDEA


def released_as_of(colour: RoadmapColour, day: date, zone: tzinfo = UTC) -> bool:
    """Whether the colour counts as released at the end of a day.

    A colour that was released and then retired still fills its promise; one that went back to an earlier stage
    does not.
    """
    released = False
    for event in history_as_of(colour, day, zone):
        released = event.stage is Stage.RELEASED or (released and event.stage is Stage.RETIRED)
    return released
