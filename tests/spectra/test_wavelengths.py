"""Moving spectra between wavelength grids."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.errors import WavelengthRangeError
from spectra.wavelengths import WavelengthGrid, resample, shared_grid

LONG = WavelengthGrid(360, 700, 10)
SHORT = WavelengthGrid(400, 700, 10)


def test_a_grid_counts_both_ends():
    assert SHORT.count == 31
    assert SHORT.wavelengths[[0, -1]] == pytest.approx([400, 700])
    assert str(SHORT) == "400–700/10 nm"


@pytest.mark.parametrize(
    ("start", "stop", "step"), [(400, 700, 7), (700, 400, 10), (400, 700, 0), (400, float("inf"), 10)]
)
def test_wavelengths_that_are_no_grid_are_refused(start, stop, step):
    with pytest.raises(WavelengthRangeError):
        WavelengthGrid(start, stop, step)


def test_two_instruments_share_the_narrower_range():
    assert shared_grid(LONG, SHORT) == SHORT
    assert shared_grid(WavelengthGrid(380, 730, 5), SHORT) == SHORT


def test_instruments_without_a_common_range_share_nothing():
    with pytest.raises(WavelengthRangeError, match="no range in common"):
        shared_grid(WavelengthGrid(400, 500, 10), WavelengthGrid(600, 700, 10))


@given(st.lists(st.floats(0, 2), min_size=35, max_size=35))
def test_wavelengths_both_grids_hold_are_taken_as_measured(values):
    assert resample(values, LONG, SHORT).tolist() == values[4:]


def test_a_smooth_spectrum_is_interpolated_within_a_ten_thousandth():
    fine = WavelengthGrid(400, 700, 5)
    smooth = lambda grid: 0.4 + 0.3 * np.sin((grid.wavelengths - 400) / 60)  # noqa: E731
    assert resample(smooth(SHORT), SHORT, fine) == pytest.approx(smooth(fine), abs=1e-4)


def test_nothing_is_extrapolated():
    with pytest.raises(WavelengthRangeError, match="360–700/10 nm asked for, 400–700/10 nm measured"):
        resample(np.ones(31), SHORT, LONG)
