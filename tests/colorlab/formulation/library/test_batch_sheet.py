"""Batch sheets: masses that sum, rounding that shows least, tolerances that hold."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.standard import delta_E
from colorlab.formulation.library.batch_sheet import batch_sheet
from colorlab.formulation.prediction.predict import mass_fractions, predict
from colorlab.formulation.robustness.variation import Dosing
from spectra.errors import FormulationError, UnknownColorantError
from spectra.recipe import recipe_from_masses

MIX = recipe_from_masses("mix", {"C1": 4.13, "W": 90, "C2": 0.207, "C4": 5.7})


@pytest.fixture(scope="module")
def paints(drawn):
    return drawn(4, seed=6)


def off(paints, masses):
    whole = mass_fractions(paints, [recipe_from_masses("weighed", masses)])
    own = predict(paints, MIX).lab(D65_10)[0]
    return float(delta_E(own, spectra_to_lab(paints.reflectance_factor(whole)[0], paints.grid, D65_10)[0]))


def masses_of(sheet):
    return {line.code: line.mass_g for line in sheet.lines}


@given(
    st.lists(st.floats(0.05, 10), min_size=5, max_size=5),
    st.sampled_from([0.01, 0.02, 0.05, 0.1]),
    st.floats(500, 5000),
)
def test_masses_are_whole_steps_next_to_the_exact_ones_and_sum_to_the_batch(drawn, doses, step, batch):
    paints = drawn(4, seed=6)
    recipe = recipe_from_masses("mix", dict(zip(paints.codes, doses, strict=True)))
    sheet = batch_sheet(paints, recipe, Dosing(batch, step))
    assert sheet.batch_g == pytest.approx(round(batch / step) * step, abs=1e-6)
    assert sheet.lines[-1].running_total_g == pytest.approx(sheet.batch_g)
    for line in sheet.lines:
        assert line.mass_g / step == pytest.approx(round(line.mass_g / step), abs=1e-6)
        assert abs(line.mass_g - line.exact_g) < step * (1 + 1e-6)


def test_of_all_ways_to_round_the_one_that_shows_least_is_taken(paints):
    sheet = batch_sheet(paints, MIX, Dosing(50, 0.1))
    exact = MIX.masses(50)
    each = [sorted({np.floor(10 * exact[code]) / 10, np.ceil(10 * exact[code]) / 10}) for code in MIX.colorants]
    ways = [dict(zip(MIX.colorants, way, strict=True)) for way in np.array(np.meshgrid(*each)).T.reshape(-1, 4)]
    best = min(off(paints, way) for way in ways if abs(sum(way.values()) - 50) < 1e-6)
    assert sheet.rounding_delta_E_00 == pytest.approx(best, abs=1e-9)
    assert off(paints, masses_of(sheet)) == pytest.approx(best, abs=1e-9)


def test_the_base_is_weighed_first_and_then_the_largest(paints):
    sheet = batch_sheet(paints, MIX, Dosing(1000, 0.01))
    assert [line.code for line in sheet.lines] == ["W", "C4", "C1", "C2"]
    assert sheet.lines[0].name == "white base"
    assert sheet.lines[1].running_total_g == pytest.approx(sheet.lines[0].mass_g + sheet.lines[1].mass_g)


def test_each_mass_may_miss_what_keeps_the_colour(paints):
    sheet = batch_sheet(paints, MIX, Dosing(1000, 0.0), within=0.2)
    exact = MIX.masses(1000)
    for line in sheet.lines:
        assert off(paints, exact | {line.code: exact[line.code] + line.more_g}) == pytest.approx(0.2, abs=1e-5)
        assert off(paints, exact | {line.code: exact[line.code] - line.less_g}) == pytest.approx(0.2, abs=1e-5)


def test_a_dose_the_balance_cannot_weigh_becomes_a_letdown(paints):
    recipe = recipe_from_masses("tinted", {"W": 99.98, "C1": 0.004, "C2": 0.016})
    sheet = batch_sheet(paints, recipe, Dosing(100, 0.01))
    (first,) = (one for one in sheet.premixes if one.code == "C1")
    assert (first.into, first.share) == ("W", 0.01)
    assert first.mass_g == pytest.approx(0.4)
    assert first.less_of_main_g == pytest.approx(0.4)
    assert "0.004 g is less than the balance's step of 0.01 g; take 0.4 g of a 1 % letdown of C1 in W" in str(first)


def test_a_letdown_of_a_tenth_is_taken_where_it_is_enough(paints):
    recipe = recipe_from_masses("tinted", {"W": 99.9, "C1": 0.02})
    sheet = batch_sheet(paints, recipe, Dosing(100, 0.01), within=0.05)
    assert [(one.code, one.share) for one in sheet.premixes] == [("C1", 0.1)]
    assert "more than the" in str(sheet.premixes[0])
    assert batch_sheet(paints, recipe, Dosing(100_000, 0.01), within=0.05).premixes == ()


def test_a_dose_that_no_letdown_makes_weighable_is_refused_with_the_batch_that_would(paints):
    recipe = recipe_from_masses("tiny", {"W": 1, "C1": 0.005})
    with pytest.raises(FormulationError, match=r"no room for a letdown; weigh a batch of 20.1 g or more"):
        batch_sheet(paints, recipe, Dosing(0.05, 0.01))


def test_a_leftover_is_weighed_as_one(paints):
    recipe = recipe_from_masses("with leftover", {"W": 80, "old blue": 20})
    sheet = batch_sheet(paints, recipe, Dosing(1000, 0.1), weighed={"old blue": {"W": 0.9, "C1": 0.1}})
    assert masses_of(sheet) == pytest.approx({"W": 800.0, "old blue": 200.0})
    with pytest.raises(UnknownColorantError, match="old blue"):
        batch_sheet(paints, recipe, Dosing(1000, 0.1))


@pytest.mark.parametrize(("step", "decimals"), [(1.0, 0), (0.1, 1), (0.05, 2), (0.001, 3), (0.0, 3)])
def test_the_sheet_shows_the_digits_of_the_balance(paints, step, decimals):
    assert batch_sheet(paints, MIX, Dosing(1000, step)).decimals == decimals


def test_one_colorant_alone_can_be_weighed_as_one_likes(paints):
    (line,) = batch_sheet(paints, recipe_from_masses("white", {"W": 1}), Dosing(10, 0.1)).lines
    assert (line.mass_g, line.less_g, line.more_g) == (10, np.inf, np.inf)


def test_nonsense_is_refused(paints):
    with pytest.raises(FormulationError, match="less than one step of the balance"):
        batch_sheet(paints, MIX, Dosing(0.01, 0.1))
    with pytest.raises(FormulationError, match="expected a number above 0"):
        batch_sheet(paints, MIX, Dosing(), within=0.0)


def test_the_batch_advised_can_be_weighed(paints):
    """Of two doses that are too small the smaller one says how large a batch must be."""
    whole = recipe_from_masses("small", {"W": 1e5 - 20.1, "C1": 20, "C2": 0.1})
    with pytest.raises(FormulationError, match="no room for a letdown; weigh a batch of") as told:
        batch_sheet(paints, whole, Dosing(10.0, 0.1))
    least = float(re.search(r"batch of (\S+) g", str(told.value))[1])
    assert batch_sheet(paints, whole, Dosing(1.001 * least, 0.1)).lines


def test_less_of_the_main_part_is_a_mass_the_balance_shows(paints):
    sheet = batch_sheet(paints, recipe_from_masses("fine", {"W": 998.8, "C1": 1.2}), Dosing(100.0, 0.05), within=0.01)
    (premix,) = sheet.premixes
    assert premix.less_of_main_g / 0.05 == pytest.approx(round(premix.less_of_main_g / 0.05))
