"""How many more judgements, and of what: told by the information there is."""

import numpy as np
import pytest

from colorlab.tolerance.learning.planning import candidates, information_gain, more_judgements, next_question
from colorlab.tolerance.learning.psychometric import fit_psychometric
from colorlab.tolerance.learning.reach import principal_directions, reach
from spectra.errors import ToleranceError


def half_width(fit):
    found = [reach(fit, e) for e in principal_directions(fit.matrix)]
    return max(one.interval[1] / one.length - 1 for one in found)


def test_as_many_judgements_as_said_bring_the_precision(simulated, truth):
    kind = {"n_observers": 1, "observer_sd": 0.0}
    first = simulated(0, n_pairs=500, **kind)
    fit = fit_psychometric(first, truth[2], 1.0)
    wanted = half_width(fit) / 2
    more = more_judgements(fit, 500, principal_directions(fit.matrix), precision=wanted)
    assert more.new_observers == pytest.approx(1500, rel=0.25), "twice the precision takes four times as many"
    reached = half_width(fit_psychometric(simulated(1, n_pairs=500 + more.new_observers, **kind), truth[2], 1.0))
    assert reached == pytest.approx(wanted, rel=0.25)


def test_observers_who_differ_cannot_give_any_precision(simulated, truth):
    fit = fit_psychometric(simulated(2, n_observers=3, observer_sd=0.4, n_pairs=100), truth[2], 1.0)
    more = more_judgements(fit, 300, principal_directions(fit.matrix), precision=0.1)
    assert more.same_observers is None
    assert more.new_observers > 300


def test_a_precision_that_is_there_takes_nothing(simulated, truth):
    fit = fit_psychometric(simulated(3, n_pairs=300), truth[2], 1.0)
    more = more_judgements(fit, 1800, principal_directions(fit.matrix), precision=0.6)
    assert (more.same_observers, more.new_observers) == (0, 0)


@pytest.mark.parametrize("precision", [0.0, 1.0, -0.1])
def test_a_precision_that_is_none_is_refused(simulated, truth, precision):
    fit = fit_psychometric(simulated(4), truth[2], 1.0)
    with pytest.raises(ToleranceError, match="precision"):
        more_judgements(fit, 360, np.eye(3), precision=precision)


def test_the_next_question_is_asked_where_nobody_looked(simulated, truth):
    fit = fit_psychometric(simulated(5, spread=(0.82, 1.2, 0.0)), truth[2], 16.0)
    difference = np.array(next_question(fit).difference)
    assert abs(difference[2]) * fit.matrix[2, 2] ** 0.5 > 0.5


def test_what_is_gained_is_the_fall_of_the_uncertainty_of_the_ellipsoid(simulated, truth):
    fit = fit_psychometric(simulated(6), truth[2], 1.0)
    differences = candidates(fit)[:10]
    gains, P = information_gain(fit, differences)
    assert (gains > 0).all()
    from colorlab.tolerance.learning.psychometric import probability_and_slopes
    from colorlab.tolerance.learning.reach import without_belief

    slopes = probability_and_slopes(fit.root, fit.parameters, differences, np.full(10, -1))[1]
    before = fit.information + without_belief(fit)
    for gain, p, j in zip(gains, P, slopes, strict=True):
        after = before + np.outer(j, j) / (p * (1 - p))
        dets = [np.linalg.slogdet(np.linalg.inv(each)[:6, :6])[1] for each in (before, after)]
        assert gain == pytest.approx((dets[0] - dets[1]) / 2, rel=1e-6)


def test_only_what_can_be_shown_is_asked(simulated, truth):
    fit = fit_psychometric(simulated(7), truth[2], 1.0)
    shown = np.array([[0.1, 0.0, 0.0], [1.2, 0.0, 0.0], [8.0, 0.0, 0.0]])
    assert next_question(fit, shown).difference == (1.2, 0.0, 0.0), "what everybody accepts or rejects tells little"


def test_candidates_lie_around_the_surface(simulated, truth):
    fit = fit_psychometric(simulated(8), truth[2], 1.0)
    differences = candidates(fit)
    r = np.sqrt(np.einsum("ij,jk,ik->i", differences, fit.matrix, differences))
    assert set(np.round(r, 9)) == {0.6, 0.8, 1.0, 1.2, 1.5}
