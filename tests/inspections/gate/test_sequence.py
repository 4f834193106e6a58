from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.gate.sequence import REDUCED_MM, period_disagreement, phase_of, reduced, signs_of
from inspections.gate.series import check_repeats, repeat_difference
from inspections.photos.decode import decode_photo
from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray

SHAPE = (100, 130)
y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
PHASE = 2 * np.pi * x / 7.1 + 0.4 * np.sin(y / 9)


def frames(
    steps: FloatArray, gains: FloatArray | float = 1.0, contrast: float = 0.7, second: float = 0.0
) -> list[FloatImage]:
    """Fringes of mean 0.4; the second harmonic is that of a screen, which shifts with the phase."""
    factors = np.broadcast_to(gains, steps.shape)
    fringe = [np.cos(PHASE + step) + second * np.cos(2 * (PHASE + step)) for step in steps]
    return [
        (factor * 0.4 * (1 + contrast * one)).astype(np.float32) for factor, one in zip(factors, fringe, strict=True)
    ]


def even_steps(n: int) -> FloatArray:
    return 2 * np.pi * np.arange(n) / n


@settings(max_examples=15, deadline=None)
@given(n=st.integers(4, 12), contrast=st.floats(0.05, 1.0))
def test_a_perfect_sequence_shows_nothing(n: int, contrast: float) -> None:
    signs = signs_of(frames(even_steps(n), contrast=contrast), even_steps(n))
    assert max(signs.flicker, signs.slow, signs.unexplained, signs.second_harmonic) < 1e-3
    assert signs.uneven_mean < 1e-3
    assert signs.mean == pytest.approx(0.4, rel=1e-3)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), n=st.integers(4, 9))
def test_exposures_that_differ_are_found_frame_by_frame(seed: int, n: int) -> None:
    gains = 1 + 0.03 * np.random.default_rng(seed).standard_normal(n)
    signs = signs_of(frames(even_steps(n), gains), even_steps(n))
    assert signs.exposure_scatter == pytest.approx(np.std(gains), rel=0.1)
    assert signs.unexplained < 0.01


@pytest.mark.parametrize("contrast", [0.15, 0.7])
def test_flicker_bounds_the_phase_error_it_makes(contrast: float) -> None:
    steps, gains = even_steps(4), np.array([1.05, 0.97, 1.0, 0.99])
    shown = frames(steps, gains, contrast)
    error = np.angle(np.exp(1j * (phase_of(shown, steps).reshape(SHAPE) - PHASE)))
    assert 0.3 < error.std() / signs_of(shown, steps).flicker < 1


@pytest.mark.parametrize("n", [4, 5, 8])
def test_the_second_harmonic_of_a_screen_is_read_from_four_steps_up(n: int) -> None:
    signs = signs_of(frames(even_steps(n), second=0.08), even_steps(n))
    assert signs.second_harmonic == pytest.approx(0.08, rel=0.05)
    assert signs.unexplained < 0.01


def test_three_steps_leave_nothing_to_check() -> None:
    signs = signs_of(frames(even_steps(3), np.array([1.0, 1.1, 1.0])), even_steps(3))
    assert (signs.flicker, signs.unexplained, signs.second_harmonic) == (0.0, 0.0, 0.0)


def test_frames_out_of_order_are_left_over() -> None:
    steps = even_steps(8)
    shown = frames(steps)
    shown[1], shown[4] = shown[4], shown[1]
    assert signs_of(shown, steps).unexplained > 0.3


def test_an_exchange_that_only_turns_the_fringes_round_disagrees_with_the_coarse_ones() -> None:
    fine = even_steps(4)
    coarse_phase = np.angle(np.exp(1j * PHASE / 8))
    shown = frames(fine)
    agreed = period_disagreement(phase_of(shown, fine).reshape(SHAPE), coarse_phase, 8.0)
    shown[0], shown[2] = shown[2], shown[0]
    assert signs_of(shown, fine).unexplained < 0.01
    turned = period_disagreement(phase_of(shown, fine).reshape(SHAPE), coarse_phase, 8.0)
    assert agreed < 0.01
    assert turned > 1.5


def test_light_that_gloss_explains_is_even_and_a_window_is_not() -> None:
    gloss = 1 - 0.2 * np.exp(-((x - 60) ** 2 + (y - 40) ** 2) / 600)
    window = 0.2 * np.exp(-((x - 60) ** 2 + (y - 40) ** 2) / 600)
    steps = even_steps(4)
    dull = [(frame * gloss).astype(np.float32) for frame in frames(steps)]
    lit = [(frame + window).astype(np.float32) for frame in frames(steps)]
    assert signs_of(dull, steps).uneven_mean < 0.003
    assert signs_of(lit, steps).uneven_mean > 0.02


def test_a_photo_taken_again_differs_by_what_moved_and_not_by_noise() -> None:
    rng = np.random.default_rng(1)
    first = frames(even_steps(4))[0]
    noisy = (first + 0.01 * rng.standard_normal(SHAPE)).astype(np.float32)
    moved = np.roll(noisy, 1, axis=1)
    assert repeat_difference(first, noisy, 0.28) < 0.01
    assert repeat_difference(first, moved, 0.28) > 0.3
    assert check_repeats({}) == []
    assert check_repeats({"again.jpg": 0.2})[0].blocks


def test_averaging_keeps_the_light() -> None:
    frame = frames(even_steps(4))[0]
    assert reduced(frame, REDUCED_MM / 4).shape == (25, 32)
    assert reduced(frame, REDUCED_MM / 2).mean() == pytest.approx(frame.mean(), rel=1e-4)


def test_the_first_photo_of_a_real_sequence_came_back_at_its_end(shared_data: Path) -> None:
    folder = shared_data / "panel_photos" / "fringe_steps_phone"
    seen = [decode_photo((folder / f"step_{k}.png").read_bytes(), "s").linear_grey() for k in range(5)]
    height, width = seen[0].shape
    middle = [frame[height // 3 : 2 * height // 3, width // 3 : 2 * width // 3] for frame in seen]
    small = [reduced(frame, 0.1) for frame in middle]
    amplitude = float(np.median(np.abs(small[0] - small[2]))) / 2
    assert repeat_difference(small[0], small[4], amplitude) < 0.2 * repeat_difference(small[0], small[1], amplitude)
