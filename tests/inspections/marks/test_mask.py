"""Marks are kept out of the bands: nothing is used on them, everything away from them."""

import numpy as np

from inspections.frame.rectify import PanelGrid
from inspections.marks.mark import Mark
from inspections.marks.mask import DILATED_MM, FEATHER_MM, weights
from spectra.arrays import frozen

PITCH = 0.1
GRID = PanelGrid(frozen((np.arange(500) - 249.5) * PITCH), frozen((199.5 - np.arange(400)) * PITCH), PITCH)
NIB = Mark("nib", 5.0, -3.0, 1.0, 20.0)
SCRATCH = Mark("scratch", -5.0, 0.0, 10.0, 20.0, outline_mm=((-10.0, 0.0), (-5.0, 1.0), (0.0, 0.0)))


def distance_to(x_mm, y_mm):
    return np.hypot(GRID.x_mm[None, :] - x_mm, GRID.y_mm[:, None] - y_mm)


def test_a_panel_without_marks_is_used_whole():
    assert weights((), GRID) is None


def test_nothing_is_used_on_a_nib_and_all_of_it_further_away():
    weight = weights((NIB,), GRID)
    away = distance_to(NIB.x_mm, NIB.y_mm)
    assert weight[away < DILATED_MM + 0.4].max() == 0
    assert weight[away > DILATED_MM + 0.5 + FEATHER_MM + 2 * PITCH].min() == 1


def test_the_mask_follows_a_bent_scratch():
    weight = weights((SCRATCH,), GRID)
    assert all(weight[distance_to(x, y) < 0.5].max() == 0 for x, y in SCRATCH.outline_mm)
    assert weight[distance_to(-5.0, -3.0) < 0.5].min() == 1


def test_the_edge_of_the_mask_is_soft():
    weight = weights((NIB,), GRID)
    assert np.abs(np.diff(weight, axis=1)).max() < 0.5


def test_runs_and_burns_stay_in():
    assert weights((Mark("burn", 0.0, 0.0, 20.0, 9.0, width_mm=10.0), Mark("run", 0.0, 0.0, 30.0, 9.0)), GRID) is None


def test_a_panel_full_of_marks_is_not_reduced_to_what_is_left():
    many = tuple(Mark("nib", x, y, 1.0, 9.0) for x in range(-24, 25, 3) for y in range(-19, 20, 3))
    assert weights(many, GRID) is None
