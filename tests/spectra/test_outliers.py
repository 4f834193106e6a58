"""A reading that is not of the panel is named, bad ones do not hide each other, sound ones are seldom accused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.outliers import READING_APART, readings_apart

NM = np.arange(400.0, 701, 10)
PAINT = 0.3 + 0.2 * np.sin((NM - 430) / 70)


def sound(n_readings, spread, rng, length=80.0):
    shape = np.exp(-0.5 * ((NM[:, None] - NM) / length) ** 2) + 1e-9 * np.eye(31)
    return (PAINT + spread * rng.standard_normal((n_readings, 31)) @ np.linalg.cholesky(shape).T)[:, None, :]


@given(st.integers(3, 10), st.integers(0, 500), st.data())
def test_readings_of_another_place_are_named_however_many_less_than_half_they_are(n_readings, seed, data):
    bad = data.draw(st.sets(st.integers(0, n_readings - 1), min_size=1, max_size=(n_readings - 1) // 2))
    readings = sound(n_readings, 0.0005, np.random.default_rng(seed))
    for place in bad:
        readings[place] += 0.1
    named = readings_apart(readings)
    assert {one.reading for one in named} == {place + 1 for place in bad}
    assert all(one.distance == pytest.approx(0.1, abs=0.006) for one in named)


@pytest.mark.parametrize("n_readings", [3, 4, 5, 6, 8, 10, 15])
@pytest.mark.parametrize("length", [20.0, 1e4], ids=["many errors", "one error in all wavelengths"])
def test_of_rough_but_sound_sets_at_most_five_percent_lose_a_reading(n_readings, length):
    rng = np.random.default_rng(1)
    accused = [bool(readings_apart(sound(n_readings, 0.1, rng, length))) for _ in range(1500)]
    assert np.mean(accused) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1500)
    if length > 1000:  # the case the limits are made for
        assert np.mean(accused) > (0.05 if n_readings <= 11 else 0.02) - 3 * np.sqrt(0.05 * 0.95 / 1500)


def test_readings_of_usual_scatter_are_never_accused():
    rng = np.random.default_rng(2)
    assert not any(readings_apart(sound(n, 0.002, rng)) for n in (3, 4, 5, 10) for _ in range(500))


def test_what_is_less_than_a_moved_panel_is_not_named():
    readings = sound(4, 1e-6, np.random.default_rng(3))
    readings[1] += 0.9 * READING_APART
    assert readings_apart(readings) == ()


def test_two_readings_name_none():
    assert readings_apart(np.stack([PAINT, PAINT + 0.5])[:, None]) == ()
