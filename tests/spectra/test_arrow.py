"""Arrow-shaped normal equations: the same answers as the full matrix, at a fraction of its size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.arrow import ArrowLayout, shared_colorants

BANDS = 3


def panels_of(masks):
    fractions = np.array(masks, dtype=float) + 0.0
    fractions[:, 0] += 1e-9
    return fractions / fractions.sum(axis=1, keepdims=True)


masks = st.integers(2, 5).flatmap(
    lambda count: st.lists(st.lists(st.integers(0, 1), min_size=count, max_size=count), min_size=1, max_size=8)
)


@given(masks)
def test_no_panel_holds_two_colorants_that_are_not_shared(rows):
    fractions = np.array(rows, dtype=float)
    own = np.setdiff1d(np.arange(fractions.shape[1]), shared_colorants(fractions, 0))
    assert (np.count_nonzero(fractions[:, own], axis=1) <= 1).all()


def test_ladders_in_white_share_the_white_and_ladders_in_black_the_black_too():
    white = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1]], dtype=float)
    assert shared_colorants(white, 0) == [0]
    black = np.vstack([white, [[0, 1, 1, 0], [0, 1, 0, 1]]])
    assert shared_colorants(black, 0) == [0, 1]


@given(masks, st.integers(0, 2**32 - 1))
def test_solution_and_inverse_are_those_of_the_full_matrix(rows, seed):
    rng, fractions = np.random.default_rng(seed), panels_of(rows)
    count = fractions.shape[1]
    layout = ArrowLayout(fractions, 0)
    dense = np.where(np.tile(fractions > 0, 2)[None], rng.standard_normal((BANDS, len(fractions), 2 * count)), 0.0)
    J_shared = dense[:, :, layout.shared_slots]
    place = np.arange(len(fractions))
    J_own = np.stack([dense[:, place, layout.owner], dense[:, place, layout.owner + count]], axis=-1)
    J_own *= layout.owned[:, None]
    diagonal = rng.uniform(0.5, 2.0, 2 * count)
    full = np.swapaxes(dense, 1, 2) @ dense + np.diag(diagonal)
    equations = layout.equations(J_shared, J_own, diagonal)
    right = rng.standard_normal((2 * count, BANDS))
    expected = np.linalg.solve(full, right.T[..., None])[..., 0].T
    assert layout.join(*equations.solve(*layout.split(right))) == pytest.approx(expected, abs=1e-8)
    head, shaft = equations.inverse_blocks()
    inverse = np.linalg.inv(full)
    for block, colorant in enumerate(layout.own):
        pair = np.ix_([0, 1, 2], [colorant, colorant + count], [colorant, colorant + count])
        assert shaft[:, block] == pytest.approx(inverse[pair], abs=1e-8)
    slots = layout.shared_slots
    assert head == pytest.approx(inverse[:, slots[:, None], slots], abs=1e-8)


def test_the_gradient_is_that_of_the_full_matrix():
    rng, fractions = np.random.default_rng(1), panels_of([[1, 0, 0], [1, 1, 0], [1, 0, 1], [1, 0, 1]])
    layout = ArrowLayout(fractions, 0)
    J_shared, J_own = rng.standard_normal((BANDS, 4, 2)), rng.standard_normal((BANDS, 4, 2))
    J_own *= layout.owned[:, None]
    residuals = rng.standard_normal((BANDS, 4, 1))
    shared, own = layout.gradient(J_shared, J_own, residuals)
    assert shared == pytest.approx(np.swapaxes(J_shared, 1, 2) @ residuals)
    assert own[:, 1] == pytest.approx(np.swapaxes(J_own[:, 2:], 1, 2) @ residuals[:, 2:])
