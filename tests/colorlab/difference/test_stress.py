"""STRESS against the values published for real visual data, and its laws."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorlab.colorimetry.spaces import xyz_to_lab
from colorlab.difference.standard import FORMULAS, delta_E
from colorlab.difference.stress import compare_stress, stress
from spectra.errors import MeasurementError

# CIEDE2000, CIE76 and CMC(1:1) on the pairs of Kim and Nobbs (1997) and of Witt, as another implementation gives them.
PUBLISHED = {
    "leeds": {"CIEDE2000": 19.25, "CIE76": 40.09, "CMC(1:1)": 24.90},
    "witt": {"CIEDE2000": 30.22, "CIE76": 51.71, "CMC(1:1)": 35.04},
}
sizes = st.lists(st.floats(0.1, 10), min_size=3, max_size=12)


def visual(shared_data, name):
    data = json.loads((shared_data / "colour_difference" / f"{name}.json").read_text())
    white = np.array(data["reference_white"])
    lab = xyz_to_lab(np.array(data["xyz"]), white)
    first, second = np.array(data["pairs"]).T
    return lab[first], lab[second], np.array(data["dv"]), white


@pytest.mark.parametrize("name", PUBLISHED)
def test_visual_data_give_the_known_values(shared_data, name):
    standard, sample, delta_V, _ = visual(shared_data, name)
    found = {row: stress(delta_E(standard, sample, row), delta_V) for row in PUBLISHED[name]}
    assert found == pytest.approx(PUBLISHED[name], abs=0.02)


@pytest.mark.parametrize("row", FORMULAS)
def test_every_formula_follows_real_visual_differences_better_than_chance(shared_data, row):
    standard, sample, delta_V, white = visual(shared_data, "leeds")
    computed = delta_E(standard, sample, row, white)
    assert stress(computed, delta_V) < stress(np.random.default_rng(0).permutation(computed), delta_V)


def test_on_witts_pairs_ciede2000_is_better_than_cmc_beyond_chance(shared_data):
    standard, sample, delta_V, _ = visual(shared_data, "witt")
    one, other = (delta_E(standard, sample, row) for row in ("CIEDE2000", "CMC(1:1)"))
    found = compare_stress(one, other, delta_V)
    assert found.significant
    assert found.differs_on_these_pairs
    assert found.ratio == pytest.approx((30.22 / 35.04) ** 2, abs=0.002)
    assert found.ratio_interval[1] < 1
    assert found.difference_interval[0] < found.first - found.second < found.difference_interval[1] < 0


def test_on_witts_pairs_cie94_and_ciede2000_are_not_told_apart_by_the_f_test(shared_data):
    standard, sample, delta_V, _ = visual(shared_data, "witt")
    found = compare_stress(*(delta_E(standard, sample, row) for row in ("CIEDE2000", "CIE94")), delta_V)
    assert not found.significant
    assert found.ratio_interval[0] < 1 < found.ratio_interval[1]


@given(sizes, st.floats(0.01, 100))
def test_a_formula_in_other_units_follows_the_eye_as_well(values, factor):
    computed = np.arange(1.0, len(values) + 1)
    assert stress(factor * computed, values) == pytest.approx(stress(computed, values), abs=1e-4)


@given(sizes)
def test_proportional_differences_have_no_stress_and_exchange_changes_nothing(values):
    computed = np.arange(1.0, len(values) + 1)
    assert stress(values, 3 * np.array(values)) == pytest.approx(0, abs=1e-5)
    assert 0 <= stress(computed, values) <= 100
    assert stress(computed, values) == pytest.approx(stress(values, computed), abs=1e-9)


@given(sizes)
@settings(max_examples=30)
def test_it_is_the_residual_about_the_factor_of_the_paper(values):
    V, E = np.array(values), np.arange(1.0, len(values) + 1)
    F = (E @ E) / (E @ V)
    written_out = 100 * np.sqrt(((E - F * V) ** 2).sum() / (F**2 * (V @ V)))
    assert stress(E, V) == pytest.approx(written_out, abs=1e-6)


def test_the_f_test_finds_a_difference_between_equals_no_more_often_than_it_says():
    rng = np.random.default_rng(1)
    found = []
    for _ in range(200):
        delta_V = rng.uniform(1, 4, 60)
        one, other = (np.abs(delta_V + rng.normal(0, 0.5, 60)) for _ in range(2))
        found.append(compare_stress(one, other, delta_V).significant)
    assert np.mean(found) == pytest.approx(0.05, abs=0.04)


def test_the_order_of_the_two_only_turns_the_sign():
    rng = np.random.default_rng(2)
    delta_V = rng.uniform(1, 4, 40)
    one, other = np.abs(delta_V + rng.normal(0, 0.3, 40)), np.abs(delta_V + rng.normal(0, 0.9, 40))
    forth, back = compare_stress(one, other, delta_V), compare_stress(other, one, delta_V)
    assert forth.p_value == pytest.approx(back.p_value)
    assert forth.ratio_interval == pytest.approx(tuple(1 / side for side in reversed(back.ratio_interval)))
    assert forth.difference_interval == pytest.approx(tuple(-side for side in reversed(back.difference_interval)))


@pytest.mark.parametrize(
    ("computed", "seen", "said"),
    [
        ([1.0], [1.0], "not two columns"),
        ([1.0, 2.0], [1.0, 2.0, 3.0], "not two columns"),
        ([1.0, -2.0], [1.0, 2.0], "computed difference is negative"),
        ([1.0, 2.0], [1.0, np.nan], "visual difference is negative or no finite"),
        ([0.0, 0.0], [1.0, 2.0], "all computed differences are 0"),
    ],
)
def test_what_is_no_pair_of_columns_is_refused(computed, seen, said):
    with pytest.raises(MeasurementError, match=said):
        stress(computed, seen)


def test_a_formula_without_residual_is_not_tested():
    with pytest.raises(MeasurementError, match="without any residual"):
        compare_stress([1.0, 2.0, 4.0], [1.0, 2.0, 3.0], [2.0, 4.0, 8.0])


def test_a_confidence_that_is_none_is_refused():
    with pytest.raises(MeasurementError, match="confidence"):
        compare_stress([1.0, 2.0], [2.0, 1.0], [1.0, 3.0], confidence=1.0)
