"""What a difference is made of, and its words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.difference.components import components, words, words_of_each

lab = st.tuples(st.floats(1, 99), st.floats(-80, 80), st.floats(-80, 80))


@given(lab, lab)
def test_the_components_add_up_to_the_euclidean_difference(standard, sample):
    parts = components(standard, sample)
    euclidean = np.sum((np.array(sample) - np.array(standard)) ** 2)
    assert parts.delta_L**2 + parts.delta_C**2 + parts.delta_H**2 == pytest.approx(euclidean, abs=1e-6)


@given(lab, lab)
def test_exchanging_standard_and_sample_turns_every_sign(first, second):
    forth, back = components(first, second), components(second, first)
    for name in ("delta_L", "delta_a", "delta_b", "delta_C"):
        assert getattr(forth, name) == pytest.approx(-getattr(back, name))
    assert abs(forth.delta_H) == pytest.approx(abs(back.delta_H))


def test_a_red_that_turns_towards_yellow_has_a_positive_hue_difference():
    assert components([50, 40, 10], [50, 40, 14]).delta_H > 0


@pytest.mark.parametrize(
    ("standard", "sample", "expected"),
    [
        ([50, 0, 0], [52, 0, 0], ("lighter",)),
        ([50, 0, 0], [50, 0, 0], ()),
        ([60, 1, 1], [60, 1, -1], ("bluer",)),
        ([60, 1, 1], [60, -1, 1], ("greener",)),
        ([40, 60, 30], [40, 54, 27], ("less chromatic",)),
        ([40, 60, 10], [40, 60, 20], ("yellower", "more chromatic")),
        ([40, 60, 20], [40, 62, 8], ("bluer",)),
        ([80, 5, 80], [80, -5, 80], ("greener",)),
        ([40, 10, -50], [40, 20, -47], ("redder",)),
        ([60, -50, 10], [60, -50, 0], ("bluer", "less chromatic")),
    ],
)
def test_differences_are_said_in_the_words_of_the_trade(standard, sample, expected):
    assert words(standard, sample) == expected


def test_the_largest_component_is_said_first():
    assert words([40, 60, 30], [37, 57, 28.5])[0] == "darker"


@given(st.lists(st.tuples(lab, lab), min_size=1, max_size=6))
def test_a_batch_says_what_its_rows_say(pairs):
    standards, samples = zip(*pairs, strict=True)
    assert words_of_each(standards, samples) == [words(*pair) for pair in pairs]
