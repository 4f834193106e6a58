"""Contrast ratio of films over black and white."""

import numpy as np
import pytest

from colorlab.colorimetry.contrast_ratio import contrast_ratio
from colorlab.colorimetry.viewing import A_10
from spectra.errors import MeasurementError
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)


def test_a_neutral_film_has_the_ratio_of_its_reflectances():
    assert contrast_ratio(np.full(31, 0.45), np.full(31, 0.60), GRID) == pytest.approx(0.75)
    assert contrast_ratio(np.full(31, 0.45), np.full(31, 0.60), GRID, A_10) == pytest.approx(0.75)


def test_a_batch_over_one_white_reading():
    over_black = np.array([[0.3] * 31, [0.59] * 31])
    assert contrast_ratio(over_black, np.full(31, 0.6), GRID) == pytest.approx([0.5, 0.59 / 0.6])


def test_a_film_that_is_black_over_white_is_refused():
    with pytest.raises(MeasurementError, match="Y over white is 0"):
        contrast_ratio(np.zeros(31), np.zeros(31), GRID)
