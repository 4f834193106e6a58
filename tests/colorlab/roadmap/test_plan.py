"""A colour passes its gates one by one, or somebody signs for it; the past does not change."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.roadmap.plan import (
    GATES,
    MOST_SLOTS,
    STAGES,
    Programme,
    RoadmapColour,
    Stage,
    StageEvent,
    advance,
    end_of_day,
    open_points,
    parse_stage,
    released_as_of,
    stage_as_of,
)
from spectra.errors import RoadmapError

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
CHINA = timezone(timedelta(hours=8))
EVIDENCE = ("V-000001", "P-000001")
IDEA = RoadmapColour("AM", {"en": "Amethyst", "zh": "紫水晶"}, "purple", "pearl", ("BASF",), 1, date(2026, 6, 1))
BACKWARDS = (StageEvent(Stage.LAB_SAMPLE, START, "Li"), StageEvent(Stage.BRIEF, START - timedelta(days=1), "Li"))
stages = st.sampled_from(STAGES)


def at_stage(stage, since=START):
    return replace(IDEA, history=(StageEvent(stage, since, "Li"),))


def test_a_colour_with_its_evidence_passes_every_gate():
    colour = IDEA
    for number, stage in enumerate(STAGES[1:]):
        colour = advance(colour, stage, START + timedelta(days=number), "Li", EVIDENCE)
    assert [event.stage for event in colour.history] == list(STAGES[1:])
    assert all(event.override_reason is None for event in colour.history)


@pytest.mark.parametrize("gate", [stage for stage in STAGES if GATES[stage]])
@pytest.mark.parametrize("evidence", [(), ("V-000001",), ("P-000001",), ("M-000001",)])
def test_an_open_gate_stays_shut_without_the_evidence_it_asks_for(gate, evidence):
    before = at_stage(STAGES[STAGES.index(gate) - 1])
    shown = {record[0] for record in evidence}
    needed = {{"accepted_verdict": "V", "passed_panel": "P"}[kind.value] for kind in GATES[gate]}
    if needed <= shown:
        assert advance(before, gate, START, "Li", evidence).stage is gate
    else:
        with pytest.raises(RoadmapError, match=f"is shown at the gate of {gate.words}"):
            advance(before, gate, START, "Li", evidence)


@given(stages, stages)
def test_only_the_next_stage_is_reached_without_a_reason(stage, to):
    step = STAGES.index(to) - STAGES.index(stage)
    colour = at_stage(stage)
    if step == 1:
        assert advance(colour, to, START, "Li", EVIDENCE).stage is to
        return
    with pytest.raises(RoadmapError):
        advance(colour, to, START, "Li", EVIDENCE)
    if step != 0:
        event = advance(colour, to, START, "Li", (), "the board decided").history[-1]
        assert (event.stage, event.by, event.override_reason) == (to, "Li", "the board decided")
        assert open_points(stage, to)


def test_released_cannot_be_reached_by_accident():
    with pytest.raises(RoadmapError) as refused:
        advance(at_stage(Stage.SUPPLIER_SUBMISSION), Stage.RELEASED, START, "Li")
    assert str(refused.value) == (
        "AM cannot go from supplier submission to released: the stage colour approved is skipped; the stage line trial "
        "is skipped; the stage appearance approved is skipped; no accepted verdict is shown at the gate of colour "
        "approved; no passed panel is shown at the gate of appearance approved; no accepted verdict is shown at the "
        "gate of released; no passed panel is shown at the gate of released. A named person may allow it by giving a "
        "reason (--reason)"
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"at": datetime(2026, 2, 1)}, "no time zone"),  # noqa: DTZ001 - the fault under test
        ({"at": START - timedelta(seconds=1)}, "cannot enter lab sample before that"),
        ({"by": " "}, "who decided is missing"),
        ({"to": Stage.BRIEF}, "stands at brief already"),
        ({"to": Stage.IDEA}, "it would go back"),
        ({"to": Stage.IDEA, "override_reason": "  "}, "it would go back"),
    ],
)
def test_a_step_that_makes_no_sense_says_why(changes, words):
    step = {"to": Stage.LAB_SAMPLE, "at": START, "by": "Li", **changes}
    with pytest.raises(RoadmapError, match=words):
        advance(at_stage(Stage.BRIEF), **step)


def test_the_past_stays_as_it_was_when_the_colour_moves_on():
    colour = advance(at_stage(Stage.BRIEF), Stage.LAB_SAMPLE, START + timedelta(days=10), "Li")
    later = advance(colour, Stage.SUPPLIER_SUBMISSION, START + timedelta(days=20), "Li")
    for day in range(-5, 20):
        moment = (START + timedelta(days=day)).date()
        assert stage_as_of(colour, moment) is stage_as_of(later, moment)
    assert [stage_as_of(later, START.date() + timedelta(days=days)) for days in (-1, 0, 9, 10, 20)] == [
        Stage.IDEA, Stage.BRIEF, Stage.BRIEF, Stage.LAB_SAMPLE, Stage.SUPPLIER_SUBMISSION,
    ]  # fmt: skip


def test_a_day_ends_when_it_ends_at_the_programmes_place():
    midnight_in_china = datetime(2026, 1, 10, 0, 30, tzinfo=CHINA)  # still the 9th in Greenwich
    colour = at_stage(Stage.BRIEF, midnight_in_china)
    assert stage_as_of(colour, date(2026, 1, 9), CHINA) is Stage.IDEA
    assert stage_as_of(colour, date(2026, 1, 10), CHINA) is Stage.BRIEF
    assert stage_as_of(colour, date(2026, 1, 9), UTC) is Stage.BRIEF


@pytest.mark.parametrize("hours", [-14, -8, 0, 8, 14])
@pytest.mark.parametrize("day", [date.min, date(2026, 3, 1), date.max])
def test_every_day_of_the_calendar_ends_at_a_moment_that_is_one_everywhere(hours, day):
    zone = timezone(timedelta(hours=hours))
    end = end_of_day(day, zone)
    assert end.astimezone(UTC) <= datetime.max.replace(tzinfo=UTC)
    assert end == datetime.combine(day, time.max, zone) or (day == date.max and hours < 0)
    assert (end - datetime.combine(day, time(1), zone)).days == 0


def test_a_retired_colour_stays_released_and_one_sent_back_does_not():
    released = at_stage(Stage.RELEASED)
    day = START.date() + timedelta(days=1)
    retired = advance(released, Stage.RETIRED, START + timedelta(hours=1), "Li")
    sent_back = advance(released, Stage.LINE_TRIAL, START + timedelta(hours=1), "Li", (), "haze in the field")
    given_up = replace(IDEA, history=(StageEvent(Stage.RETIRED, START, "Li", (), "too close to SY"),))
    assert [released_as_of(colour, day) for colour in (IDEA, released, retired, sent_back, given_up)] == [
        False, True, True, False, False,
    ]  # fmt: skip
    assert not released_as_of(released, START.date() - timedelta(days=1))


@pytest.mark.parametrize("text", ["colour approved", "Colour-Approved", " colour_approved ", "COLOUR  APPROVED"])
def test_a_stage_is_understood_as_people_type_it(text):
    assert parse_stage(text) is Stage.COLOUR_APPROVED


def test_an_unknown_stage_lists_the_known_ones():
    with pytest.raises(RoadmapError, match="'painted' is not a stage; one of idea, brief, lab sample"):
        parse_stage("painted")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"end": date(2025, 9, 25)}, "not after its start"),
        ({"slots": 0}, "0 slots"),
        ({"slots": MOST_SLOTS + 1}, "10001 slots"),
        ({"utc_offset_minutes": 900}, "exists nowhere"),
        ({"name": ""}, "needs a name"),
    ],
)
def test_a_programme_that_cannot_be_is_refused(fault, words):
    values = {"name": "100 colours", "start": date(2025, 9, 25), "end": date(2028, 9, 24), "slots": 100, **fault}
    with pytest.raises(RoadmapError, match=words):
        Programme(**values)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"code": " "}, "needs a code"),
        ({"names": {}}, "needs a name"),
        ({"history": BACKWARDS}, "order of time"),
    ],
)
def test_a_colour_that_cannot_be_is_refused(fault, words):
    with pytest.raises(RoadmapError, match=words):
        replace(IDEA, **fault)
