from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from inspections.rounds.ledger import PolishingLedger
from inspections.rounds.limits import MetricLimit
from inspections.rounds.rounds_left import rounds_left

LIMIT = MetricLimit("S_lw", 0.3, "mrad")
Rounds = Callable[..., PolishingLedger]


@given(share=st.floats(0.4, 0.9), n=st.integers(3, 6))
def test_a_steady_pace_is_forecast_to_the_round(ledger: Rounds, share: float, n: int) -> None:
    values = [1.0 * share**k for k in range(n)]
    left = rounds_left(ledger(*values), MetricLimit("S_lw", values[-1] * share**1.5, "mrad"))
    assert left.rounds == 2
    assert left.low is not None
    assert left.low <= 2
    assert left.high is None or left.high >= 2


def test_two_rounds_predict_nothing(ledger: Rounds) -> None:
    left = rounds_left(ledger(0.9, 0.5), LIMIT)
    assert left.rounds is None
    assert "cannot say: 2 measured rounds" in left.reason


def test_a_round_that_changed_nothing_predicts_nothing(ledger: Rounds) -> None:
    assert "cannot say: the last round gave no detectable change" in rounds_left(ledger(0.9, 0.5, 0.5), LIMIT).reason


def test_a_panel_within_its_limit_has_no_rounds_left(ledger: Rounds) -> None:
    assert rounds_left(ledger(0.2), LIMIT).rounds == 0
