"""The most likely ellipsoid: its slopes, its optimum, and what it makes of lapses, ties, repeats and observers."""

import numpy as np
import pytest
from scipy.optimize import minimize

from colorlab.tolerance.learning.psychometric import (
    Judgements,
    fit_psychometric,
    log_loss,
    probability_and_slopes,
    scaled_root,
)
from spectra.errors import ToleranceError


def test_slopes_are_the_derivatives(simulated, truth):
    judgements = simulated(0)
    root = scaled_root(judgements, truth[2])
    parameters = np.random.default_rng(1).normal(0, 0.2, 6 + 2 + 6)
    _, slopes = probability_and_slopes(root, parameters, judgements.differences, judgements.observers)
    for place, step in enumerate(1e-6 * np.eye(len(parameters))):
        up, down = (
            probability_and_slopes(root, parameters + side, judgements.differences, judgements.observers)[0]
            for side in (step, -step)
        )
        assert slopes[:, place] == pytest.approx((up - down) / 2e-6, abs=1e-7)


def test_another_optimiser_finds_nothing_more_likely(simulated, truth):
    judgements = simulated(1)
    fit = fit_psychometric(judgements, truth[2], 1.0)
    centre = np.zeros(len(fit.parameters))
    centre[6:8] = np.log(3.0), np.log(0.02 / 0.98)

    def cost(parameters):
        P, _ = probability_and_slopes(fit.root, parameters, judgements.differences, judgements.observers)
        off = parameters - centre
        return log_loss(P, judgements.accepted).sum() + 0.5 * off @ fit.prior @ off

    other = minimize(cost, centre, method="BFGS", options={"gtol": 1e-6})
    assert cost(fit.parameters) <= other.fun + 1e-6
    assert fit.parameters == pytest.approx(other.x, abs=0.01)


def test_many_judgements_lead_to_the_true_ellipsoid_steepness_lapses_and_observers(simulated, truth):
    judgements = simulated(2, n_pairs=600, n_observers=20, lapse=0.06, observer_sd=0.2, ties=0.0)
    fit = fit_psychometric(judgements, truth[2], 0.4)
    # Size within what twenty observers leave open, shape as 12 000 judgements tell it.
    size = (np.linalg.det(fit.matrix) / np.linalg.det(truth[1])) ** (1 / 3)
    assert 0.5 * abs(np.log(size)) < 2.5 * 0.2 / np.sqrt(20)
    assert fit.matrix / size == pytest.approx(truth[1], abs=0.12)
    assert fit.lapse == pytest.approx(0.06, abs=0.02)
    assert fit.observer_sd == pytest.approx(0.2, abs=0.08)


def test_who_accepts_more_is_given_the_larger_ellipsoid(simulated, truth):
    judgements = simulated(3, observer_sd=0.3, n_pairs=100)
    shares = [judgements.accepted[judgements.observers == one].mean() for one in range(6)]
    sizes = fit_psychometric(judgements, truth[2], 1.0).observer_sizes
    assert (np.argsort(shares) == np.argsort(sizes)).all()


def test_half_of_the_judgements_accept_on_the_surface(simulated, truth):
    fit = fit_psychometric(simulated(4), truth[2], 1.0)
    directions = np.random.default_rng(0).normal(size=(20, 3))
    surface = directions / np.sqrt(np.einsum("ij,jk,ik->i", directions, fit.matrix, directions))[:, None]
    assert fit.probability(surface) == pytest.approx(np.full(20, 0.5))
    assert fit.probability(np.zeros((1, 3)))[0] > 0.9
    assert fit.probability(3 * surface) == pytest.approx(np.full(20, fit.lapse / 2), abs=1e-3)


def test_a_tie_is_half_of_either(simulated, truth):
    judgements = simulated(5, ties=0.1)
    ties = np.flatnonzero(judgements.accepted == 0.5)
    assert len(ties) > 10
    twice = judgements.rows(np.concatenate([np.arange(len(judgements.accepted)), ties]))
    accepted, weights = twice.accepted.copy(), twice.weights.copy()
    accepted[ties], accepted[-len(ties) :] = 1.0, 0.0
    weights[ties], weights[-len(ties) :] = 0.5, 0.5
    halves = Judgements(twice.differences, accepted, twice.observers, twice.pairs, weights)
    one, other = (fit_psychometric(each, truth[2], 1.0) for each in (judgements, halves))
    assert one.matrix == pytest.approx(other.matrix, abs=1e-4)


def test_a_repeat_weighs_as_much_as_a_judgement(simulated, truth):
    judgements = simulated(6)
    rows = np.arange(len(judgements.accepted))
    doubled = judgements.rows(np.concatenate([rows, rows]))
    weighted = Judgements(
        judgements.differences, judgements.accepted, judgements.observers, judgements.pairs, 2 * judgements.weights
    )
    one, other = (fit_psychometric(each, truth[2], 1.0) for each in (doubled, weighted))
    assert one.matrix == pytest.approx(other.matrix, abs=1e-6)


def test_a_strong_belief_keeps_the_formulas_shape_but_not_its_size(simulated, truth):
    fit = fit_psychometric(simulated(7), truth[2], 1e6)
    ratios = fit.matrix[np.diag_indices(3)] / truth[2][np.diag_indices(3)]
    assert ratios == pytest.approx(np.full(3, ratios[0]), rel=0.01)
    assert ratios[0] > 1.2


def test_other_units_give_the_same_ellipsoid(simulated, truth):
    judgements = simulated(8)
    tenfold = Judgements(
        10 * judgements.differences, judgements.accepted, judgements.observers, judgements.pairs, judgements.weights
    )
    one, other = (fit_psychometric(each, truth[2], 1.0) for each in (judgements, tenfold))
    assert 100 * other.matrix == pytest.approx(one.matrix, rel=1e-4)


@pytest.mark.parametrize(("accepted", "said"), [(1.0, "accepted"), (0.0, "rejected")])
def test_one_kind_of_judgement_has_no_boundary(simulated, truth, accepted, said):
    judgements = simulated(9)
    alike = Judgements(
        judgements.differences,
        np.full_like(judgements.accepted, accepted),
        judgements.observers,
        judgements.pairs,
        judgements.weights,
    )
    with pytest.raises(ToleranceError, match=f"one class, {said}"):
        fit_psychometric(alike, truth[2], 1.0)


def test_differences_of_nothing_tell_nothing(simulated, truth):
    judgements = simulated(10)
    nothing = Judgements(
        0 * judgements.differences, judgements.accepted, judgements.observers, judgements.pairs, judgements.weights
    )
    with pytest.raises(ToleranceError, match="every difference is 0"):
        fit_psychometric(nothing, truth[2], 1.0)
