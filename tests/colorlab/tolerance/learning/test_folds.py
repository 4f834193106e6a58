"""The formula stays unless the ellipsoid decides pairs it has not seen better, beyond chance."""

from dataclasses import replace

import numpy as np
import pytest

from colorlab.tolerance.learning.folds import (
    STRENGTHS,
    against_formula,
    choose_strength,
    grouped_folds,
    limit_at_same_rejections,
)
from colorlab.tolerance.learning.psychometric import fit_psychometric
from spectra.errors import ToleranceError


def test_a_pair_is_never_on_both_sides(simulated):
    judgements = simulated(0, repeats=2)
    folds = grouped_folds(judgements.pairs, 5, seed=1)
    left_out = np.concatenate([test for _, test in folds])
    assert sorted(left_out) == list(range(len(judgements.pairs)))
    for learn, test in folds:
        assert not set(judgements.pairs[learn]) & set(judgements.pairs[test])


def test_another_shape_than_the_formulas_is_found_to_be_better(simulated, truth, by_formula):
    judgements = simulated(1)
    found = against_formula(judgements, by_formula(judgements), truth[2])
    assert found.better
    assert found.log_loss_interval[1] < 0
    assert found.ellipsoid_wrong < found.formula_wrong
    assert found.pairs_needed is None


def test_observers_who_see_as_the_formula_does_keep_it(simulated, truth, by_formula):
    better = []
    for seed in range(5):
        judgements = simulated(seed, matrix=truth[2] / 0.8**2, spread=(0.6, 1.6, 0.9))
        better.append(against_formula(judgements, by_formula(judgements), truth[2]).better)
    assert sum(better) <= 1


def test_shuffled_labels_give_no_improvement(simulated, truth, by_formula):
    better = []
    for seed in range(5):
        judgements = simulated(seed)
        shuffled = np.random.default_rng(seed).permutation(judgements.accepted)
        found = against_formula(replace(judgements, accepted=shuffled), by_formula(judgements), truth[2])
        better.append(found.better)
    assert sum(better) <= 1


def test_the_formula_rejects_as_many(simulated, truth, by_formula):
    judgements = simulated(2)
    fit, delta_E = fit_psychometric(judgements, truth[2], 1.0), by_formula(judgements)
    limit = limit_at_same_rejections(fit, judgements, delta_E)
    beyond = np.einsum("ij,jk,ik->i", judgements.differences, fit.matrix, judgements.differences) > 1
    assert np.mean(delta_E > limit) == pytest.approx(np.mean(beyond), abs=0.001)


def test_belief_is_strong_where_the_formula_is_right_and_weak_where_it_is_not(simulated, truth):
    own = simulated(3, n_pairs=150)
    as_formula = simulated(3, n_pairs=150, matrix=truth[2] / 0.8**2, spread=(0.6, 1.6, 0.9))
    assert choose_strength(own, truth[2]) < choose_strength(as_formula, truth[2])
    assert choose_strength(own, truth[2]) in STRENGTHS


def test_a_gain_that_is_not_shown_yet_tells_how_many_pairs_would_show_it(simulated, truth, by_formula):
    found = [
        (n, against_formula(judgements, by_formula(judgements), truth[2]))
        for n, judgements in ((n, simulated(seed, n_pairs=n, n_observers=2)) for n in (14, 20) for seed in range(2))
    ]
    unsure = [(n, one) for n, one in found if not one.better and one.ellipsoid_log_loss < one.formula_log_loss]
    assert unsure
    assert all(one.pairs_needed > n * 0.5 for n, one in unsure)


def test_too_few_pairs_are_not_left_out(simulated, truth, by_formula):
    judgements = simulated(5, n_pairs=9)
    with pytest.raises(ToleranceError, match="9 pairs are too few"):
        against_formula(judgements, by_formula(judgements), truth[2])


def test_the_answer_does_not_change_with_the_run(simulated, truth, by_formula):
    judgements = simulated(6, n_pairs=30)
    one, other = (against_formula(judgements, by_formula(judgements), truth[2], seed=4) for _ in range(2))
    assert one == other
