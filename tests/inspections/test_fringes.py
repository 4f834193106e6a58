import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.fringes import decode_steps, demodulate, displacement, phase_residues, unwrap
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


def test_two_periods_follow_a_reflection_over_several_fringes() -> None:
    y, x = np.mgrid[0:200, 0:300] * 0.1
    moved = 9.0 * np.sin(x / 6) * np.cos(y / 7)  # three fringes of 6 mm
    carrier = (1.7 * x).astype(np.float32)
    fine, coarse = (np.exp(2j * np.pi * (carrier + moved) / period).astype(np.complex64) for period in (6.0, 48.0))
    found = displacement(fine, 6.0, coarse, 48.0, carrier, 0.1)
    assert found - found.mean() == pytest.approx(moved - moved.mean(), abs=0.01)


def test_a_smooth_phase_is_unwrapped_without_a_jump() -> None:
    y, x = np.mgrid[0:200, 0:300] * 0.1
    phase = 0.02 * (x - 12) ** 2 + 0.03 * (y - 9) ** 2 + 0.4 * x
    phasor = np.exp(1j * phase).astype(np.complex64)
    found = unwrap(phasor, 0.1)
    assert found - found.mean() == pytest.approx(phase - phase.mean(), abs=0.01)
    assert phase_residues(phasor, 0.1) == 0


def test_noise_has_residues() -> None:
    phase = np.random.default_rng(6).uniform(-np.pi, np.pi, (300, 300))
    assert phase_residues(np.exp(1j * phase).astype(np.complex64), 0.1, cell_mm=0.1) > 0.2


@pytest.mark.parametrize(("cross", "tolerance"), [(False, 0.04), (True, 0.6)])
def test_one_photo_gives_its_direction_and_a_cross_photo_both_less_well(cross: bool, tolerance: float) -> None:
    y, x = np.mgrid[0:600, 0:800] * 0.1
    u, v = (1.7 * x).astype(np.float32), (1.7 * y).astype(np.float32)
    moved = 0.4 * np.sin(2 * np.pi * x / 15) * np.cos(2 * np.pi * y / 12)
    image = 0.5 + 0.2 * np.cos(2 * np.pi * (u + moved) / 6)
    if cross:  # the other direction's sidebands reach into the pass band: that is why it is called a screening
        image = image + 0.2 * np.cos(2 * np.pi * (v - moved) / 6)
    for carrier, sign in ((u, 1.0), (v, -1.0))[: 1 + cross]:
        found = unwrap(demodulate(image.astype(np.float32), carrier, 6.0, 0.1), 0.1) * 6.0 / (2 * np.pi)
        inner = (slice(80, -80), slice(80, -80))
        off = found[inner] - sign * moved[inner]
        plane = np.column_stack([np.ones(off.size), x[inner].ravel(), y[inner].ravel()])
        off = off.ravel() - plane @ np.linalg.lstsq(plane, off.ravel(), rcond=None)[0]
        assert off.std() < tolerance * moved.std()
