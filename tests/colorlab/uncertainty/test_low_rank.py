"""Few errors stand for many that move together, and for each covariance the same ones whatever else is decomposed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from colorlab.uncertainty.low_rank import low_rank_root

rows = arrays(np.float64, (4, 6, 6), elements=st.floats(-3, 3, width=32))


@given(rows)
def test_all_but_the_stated_share_of_the_variance_is_kept(factors):
    covariance = factors @ np.swapaxes(factors, -1, -2)
    root, used = low_rank_root(covariance, 1e-6)
    off = covariance - root @ np.swapaxes(root, -1, -2)
    total = np.trace(covariance, axis1=-2, axis2=-1)
    assert (np.abs(off).max(axis=(-2, -1)) <= 1.001e-6 * total + 1e-12).all()
    assert (used <= 6).all()


@given(rows)
def test_a_matrix_has_the_same_root_to_the_last_bit_in_any_company(factors):
    covariance = factors @ np.swapaxes(factors, -1, -2)
    together, used = low_rank_root(covariance, 1e-6)
    for own, root, n in zip(covariance, together, used, strict=True):
        alone, n_alone = low_rank_root(own[None], 1e-6)
        assert n == n_alone[0]
        assert np.array_equal(alone[0], root[:, :n])
        assert not root[:, n:].any()


def test_a_singular_covariance_needs_as_many_errors_as_its_rank():
    factors = np.random.default_rng(2).standard_normal((1, 15, 4))
    _, used = low_rank_root(factors @ np.swapaxes(factors, -1, -2), 1e-9)
    assert used[0] == 4


def test_no_covariance_needs_no_error():
    root, used = low_rank_root(np.zeros((2, 3, 3)), 1e-6)
    assert root.shape == (2, 3, 0)
    assert not used.any()


def test_the_largest_variance_comes_first():
    root, _ = low_rank_root(np.diag([1.0, 9.0, 4.0])[None], 1e-6)
    assert np.abs(root[0]).max(axis=0) == pytest.approx([3, 2, 1])
