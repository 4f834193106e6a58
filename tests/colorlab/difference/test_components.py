"""What a difference is made of, and its words."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.components import (
    NEUTRAL_CHROMA,
    SPEAKING_LIMIT,
    WORDS,
    components,
    spoken_components,
    words,
    words_of_each,
)
from colorlab.difference.standard import delta_E
from spectra.wavelengths import WavelengthGrid

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


def test_a_large_batch_says_what_its_rows_say():
    standards = np.random.default_rng(8).uniform([5, -40, -40], [95, 40, 40], (3000, 3))
    samples = standards + np.random.default_rng(9).normal(size=(3000, 3))
    said = words_of_each(standards, samples)
    assert [said[row] for row in range(0, 3000, 97)] == [
        words(standards[row], samples[row]) for row in range(0, 3000, 97)
    ]


def test_no_pairs_say_nothing():
    assert words_of_each(np.empty((0, 3)), np.empty((0, 3))) == []


def test_of_a_colour_that_is_not_known_nothing_is_said():
    assert words_of_each([[50, 20, 20], [50, 20, 20]], [[np.nan] * 3, [55, 20, 20]]) == [(), ("lighter",)]


# --- depth ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("standard", "sample", "expected"),
    [
        ([60, 40, 20], [63, 37, 18.5], ("weaker",)),
        ([60, 40, 20], [57, 43, 21.5], ("stronger",)),
        ([60, 40, 20], [63, 43, 21.5], ("lighter", "more chromatic")),
        ([60, 40, 20], [57, 37, 18.5], ("darker", "less chromatic")),
        # One of the two changes by far less than on the way to white.
        ([60, 40, 20], [60.1, 36, 18], ("less chromatic",)),
        ([60, 40, 20], [63, 39.9, 19.95], ("lighter",)),
        # A light yellow on the way to white hardly changes its lightness.
        ([92, -4.1, 18.8], [91.6, -4.3, 19.6], ("stronger",)),
        # Much less chromatic and hardly lighter: across the line to white, not along it.
        ([60, 50, 0], [60.4, 35, 0], ("less chromatic", "lighter")),
        # A hue that turns as well is said in addition.
        ([60, 40, 20], [63, 36, 22], ("weaker", "yellower")),
        # Of a grey nobody speaks of strength.
        ([60, 3, 3], [63, 2.9, 2.9], ("lighter",)),
        # Beyond white, as near the specular direction, there is no line to it.
        ([105, 30, 0], [108, 28, 0], ("lighter", "less chromatic")),
    ],
)
def test_depth_is_said_in_one_word_where_lightness_and_chroma_change_along_it(standard, sample, expected):
    assert words(standard, sample) == expected


@given(lab, lab)
@settings(deadline=None)
def test_depth_is_never_said_beside_its_parts(standard, sample):
    said = set(words(standard, sample))
    if said & {"weaker", "stronger"}:
        assert len(said & {"weaker", "stronger"}) == 1
        assert not said & {"lighter", "darker", "more chromatic", "less chromatic"}


@given(lab, st.floats(0.02, 0.3))
@settings(deadline=None)
def test_a_colour_on_the_way_to_white_is_weaker_and_one_on_the_way_back_stronger(standard, share):
    standard = np.array(standard)
    paler = standard + share * (np.array([100.0, 0, 0]) - standard)
    _, sizes = spoken_components(standard[None], paler[None])
    assume(np.hypot(*paler[1:]) > NEUTRAL_CHROMA)
    assume(np.hypot(*sizes[:2, 0]) > SPEAKING_LIMIT)
    assert words(standard, paler) == ("weaker",)
    assert words(paler, standard) == ("stronger",)


@given(lab, lab)
@settings(deadline=None)
def test_the_size_of_depth_is_that_of_its_parts_together(standard, sample):
    """CIEDE2000 of lightness and chroma at once is the root of their squares, which ranks the word among the others."""
    standard, sample = np.array(standard), np.array(sample)
    assume(max(np.hypot(*standard[1:]), np.hypot(*sample[1:])) > NEUTRAL_CHROMA)
    hue = np.arctan2(standard[2], standard[1])
    chroma = np.hypot(*sample[1:])
    both = [sample[0], chroma * np.cos(hue), chroma * np.sin(hue)]
    _, sizes = spoken_components(standard[None], sample[None])
    assert np.hypot(*sizes[:2, 0]) == pytest.approx(float(delta_E(standard, both)), abs=1e-6)


@pytest.mark.parametrize("edge", [450, 500, 550, 600])
@pytest.mark.parametrize("rising", [True, False])
def test_a_letdown_with_a_tenth_more_colorant_is_stronger(edge, rising):
    nm = WavelengthGrid(400, 700, 10).wavelengths
    K_over_S = 0.3 * (0.05 + 1 / (1 + np.exp((edge - nm) / 20 * (1 if rising else -1))))
    film = [1 + Q - np.sqrt(Q * (Q + 2)) for Q in (K_over_S, 1.1 * K_over_S)]
    standard, more = spectra_to_lab(np.array(film), WavelengthGrid(400, 700, 10), D65_10)
    assert "stronger" in words(standard, more)
    assert "weaker" in words(more, standard)


def test_every_word_there_is_can_be_said():
    rng = np.random.default_rng(4)
    standards = rng.uniform([10, -50, -50], [90, 50, 50], (4000, 3))
    said = words_of_each(standards, standards + rng.normal(scale=2, size=(4000, 3)))
    assert {word for row in said for word in row} == set(WORDS)
