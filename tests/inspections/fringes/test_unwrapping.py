import numpy as np
import pytest

from inspections.fringes.unwrapping import displacement, phase_residues, unwrap


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
