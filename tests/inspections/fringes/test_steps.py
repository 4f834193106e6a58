import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.fringes.steps import decode_steps
from spectra.errors import PhotoError


def frames(phase: np.ndarray, steps: np.ndarray, amplitude: float = 0.2) -> list[np.ndarray]:
    return [(0.5 + amplitude * np.cos(phase + step)).astype(np.float32) for step in steps]


@given(st.integers(3, 9), st.floats(0, 6), st.floats(0.02, 0.4))
@settings(deadline=None)
def test_any_number_of_equal_steps_gives_the_phase_and_the_amplitude(n: int, offset: float, amplitude: float) -> None:
    phase = np.linspace(-3, 3, 50).reshape(5, 10)
    steps = offset + 2 * np.pi * np.arange(n) / n
    decoded = decode_steps(frames(phase, steps, amplitude), steps)
    assert np.abs(decoded.phasor) == pytest.approx(amplitude, rel=1e-4)
    assert np.angle(decoded.phasor * np.exp(-1j * phase)) == pytest.approx(0, abs=1e-4)
    assert decoded.mean == pytest.approx(0.5, rel=1e-4)
    assert (decoded.residual is None) == (n == 3)
    assert (decoded.halves is None) == (n < 6)


def test_uneven_steps_are_as_good_as_even_ones() -> None:
    phase = np.linspace(-3, 3, 50).reshape(5, 10)
    steps = np.array([0.0, 1.2, 2.9, 4.0])
    decoded = decode_steps(frames(phase, steps), steps)
    assert np.angle(decoded.phasor * np.exp(-1j * phase)) == pytest.approx(0, abs=1e-4)


def test_steps_that_hold_no_phase_are_refused_with_their_angles() -> None:
    with pytest.raises(PhotoError, match="0°, 180°"):
        decode_steps(frames(np.zeros((2, 2)), np.array([0, np.pi])), [0, np.pi])


def test_the_residual_has_the_noise_of_a_phasor_quadrature() -> None:
    rng = np.random.default_rng(5)
    steps = 2 * np.pi * np.arange(4) / 4
    noisy = [
        frame + rng.normal(0, 0.01, frame.shape).astype(np.float32) for frame in frames(np.zeros((200, 200)), steps)
    ]
    decoded = decode_steps(noisy, steps)
    assert decoded.residual is not None
    assert decoded.residual.std() == pytest.approx(decoded.phasor.imag.std(), rel=0.05)
