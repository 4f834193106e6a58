"""Smooth fields cost little and lose nothing."""

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from inspections.frame.smooth_fields import gaussian_blur, nodes_of, spread


@given(st.integers(64, 300), st.integers(64, 300), st.floats(-0.4, 0.4), st.floats(-0.4, 0.4))
def test_a_perspective_is_carried_to_every_point_of_a_grid(rows: int, columns: int, tilt: float, turn: float) -> None:
    x, y = np.linspace(-50.0, 50.0, columns), np.linspace(37.0, -37.0, rows)

    def pixel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return 2000.0 + 25.0 * x / (1.0 + (tilt * x + turn * y) / 350.0)

    exact = pixel(x[None, :], y[:, None])
    nodes = pixel(nodes_of(x)[None, :], nodes_of(y)[:, None])
    assert np.abs(spread((rows, columns))(nodes) - exact).max() < 2e-3


@given(st.floats(0.5, 40.0), st.integers(0, 20))
def test_a_wide_blur_is_a_gaussian_blur(sigma: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    field = cv2.GaussianBlur(rng.standard_normal((300, 400)).astype(np.float32), (0, 0), 3.0) + np.float32(1.0)
    whole = cv2.GaussianBlur(field, (0, 0), sigma)
    assert np.sqrt(np.mean((gaussian_blur(field, sigma) - whole) ** 2)) < 0.02 * np.std(field)
