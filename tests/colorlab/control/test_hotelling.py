"""Means of several coordinates are compared with the false alarms that are stated."""

import numpy as np
import pytest
from scipy import stats

from colorlab.control.hotelling import between_two, from_zero
from spectra.errors import MeasurementError

MIX = np.array([[1.0, 0.0, 0.0], [0.8, 0.3, 0.0], [-0.5, 0.2, 0.1]])


def test_in_one_coordinate_it_is_students_test():
    rng = np.random.default_rng(0)
    one, other = rng.standard_normal((5, 1)), 0.7 + rng.standard_normal((7, 1))
    student = stats.ttest_ind(one[:, 0], other[:, 0])
    found = between_two(one, other)
    assert found.t_squared == pytest.approx(student.statistic**2)
    assert found.p_value == pytest.approx(student.pvalue)
    assert from_zero(one).p_value == pytest.approx(stats.ttest_1samp(one[:, 0], 0).pvalue)


@pytest.mark.parametrize(("n_one", "n_other"), [(3, 3), (5, 10)])
def test_equal_means_are_told_apart_as_seldom_as_stated(n_one, n_other):
    rng = np.random.default_rng(1)
    p = [
        between_two(rng.standard_normal((n_one, 3)) @ MIX.T, rng.standard_normal((n_other, 3)) @ MIX.T).p_value
        for _ in range(1000)
    ]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.021)
    q = [from_zero(rng.standard_normal((n_one + 1, 3)) @ MIX.T).p_value for _ in range(1000)]
    assert np.mean(np.array(q) < 0.05) == pytest.approx(0.05, abs=0.021)


def test_the_units_of_the_coordinates_do_not_matter():
    rng = np.random.default_rng(2)
    one, other = rng.standard_normal((6, 3)), 0.5 + rng.standard_normal((6, 3))
    assert between_two(one, other).t_squared == pytest.approx(between_two(one @ MIX.T, other @ MIX.T).t_squared)


def test_too_few_readings_and_copies_are_refused():
    with pytest.raises(MeasurementError, match="4 readings are too few to compare means; 5 are the least"):
        between_two(np.eye(3)[:2], np.eye(3)[:2])
    with pytest.raises(MeasurementError, match="do not scatter"):
        between_two(np.zeros((4, 3)), np.ones((4, 3)))
    with pytest.raises(MeasurementError, match="rows of finite"):
        from_zero([1.0, 2.0])


# D. C. Montgomery, Introduction to Statistical Quality Control, 11.3: p (m + 1)(m − 1) / (m² − m p) F.
@pytest.mark.parametrize(("n", "p", "share"), [(10, 2, 0.05), (56, 3, 0.01)])
def test_the_limit_of_one_more_reading_is_montgomerys(n, p, share):
    from colorlab.control.hotelling import prediction_limit

    textbook = p * (n + 1) * (n - 1) / (n**2 - n * p) * stats.f.isf(share, p, n - p)
    assert prediction_limit(n, p, share) * (n + 1) / n == pytest.approx(textbook)


def test_no_reading_lies_farther_from_a_mean_it_is_part_of_than_the_limit_allows():
    from colorlab.control.hotelling import own_limit, squared_distance

    rng, n = np.random.default_rng(5), 8
    found = []
    for _ in range(1500):
        rows = rng.standard_normal((n, 3)) @ MIX.T
        found.append(squared_distance(rows[0] - rows.mean(axis=0), np.cov(rows.T)))
    assert max(found) < (n - 1) ** 2 / n
    assert np.mean(np.array(found) > own_limit(n, 3, 0.05)) == pytest.approx(0.05, abs=0.018)
