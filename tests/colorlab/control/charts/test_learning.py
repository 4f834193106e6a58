"""A submission judged by those before it gives scores as if mean and scatter were known."""

import numpy as np
import pytest
from scipy import stats

from colorlab.control.charts.learning import fewest_earlier, learned
from spectra.errors import MeasurementError


def test_scores_of_a_steady_supplier_are_standard_normal_and_independent(steady):
    rng = np.random.default_rng(0)
    scores = np.stack([learned(steady(20, rng).values, 1 / 5000).scores[4:] for _ in range(600)])
    flat = scores.reshape(-1, 3)
    assert np.abs(flat.mean(axis=0)).max() < 4 / np.sqrt(len(flat))
    assert flat.std(axis=0) == pytest.approx(1, abs=0.02)
    assert np.abs(np.corrcoef(flat.T) - np.eye(3)).max() < 0.04
    # From the very first ones that can be judged, and each independent of the next.
    assert stats.kstest(scores[:, 0].ravel(), "norm").pvalue > 0.01
    assert np.abs(np.mean(scores[:, :-1] * scores[:, 1:], axis=(0, 1))).max() < 0.04


def test_scores_do_not_depend_on_units(steady):
    values = steady(12, np.random.default_rng(1)).values
    one, other = learned(values, 0.001), learned(5 + 100 * values, 0.001)
    assert one.scores == pytest.approx(other.scores, nan_ok=True)
    assert one.t_squared == pytest.approx(other.t_squared, nan_ok=True)


def test_of_one_component_the_score_is_that_of_students_t(steady):
    values = steady(8, np.random.default_rng(2), n_components=1).values
    found = learned(values, 0.001)
    ratio = (values[7, 0] - values[:7].mean()) / (values[:7].std(ddof=1) * np.sqrt(1 + 1 / 7))
    assert found.scores[7, 0] == pytest.approx(stats.norm.ppf(stats.t.cdf(ratio, 6)))
    assert found.own_scores[7, 0] == pytest.approx(found.scores[7, 0])
    assert found.t_squared[7] == pytest.approx(ratio**2)


def test_what_is_far_off_is_in_no_later_history(steady):
    values = np.array(steady(30, np.random.default_rng(3)).values)
    values[20] += 12
    found = learned(values, 1 / 5000)
    assert list(np.flatnonzero(found.left_out)) == [20]
    assert (found.counts[20], found.counts[21]) == (20, 20)
    assert found.centre[21] == pytest.approx(values[:20].mean(axis=0))


def test_a_score_far_out_stays_finite(steady):
    values = np.array(steady(300, np.random.default_rng(4), n_components=1).values)
    values[-1] = 1e6
    assert 30 < learned(values, 0.001).own_scores[-1, 0] <= 38


def test_rarer_false_alarms_and_more_components_need_a_longer_history():
    assert [fewest_earlier(1, share) for share in (1 / 100, 1 / 370, 1 / 5000)] == [5, 6, 9]
    assert [fewest_earlier(3, share) for share in (1 / 100, 1 / 370, 1 / 5000)] == [9, 11, 13]


def test_copies_of_one_reading_are_no_history():
    with pytest.raises(MeasurementError, match="copies of one reading"):
        learned(np.ones((9, 3)), 0.001)
