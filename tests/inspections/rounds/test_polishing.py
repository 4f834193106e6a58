import json
from collections.abc import Callable

import pytest

from inspections.appearance import Finding
from inspections.rounds.ledger import PolishingLedger, PolishingRound
from inspections.rounds.limits import AppearanceLimits, MetricLimit
from inspections.rounds.polishing import judge
from spectra.errors import PhotoError

LIMIT = MetricLimit("S_lw", 0.3, "mrad")
LIMITS = AppearanceLimits("high gloss", (LIMIT,), max_rounds=5)
Rounds = Callable[..., PolishingLedger]


def test_a_panel_within_its_limits_passes(ledger: Rounds) -> None:
    assert judge(ledger(0.9, 0.5, 0.29), LIMITS).verdict == "PASS"


def test_a_panel_above_its_limit_that_still_improves_is_polished_again(ledger: Rounds) -> None:
    verdict = judge(ledger(0.9, 0.7, 0.55), LIMITS)
    assert verdict.verdict == "RE-POLISH"
    assert verdict.reasons == ("S_lw 0.55 mrad is above the limit 0.3 mrad",)


def test_a_panel_whose_rounds_are_used_up_has_failed(ledger: Rounds) -> None:
    assert judge(ledger(0.9, 0.8, 0.7, 0.6, 0.5, 0.4), LIMITS).verdict == "FAIL"


def test_a_panel_that_polishing_no_longer_moves_has_failed(ledger: Rounds) -> None:
    verdict = judge(ledger(0.9, 0.5, 0.501, 0.499), LIMITS)
    assert verdict.verdict == "FAIL"
    assert "no longer moves" in verdict.reasons[-1]


def test_a_round_that_was_not_measured_is_photographed_again(ledger: Rounds) -> None:
    finding = Finding("marker_edge_sigma", "fail", 2.0, 1.0, "pixel", "blurred", "focus on the card", ("S_lw",))
    rounds = (*ledger(0.9, 0.5).rounds, PolishingRound(2, (), (finding,)))
    verdict = judge(PolishingLedger("P-1", rounds), LIMITS)
    assert verdict.verdict == "RE-SHOOT"
    assert "focus on the card" in verdict.reasons[-1]


def test_a_guard_band_asks_for_more_than_the_limit(ledger: Rounds) -> None:
    assert judge(ledger(0.295), LIMITS).verdict == "PASS"
    guarded = AppearanceLimits("strict", (LIMIT,), guard_factor=1.645)
    assert judge(ledger(0.295), guarded).verdict == "RE-POLISH"


def test_the_limit_in_another_unit_is_refused(ledger: Rounds) -> None:
    with pytest.raises(PhotoError, match="the limit is in µm"):
        judge(ledger(0.5), AppearanceLimits("wrong", (MetricLimit("S_lw", 0.3, "µm"),)))


def test_a_verdict_is_plain_json(ledger: Rounds) -> None:
    record = json.loads(json.dumps(judge(ledger(0.9, 0.7, 0.55), LIMITS).as_dict()))
    assert record["verdict"] == "RE-POLISH"
    assert record["changes"][0]["least_detectable_change"] > 0
    assert record["limits"]["metrics"] == [{"metric": "S_lw", "maximum": 0.3, "unit": "mrad"}]
