"""The sentence: size, colorant and certainty in the tone of the trade, in both languages."""

from dataclasses import replace

import numpy as np
import pytest

from colorlab.control.explain.causes import Cause
from colorlab.control.explain.explanation import Estimate
from colorlab.control.explain.words import cause_words, sentence
from spectra.errors import UnknownConditionError

PAINT = {"W01": 0.80, "B15": 0.10, "V23": 0.06, "K05": 0.04}
NAMES = {"B15": "blue paste"}


@pytest.mark.parametrize(
    ("cause", "change", "english", "chinese"),
    [
        (Cause("amount", "B15"), (-0.041, -0.05, -0.032), "4.1 % (3.2–5.0 %) short of blue paste (B15)", "少"),
        (Cause("amount", "K05"), (0.12, 0.1, 0.14), "12 % (10–14 %) too much K05", "多"),
        (Cause("dispersion", "K05"), (-0.03, -0.05, 0.005), "K05 absorbing 3.0 % (−0.5–5.0 %) too little", "偏弱"),
        (Cause("film build"), (-0.15, -0.2, -0.1), "a film 15 % (10–20 %) too thin", "偏薄"),
        (Cause("foreign", "R22"), (0.003, 0.0025, 0.0036), "0.3 % (0.25–0.36 %) of R22", "混入"),
    ],
)
def test_a_cause_is_said_with_its_size_and_interval(cause, change, english, chinese):
    estimate = Estimate(*change)
    assert cause_words(cause, estimate, NAMES).startswith(english)
    assert chinese in cause_words(cause, estimate, NAMES, "zh")


def test_a_short_dose_is_said_with_what_it_explains_and_what_it_is_not_told_from(bench):
    one = bench.explained(PAINT, bench.scaled(PAINT, K05=0.9), np.random.default_rng(41))
    said = sentence(one)
    assert "short of" in said
    assert "K05" in said
    assert f"of ΔE {one.delta_E:.2f}; {one.delta_E_remaining:.2f} would remain" in said
    assert "amount, the tinting strength or the dispersion" in said
    chinese = sentence(one, "zh")
    assert "少" in chinese
    assert "用量、着色力还是分散" in chinese


def test_too_little_paste_or_too_much_white_are_both_said(bench):
    paint = {bench.white: 0.97, "B15": 0.03}
    said = sentence(bench.explained(paint, bench.scaled(paint, B15=0.92), np.random.default_rng(42)))
    assert "short of" in said
    assert "too much" in said
    assert "Cannot be told apart" in said


def test_nothing_is_said_to_be_nothing(bench):
    one = bench.explained(PAINT, PAINT, np.random.default_rng(43))
    assert sentence(one).startswith("Nothing to explain")
    assert sentence(one, "zh").startswith("无需解释")


def test_another_colorant_is_said_to_be_outside_the_recipe(bench):
    one = bench.explained(PAINT, bench.scaled({**PAINT, "G07": 0.01}), np.random.default_rng(44))
    assert sentence(one).startswith("Not explained by the recipe alone")
    assert "G07" in sentence(one)
    assert "配方" in sentence(one, "zh")


def test_a_colorant_taken_for_another_is_said_so(bench):
    wrong = {code: share for code, share in PAINT.items() if code != "B15"} | {"B60": PAINT["B15"]}
    one = bench.explained(PAINT, wrong, np.random.default_rng(46))
    assert one.finding == "another colorant"
    assert "It looks as if B60 had been taken for B15" in sentence(one)
    assert "误用 B60 代替了 B15" in sentence(one, "zh")


def test_a_pigment_nobody_knows_is_said_to_be_one(bench):
    few = tuple(one for one in bench.colorants.colorants if one.code in ("W01", "R54", "Y42", "O16"))
    known = type(bench)(bench.laboratory, replace(bench.colorants, colorants=few))
    paint = {"W01": 0.95, "R54": 0.04, "Y42": 0.01}
    one = known.explained(paint, bench.scaled({**paint, "B15": 0.01}), np.random.default_rng(47))
    assert one.finding == "not explained"
    assert sentence(one).startswith("Not explained by the recipe: another pigment or contamination?")
    assert "是否有其他颜料或污染" in sentence(one, "zh")
    assert "Nearest within it" not in sentence(one)


def test_a_language_nobody_wrote_is_refused(bench):
    one = bench.explained(PAINT, PAINT, np.random.default_rng(45))
    with pytest.raises(UnknownConditionError):
        sentence(one, "fr")
