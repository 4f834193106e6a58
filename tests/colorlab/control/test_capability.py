"""Capability by quantiles: what it proves holds as often as stated, and too few prove nothing more than they do."""

import json

import numpy as np
import pytest
from scipy import stats

from colorlab.control.capability import capability
from spectra.errors import MeasurementError


def test_of_a_skewed_share_the_quantile_is_found_where_a_normal_index_misses_it():
    rng = np.random.default_rng(0)
    truth = stats.gamma(2, scale=0.12)
    shares = truth.rvs(20000, random_state=rng)
    found = capability(shares)
    assert found.quantile == pytest.approx(truth.ppf(0.99865), rel=0.1)
    assert found.quantile_interval[0] < truth.ppf(0.99865) < found.quantile_interval[1]
    assert found.index == pytest.approx((1 - truth.median()) / (truth.ppf(0.99865) - truth.median()), rel=0.15)
    normal = (1 - shares.mean()) / (3 * shares.std())
    assert normal > 1 > found.index


def test_bounds_of_the_quantile_hold_it_as_often_as_stated():
    rng, truth = np.random.default_rng(1), stats.gamma(2, scale=0.12)
    bounds = [capability(truth.rvs(3000, random_state=rng)).quantile_interval for _ in range(300)]
    for side in ([low < truth.ppf(0.99865) for low, _ in bounds], [high > truth.ppf(0.99865) for _, high in bounds]):
        assert np.mean(side) > 0.95 - 3 * np.sqrt(0.05 * 0.95 / 300)


# 741 = 1 / 0.00135; 2218: 0.99865ⁿ below 0.05, after Wilks.
def test_the_smallest_number_for_which_a_quantile_exists_is_said():
    shares = np.linspace(0.1, 0.9, 740)
    short = capability(shares)
    assert (short.quantile, short.index, short.n_for_quantile, short.n_for_bound) == (None, None, 741, 2218)
    assert "needs 741 submissions, its bound 2218" in short.as_text()
    assert capability(np.linspace(0.1, 0.9, 741)).quantile is not None
    assert capability(np.linspace(0.1, 0.9, 2217)).quantile_interval[1] is None
    assert capability(np.linspace(0.1, 0.9, 2218)).quantile_interval[1] == pytest.approx(0.9)


# 59 is Wilks' number for 95 % of submissions with 95 % confidence; the bound of 0 in 59 is Clopper and Pearson's.
def test_few_submissions_prove_what_wilks_says():
    found = capability(np.linspace(0.2, 0.8, 59))
    assert found.proven_share == pytest.approx(0.95, abs=0.0005)
    assert found.within_limit == pytest.approx(0.05 ** (1 / 59))
    beyond = capability(np.append(np.linspace(0.2, 0.8, 58), 1.2))
    assert (beyond.beyond_count, beyond.greatest) == (1, 1.2)
    assert beyond.within_limit == pytest.approx(stats.beta.ppf(0.05, 58, 2))


def test_it_is_data_that_json_can_hold():
    document = json.loads(json.dumps(capability(np.full(800, 0.5)).as_dict(), allow_nan=False))
    assert document["index"] is None  # they do not scatter


@pytest.mark.parametrize(
    ("shares", "said"),
    [([0.5] * 9, "10 are the least: 1 more"), ([0.5] * 9 + [np.nan], "finite"), ([-0.1] * 12, "0 or more")],
)
def test_what_states_no_capability_is_refused(shares, said):
    with pytest.raises(MeasurementError, match=said):
        capability(shares)
