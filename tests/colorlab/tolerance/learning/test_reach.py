"""Intervals hold what they say, and a direction nobody judged is said to be untold."""

import numpy as np
import pytest

from colorlab.tolerance.learning.folds import choose_strength
from colorlab.tolerance.learning.psychometric import fit_psychometric
from colorlab.tolerance.learning.reach import principal_directions, reach, widening_by_pairs


def directions_of(truth):
    return np.vstack([np.eye(3), principal_directions(truth[1])])


def true_reach(truth, directions):
    return 1 / np.sqrt(np.einsum("ij,jk,ik->i", directions, truth[1], directions))


@pytest.mark.parametrize("kind", [{}, {"n_pairs": 30}, {"n_observers": 2, "repeats": 3, "lapse": 0.05}])
def test_the_true_reach_lies_in_its_interval_as_often_as_stated(simulated, truth, kind):
    directions = directions_of(truth)
    true = true_reach(truth, directions)
    held = []
    for seed in range(25):
        judgements = simulated(seed, **kind)
        fit = fit_psychometric(judgements, truth[2], choose_strength(judgements, truth[2], n_folds=3))
        found = [reach(fit, e) for e in directions]
        held.append([one.interval[0] <= t <= one.interval[1] for one, t in zip(found, true, strict=True)])
    # 95 % of 150, which hang together within a simulation.
    assert np.mean(held) > 0.90


def test_resampled_pairs_agree_with_laplace_where_the_model_holds(simulated, truth):
    judgements = simulated(1, n_pairs=150, ties=0.0)
    fit = fit_psychometric(judgements, truth[2], 1.0)
    wider = widening_by_pairs(judgements, fit, truth[2], 1.0, directions_of(truth), n_resamples=100)
    assert (wider >= 1).all()
    assert wider.mean() < 1.3


def test_judgements_that_hang_together_by_pair_widen_the_interval(simulated, truth):
    judgements = simulated(1, n_observers=1, n_pairs=40, ties=0.0)
    copies = judgements.rows(np.tile(np.arange(40), 6))
    fit = fit_psychometric(copies, truth[2], 1.0)
    wider = widening_by_pairs(copies, fit, truth[2], 1.0, directions_of(truth), n_resamples=100)
    assert wider.mean() > 1.6, "six observers of one mind are one observer: √6 is 2.4"


def test_a_direction_nobody_judged_is_untold(simulated, truth):
    fit = fit_psychometric(simulated(2, spread=(0.82, 1.2, 0.0)), truth[2], 16.0)
    told = [reach(fit, e) for e in np.eye(3)]
    assert [one.identified for one in told] == [True, True, False]
    assert told[2].interval[1] > 20 * told[2].length
    # The length is the formula's shape in the learned size.
    expected = told[0].length * np.sqrt(truth[2][0, 0] / truth[2][2, 2])
    assert told[2].length == pytest.approx(expected, rel=0.6)


def test_directions_that_only_changed_together_are_untold_apart(simulated, truth):
    judgements = simulated(3)
    together = judgements.differences.copy()
    together[:, 0] = together[:, 1]
    from dataclasses import replace

    fit = fit_psychometric(replace(judgements, differences=together), truth[2], 16.0)
    assert not reach(fit, [1, -1, 0]).identified
    assert reach(fit, [1, 1, 0]).identified


def test_a_length_of_the_direction_does_not_matter(simulated, truth):
    fit = fit_psychometric(simulated(4), truth[2], 1.0)
    assert reach(fit, [0, 0, 2.5]) == reach(fit, [0, 0, 1.0])
    assert reach(fit, [0, 0, 1.0]).length == pytest.approx(fit.matrix[2, 2] ** -0.5)


def test_semi_axes_come_longest_first_and_at_right_angles(truth):
    axes = principal_directions(truth[1])
    assert axes @ axes.T == pytest.approx(np.eye(3), abs=1e-12)
    assert (np.diff(true_reach(truth, axes)) < 0).all()
    assert (axes[range(3), np.abs(axes).argmax(axis=1)] > 0).all()
