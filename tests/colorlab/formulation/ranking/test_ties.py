"""Ties: what a reading and the model cannot tell apart is equal, and what they can is not."""

from dataclasses import replace

import numpy as np
import pytest

from colorlab.formulation.prediction.predict import mass_fractions, predict
from colorlab.formulation.ranking.ties import tied, ties
from colorlab.formulation.search.objective import Objective, deviation
from colorlab.formulation.target import Target
from spectra.arrays import frozen
from spectra.errors import FormulationError
from spectra.model_error import ModelError
from spectra.recipe import recipe_from_masses


@pytest.fixture(scope="module")
def paints(drawn):
    found = drawn(4, seed=6)
    covariance = np.broadcast_to(0.02**2 * np.eye(2), (1, found.grid.count, 2, 2))
    colorants = tuple(replace(one, log_covariance=frozen(covariance)) for one in found.colorants)
    return replace(found, colorants=colorants, model_error=ModelError(0.15, 0.5, 60.0, 20))


def mix(amount, name="mix", **masses):
    return recipe_from_masses(name, {"W": 90, "C1": 4, "C2": amount} | masses)


@pytest.fixture(scope="module")
def target(paints):
    return Target("target", predict(paints, mix(2.0)).reflectance_factor, paints.grid, paints.geometry)


RECIPES = [mix(2.001), mix(2.0), mix(2.002), mix(2.6), mix(2.601)]


def test_a_thousandth_of_a_dose_is_a_tie_and_a_third_of_it_is_not(paints, target):
    found = ties(target, paints, RECIPES, Objective(), prediction=False)
    assert [set(group) for group in found.groups] == [{0, 1, 2}, {3, 4}]
    assert found.p_as_good[1] == 1.0
    assert found.p_as_good[3] < 0.05


def test_a_better_known_target_parts_what_a_single_reading_does_not(paints, target):
    close = [mix(2.0), mix(2.03)]
    assert len(ties(target, paints, close, Objective(), prediction=False).groups) == 1
    sure = replace(target, covariance=np.broadcast_to(1e-10 * np.eye(paints.grid.count), (1, 31, 31)))
    assert len(ties(sure, paints, close, Objective(), prediction=False).groups) == 2


def test_errors_of_the_model_tie_recipes_of_other_colorants_but_not_those_that_share_them(paints, target):
    # C3 takes the paint as far off as more C2 would, but its own ladder may be wrong by itself.
    recipes = [mix(2.0), mix(2.15), mix(2.0, C3=0.1)]
    off = deviation(target, paints.reflectance_factor(mass_fractions(paints, recipes)), Objective()).value
    assert off[1] > 0.1
    assert off[2] > 0.1
    alone = ties(target, paints, recipes, Objective(), prediction=False, draws=1000)
    known = ties(target, paints, recipes, Objective(), prediction=True, draws=1000)
    assert (known.p_as_good[1:] >= alone.p_as_good[1:]).all()
    assert known.p_as_good[2] > alone.p_as_good[2]


def test_within_a_tie_the_rule_orders_and_says_so(paints, target):
    found = ties(
        target,
        paints,
        [mix(2.0), mix(2.001), mix(2.0005), mix(2.002)],
        Objective(),
        prediction=False,
        p_inside=[0.80, 0.951, 0.949, np.nan],
        prices=[3.0, 9.0, 5.0, 1.0],
    )
    assert found.groups == ((2, 1, 0, 3),)
    assert found.order == (2, 1, 0, 3)
    assert "P(inside)" in found.rule


def test_fewer_colorants_win_a_tie_of_robustness_and_price():
    drawn = np.tile([0.1, 0.1, 0.1], (50, 1))
    found = tied([0.1, 0.1001, 0.1002], drawn, 0.05, p_inside=[0.9] * 3, prices=[2.0, 2.001, 2.0], sizes=[5, 4, 3])
    assert found.groups == ((2, 1, 0),)


def test_strengths_of_lots_count_where_they_are_not_known(paints, target):
    recipes = [mix(2.0), mix(2.0, C4=0.3)]
    sure, unsure = (
        ties(target, paints, recipes, Objective(), prediction=False, strength=one, draws=800).p_as_good[1]
        for one in (None, 0.1**2 * np.eye(5))
    )
    assert unsure > sure


def test_a_seed_gives_the_same_ties_again_and_a_wild_risk_is_refused(paints, target):
    first, second = (ties(target, paints, RECIPES, Objective(), seed=3) for _ in range(2))
    assert (first.p_as_good == second.p_as_good).all()
    assert first.groups == second.groups
    with pytest.raises(FormulationError, match=r"between 0 and 0\.5"):
        ties(target, paints, RECIPES, Objective(), risk=0.7)


def test_of_equals_the_one_of_fewer_colorants_comes_first_and_then_the_cheaper():
    drawn = np.full((100, 3), 0.1)
    found = tied([0.100, 0.101, 0.102], drawn, 0.05, prices=[8.0, 9.0, 8.5], sizes=[4, 3, 3])
    assert found.order == (2, 1, 0)
