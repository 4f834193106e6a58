from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.rounds.ledger import PolishingLedger
from inspections.rounds.polishing_law import fit_curve
from inspections.rounds.process import ProcessCurve

Rounds = Callable[..., PolishingLedger]


def panel(rng: np.random.Generator, rounds: int = 6) -> Sequence[float]:
    """A panel of a process that leaves 55 % of what is above 0.2 of the start, with 1 % of scatter a round."""
    start = rng.uniform(0.9, 2.0)
    floor = 0.2 * start * np.exp(0.15 * rng.standard_normal())
    share = np.clip(0.55 + 0.05 * rng.standard_normal(), 0.2, 0.9)
    law = floor + (start - floor) * share ** np.arange(rounds)
    return list(law * np.exp(0.01 * rng.standard_normal(rounds)))


@settings(max_examples=30)
@given(start=st.floats(0.5, 3), floor=st.floats(0.1, 0.5), share=st.floats(0.3, 0.8))
def test_the_law_is_found_again_in_rounds_that_keep_it(start: float, floor: float, share: float) -> None:
    rounds = np.arange(9)
    values = start * (floor + (1 - floor) * share**rounds)
    fitted = fit_curve(list(rounds), list(values), 0.001)
    assert fitted.floor == pytest.approx(floor * start, rel=0.02)
    assert fitted.left_by_a_round == pytest.approx(share, rel=0.02)
    assert fitted.log_value(rounds)[0] == pytest.approx(np.log(values), abs=2e-3)


def test_without_panels_next_to_nothing_is_expected(ledger: Rounds) -> None:
    curve = ProcessCurve.learn([], "S_lw")
    assert curve.panels == 0
    _, low, high = curve.forecast(ledger(1.4), [5])
    assert high[0] > 4 * low[0]


def test_a_process_is_learned_from_its_panels(ledger: Rounds) -> None:
    rng = np.random.default_rng(4)
    curve = ProcessCurve.learn([ledger(*panel(rng)) for _ in range(12)], "S_lw")
    told = curve.as_dict()
    assert told["floor_over_start"] == pytest.approx(0.2, abs=0.03)
    assert told["left_by_a_round"] == pytest.approx(0.55, abs=0.03)
    assert curve.scatter < 0.03
    assert curve.held_out_error is not None
    assert curve.held_out_error < 0.06


def test_after_two_rounds_a_learned_process_forecasts_the_fifth_within_its_interval(ledger: Rounds) -> None:
    # The table of the reference: 5-6 % after round 2 with what the process teaches, 64-71 % from the last value.
    rng = np.random.default_rng(5)
    curve = ProcessCurve.learn([ledger(*panel(rng)) for _ in range(10)], "S_lw")
    errors, inside = [], 0
    for _ in range(60):
        values = panel(rng)
        expected, low, high = curve.forecast(ledger(*values[:3]), [5])
        errors.append(abs(expected[0] / values[5] - 1))
        inside += int(low[0] <= values[5] <= high[0])
    assert np.median(errors) < 0.06
    assert inside >= 50


def test_panels_with_few_rounds_or_another_metric_teach_nothing(ledger: Rounds) -> None:
    assert ProcessCurve.learn([ledger(1.4, 1.0)], "S_lw").panels == 0
    assert ProcessCurve.learn([ledger(1.4, 1.0, 0.8)], "S_c").panels == 0


def test_a_process_of_two_bands_keeps_its_interval(ledger: Rounds) -> None:
    """The law is an assumption: what falls as the sum of two laws is still held by the interval it was widened to."""
    rng = np.random.default_rng(6)

    def two() -> list[float]:
        start, rounds = rng.uniform(0.9, 2.0), np.arange(6)
        slow, fast = np.clip([0.65, 0.45] + 0.05 * rng.standard_normal(2), 0.2, 0.9)
        long, short = 0.8 * (0.3 + 0.7 * slow**rounds), 0.6 * (0.1 + 0.9 * fast**rounds)
        return list(start * np.hypot(long, short))

    curve = ProcessCurve.learn([ledger(*two()) for _ in range(10)], "S_lw")
    inside = 0
    for _ in range(60):
        values = two()
        _, low, high = curve.forecast(ledger(*values[:4]), [5])
        inside += int(low[0] <= values[5] <= high[0])
    assert inside >= 48
