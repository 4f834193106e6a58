"""Histories of a supplier who delivers the same, but for scatter, or who does not."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from colorlab.control.series import series

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
# Components of a colour difference scatter unequally and together.
MIX = np.array([[1.0, 0.0, 0.0], [0.8, 0.3, 0.0], [-0.5, 0.2, 0.1]])


@pytest.fixture
def history():
    def make(values, name="45as45 under D65/10°"):
        rows = np.asarray(values, dtype=float)
        times = [START + timedelta(days=7 * day) for day in range(len(rows))]
        records = [f"V-{row + 1:06d}" for row in range(len(rows))]
        names = ("ΔL*", "ΔC*", "ΔH*")[: rows.shape[1]]
        return series(name, names, ("CIELAB units",) * len(names), times, records, rows)

    return make


@pytest.fixture
def steady(history):
    """A supplier who does not change: n submissions."""

    def make(n, rng, shift=None, n_components=3):
        rows = rng.standard_normal((n, n_components))
        if n_components == 3:
            rows = rows @ MIX.T
        return history(rows if shift is None else rows + shift)

    return make
