"""Run lengths and limits are those that were published."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from colorlab.control.charts.run_length import (
    cusum_limit,
    cusum_run_length,
    ewma_limit,
    ewma_run_length,
    mewma_limit,
    mewma_run_length,
)
from spectra.errors import MeasurementError


# J. M. Lucas, M. S. Saccucci, Technometrics 32 (1990) 1, as in Montgomery's table 9.11: in-control run length 500.
@pytest.mark.parametrize(
    ("weight", "limit", "of_one_sigma"),
    [(0.4, 3.054, 14.3), (0.25, 2.998, 11.1), (0.2, 2.962, 10.5), (0.1, 2.814, 10.3), (0.05, 2.615, 11.4)],
)
def test_the_ewma_has_the_run_lengths_of_lucas_and_saccucci(weight, limit, of_one_sigma):
    assert ewma_limit(500.0, weight) == pytest.approx(limit, abs=0.001)
    assert ewma_run_length(limit, weight, shift=1.0) == pytest.approx(of_one_sigma, abs=0.05)


# D. C. Montgomery, Introduction to Statistical Quality Control, table 9.3: k = 1/2.
@pytest.mark.parametrize(
    ("shift", "of_four", "of_five"),
    [(0, 168, 465), (0.25, 74.2, 139), (0.5, 26.6, 38.0), (1, 8.38, 10.4), (2, 3.34, 4.01), (4, 1.71, 2.01)],
)
def test_the_cusum_has_the_run_lengths_of_montgomerys_table(shift, of_four, of_five):
    assert cusum_run_length(4, 0.5, shift) == pytest.approx(of_four, rel=0.004)
    assert cusum_run_length(5, 0.5, shift) == pytest.approx(of_five, rel=0.004)


# D. M. Hawkins, J. Qual. Technol. 25 (1993), as in Montgomery's table 9.4: in-control run length 370. That of k = 1.5
# is printed 1.61, where the integral equation gives 1.604.
@pytest.mark.parametrize(("allowance", "limit"), [(0.25, 8.01), (0.5, 4.77), (0.75, 3.34), (1.0, 2.52), (1.25, 1.99)])
def test_the_cusum_has_hawkins_limits(allowance, limit):
    assert cusum_limit(370.0, allowance) == pytest.approx(limit, abs=0.006)


# S. S. Prabhu, G. C. Runger, J. Qual. Technol. 29 (1997) 8, by a Markov chain: in-control run length 200. They are up
# to 0.01 above the integral equation's.
@pytest.mark.parametrize(
    ("n_components", "limits"),
    [(2, (7.35, 8.64, 9.65, 10.08, 10.31)), (4, (11.22, 12.73, 13.87, 14.34, 14.58))],
)
def test_the_mewma_has_the_limits_of_prabhu_and_runger(n_components, limits):
    found = [mewma_limit(200.0, weight, n_components) for weight in (0.05, 0.1, 0.2, 0.3, 0.4)]
    assert found == pytest.approx(limits, abs=0.012)


# C. A. Lowry et al., Technometrics 34 (1992) 46, by simulation: weight 0.1, in-control run length 200.
def test_the_mewma_has_lowrys_limit_within_its_simulation():
    assert mewma_limit(200.0, 0.1, 2) == pytest.approx(8.66, abs=0.04)


# S. E. Rigdon, J. Stat. Comput. Simul. 52 (1995) 351, table 1; S. Knoth, J. Qual. Technol. 49 (2017) 78, table 2.
def test_the_mewma_has_the_limits_of_rigdon_and_knoth():
    assert mewma_limit(500.0, 0.25, 4) == pytest.approx(16.38, abs=0.005)
    found = [mewma_limit(1000.0, weight, 3) for weight in (0.25, 0.2, 0.15, 0.1, 0.05)]
    assert found == pytest.approx([15.82, 15.62, 15.31, 14.76, 13.60], abs=0.0055)


def test_without_memory_the_mewma_is_the_chi_squared_chart():
    assert mewma_limit(200.0, 0.999, 4) == pytest.approx(chi2.isf(1 / 200, 4), abs=0.002)


@settings(max_examples=12)
@given(st.floats(20, 1e5), st.sampled_from([0.05, 0.1, 0.2, 0.5]))
def test_a_limit_gives_back_its_run_length(run_length, weight):
    assert ewma_run_length(ewma_limit(run_length, weight), weight) == pytest.approx(run_length, rel=1e-5)
    assert cusum_run_length(cusum_limit(run_length, 0.5), 0.5) == pytest.approx(run_length, rel=1e-5)
    assert mewma_run_length(mewma_limit(run_length, weight, 3), weight, 3) == pytest.approx(run_length, rel=1e-5)


def test_simulated_charts_run_as_long_as_computed():
    rng, weight, limit = np.random.default_rng(0), 0.2, mewma_limit(50.0, 0.2, 3)
    running, alive, lengths = np.zeros((4000, 3)), np.ones(4000, dtype=bool), np.zeros(4000)
    while alive.any():
        running = weight * rng.standard_normal(running.shape) + (1 - weight) * running
        lengths += alive
        alive &= (running**2).sum(axis=1) * (2 - weight) / weight <= limit
    assert lengths.mean() == pytest.approx(50, abs=3 * 50 / np.sqrt(4000))


@pytest.mark.parametrize("run_length", [1.0, float("nan"), 1e12])
def test_a_run_length_nobody_can_chart_is_refused(run_length):
    with pytest.raises(MeasurementError, match="submissions between false alarms"):
        ewma_limit(run_length, 0.2)
