"""The level that texture reaches by chance, against fields whose extremes are known."""

import cv2
import numpy as np
import pytest

from inspections.marks.extremes import FALSE_ALARMS, block_maxima, chance_level, robust_scale


def texture(seed, shape=(400, 600), sigma=3.0):
    field = cv2.GaussianBlur(np.random.default_rng(seed).standard_normal(shape).astype(np.float32), (0, 0), sigma)
    return field / field.std()


def test_gaussian_texture_stays_below_its_chance_level():
    above = [texture(seed).max() > chance_level(texture(seed), 20) for seed in range(20)]
    assert np.mean(above) <= FALSE_ALARMS


def test_the_level_of_gaussian_texture_is_not_far_above_what_it_reaches():
    field = texture(1)
    assert field.max() < chance_level(field, 20) < 1.6 * field.max()


def test_a_heavier_tail_raises_the_level():
    field = texture(2)
    assert chance_level(np.sign(field) * field**2, 20) > 1.5 * chance_level(field, 20)


def test_a_few_marks_do_not_move_it():
    field = texture(3)
    marked = field.copy()
    for row, column in np.random.default_rng(0).integers(20, 380, (6, 2)):
        marked[row - 3 : row + 4, column - 3 : column + 4] += 30
    assert chance_level(marked, 20) == pytest.approx(chance_level(field, 20), rel=0.05)
    assert robust_scale(marked) == pytest.approx(robust_scale(field), rel=0.01)


def test_the_level_scales_with_the_field():
    field = texture(4)
    assert chance_level(7 * field, 20) == pytest.approx(7 * chance_level(field, 20), rel=1e-5)


def test_too_small_a_field_can_tell_nothing():
    assert chance_level(texture(5, (60, 60)), 20) == np.inf


def test_block_maxima_leave_out_what_fills_no_block():
    field = np.arange(35, dtype=np.float32).reshape(5, 7)
    np.testing.assert_array_equal(block_maxima(field, 2), [[8, 10, 12], [22, 24, 26]])
