"""Progress of a programme as of a day: what is released, what was due, what is late and where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from colorlab.roadmap.plan import (
    STAGES,
    Programme,
    RoadmapColour,
    Stage,
    history_as_of,
    released_as_of,
    stage_as_of,
)
from colorlab.roadmap.rate import RateExtrapolation, extrapolate_rate


@dataclass(frozen=True, slots=True)
class ColourStanding:
    """Where one colour stands, and since when.

    `since` and `days_in_stage` are None for a colour nothing is recorded of; `days_late` is 0 for one that is not
    late, and stays 0 for a colour that was released or given up.
    """

    code: str
    names: Mapping[str, str]
    stage: Stage
    since: date | None
    days_in_stage: int | None
    due: date
    days_late: int
    released: bool

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "code": self.code,
            "names": dict(self.names),
            "stage": self.stage.value,
            "stage_since": None if self.since is None else self.since.isoformat(),
            "days_in_stage": self.days_in_stage,
            "due": self.due.isoformat(),
            "days_late": self.days_late,
            "released": self.released,
        }


@dataclass(frozen=True, slots=True)
class BurnUpPoint:
    """Colours planned and released by the end of a day; `released_count` is None for days after the as-of day."""

    day: date
    linear_plan_count: float
    due_by_own_dates_count: int
    released_count: int | None

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "day": self.day.isoformat(),
            "linear_plan_count": self.linear_plan_count,
            "due_by_own_dates_count": self.due_by_own_dates_count,
            "released_count": self.released_count,
        }


@dataclass(frozen=True, slots=True)
class FirstPass:
    """Of how many colours a supplier's first submission that was judged was accepted."""

    supplier: str
    accepted_count: int
    judged_count: int

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "supplier": self.supplier,
            "accepted_count": self.accepted_count,
            "judged_count": self.judged_count,
        }


@dataclass(frozen=True, slots=True)
class Progress:
    """The programme at the end of a day of its own calendar.

    As it was known at the end of that day or, for what was recorded later, as it was stated then.

    Attributes
    ----------
    programme : Programme
    as_of : date
    released_count : int
    linear_plan_count : float
        Released colours a straight line from the first to the last day would have.
    due_by_own_dates_count : int
        Colours whose own due date is this day or earlier.
    standings : tuple of ColourStanding
        Every colour, in the order given.
    funnel : tuple of (Stage, int)
        Number of colours at each stage.
    burn_up : tuple of BurnUpPoint
        At the first day, each first of a month, the as-of day and the last day.
    rate : RateExtrapolation or None
        None where nothing was released lately, or nothing is left to release.
    first_pass : tuple of FirstPass
        As given; empty where nothing was judged.
    recorded_after_count : int
        Records of the programme, its colours and their stages that were written after that day and count at the
        dates they state. While it stays the same, so does the answer.
    """

    programme: Programme
    as_of: date
    released_count: int
    linear_plan_count: float
    due_by_own_dates_count: int
    standings: tuple[ColourStanding, ...]
    funnel: tuple[tuple[Stage, int], ...]
    burn_up: tuple[BurnUpPoint, ...]
    rate: RateExtrapolation | None
    first_pass: tuple[FirstPass, ...]
    recorded_after_count: int = 0

    @property
    def late(self) -> tuple[ColourStanding, ...]:
        """Colours past their due date and not released, the latest first."""
        return tuple(sorted((s for s in self.standings if s.days_late), key=lambda s: (-s.days_late, s.code)))

    @property
    def ageing(self) -> tuple[ColourStanding, ...]:
        """Colours under way, the longest in its stage first."""
        under_way = (s for s in self.standings if not s.released and s.stage is not Stage.RETIRED and s.since)
        return tuple(sorted(under_way, key=lambda s: (-(s.days_in_stage or 0), s.code)))

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values with stable names."""
        programme = self.programme
        return {
            "programme": {
                "name": programme.name,
                "start": programme.start.isoformat(),
                "end": programme.end.isoformat(),
                "slots_count": programme.slots,
                "utc_offset_minutes": programme.utc_offset_minutes,
                "remark": programme.remark,
            },
            "as_of": self.as_of.isoformat(),
            "recorded_after_count": self.recorded_after_count,
            "colours_count": len(self.standings),
            "released_count": self.released_count,
            "linear_plan_count": self.linear_plan_count,
            "due_by_own_dates_count": self.due_by_own_dates_count,
            "late_count": len(self.late),
            "late": [standing.as_dict() for standing in self.late],
            "ageing": [standing.as_dict() for standing in self.ageing],
            "colours": [standing.as_dict() for standing in self.standings],
            "funnel": [{"stage": stage.value, "colours_count": count} for stage, count in self.funnel],
            "burn_up": [point.as_dict() for point in self.burn_up],
            "rate_extrapolation": None if self.rate is None else self.rate.as_dict(),
            "first_pass": [row.as_dict() for row in self.first_pass],
        }


def progress(
    programme: Programme,
    colours: Sequence[RoadmapColour],
    as_of: date,
    first_pass: Sequence[FirstPass] = (),
    recorded_after_count: int = 0,
) -> Progress:
    """The programme as it stood at the end of a day: what the colours went through after that day changes nothing.

    Parameters
    ----------
    programme : Programme
    colours : sequence of RoadmapColour
    as_of : date
        A day of the programme's own calendar (`Programme.zone`).
    first_pass : sequence of FirstPass, optional
        Counts from the verdicts, where there are any.
    recorded_after_count : int
        How many records of what is given were written after that day.
    """
    standings = tuple(_standing(programme, colour, as_of) for colour in colours)
    released_on = _release_days(programme, colours, as_of)
    stages = [standing.stage for standing in standings]
    return Progress(
        programme=programme,
        as_of=as_of,
        released_count=len(released_on),
        linear_plan_count=linear_plan(programme, as_of),
        due_by_own_dates_count=_due_by(colours, as_of),
        standings=standings,
        funnel=tuple((stage, stages.count(stage)) for stage in STAGES),
        burn_up=_burn_up(programme, colours, as_of),
        rate=extrapolate_rate(released_on, programme.slots, programme.start, as_of),
        first_pass=tuple(first_pass),
        recorded_after_count=recorded_after_count,
    )


def linear_plan(programme: Programme, day: date) -> float:
    """Colours a straight line has released by the end of a day: 0 before the first day, all slots on the last."""
    total = (programme.end - programme.start).days + 1
    elapsed = min(max((day - programme.start).days + 1, 0), total)
    return programme.slots * elapsed / total


def _standing(programme: Programme, colour: RoadmapColour, as_of: date) -> ColourStanding:
    history = history_as_of(colour, as_of, programme.zone)
    since = history[-1].at.astimezone(programme.zone).date() if history else None
    stage = stage_as_of(colour, as_of, programme.zone)
    released = released_as_of(colour, as_of, programme.zone)
    ended = released or stage is Stage.RETIRED
    return ColourStanding(
        code=colour.code,
        names=colour.names,
        stage=stage,
        since=since,
        days_in_stage=None if since is None else (as_of - since).days,
        due=colour.due,
        days_late=0 if ended else max((as_of - colour.due).days, 0),
        released=released,
    )


def _release_days(programme: Programme, colours: Sequence[RoadmapColour], as_of: date) -> list[date]:
    """The day on which each colour that counts as released was released."""
    days = []
    for colour in colours:
        if released_as_of(colour, as_of, programme.zone):
            releases = [e for e in history_as_of(colour, as_of, programme.zone) if e.stage is Stage.RELEASED]
            days.append(releases[-1].at.astimezone(programme.zone).date())
    return sorted(days)


def _due_by(colours: Sequence[RoadmapColour], day: date) -> int:
    return sum(colour.due <= day for colour in colours)


def _burn_up(programme: Programme, colours: Sequence[RoadmapColour], as_of: date) -> tuple[BurnUpPoint, ...]:
    days = {programme.start, as_of, programme.end}
    day = programme.start
    while day <= programme.end:
        days.add(day)
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return tuple(
        BurnUpPoint(
            day,
            linear_plan(programme, day),
            _due_by(colours, day),
            sum(released_as_of(colour, day, programme.zone) for colour in colours) if day <= as_of else None,
        )
        for day in sorted(days)
    )
