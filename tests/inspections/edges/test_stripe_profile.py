import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.edges.stripe_profile import MIN_HARMONIC_PERIOD_PX, stripe_level, third_harmonic

Light = np.ndarray
INSIDE = np.ones((160, 400), dtype=bool)


def across(period: float, stretch: float = 0.0) -> Light:
    """Phase across upright stripes that peel stretches and squeezes. [rad]"""
    y, x = np.mgrid[0:160, 0:400].astype(np.float64)
    return 2 * np.pi * (x + stretch * period * np.sin(2 * np.pi * y / 90) * np.sin(x / period)) / period


def harmonic(light: Light, period: float) -> float | None:
    level, usable = stripe_level(light.astype(np.float32), INSIDE, period)
    return third_harmonic(level, usable, period)


@given(st.floats(20, 45), st.floats(0.05, 0.45))
@settings(max_examples=10, deadline=None)
def test_a_sine_has_no_third_harmonic_at_any_contrast(period: float, amplitude: float) -> None:
    assert harmonic(0.5 + amplitude * np.cos(across(period)), period) == pytest.approx(0, abs=0.02)


def test_sharp_stripes_have_a_third_of_it() -> None:
    # Fourier series of a square wave: odd harmonics 1/n.
    assert harmonic(0.5 + 0.4 * np.sign(np.cos(across(40))), 40) == pytest.approx(1 / 3, abs=0.03)


def test_peel_that_stretches_a_sine_does_not_make_it_stripes() -> None:
    told = harmonic(0.5 + 0.4 * np.cos(across(40, stretch=0.08)), 40)
    assert told == pytest.approx(0, abs=0.06)


def test_stripes_too_fine_for_their_harmonic_are_not_judged() -> None:
    period = MIN_HARMONIC_PERIOD_PX - 2
    assert harmonic(0.5 + 0.4 * np.cos(across(period)), period) is None


def test_the_level_crosses_zero_halfway_between_dark_and_light() -> None:
    light = 0.2 + 0.3 * (np.sin(across(40)) > 0)
    level, usable = stripe_level(light.astype(np.float32), INSIDE, 40)
    assert usable[60:100, 60:-60].all()
    assert (level[60:100, 60:-60] > 0) == pytest.approx(light[60:100, 60:-60] > 0.35)
