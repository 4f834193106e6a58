"""Colour-difference formulas against published pairs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorlab.difference.standard import BLOCK, FORMULAS, delta_E
from spectra.errors import UnknownConditionError

lab = st.tuples(st.floats(1, 99), st.floats(-80, 80), st.floats(-80, 80))

# Sharma, Wu, Dalal, Color Res. Appl. 30 (2005) 21, Table 1, the pairs in which implementations go wrong.
SHARMA = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
    ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((90.8027, -2.0831, 1.441), (91.1528, -1.6435, 0.0447), 1.4441),
    ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
]
# colour-science and ColorAide agree on these to four decimals: DIN99 (ASTM D2244-07), CMC(2:1), CMC(1:1).
CROSS_CHECKED = [
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.1772, 1.4205, 1.4282),
    ((22.7233, 20.0904, -46.694), (23.0331, 14.973, -42.5619), 2.6214, 3.0604, 3.0870),
    ((90.9257, -0.5406, -0.9208), (88.6381, -0.8985, -0.7239), 1.6137, 0.9901, 1.7026),
]


@pytest.mark.parametrize(("standard", "sample", "published"), SHARMA)
def test_ciede2000_gives_the_published_pairs(standard, sample, published):
    assert delta_E(standard, sample) == pytest.approx(published, abs=5e-5)


def test_ciede2000_gives_all_published_pairs(shared_data):
    table = np.loadtxt(shared_data / "colour_difference" / "sharma_ciede2000_34pairs.txt")
    # Columns: pair, 1, L1 a1 b1, nine intermediate values, ΔE, 2, L2 a2 b2, …
    assert len(table) == 34
    assert delta_E(table[:, 2:5], table[:, 17:20]) == pytest.approx(table[:, 15], abs=1e-4)


@pytest.mark.parametrize(("standard", "sample", "din99", "cmc_2_1", "cmc_1_1"), CROSS_CHECKED)
def test_din99_and_cmc_agree_with_a_second_implementation(standard, sample, din99, cmc_2_1, cmc_1_1):
    found = [float(delta_E(standard, sample, name)) for name in ("DIN99", "CMC(2:1)", "CMC(1:1)")]
    assert found == pytest.approx([din99, cmc_2_1, cmc_1_1], abs=5e-5)


@pytest.mark.parametrize("name", FORMULAS)
@given(standard=lab, sample=lab)
@settings(max_examples=25, deadline=None)
def test_a_difference_is_never_negative_and_zero_to_itself(name, standard, sample):
    assert delta_E(standard, sample, name) >= 0
    assert delta_E(standard, standard, name) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("name", [name for name, row in FORMULAS.items() if row.symmetric])
@given(standard=lab, sample=lab)
@settings(max_examples=25, deadline=None)
def test_symmetric_formulas_do_not_care_which_is_the_standard(name, standard, sample):
    assert delta_E(standard, sample, name) == pytest.approx(delta_E(sample, standard, name), abs=1e-9)


@pytest.mark.parametrize("name", [name for name, row in FORMULAS.items() if not row.symmetric])
def test_asymmetric_formulas_are_told_apart(name):
    pair = (50.0, 10.0, 5.0), (55.0, 40.0, 30.0)
    assert delta_E(*pair, name) != pytest.approx(delta_E(*reversed(pair), name), abs=0.01)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_batch_of_samples_against_one_standard_broadcasts(name):
    samples = [[50, 10, 5], [52, 12, 1], [48, 9, 9]]
    expected = [float(delta_E([50, 10, 5], row, name)) for row in samples]
    assert delta_E([50, 10, 5], samples, name) == pytest.approx(expected)


@pytest.mark.parametrize("name", FORMULAS)
def test_every_formula_names_its_source(name):
    assert any(letter.isdigit() for letter in FORMULAS[name].source)


def test_an_unknown_formula_is_refused_by_name():
    with pytest.raises(UnknownConditionError, match="AUDI2000"):
        delta_E([50, 0, 0], [51, 0, 0], "AUDI2000")


def test_a_large_batch_goes_through_in_blocks_and_comes_out_the_same():
    standard, sample = np.random.default_rng(2).uniform(-60, 90, (2, 2, BLOCK, 3))
    assert delta_E(standard, sample).shape == (2, BLOCK)
    assert (delta_E(standard, sample)[1, ::999] == delta_E(standard[1, ::999], sample[1, ::999])).all()
