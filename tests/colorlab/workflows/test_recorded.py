"""A page shows what was recorded, and says where computing it again gives something else."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from colorlab.store.panels import StoredCapture
from colorlab.workflows.recorded import verdict_as_recorded
from inspections.appearance import Appearance, MetricValue
from inspections.rounds.ledger import PolishingLedger, PolishingRound
from inspections.rounds.limits import AppearanceLimits, MetricLimit
from inspections.rounds.polishing import judge

LIMITS = AppearanceLimits("x", (MetricLimit("S_c", 1.0, "mrad"),), max_rounds=5)
WHEN = datetime(2026, 3, 1, tzinfo=UTC)


def appearance(value):
    metric = MetricValue("S_c", value, "mrad", 0.01, "", 0.01, (1.0, 3.0), "", (), "")
    return Appearance("panel", "T3", (metric,), (), (), (), ())


def verdict(value):
    entry = PolishingRound.from_appearance(0, appearance(value), minutes=None, operator="Li")
    return judge(PolishingLedger("P1", (entry,)), LIMITS)


def record(value):
    document = {"appearance": appearance(value).as_dict(), "judgement": verdict(value).as_dict()}
    return StoredCapture("P-000001", "P1", None, 0, "pass", WHEN, None, (), "0", document, WHEN, "Li")


def test_the_same_again_adds_nothing():
    shown = verdict_as_recorded(verdict(0.8), record(0.8), [(record(0.8), appearance(0.8 * (1 + 1e-6)))])
    assert (shown.verdict, shown.reasons) == ("PASS", verdict(0.8).reasons)


def test_the_recorded_verdict_stands_and_another_one_is_said():
    shown = verdict_as_recorded(verdict(1.3), record(0.8), [])
    assert shown.verdict == "PASS"
    assert shown.reasons[:-1] == verdict(0.8).reasons
    assert "RE-POLISH" in shown.reasons[-1]
    assert "differs from record P-000001" in shown.reasons[-1]


@pytest.mark.parametrize("again", [appearance(0.81), replace(appearance(0.8), metrics=())], ids=["changed", "gone"])
def test_photos_that_now_say_something_else_are_named_with_the_metric(again):
    shown = verdict_as_recorded(verdict(0.8), record(0.8), [(record(0.8), again)])
    assert shown.verdict == "PASS"
    assert "round 0 inspected again" in shown.reasons[-1]
    assert "differs from record P-000001 in S_c" in shown.reasons[-1]
