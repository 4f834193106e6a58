import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from inspections.appearance import Finding, MetricValue
from inspections.marks.mark import Mark
from inspections.rounds.changes import Zone
from inspections.rounds.ledger import PolishingLedger, PolishingRound
from inspections.rounds.limits import AppearanceLimits, MetricLimit
from inspections.rounds.polishing import NOTHING_LEFT, judge
from inspections.rounds.process import ProcessCurve
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
    assert NOTHING_LEFT in verdict.reasons[-1]
    assert "the last two rounds changed S_lw by no more than re-shooting does" in verdict.reasons[-1]


def test_a_panel_within_its_limits_that_changed_no_more_passes_and_says_so(ledger: Rounds) -> None:
    verdict = judge(ledger(0.9, 0.29, 0.2905), LIMITS)
    assert verdict.verdict == "PASS"
    assert verdict.reasons[-1] == NOTHING_LEFT
    assert NOTHING_LEFT not in judge(ledger(0.9, 0.5, 0.29), LIMITS).reasons


def test_a_panel_at_the_noise_floor_of_its_photos_is_not_polished_for_ever(reading: Callable[..., MetricValue]) -> None:
    noisy = replace(
        reading(0.35), flags=("below the noise floor of 0.4 mrad: three times what noise alone gives the band",)
    )
    verdict = judge(PolishingLedger("P-1", (PolishingRound(0, (reading(0.9),)), PolishingRound(1, (noisy,)))), LIMITS)
    assert verdict.verdict == "FAIL"
    assert "noise floor of the photos" in verdict.reasons[-1]


def test_a_panel_where_its_process_ends_is_not_polished_on(ledger: Rounds) -> None:
    earlier = [ledger(*(start * (0.4 + 0.6 * 0.4**k) for k in range(7))) for start in (0.9, 1.1, 1.3, 1.6, 2.0)]
    curve = ProcessCurve.learn(earlier, "S_lw")
    panel = ledger(*(0.4 + 0.6 * 0.4**k for k in range(7)))
    limits = AppearanceLimits("high gloss", (LIMIT,))
    assert judge(panel, limits).verdict == "RE-POLISH"
    verdict = judge(panel, limits, {"S_lw": curve})
    assert verdict.verdict == "FAIL"
    assert "what this process ends at (0.4 mrad)" in verdict.reasons[-1]


def test_a_panel_burnt_more_than_allowed_has_failed_however_smooth(ledger: Rounds) -> None:
    (last,) = ledger(0.2).rounds
    area = MetricValue("burn_area", 1.3, "cm²", None, "", "area of burns")
    burnt = replace(last, metrics=(*last.metrics, area), marks=(Mark("burn", 20.0, -10.0, 15.0, 30.0),))
    panel = PolishingLedger("P-1", (burnt,))
    assert judge(panel, LIMITS).verdict == "PASS", "nobody limits burns"
    verdict = judge(panel, replace(LIMITS, limits=(LIMIT, MetricLimit("burn_area", 0.5, "cm²"))))
    assert verdict.verdict == "FAIL"
    assert "a burn: x +20, y -10 mm" in verdict.reasons[-1]


def test_a_panel_to_polish_again_is_told_where(ledger: Rounds) -> None:
    zone = Zone("upper left", -30.0, 24.0, 15.0, 16.0, 0.8)
    first, last = ledger(0.9, 0.6).rounds
    verdict = judge(PolishingLedger("P-1", (first, replace(last, roughest=zone))), LIMITS)
    assert (verdict.verdict, verdict.zone) == ("RE-POLISH", zone)
    assert verdict.reasons[-1] == "polish upper left (x -30, y +24 mm)"


def test_a_gloss_below_its_minimum_is_out(reading: Callable[..., MetricValue]) -> None:
    gloss = replace(reading(90.0, unit="%"), name="gloss_uniformity")
    limits = AppearanceLimits("gloss", (MetricLimit("gloss_uniformity", 95.0, "%", "minimum"),))
    verdict = judge(PolishingLedger("P-1", (PolishingRound(0, (gloss,)),)), limits)
    assert verdict.verdict == "RE-POLISH"
    assert verdict.reasons == ("gloss_uniformity 90 % is below the limit 95 %",)


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
    assert record["limits"]["metrics"] == [
        {"metric": "S_lw", "maximum": 0.3, "minimum": None, "unit": "mrad", "origin": ""}
    ]
    assert record["hours_left"]["hours"] is None


def test_small_gains_that_add_up_are_not_called_the_end(ledger: Rounds) -> None:
    assert judge(ledger(0.9, 0.5, 0.494, 0.488), LIMITS).verdict == "RE-POLISH"
    assert judge(ledger(0.9, 0.5, 0.494, 0.5), LIMITS).verdict == "FAIL"


def test_a_value_that_is_noise_about_its_limit_asks_for_a_better_photo() -> None:
    def read(value: float, flags: tuple[str, ...]) -> PolishingLedger:
        metric = MetricValue("S_lw", value, "mrad", 0.04, "", "slope", 0.01, flags=flags)
        return PolishingLedger("P-1", (PolishingRound(0, (metric,)),))

    noisy = ("below the noise floor of 0.4 mrad",)
    assert judge(read(0.32, noisy), LIMITS).verdict == "RE-SHOOT"
    assert judge(read(0.32, ()), LIMITS).verdict == "RE-POLISH"
    assert judge(read(0.60, noisy), LIMITS).verdict == "FAIL"
