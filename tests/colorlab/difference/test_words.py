"""The words of a difference in Chinese."""

import re

import numpy as np
import pytest

from colorlab.difference.components import WORDS, words_of_each
from colorlab.difference.travel import PLACES, travel_words
from colorlab.difference.words import CHINESE, in_chinese
from spectra.errors import UnknownConditionError


def test_every_word_of_a_colour_has_its_chinese():
    assert set(WORDS) < set(CHINESE)


def test_nothing_is_translated_that_nobody_says():
    of_a_side = {f"{place} {word}" for place in PLACES for word in WORDS if word not in ("stronger", "weaker")}
    assert set(CHINESE) == set(WORDS) | of_a_side


def test_whatever_is_said_of_thousands_of_pairs_has_its_chinese():
    rng = np.random.default_rng(6)
    standards = rng.uniform([5, -60, -60], [110, 60, 60], (3000, 3, 3))
    samples = standards + rng.normal(scale=2, size=standards.shape)
    said = {word for row in words_of_each(standards[:, 0], samples[:, 0]) for word in row}
    for pair in zip(standards[:1000], samples[:1000], strict=True):
        said.update(travel_words(*pair, ("45as15", "45as45", "45as110")))
    assert said == set(CHINESE)
    assert all(in_chinese(word) for word in said)


def test_no_two_words_are_one_in_chinese():
    assert len(set(CHINESE.values())) == len(CHINESE)


def test_the_words_are_chinese_and_nothing_else():
    assert all(re.fullmatch("[一-鿿]{2,7}", said) for said in CHINESE.values())


@pytest.mark.parametrize(
    ("word", "said"),
    [("redder", "偏红"), ("weaker", "着色力偏弱"), ("less chromatic", "偏灰"), ("flops darker", "侧视偏暗")],
)
def test_the_words_are_those_of_the_trade(word, said):
    assert in_chinese(word) == said


def test_a_word_nobody_says_is_refused():
    with pytest.raises(UnknownConditionError, match="'pinker' is not known"):
        in_chinese("pinker")
