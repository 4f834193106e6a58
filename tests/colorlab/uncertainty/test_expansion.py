"""The polynomial is the squared measure where that is one, and says when it is not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from colorlab.difference.standard import delta_E
from colorlab.uncertainty.expansion import expansion, features

lab = arrays(np.float64, (3,), elements=st.floats(-40, 40, width=32))
small = arrays(np.float64, (3,), elements=st.floats(-0.5, 0.5, width=32))


@given(lab, small, small)
def test_the_square_of_cie76_is_a_polynomial_wherever_it_is_taken(standard, difference, error):
    around = expansion(_cie76, standard, standard + difference, np.full(3, 0.2))
    assert around.at(error) == pytest.approx(((difference + error) ** 2).sum(), abs=1e-6)


@given(lab, small, small, small)
def test_a_shifted_polynomial_is_the_same_polynomial(standard, difference, by, error):
    around = expansion(_cie76, standard, standard + difference, np.full(3, 0.2))
    assert around.shifted(by).at(error) == pytest.approx(around.at(by + error), abs=1e-9)


@given(arrays(np.float64, (3, 3), elements=st.floats(-1, 1, width=32)))
def test_noise_lengthens_a_square_by_the_weighted_trace_of_its_covariance(root):
    around = expansion(_cie76, np.zeros(3), np.array([0.3, 0.2, 0.1]), np.full(3, 0.2))
    covariance = root @ root.T
    assert around.mean_excess(covariance) == pytest.approx(np.trace(covariance), abs=1e-6)


def test_of_ciede2000_it_is_within_a_hundredth_over_the_errors_of_a_measurement():
    rng = np.random.default_rng(4)
    standard = np.array([[55.0, 30, 20], [30, 5, -45], [80, -2, 70]])
    sample = standard + np.array([0.5, -0.4, 0.3])
    around = expansion(delta_E, standard, sample, np.full((3, 3), 0.2))
    error = 0.2 * rng.standard_normal((400, 3, 3))
    own = delta_E(standard - error / 2, sample + error / 2)
    assert np.abs(np.sqrt(np.maximum(around.at(error), 0)) - own).max() < 0.01


def test_coefficients_of_unit_errors_give_what_the_errors_give():
    rng = np.random.default_rng(5)
    around = expansion(delta_E, np.array([55.0, 30, 20]), np.array([55.5, 29, 20]), np.full(3, 0.2))
    root, unit = 0.1 * rng.standard_normal((3, 5)), rng.standard_normal((5, 50))
    even, odd = around.coefficients(root)
    assert even @ features(unit) + odd @ unit == pytest.approx(around.at((root @ unit).T))


def _cie76(standard, sample):
    return np.linalg.norm(sample - standard, axis=-1)
