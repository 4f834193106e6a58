from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspections.rounds.ledger import PolishingLedger
from inspections.rounds.limits import MetricLimit
from inspections.rounds.process import ProcessCurve
from inspections.rounds.rounds_left import hours_left, rounds_left

LIMIT = MetricLimit("S_lw", 0.3, "mrad")
Rounds = Callable[..., PolishingLedger]


def law(start: float, floor: float, share: float, rounds: int) -> list[float]:
    return [floor + (start - floor) * share**number for number in range(rounds)]


@given(start=st.floats(0.8, 2.0), share=st.floats(0.45, 0.8), floor=st.floats(0.1, 0.3), n=st.integers(4, 6))
def test_a_panel_that_keeps_the_law_is_forecast_to_the_round(
    ledger: Rounds, start: float, share: float, floor: float, n: int
) -> None:
    whole = law(start, floor * start, share, n + 4)
    limit = MetricLimit("S_lw", 0.5 * (whole[n] + whole[n + 1]), "mrad")
    left = rounds_left(ledger(*whole[:n]), limit)
    assert left.basis in ("own rounds", "cannot say")
    assert left.low is not None
    assert left.low <= 2
    assert left.high is None or left.high >= 2
    assert left.rounds is None or abs(left.rounds - 2) <= 1


def test_earlier_panels_tell_more_than_the_panel_itself(ledger: Rounds) -> None:
    earlier = [ledger(*law(start, 0.25 * start, 0.6, 6)) for start in (0.9, 1.1, 1.3, 1.6, 2.0)]
    panel = ledger(*law(1.4, 0.35, 0.6, 2))
    limit = MetricLimit("S_lw", 0.5, "mrad")  # the law comes to 0.58 in round 3 and to 0.49 in round 4
    alone = rounds_left(panel, limit)
    assert (alone.basis, alone.rounds, alone.high) == ("last gain", 2, None)
    taught = rounds_left(panel, limit, ProcessCurve.learn(earlier, "S_lw"))
    assert (taught.basis, taught.rounds) == ("process", 3)
    assert taught.low is not None
    assert taught.high is not None
    assert taught.low >= 2
    assert taught.high <= 5
    assert "5 earlier panels" in taught.reason


def test_a_limit_below_what_polishing_ends_at_is_said_so(ledger: Rounds) -> None:
    left = rounds_left(ledger(*law(1.4, 0.5, 0.5, 6)), MetricLimit("S_lw", 0.3, "mrad"))
    assert left.rounds is None
    assert "polishing like this ends near 0.5" in left.reason
    assert left.floor is not None
    assert left.floor[1] < 0.5 < left.floor[2]


def test_two_rounds_give_the_pace_of_one_gain_and_no_upper_end(ledger: Rounds) -> None:
    left = rounds_left(ledger(0.9, 0.6), LIMIT)
    assert (left.rounds, left.low, left.high, left.basis) == (2, 2, None, "last gain")


def test_one_round_predicts_nothing(ledger: Rounds) -> None:
    left = rounds_left(ledger(0.9), LIMIT)
    assert left.rounds is None
    assert "cannot say: 1 measured round and 0 earlier panels" in left.reason


def test_a_round_that_changed_nothing_predicts_nothing(ledger: Rounds) -> None:
    assert "cannot say: the last round gave no detectable change" in rounds_left(ledger(0.9, 0.5, 0.5), LIMIT).reason


def test_a_panel_within_its_limit_has_no_rounds_left(ledger: Rounds) -> None:
    left = rounds_left(ledger(0.2), LIMIT)
    assert (left.rounds, left.basis) == (0, "within its limit")


@pytest.mark.parametrize("limit", [MetricLimit("S_lw", 0.3, "mrad", "minimum"), MetricLimit("S_lw", 0.0, "mrad")])
def test_only_what_falls_towards_a_limit_above_zero_is_forecast(ledger: Rounds, limit: MetricLimit) -> None:
    assert "only metrics that fall" in rounds_left(ledger(0.29, 0.25, 0.22), limit).reason


def test_hours_are_the_rounds_times_what_a_round_takes(ledger: Rounds) -> None:
    panel = ledger(*law(1.4, 0.35, 0.6, 4))
    timed = PolishingLedger(
        "P-1",
        tuple(replace(entry, minutes=None if entry.number == 0 else 50.0 + 5 * entry.number) for entry in panel.rounds),
    )
    left = rounds_left(timed, MetricLimit("S_lw", 0.45, "mrad"))
    hours = hours_left(timed, [left])
    assert left.rounds is not None
    assert hours.hours == pytest.approx(left.rounds * 1.0)
    assert hours.low is not None
    assert hours.low < left.rounds
    assert hours.high is None or hours.high > left.rounds
    assert "cannot be said" in hours_left(timed, [rounds_left(ledger(0.9), LIMIT)]).reason
    assert "0 rounds have their minutes" in hours_left(panel, [left]).reason
