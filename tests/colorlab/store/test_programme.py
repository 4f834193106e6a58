"""The programme in the lab: details by version, stages for ever, and the past as it was known then."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from colorlab.roadmap.plan import Programme, RoadmapColour, Stage, StageEvent
from colorlab.store.programme import (
    append_stage_event,
    load_colour,
    load_colours,
    load_programme,
    save_colour,
    save_programme,
)
from spectra.errors import RecordNotFoundError

PROGRAMME = Programme("100 colours", date(2025, 9, 25), date(2028, 9, 24), 100, 480, "simulated")
AMETHYST = RoadmapColour(
    "AM", {"en": "Amethyst", "zh": "紫水晶"}, "purple", "pearl", ("BASF", "PPG"), 1, date(2026, 4, 1)
)


def test_a_programme_and_its_colours_come_back(lab, now):
    events = (StageEvent(Stage.BRIEF, now, "Li"), StageEvent(Stage.LAB_SAMPLE, now, "Li", (), "in a hurry"))
    with lab.writing() as connection:
        save_programme(connection, PROGRAMME, now=now, by="Li")
        save_colour(connection, AMETHYST, now=now, by="Li")
        for event in events:
            append_stage_event(connection, "AM", event, now=now, by="Li")
    with lab.reading() as connection:
        assert load_programme(connection) == PROGRAMME
        assert load_colour(connection, "AM") == replace(AMETHYST, history=events)


def test_the_past_keeps_the_due_dates_it_had(lab, now):
    later = now + timedelta(days=30)
    postponed = replace(AMETHYST, due=date(2026, 8, 1))
    with lab.writing() as connection:
        save_programme(connection, PROGRAMME, now=now, by="Li")
        save_programme(connection, replace(PROGRAMME, slots=120), now=later, by="Li")
        first = save_colour(connection, AMETHYST, now=now, by="Li")
        assert save_colour(connection, AMETHYST, now=later, by="Li") == first
        save_colour(connection, postponed, now=later, by="Li")
    with lab.reading() as connection:
        assert load_programme(connection, known_at=now).slots == 100
        assert load_programme(connection).slots == 120
        assert load_colours(connection, known_at=now + timedelta(days=29)) == (AMETHYST,)
        assert load_colours(connection, known_at=later) == load_colours(connection) == (postponed,)
        before_anything = datetime(2020, 1, 1, tzinfo=UTC)
        assert load_colours(connection, known_at=before_anything) == (AMETHYST,)


def test_what_is_not_there_is_named(lab, now):
    event = StageEvent(Stage.BRIEF, now, "Li")
    with lab.writing() as connection:
        with pytest.raises(RecordNotFoundError, match="no programme"):
            load_programme(connection)
        with pytest.raises(RecordNotFoundError, match="no colour 'AM'"):
            append_stage_event(connection, "AM", event, now=now, by="Li")
        save_colour(connection, AMETHYST, now=now, by="Li")
        with pytest.raises(RecordNotFoundError, match="no colour 'SY' in this lab; there are AM"):
            load_colour(connection, "SY")
        with pytest.raises(RecordNotFoundError, match="no verdict 'V-000001'"):
            append_stage_event(connection, "AM", replace(event, evidence=("V-000001",)), now=now, by="Li")
