"""Screening: the linearised problem of every combination is solved exactly, within its bounds."""

from itertools import combinations
from math import comb

import numpy as np
import pytest
from scipy.optimize import minimize

from colorlab.formulation.prediction.predict import predict
from colorlab.formulation.search.constraints import Constraints
from colorlab.formulation.search.objective import LocalObjective, Objective
from colorlab.formulation.search.palette import palette
from colorlab.formulation.search.refine import refine
from colorlab.formulation.search.screen import (
    count_combinations,
    linearise_at_recipe,
    linearise_at_target,
    screen,
)
from colorlab.formulation.target import Target
from spectra.recipe import recipe_from_masses

# What the ridge that keeps the systems regular costs where the target is met exactly: squared ΔE00, a hundredth of one.
RIDGE = 1e-4


@pytest.fixture(scope="module")
def problem(drawn):
    paints = drawn(6, seed=3)
    recipe = recipe_from_masses("mix", {"W": 70, "C2": 5, "C5": 20})
    target = Target("mix", predict(paints, recipe).reflectance_factor, paints.grid, paints.geometry)
    return paints, recipe, target, LocalObjective(target, Objective())


def colours_of(paints, required=("W",), dose_limits=None, least_dose=1e-4):
    return palette(paints, Constraints(required=required, least_dose=least_dose, dose_limits=dose_limits or {}))


def best_in_the_linear_problem(form, support, low, high):
    G, s = form.G[np.ix_(support, support)], form.s[support]
    results = [
        minimize(
            lambda c: float(c @ G @ c / (s @ c) ** 2),
            start,
            bounds=list(zip(low, high, strict=True)),
            constraints={"type": "eq", "fun": lambda c: c.sum() - 1},
            method="SLSQP",
            options={"ftol": 1e-14, "maxiter": 500},
        )
        for start in (np.full(len(support), 1 / len(support)), np.r_[0.9, np.full(len(support) - 1, 0.1)])
    ]
    return min(float(result.fun) for result in results)


def test_both_linearisations_vanish_at_a_recipe_that_is_the_target(problem):
    paints, recipe, _, local = problem
    colours = colours_of(paints)
    c = np.array([recipe.masses(1.0).get(code, 0.0) for code in colours.codes])
    for form in (linearise_at_target(colours, local), linearise_at_recipe(colours, local, c)):
        assert c @ form.G @ c / (form.s @ c) ** 2 < 1e-9


@pytest.mark.parametrize("limits", [{}, {"C5": (0.0, 0.1)}, {"W": (0.85, 1.0), "C2": (0.08, 1.0)}])
def test_every_kept_combination_has_its_best_amounts(problem, limits):
    paints, _, _, local = problem
    colours = colours_of(paints, dose_limits=limits)
    form = linearise_at_target(colours, local)
    found = screen(colours, form, 3)
    checked = 0
    for part in found:
        if part.support.shape[1] < 2:
            continue
        for support, fractions, value in zip(part.support, part.fractions, part.value, strict=True):
            low, high = colours.least[support], colours.greatest[support]
            assert ((fractions >= low - 1e-9) & (fractions <= high + 1e-9)).all()
            assert fractions.sum() == pytest.approx(1)
            reference = best_in_the_linear_problem(form, support, low, high)
            # Amounts put at a bound are not let go again, so a bounded value may lie above the best.
            assert value <= 1.1 * reference + RIDGE
            miss = fractions @ form.G[np.ix_(support, support)] @ fractions
            assert value == pytest.approx(miss / (form.s[support] @ fractions) ** 2, rel=1e-3, abs=RIDGE)
            checked += 1
    assert checked > 5


def test_no_combination_left_out_beats_those_kept(problem):
    paints, _, _, local = problem
    colours = colours_of(paints, least_dose=1e-6)
    form = linearise_at_target(colours, local)
    found = {tuple(s): v for part in screen(colours, form, 3) for s, v in zip(part.support, part.value, strict=True)}
    for size in (1, 2, 3):
        for chosen in combinations(range(1, 7), size):
            support = (0, *chosen)
            if support in found:
                continue
            value = best_in_the_linear_problem(form, list(support), np.full(size + 1, 0.0), np.ones(size + 1))
            smaller = [v for s, v in found.items() if set(s) < set(support)]
            assert min(smaller) <= value * (1 + 1e-4) + RIDGE


def test_combinations_are_counted_by_size(drawn):
    colours = colours_of(drawn(30, seed=1), required=())
    assert colours.n_optional == 31
    assert count_combinations(colours, 4) == sum(comb(31, size) for size in range(1, 5))


def test_refinement_never_makes_a_recipe_worse_and_keeps_the_bounds(problem):
    paints, _, _, local = problem
    colours = colours_of(paints, dose_limits={"C5": (0.0, 0.15), "C2": (0.06, 1.0)})
    for part in screen(colours, linearise_at_target(colours, local), 3):
        before, after = refine(colours, local, [part], 0)[0], refine(colours, local, [part], 8)[0]
        assert (after.value <= before.value + 1e-12).all()
        assert after.fractions.sum(axis=1) == pytest.approx(1)
        assert (after.fractions >= colours.least[part.support] - 1e-9).all()
        assert (after.fractions <= colours.greatest[part.support] + 1e-9).all()
