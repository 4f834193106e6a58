from collections.abc import Callable

import pytest

from inspections.appearance import MetricValue
from inspections.rounds.ledger import PolishingLedger, PolishingRound, changes_of
from spectra.errors import PhotoError

Reading = Callable[..., MetricValue]
Rounds = Callable[..., PolishingLedger]


def test_a_change_smaller_than_re_shooting_makes_is_no_change(ledger: Rounds) -> None:
    # 1.96 sqrt(2) 0.6 % of 0.5 mrad is 0.0083 mrad.
    (change,) = changes_of(ledger(0.5, 0.495), "S_lw")
    assert change.word == "no detectable change"
    assert change.least_detectable == pytest.approx(0.00827, abs=2e-4)
    (change,) = changes_of(ledger(0.5, 0.48), "S_lw")
    assert (change.word, change.change_percent) == ("improved", pytest.approx(-4.0))
    (change,) = changes_of(ledger(0.48, 0.5), "S_lw")
    assert change.word == "worse"


def test_a_change_without_known_repeatability_cannot_be_called(reading: Reading) -> None:
    rounds = tuple(PolishingRound(k, (reading(v, repeatability=None),)) for k, v in enumerate((0.9, 0.5)))
    assert changes_of(PolishingLedger("P-1", rounds), "S_lw")[0].word == "cannot say"


@pytest.mark.parametrize("other", [{"unit": "µm"}, {"definition": "one photo"}])
def test_figures_of_different_definition_are_never_one_trend(other: dict[str, str], reading: Reading) -> None:
    rounds = (PolishingRound(0, (reading(0.9),)), PolishingRound(1, (reading(0.5, **other),)))
    with pytest.raises(PhotoError, match="defined differently"):
        changes_of(PolishingLedger("P-1", rounds), "S_lw")


def test_rounds_out_of_order_are_refused() -> None:
    with pytest.raises(PhotoError, match="not in order"):
        PolishingLedger("P-1", (PolishingRound(1, ()), PolishingRound(0, ())))
