"""What is released, due and late on a day, counted by hand and by law."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.roadmap.plan import STAGES, Programme, RoadmapColour, Stage, StageEvent
from colorlab.roadmap.progress import FirstPass, linear_plan, progress
from colorlab.roadmap.rate import extrapolate_rate

START, END = date(2026, 1, 1), date(2026, 4, 10)  # 100 days
PROGRAMME = Programme("ten colours", START, END, 10)
DAY = timedelta(days=1)


def colour(code, due, *steps):
    history = tuple(
        StageEvent(stage, datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=day), "Li") for stage, day in steps
    )
    return RoadmapColour(code, {"en": code}, "red", "solid", ("PPG",), None, due, history)


COLOURS = (
    colour("released in time", START + 40 * DAY, (Stage.BRIEF, 0), (Stage.RELEASED, 30)),
    colour("released late", START + 20 * DAY, (Stage.BRIEF, 0), (Stage.RELEASED, 45)),
    colour("late", START + 25 * DAY, (Stage.BRIEF, 3), (Stage.LINE_TRIAL, 20)),
    colour("later", START + 10 * DAY, (Stage.BRIEF, 5)),
    colour("due today", START + 50 * DAY, (Stage.LAB_SAMPLE, 44)),
    colour("not begun", END),
    colour("given up", START + 5 * DAY, (Stage.RETIRED, 2)),
)
TODAY = START + 50 * DAY


def test_a_day_in_the_middle_counted_by_hand():
    found = progress(PROGRAMME, COLOURS, TODAY)
    assert found.released_count == 2
    assert found.linear_plan_count == pytest.approx(10 * 51 / 100)  # the day itself counts
    assert found.due_by_own_dates_count == 6
    assert [(s.code, s.days_late, s.stage) for s in found.late] == [
        ("later", 40, Stage.BRIEF),
        ("late", 25, Stage.LINE_TRIAL),
    ]
    assert [(s.code, s.days_in_stage) for s in found.ageing] == [("later", 45), ("late", 30), ("due today", 6)]
    assert {stage: count for stage, count in found.funnel if count} == {
        Stage.IDEA: 1, Stage.BRIEF: 1, Stage.LAB_SAMPLE: 1, Stage.LINE_TRIAL: 1, Stage.RELEASED: 2, Stage.RETIRED: 1,
    }  # fmt: skip


def test_an_earlier_day_gives_the_answer_it_gave_then():
    early = START + 35 * DAY
    known_then = [replace(c, history=tuple(e for e in c.history if e.at.date() <= early)) for c in COLOURS]
    assert progress(PROGRAMME, COLOURS, early).as_dict() == progress(PROGRAMME, known_then, early).as_dict()
    assert progress(PROGRAMME, COLOURS, early).released_count == 1


def test_the_burn_up_says_nothing_of_days_to_come():
    points = progress(PROGRAMME, COLOURS, TODAY).burn_up
    assert [(p.day, p.due_by_own_dates_count, p.released_count) for p in points] == [
        (date(2026, 1, 1), 0, 0),
        (date(2026, 2, 1), 4, 1),
        (date(2026, 2, 20), 6, 2),
        (date(2026, 3, 1), 6, None),
        (date(2026, 4, 1), 6, None),
        (date(2026, 4, 10), 7, None),
    ]
    assert points[-1].linear_plan_count == 10


@given(st.integers(-400, 400))
def test_the_straight_line_starts_at_nothing_ends_at_all_slots_and_never_falls(days):
    day = START + timedelta(days=days)
    today, tomorrow = linear_plan(PROGRAMME, day), linear_plan(PROGRAMME, day + DAY)
    assert 0 <= today <= tomorrow <= PROGRAMME.slots
    assert (today == 0) == (day < START)
    assert (today == PROGRAMME.slots) == (day >= END)


@given(
    st.lists(st.tuples(st.sampled_from(STAGES), st.integers(0, 99), st.integers(0, 99)), max_size=12),
    st.integers(-3, 120),
)
def test_every_colour_is_counted_once(steps, day):
    colours = [colour(f"C{n}", START + due * DAY, (stage, at)) for n, (stage, at, due) in enumerate(steps)]
    found = progress(PROGRAMME, colours, START + day * DAY)
    assert sum(count for _, count in found.funnel) == len(colours)
    assert found.released_count == dict(found.funnel)[Stage.RELEASED]
    assert len(found.late) <= found.due_by_own_dates_count
    assert not {s.code for s in found.late} & {s.code for s in found.standings if s.released}


def test_the_answer_can_be_written_as_json_with_first_pass_only_where_given():
    assert progress(PROGRAMME, COLOURS, TODAY).as_dict()["first_pass"] == []
    found = progress(PROGRAMME, COLOURS, TODAY, [FirstPass("PPG", 3, 4)]).as_dict()
    assert found["first_pass"] == [{"supplier": "PPG", "accepted_count": 3, "judged_count": 4}]
    assert json.loads(json.dumps(found)) == found


def test_the_rate_of_nine_releases_has_garwoods_interval():
    """Exact 80 % limits of a Poisson count of 9: 5.432 and 14.206, half the χ² quantiles 10.865 and 28.412."""
    as_of = date(2026, 7, 1)
    released = [as_of - timedelta(days=20 * n) for n in range(9)]
    rate = extrapolate_rate(released, 100, date(2025, 1, 1), as_of)
    assert rate is not None
    assert (rate.released_count, rate.window_days, rate.rate_per_30_days) == (9, 180, 1.5)
    assert (rate.rate_low_per_30_days * 6, rate.rate_high_per_30_days * 6) == pytest.approx((5.432, 14.206), abs=1e-3)
    assert rate.done_on == as_of + timedelta(days=91 * 20)
    assert rate.done_earliest < rate.done_on < rate.done_latest


def test_the_interval_of_the_rate_covers_the_true_rate_in_four_of_five_programmes():
    """Garwood's interval is conservative: never below its nominal cover (counts of zero give no figure)."""
    rng = np.random.default_rng(2026)
    as_of = date(2026, 7, 1)
    covered = given_figures = 0
    for count in rng.poisson(6.0, 2000):
        rate = extrapolate_rate([as_of] * int(count), 100, date(2025, 1, 1), as_of)
        if rate is not None:
            given_figures += 1
            covered += rate.rate_low_per_30_days <= 1.0 <= rate.rate_high_per_30_days
    assert 0.80 <= covered / given_figures <= 0.90


def test_no_rate_is_made_up_where_there_is_none():
    as_of = date(2026, 7, 1)
    assert extrapolate_rate([], 100, START, as_of) is None
    assert extrapolate_rate([as_of - timedelta(days=180)], 100, date(2025, 1, 1), as_of) is None
    assert extrapolate_rate([as_of], 1, START, as_of) is None
    assert extrapolate_rate([as_of], 10, as_of + DAY, as_of) is None


def test_a_young_programme_is_judged_by_the_days_it_has_had():
    rate = extrapolate_rate([START + 3 * DAY], 10, START, START + 9 * DAY)
    assert rate is not None
    assert (rate.window_days, rate.rate_per_30_days) == (10, 3.0)
    assert rate.done_on == START + 99 * DAY


def test_a_rate_that_never_arrives_names_no_day():
    rate = extrapolate_rate([START], 10**9, START, START)
    assert rate is not None
    assert (rate.done_on, rate.done_latest) == (None, None)
