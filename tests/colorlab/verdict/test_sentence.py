"""The sentence says what was decided, where it is worst, and how sure that is."""

import pytest

from colorlab.colorimetry.viewing import D65_10
from colorlab.verdict.check import Check
from colorlab.verdict.condition import Condition
from colorlab.verdict.sentence import Reasons, in_chinese_too, in_english, percent

WORST = Condition(
    "45as15", D65_10, (50.0, 20.0, 10.0), (48.8, 20.5, 10.0), -1.2, 0.5, 0.0, 0.4, -0.2, 1.84, 1.8, (1.5, 2.1),
    1.3, 0.03, ("darker", "redder"),
)  # fmt: skip


GROUNDS = {"accept": "conformity proven", "reject": "non-conformity proven", "undecided": "not proven"}


def reasons(decision, probability, **more):
    fields = {
        "worst": WORST, "check": None, "formula": "CIEDE2000", "confidence": 0.95, "n_tested": 36, "travel": (),
        "flop_index": None, "untested": (), "untested_zh": (), "grounds": GROUNDS[decision],
    } | more  # fmt: skip
    return Reasons(decision=decision, probability=probability, **fields)


def test_a_rejection_names_the_worst_place_its_size_and_its_words():
    said = in_english(reasons("reject", 0.001))
    assert said == (
        f"Reject: beyond its limit at 45as15 under {D65_10}, CIEDE2000 ΔE 1.84 against 1.30 (darker, redder); "
        "probability of conformity below 1 %."
    )


@pytest.mark.parametrize(
    ("decision", "more", "english", "chinese"),
    [
        ("accept", {}, "Accept: all 36 conditions conform", "接受：36 个条件全部合格"),
        ("accept", {"grounds": "measured values"}, "Accept by the measured values", "按实测值接受"),
        ("accept", {"grounds": "not proven"}, "Accept by the rule: that any of 36", "按规则接受"),
        ("reject", {}, "Reject: beyond its limit", "拒收：超出限值处"),
        ("reject", {"grounds": "measured values"}, "Reject by the measured values", "按实测值拒收"),
        (
            "reject",
            {"grounds": "not proven"},
            "Reject by the rule: conformity is not proven",
            "按规则拒收：合格未能证实",
        ),
        ("undecided", {}, "Undecided: neither", "待定"),
    ],
)
def test_both_languages_lead_with_the_decision(decision, more, english, chinese):
    why = reasons(decision, 0.97, **more)
    assert in_english(why).startswith(english)
    assert in_chinese_too(why).startswith(chinese)


def test_where_a_check_is_worse_than_any_condition_the_sentence_is_about_it():
    check = Check("change of the flop index", "随角指数变化", 3.0, 2.9, (2.0, 4.0), 1.5, "1", 0.0)
    said = in_english(reasons("reject", 0.0, check=check))
    assert "change of the flop index, 3.00 against 1.50" in said
    assert "darker" not in said


def test_what_happens_between_face_and_flop_is_added():
    said = in_english(reasons("reject", 0.0, travel=("flops darker",), flop_index=(8.0, 9.1)))
    assert said.endswith("; flops darker; flop index 9.1 against 8.0.")
    assert "flop index" not in in_english(reasons("reject", 0.0, flop_index=(8.0, 8.2)))


@pytest.mark.parametrize(
    ("probability", "said"), [(0.0, "below 1 %"), (0.5, "50 %"), (0.999, "above 99 %"), (1.0, "above 99 %")]
)
def test_a_probability_is_no_surer_than_its_draws(probability, said):
    assert percent(probability) == said


def test_what_could_not_be_tested_stands_in_the_sentence():
    why = reasons("accept", 0.999, untested=("sparkle grade",), untested_zh=("闪烁度",))
    assert in_english(why).endswith("; not tested: sparkle grade.")
    assert in_chinese_too(why).endswith("；未检验：闪烁度。")
