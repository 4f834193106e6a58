import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspections.frame.rectify import PanelGrid
from inspections.fringes.reduction import coarser, reduced, reduction
from spectra.errors import PhotoError

GRID = PanelGrid(np.arange(120) * 0.08, np.arange(90)[::-1] * 0.08, 0.08)


@given(st.integers(1, 7))
def test_a_coarser_grid_lies_where_the_averaged_points_lay(factor: int) -> None:
    y, x = np.meshgrid(GRID.y_mm, GRID.x_mm, indexing="ij")
    grid = coarser(GRID, factor)
    for field, along in ((x, grid.x_mm[None, :]), (y, grid.y_mm[:, None])):
        small = reduced(field.astype(np.float32), factor, np.zeros((2, 2)), grid.pitch_mm)
        inner = (slice(1, -1), slice(1, -1))  # the kernel mirrors the field at its border
        assert small[inner] == pytest.approx(np.broadcast_to(along, grid.shape)[inner], abs=1e-4)


def test_no_grid_is_left_where_fringes_are_wider_than_the_panel() -> None:
    with pytest.raises(PhotoError, match=r"1 × 1 points of 6.4 mm, too few .* correct period_mm"):
        coarser(GRID, 80)


@given(st.floats(1.0, 3.0))
def test_averaging_keeps_a_dozen_points_a_fringe(fringe_mm: float) -> None:
    assert reduction(fringe_mm, 0.02) * 0.02 * 12 <= fringe_mm * (1 + 1e-9)
    assert reduction(fringe_mm, 1.0) == 1


def test_what_averaging_and_lens_took_from_a_wave_is_put_back() -> None:
    factor, sigma, wave = 3, 0.075, 1.2
    x = np.arange(1200) * 0.084
    # A wave of 1.2 mm blurred by a Gaussian of 0.075 mm.
    left = np.exp(-2 * (np.pi * sigma / wave) ** 2)
    image = np.broadcast_to(left * np.cos(2 * np.pi * x / wave), (30, 1200)).astype(np.float32)
    small = reduced(image, factor, np.diag([sigma**2, sigma**2]), factor * 0.084)
    # From 0.86 without; a sampled wave keeps its rms.
    assert np.sqrt(2) * small[3:-3, 3:-3].std() == pytest.approx(1.0, abs=0.03)
