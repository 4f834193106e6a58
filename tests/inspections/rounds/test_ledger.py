from collections.abc import Callable

import pytest

from inspections.appearance import MetricValue
from inspections.rounds.ledger import PolishingLedger, PolishingRound, changes_of, reshoot_repeatability
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


def looked_at(reading: Reading, *rounds: tuple[float, ...]) -> PolishingLedger:
    """A panel whose rounds were photographed several times each, the first figure counting."""
    return PolishingLedger(
        "P-1",
        tuple(
            PolishingRound(number, (reading(first),), reshoots=tuple((reading(one),) for one in more))
            for number, (first, *more) in enumerate(rounds)
        ),
    )


def test_re_shoots_tell_the_least_detectable_change_instead_of_what_is_declared(reading: Reading) -> None:
    panel = looked_at(reading, (0.9, 0.909), (0.5, 0.505), (0.46,))
    pooled = reshoot_repeatability([panel], "S_lw")
    assert pooled is not None
    # Two pairs 1 % apart: 1 % / √2 each, with two degrees of freedom.
    assert pooled.degrees == 2
    assert pooled.relative == pytest.approx(0.00995 / 2**0.5, rel=1e-3)
    change = changes_of(panel, "S_lw")[-1]
    assert change.basis == "re-shoots, 2 degrees of freedom"
    assert change.least_detectable == pytest.approx(4.303 * pooled.relative * (0.5**2 + 0.46**2) ** 0.5, rel=1e-3)
    assert change.word == "improved"


def test_one_re_shoot_alone_is_too_few(reading: Reading) -> None:
    panel = looked_at(reading, (0.9, 0.909), (0.5,))
    assert reshoot_repeatability([panel], "S_lw") is None
    assert changes_of(panel, "S_lw")[0].basis == "declared repeatability"


def test_re_shoots_are_pooled_over_the_panels_of_a_station(reading: Reading) -> None:
    panels = [looked_at(reading, (0.9, 0.909)), looked_at(reading, (0.5, 0.505))]
    pooled = reshoot_repeatability(panels, "S_lw")
    assert pooled is not None
    assert (pooled.relative, pooled.degrees) == (pytest.approx(0.00995 / 2**0.5, rel=1e-3), 2)


def test_the_same_photos_given_twice_are_no_re_shoot(reading: Reading) -> None:
    assert reshoot_repeatability([looked_at(reading, (0.9, 0.9), (0.5, 0.5), (0.4, 0.4))], "S_lw") is None


def test_a_re_shoot_of_another_definition_is_no_re_shoot(reading: Reading) -> None:
    rounds = tuple(
        PolishingRound(number, (reading(0.9),), reshoots=((reading(0.5, definition="one photo"),),))
        for number in range(3)
    )
    assert reshoot_repeatability([PolishingLedger("P-1", rounds)], "S_lw") is None


def test_more_gloss_is_better(ledger: Rounds) -> None:
    assert changes_of(ledger(0.5, 0.6), "S_lw", higher_is_better=True)[0].word == "improved"


def test_a_count_that_was_zero_has_a_change_and_no_percentage() -> None:
    def nibs(count: float) -> MetricValue:
        return MetricValue("n_nibs", count, "1", None, "", "round bumps")

    ledger = PolishingLedger("P-1", (PolishingRound(0, (nibs(0.0),)), PolishingRound(1, (nibs(2.0),))))
    (change,) = changes_of(ledger, "n_nibs")
    assert (change.change, change.change_percent) == (2.0, None)
