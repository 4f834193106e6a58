import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspections.appearance import Finding, MetricValue
from inspections.polishing import (
    AppearanceLimits,
    MetricLimit,
    PolishingLedger,
    PolishingRound,
    changes_of,
    judge,
    rounds_left,
)
from spectra.errors import PhotoError

LIMIT = MetricLimit("S_lw", 0.3, "mrad")
LIMITS = AppearanceLimits("high gloss", (LIMIT,), max_rounds=5)


def reading(
    value: float, unit: str = "mrad", definition: str = "slope", repeatability: float | None = 0.006
) -> MetricValue:
    return MetricValue(
        "S_lw", value, unit, 0.02 * value, "rig", definition, None if repeatability is None else repeatability * value
    )


def ledger(*values: float) -> PolishingLedger:
    return PolishingLedger("P-1", tuple(PolishingRound(k, (reading(value),)) for k, value in enumerate(values)))


def test_a_panel_within_its_limits_passes() -> None:
    assert judge(ledger(0.9, 0.5, 0.29), LIMITS).verdict == "PASS"


def test_a_panel_above_its_limit_that_still_improves_is_polished_again() -> None:
    verdict = judge(ledger(0.9, 0.7, 0.55), LIMITS)
    assert verdict.verdict == "RE-POLISH"
    assert verdict.reasons == ("S_lw 0.55 mrad is above the limit 0.3 mrad",)


def test_a_panel_whose_rounds_are_used_up_has_failed() -> None:
    assert judge(ledger(0.9, 0.8, 0.7, 0.6, 0.5, 0.4), LIMITS).verdict == "FAIL"


def test_a_panel_that_polishing_no_longer_moves_has_failed() -> None:
    verdict = judge(ledger(0.9, 0.5, 0.501, 0.499), LIMITS)
    assert verdict.verdict == "FAIL"
    assert "no longer moves" in verdict.reasons[-1]


def test_a_round_that_was_not_measured_is_photographed_again() -> None:
    finding = Finding("marker_edge_sigma", "fail", 2.0, 1.0, "pixel", "blurred", "focus on the card", ("S_lw",))
    rounds = (*ledger(0.9, 0.5).rounds, PolishingRound(2, (), (finding,)))
    verdict = judge(PolishingLedger("P-1", rounds), LIMITS)
    assert verdict.verdict == "RE-SHOOT"
    assert "focus on the card" in verdict.reasons[-1]


def test_a_guard_band_asks_for_more_than_the_limit() -> None:
    assert judge(ledger(0.295), LIMITS).verdict == "PASS"
    guarded = AppearanceLimits("strict", (LIMIT,), guard_factor=1.645)
    assert judge(ledger(0.295), guarded).verdict == "RE-POLISH"


def test_a_change_smaller_than_re_shooting_makes_is_no_change() -> None:
    # 1.96 sqrt(2) 0.6 % of 0.5 mrad is 0.0083 mrad.
    (change,) = changes_of(ledger(0.5, 0.495), "S_lw")
    assert change.word == "no detectable change"
    assert change.least_detectable == pytest.approx(0.00827, abs=2e-4)
    (change,) = changes_of(ledger(0.5, 0.48), "S_lw")
    assert (change.word, change.change_percent) == ("improved", pytest.approx(-4.0))
    (change,) = changes_of(ledger(0.48, 0.5), "S_lw")
    assert change.word == "worse"


def test_a_change_without_known_repeatability_cannot_be_called() -> None:
    rounds = tuple(PolishingRound(k, (reading(v, repeatability=None),)) for k, v in enumerate((0.9, 0.5)))
    assert changes_of(PolishingLedger("P-1", rounds), "S_lw")[0].word == "cannot say"


@pytest.mark.parametrize("other", [reading(0.5, unit="µm"), reading(0.5, definition="one photo")])
def test_figures_of_different_definition_are_never_one_trend(other: MetricValue) -> None:
    mixed = PolishingLedger("P-1", (PolishingRound(0, (reading(0.9),)), PolishingRound(1, (other,))))
    with pytest.raises(PhotoError, match="defined differently"):
        changes_of(mixed, "S_lw")


@given(st.floats(0.4, 0.9), st.integers(3, 6))
def test_a_steady_pace_is_forecast_to_the_round(share: float, n: int) -> None:
    values = [1.0 * share**k for k in range(n)]
    left = rounds_left(ledger(*values), MetricLimit("S_lw", values[-1] * share**1.5, "mrad"))
    assert left.rounds == 2
    assert left.low is not None
    assert left.low <= 2
    assert left.high is None or left.high >= 2


def test_two_rounds_predict_nothing() -> None:
    left = rounds_left(ledger(0.9, 0.5), LIMIT)
    assert left.rounds is None
    assert "cannot say: 2 measured rounds" in left.reason


def test_a_round_that_changed_nothing_predicts_nothing() -> None:
    assert "cannot say: the last round gave no detectable change" in rounds_left(ledger(0.9, 0.5, 0.5), LIMIT).reason


def test_a_panel_within_its_limit_has_no_rounds_left() -> None:
    assert rounds_left(ledger(0.2), LIMIT).rounds == 0


def test_rounds_out_of_order_are_refused() -> None:
    with pytest.raises(PhotoError, match="not in order"):
        PolishingLedger("P-1", (PolishingRound(1, ()), PolishingRound(0, ())))


def test_the_limit_in_another_unit_is_refused() -> None:
    with pytest.raises(PhotoError, match="the limit is in µm"):
        judge(ledger(0.5), AppearanceLimits("wrong", (MetricLimit("S_lw", 0.3, "µm"),)))


def test_a_verdict_is_plain_json() -> None:
    record = json.loads(json.dumps(judge(ledger(0.9, 0.7, 0.55), LIMITS).as_dict()))
    assert record["verdict"] == "RE-POLISH"
    assert record["changes"][0]["least_detectable_change"] > 0
    assert record["limits"]["metrics"] == [{"metric": "S_lw", "maximum": 0.3, "unit": "mrad"}]
