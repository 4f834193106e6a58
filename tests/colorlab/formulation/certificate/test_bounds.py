"""Every bound lies below (above) what random recipes of its box do, and reaches it where it is exact."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from colorlab.formulation.certificate.bounds import (
    close_sum,
    cube_root_chords,
    greatest_stretch,
    range_over_box,
    range_over_ellipsoid,
    reweigh,
)
from colorlab.formulation.search.objective import cube_root

seeds = st.integers(0, 2**32 - 1)


def drawn_box(rng, size):
    """A box, and recipes in it."""
    center = rng.dirichlet(np.full(size, 0.7))
    reach = rng.uniform(0, 0.5, (2, size)) * rng.choice([0.02, 0.3, 1.0])
    low, high = np.maximum(center - reach[0], 0), np.minimum(center + reach[1], 1)
    others = rng.dirichlet(np.full(size, 0.7), 400)
    inside = center + rng.uniform(0, 1, (400, 1)) * (others - center)
    kept = ((inside >= low) & (inside <= high)).all(axis=1)
    return low, high, np.vstack([center, inside[kept]])


@given(seeds, st.integers(2, 6))
def test_a_linear_form_stays_within_its_range_over_the_box(seed, size):
    rng = np.random.default_rng(seed)
    low, high, recipes = drawn_box(rng, size)
    t = rng.normal(size=(1, size, 7)) * 10.0 ** rng.integers(-3, 4)
    least, greatest = range_over_box(t, low[None], high[None])
    assert (recipes @ t[0] >= least).all()
    assert (recipes @ t[0] <= greatest).all()


@given(seeds, st.integers(2, 6))
def test_the_range_over_a_box_is_that_of_linear_programming(seed, size):
    rng = np.random.default_rng(seed)
    low, high, _ = drawn_box(rng, size)
    t = rng.normal(size=(1, size, 1))
    least, greatest = range_over_box(t, low[None], high[None])
    problem = {"A_eq": np.ones((1, size)), "b_eq": [1.0], "bounds": list(zip(low, high, strict=True))}
    assert least[0, 0] == pytest.approx(linprog(t[0, :, 0], **problem).fun, abs=1e-9)
    assert greatest[0, 0] == pytest.approx(-linprog(-t[0, :, 0], **problem).fun, abs=1e-9)


@given(seeds, st.integers(2, 6))
def test_a_box_by_mass_holds_what_a_box_by_amount_held(seed, size):
    rng = np.random.default_rng(seed)
    low, high, recipes = drawn_box(rng, size)
    weight = np.exp(rng.normal(size=size) * 3)
    least, greatest = reweigh(low[None], high[None], weight[None])
    parts = recipes * weight / (recipes @ weight)[:, None]
    assert (parts >= least - 1e-12).all()
    assert (parts <= greatest + 1e-12).all()
    tight = close_sum(low[None], high[None])
    assert (recipes >= tight[0]).all()
    assert (recipes <= tight[1]).all()


@given(seeds, st.integers(2, 6), st.sampled_from([1e-12, 1e-6, 1e-2, 1.0]))
def test_a_linear_form_stays_within_its_range_over_the_ellipsoid_however_flat(seed, size, flat):
    rng = np.random.default_rng(seed)
    low, high, recipes = drawn_box(rng, size)
    Z = rng.normal(size=(size, 5)) * np.array([100, 10, 1, flat, flat])
    lengths = np.linalg.norm(recipes @ Z, axis=1)
    radius = np.quantile(lengths, rng.uniform(0, 1))
    inside = recipes[lengths <= radius]
    t = rng.normal(size=(1, size, 6))
    least, greatest = range_over_ellipsoid((Z @ Z.T)[None], np.array([radius]), t, low[None], high[None])
    assert (inside @ t[0] >= least).all()
    assert (inside @ t[0] <= greatest).all()


def test_the_range_over_an_ellipsoid_is_reached_on_it():
    Z = np.array([[1.0, 0.0], [0.0, 1.0]])
    # y = (s, 1 − s): s² + (1 − s)² ≤ 0.625 for s from 1/4 to 3/4.
    t = np.array([[[1.0], [0.0]]])
    least, greatest = range_over_ellipsoid((Z @ Z.T)[None], np.sqrt([0.625]), t, np.zeros((1, 2)), np.ones((1, 2)))
    assert (least[0, 0], greatest[0, 0]) == pytest.approx((0.25, 0.75), abs=1e-8)


@given(seeds)
def test_chords_of_the_cube_root_lie_between_their_bounds(seed):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-0.001, 1.1, 50) ** 3
    low, high = X - rng.uniform(0, 0.1, 50) ** 2, X + rng.uniform(0, 0.5, 50) ** 2
    least, greatest = cube_root_chords(X, low, high)
    end = low + rng.uniform(0, 1, 50) * (high - low)
    f, f_end = cube_root(X)[0], cube_root(end)[0]
    apart = np.abs(end - X) > 1e-9
    slope = (f_end - f)[apart] / (end - X)[apart]
    assert (slope >= least[apart] - 1e-5).all()
    assert (slope <= greatest[apart] + 1e-5).all()


@given(seeds)
def test_a_stretch_is_never_underestimated(seed):
    rng = np.random.default_rng(seed)
    L = rng.normal(size=(9, 31)) * rng.uniform(0, 10, 31)
    scale = rng.uniform(0, 1, (3, 31)) * rng.choice([0, 1e-9, 1], 31)
    bound = greatest_stretch(np.abs(L.T @ L), scale)
    for row, most in zip(scale, bound, strict=True):
        assert np.linalg.norm(L * row, 2) ** 2 <= most * (1 + 1e-9) + 1e-12
